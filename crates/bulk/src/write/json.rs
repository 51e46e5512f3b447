//! One JSON object a line.
//!
//! A line that was an object already keeps its bytes and gets the results spliced in before its end. One that is
//! anything else stands whole under the key of the numbers, so that the output reads back as the input did. Other rows
//! become objects with the header's names. What has nothing to say is null.

use std::io::{BufWriter, Write as _};

use super::error::WriteError;
use super::layout::{Layout, is_json, is_object};
use super::output::Output;
use super::value::push_json_text;
use super::{Sink, into_output};
use crate::{Content, ResultCells, Row};

pub(super) struct Json {
    out: BufWriter<Output>,
    layout: Layout,
    line: Vec<u8>,
}

impl Json {
    pub(super) fn begin(out: Output, layout: Layout) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, out), layout, line: Vec::new() }
    }

    /// The object of a line up to its closing brace.
    fn push_line(&mut self, text: &str) {
        let text = text.trim();
        if is_object(text) {
            let members = text.strip_suffix('}').expect("an object ends in a brace").trim_end();
            self.line.extend_from_slice(members.as_bytes());
            return;
        }
        self.line.push(b'{');
        push_key(&mut self.line, self.layout.number());
        if is_json(text) {
            self.line.extend_from_slice(text.as_bytes());
        } else {
            push_json_text(&mut self.line, text);
        }
    }

    fn push_cells(&mut self, row: &Row) {
        let Self { line, layout, .. } = self;
        line.push(b'{');
        layout.each(row, |column, value| {
            push_key(line, &layout.header[column]);
            value.push_json(line);
        });
    }
}

/// A name, behind a comma where something stands before it.
fn push_key(line: &mut Vec<u8>, name: &str) {
    if !line.ends_with(b"{") {
        line.push(b',');
    }
    push_json_text(line, name);
    line.push(b':');
}

impl Sink for Json {
    fn row(&mut self, row: &Row, results: &ResultCells) -> Result<(), WriteError> {
        self.line.clear();
        match &row.content {
            Content::Json(text) => self.push_line(text),
            Content::Text(_) | Content::Sheet(_) => self.push_cells(row),
        }
        for (name, cell) in self.layout.results.iter().zip(results.iter()) {
            push_key(&mut self.line, name);
            if cell.is_empty() {
                self.line.extend_from_slice(b"null");
            } else {
                push_json_text(&mut self.line, cell);
            }
        }
        self.line.extend_from_slice(b"}\n");
        self.out.write_all(&self.line)?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Output, WriteError> {
        into_output(self.out)
    }
}
