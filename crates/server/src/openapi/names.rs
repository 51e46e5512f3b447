//! `/v1/taxpayers`, described.

#![expect(dead_code, reason = "they carry descriptions; the handlers are elsewhere")]

use serde::Serialize;
use utoipa::ToSchema;

use super::schemas::{FieldsBody, MetaBody};

/// The taxpayers whose names fit best, the best first.
#[derive(Serialize, ToSchema)]
#[schema(as = NamePage)]
struct PageBody {
    /// Those of this page. Numbers whose holders asked not to be shown are passed over.
    results: Vec<HitBody>,
    /// Asks for the next page; null on the last. Good for the same question and the same edition.
    #[schema(required = true, example = "00000000000f424000000000010000000a")]
    cursor: Option<String>,
    /// Whether all was looked at that could have belonged on this page. If not, time was up and there may be better ones.
    #[schema(example = true)]
    is_complete: bool,
    /// The edition that was searched.
    #[schema(example = "2026-11-20")]
    edition: String,
    /// Where the answer comes from and how old it is.
    meta: MetaBody,
}

/// A taxpayer whose name fits.
#[derive(Serialize, ToSchema)]
#[schema(as = NameHit)]
struct HitBody {
    #[serde(flatten)]
    fields: FieldsBody,
    /// How well it fits, from 0 to 1; never rises from one to the next.
    #[schema(example = 0.97)]
    score: f32,
    /// Why it is here.
    reason: ReasonBody,
    /// Which word was found as which, both as they are compared. A word that is not here was left out.
    words: Vec<WordBody>,
}

/// Why a name is here, the best reason first: `exact`, the name itself; `in_order`, all words in their order;
/// `all_words`, in another order; `prefix`, one is the beginning of a word; `typo`, one is written a little differently;
/// `partial`, not all words.
#[derive(Serialize, ToSchema)]
#[schema(as = NameReason)]
#[serde(rename_all = "snake_case")]
enum ReasonBody {
    Exact,
    InOrder,
    AllWords,
    Prefix,
    Typo,
    Partial,
}

/// A word that was asked for, and the word of the name that it was found as.
#[derive(Serialize, ToSchema)]
#[schema(as = NameWord)]
struct WordBody {
    /// What was asked for.
    #[schema(example = "INVERSIONES")]
    asked: String,
    /// What the name has.
    #[schema(example = "INVERSIONES")]
    found: String,
    /// How alike they are.
    likeness: LikenessBody,
    /// How many letters are wrong, missing or too many; 0 unless it is a `typo`.
    #[schema(example = 0)]
    edits: u8,
}

/// How alike two words are: `whole`, the same; `prefix`, one begins with the other; `typo`, a slip of the finger.
#[derive(Serialize, ToSchema)]
#[schema(as = NameLikeness)]
#[serde(rename_all = "lowercase")]
enum LikenessBody {
    Whole,
    Prefix,
    Typo,
}

/// Who has a name like this?
///
/// Searches the offline registry. Accents, case, punctuation and the order of words do not matter, S.A.C. is SOCIEDAD
/// ANONIMA CERRADA, the last word may be the beginning of one, and a slip of the finger is forgiven. What is asked is
/// written to no log.
#[utoipa::path(
    get, path = "/v1/taxpayers", tag = "taxpayers", operation_id = "search_taxpayers",
    params(
        ("q" = inline(String), Query, description = "Words of the name, at most 300 letters.", example = "inversiones"),
        (
            "status" = inline(Option<String>), Query,
            description = "Only those whose registration is in this state, in SUNAT's words.",
            example = "ACTIVO",
        ),
        (
            "condition" = inline(Option<String>), Query,
            description = "Only those whose domicile is in this condition, in SUNAT's words.",
            example = "HABIDO",
        ),
        (
            "ubigeo" = inline(Option<String>), Query,
            description = "Only those whose district code begins so: two digits for a department, four for a province, six \
                for a district.",
            example = "1501",
        ),
        (
            "kind" = inline(Option<String>), Query,
            description = "Only this kind of taxpayer: `juridica` (or `legal`, `20`); `natural` (or `10`), persons with a \
                DNI in their number; `otro` (or `other`, `15-17`), the numbers with 15, 16 and 17 in front. The last two \
                need `persons=true`.",
            example = "juridica",
        ),
        (
            "persons" = inline(Option<bool>), Query,
            description = "Persons too, not legal entities alone; only where `padron.search_persons` allows it.",
            example = false,
        ),
        ("limit" = inline(Option<u8>), Query, description = "How many, from 1 to 100; 10 without it.", example = 10),
        (
            "cursor" = inline(Option<String>), Query,
            description = "The `cursor` of the page before, with everything else as it was.",
        ),
        (
            "Prefer" = inline(Option<String>), Header,
            description = "`wait=SECONDS`: how long the client is ready to wait (RFC 7240); a search takes 250 ms at most.",
            example = "wait=5",
        ),
    ),
    responses((status = 200, description = "These do; none is an answer too.", body = PageBody)),
    extensions(
        ("x-answers" = json!(true)),
        ("x-problems" = json!(["invalid_query", "deadline", "stopped", "no_names", "@registry"])),
    ),
)]
pub(super) fn search() {}
