//! `chasqui padron search`: who has a name like this?
//!
//! Left out: how names are likened, which is `chasqui-padron`'s.

use std::ops::ControlFlow;
use std::time::Duration;

use chasqui::TokioRuntime;
use chasqui::config::Config;
use chasqui_core::Runtime as _;
use chasqui_padron::{Column, Filters, Hit, Names, NamesError, Padron, Query, Reason};
use clap::Args;
use serde_json::json;

use super::{Format, open};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::table::{self, Word};
use crate::text::{bytes, counted, one_line};

#[derive(Debug, Args)]
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
    #[arg(long, value_name = "DIGITS", default_value = "")]
    ubigeo: String,
    /// How many, at most a hundred.
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Go on behind a former page, whose last line says with what.
    #[arg(long)]
    cursor: Option<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How long a search may take.
const WITHIN: Duration = Duration::from_millis(250);

/// Searches the edition in use.
pub(super) fn run(arguments: SearchArguments, config: &Config) -> Result<Exit, Failure> {
    if arguments.persons && !config.padron.search_persons {
        let words = "natural persons are not searched unless padron.search_persons = true";
        return Err(Failure::new(Exit::Configuration, words));
    }
    let padron = open(&config.padron.dir)?;
    let Some(names) = Names::open(&padron)? else {
        let words = format!("edition {} has no index of names; `chasqui padron index` builds it", padron.edition());
        return Err(Failure::new(Exit::Unknown, words));
    };
    let runtime = TokioRuntime::default();
    let query = Query {
        text: arguments.words.join(" "),
        filters: Filters {
            status: arguments.status.map(|text| chasqui_types::Status::from_text(&text.to_uppercase()).kind()),
            condition: arguments.condition.map(|text| chasqui_types::Condition::from_text(&text.to_uppercase()).kind()),
            ubigeo: arguments.ubigeo,
            kind: None,
        },
        limit: arguments.limit,
        cursor: arguments.cursor,
        persons: arguments.persons,
        within: WITHIN,
    };
    let page = names.search(&query, &|_| false, &|| runtime.now())?;
    match arguments.format {
        Format::Text => {
            let rows = page.hits.iter().map(|hit| line(&padron, hit)).collect::<Result<Vec<_>, _>>()?;
            if !rows.is_empty() {
                output::data(table::grid(&["RUC", "Name", "Status", "Condition", "Ubigeo", "Score", "Because"], rows))?;
            }
        }
        Format::Json => {
            let hits = page.hits.iter().map(|hit| object(&padron, hit)).collect::<Result<Vec<_>, _>>()?;
            let body = json!({
                "hits": hits, "cursor": page.cursor, "is_complete": page.is_complete,
                "edition": padron.edition().to_string(),
            });
            output::data(format!("{body:#}\n"))?;
        }
    }
    if !page.is_complete {
        output::warning("the words are too common to look at every name that has them; add another");
    }
    if page.hits.is_empty() {
        output::note("nobody has a name like this");
        return Ok(Exit::Absent);
    }
    if let Some(cursor) = page.cursor.filter(|_| arguments.format == Format::Text) {
        output::note(&format!("there are more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}

/// Builds the index of an edition, with word of how far it is.
pub(super) fn index(padron: &Padron) -> Result<(), Failure> {
    let mut tenth = 0;
    let names = Names::build(padron, &mut |progress| {
        let now = progress.done * 10 / progress.total.max(1);
        if now > tenth && progress.total > 1_000_000 {
            tenth = now;
            output::note(&format!("indexing names: {} %", now * 10));
        }
        ControlFlow::Continue(())
    })?;
    let (persons, entities) = names.n_names();
    let all = counted(usize::try_from(persons + entities).unwrap_or(usize::MAX), "name");
    output::note(&format!("{all} can be searched, in {}", bytes(names.n_bytes())));
    Ok(())
}

fn line(padron: &Padron, hit: &Hit) -> Result<Vec<Word>, Failure> {
    let row = padron.find(hit.ruc)?;
    let cell = |column| Word::from(row.as_ref().map(|row| one_line(&row.text(column))).unwrap_or_default());
    Ok(vec![
        Word::from(hit.ruc.to_string()),
        cell(Column::Name),
        cell(Column::Status),
        cell(Column::Condition),
        cell(Column::Ubigeo),
        Word::from(format!("{:.2}", hit.score)),
        Word::from(because(hit.reason)),
    ])
}

fn object(padron: &Padron, hit: &Hit) -> Result<serde_json::Value, Failure> {
    let row = padron.find(hit.ruc)?;
    let cell = |column| row.as_ref().map(|row| row.text(column).into_owned());
    Ok(json!({
        "ruc": hit.ruc.as_str(),
        "nombre_o_razon_social": cell(Column::Name),
        "estado_del_contribuyente": cell(Column::Status),
        "condicion_de_domicilio": cell(Column::Condition),
        "ubigeo": cell(Column::Ubigeo),
        "score": hit.score,
        "reason": because(hit.reason),
    }))
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

impl From<NamesError> for Failure {
    fn from(error: NamesError) -> Self {
        let exit = if matches!(error, NamesError::Cursor) { Exit::Usage } else { Exit::Unknown };
        Self::of(exit, &error)
    }
}
