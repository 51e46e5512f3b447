//! Looking at the sandbox and changing it while it runs, over HTTP.
//!
//! These addresses are never struck by faults and never counted.
//! Left out: a password. Whoever can reach the sandbox may break it, which is what it is for.

use http::Method;

use crate::answer::Answer;
use crate::faults::Faults;
use crate::world::World;

pub(crate) const PREFIX: &str = "/_sandbox/";

pub(crate) fn answer(world: &World, method: &Method, path: &str, body: &[u8]) -> Answer {
    match (path.trim_end_matches('/'), method.as_str()) {
        ("faults", "GET") => show(&world.faults().faults),
        ("faults", "PUT") => match serde_json::from_slice::<Faults>(body) {
            Ok(faults) => {
                world.set_faults(faults);
                show(&world.faults().faults)
            }
            Err(error) => refuse(400, &error.to_string()),
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
        ("faults" | "calls", _) => refuse(405, "the sandbox does not take this method here"),
        _ => refuse(404, "the sandbox has /_sandbox/faults and /_sandbox/calls"),
    }
}

fn show(value: &impl serde::Serialize) -> Answer {
    let body = serde_json::to_vec(value).expect("faults and counts are always JSON");
    Answer::json(200, body)
}

fn refuse(status: u16, message: &str) -> Answer {
    let body = serde_json::json!({ "error": message });
    Answer::json(status, body.to_string().into_bytes())
}
