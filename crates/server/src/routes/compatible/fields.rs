//! A body's fields, in whichever of three encodings it comes: JSON, urlencoded, multipart.
//!
//! The encodings differ in what they can say; read here, they say the same: a text, a flag, a list of texts.
//! Left out: files, fields inside fields, and what a missing field means.

use std::collections::HashMap;
use std::convert::Infallible;

use bytes::Bytes;
use serde_json::Value;

/// Fields by name. No field is null.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(HashMap<String, Field>, Held);

/// The body that the fields were read from. They take more room than its bytes did: their share of what all bodies may
/// hold is given back when they are gone. Of no weight in comparisons.
#[derive(Default)]
struct Held(#[expect(dead_code, reason = "it is kept for its room alone")] Bytes);

impl PartialEq for Held {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Held {}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Field {
    Flag(bool),
    Text(String),
    List(Vec<String>),
}

/// The body is not what its type says, or it is no object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

// === impl Fields ===

impl Fields {
    /// Reads a body. One without a type, or of a type that has no fields, is tried as JSON, as MIGO tries it.
    pub(crate) async fn read(content_type: &str, body: Bytes) -> Result<Self, Unreadable> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        let held = Held(body.clone());
        let fields = Self::parse(content_type, body).await?;
        Ok(Self(fields.0, held))
    }

    async fn parse(content_type: &str, body: Bytes) -> Result<Self, Unreadable> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let pairs = serde_urlencoded::from_bytes(&body).map_err(|_| Unreadable)?;
            Ok(Self::from_pairs(pairs))
        } else if kind.eq_ignore_ascii_case("multipart/form-data") {
            let boundary = multer::parse_boundary(content_type).map_err(|_| Unreadable)?;
            Ok(Self::from_pairs(parts(body, boundary).await.map_err(|_| Unreadable)?))
        } else {
            let members = serde_json::from_slice::<HashMap<String, Value>>(&body).map_err(|_| Unreadable)?;
            let fields = members.into_iter().filter_map(|(name, value)| Some((name, Field::from_json(value)?)));
            Ok(Self(fields.collect(), Held::default()))
        }
    }

    /// The field, when it holds one text or number.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Field::Text(text) => Some(text),
            Field::Flag(_) | Field::List(_) => None,
        }
    }

    /// The field, when it holds a list.
    pub(crate) fn list(&self, name: &str) -> Option<&[String]> {
        match self.0.get(name)? {
            Field::List(texts) => Some(texts),
            Field::Flag(_) | Field::Text(_) => None,
        }
    }

    /// Whether the field is there, whatever it holds.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether the field says yes: `true`, or the words that a form writes for it. Anything else is a no.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Field::Flag(flag)) => *flag,
            Some(Field::Text(text)) => ["true", "1", "on"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes)),
            Some(Field::List(_)) | None => false,
        }
    }

    /// `name[]` and `name[0]` gather into a list; of a plain name the last one counts.
    fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        let mut fields = HashMap::new();
        for (name, text) in pairs {
            match name.split_once('[') {
                Some((list, _)) => match fields.entry(list.to_owned()).or_insert_with(|| Field::List(Vec::new())) {
                    Field::List(texts) => texts.push(text),
                    other => *other = Field::List(vec![text]),
                },
                None => {
                    fields.insert(name, Field::Text(text));
                }
            }
        }
        Self(fields, Held::default())
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
            Value::Bool(flag) => Some(Self::Flag(flag)),
            // An item that is no text stays as an empty one, which no check accepts, so that no row is lost.
            Value::Array(items) => {
                Some(Self::List(items.into_iter().map(|item| text(item).unwrap_or_default()).collect()))
            }
            other => text(other).map(Self::Text),
        }
    }
}

/// Names and texts of the parts that are no files.
async fn parts(body: Bytes, boundary: String) -> multer::Result<Vec<(String, String)>> {
    let stream = futures_util::stream::once(async { Ok::<_, Infallible>(body) });
    let mut multipart = multer::Multipart::new(stream, boundary);
    let mut pairs = Vec::new();
    while let Some(part) = multipart.next_field().await? {
        let name = part.name().filter(|_| part.file_name().is_none()).map(str::to_owned);
        if let Some(name) = name {
            pairs.push((name, part.text().await?));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_three_encodings_say_the_same() {
        check("", r#"{"token":"T","ruc":["1","2"],"n":7,"yes":true}"#).await;
        check("APPLICATION/JSON; charset=utf-8", r#"{"token":"T","ruc":["1",2],"n":7,"yes":"On","x":null}"#).await;
        check("application/x-www-form-urlencoded", "token=T&ruc[]=1&ruc%5B%5D=2&n=7&yes=1").await;
        check("application/x-www-form-urlencoded", "n=5&token=T&ruc[0]=1&ruc[1]=2&n=7&yes=True").await;
        check(
            "multipart/form-data; boundary=\"XX\"",
            "--XX\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nT\r\n\
             --XX\r\ncontent-disposition: form-data; name=\"ruc[]\"\r\nContent-Type: text/plain\r\n\r\n1\r\n\
             --XX\r\nContent-Disposition: form-data; name=\"ruc[]\"\r\n\r\n2\r\n\
             --XX\r\nContent-Disposition: form-data; name=\"ruc[]\"; filename=\"a.txt\"\r\n\r\n3\r\n\
             --XX\r\nContent-Disposition: form-data; name=\"yes\"\r\n\r\ntrue\r\n\
             --XX\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n7\r\n--XX--\r\n",
        )
        .await;
    }

    async fn check(content_type: &str, body: &'static str) {
        let fields = Fields::read(content_type, Bytes::from_static(body.as_bytes())).await.unwrap();
        assert_eq!(fields.text("token"), Some("T"), "{body}");
        assert_eq!(fields.text("n"), Some("7"), "{body}");
        assert_eq!(fields.list("ruc"), Some(&["1".to_owned(), "2".to_owned()][..]), "{body}");
        assert_eq!((fields.text("ruc"), fields.list("token")), (None, None), "{body}");
        assert!(fields.flag("yes") && !fields.flag("n") && !fields.flag("ruc") && !fields.flag("none"), "{body}");
        assert!(fields.has("ruc") && !fields.has("x"), "{body}");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_from_what_is_empty() {
        assert_eq!(Fields::read("application/json", Bytes::new()).await, Ok(Fields::default()));
        for (content_type, body) in [
            ("application/json", "{"),
            ("application/json", "[]"),
            ("application/json", "token=T"),
            ("multipart/form-data", "--XX\r\n"),
            ("multipart/form-data; boundary=XX", "--X"),
        ] {
            let read = Fields::read(content_type, Bytes::from_static(body.as_bytes())).await;
            assert_eq!(read, Err(Unreadable), "{body}");
        }
    }
}
