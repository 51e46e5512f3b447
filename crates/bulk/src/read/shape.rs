//! What a file turned out to be: its format, its header and the column of numbers.
//!
//! Whoever writes the file back needs this, and so does the person who wonders why a column was taken.
//! Left out: how it is found out.

/// What was found out about a file before its first row is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// How its content is written.
    pub format: Format,
    /// The cells of the header, or the keys of JSON objects in order of appearance; `None` where there are none.
    pub header: Option<Vec<String>>,
    /// Where the header stands: the line of a text or the row of a sheet, from 1; `None` in JSON.
    pub header_place: Option<u64>,
    /// The records above the header, as text; neither rows nor header. Blank ones are left out.
    pub preamble: Vec<Vec<String>>,
    /// The column of numbers, from 0; with JSON objects, its place in `header`.
    pub column: usize,
    /// Why that column.
    pub chosen: Why,
    /// The cells of the widest record of the whole file, header and preamble included; 0 in JSON.
    pub n_columns: usize,
    /// How many rows there are.
    pub n_rows: u64,
}

/// Why a column was taken for the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was asked for.
    Asked,
    /// Its header says so.
    Header,
    /// Its content does.
    Content,
    /// There is no other.
    OnlyOne,
}

/// How the content of a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv {
        /// What stands between two cells.
        delimiter: u8,
        /// How its letters are written.
        encoding: Encoding,
    },
    /// One number a line.
    List {
        /// How its letters are written.
        encoding: Encoding,
    },
    /// One JSON value a line.
    Ndjson {
        /// The key of the numbers; `None` where the lines are bare values.
        key: Option<String>,
    },
    /// A workbook.
    Xlsx {
        /// The name of the sheet.
        sheet: String,
        /// Where the sheet stands in the archive that a workbook is.
        entry: String,
        /// Days are counted from 1904 and not from 1900.
        from_1904: bool,
    },
}

/// The formats, where one is asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatKind {
    /// Delimited text.
    Csv,
    /// One number a line.
    List,
    /// One JSON value a line.
    Ndjson,
    /// A workbook.
    Xlsx,
}

/// How the letters of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with lines in Windows-1252 among it at most.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Bom,
    /// Windows-1252, of spreadsheet programs in Spanish.
    Windows1252,
    /// UTF-16, low byte first: a spreadsheet program's "Unicode text".
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

// === impl Format ===

impl Format {
    /// Which of the formats it is.
    pub fn kind(&self) -> FormatKind {
        match self {
            Self::Csv { .. } => FormatKind::Csv,
            Self::List { .. } => FormatKind::List,
            Self::Ndjson { .. } => FormatKind::Ndjson,
            Self::Xlsx { .. } => FormatKind::Xlsx,
        }
    }
}
