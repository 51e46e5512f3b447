//! Replies of MIGO to every question: any bytes under any status are judged without a panic, and an absence is only
//! believed where the status and the words allow it.
//!
//! Left out: the network. The first byte chooses the status, the rest is the body.

#![no_main]

use std::time::Duration;

use chasqui_migo::{
    RawReply, Verdict, read_account, read_cpe, read_person, read_rate, read_rates, read_representatives, read_taxpayer,
    read_taxpayers, write_cpe, write_person, write_rate, write_rates, write_representatives, write_taxpayer,
};
use chasqui_types::time::Date;
use chasqui_types::{Dni, Ruc};
use libfuzzer_sys::fuzz_target;

const STATUSES: [u16; 12] = [200, 200, 200, 200, 404, 422, 401, 403, 400, 429, 500, 302];

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let status = STATUSES[usize::from(*first) % STATUSES.len()];
    let reply = RawReply {
        status,
        content_type: Some(if first % 2 == 0 { "application/json" } else { "text/html" }),
        retry_after: Some(Duration::from_secs(u64::from(*first))),
        body,
    };
    let ruc: Ruc = "20131312955".parse().expect("its check digit is right");
    let other: Ruc = "20100038146".parse().expect("its check digit is right");

    let one = read_taxpayer(&reply, ruc);
    judge(status, &one);
    if let Verdict::Found(taxpayer) = &one {
        assert_eq!(taxpayer.ruc, ruc, "an answer for another taxpayer");
    }
    let many = read_taxpayers(&reply, &[ruc, other]);
    judge(status, &many);
    assert!(!matches!(many, Verdict::NotFound { .. }), "a collection is never absent as a whole");
    if let Verdict::Found(collection) = many {
        let told = collection.found.len() + collection.unreadable.len() + collection.not_found.len();
        assert!(told <= 2, "a number was told twice");
    }
    others(&reply, ruc);
});

/// The other questions: what was read is about what was asked, and reads the same when it is written.
fn others(reply: &RawReply<'_>, ruc: Ruc) {
    let dni: Dni = "10117410".parse().expect("it has eight digits");
    let (from, day): (Date, Date) = (Date::constant(2026, 11, 1), Date::constant(2026, 11, 20));
    fn again(body: &[u8]) -> RawReply<'_> {
        RawReply { status: 200, content_type: None, retry_after: None, body }
    }

    if let Verdict::Found(taxpayer) = read_taxpayer(reply, ruc) {
        assert!(matches!(read_taxpayer(&again(&write_taxpayer(&taxpayer)), ruc), Verdict::Found(_)));
    }
    let person = read_person(reply, dni);
    judge(reply.status, &person);
    if let Verdict::Found(person) = person {
        assert_eq!(person.dni, dni, "an answer for another person");
        assert!(!person.nombre.trim().is_empty(), "a person without a name");
        assert!(read_person(&again(&write_person(&person)), dni) == Verdict::Found(person));
    }
    let rate = read_rate(reply, Some(day));
    judge(reply.status, &rate);
    if let Verdict::Found(rate) = rate {
        assert_eq!(rate.date, day, "a rate of another day");
        assert!(read_rate(&again(&write_rate(&rate)), Some(day)) == Verdict::Found(rate));
    }
    judge(reply.status, &read_rate(reply, None));
    let rates = read_rates(reply, from, day);
    // A range without any rate may be said in a 404, as an absence is.
    assert!(!matches!(rates, Verdict::Found(_)) || matches!(reply.status, 200 | 404));
    if let Verdict::Found(rates) = rates {
        assert!(rates.iter().all(|rate| (from..=day).contains(&rate.date)), "a day outside the range");
        assert!(rates.windows(2).all(|two| two[0].date < two[1].date), "days out of order, or twice");
        assert!(rates.is_empty() || read_rates(&again(&write_rates(&rates)), from, day) == Verdict::Found(rates));
    }
    let representatives = read_representatives(reply, ruc);
    judge(reply.status, &representatives);
    if let Verdict::Found(list) = representatives {
        assert!(list.iter().all(|one| one.ruc == ruc), "somebody of another company");
        assert!(matches!(read_representatives(&again(&write_representatives(&list)), ruc), Verdict::Found(_)));
    }
    let (account, cpe) = (read_account(reply), read_cpe(reply));
    judge(reply.status, &account);
    judge(reply.status, &cpe);
    assert!(!matches!(account, Verdict::NotFound { .. }), "an account is never absent");
    assert!(!matches!(cpe, Verdict::NotFound { .. }), "a document is never absent");
    if let Verdict::Found(verdict) = cpe {
        assert!(matches!(read_cpe(&again(&write_cpe(&verdict))), Verdict::Found(_)));
    }
}

/// What no body may change: an outage is no absence, and only a success has a record.
fn judge<T>(status: u16, verdict: &Verdict<T>) {
    match verdict {
        Verdict::Found(_) => assert_eq!(status, 200),
        Verdict::NotFound { .. } => assert!(matches!(status, 200 | 404), "{status} was taken for an absence"),
        _ => {}
    }
}
