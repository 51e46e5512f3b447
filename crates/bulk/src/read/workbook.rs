//! What a workbook says beside its cells: its sheets, its texts, and which styles show a day.
//!
//! Left out: the cells, and how they look.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::error::{ReadError, one_line};
use super::package::{MAX_TEXTS, Package, Part, Place};
use super::source::Source;
use super::xml::{Xml, attribute, push_reference, unescaped};

/// What is kept of these parts grows with them: relations, sheets and styles.
const MAX_SMALL: u64 = 64 << 20;

pub(super) struct Workbook {
    pub(super) sheet: String,
    pub(super) entry: String,
    pub(super) from_1904: bool,
    pub(super) place: Place,
    pub(super) texts: Texts,
    /// Whether a style shows its number as a day, by the style's index.
    pub(super) days: Vec<bool>,
}

/// The texts of all cells, one after the other: one piece of memory for all of them.
#[derive(Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<u32>,
}

struct Sheet {
    name: String,
    part: String,
    is_visible: bool,
}

#[derive(Default)]
struct Relations {
    /// Kind and target by id.
    by_id: HashMap<String, (String, String)>,
}

// === impl Workbook ===

impl Workbook {
    pub(super) fn open(source: &Source, asked: Option<&str>) -> Result<Self, ReadError> {
        let mut package = Package::open(source)?;
        let main = main_part(source, &mut package)?;
        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let relations = Relations::read(source, &mut package, folder, &format!("{folder}/_rels/{name}.rels"))?;
        let (sheets, from_1904) = sheets(source, &mut package, &main, &relations)?;
        let sheet = chosen(sheets, asked)?;
        let entry = package.find(&sheet.part).unwrap_or(&sheet.part).to_owned();
        let place = package.place(&entry)?.ok_or_else(|| ReadError::damaged("a sheet is not there"))?;
        let texts = match relations.of_kind("sharedStrings") {
            Some(part) => Texts::read(source, &mut package, part)?,
            None => Texts::default(),
        };
        let days = match relations.of_kind("styles") {
            Some(part) => days(source, &mut package, part)?,
            None => Vec::new(),
        };
        Ok(Self { sheet: sheet.name, entry, from_1904, place, texts, days })
    }
}

/// The part that names the sheets. An archive without one is something else.
fn main_part(source: &Source, package: &mut Package) -> Result<String, ReadError> {
    let relations = Relations::read(source, package, "", "_rels/.rels")?;
    let main = relations.of_kind("officeDocument").unwrap_or("xl/workbook.xml");
    let foreign = |what, advice| Err(ReadError::Foreign { what, advice });
    if main.to_ascii_lowercase().ends_with(".bin") {
        return foreign("a binary workbook (.xlsb)", "save it as XLSX");
    }
    match package.find(main) {
        Some(name) if name.to_ascii_lowercase().contains("word") => {
            foreign("a text document (.docx)", "save the table as CSV or XLSX")
        }
        Some(name) => Ok(name.to_owned()),
        None if package.find("mimetype").is_some() && package.find("content.xml").is_some() => {
            foreign("an OpenDocument file (.ods)", "save it as XLSX")
        }
        None if package.find("[Content_Types].xml").is_some() => {
            Err(ReadError::damaged("the part that names the sheets is not there"))
        }
        None => foreign("a zip archive", "unpack it, and name a file in it"),
    }
}

fn xml(source: &Source, package: &mut Package, part: &str) -> Result<Option<Xml>, ReadError> {
    let Some(place) = package.place(part)? else { return Ok(None) };
    if place.size > MAX_SMALL {
        return Err(ReadError::TooBig { what: "more than 64 MiB beside the cells" });
    }
    Part::open(source, place).map(Xml::new).map(Some)
}

fn sheets(
    source: &Source,
    package: &mut Package,
    main: &str,
    relations: &Relations,
) -> Result<(Vec<Sheet>, bool), ReadError> {
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    let mut xml = xml(source, package, main)?.ok_or_else(|| ReadError::damaged("the workbook has no main part"))?;
    loop {
        match xml.next()? {
            Event::Start(element) if element.local_name().as_ref() == "sheet" => {
                let id = attribute(&element, "id").unwrap_or_default();
                // Charts and dialogues are sheets too, without cells.
                if let Some((_, part)) = relations.by_id.get(&id).filter(|(kind, _)| kind == "worksheet") {
                    let state = attribute(&element, "state");
                    sheets.push(Sheet {
                        name: attribute(&element, "name").unwrap_or_default(),
                        part: part.clone(),
                        is_visible: state.is_none_or(|state| state == "visible"),
                    });
                }
            }
            Event::Start(element) if element.local_name().as_ref() == "workbookPr" => {
                if let Some(value) = attribute(&element, "date1904") {
                    from_1904 = value == "1" || value == "true";
                }
            }
            Event::Eof => return Ok((sheets, from_1904)),
            _ => {}
        }
    }
}

/// The sheet asked for, else the first that can be seen, else the first.
fn chosen(sheets: Vec<Sheet>, asked: Option<&str>) -> Result<Sheet, ReadError> {
    let at = match asked {
        Some(asked) => {
            let exact = sheets.iter().position(|sheet| sheet.name == asked);
            let like =
                || sheets.iter().position(|sheet| sheet.name.trim().to_lowercase() == asked.trim().to_lowercase());
            exact.or_else(like)
        }
        None => Some(sheets.iter().position(|sheet| sheet.is_visible).unwrap_or(0)),
    };
    if sheets.is_empty() {
        return Err(ReadError::NoSheets);
    }
    let there = || sheets.iter().map(|sheet| format!("`{}`", one_line(&sheet.name))).collect();
    match at {
        Some(at) => Ok(sheets.into_iter().nth(at).expect("it was found there")),
        None => Err(ReadError::NoSheet { asked: one_line(asked.unwrap_or_default()), there: there() }),
    }
}

// === impl Relations ===

impl Relations {
    /// Reads a part that says which other parts belong to one in `folder`; no such part, no relations.
    fn read(source: &Source, package: &mut Package, folder: &str, part: &str) -> Result<Self, ReadError> {
        let mut relations = Self::default();
        let Some(mut xml) = xml(source, package, part)? else { return Ok(relations) };
        loop {
            match xml.next()? {
                Event::Start(element) if element.local_name().as_ref() == "Relationship" => {
                    let (id, kind) = (attribute(&element, "Id"), attribute(&element, "Type"));
                    if let (Some(id), Some(kind), Some(target)) = (id, kind, attribute(&element, "Target")) {
                        let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                        relations.by_id.insert(id, (kind, resolved(folder, &target)));
                    }
                }
                Event::Eof => return Ok(relations),
                _ => {}
            }
        }
    }

    fn of_kind(&self, kind: &str) -> Option<&str> {
        // Two of one kind are not meant to be; the least id makes the choice the same each time.
        let of_kind = self.by_id.iter().filter(|(_, (own, _))| own == kind);
        of_kind.min_by_key(|(id, _)| *id).map(|(_, (_, target))| target.as_str())
    }
}

/// A target as a path from the root of the archive.
fn resolved(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for piece in target.split('/') {
        match piece {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            piece => path.push(piece),
        }
    }
    path.retain(|piece| !piece.is_empty());
    path.join("/")
}

// === impl Texts ===

impl Texts {
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        Some(&self.text[start..end])
    }

    fn read(source: &Source, package: &mut Package, part: &str) -> Result<Self, ReadError> {
        let mut texts = Self::default();
        let Some(place) = package.place(part)? else { return Ok(texts) };
        if place.size > MAX_TEXTS {
            return Err(ReadError::TooBig { what: "more than 256 MiB of texts" });
        }
        let mut xml = Xml::new(Part::open(source, place)?);
        let mut text = String::new();
        let (mut is_text, mut is_reading) = (false, false);
        loop {
            match xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "t" => is_text = !is_reading,
                    // How a Japanese text is read aloud, beside the text.
                    "rPh" => is_reading = true,
                    _ => {}
                },
                Event::Text(piece) if is_text => text.push_str(&piece.xml10_content()),
                Event::CData(piece) if is_text => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(reference) if is_text => push_reference(&reference, &mut text),
                Event::End(element) => match element.local_name().as_ref() {
                    "t" => is_text = false,
                    "rPh" => is_reading = false,
                    "si" => {
                        texts.push(&text)?;
                        text.clear();
                    }
                    _ => {}
                },
                Event::Eof => return Ok(texts),
                _ => {}
            }
        }
    }

    fn push(&mut self, text: &str) -> Result<(), ReadError> {
        if text.contains("_x") {
            self.text.push_str(&unescaped(text));
        } else {
            self.text.push_str(text);
        }
        let end = u32::try_from(self.text.len()).map_err(|_| ReadError::TooBig { what: "more than 4 GiB of texts" })?;
        self.ends.push(end);
        Ok(())
    }
}

/// Which styles show a day.
fn days(source: &Source, package: &mut Package, part: &str) -> Result<Vec<bool>, ReadError> {
    let (mut own, mut days, mut is_inside) = (HashMap::new(), Vec::new(), false);
    let Some(mut xml) = xml(source, package, part)? else { return Ok(days) };
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    if let (Some(id), Some(code)) = (attribute(&element, "numFmtId"), attribute(&element, "formatCode"))
                    {
                        own.insert(id, shows_day(&code));
                    }
                }
                "cellXfs" => is_inside = true,
                "xf" if is_inside => {
                    let id = attribute(&element, "numFmtId").unwrap_or_default();
                    let known = || matches!(id.parse(), Ok(14..=22 | 27..=36 | 45..=47 | 50..=58_u32));
                    days.push(own.get(&id).copied().unwrap_or_else(known));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => is_inside = false,
            Event::Eof => return Ok(days),
            _ => {}
        }
    }
}

/// A number format with letters of days or hours in it, outside quotes, brackets and escapes.
fn shows_day(code: &str) -> bool {
    let (mut is_quoted, mut is_bracketed, mut is_escaped, mut shows_day) = (false, false, false, false);
    for c in code.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '\\' | '_' | '*' => is_escaped = true,
            '[' => is_bracketed = true,
            ']' => is_bracketed = false,
            _ if is_bracketed => {}
            // A format of amounts.
            '#' | '@' | '?' => return false,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => shows_day = true,
            _ => {}
        }
    }
    shows_day && !code.eq_ignore_ascii_case("standard")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_days_are_told_from_formats_of_amounts() {
        for code in ["dd/mm/yyyy", "[$-280A]d \"de\" mmmm", "h:mm:ss", "mm:ss.0", "yyyy\\-mm\\-dd;@"] {
            assert!(shows_day(code.trim_end_matches(";@")), "{code}");
        }
        for code in ["General", "0", "0.00", "#,##0.00", "\"S/\" #,##0", "[Red]0", "0\" dias\"", "@", "Standard", "0_d"]
        {
            assert!(!shows_day(code), "{code}");
        }
    }

    #[test]
    fn targets_are_found_from_where_they_are_named() {
        for (folder, target, expected) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "../xl/./a.xml", "xl/a.xml"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("", "../../a.xml", "a.xml"),
        ] {
            assert_eq!(resolved(folder, target), expected);
        }
    }
}
