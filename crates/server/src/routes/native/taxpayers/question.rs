//! What a search by name asks for, read from its parameters.
//!
//! Every word that a parameter can take is listed in its refusal, because who asks cannot know SUNAT's by heart.
//! Left out: whether persons may be searched, which the configuration says.

use chasqui::padron::{Filters, Query as Names};
use chasqui_types::{Condition, ConditionKind, RucPrefix, Status, StatusKind};

use crate::problem::Problem;
use crate::routes::input::{Query, listed};

const KNOWN: [&str; 8] = ["q", "status", "condition", "ubigeo", "kind", "persons", "limit", "cursor"];
/// No name of the registry is half as long.
const MAX_LETTERS: usize = 300;
const MAX_LIMIT: usize = 100;

/// The words for a kind of taxpayer: English, Spanish, and the number's prefix where there is one.
const KINDS: [(&str, RucPrefix); 8] = [
    ("legal", RucPrefix::Entity),
    ("juridica", RucPrefix::Entity),
    ("20", RucPrefix::Entity),
    ("natural", RucPrefix::Person),
    ("10", RucPrefix::Person),
    ("other", RucPrefix::OtherPerson),
    ("otros", RucPrefix::OtherPerson),
    ("15-17", RucPrefix::OtherPerson),
];

/// Reads the parameters of a search.
pub(super) fn read(query: Option<&str>) -> Result<Names, Problem> {
    let query = Query::read(query, &KNOWN)?;
    let names = Names {
        filters: Filters {
            status: query.text("status").map(status).transpose()?,
            condition: query.text("condition").map(condition).transpose()?,
            ubigeo: query.text("ubigeo").map(ubigeo).transpose()?.unwrap_or_default(),
            kind: query.text("kind").map(kind).transpose()?,
        },
        limit: query.text("limit").map_or(Ok(10), limit)?,
        cursor: query.text("cursor").map(str::to_owned),
        persons: query.flag("persons")?,
        ..Names::new(text(&query)?)
    };
    match names.filters.kind {
        Some(RucPrefix::Person | RucPrefix::OtherPerson) if !names.persons => Err(Problem::invalid_query(
            "Persons are searched only with `persons=true`, so this `kind` would find nobody.",
        )),
        _ => Ok(names),
    }
}

fn text(query: &Query) -> Result<&str, Problem> {
    let text = query.text("q").unwrap_or_default();
    if text.chars().nth(MAX_LETTERS).is_some() {
        return Err(Problem::invalid_query(format!("`q` has at most {MAX_LETTERS} letters.")));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Problem::invalid_query("`q` holds words of the name, as in ?q=inversiones+andina."));
    }
    Ok(text)
}

fn status(text: &str) -> Result<StatusKind, Problem> {
    match Status::from_text(&plain(text)).kind() {
        StatusKind::Unrecognised => Err(one_of("status", Status::wordings())),
        kind => Ok(kind),
    }
}

fn condition(text: &str) -> Result<ConditionKind, Problem> {
    // A reason behind NO HALLADO would promise what is not kept: those with another reason would be found as well.
    let known = Condition::wordings().find(|wording| *wording == plain(text));
    known.map(|text| Condition::from_text(text).kind()).ok_or_else(|| one_of("condition", Condition::wordings()))
}

fn ubigeo(text: &str) -> Result<String, Problem> {
    let is_prefix = matches!(text.len(), 2 | 4 | 6) && text.bytes().all(|digit| digit.is_ascii_digit());
    let words = "`ubigeo` is two digits for a department, four for a province, six for a district.";
    if is_prefix { Ok(text.to_owned()) } else { Err(Problem::invalid_query(words)) }
}

fn kind(text: &str) -> Result<RucPrefix, Problem> {
    let text = plain(text).to_lowercase();
    let known = KINDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind);
    known.ok_or_else(|| one_of("kind", KINDS.iter().map(|(word, _)| *word)))
}

fn limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| Problem::invalid_query(format!("`limit` is a number from 1 to {MAX_LIMIT}.")))
}

fn one_of(name: &str, words: impl Iterator<Item = &'static str>) -> Problem {
    let words: Vec<&str> = words.collect();
    Problem::invalid_query(format!("`{name}` is one of {}.", listed(&words)))
}

/// Upper case, without the accents that SUNAT does not write either.
fn plain(text: &str) -> String {
    let upper = text.trim().to_uppercase();
    upper
        .chars()
        .map(|letter| match letter {
            'Á' => 'A',
            'É' => 'E',
            'Í' => 'I',
            'Ó' => 'O',
            'Ú' | 'Ü' => 'U',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> String {
        let problem = read(Some(query)).unwrap_err();
        assert_eq!(problem.code(), "invalid_query");
        problem.detail().to_owned()
    }

    #[test]
    fn words_are_taken_as_people_write_them() {
        let names = read(Some(
            "q=a&status=suspensi%C3%B3n+temporal&condition=no+habido&ubigeo=1501&kind=Jur%C3%ADdica&limit=100",
        ));
        let expected = Filters {
            status: Some(StatusKind::Suspended),
            condition: Some(ConditionKind::NotLocated),
            ubigeo: "1501".to_owned(),
            kind: Some(RucPrefix::Entity),
        };
        let names = names.unwrap();
        assert_eq!((names.filters, names.limit, names.persons), (expected, 100, false));
        for (word, kind) in KINDS {
            assert_eq!(read(Some(&format!("q=a&persons=1&kind={word}"))).unwrap().filters.kind, Some(kind));
        }
        let plain = read(Some("q=a")).unwrap();
        assert_eq!((plain.filters, plain.limit, plain.cursor), (Filters::default(), 10, None));
    }

    #[test]
    fn what_cannot_be_asked_says_what_can() {
        for query in ["", "q=", "q=+", "q=...", "status=ACTIVO"] {
            assert!(refused(query).contains("`q` holds words"), "{query}");
        }
        assert!(read(Some(&format!("q={}", "a".repeat(300)))).is_ok());
        assert!(refused(&format!("q={}", "a".repeat(301))).contains("at most 300"));
        assert!(refused("q=a&status=VIVO").contains("`ACTIVO`, `BAJA PROVISIONAL`"));
        for query in ["q=a&condition=", "q=a&condition=NO+HALLADO+CERRADO"] {
            let detail = refused(query);
            assert!(detail.contains("`HABIDO`, `NO HALLADO`") && detail.contains("and `NO HABIDO`"), "{detail}");
        }
        for query in ["ubigeo=", "ubigeo=1", "ubigeo=150", "ubigeo=1501011", "ubigeo=LIMA", "ubigeo=%C3%B1"] {
            assert!(refused(&format!("q=a&{query}")).contains("two digits"), "{query}");
        }
        assert!(refused("q=a&kind=15").contains("`15-17`"));
        for query in ["kind=natural", "kind=15-17", "kind=10&persons=false"] {
            assert!(refused(&format!("q=a&{query}")).contains("`persons=true`"), "{query}");
        }
        for query in ["limit=0", "limit=101", "limit=-1", "limit=", "limit=ten"] {
            assert!(refused(&format!("q=a&{query}")).contains("from 1 to 100"), "{query}");
        }
        assert!(refused("q=a&name=b").contains("`q`, `status`"));
    }
}
