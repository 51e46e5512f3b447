//! Delimited text, as spreadsheet programs open it and Unix tools take it.
//!
//! UTF-8 behind a byte order mark, without which Excel reads it in the code page of the machine. Lines end in a line
//! feed: Excel takes it as well, and nothing else has to cut it off. The input's cells are written as they were read;
//! result cells come from outside, and one that a spreadsheet would take for a formula gets an apostrophe in front.
//! Left out: typed cells, which a text has none of.

use std::io::{BufWriter, Write as _};

use super::error::WriteError;
use super::layout::Layout;
use super::output::Output;
use super::{Sink, into_output};
use crate::{ResultCells, Row};

const MARK: &str = "\u{feff}";

pub(super) struct Text {
    out: BufWriter<Output>,
    layout: Layout,
    line: Line,
}

struct Line {
    text: String,
    delimiter: char,
    is_empty: bool,
}

// === impl Text ===

impl Text {
    /// Writes what stands above the rows. Standard output gets no mark, because programs read it.
    pub(super) fn begin(out: Output, layout: Layout, delimiter: u8) -> Result<Self, WriteError> {
        let mark = if out.is_seekable() { MARK } else { "" };
        let line = Line { text: mark.to_owned(), delimiter: char::from(delimiter), is_empty: true };
        let mut text = Self { out: BufWriter::with_capacity(1 << 16, out), layout, line };
        for record in &text.layout.preamble {
            for cell in record {
                text.line.push(cell);
            }
            text.line.end();
        }
        for name in text.layout.header.iter().chain(&text.layout.results) {
            text.line.push(name);
        }
        text.write()?;
        Ok(text)
    }

    fn write(&mut self) -> Result<(), WriteError> {
        self.line.end();
        self.out.write_all(self.line.text.as_bytes())?;
        self.line.text.clear();
        Ok(())
    }
}

impl Sink for Text {
    fn row(&mut self, row: &Row, results: &ResultCells) -> Result<(), WriteError> {
        let Self { line, layout, .. } = self;
        layout.each(row, |_, value| line.push(&value.text(layout.lang)));
        results.iter().for_each(|cell| line.push_neutralised(cell));
        self.write()
    }

    fn finish(self: Box<Self>) -> Result<Output, WriteError> {
        into_output(self.out)
    }
}

// === impl Line ===

impl Line {
    fn push(&mut self, cell: &str) {
        self.push_behind("", cell);
    }

    fn push_neutralised(&mut self, cell: &str) {
        self.push_behind(if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" }, cell);
    }

    fn push_behind(&mut self, guard: &str, cell: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.text.push(self.delimiter);
        }
        if cell.contains([self.delimiter, '"', '\n', '\r']) {
            self.text.push('"');
            self.text.push_str(guard);
            for (n, part) in cell.split('"').enumerate() {
                self.text.push_str(if n > 0 { "\"\"" } else { "" });
                self.text.push_str(part);
            }
            self.text.push('"');
        } else {
            self.text.push_str(guard);
            self.text.push_str(cell);
        }
    }

    fn end(&mut self) {
        self.text.push('\n');
        self.is_empty = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: &[&str], expected: &str) {
        let mut line = Line { text: String::new(), delimiter: ';', is_empty: true };
        for cell in cells {
            line.push_neutralised(cell);
        }
        line.end();
        assert_eq!(line.text, format!("{expected}\n"));
    }

    #[test]
    fn cells_are_quoted_only_where_they_must_be() {
        check(&["a", "", "b, c", "Ñ"], "a;;b, c;Ñ");
        check(&["a;b", "say \"x\"", "two\nlines", "\""], "\"a;b\";\"say \"\"x\"\"\";\"two\nlines\";\"\"\"\"");
        check(&["", ""], ";");
    }

    #[test]
    fn a_result_that_looks_like_a_formula_is_neutralised() {
        check(&["=1+1", "+51 1", "-", "@x", "\tx"], "'=1+1;'+51 1;'-;'@x;'\tx");
        check(&["=A;B", "\rx"], "\"'=A;B\";\"'\rx\"");
        check(&["a=b", "1-2", "'=x"], "a=b;1-2;'=x");
    }
}
