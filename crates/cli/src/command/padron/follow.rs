//! What is made of an edition once it is in use: what changed since the one before, and the index of its names.
//!
//! Neither can take the edition out of use again. What an interrupted run left undone the next import or fetch makes
//! up for, even one that finds nothing new.
//! Left out: the edition itself.

use std::path::Path;

use chasqui::config::Config;
use chasqui_padron::{Changes, Edition, Names, NamesError, Padron, PadronError};

use super::bar::Bar;
use super::failures::INDEX;
use super::patience::Patience;
use super::{none, size};
use crate::exit::{Exit, Failure, chain};
use crate::output;
use crate::text::{bytes, counted};

/// Makes what is not there yet of the edition in use. `before` is the edition that was in use before, if it is known.
pub(super) async fn run(before: Option<Padron>, config: &Config, patience: &mut Patience) -> Result<Exit, Failure> {
    let dir = config.padron.dir.as_path();
    let Some(padron) = Padron::open(dir)? else { return Ok(Exit::Done) };
    if let Some(before) = older(dir, before, &padron)
        && keep_changes(dir, before, patience).await? == Exit::Interrupted
    {
        return Ok(Exit::Interrupted);
    }
    // One that is damaged is built anew, too.
    if config.padron.names && !matches!(Names::open(&padron), Ok(Some(_))) {
        return build(padron, patience).await;
    }
    Ok(Exit::Done)
}

/// Builds the index of the edition in use, whether or not there is one.
pub(super) async fn index(config: &Config) -> Result<Exit, Failure> {
    let dir = config.padron.dir.as_path();
    let padron = Padron::open(dir)?.ok_or_else(|| none(dir))?;
    build(padron, &mut Patience::listen()?).await
}

/// The edition whose changes to the one in use are to be kept; `None` if they are, or if nobody knows it any more.
fn older(dir: &Path, before: Option<Padron>, padron: &Padron) -> Option<Padron> {
    let edition = padron.edition();
    let before = before.or_else(|| {
        // Files that cannot be read are reported by whoever asks for them; here they are as good as there.
        let is_kept = Changes::open(dir, padron).map_or(true, |changes| !changes.files().is_empty());
        let older = chasqui_padron::editions(dir).ok()?.into_iter().rfind(|older| !is_kept && *older < edition)?;
        Padron::open_edition(dir, older).ok()
    });
    before.filter(|before| before.edition() < edition)
}

/// Keeps what changed since an edition, for those who follow the registry, and says so.
async fn keep_changes(dir: &Path, before: Padron, patience: &mut Patience) -> Result<Exit, Failure> {
    output::note("comparing with the edition before …");
    let (since, dir) = (before.edition(), dir.to_owned());
    let work = patience.unless_stopped("the comparison", move || {
        let new = Padron::open(&dir)?.ok_or_else(|| none(&dir))?;
        Ok::<_, Failure>((chasqui_padron::write_changes(&dir, &before, &new), new.edition()))
    });
    let Some(outcome) = work.await? else {
        output::note(&format!(
            "stopped: the new edition is in use; what changed since {since} is written down by the next import or fetch"
        ));
        return Ok(Exit::Interrupted);
    };
    match outcome? {
        (Ok(differences), _) => output::note(&format!(
            "since {since}: {} rows came, {} went, {} changed",
            size(differences.added),
            size(differences.removed),
            size(differences.changed)
        )),
        (Err(error), edition) => output::warning(&format!(
            "edition {edition} is in use, but what changed since {since} could not be kept: {}",
            chain(&error)
        )),
    }
    Ok(Exit::Done)
}

/// Builds the index, with word of how far it is.
async fn build(padron: Padron, patience: &mut Patience) -> Result<Exit, Failure> {
    let edition = padron.edition();
    let work = patience.with("the indexing", move |wish| {
        let mut bar = Bar::with_tenths();
        bar.show("indexing names", 0, 1);
        Names::build(&padron, &mut |progress| {
            bar.show("indexing names", progress.done, progress.total);
            wish.flow()
        })
    });
    let names = work.await?.map_err(|error| without_index(error, edition))?;
    let (persons, entities) = names.n_names();
    let all = counted(usize::try_from(persons + entities).unwrap_or(usize::MAX), "name");
    output::note(&format!("{all} can be searched, in {}", bytes(names.n_bytes())));
    Ok(Exit::Done)
}

fn without_index(error: NamesError, edition: Edition) -> Failure {
    let is_mended_by_another_try =
        matches!(error, NamesError::Cancelled | NamesError::Padron(PadronError::Write { .. }));
    let failure =
        Failure::from(error).advise(&format!("edition {edition} is in use, and no new index of its names was made"));
    if is_mended_by_another_try { failure.advise(INDEX) } else { failure }
}
