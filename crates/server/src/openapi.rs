//! The description of the routes: `/openapi.json`, and the list that `/` shows.
//!
//! Routes that are written here describe themselves; those with bodies of their own making are described in the
//! modules below. What every route has in common (request ids, refusals of the edge, problems by code) is added in one
//! pass, so that no handler repeats it.
//! Left out: a page to click through.

mod billing;
mod common;
mod documents;
mod migo;
mod names;
mod old;
mod past;
mod people;
mod problems;
mod rates;
mod schemas;
mod taxpayers;

use std::fmt::Write as _;

use bytes::Bytes;
use utoipa::OpenApi;

use self::common::Common;
use crate::routes::native::cache;
use crate::routes::operations;

/// The finished texts that describe the routes.
pub(crate) struct Documents {
    pub(crate) openapi: Bytes,
    /// One line per route: method, path, what it does.
    pub(crate) index: String,
    /// The routes' paths, without a trailing slash.
    pub(crate) templates: Vec<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Chasqui",
        description = include_str!("openapi/about.md"),
        version = env!("CARGO_PKG_VERSION"),
        license(name = "MIT OR Apache-2.0"),
    ),
    paths(
        taxpayers::show,
        taxpayers::lookup,
        names::search,
        past::history,
        past::changes,
        people::person,
        people::representatives,
        rates::latest,
        rates::on,
        rates::range,
        billing::one,
        billing::many,
        documents::validate,
        people::account,
        cache::stats::stats,
        cache::health,
        cache::absent::list_absent,
        cache::absent::forget_all_absent,
        cache::absent::show_absent,
        cache::absent::mark_absent,
        cache::absent::forget_absent,
        cache::forget,
        cache::clear,
        cache::clean,
        old::one,
        old::many,
        old::person,
        old::rate,
        migo::v1_account,
        migo::v1_ruc,
        migo::v1_collection,
        migo::v1_get_ruc,
        migo::v1_representatives,
        migo::v1_dni,
        migo::v1_latest_rate,
        migo::v1_rate,
        migo::v1_rates,
        migo::v1_cpe,
        migo::v2_ruc,
        migo::v2_dni,
        migo::v2_rate,
        migo::v2_latest_rate,
        operations::index,
        operations::healthz,
        operations::ready::readyz,
        operations::scrape::metrics,
        operations::openapi,
        crate::docs::page,
        crate::docs::errors,
    ),
    components(schemas(schemas::ProblemBody, schemas::LookupLine, billing::BillingLine, past::ChangeLine)),
    tags(
        (name = "taxpayers", description = "Who is this taxpayer? By number, up to a thousand of them, or by name; and what changed."),
        (name = "people", description = "Who holds a document, and who may sign for a company."),
        (name = "rates", description = "What a dollar is worth in soles, as SUNAT publishes it."),
        (name = "billing", description = "Whether a taxpayer may be invoiced."),
        (name = "documents", description = "Whether a payment document is valid."),
        (name = "account", description = "What is left in the account with the provider."),
        (name = "cache", description = "What is remembered, for whoever runs the gateway."),
        (name = "old app", description = "The routes of the Django app that Chasqui replaces, with its bodies."),
        (name = "migo", description = "MIGO's own routes, so that a client changes only its base URL."),
        (name = "operations", description = "For machines and people that keep the gateway running."),
    ),
    modifiers(&Common),
)]
struct Description;

// === impl Documents ===

impl Documents {
    pub(crate) fn render() -> Self {
        let description = Description::openapi();
        let mut index = String::new();
        for (path, item) in &description.paths.paths {
            for (method, operation) in common::operations(item) {
                let summary = operation.summary.as_deref().unwrap_or_default();
                writeln!(index, "{method:<7}{path:<36}{summary}").expect("writing to a string cannot fail");
            }
        }
        let bare = |path: &String| if path == "/" { path.clone() } else { path.trim_end_matches('/').to_owned() };
        let templates = description.paths.paths.keys().map(bare).collect();
        let json = serde_json::to_vec(&description).expect("a description has string keys and writes to memory");
        Self { openapi: json.into(), index, templates }
    }
}
