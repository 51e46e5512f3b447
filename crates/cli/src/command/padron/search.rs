//! `chasqui padron search`: who has a name like this?
//!
//! Left out: how names are likened, which is `chasqui-padron`'s.

use std::sync::Arc;
use std::time::Duration;

use chasqui::config::Config;
use chasqui::padron::{FilterError, NameHit, NamePage, TypedFilters};
use chasqui::{OfflineRegistry, TokioRuntime};
use chasqui_core::Runtime as _;
use chasqui_padron::{Query, Reason};
use chasqui_server::body;
use chasqui_types::time::Timestamp;
use chasqui_types::{Freshness, RucPrefix, Taxpayer};
use clap::{Args, ValueEnum};

use crate::exit::{Exit, Failure};
use crate::table::{self, Word};
use crate::text::or_dash;
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
    #[arg(long, value_name = "DIGITS")]
    ubigeo: Option<String>,
    /// Only taxpayers of this kind: natural (10), juridica (20) or otro (15 to 17).
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
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
    let typed = TypedFilters {
        status: arguments.status.as_deref(),
        condition: arguments.condition.as_deref(),
        ubigeo: arguments.ubigeo.as_deref(),
        kind: arguments.kind.as_deref(),
    };
    let filters = typed.read().map_err(refused)?;
    if !arguments.persons && filters.kind.is_some_and(|kind| kind != RucPrefix::Entity) {
        return Err(Failure::new(Exit::Usage, "only legal entities are searched without --persons"));
    }
    let registry = Arc::new(OfflineRegistry::open(&config.padron));
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
    // As a look-up judges the edition.
    let fresh_until = page.as_of.checked_add(config.padron.max_age).unwrap_or(Timestamp::MAX);
    let is_young = fresh_until > TokioRuntime::default().wall();
    print(&page, arguments.format, if is_young { Freshness::Fresh } else { Freshness::Stale })?;
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

fn print(page: &NamePage, format: Format, freshness: Freshness) -> Result<(), Failure> {
    match format {
        Format::Text if page.hits.is_empty() => Ok(()),
        Format::Text => {
            let header = ["RUC", "Name", "Status", "Condition", "Ubigeo", "Score", "Because"];
            output::data(table::grid(&header, page.hits.iter().map(line)))
        }
        Format::Json => output::line(&body::names(page, freshness)),
        Format::Csv => {
            let mut text = csv::line(FIELDS.into_iter().chain(["score", "reason"]));
            for NameHit { taxpayer, hit } in &page.hits {
                let said = [format!("{:.2}", hit.score), hit.reason.as_str().to_owned()];
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

fn refused(error: FilterError) -> Failure {
    let takes = match error {
        FilterError::Ubigeo => "two digits for a department, four for a province or six for a district".to_owned(),
        error => error.words().join(", "),
    };
    Failure::new(Exit::Usage, format!("--{} takes {takes}", error.filter()))
}
