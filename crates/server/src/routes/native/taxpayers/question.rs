//! What a search by name asks for, read from its parameters.
//!
//! Left out: the words of filters, which are the same everywhere; and whether persons may be searched, which the
//! configuration says.

use chasqui::padron::{FilterError, Query as Names, TypedFilters};
use chasqui_types::RucPrefix;

use crate::problem::Problem;
use crate::routes::input::{Query, listed};

const KNOWN: [&str; 8] = ["q", "status", "condition", "ubigeo", "kind", "persons", "limit", "cursor"];
/// No name of the registry is half as long.
const MAX_LETTERS: usize = 300;
const MAX_LIMIT: usize = 100;

/// Reads the parameters of a search.
pub(super) fn read(query: Option<&str>) -> Result<Names, Problem> {
    let query = Query::read(query, &KNOWN)?;
    let filters = TypedFilters {
        status: query.text("status"),
        condition: query.text("condition"),
        ubigeo: query.text("ubigeo"),
        kind: query.text("kind"),
    };
    let names = Names {
        filters: filters.read().map_err(refused)?,
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

fn refused(error: FilterError) -> Problem {
    let takes = match error {
        FilterError::Ubigeo => "two digits for a department, four for a province, six for a district".to_owned(),
        error => format!("one of {}", listed(&error.words())),
    };
    Problem::invalid_query(format!("`{}` is {takes}.", error.filter()))
}

fn limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| Problem::invalid_query(format!("`limit` is a number from 1 to {MAX_LIMIT}.")))
}

#[cfg(test)]
mod tests {
    use chasqui::padron::Filters;
    use chasqui_types::{ConditionKind, StatusKind};

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
        let natural = read(Some("q=a&persons=1&kind=natural")).unwrap();
        assert_eq!((natural.filters.kind, natural.persons), (Some(RucPrefix::Person), true));
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
        assert!(refused("q=a&condition=").contains("`HABIDO`, `NO HALLADO`"));
        assert!(refused("q=a&ubigeo=1").contains("two digits"));
        assert!(refused("q=a&kind=15").contains("`natural`, `juridica` and `otro`"));
        for query in ["kind=natural", "kind=15-17", "kind=10&persons=false"] {
            assert!(refused(&format!("q=a&{query}")).contains("`persons=true`"), "{query}");
        }
        for query in ["limit=0", "limit=101", "limit=-1", "limit=", "limit=ten"] {
            assert!(refused(&format!("q=a&{query}")).contains("from 1 to 100"), "{query}");
        }
        assert!(refused("q=a&name=b").contains("`q`, `status`"));
    }
}
