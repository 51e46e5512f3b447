//! The catalogue of problems: `/docs/errors`, and the same as markdown for `docs/errors.md`.
//!
//! A problem's `type` points at its entry here, so no code may be missing; a test of the routes sees to it.
//! Left out: the detail of a single problem, which the problem itself tells.

use std::fmt::Write as _;

/// One kind of problem.
struct Entry {
    status: u16,
    code: &'static str,
    meaning: &'static str,
    advice: &'static str,
}

/// Kinds that belong together, with what they have in common.
struct Chapter {
    title: &'static str,
    about: &'static str,
    entries: &'static [Entry],
}

#[rustfmt::skip]
const CHAPTERS: &[Chapter] = &[
    Chapter {
        title: "There is no such record",
        about: "An authority said so. This is an answer and not a failure: it is remembered, and asking again at once gives the same.",
        entries: &[
            Entry { status: 404, code: "absent", meaning: "The number is well-formed, and the source says that nobody has it; or no rate was published. `source` and `as_of` say who said so and when.", advice: "Check the number with whoever gave it to you. To ask anew, add `?refresh=true`." },
            Entry { status: 404, code: "not_marked", meaning: "The gateway's memory does not hold this number as absent, so there is nothing to show or to take back.", advice: "Nothing needs doing. `GET /v1/cache/absent` lists the numbers that are held as absent." },
        ],
    },
    Chapter {
        title: "It could not be found out",
        about: "Nobody said anything about the record, and nothing was remembered. Never take one of these for an absence. Where `Retry-After` is given, it says in seconds when asking again can help.",
        entries: &[
            Entry { status: 429, code: "limited", meaning: "The provider's call limit is used up for now, either counted here or told by the provider.", advice: "Ask again after `Retry-After`. If it happens often, ask in collections, keep answers longer (`cache.found_ttl`) or take a larger plan." },
            Entry { status: 502, code: "upstream_error", meaning: "The provider could not be reached, failed, or sent something that cannot be read, and repeating did not help.", advice: "Ask again later. `/readyz` and `/metrics` show how the provider is doing." },
            Entry { status: 502, code: "upstream_auth", meaning: "The provider refuses this gateway's token or plan.", advice: "Callers can do nothing. Whoever runs the gateway checks `migo.token` and the account with the provider; `chasqui doctor` helps." },
            Entry { status: 503, code: "upstream_resting", meaning: "The provider failed repeatedly and is left alone for a moment, so that callers learn at once and it can recover.", advice: "Ask again after `Retry-After`; the first question then tests whether it is back." },
            Entry { status: 503, code: "no_source", meaning: "No source that could answer this kind of question is configured.", advice: "Whoever runs the gateway adds one to `lookup` in the configuration." },
            Entry { status: 451, code: "suppressed", meaning: "The offline registry does not tell about this number, because whoever has it asked for that, and no provider is asked for this kind of question. It says nothing on whether the number exists.", advice: "Nothing can be done here; ask the authority itself. Whoever runs the gateway keeps the list with `chasqui padron suppress`." },
            Entry { status: 503, code: "no_edition", meaning: "What was asked only the offline registry can tell, and there is no edition of it.", advice: "Whoever runs the gateway imports one: `chasqui padron fetch`, or `chasqui padron import` for a file that is there." },
            Entry { status: 503, code: "no_names", meaning: "The edition of the offline registry in use has no index of names, so that names cannot be searched.", advice: "Whoever runs the gateway builds it with `chasqui padron index`; an import does so by itself unless `padron.names = false`." },
            Entry { status: 503, code: "registry_unreadable", meaning: "The offline registry, or a part of it, cannot be read.", advice: "Callers can do nothing. Whoever runs the gateway finds the cause in its log under the request's id, and often in `/readyz`; `chasqui padron verify` reads all of it." },
            Entry { status: 410, code: "not_kept", meaning: "The changes from there on are not kept: they were removed, or the edition was taken back. Nobody can say what they were.", advice: "Take all rows anew from the edition in use, and follow its changes from there; `detail` says which it is." },
            Entry { status: 503, code: "stopped", meaning: "The gateway is shutting down.", advice: "Ask again, of another replica or after the restart." },
            Entry { status: 504, code: "deadline", meaning: "No answer arrived in time: within `lookup.deadline`, or within what `Prefer: wait=` allowed.", advice: "Ask again: the question often went on in the background, and its answer is then there at once." },
        ],
    },
    Chapter {
        title: "The question is wrong",
        about: "Asking again in the same way gives the same problem. `detail` says what is wrong; it does not repeat what was sent, which may be somebody's number.",
        entries: &[
            Entry { status: 422, code: "invalid_ruc", meaning: "This is no RUC: not eleven digits, an unknown beginning, or a check digit that does not fit. Nobody was asked.", advice: "Correct the number; a wrong check digit is most often a mistyped digit." },
            Entry { status: 422, code: "invalid_dni", meaning: "This is no DNI: it has eight digits, leading zeros included.", advice: "Correct the number, and keep it as text so that its zeros stay." },
            Entry { status: 422, code: "invalid_date", meaning: "This is no day that can be asked about: not written as `YYYY-MM-DD`, not yet come in Lima, for rates before 2010-01-01, or a range that is too long or ends before it begins.", advice: "Correct the day or the range." },
            Entry { status: 422, code: "invalid_cpe", meaning: "A field of the payment document is missing or wrong; `detail` names it.", advice: "Correct the field." },
            Entry { status: 422, code: "invalid_body", meaning: "The body is not JSON, breaks off, or does not have the expected members.", advice: "Compare it with the example of the route in `/docs`." },
            Entry { status: 422, code: "invalid_query", meaning: "A parameter of the query is missing, unknown or has a value that it cannot take; or a cursor belongs to another question.", advice: "Correct it; `detail` names those there are." },
            Entry { status: 400, code: "no_host", meaning: "The request names no host.", advice: "Send a `Host` header; every ordinary client does." },
            Entry { status: 404, code: "no_such_route", meaning: "There is no such address.", advice: "`/` and `/docs` list those there are." },
            Entry { status: 405, code: "method_not_allowed", meaning: "The address exists, with another method.", advice: "`/docs` shows the method of each route." },
            Entry { status: 408, code: "body_too_slow", meaning: "The body took longer than half a minute to arrive.", advice: "Send it again over a better line, or in smaller parts." },
            Entry { status: 413, code: "too_large", meaning: "The body is larger than `server.max_body`.", advice: "Send less at a time." },
            Entry { status: 415, code: "unsupported_media_type", meaning: "The body is of another type than the route reads.", advice: "Send JSON, and `Content-Type: application/json` with it." },
        ],
    },
    Chapter {
        title: "The gateway refuses",
        about: "The question was not looked at.",
        entries: &[
            Entry { status: 403, code: "forbidden", meaning: "The gateway is reached under a host name that is not allowed, or a page of another site asks in a browser, or persons are to be searched by name and the configuration does not allow it.", advice: "`detail` says which. Add the name to `server.allowed_hosts` if it should be allowed. Pages of other sites ask through their own server. `padron.search_persons = true` lets persons be searched." },
            Entry { status: 503, code: "overloaded", meaning: "More requests are being worked on than `server.max_in_flight` allows, or their bodies take up too much room, or too many searches wait for their turn.", advice: "Ask again after `Retry-After`, with fewer requests at a time." },
            Entry { status: 500, code: "internal", meaning: "Something went wrong inside the gateway. This is a mistake in Chasqui.", advice: "Report it with the request's id, under which the gateway's log has more." },
        ],
    },
];

/// What the other two groups of routes do instead.
const OTHERS: &str = "The old app's routes and MIGO's answer as those systems did, in Spanish and without a code. \
    On MIGO's routes whatever could not be found out is a 503, with `Retry-After` where asking again can help, and a 404 \
    always means that there is no such record or no such address; on the old app's, `invalid_sunat` marks an absence and \
    nothing else.";

/// The catalogue as markdown, as it stands in `docs/errors.md`.
pub fn catalogue_markdown() -> String {
    let mut text = String::from(
        "# Problems\n\nWritten by `cargo xtask docs`; a running gateway shows the same at `/docs/errors`.\n\n\
         A native route answers an error with `application/problem+json` (RFC 9457) and a stable `code`.\n",
    );
    text.push_str(&OTHERS.replace("; on", ";\non").replace(". On", ".\nOn"));
    text.push('\n');
    for Chapter { title, about, entries } in CHAPTERS {
        write!(text, "\n## {title}\n\n{about}\n\n| code | status | meaning | what to do |\n|---|---|---|---|\n")
            .expect("writing to a string cannot fail");
        for Entry { status, code, meaning, advice } in *entries {
            writeln!(text, "| <a id=\"{code}\"></a>`{code}` | {status} | {meaning} | {advice} |")
                .expect("writing to a string cannot fail");
        }
    }
    text
}

/// The catalogue as a page. Its texts are ours, so the only markup in them is that of code.
pub(super) fn page() -> String {
    let mut main = format!(
        "<p>A native route answers an error with <code>application/problem+json</code> (RFC 9457), a stable \
         <code>code</code> and a <code>type</code> that leads here.</p>\n<p>{}</p>\n",
        with_code(OTHERS)
    );
    for Chapter { title, about, entries } in CHAPTERS {
        write!(main, "<h2>{title}</h2>\n<p>{}</p>\n", with_code(about)).expect("writing to a string cannot fail");
        for Entry { status, code, meaning, advice } in *entries {
            write!(
                main,
                "<article class=\"problem\" id=\"{code}\">\n<h3><a href=\"#{code}\"><code>{code}</code></a> \
                 <span class=\"status s{}\">{status}</span></h3>\n<p>{}</p>\n<p class=\"advice\">{}</p>\n</article>\n",
                status / 100,
                with_code(meaning),
                with_code(advice)
            )
            .expect("writing to a string cannot fail");
        }
    }
    include_str!("../../assets/docs/errors.html").replace("<!-- catalogue -->", &main)
}

/// Backticks become code, and what HTML would read as markup is written out.
fn with_code(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::with_capacity(text.len() + 32);
    for (place, piece) in text.split('`').enumerate() {
        if place > 0 {
            html.push_str(if place % 2 == 1 { "<code>" } else { "</code>" });
        }
        html.push_str(piece);
    }
    html
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_code_has_one_entry_and_code_is_closed() {
        let codes: Vec<&str> = CHAPTERS.iter().flat_map(|chapter| chapter.entries).map(|entry| entry.code).collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "{codes:?}");
        for entry in CHAPTERS.iter().flat_map(|chapter| chapter.entries) {
            for text in [entry.meaning, entry.advice] {
                assert!(text.ends_with('.') && text.matches('`').count() % 2 == 0, "{text}");
            }
        }
        assert_eq!(with_code("a `b<c` d"), "a <code>b&lt;c</code> d");
    }
}
