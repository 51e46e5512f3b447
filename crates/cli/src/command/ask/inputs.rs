//! The numbers that were asked for, wherever they stand: arguments, standard input, files.
//!
//! Read before anything is asked, so that the number of inputs is known and a missing file costs no call.
//! Left out: whether a text is a number; a bad one is a row like any other.

use std::fs::File;
use std::io::{self, Read};

use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::{cut, one_line};

/// The longest heading that is repeated.
const LONGEST_HEADING: usize = 60;

/// Every input, trimmed, in order; a number has one of these `lengths`.
pub(super) fn inputs(arguments: &[String], lengths: &[usize]) -> Result<Vec<String>, Failure> {
    let mut inputs = Vec::new();
    for argument in arguments {
        let (what, bytes) = if argument == "-" {
            ("standard input", read(io::stdin().lock()))
        } else if let Some(path) = argument.strip_prefix('@') {
            (path, File::open(path).and_then(read))
        } else {
            inputs.extend(numbers(argument, lengths));
            continue;
        };
        let bytes = bytes
            .map_err(|error| Failure::new(Exit::Usage, format!("{} cannot be read", one_line(what))).because(&error))?;
        let text = text(&bytes).ok_or_else(|| {
            let what = if argument == "-" { "standard input" } else { "the file" };
            Failure::new(Exit::Usage, format!("{what} is not UTF-8 text; save it as CSV UTF-8"))
        })?;
        let List { heading, numbers } = list(text, lengths);
        if let Some(heading) = heading {
            output::note(&format!("the first line of {what}, {heading:?}, holds no digit: skipped as a heading"));
        }
        inputs.extend(numbers);
    }
    if inputs.is_empty() {
        return Err(Failure::new(Exit::Usage, "no number was given: the list is empty"));
    }
    Ok(inputs)
}

/// What a list holds.
struct List {
    heading: Option<String>,
    numbers: Vec<String>,
}

fn read(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text without the mark that spreadsheets put in front; `None` for UTF-16 and anything else that is no text.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn list(text: &str, lengths: &[usize]) -> List {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    let heading = lines.next_if(|line| !line.contains(|letter: char| letter.is_ascii_digit()));
    List {
        heading: heading.map(|line| cut(line, LONGEST_HEADING)),
        numbers: lines.flat_map(|line| numbers(line, lengths)).collect(),
    }
}

/// A line holds one number, or several that are nothing but digits of the right count. Anything else is left whole, so
/// that a row says what is wrong with it.
fn numbers(line: &str, lengths: &[usize]) -> Vec<String> {
    let parts = line.split(super::tally::SEPARATORS).map(unquoted).filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.collect();
    let is_number = |part: &&str| lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !parts.is_empty() && parts.iter().all(is_number) {
        return parts.into_iter().map(str::to_owned).collect();
    }
    vec![unquoted(line).to_owned()]
}

/// Spreadsheets quote cells, and write `="…"` around a number that shall stay a text.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let bare = text.strip_prefix('=').filter(|rest| rest.starts_with('"')).unwrap_or(text);
    for quote in ['"', '\''] {
        if let Some(text) = bare.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return text.trim();
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_number_per_line_whoever_wrote_it() {
        check("20131312955\n20000000001\n", &["20131312955", "20000000001"]);
        check("20131312955\r\n\r\n  20000000001  \r\n", &["20131312955", "20000000001"]);
        check("\"20131312955\"\n'20000000001'\n=\"20100047218\"\n", &["20131312955", "20000000001", "20100047218"]);
        check("", &[]);
        check("one 2", &["one 2"]);
    }

    #[test]
    fn several_numbers_on_a_line_are_taken_apart_if_they_are_nothing_else() {
        check("20131312955,20000000001", &["20131312955", "20000000001"]);
        check("20131312955; \"20000000001\";\t20100047218;;", &["20131312955", "20000000001", "20100047218"]);
        check("20131312955 20000000001", &["20131312955", "20000000001"]);
        check("20131312955,EMPRESA S.A.C.", &["20131312955,EMPRESA S.A.C."]);
        check("20131312955,2000000000", &["20131312955,2000000000"]);
        check("20-13131295-5", &["20-13131295-5"]);
    }

    #[test]
    fn a_heading_is_the_first_line_if_it_has_no_digit() {
        let List { heading, numbers } = list("RUC\n20131312955\nnone\n", &[11]);
        assert_eq!(
            (heading.as_deref(), &numbers[..]),
            (Some("RUC"), &["20131312955".to_owned(), "none".to_owned()][..])
        );
        assert!(list("20131312955\nRUC\n", &[11]).heading.is_none());
    }

    #[test]
    fn what_is_no_text_is_not_guessed_at() {
        assert_eq!(text("\u{feff}1".as_bytes()), Some("1"));
        assert_eq!(text(b"\xff\xfe2\x000\x00"), None);
        assert_eq!(text(b"2\x000\x00"), None);
        assert_eq!(text(b"PK\x03\x04\x80"), None);
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(list(text, &[11]).numbers, expected);
    }
}
