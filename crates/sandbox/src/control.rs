//! Looking at the sandbox and changing it while it runs, over HTTP.
//!
//! These addresses are never struck by faults and never counted.
//! Left out: a password. Whoever can reach the sandbox may break it, which is what it is for.

use chasqui_types::time::to_rfc3339;
use http::Method;
use serde_json::Value;

use crate::answer::Answer;
use crate::faults::Faults;
use crate::world::World;

pub(crate) const PREFIX: &str = "/_sandbox/";

pub(crate) fn answer(world: &World, method: &Method, path: &str, body: &[u8]) -> Answer {
    match (path.trim_end_matches('/'), method.as_str()) {
        ("faults", "GET") => show(&world.faults().faults),
        ("faults", "PUT") => match read_faults(body) {
            Ok(faults) => {
                world.set_faults(faults);
                show(&world.faults().faults)
            }
            Err(why) => refuse(400, &why),
        },
        ("faults", "DELETE") => {
            world.set_faults(Faults::default());
            show(&world.faults().faults)
        }
        ("calls", "GET") => show(&world.calls.read()),
        ("calls", "DELETE") => {
            world.calls.reset();
            show(&world.calls.read())
        }
        ("clock", "GET") => show_clock(world),
        ("clock", "PUT") => match serde_json::from_slice::<String>(body).ok().and_then(|text| text.parse().ok()) {
            Some(now) => {
                world.set_now(Some(now));
                show_clock(world)
            }
            None => refuse(400, "the clock takes a moment as a JSON string, such as \"2026-11-20T05:59:00-05:00\""),
        },
        ("clock", "DELETE") => {
            world.set_now(None);
            show_clock(world)
        }
        ("faults" | "calls" | "clock", _) => refuse(405, "the sandbox does not take this method here"),
        _ => refuse(404, "the sandbox has /_sandbox/faults, /_sandbox/calls and /_sandbox/clock"),
    }
}

/// Faults as an object, or as flags write them: one text, or a list of them.
fn read_faults(body: &[u8]) -> Result<Faults, String> {
    let flag = |text: &str| text.parse::<Faults>().map_err(|error| error.to_string());
    match serde_json::from_slice(body).map_err(|error| error.to_string())? {
        Value::String(text) => flag(&text),
        Value::Array(items) => items.iter().try_fold(Faults::default(), |faults, item| {
            let text = item.as_str().ok_or("a list of faults holds texts, as flags write them")?;
            Ok(faults.with(flag(text)?))
        }),
        object => serde_json::from_value(object).map_err(|error| error.to_string()),
    }
}

fn show_clock(world: &World) -> Answer {
    show(&serde_json::json!({ "now": to_rfc3339(world.wall()) }))
}

fn show(value: &impl serde::Serialize) -> Answer {
    let body = serde_json::to_vec(value).expect("faults and counts are always JSON");
    Answer::json(200, body)
}

fn refuse(status: u16, message: &str) -> Answer {
    let body = serde_json::json!({ "error": message });
    Answer::json(status, body.to_string().into_bytes())
}
