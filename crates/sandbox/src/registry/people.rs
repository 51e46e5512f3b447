//! People that do not exist: holders of a DNI, and those who may sign for a company.
//!
//! Left out: any tie between them but the name that a person shares with their own RUC.

use chasqui_types::{Dni, Person, Representative, Ruc, RucPrefix};

use super::{Dice, GIVEN_NAMES, SURNAMES, taxpayer};

/// Always found.
const ALWAYS_FOUND: &str = "10117410";
/// Never found.
const NEVER_FOUND: &str = "99999999";

const OFFICES: &[&str] = &["GERENTE GENERAL", "APODERADO", "GERENTE", "DIRECTOR", "SUB GERENTE", "PRESIDENTE"];

/// The made-up holder of a DNI, or `None` where the sandbox says that there is none: about one number in ten.
///
/// The name is that of the RUC that starts with 10, where the sandbox has one.
/// `10117410` is always found; `99999999` is never found.
pub fn person(dni: Dni) -> Option<Person> {
    let mut dice = Dice::new(0xd21, dni.ruc().to_u64());
    let is_fixed = dni.as_str() == ALWAYS_FOUND;
    if !is_fixed && (dni.as_str() == NEVER_FOUND || dice.percent() < 10) {
        return None;
    }
    let own = taxpayer(dni.ruc()).and_then(|taxpayer| taxpayer.nombre_o_razon_social);
    Some(Person { dni, nombre: own.unwrap_or_else(|| name(&mut dice)) })
}

/// The made-up representatives of a company, or `None` where the sandbox says that nobody is known.
///
/// Natural persons have none, nor has about one company in ten; the others have one to four.
/// `20131312955` always has some.
pub fn representatives(ruc: Ruc) -> Option<Vec<Representative>> {
    if ruc.prefix() != RucPrefix::Entity || taxpayer(ruc).is_none() {
        return None;
    }
    let mut dice = Dice::new(0x4e9, ruc.to_u64());
    if dice.percent() < 10 && ruc.as_str() != super::ALWAYS_FOUND {
        return None;
    }
    let n_people = 1 + dice.below(4);
    Some((0..n_people).map(|place| representative(ruc, place, &mut dice)).collect())
}

fn representative(ruc: Ruc, place: usize, dice: &mut Dice) -> Representative {
    let holder = loop {
        let number = format!("{:08}", dice.below(100_000_000));
        if let Some(person) = person(number.parse().expect("eight digits are a DNI")) {
            break person;
        }
    };
    let since = format!("20{:02}-{:02}-{:02}", dice.below(25), 1 + dice.below(12), 1 + dice.below(28));
    Representative {
        documento: Some("DNI".into()),
        dni: Some(holder.dni.as_str().into()),
        nombre: Some(holder.nombre),
        cargo: Some(if place == 0 { OFFICES[0] } else { dice.pick(OFFICES) }.into()),
        fecha: Some(since.into()),
        ruc,
    }
}

fn name(dice: &mut Dice) -> Box<str> {
    let [first, second] = [dice.pick(SURNAMES), dice.pick(SURNAMES)];
    format!("SANDBOX {first} {second} {}", dice.pick(GIVEN_NAMES)).into()
}
