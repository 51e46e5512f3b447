//! One line of the registry's text, cut into its fifteen cells.
//!
//! The text has no quoting, so a `|` inside a name shifts every column; the district code tells by how much.
//! Left out: what cells mean, and their encoding; here they are bytes.

/// How many columns there are.
pub(crate) const CELLS: usize = 15;
/// Where the name, the status and the district code stand.
pub(crate) const NAME: usize = 1;
pub(crate) const STATUS: usize = 2;
pub(crate) const UBIGEO: usize = 4;

const COLUMNS: [&str; CELLS] = [
    "RUC",
    "NOMBRE O RAZON SOCIAL",
    "ESTADO DEL CONTRIBUYENTE",
    "CONDICION DE DOMICILIO",
    "UBIGEO",
    "TIPO DE VIA",
    "NOMBRE DE VIA",
    "CODIGO DE ZONA",
    "TIPO DE ZONA",
    "NUMERO",
    "INTERIOR",
    "LOTE",
    "DEPARTAMENTO",
    "MANZANA",
    "KILOMETRO",
];

/// A part of a line, by byte positions.
pub(crate) type Span = (u32, u32);

/// Where the cells of a line lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cells {
    pub(crate) spans: [Span; CELLS],
    /// Fifteen cells, each closed by `|`, none holding one: writing them anew gives the very same line.
    pub(crate) canonical: bool,
}

/// Why a line is no row of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BadLine {
    /// Fewer columns than there should be.
    TooFewColumns,
    /// The first column does not have eleven digits.
    NoNumber,
    /// More columns than there should be, and no district code to tell which belong together.
    ColumnsShifted,
    /// Longer than any row could be.
    TooLong,
}

/// Rows have less than 300 bytes; what is longer than this is no row.
const MAX_LINE: usize = 16 * 1024;

/// Cuts a line, given without its end.
pub(crate) fn cut(line: &[u8]) -> Result<Cells, BadLine> {
    if line.len() > MAX_LINE {
        return Err(BadLine::TooLong);
    }
    let mut cells = Cells::default();
    let (mut n_cells, mut start) = (0, 0);
    for (at, &byte) in (0_u32..).zip(line) {
        if byte == b'|' {
            if let Some(span) = cells.spans.get_mut(n_cells) {
                *span = (start, at);
            }
            n_cells += 1;
            start = at + 1;
        }
    }
    let whole = start as usize == line.len();
    if n_cells == CELLS && whole && !is_shifted(line, &cells) {
        cells.canonical = true;
    } else {
        cells = glue(line)?;
    }
    let number = part(line, cells.spans[0]);
    if number.len() != 11 || !number.iter().all(u8::is_ascii_digit) {
        return Err(BadLine::NoNumber);
    }
    Ok(cells)
}

/// Fifteen cells, but the district code is among the address: a name holds a `|` and a column is missing at the end.
fn is_shifted(line: &[u8], cells: &Cells) -> bool {
    let is_code = |cell: usize| is_district(part(line, cells.spans[cell]));
    !is_code(UBIGEO) && part(line, cells.spans[UBIGEO]) != b"-" && (UBIGEO + 1..UBIGEO + 4).any(is_code)
}

/// The slow way: the name takes the cells that are too many in front of the district code.
fn glue(line: &[u8]) -> Result<Cells, BadLine> {
    let mut pieces: Vec<Span> = Vec::new();
    let mut start = 0;
    for (at, &byte) in (0_u32..).zip(line) {
        if byte == b'|' {
            pieces.push((start, at));
            start = at + 1;
        }
    }
    if (start as usize) < line.len() {
        pieces.push((start, u32::try_from(line.len()).map_err(|_| BadLine::TooLong)?));
    }
    let Some(n_extra) = pieces.len().checked_sub(CELLS) else {
        return Err(BadLine::TooFewColumns);
    };
    let district = district(line, &pieces, n_extra)?;
    let end = u32::try_from(line.len() - usize::from(line.ends_with(b"|"))).map_err(|_| BadLine::TooLong)?;
    let mut cells = Cells { spans: [(end, end); CELLS], canonical: false };
    cells.spans[0] = pieces[0];
    cells.spans[NAME] = (pieces[1].0, pieces[district - 3].1);
    cells.spans[STATUS..].iter_mut().zip(&pieces[district - 2..]).for_each(|(span, &piece)| *span = piece);
    // What is left over belongs to no column that could be named, so the last one keeps it.
    if pieces.len() - district > CELLS - UBIGEO {
        cells.spans[CELLS - 1].1 = end;
    }
    Ok(cells)
}

/// Which piece is the district code.
fn district(line: &[u8], pieces: &[Span], n_extra: usize) -> Result<usize, BadLine> {
    let text = |piece: usize| part(line, pieces[piece]);
    let is_anchor = |piece: usize| is_district(text(piece)) || text(piece) == b"-";
    if n_extra == 0 {
        if is_anchor(UBIGEO) {
            return Ok(UBIGEO);
        }
        let end = pieces.len().min(UBIGEO + 4);
        return Ok((UBIGEO..end).find(|&piece| is_district(text(piece))).unwrap_or(UBIGEO));
    }
    if is_district(text(UBIGEO + n_extra)) {
        return Ok(UBIGEO + n_extra);
    }
    // Where the code is in its place, the extra columns are behind it, and what is blank there is not it.
    if is_district(text(UBIGEO)) {
        return Ok(UBIGEO);
    }
    if is_anchor(UBIGEO + n_extra) {
        return Ok(UBIGEO + n_extra);
    }
    (UBIGEO..pieces.len())
        .find(|&piece| is_district(text(piece)))
        .or_else(|| (UBIGEO..pieces.len()).find(|&piece| is_anchor(piece)))
        .ok_or(BadLine::ColumnsShifted)
}

fn is_district(cell: &[u8]) -> bool {
    cell.len() == 6 && cell.iter().all(u8::is_ascii_digit)
}

/// The bytes of a cell.
pub(crate) fn part(line: &[u8], (start, end): Span) -> &[u8] {
    &line[start as usize..end as usize]
}

/// Whether a first line names the columns we know, whatever its accents and case.
pub(crate) fn is_header(line: &[u8]) -> bool {
    let text = crate::text::decode(line);
    let text = text.trim_end().trim_end_matches('|');
    let folded: String = text.chars().flat_map(char::to_uppercase).map(without_accent).collect();
    folded.split('|').map(str::trim).eq(COLUMNS)
}

fn without_accent(letter: char) -> char {
    match letter {
        'Á' => 'A',
        'É' => 'E',
        'Í' => 'I',
        'Ó' => 'O',
        'Ú' => 'U',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &str = "ACTIVO|HABIDO|150101|AV.|LIMA|-|-|1|-|-|-|-|";

    #[test]
    fn a_plain_line_is_canonical() {
        check(&format!("20100000131|PRUEBA|{TAIL}-|"), &["PRUEBA", "ACTIVO", "150101", "-"], true);
        check(&format!("20100000131||{TAIL}|"), &["", "ACTIVO", "150101", ""], true);
        // A district code that is none stays where it is.
        let odd = format!("20100000131|PRUEBA|{TAIL}-|").replace("150101", "15-01");
        check(&odd, &["PRUEBA", "ACTIVO", "15-01", "-"], true);
    }

    #[test]
    fn a_bar_inside_the_name_is_glued() {
        check(&format!("20100000131|A | B|{TAIL}-|"), &["A | B", "ACTIVO", "150101", "-"], false);
        check(&format!("20100000131|A||B|{TAIL}-|"), &["A||B", "ACTIVO", "150101", "-"], false);
        // The last column may be lost at the same time.
        check(&format!("20100000131|A | B|{TAIL}"), &["A | B", "ACTIVO", "150101", ""], false);
        let without_address = "20100000131|A|B|ACTIVO|-|-|-|-|-|-|-|-|-|-|-|-|";
        check(without_address, &["A|B", "ACTIVO", "-", "-"], false);
    }

    #[test]
    fn a_missing_last_bar_and_extra_columns_are_accepted() {
        check(&format!("20100000131|PRUEBA|{TAIL}-"), &["PRUEBA", "ACTIVO", "150101", "-"], false);
        let digits_in_street = "10101174102|PRUEBA|ACTIVO|HABIDO|-|AV.|123456|-|-|1|-|-|-|-|-";
        check(digits_in_street, &["PRUEBA", "ACTIVO", "-", "-"], false);
        let extra_behind = "20100000131|PRUEBA|ACTIVO|HABIDO|150101|AV.|X|Y|-|-|1|-|-|-|-|-|";
        check(extra_behind, &["PRUEBA", "ACTIVO", "150101", "-|-"], false);
        // The district code stands where it should, so the blank cell behind it is none.
        let no_street = "20100000131|PRUEBA|ACTIVO|HABIDO|150101|-|X|Y|-|-|1|-|-|-|-|-|";
        check(no_street, &["PRUEBA", "ACTIVO", "150101", "-|-"], false);
    }

    #[test]
    fn what_is_no_row_says_why() {
        refused("", BadLine::TooFewColumns);
        refused("LINEA CORTA|SIN COLUMNAS", BadLine::TooFewColumns);
        refused(&format!("2010000013|PRUEBA|{TAIL}-|"), BadLine::NoNumber);
        refused(&format!("2010000013A|PRUEBA|{TAIL}-|"), BadLine::NoNumber);
        refused(&"A|".repeat(16), BadLine::ColumnsShifted);
        refused(&"1".repeat(MAX_LINE + 1), BadLine::TooLong);
    }

    #[test]
    fn the_header_is_known_by_its_letters() {
        let header = "RUC|NOMBRE O RAZ\u{d3}N SOCIAL|Estado del contribuyente|CONDICION DE DOMICILIO|UBIGEO|TIPO DE VIA|\
            NOMBRE DE VIA|CODIGO DE ZONA|TIPO DE ZONA|NUMERO|INTERIOR|LOTE|DEPARTAMENTO|MANZANA|KILOMETRO|";
        let latin: Vec<u8> = header.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        assert!(is_header(&latin));
        assert!(!is_header(header.as_bytes()), "UTF-8 is not how SUNAT publishes it, and names would be misread");
        assert!(!is_header(&latin[..latin.len() - 10]));
        assert!(!is_header(b"20100000131|PRUEBA|"));
    }

    #[track_caller]
    fn check(line: &str, expected: &[&str; 4], canonical: bool) {
        let cells = cut(line.as_bytes()).unwrap();
        let found = [NAME, STATUS, UBIGEO, CELLS - 1].map(|cell| part(line.as_bytes(), cells.spans[cell]));
        assert_eq!(found.map(|cell| std::str::from_utf8(cell).unwrap()), *expected, "{line}");
        assert_eq!(cells.canonical, canonical, "{line}");
    }

    #[track_caller]
    fn refused(line: &str, reason: BadLine) {
        assert_eq!(cut(line.as_bytes()), Err(reason), "{line}");
    }
}
