//! How many of what, the reasons behind it, and the exit code that follows.
//!
//! A bad number is repeated as it was typed, because whoever typed it has to find it; what may hold the number of a
//! person is masked, because standard error ends up in logs.
//! Left out: the answers themselves, which are data.

use std::io::IsTerminal as _;

use chasqui_core::LookupError;

use super::{Class, Outcome, Sheet};
use crate::exit::Exit;
use crate::output;
use crate::text::{counted, cut, masked, one_line, seconds, thousands};

/// What stands between numbers where there are several.
pub(super) const SEPARATORS: [char; 4] = [',', ';', '\t', ' '];

/// What became of all numbers so far.
pub(super) struct Tally<'a, S> {
    sheet: &'a S,
    /// In the order of [`Class`].
    counts: [usize; 4],
    /// What they cost, where that is known.
    pub(super) calls: Option<u32>,
    bad: Vec<(usize, String, String)>,
    /// One error for each code, and how many numbers it left unanswered.
    unknown: Vec<(LookupError, usize)>,
}

/// So many bad numbers are named; a wrong column of a spreadsheet would name them all.
const NAMED: usize = 10;
/// So much of a bad number is shown.
pub(super) const LONGEST: usize = 20;

// === impl Tally ===

impl<'a, S: Sheet> Tally<'a, S> {
    pub(super) fn new(sheet: &'a S) -> Self {
        Self { sheet, counts: [0; 4], calls: None, bad: Vec::new(), unknown: Vec::new() }
    }

    pub(super) fn count(&mut self, index: usize, input: &str, outcome: &Outcome) {
        let class = match outcome {
            Outcome::Answered(answer) => self.sheet.class(answer),
            Outcome::Invalid(reason) => {
                if self.bad.len() < NAMED {
                    self.bad.push((index + 1, typed(input, S::DIGITS), advised(input, S::DIGITS, reason)));
                }
                Class::Invalid
            }
            Outcome::Unknown(error) => {
                match self.unknown.iter_mut().find(|(known, _)| known.code() == error.code()) {
                    Some((_, many)) => *many += 1,
                    None => self.unknown.push((error.clone(), 1)),
                }
                Class::Unknown
            }
        };
        self.counts[class as usize] += 1;
    }

    /// Not finding out outweighs a bad number, and that outweighs an absent one: the worst to overlook comes first.
    pub(super) fn exit(&self) -> Exit {
        match self.counts {
            [.., unknown] if unknown > 0 => Exit::Unknown,
            [_, _, invalid, _] if invalid > 0 => Exit::Usage,
            [_, bad, ..] if bad > 0 => Exit::Absent,
            _ => Exit::Done,
        }
    }

    /// Says what went wrong and, where there are several numbers, the sums.
    pub(super) fn report(&self, inputs: usize, offline: bool) {
        let is_alone = inputs == 1;
        for (position, shown, reason) in &self.bad {
            let place = if is_alone { String::new() } else { format!(" (number {})", thousands(*position)) };
            output::error(&format!("\"{shown}\"{place} is not a {}: {reason}", S::NOUN));
        }
        let invalid = self.counts[Class::Invalid as usize];
        if invalid > self.bad.len() {
            output::error(&format!("{} more are not a {}", thousands(invalid - self.bad.len()), S::NOUN));
        }
        for (error, many) in &self.unknown {
            let subject = if is_alone { String::new() } else { format!("{}: ", counted(*many, "number")) };
            let why = if offline && matches!(error, LookupError::NoSource) { OFFLINE.to_owned() } else { why(error) };
            output::error(&format!("{subject}could not be found out ({}): {why}", error.code()));
        }
        if !is_alone {
            let sums = self.counts.iter().zip(S::CLASSES).map(|(count, word)| format!("{} {word}", thousands(*count)));
            let sums = sums.collect::<Vec<_>>().join(", ");
            let calls = self.calls.map(|calls| format!("; {}", counted(calls as usize, "upstream call")));
            output::note(&format!("{}: {sums}{}", counted(inputs, "number"), calls.unwrap_or_default()));
        }
    }
}

/// Why a question has no answer when nobody may be asked.
pub(crate) const OFFLINE: &str =
    "nothing is asked with --offline, and there is no padrón on this machine; leave --offline out";

/// The causes, and what to do about them.
pub(crate) fn why(error: &LookupError) -> String {
    let advice = match error.code() {
        "limited" | "upstream_resting" => "ask again later",
        "upstream_auth" => "check the token (CHASQUI_MIGO__TOKEN_FILE) and the plan of the MIGO account",
        "deadline" => "ask again, or raise lookup.deadline and migo.timeout",
        "no_source" => "set CHASQUI_MIGO__TOKEN_FILE",
        "suppressed" => "leave --offline out to ask a provider, where one is configured",
        _ => "ask again, or let `chasqui doctor` check what can be reached",
    };
    let wait = error.retry_after().map(|wait| format!(", in {}", seconds(wait))).unwrap_or_default();
    format!("{}; {advice}{wait}", one_line(&error.chain()))
}

/// A bad number as it was typed, cut where it is long. What may hold the number of a person is shown by its ends,
/// unless nobody but the one who typed it can see it.
pub(crate) fn typed(input: &str, digits: usize) -> String {
    let n_digits = input.bytes().filter(u8::is_ascii_digit).count();
    let is_dni = digits < chasqui_types::Ruc::LEN;
    let may_be_a_person = n_digits >= 7 && !input.trim_start().starts_with("20");
    if is_dni && n_digits >= 5 || may_be_a_person && !std::io::stderr().is_terminal() {
        return masked(input);
    }
    one_line(&cut(input, LONGEST))
}

/// What is wrong with a number, as advice where the slip is a common one.
fn advised(input: &str, digits: usize, reason: &str) -> String {
    let bare: String =
        input.chars().filter(|letter| !matches!(letter, '-' | '.' | '/') && !letter.is_whitespace()).collect();
    if bare != input && bare.len() == digits && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("write only its {digits} digits");
    }
    if input.contains(SEPARATORS) { "one number per line".to_owned() } else { reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_slip_gets_advice() {
        for (input, expected) in [
            ("20-13131295-5", "write only its 11 digits"),
            ("20 131312955", "write only its 11 digits"),
            ("20131312955.", "write only its 11 digits"),
            ("20131312955,EMPRESA", "one number per line"),
            ("123", "the reason"),
        ] {
            assert_eq!(advised(input, 11, "the reason"), expected, "{input}");
        }
    }

    #[test]
    fn what_was_typed_is_shown_unless_it_may_be_a_persons() {
        assert_eq!(typed("123", 11), "123");
        assert_eq!(typed("20131312954", 11), "20131312954");
        assert_eq!(typed("20131312955,EMPRESA DE PRUEBA", 11), "20131312955,EMPRESA …");
        assert_eq!(typed("1011741", 8), "…");
        assert!(!typed("101174102", 8).contains("10117410"));
    }
}
