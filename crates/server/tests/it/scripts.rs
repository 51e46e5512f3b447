//! Providers that answer every kind of question.

use chasqui_core::{Question, Reply};
use chasqui_testkit::{Script, sample};
use chasqui_types::time::{Date, days};
use chasqui_types::{Account, Condition, CpeState, CpeVerdict, Dni, ExchangeRate, Person, Representative, Ruc, Status};

/// A made-up document.
pub(crate) const DNI: &str = "10117410";
/// The name that goes with every document.
pub(crate) const NAME: &str = "PRUEBA PRUEBA JUAN";

/// Everything that can be asked exists.
pub(crate) fn everything() -> Script {
    Script::by(|question| Ok(reply(question)))
}

/// Nothing exists, where the answer can say so; a range has no rates in it.
pub(crate) fn nothing() -> Script {
    Script::by(|question| {
        Ok(match question {
            Question::Taxpayer(_) => Reply::Taxpayer(None),
            Question::Taxpayers(_) => {
                Reply::Taxpayers { found: Vec::new(), not_found: Vec::new(), unreadable: Vec::new() }
            }
            Question::Person(_) => Reply::Person(None),
            Question::LatestRate | Question::RateOn(_) => Reply::Rate(None),
            Question::RatesBetween(..) => Reply::Rates(Vec::new()),
            Question::Representatives(_) => Reply::Representatives(None),
            other => reply(other),
        })
    })
}

fn reply(question: &Question) -> Reply {
    let all_of = |rucs: &[Ruc]| rucs.iter().map(|ruc| sample::taxpayer(*ruc)).collect();
    match question {
        Question::Taxpayer(ruc) => Reply::Taxpayer(Some(Box::new(sample::taxpayer(*ruc)))),
        Question::Taxpayers(rucs) => {
            Reply::Taxpayers { found: all_of(rucs), not_found: Vec::new(), unreadable: Vec::new() }
        }
        Question::Person(dni) => Reply::Person(Some(person(*dni))),
        Question::LatestRate => Reply::Rate(Some(rate("2026-11-21".parse().unwrap()))),
        Question::RateOn(date) => Reply::Rate(Some(rate(*date))),
        Question::RatesBetween(from, to) => {
            Reply::Rates(from.series(days(1)).take_while(|day| day <= to).map(rate).collect())
        }
        Question::Representatives(ruc) => Reply::Representatives(Some(vec![representative(*ruc)])),
        Question::Account => Reply::Account(account(39_998)),
        Question::Cpe(_) => Reply::Cpe(CpeVerdict {
            document: Some(CpeState::Accepted),
            status: Some(Status::from_text("ACTIVO")),
            condition: Some(Condition::from_text("HABIDO")),
            observaciones: vec!["- Conforme".into()],
        }),
        other => panic!("no reply to {other:?}"),
    }
}

fn person(dni: Dni) -> Person {
    Person { dni, nombre: NAME.into() }
}

/// The same on every day, so that it is told from others by its date alone.
pub(crate) fn rate(date: Date) -> ExchangeRate {
    ExchangeRate { date, currency: "USD".into(), buy: "3.430".parse().unwrap(), sell: "3.437".parse().unwrap() }
}

pub(crate) fn account(left: i64) -> Account {
    Account { nombre: Some("PRUEBA S.A.C.".into()), email: None, consultas: Some(left) }
}

fn representative(ruc: Ruc) -> Representative {
    Representative {
        documento: Some("DNI".into()),
        dni: Some(DNI.into()),
        nombre: Some(NAME.into()),
        cargo: Some("GERENTE GENERAL".into()),
        fecha: None,
        ruc,
    }
}
