//! Rows for spreadsheets: RFC 4180's quoting, with the line breaks of Unix tools.
//!
//! A cell that a spreadsheet would take for a formula gets an apostrophe in front, because names come from outside and
//! a formula can reach the network.
//! Left out: reading; nothing here takes CSV in.

/// One line, ended by a line break.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (index, text) in cells.into_iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        push(&mut line, text);
    }
    line.push('\n');
    line
}

fn push(line: &mut String, text: &str) {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r']) {
        line.push('"');
        line.push_str(guard);
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(guard);
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_only_where_they_must_be() {
        check(&["a", "", "b c", "Ñ"], "a,,b c,Ñ");
        check(&["a,b", "say \"x\"", "two\nlines"], "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"");
    }

    #[test]
    fn a_cell_that_looks_like_a_formula_is_neutralised() {
        check(&["=1+1", "+51 1", "-", "@x", "\tx"], "'=1+1,'+51 1,'-,'@x,'\tx");
        check(&["=HYPERLINK(\"a\",\"b\")"], "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\"");
        check(&["a=b", "1-2"], "a=b,1-2");
    }

    #[track_caller]
    fn check(cells: &[&str], expected: &str) {
        assert_eq!(line(cells.iter().copied()), format!("{expected}\n"));
    }
}
