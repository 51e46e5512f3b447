//! `/v1/padron/changes` and `/v1/ruc/…/history`, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::FieldsBody;

/// Some of the changes, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Changes)]
struct ChangesBody {
    /// One for each cell that differs, and one for each row that came or went.
    changes: Vec<ChangeBody>,
    /// Whoever comes back with it as `since` is given what follows, and nothing twice.
    #[schema(example = "2026-11-20")]
    next: String,
    /// Whether there is nothing behind these yet.
    #[schema(example = true)]
    is_last: bool,
    /// The first edition from which changes are kept.
    #[schema(example = "2026-11-01")]
    first: String,
    /// The edition that they lead to.
    #[schema(example = "2026-11-20")]
    last: String,
}

/// What became of one cell, or of a whole row.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
pub(super) struct ChangeBody {
    /// The number in front of the row: eleven digits, well formed or not.
    #[schema(example = "20131312955")]
    ruc: String,
    /// What happened.
    kind: ChangeKindBody,
    /// Which field; `*` for a whole row.
    #[schema(example = "condicion_de_domicilio")]
    field: String,
    /// What it said, `-` where it was blank; an object of all fields for a row that went; null for one that came.
    #[schema(required = true, example = "HABIDO")]
    from: Option<SaidBody>,
    /// What it says; an object of all fields for a row that came; null for one that went.
    #[schema(required = true, example = "NO HABIDO")]
    to: Option<SaidBody>,
    /// The edition before, and the one after.
    #[schema(min_items = 2, max_items = 2, example = json!(["2026-11-19", "2026-11-20"]))]
    editions: Vec<String>,
    /// Whether the row is one that look-ups do not find: of no well-formed number, or a number's second row. Left out if
    /// not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, example = true)]
    apart: Option<bool>,
}

/// What a cell says, or a row.
#[derive(Serialize, ToSchema)]
#[schema(as = Said)]
#[serde(untagged)]
pub(super) enum SaidBody {
    /// A cell.
    Cell(String),
    /// All cells but the number.
    Row(BTreeMap<String, String>),
}

/// A row came, went, or says something else.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangeKind)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChangeKindBody {
    Added,
    Removed,
    Changed,
}

/// A line of the stream: a change, or behind all of them where to go on.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangeLine)]
#[serde(untagged)]
pub(super) enum ChangeLine {
    /// A change.
    Change(ChangeBody),
    /// The end. A stream without it broke off.
    End(EndBody),
}

/// Where to go on once more is there.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangesEnd)]
pub(super) struct EndBody {
    /// The `since` of the next question.
    #[schema(example = "2026-11-20")]
    next: String,
    /// The first edition from which changes are kept.
    #[schema(example = "2026-11-01")]
    first: String,
    /// The edition that they lead to.
    #[schema(example = "2026-11-20")]
    last: String,
}

/// What became of a taxpayer, or with `on` how it stood on a day.
#[derive(Serialize, ToSchema)]
#[schema(as = HistoryOrDay)]
#[serde(untagged)]
enum HistoryOrDayBody {
    /// Without `on`.
    History(HistoryBody),
    /// With `on`.
    Day(Box<DayBody>),
}

/// What became of a taxpayer.
#[derive(Serialize, ToSchema)]
#[schema(as = History)]
struct HistoryBody {
    /// The number.
    #[schema(example = "20131312955")]
    ruc: String,
    /// The first edition of which anything is known.
    #[schema(example = "2026-11-01")]
    first: String,
    /// The edition up to which it is known.
    #[schema(example = "2026-11-20")]
    last: String,
    /// What changed, the newest first. Empty: nothing, be the number listed or not.
    changes: Vec<RowChangeBody>,
}

/// How a row differs between two editions.
#[derive(Serialize, ToSchema)]
#[schema(as = RowChange)]
struct RowChangeBody {
    /// The edition before, and the one after.
    #[schema(min_items = 2, max_items = 2, example = json!(["2026-11-19", "2026-11-20"]))]
    editions: Vec<String>,
    /// What happened.
    kind: ChangeKindBody,
    /// The fields that differ; all of them for a row that came or went.
    fields: Vec<FieldChangeBody>,
}

/// How a field differs. Blank is `-`, as in the registry's text; null is where there was no row.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldChange)]
struct FieldChangeBody {
    /// Which.
    #[schema(example = "condicion_de_domicilio")]
    field: String,
    /// What it said.
    #[schema(required = true, example = "HABIDO")]
    from: Option<String>,
    /// What it says.
    #[schema(required = true, example = "NO HABIDO")]
    to: Option<String>,
}

/// How a taxpayer stood on a day.
#[derive(Serialize, ToSchema)]
#[schema(as = PastDay)]
struct DayBody {
    /// The number.
    #[schema(example = "20131312955")]
    ruc: String,
    /// The day that was asked about.
    #[schema(example = "2026-11-15")]
    on: String,
    /// `listed`; `not_listed`; `unknown`: the day is before the first edition of which anything is known.
    outcome: PastOutcomeBody,
    /// The edition that says so, the last one up to that day; null if unknown.
    #[schema(required = true, example = "2026-11-14")]
    edition: Option<String>,
    /// The first edition of which anything is known.
    #[schema(example = "2026-11-01")]
    first: String,
    /// What it said; null unless listed. `padrones` is always null: the small lists know only their own day.
    #[schema(required = true)]
    taxpayer: Option<FieldsBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PastOutcome)]
#[serde(rename_all = "snake_case")]
enum PastOutcomeBody {
    Listed,
    NotListed,
    Unknown,
}

/// What changed in the registry, for who keeps a copy of it.
///
/// Pages follow each other without a gap or a repetition, whatever edition comes into use between them. With
/// `Accept: application/x-ndjson`, or `?format=ndjson`, all changes come as lines, and behind them one that says where to
/// go on. Numbers whose holders asked not to be shown are passed over.
#[utoipa::path(
    get, path = "/v1/padron/changes", tag = "taxpayers", operation_id = "follow_changes",
    params(
        (
            "since" = inline(Option<String>), Query,
            description = "An edition, or the `next` of an earlier answer; without it from the first that is kept.",
        ),
        (
            "limit" = inline(Option<u16>), Query,
            description = "Rows of a page, from 1 to 10000; 1000 without it. A row may take several changes.",
            example = 1000,
        ),
        (
            "format" = inline(Option<String>), Query,
            description = "`ndjson` for all as lines, `json` for a page; else what `Accept` says.",
            example = "json",
        ),
    ),
    responses((status = 200, description = "These are the changes.", content(
        (ChangesBody = "application/json"),
        (ChangeLine = "application/x-ndjson"),
    ))),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["invalid_query", "not_kept", "stopped", "@registry"])),
    ),
)]
pub(super) fn changes() {}

/// What became of a taxpayer in the registry, or how it stood on a day.
///
/// As far back as changes were kept; what was before is unknown, which is no word on whether the number was listed.
#[utoipa::path(
    get, path = "/v1/ruc/{ruc}/history", tag = "taxpayers", operation_id = "show_history",
    params(
        ("ruc" = String, Path, description = "The number.", example = "20131312955"),
        (
            "on" = inline(Option<String>), Query,
            description = "A day, up to Lima's today: how the taxpayer stood then.",
            example = "2026-11-15",
        ),
    ),
    responses((status = 200, description = "As far as it is known.", body = HistoryOrDayBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["invalid_ruc", "invalid_date", "invalid_query", "suppressed", "stopped", "@registry"])),
    ),
)]
pub(super) fn history() {}
