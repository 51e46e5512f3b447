//! What a client sent, in whichever of the three encodings MIGO takes: JSON, urlencoded, multipart.
//!
//! Read as MIGO's framework reads it: a body that cannot be read is a body without fields, so its sender is told that
//! the token is missing.
//! Left out: files in multipart bodies, and fields inside fields.

use std::collections::BTreeMap;

use serde_json::Value;

/// Fields by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(BTreeMap<String, Field>);

#[derive(Debug, PartialEq, Eq)]
enum Field {
    One(String),
    Many(Vec<String>),
}

// === impl Fields ===

impl Fields {
    pub(crate) fn read(content_type: &str, body: &[u8]) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/x-www-form-urlencoded" => {
                Self::from_pairs(serde_urlencoded::from_bytes(body).unwrap_or_default())
            }
            "multipart/form-data" => match boundary_of(content_type) {
                Some(boundary) => Self::from_pairs(parts(body, boundary)),
                None => Self::default(),
            },
            _ => Self::from_json(body),
        }
    }

    /// The field, when it holds one text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Field::One(text) => Some(text),
            Field::Many(_) => None,
        }
    }

    /// The field, when it holds a list.
    pub(crate) fn list(&self, name: &str) -> Option<&[String]> {
        match self.0.get(name)? {
            Field::Many(texts) => Some(texts),
            Field::One(_) => None,
        }
    }

    /// Every text in it.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0
            .values()
            .flat_map(|field| match field {
                Field::One(text) => std::slice::from_ref(text),
                Field::Many(texts) => texts,
            })
            .map(String::as_str)
    }

    fn from_json(body: &[u8]) -> Self {
        let Ok(members) = serde_json::from_slice::<BTreeMap<String, Value>>(body) else { return Self::default() };
        Self(members.into_iter().filter_map(|(name, value)| Some((name, Field::from_json(value)?))).collect())
    }

    /// `name[]` and `name[0]` gather into a list; of a plain name the last one counts.
    fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        let mut fields = BTreeMap::new();
        for (name, text) in pairs {
            match name.split_once('[') {
                Some((list, _)) => match fields.entry(list.to_owned()).or_insert_with(|| Field::Many(Vec::new())) {
                    Field::Many(texts) => texts.push(text),
                    one @ Field::One(_) => *one = Field::Many(vec![text]),
                },
                None => {
                    fields.insert(name, Field::One(text));
                }
            }
        }
        Self(fields)
    }
}

// === impl Field ===

impl Field {
    fn from_json(value: Value) -> Option<Self> {
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match value {
            // An item that is no text stays as an empty one, which no check accepts.
            Value::Array(items) => {
                Some(Self::Many(items.into_iter().map(|item| text(item).unwrap_or_default()).collect()))
            }
            other => text(other).map(Self::One),
        }
    }
}

fn boundary_of(content_type: &str) -> Option<&str> {
    let parameter = content_type.split(';').skip(1).map(str::trim).find_map(|part| part.strip_prefix("boundary="))?;
    Some(parameter.trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// Names and texts of the parts. Each part is header lines, an empty line, its text, a line break.
fn parts(body: &[u8], boundary: &str) -> Vec<(String, String)> {
    let Ok(body) = std::str::from_utf8(body) else { return Vec::new() };
    let delimiter = format!("--{boundary}");
    let part = |part: &str| {
        let (headers, text) = part.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
        let disposition = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let name = disposition.split(';').map(str::trim).find_map(|piece| piece.strip_prefix("name="))?;
        Some((name.trim_matches('"').to_owned(), text.strip_suffix("\r\n")?.to_owned()))
    };
    body.split(&delimiter).skip(1).filter_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_encodings_say_the_same() {
        check("application/json", r#"{"token":"T","ruc":["1","2"],"n":7}"#);
        check("APPLICATION/JSON; charset=utf-8", r#"{"token":"T","ruc":["1",2],"n":7,"x":null}"#);
        check("application/x-www-form-urlencoded", "token=T&ruc[]=1&ruc%5B%5D=2&n=7");
        check("application/x-www-form-urlencoded", "n=5&token=T&ruc[0]=1&ruc[1]=2&n=7");
        check(
            "multipart/form-data; boundary=\"XX\"",
            "--XX\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nT\r\n\
             --XX\r\ncontent-disposition: form-data; name=\"ruc[]\"\r\nContent-Type: text/plain\r\n\r\n1\r\n\
             --XX\r\nContent-Disposition: form-data; name=ruc[]\r\n\r\n2\r\n\
             --XX\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n7\r\n--XX--\r\n",
        );
    }

    #[track_caller]
    fn check(content_type: &str, body: &str) {
        let fields = Fields::read(content_type, body.as_bytes());
        assert_eq!(fields.text("token"), Some("T"), "{body}");
        assert_eq!(fields.text("n"), Some("7"), "{body}");
        assert_eq!(fields.list("ruc"), Some(&["1".to_owned(), "2".to_owned()][..]), "{body}");
        assert_eq!((fields.text("ruc"), fields.list("token")), (None, None), "{body}");
    }

    #[test]
    fn what_cannot_be_read_has_no_fields() {
        for (content_type, body) in [
            ("application/json", "{"),
            ("application/json", "[]"),
            ("application/json", "token=T"),
            ("multipart/form-data", "--XX\r\n"),
            ("multipart/form-data; boundary=XX", "--XX\r\nnonsense\r\n--XX--"),
            ("multipart/form-data; boundary=XX", "--X"),
        ] {
            assert_eq!(Fields::read(content_type, body.as_bytes()), Fields::default(), "{body}");
        }
    }
}
