//! The numbers that were asked for, wherever they stand: arguments, standard input, files.
//!
//! Read before anything is asked, so that the number of inputs is known and a missing file costs no call.
//! Left out: whether a text is a number; a bad one is a row like any other.

use std::fs::File;
use std::io::{self, Read};

use super::RucArguments;
use crate::exit::{Exit, Failure};

/// Every input, trimmed, in order. A list has one per line; empty lines are none.
pub(crate) fn inputs(arguments: &RucArguments) -> Result<Vec<String>, Failure> {
    let mut inputs = Vec::new();
    for number in &arguments.numbers {
        if number == "-" {
            inputs.extend(list(io::stdin().lock()).map_err(|error| unreadable("standard input", &error))?);
        } else if let Some(path) = number.strip_prefix('@') {
            let file = File::open(path).and_then(list);
            inputs.extend(file.map_err(|error| unreadable(path, &error))?);
        } else {
            inputs.push(number.trim().to_owned());
        }
    }
    if inputs.is_empty() {
        return Err(Failure::new(Exit::Usage, "no number was given: the list is empty"));
    }
    Ok(inputs)
}

/// Spreadsheets write their files with a mark in front and carriage returns; neither is part of a number, and neither
/// is a byte that is no text.
fn list(mut from: impl Read) -> io::Result<Vec<String>> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn unreadable(what: &str, error: &io::Error) -> Failure {
    Failure::new(Exit::Usage, format!("{what} cannot be read")).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_number_per_line_whoever_wrote_it() {
        check("20131312955\n20000000001\n", &["20131312955", "20000000001"]);
        check("\u{feff}20131312955\r\n\r\n  20000000001  \r\n", &["20131312955", "20000000001"]);
        check("", &[]);
        check("one two", &["one two"]);
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(list(text.as_bytes()).unwrap(), expected);
    }
}
