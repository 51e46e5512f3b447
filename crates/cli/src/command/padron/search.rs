//! `chasqui padron search`: who has a name like this?
//!
//! Left out: how names are likened, which is `chasqui-padron`'s.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use chasqui::config::Config;
use chasqui::padron::{NameHit, NamePage};
use chasqui::{OfflineRegistry, TokioRuntime};
use chasqui_core::Runtime as _;
use chasqui_padron::{Filters, Likeness, Query, Reason, WordMatch};
use chasqui_types::{Condition, ConditionKind, RucPrefix, Status, StatusKind, Taxpayer};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::none;
use crate::exit::{Exit, Failure};
use crate::table::{self, Word};
use crate::text::{one_line, or_dash};
use crate::{csv, output};

const AFTER_HELP: &str = "\
Examples:
  chasqui padron search banco credito
  chasqui padron search yara --status ACTIVO --ubigeo 15 --format csv
  chasqui padron search quispe mamani --persons --kind natural

Words stand in any order; accents, case and punctuation do not matter, S.A.C. is SOCIEDAD ANONIMA CERRADA, and a slip of
the finger is forgiven. Numbers that are suppressed are passed over.
Exit codes: 0 somebody has a name like this, 1 nobody, 2 usage, 3 could not find out, 4 the configuration forbids it.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct SearchArguments {
    /// Words of the name, in any order; the last may be the beginning of one.
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,
    /// Natural persons too, not legal entities alone; only if the configuration allows it.
    #[arg(long)]
    persons: bool,
    /// Only those whose registration is in this state, such as ACTIVO.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Only those whose domicile is in this condition, such as HABIDO.
    #[arg(long, value_name = "CONDITION")]
    condition: Option<String>,
    /// Only those whose district code begins so: 15 for Lima, 1501 for its province.
    #[arg(long, value_name = "DIGITS", value_parser = ubigeo)]
    ubigeo: Option<String>,
    /// Only taxpayers of this kind, by the first digits of their number.
    #[arg(long, value_enum, ignore_case = true)]
    kind: Option<Kind>,
    /// How many, at most a hundred.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    /// Go on behind a former page, whose last line says with what.
    #[arg(long)]
    cursor: Option<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Kinds of taxpayers, in the words that Peru has for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Natural persons: numbers that begin with 10.
    #[value(alias = "10")]
    Natural,
    /// Others without a DNI in their number: 15, 16 and 17.
    #[value(alias = "otros")]
    Otro,
    /// Legal entities: 20.
    #[value(alias = "20", alias = "jurídica")]
    Juridica,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// How long a search may take.
const WITHIN: Duration = Duration::from_millis(250);
/// What is said of a taxpayer.
const FIELDS: [&str; 5] =
    ["ruc", "nombre_o_razon_social", "estado_del_contribuyente", "condicion_de_domicilio", "ubigeo"];

/// Searches the edition in use.
pub(super) async fn run(arguments: SearchArguments, config: &Config) -> Result<Exit, Failure> {
    if !arguments.persons && arguments.kind.is_some_and(|kind| kind != Kind::Juridica) {
        return Err(Failure::new(Exit::Usage, "only legal entities are searched without --persons"));
    }
    let registry = Arc::new(OfflineRegistry::open(&config.padron));
    let filters = Filters {
        status: arguments.status.as_deref().map(|text| status(text, &registry)).transpose()?,
        condition: arguments.condition.as_deref().map(|text| condition(text, &registry)).transpose()?,
        ubigeo: arguments.ubigeo.unwrap_or_default(),
        kind: arguments.kind.map(Kind::prefix),
    };
    let query = Query {
        text: arguments.words.join(" "),
        filters,
        limit: arguments.limit.into(),
        cursor: arguments.cursor,
        persons: arguments.persons,
        within: WITHIN,
    };
    let searched = tokio::task::spawn_blocking(move || {
        let runtime = TokioRuntime::default();
        registry.search(&query, &|| runtime.now())
    });
    let page =
        searched.await.map_err(|error| Failure::new(Exit::Unknown, "the search broke down").because(&error))??;
    print(&page, arguments.format)?;
    if !page.is_complete {
        output::warning("the words are too common to look at every name that has them; add another");
    }
    if page.hits.is_empty() {
        output::note("nobody has a name like this");
        return Ok(Exit::Absent);
    }
    if let Some(cursor) = page.cursor.filter(|_| arguments.format != Format::Json) {
        output::note(&format!("there are more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}

fn print(page: &NamePage, format: Format) -> Result<(), Failure> {
    match format {
        Format::Text if page.hits.is_empty() => Ok(()),
        Format::Text => {
            let header = ["RUC", "Name", "Status", "Condition", "Ubigeo", "Score", "Because"];
            output::data(table::grid(&header, page.hits.iter().map(line)))
        }
        Format::Json => {
            let hits: Vec<Value> = page.hits.iter().map(object).collect();
            let body = json!({
                "hits": hits, "cursor": page.cursor, "is_complete": page.is_complete,
                "edition": page.edition.to_string(),
            });
            output::data(format!("{body:#}\n"))
        }
        Format::Csv => {
            let mut text = csv::line(FIELDS.into_iter().chain(["score", "reason"]));
            for NameHit { taxpayer, hit } in &page.hits {
                let said = [format!("{:.2}", hit.score), code(hit.reason).to_owned()];
                let fields = FIELDS.map(|name| field(taxpayer, name).unwrap_or_default());
                text.push_str(&csv::line(fields.into_iter().chain(said.iter().map(String::as_str))));
            }
            output::data(text)
        }
    }
}

fn line(NameHit { taxpayer, hit }: &NameHit) -> Vec<Word> {
    let fields = FIELDS.into_iter().map(|name| Word::from(or_dash(field(taxpayer, name)).into_owned()));
    fields.chain([Word::from(format!("{:.2}", hit.score)), Word::from(because(hit.reason))]).collect()
}

fn object(NameHit { taxpayer, hit }: &NameHit) -> Value {
    let mut object: serde_json::Map<_, _> =
        FIELDS.iter().map(|name| ((*name).to_owned(), field(taxpayer, name).into())).collect();
    object.insert("score".to_owned(), hit.score.into());
    object.insert("reason".to_owned(), code(hit.reason).into());
    object.insert("words".to_owned(), hit.words.iter().map(word).collect());
    object.into()
}

fn word(word: &WordMatch) -> Value {
    let (likeness, edits) = match word.likeness {
        Likeness::Whole => ("whole", 0),
        Likeness::Prefix => ("prefix", 0),
        Likeness::Typo { edits } => ("typo", edits),
        _ => ("other", 0),
    };
    json!({ "asked": word.asked, "found": word.found, "likeness": likeness, "edits": edits })
}

fn field<'a>(taxpayer: &'a Taxpayer, name: &str) -> Option<&'a str> {
    if name == "ruc" {
        return Some(taxpayer.ruc.as_str());
    }
    taxpayer.fields().into_iter().find(|(known, _)| *known == name)?.1
}

fn because(reason: Reason) -> &'static str {
    match reason {
        Reason::Exact => "the name itself",
        Reason::InOrder => "all words, in order",
        Reason::AllWords => "all words",
        Reason::Prefix => "the beginning of a word",
        Reason::Typo => "a slip of the finger",
        Reason::Partial => "some of the words",
        _ => "likeness",
    }
}

fn code(reason: Reason) -> &'static str {
    match reason {
        Reason::Exact => "exact",
        Reason::InOrder => "in_order",
        Reason::AllWords => "all_words",
        Reason::Prefix => "prefix",
        Reason::Typo => "typo",
        Reason::Partial => "partial",
        _ => "other",
    }
}

// === filters ===

fn ubigeo(text: &str) -> Result<String, String> {
    let is_one = (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { Ok(text.to_owned()) } else { Err("expected one to six digits, such as 15 or 150140".to_owned()) }
}

fn status(text: &str, registry: &OfflineRegistry) -> Result<StatusKind, Failure> {
    let recognise = |text: &str| Some(Status::from_text(text).kind()).filter(|kind| *kind != StatusKind::Unrecognised);
    wording(text, "--status", recognise, || Ok(report(registry)?.by_status))
}

fn condition(text: &str, registry: &OfflineRegistry) -> Result<ConditionKind, Failure> {
    let recognise =
        |text: &str| Some(Condition::from_text(text).kind()).filter(|kind| *kind != ConditionKind::Unrecognised);
    wording(text, "--condition", recognise, || Ok(report(registry)?.by_condition))
}

/// A word as the registry has it. One that is not known is refused, because it would find nobody and seem an answer.
fn wording<K>(
    text: &str,
    flag: &str,
    recognise: impl Fn(&str) -> Option<K>,
    counts: impl FnOnce() -> Result<std::collections::BTreeMap<String, u64>, Failure>,
) -> Result<K, Failure> {
    if let Some(kind) = recognise(text) {
        return Ok(kind);
    }
    let mut counts: Vec<_> = counts()?.into_iter().filter(|(word, _)| recognise(word).is_some()).collect();
    counts.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
    let words = counts.iter().enumerate().fold(String::new(), |mut words, (index, (word, _))| {
        let comma = if index > 0 { ", " } else { "" };
        let _ = write!(words, "{comma}{}", one_line(word));
        words
    });
    let text = one_line(text);
    Err(Failure::new(Exit::Usage, format!("{flag}: nobody is \"{text}\"; in the edition in use there are {words}")))
}

/// What the edition in use holds.
fn report(registry: &OfflineRegistry) -> Result<chasqui_padron::Report, Failure> {
    let open = registry.edition().ok_or_else(|| none(registry.dir()))?;
    Ok(open.padron().report()?)
}

// === impl Kind ===

impl Kind {
    fn prefix(self) -> RucPrefix {
        match self {
            Self::Natural => RucPrefix::Person,
            Self::Otro => RucPrefix::OtherPerson,
            Self::Juridica => RucPrefix::Entity,
        }
    }
}
