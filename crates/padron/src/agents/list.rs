//! The text of a list, read.
//!
//! Four columns without quoting, whose lines end in any of three ways, and whose names may hold a line's end or a `|`:
//! a row begins where a line begins with a number, and its date tells where its name ends.
//! Left out: which list it is, and whether its rows are enough.

use std::collections::BTreeMap;

use chasqui_types::Ruc;
use chasqui_types::time::Date;

use crate::text::decode;

/// Resolutions have about twenty letters; the rest of a longer one is left out.
const MAX_RESOLUTION: usize = 120;

/// A list, read. Of a number that stands on it more than once the latest date counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedAgents {
    rows: Vec<ParsedAgent>,
    repeated: u64,
    bad: Vec<BadAgent>,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParsedAgent {
    pub(super) ruc: Ruc,
    pub(super) since: Option<Date>,
    pub(super) resolution: String,
}

/// A line that could not be used: where, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadAgent {
    /// It begins with no number, and no name was left open for it to go on with.
    Stray {
        /// Its number in the text, from 1.
        line: usize,
    },
    /// It begins with eleven digits that are not well formed.
    NoNumber {
        /// Its number in the text, from 1.
        line: usize,
    },
    /// It ends without a date.
    NoDate {
        /// Its number in the text, from 1.
        line: usize,
    },
}

// === impl ParsedAgents ===

impl ParsedAgents {
    /// Reads a list; `None` if its first line does not name the columns.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = decode(bytes);
        let mut lines = (1..).zip(lines(&text)).filter(|(_, line)| !line.trim().is_empty());
        if !is_header(lines.next()?.1) {
            return None;
        }
        let mut found: BTreeMap<Ruc, ParsedAgent> = BTreeMap::new();
        let (mut bad, mut repeated) = (Vec::new(), 0);
        let mut take =
            |row: Option<(usize, String)>, bad: &mut Vec<BadAgent>| match row.map(|(line, row)| agent(line, &row)) {
                None => {}
                Some(Err(why)) => bad.push(why),
                Some(Ok(agent)) => {
                    let before = found.get(&agent.ruc).map(|before| before.since);
                    repeated += u64::from(before.is_some());
                    if before.is_none_or(|before| before <= agent.since) {
                        found.insert(agent.ruc, agent);
                    }
                }
            };
        // The row at hand, which the next lines may go on with.
        let mut open: Option<(usize, String)> = None;
        for (number, line) in lines {
            if begins_with_number(line) {
                take(open.replace((number, line.to_owned())), &mut bad);
                continue;
            }
            match &mut open {
                Some((_, row)) if date_of(row).is_none() => {
                    row.push(' ');
                    row.push_str(line);
                }
                _ => bad.push(BadAgent::Stray { line: number }),
            }
        }
        take(open, &mut bad);
        Some(Self { rows: found.into_values().collect(), repeated, bad })
    }

    /// Its taxpayers, in the order of their numbers.
    pub fn rucs(&self) -> impl ExactSizeIterator<Item = Ruc> {
        self.rows.iter().map(|row| row.ruc)
    }

    /// How many rows were not the one that counts of their number.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// The lines that could not be used.
    pub fn bad(&self) -> &[BadAgent] {
        &self.bad
    }

    pub(super) fn rows(&self) -> &[ParsedAgent] {
        &self.rows
    }
}

/// The lines of a text, whichever way they end.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

fn is_header(line: &str) -> bool {
    let cells: Vec<String> = line.trim_start_matches("ï»¿").split('|').map(|cell| plain(cell).to_uppercase()).collect();
    matches!(&cells[..], [ruc, _, since, resolution, ..]
        if ruc == "RUC" && since.starts_with("A PARTIR") && resolution.starts_with("RESOL"))
}

/// A cell without what stands around it for no reason.
fn plain(cell: &str) -> &str {
    cell.trim_matches(|letter: char| letter.is_whitespace() || letter == '"')
}

fn begins_with_number(line: &str) -> bool {
    let first = plain(line.split('|').next().unwrap_or(""));
    line.contains('|') && first.len() == Ruc::LEN && first.bytes().all(|byte| byte.is_ascii_digit())
}

/// Which cell of a row is its date: the first behind the name that looks like one.
fn date_of(row: &str) -> Option<usize> {
    row.split('|').enumerate().skip(2).find(|(_, cell)| looks_like_date(plain(cell))).map(|(place, _)| place)
}

fn looks_like_date(cell: &str) -> bool {
    cell.len() == 10
        && cell.bytes().enumerate().all(|(place, byte)| match place {
            2 | 5 => byte == b'/',
            _ => byte.is_ascii_digit(),
        })
}

fn agent(line: usize, row: &str) -> Result<ParsedAgent, BadAgent> {
    let cells: Vec<&str> = row.split('|').map(plain).collect();
    let ruc = cells[0].parse().map_err(|_| BadAgent::NoNumber { line })?;
    let date = date_of(row).ok_or(BadAgent::NoDate { line })?;
    let resolution = cells.get(date + 1).copied().unwrap_or("");
    Ok(ParsedAgent { ruc, since: day(cells[date]), resolution: resolution.chars().take(MAX_RESOLUTION).collect() })
}

/// `dd/mm/yyyy`, if there is such a day.
fn day(cell: &str) -> Option<Date> {
    let mut parts = cell.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Ruc|Nombre/Razon|A partir del|Resolucion|";
    const ONE: &str = "20512081372|'NEGOCIACION KIO' SOCIEDAD ANONIMA CERRADA|01/06/2012|RS R.S.096-2012|";
    const OTHER: &str = "20505108672|1818 S.A.C|01/02/2006|RS R.S.254-2005|";

    /// What rows a text has, as `ruc since resolution`, and what is bad.
    #[track_caller]
    fn check(text: &str, rows: &[&str], bad: &[BadAgent]) {
        let parsed = ParsedAgents::parse(text.as_bytes()).expect("it has a header");
        let shown = |row: &ParsedAgent| {
            format!("{} {} {}", row.ruc, row.since.map_or("-".to_owned(), |day| day.to_string()), row.resolution)
        };
        assert_eq!(parsed.rows.iter().map(shown).collect::<Vec<_>>(), rows, "{text:?}");
        assert_eq!(parsed.bad, bad, "{text:?}");
    }

    const BOTH: [&str; 2] = ["20505108672 2006-02-01 RS R.S.254-2005", "20512081372 2012-06-01 RS R.S.096-2012"];

    #[test]
    fn lines_may_end_in_any_way() {
        for end in ["\r", "\n", "\r\n"] {
            check(&format!("{HEADER}{end}{ONE}{end}{OTHER}{end}"), &BOTH, &[]);
            check(&format!("{HEADER}{end}{ONE}{end}{end}{OTHER}"), &BOTH, &[]);
        }
    }

    #[test]
    fn a_name_may_hold_an_end_of_line_a_bar_or_quotes() {
        let torn = OTHER.replace("1818 S", "1818\r S");
        check(&format!("{HEADER}\r{torn}\r{ONE}\r"), &BOTH, &[]);
        let twice = OTHER.replace("1818 S", "18\r18\r\n| S");
        check(&format!("{HEADER}\r{ONE}\r{twice}"), &BOTH, &[]);
        let quoted = OTHER.replace("1818 S.A.C", "\"1818\" S.A.C\"");
        check(&format!("{HEADER}\r{ONE}\r{quoted}"), &BOTH, &[]);
        let all_quoted = "\"20505108672\"|\"1818 S.A.C\"|\"01/02/2006\"|\"RS R.S.254-2005\"|";
        check(&format!("{HEADER}\r{ONE}\r{all_quoted}"), &BOTH, &[]);
        // A number at the beginning of a broken name's second line is part of the name.
        let number = OTHER.replace("1818 S", "ANTES\r20100000131 S");
        check(&format!("{HEADER}\r{ONE}\r{number}"), &BOTH, &[]);
    }

    #[test]
    fn of_a_number_that_stands_there_twice_the_latest_date_counts() {
        let later = OTHER.replace("2006", "2016");
        for text in [format!("{HEADER}\r{OTHER}\r{later}"), format!("{HEADER}\r{later}\r{OTHER}")] {
            check(&text, &["20505108672 2016-02-01 RS R.S.254-2005"], &[]);
            assert_eq!(ParsedAgents::parse(text.as_bytes()).unwrap().repeated(), 1);
        }
    }

    #[test]
    fn a_day_that_never_was_leaves_the_row() {
        let text = format!("{HEADER}\n{}", OTHER.replace("01/02/2006", "31/02/2006"));
        check(&text, &["20505108672 - RS R.S.254-2005"], &[]);
    }

    #[test]
    fn what_cannot_be_used_says_where_it_stands() {
        let text = format!(
            "{HEADER}\npie\n{ONE}\npie de pagina\n20505108673|MAL|01/02/2006|RS|\n{OTHER}\n20100000131|SIN FECHA|"
        );
        let bad = [
            BadAgent::Stray { line: 2 },
            BadAgent::Stray { line: 4 },
            BadAgent::NoNumber { line: 5 },
            BadAgent::NoDate { line: 7 },
        ];
        check(&text, &BOTH, &bad);
    }

    #[test]
    fn a_text_without_the_columns_is_no_list() {
        for text in ["", "\n", "<html><body>403</body></html>", ONE, "RUC|NOMBRE O RAZÓN SOCIAL|ESTADO|CONDICIÓN|"] {
            assert_eq!(ParsedAgents::parse(text.as_bytes()), None, "{text}");
        }
        assert!(ParsedAgents::parse(" RUC |Nombre/Raz\u{f3}n|A partir del|Resoluci\u{f3}n|".as_bytes()).is_some());
    }
}
