//! `cargo xtask bench padron`: all that is measured of the offline registry, over the same rows, with one table at the
//! end.
//!
//! Each part is a benchmark of its own and prints what it has to say; lines that begin with a bar are figures, with what
//! was hoped for. Parts find the made-up rows in one folder, so they are made once.
//! Left out: judging a figure, which its part does.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};

use super::{BENCHES, Bench};
use crate::steps::Steps;

pub(super) const NAME: &str = "padron";
pub(super) const WHAT: &str = "all of padron-…, one after the other: `--rows N` for fewer, `--folder DIR` to keep the \
                               files, `--only PART` for some of them, `--strict` to fail where a target is missed";

/// How it is run.
#[derive(Debug, Default, PartialEq)]
struct Choices {
    rows: Option<String>,
    folder: Option<PathBuf>,
    only: Vec<String>,
    is_strict: bool,
}

/// One line of the table: what was measured, how much, what was hoped for, whether it is so, what stands beside it.
#[derive(Debug, PartialEq)]
struct Figure([String; 5]);

/// A folder for this run alone.
struct Temporary(PathBuf);

/// Runs the parts, and prints the table.
pub(super) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let choices = Choices::read(arguments)?;
    let (mut steps, mut figures) = (Steps::default(), Vec::new());
    let temporary = if choices.folder.is_none() { Some(Temporary::new()?) } else { None };
    let folder = choices.folder.as_ref().or(temporary.as_ref().map(|temporary| &temporary.0));
    let folder = std::path::absolute(folder.context("there is a folder")?)?;
    for bench in parts().filter(|bench| choices.has(bench)) {
        steps.take(bench.name, || part(bench, root, &folder, choices.rows.as_deref(), &mut figures));
    }
    print!("\n{}", table(&figures));
    steps.finish()?;
    let missed: Vec<&str> = figures.iter().filter(|figure| figure.is_missed()).map(|figure| &*figure.0[0]).collect();
    if choices.is_strict && !missed.is_empty() {
        bail!("missed: {}", missed.join("; "));
    }
    Ok(())
}

fn parts() -> impl Iterator<Item = &'static Bench> {
    BENCHES.iter().filter(|bench| part_of(bench).is_some())
}

/// What follows `padron-` in its name.
fn part_of(bench: &Bench) -> Option<&'static str> {
    bench.name.strip_prefix("padron-")
}

/// Runs one, lets through what it prints and gathers its figures.
fn part(
    bench: &Bench,
    root: &Path,
    folder: &Path,
    rows: Option<&str>,
    figures: &mut Vec<Figure>,
) -> anyhow::Result<()> {
    let mut cargo = bench.command(root);
    cargo.arg("--folder").arg(folder).args(rows.iter().flat_map(|rows| ["--rows", rows]));
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("could not start cargo")?;
    for line in BufReader::new(child.stdout.take().context("standard output is piped")?).lines() {
        let line = line?;
        println!("{line}");
        figures.extend(Figure::read(&line));
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("benchmark `{}` failed ({status})", bench.name);
    }
    Ok(())
}

fn table(figures: &[Figure]) -> String {
    let widths = [0, 1, 2, 3].map(|column| figures.iter().map(|figure| figure.0[column].chars().count()).max());
    let [what, value, target, verdict] = widths.map(Option::unwrap_or_default);
    let line = |Figure([a, b, c, d, e]): &Figure| {
        let line = format!("{a:what$}  {b:>value$}  {c:target$}  {d:verdict$}  {e}");
        format!("{}\n", line.trim_end())
    };
    figures.iter().map(line).collect()
}

// === impl Choices ===

impl Choices {
    fn read(arguments: &[String]) -> anyhow::Result<Self> {
        let mut choices = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().cloned().with_context(|| format!("`{argument}` takes a value"));
            match argument.as_str() {
                "--rows" => choices.rows = Some(value()?),
                "--folder" => choices.folder = Some(value()?.into()),
                "--only" => choices.only.push(value()?),
                "--strict" => choices.is_strict = true,
                other => bail!("cannot use `{other}`; {NAME} takes --rows, --folder, --only and --strict"),
            }
        }
        let names: Vec<&str> = parts().filter_map(part_of).collect();
        if let Some(unknown) = choices.only.iter().find(|only| !names.contains(&only.as_str())) {
            bail!("there is no part `{unknown}`; there are {}", names.join(", "));
        }
        Ok(choices)
    }

    fn has(&self, bench: &Bench) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| part_of(bench) == Some(only))
    }
}

// === impl Figure ===

impl Figure {
    fn read(line: &str) -> Option<Self> {
        let cells = line.strip_prefix("| ")?.strip_suffix('|')?.split('|').map(|cell| cell.trim().to_owned());
        cells.collect::<Vec<_>>().try_into().ok().map(Self)
    }

    fn is_missed(&self) -> bool {
        self.0[3] == "MISSED"
    }
}

// === impl Temporary ===

impl Temporary {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("chasqui-bench-{}", std::process::id()));
        std::fs::create_dir(&path).with_context(|| format!("could not make {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(arguments: &[&str]) -> anyhow::Result<Choices> {
        Choices::read(&arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn parts_are_chosen_by_name() {
        let names = |choices: &Choices| {
            parts().filter(|bench| choices.has(bench)).filter_map(part_of).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&choices(&[]).unwrap()), "rows search batch swap diff");
        let some = choices(&["--only", "diff", "--rows", "1000", "--only", "search", "--strict"]).unwrap();
        assert_eq!(
            (names(&some), some.rows.as_deref(), some.is_strict),
            ("search diff".to_owned(), Some("1000"), true)
        );
        let refused = |arguments: &[&str]| choices(arguments).unwrap_err().to_string();
        assert_eq!(
            refused(&["--only", "padron"]),
            "there is no part `padron`; there are rows, search, batch, swap, diff"
        );
        assert_eq!(refused(&["--rows"]), "`--rows` takes a value");
        assert!(refused(&["--row", "1"]).starts_with("cannot use `--row`"));
    }

    #[test]
    fn figures_are_the_lines_with_five_cells() {
        let lines =
            ["| look-up | 0.55 us | < 2 us | ok | SQLite / ours 13 x |", "| swap | 3.10 x | < 3 x | MISSED |  |"];
        let figures: Vec<Figure> = lines.iter().filter_map(|line| Figure::read(line)).collect();
        assert_eq!(figures.iter().map(Figure::is_missed).collect::<Vec<_>>(), [false, true]);
        assert_eq!(
            table(&figures),
            "look-up  0.55 us  < 2 us  ok      SQLite / ours 13 x\nswap      3.10 x  < 3 x   MISSED\n"
        );
        for other in ["", "|", "import 3 s", "| a | b |", "| EBEN EZER | INGENIERIA"] {
            assert_eq!(Figure::read(other), None, "{other}");
        }
    }
}
