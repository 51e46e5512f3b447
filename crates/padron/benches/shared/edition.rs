//! The edition that benchmarks ask, made if no earlier one left it there.
//!
//! Left out: how long that takes, which is the benchmark of imports'.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use anyhow::{Context, Result};
use chasqui_padron::{Options, Padron, import, put_into_use};

use crate::shared::Place;

/// What it is called, and the day of its import.
pub(crate) const EDITION: &str = "2026-11-21";

/// The edition, in use.
pub(crate) fn edition(place: &Place) -> Result<Padron> {
    let (dir, edition) = (place.editions(), EDITION.parse()?);
    if Padron::open_edition(&dir, edition).is_err() {
        let threads = NonZeroUsize::new(2).context("two is not zero")?;
        let today = EDITION.parse()?;
        let options = Options { date: Some(today), today, force: true, keep: 3, threads };
        import(&place.zip()?, &dir, &options, &mut |_| ControlFlow::Continue(()))?;
    }
    put_into_use(&dir, edition)?;
    Ok(Padron::open_edition(&dir, edition)?)
}
