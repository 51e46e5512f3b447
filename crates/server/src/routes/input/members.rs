//! The members of a native JSON body, read one by one, so that a refusal can name the member and show how it is done.
//!
//! Left out: what a member means.

use axum::extract::Request;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{listed, media_type, read_body};
use crate::app::Inner;
use crate::problem::Problem;

/// What a body holds, and how a right one looks.
pub(crate) struct Members {
    by_name: Map<String, Value>,
    example: &'static str,
    /// What was read takes more room than the bytes did: their share is given back together.
    _held: Bytes,
}

// === impl Members ===

impl Members {
    /// Reads the body of a request that says that it is JSON. Members that the route does not know are refused.
    ///
    /// `example` is a right body, for the refusal.
    pub(crate) async fn read(
        inner: &Inner,
        request: Request,
        known: &[&str],
        example: &'static str,
    ) -> Result<Self, Problem> {
        if media_type(request.headers()) != Some("application/json") {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        let body = read_body(inner, request.into_body()).await?;
        Ok(Self { _held: body.clone(), ..Self::parse(&body, known, example)? })
    }

    fn parse(body: &[u8], known: &[&str], example: &'static str) -> Result<Self, Problem> {
        if body.is_empty() {
            return Err(Problem::invalid_body(format!("The body is empty; send {example}.")));
        }
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Problem::invalid_body(format!("The body is not JSON ({place})."))
        })?;
        let Value::Object(members) = value else {
            return Err(Problem::invalid_body(format!("The body is no JSON object; send {example}.")));
        };
        if members.keys().any(|name| !known.contains(&name.as_str())) {
            let known = listed(known);
            return Err(Problem::invalid_body(format!("This route takes {known} and no other member.")));
        }
        Ok(Self { by_name: members, example, _held: Bytes::new() })
    }

    /// `None` if the member is missing or null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.by_name.get(name).filter(|value| !value.is_null())
    }

    /// The refusal of a body without this member.
    pub(crate) fn missing(&self, name: &str) -> Problem {
        Problem::invalid_body(format!("`{name}` is missing; send {}.", self.example))
    }

    /// A text, or a number written out. Missing is `None`.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        self.get(name)
            .map(|value| {
                text(value).ok_or_else(|| Problem::invalid_body(format!("`{name}` is neither text nor a number.")))
            })
            .transpose()
    }

    /// A flag; missing is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(Problem::invalid_body(format!("`{name}` is either true or false."))),
        }
    }

    /// A list of 1 to `most` texts or whole numbers.
    pub(crate) fn list(&self, name: &str, most: usize) -> Result<Vec<String>, Problem> {
        let value = self.get(name).ok_or_else(|| self.missing(name))?;
        let Value::Array(items) = value else {
            return Err(Problem::invalid_body(format!("`{name}` is no list; send {}.", self.example)));
        };
        if items.is_empty() || items.len() > most {
            let detail = format!("`{name}` has to hold 1 to {most} numbers, and holds {}.", items.len());
            return Err(Problem::invalid_body(detail));
        }
        let whole = |item: &Value| match item {
            Value::Number(number) if number.is_f64() => None,
            other => text(other),
        };
        let read = |(place, item)| {
            whole(item).ok_or_else(|| {
                Problem::invalid_body(format!("Item {place} of `{name}` is neither text nor a whole number."))
            })
        };
        (1..).zip(items).map(read).collect()
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"{"rucs": ["20131312955"]}"#;

    fn parse(body: &str) -> Result<Members, Problem> {
        Members::parse(body.as_bytes(), &["rucs", "refresh"], EXAMPLE)
    }

    #[track_caller]
    fn check(body: &str, detail: &str) {
        let read = parse(body).and_then(|members| {
            members.flag("refresh")?;
            members.list("rucs", 3)
        });
        assert_eq!(read.unwrap_err().detail(), detail, "{body}");
    }

    #[test]
    fn a_refusal_names_the_member_and_never_what_it_holds() {
        check("", "The body is empty; send {\"rucs\": [\"20131312955\"]}.");
        check("{", "The body is not JSON (line 1, column 1).");
        check("[]", "The body is no JSON object; send {\"rucs\": [\"20131312955\"]}.");
        check("{}", "`rucs` is missing; send {\"rucs\": [\"20131312955\"]}.");
        check(r#"{"rucs": null}"#, "`rucs` is missing; send {\"rucs\": [\"20131312955\"]}.");
        check(r#"{"rucs": "10101174102"}"#, "`rucs` is no list; send {\"rucs\": [\"20131312955\"]}.");
        check(r#"{"rucs": []}"#, "`rucs` has to hold 1 to 3 numbers, and holds 0.");
        check(r#"{"rucs": [1, 2, 3, 4]}"#, "`rucs` has to hold 1 to 3 numbers, and holds 4.");
        check(r#"{"rucs": ["1", null]}"#, "Item 2 of `rucs` is neither text nor a whole number.");
        check(r#"{"rucs": [1.5]}"#, "Item 1 of `rucs` is neither text nor a whole number.");
        check(r#"{"rucs": [1], "10117410": 1}"#, "This route takes `rucs` and `refresh` and no other member.");
        check(r#"{"rucs": [1], "refresh": "perhaps"}"#, "`refresh` is either true or false.");
    }

    #[test]
    fn numbers_are_taken_with_and_without_quotes() {
        let members = parse(r#"{"rucs": ["20131312955", 20131312955], "refresh": true}"#).unwrap();
        assert_eq!(members.list("rucs", 3).unwrap(), ["20131312955", "20131312955"]);
        assert!(members.flag("refresh").unwrap());
        assert_eq!(members.text("none").unwrap(), None);
    }
}
