//! What is to be done: from where, to where, and what stands in the way.
//!
//! Everything that can be refused is refused here, before anybody is asked and before a file is written.
//! Left out: the journal's own objections, which it makes itself when it is opened.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chasqui_bulk::{Encoding, Format, Former, Input, Journal, Lang, OutFormat, ReadOptions, Shape, Why, WriteOptions};
use tempfile::NamedTempFile;

use super::BatchArguments;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::{counted, one_line};

/// Where the output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    File(PathBuf),
    Stdout,
}

/// What is to be done.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that a person may give")]
pub(super) struct Plan {
    /// What the input is called.
    name: String,
    /// Standard input, as a file: it is gone through more than once.
    spool: Option<NamedTempFile>,
    pub(super) destination: Destination,
    pub(super) write: WriteOptions,
    pub(super) resume: bool,
    pub(super) restart: bool,
    only_unknown: bool,
    pub(super) give_up_after: Duration,
    pub(super) offline: bool,
}

// === impl Plan ===

impl Plan {
    /// Opens the input and decides where its rows go.
    ///
    /// Dropped, it leaves nothing behind: standard input may never end, and a large file takes its time.
    pub(super) async fn of(arguments: BatchArguments) -> Result<(Self, Input), Failure> {
        let is_stdin = arguments.input.as_os_str() == "-";
        let spool = if is_stdin { Some(spool().await?) } else { None };
        let read = ReadOptions {
            column: arguments.column.clone(),
            sheet: arguments.sheet.clone(),
            delimiter: arguments.delimiter,
            pad_dni: arguments.pad_dni,
            ..ReadOptions::default()
        };
        let path = spool.as_ref().map_or(arguments.input.as_path(), NamedTempFile::path);
        let name = if is_stdin { "standard input".to_owned() } else { one_line(&path.display().to_string()) };
        let own_path = path.to_owned();
        let input = aside(move || Input::open(&own_path, &read))
            .await
            .map_err(|error| Failure::new(Exit::Usage, format!("{name} cannot be used")).because(&error))?;
        let lang = Lang::from(arguments.lang);
        let destination = match &arguments.output {
            Some(path) if path.as_os_str() == "-" => Destination::Stdout,
            Some(path) => Destination::File(path.clone()),
            None if is_stdin => Destination::Stdout,
            None => Destination::File(beside(&arguments.input, lang, &input.shape().format)),
        };
        let format = match &destination {
            Destination::File(path) => OutFormat::of(path).ok_or_else(|| {
                let path = one_line(&path.display().to_string());
                Failure::new(
                    Exit::Usage,
                    format!("the ending of {path} says no format; use .csv, .tsv, .txt, .xlsx, .ndjson or .jsonl"),
                )
            })?,
            Destination::Stdout if matches!(input.shape().format, Format::Ndjson { .. }) => OutFormat::Ndjson,
            Destination::Stdout => OutFormat::Csv,
        };
        let plan = Self {
            name,
            spool,
            destination,
            write: WriteOptions { lang, format, delimiter: None },
            resume: arguments.resume,
            restart: arguments.restart,
            only_unknown: arguments.only_unknown,
            give_up_after: arguments.give_up_after,
            offline: arguments.offline,
        };
        plan.check(arguments.force)?;
        Ok((plan, input))
    }

    fn check(&self, force: bool) -> Result<(), Failure> {
        let refuse = |words: String| Err(Failure::new(Exit::Usage, words));
        match &self.destination {
            Destination::Stdout if self.resume || self.restart => {
                refuse("a run that writes to standard output keeps no journal to go on with; use -o FILE".to_owned())
            }
            Destination::Stdout if self.only_unknown => {
                refuse("--only-unknown reads the output of a former run, so it needs one: use -o FILE".to_owned())
            }
            Destination::File(path) => {
                let exists = path.exists();
                let shown = one_line(&path.display().to_string());
                match (self.only_unknown, exists) {
                    (true, false) => refuse(format!(
                        "there is no {shown} of a former run whose unanswered rows could be asked for; leave \
                         --only-unknown out"
                    )),
                    (false, true) if !force => refuse(format!(
                        "{shown} exists already; --force replaces it, --only-unknown asks for its unanswered rows, -o \
                         writes elsewhere"
                    )),
                    _ => Ok(()),
                }
            }
            Destination::Stdout => Ok(()),
        }
    }

    /// Where the journal of this run stands.
    pub(super) fn journal(&self) -> Option<PathBuf> {
        match &self.destination {
            Destination::File(path) => Some(Journal::path_for(path)),
            Destination::Stdout => None,
        }
    }

    /// The output of a former run, whose answered rows are kept.
    pub(super) fn former(&self, input: &Input) -> Result<Option<Former>, Failure> {
        let (true, Destination::File(path)) = (self.only_unknown, &self.destination) else { return Ok(None) };
        let former = Former::open(path, input).map_err(|error| {
            let shown = one_line(&path.display().to_string());
            Failure::new(Exit::Usage, format!("{shown} cannot be taken up again")).because(&error)
        })?;
        Ok(Some(former))
    }

    /// Says what the input turned out to be, so that a wrong guess is seen before it costs anything.
    pub(super) fn explain(&self, shape: &Shape) {
        let why = match shape.chosen {
            Why::Asked => "as asked",
            Why::Header => "by its header",
            Why::Content => "by its content",
            Why::OnlyOne => "the only one",
        };
        let rows = counted(usize::try_from(shape.n_rows).unwrap_or(usize::MAX), "row");
        output::note(&format!("{}: {}, {rows}; numbers in {} ({why})", self.name, kind(&shape.format), column(shape)));
        if self.spool.is_none() && shape.header.is_none() && matches!(shape.format, Format::Xlsx { .. }) {
            output::note("the sheet has no header, so the added columns have none either");
        }
    }
}

/// Standard input in a file of its own, which goes when the run ends.
async fn spool() -> Result<NamedTempFile, Failure> {
    let failed =
        |error: io::Error| Failure::new(Exit::Usage, "standard input cannot be kept for reading").because(&error);
    if io::stdin().is_terminal() {
        output::note("reading numbers from the terminal, one per line; Ctrl-D ends them");
    }
    let file = NamedTempFile::new().map_err(failed)?;
    let mut content = file.reopen().map_err(failed)?;
    aside(move || io::copy(&mut io::stdin().lock(), &mut content)).await.map_err(failed)?;
    Ok(file)
}

/// Does what blocks on a thread of its own, so that whoever waits for it may be stopped.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// `clientes.xlsx` → `clientes.resultado.xlsx`. A text gets an ending by which spreadsheet programs know it.
fn beside(input: &Path, lang: Lang, format: &Format) -> PathBuf {
    let word = match lang {
        Lang::Es => "resultado",
        Lang::En => "result",
    };
    let given = input.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    let ending = match format {
        Format::Xlsx { .. } => "xlsx",
        Format::Ndjson { .. } if given == "jsonl" => "jsonl",
        Format::Ndjson { .. } => "ndjson",
        Format::Csv { .. } if given == "tsv" => "tsv",
        Format::Csv { .. } | Format::List { .. } => "csv",
    };
    let mut name = input.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".{word}.{ending}"));
    input.with_file_name(name)
}

fn kind(format: &Format) -> String {
    let text = |encoding: &Encoding| match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => "UTF-8",
        Encoding::Windows1252 => "Windows-1252",
        Encoding::Utf16Le | Encoding::Utf16Be => "UTF-16",
    };
    match format {
        Format::Csv { delimiter: b'\t', encoding } => format!("CSV with tabs, {}", text(encoding)),
        Format::Csv { delimiter, encoding } => format!("CSV with `{}`, {}", char::from(*delimiter), text(encoding)),
        Format::List { encoding } => format!("a list, {}", text(encoding)),
        Format::Ndjson { .. } => "newline-delimited JSON".to_owned(),
        Format::Xlsx { sheet, .. } => format!("XLSX, sheet \"{}\"", one_line(sheet)),
    }
}

fn column(shape: &Shape) -> String {
    let name = shape.header.as_ref().and_then(|names| names.get(shape.column)).map(|name| one_line(name));
    match (&shape.format, name) {
        (Format::Ndjson { key: Some(key) }, _) => format!("\"{}\"", one_line(key)),
        (Format::Ndjson { key: None } | Format::List { .. }, _) => "each line".to_owned(),
        (_, Some(name)) => format!("column \"{name}\""),
        (_, None) => format!("column {}", shape.column + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_stands_beside_its_input_and_has_an_ending_that_fits() {
        let csv = Format::Csv { delimiter: b';', encoding: Encoding::Utf8 };
        let list = Format::List { encoding: Encoding::Utf8 };
        let xlsx = Format::Xlsx { sheet: "Hoja1".into(), entry: String::new(), from_1904: false };
        let json = Format::Ndjson { key: None };
        for (input, lang, format, expected) in [
            ("a/clientes.csv", Lang::Es, &csv, "a/clientes.resultado.csv"),
            ("clientes.tsv", Lang::Es, &csv, "clientes.resultado.tsv"),
            ("clientes.txt", Lang::En, &csv, "clientes.result.csv"),
            ("numeros", Lang::Es, &list, "numeros.resultado.csv"),
            ("clientes.v2.XLSX", Lang::Es, &xlsx, "clientes.v2.resultado.xlsx"),
            ("a.jsonl", Lang::Es, &json, "a.resultado.jsonl"),
            ("a.json", Lang::Es, &json, "a.resultado.ndjson"),
        ] {
            assert_eq!(beside(Path::new(input), lang, format), Path::new(expected));
        }
    }
}
