//! Why the registry on this machine could not tell, as a problem.
//!
//! A look-up never meets these: it asks somebody else. Searches, changes and history have nobody else to ask.
//! Left out: suppressed numbers inside a list, which are passed over without a word.

use std::error::Error;
use std::iter;

use axum::http::StatusCode;
use chasqui::RegistryError;
use chasqui::padron::{ChangesError, NamesError};
use chasqui_core::LookupError;

use super::{Problem, sentence};

// === impl Problem ===

impl Problem {
    /// The configuration does not ask a registry.
    pub(crate) fn no_registry() -> Self {
        Self::no_edition("The offline registry is not among this gateway's sources; add `padron` to `lookup.ruc`.")
    }

    fn no_edition(detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_edition", detail)
    }

    fn unreadable(error: &RegistryError) -> Self {
        let detail = "The offline registry cannot be read; whoever runs the gateway finds the cause in its log.";
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "registry_unreadable", detail);
        // What is passed through says the same as its cause.
        let causes = iter::successors(Some(error as &(dyn Error + 'static)), |error| (*error).source());
        let mut chain: Vec<String> = causes.map(ToString::to_string).collect();
        chain.dedup();
        Self { cause: Some(chain.join(": ")), ..problem }
    }
}

impl From<&RegistryError> for Problem {
    fn from(error: &RegistryError) -> Self {
        match error {
            RegistryError::NoEdition { .. } => Self::no_edition(
                "No edition of the offline registry was imported yet; `chasqui padron fetch` does that.",
            ),
            RegistryError::NoNames { edition } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no_names",
                format!(
                    "Edition {edition} of the offline registry has no index of names; `chasqui padron index` builds it."
                ),
            ),
            RegistryError::Suppressed => Self::from(&LookupError::Suppressed),
            RegistryError::PersonsNotSearched => Self::forbidden(
                "Natural persons are not searched here; `padron.search_persons = true` in the configuration allows it.",
            ),
            RegistryError::Names(error @ NamesError::Cursor) => Self::invalid_query(sentence(error)),
            RegistryError::Since(error) => Self::invalid_query(sentence(error)),
            RegistryError::Changes(ChangesError::NotKept { from, first, last }) => Self::new(
                StatusCode::GONE,
                "not_kept",
                format!(
                    "The changes since {from} are not kept: they reach from {first} to {last}. Take all rows anew from \
                     edition {last}, and go on with `since={last}`."
                ),
            ),
            _ => Self::unreadable(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_registry_cannot_be_read_is_told_to_the_log_alone() {
        let trouble = "rows.chq is damaged".to_owned();
        for error in [RegistryError::Unreadable { trouble: trouble.clone() }, RegistryError::Closed { trouble }] {
            let problem = Problem::from(&error);
            assert_eq!((problem.code(), problem.status().as_u16()), ("registry_unreadable", 503));
            assert!(problem.cause().is_some_and(|cause| cause.contains("rows.chq")), "{problem:?}");
            assert!(!problem.detail().contains("rows.chq"), "{}", problem.detail());
        }
    }
}
