//! `chasqui padron fetch`, and an import from an address: SUNAT's file of today, if it is another one than the last, and
//! what an import makes of it.
//!
//! The file lies beside the editions while it is imported, and an interrupted download goes on where it was. A file
//! whose import was interrupted is imported the next time, without being downloaded again.
//! Left out: when to do it, which is a timer's business.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chasqui::config::{Config, HttpUrl};
use chasqui::download::{Downloaded, Form, Validators};
use chasqui_padron::ImportError;
use chasqui_types::time::{Date, to_lima};
use serde::{Deserialize, Serialize};

use super::download::{self, Wanted};
use super::patience::Patience;
use super::{agents, follow, import, unwritable};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::text::one_line;

/// No registry is shorter or longer, in bytes.
const SIZE: std::ops::RangeInclusive<u64> = 512..=8 << 30;

/// What is known of the file that was fetched last.
#[derive(Serialize, Deserialize)]
struct Fetched {
    /// A mark of the addresses it came from; not they themselves, which may hold a secret.
    from: u64,
    #[serde(flatten)]
    validators: Validators,
}

/// Fetches from the mirrors that are configured, and imports; then SUNAT's lists, unless they are not wanted.
pub(super) async fn run(force: bool, lists: bool, config: &Config) -> Result<Exit, Failure> {
    if config.padron.mirrors.is_empty() {
        return Err(Failure::new(Exit::Configuration, "padron.mirrors is empty, so there is nowhere to fetch from"));
    }
    let mut patience = Patience::listen()?;
    let mirrors = config.padron.mirrors.iter().map(|mirror: &HttpUrl| mirror.as_str().to_owned()).collect();
    let exit = registry(mirrors, None, force, config, &mut patience).await?;
    if exit != Exit::Done || !lists {
        return Ok(exit);
    }
    // The registry is what was asked for; without a list its answers say less, and none of them is wrong.
    agents::fetch_all(force, config, &mut patience).await?;
    Ok(Exit::Done)
}

/// Fetches from one address, and imports.
pub(super) async fn address(url: &str, date: Option<Date>, force: bool, config: &Config) -> Result<Exit, Failure> {
    if !reqwest::Url::parse(url).is_ok_and(|url| url.has_host()) {
        return Err(Failure::new(Exit::Usage, "this is no http or https address"));
    }
    let mut patience = Patience::listen()?;
    registry(vec![url.to_owned()], date, force, config, &mut patience).await
}

/// Fetches from the first mirror that has the file, and imports it as of `date`, or when it was last modified.
async fn registry(
    mirrors: Vec<String>,
    date: Option<Date>,
    force: bool,
    config: &Config,
    patience: &mut Patience,
) -> Result<Exit, Failure> {
    let dir = config.padron.dir.as_path();
    std::fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    let (file, note) = (dir.join("download.zip"), dir.join("download.json"));
    let from = mark(&mirrors);
    // What is known of a file from elsewhere says nothing of this one.
    let noted = known(&note).filter(|known| known.from == from);
    // A file that lies there was downloaded, and its import did not come to its end.
    let is_there = noted.is_some() && file.exists();
    // One that is damaged, or that nobody can name, is made anew.
    let is_in_use = matches!(chasqui_padron::Padron::open(dir), Ok(Some(_)));
    let known = noted.map(|noted| noted.validators).filter(|_| is_there || (is_in_use && !force));
    let wanted = Wanted { mirrors, into: &file, known: known.as_ref(), size: SIZE, form: Form::Zip };
    let validators = match download::run(wanted, patience).await? {
        Downloaded::Unchanged { host, .. } if !is_there => {
            output::note(&format!("{} has nothing newer than the edition that was fetched last", one_line(&host)));
            return follow::run(None, config, patience).await;
        }
        Downloaded::Unchanged { validators, .. } => {
            output::note("the file that was fetched last is there still, and is imported now");
            validators
        }
        Downloaded::Fetched { validators, .. } => {
            remember(&note, &Fetched { from, validators: validators.clone() })?;
            validators
        }
    };
    let date = date.or_else(|| validators.modified().map(|moment| to_lima(moment).date()));
    let made = import::make(file.clone(), date, force, config, patience).await?;
    if let Err(error) = &made.outcome {
        let is_of_use = is_of_use(error);
        if !is_of_use {
            forget(&note)?;
        }
        let words = format!("the file is kept as {}", one_line(&file.display().to_string()));
        let failure = import::finish(made, config, patience).await.expect_err("an import that failed has no end");
        let exit = if is_of_use { failure.exit() } else { Exit::Unknown };
        return Err(failure.ending(exit).advise(&words));
    }
    remove(&file)?;
    import::finish(made, config, patience).await
}

/// Whether the file may be imported another time, or else has to be downloaded anew.
fn is_of_use(error: &ImportError) -> bool {
    matches!(error, ImportError::Refused { .. } | ImportError::Cancelled | ImportError::Folder(_))
}

/// Tells one list of addresses from another. A version of ours that marks them otherwise fetches once more.
fn mark(mirrors: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    mirrors.hash(&mut hasher);
    hasher.finish()
}

/// What was noted of the file that was fetched last. One of which nothing can be read is fetched again.
fn known(note: &PathBuf) -> Option<Fetched> {
    serde_json::from_slice(&std::fs::read(note).ok()?).ok()
}

fn remember(note: &Path, fetched: &Fetched) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(fetched).expect("texts and a number can be written");
    std::fs::write(note, text).map_err(|error| unwritable(note, &error))
}

fn forget(note: &Path) -> Result<(), Failure> {
    remove(note)
}

fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unwritable(path, &error)),
        _ => Ok(()),
    }
}
