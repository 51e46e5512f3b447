//! Standard output for data, standard error for everything else.
//!
//! A reader that went away (`| head`) ends the program quietly instead of with a panic. Colours are written always and
//! taken out again where the other end is no terminal.
//! Left out: log lines, which go where the configuration says.

use std::io::{ErrorKind, Write};

use crate::exit::{Exit, Failure};
use crate::text::one_line;

/// Writes data.
pub(crate) fn data(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut stream = anstream::stdout().lock();
    stream.write_all(text.as_ref()).and_then(|()| stream.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::closed(),
        _ => Failure::new(Exit::Unknown, "standard output cannot be written").because(&error),
    })
}

/// Writes JSON bytes as they are, and a line break.
pub(crate) fn line(json: &[u8]) -> Result<(), Failure> {
    let mut bytes = Vec::with_capacity(json.len() + 1);
    bytes.extend_from_slice(json);
    bytes.push(b'\n');
    data(bytes)
}

/// Tells people something by the way.
pub(crate) fn note(text: &str) {
    tell("", &one_line(text));
}

/// Warns people.
pub(crate) fn warning(text: &str) {
    tell("\u{1b}[33mwarning:\u{1b}[0m ", &one_line(text));
}

/// Tells people what went wrong. The text may have several lines.
pub(crate) fn error(text: &str) {
    tell("\u{1b}[31merror:\u{1b}[0m ", text);
}

/// Nothing can be told when standard error is closed, so that is no error.
fn tell(kind: &str, text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{kind}{text}");
}
