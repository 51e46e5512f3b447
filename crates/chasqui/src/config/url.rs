//! URLs: what may stand in one, whether its host is this machine, and how it is shown without its password.
//!
//! Read with the same parser that the HTTP client uses, so that both agree on which host a text names.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use url::{Host, Url};

use super::sections::{CacheUrl, StoreUrl};

/// What a secret is shown as.
pub(super) const MASK: &str = "********";

/// An `http` or `https` URL with a host and without user name, password or fragment; it does not end in a slash.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpUrl {
    text: String,
    loopback: bool,
    encrypted: bool,
}

// === impl HttpUrl ===

impl HttpUrl {
    /// Reads one; with `query`, a query is allowed too.
    pub(super) fn try_new(text: &str, query: bool) -> Result<Self, String> {
        let wanted = "expected an http:// or https:// URL";
        let url = Url::parse(text).map_err(|_| wanted.to_owned())?;
        // The parser strips blanks and reads a missing slash as there; a reader of the file would not.
        let lower = text.to_ascii_lowercase();
        if !(lower.starts_with("http://") || lower.starts_with("https://"))
            || text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
        {
            return Err(wanted.to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err("expected a URL without user name and password".to_owned());
        }
        if url.fragment().is_some() || (url.query().is_some() && !query) {
            return Err(format!("expected a URL without {}", if query { "#" } else { "? and #" }));
        }
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return Err(wanted.to_owned()),
        };
        let text = if url.query().is_some() { url.as_str() } else { url.as_str().trim_end_matches('/') };
        Ok(Self { text: text.to_owned(), loopback, encrypted: url.scheme() == "https" })
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether its host is this machine: a loopback address or `localhost`.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether it is `https`.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&masked(&self.text))
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpUrl({self})")
    }
}

/// Reads `store.url`.
pub(super) fn store(text: &str) -> Result<StoreUrl, String> {
    const WANTED: &str = "expected sqlite:PATH or postgres://HOST/DATABASE";
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.trim().is_empty() || path.contains(char::is_control) {
            return Err(WANTED.to_owned());
        }
        return Ok(StoreUrl::Sqlite(PathBuf::from(path)));
    }
    remote(text, &["postgres", "postgresql"]).map(StoreUrl::Postgres).ok_or_else(|| WANTED.to_owned())
}

/// Reads `cache.url`.
pub(super) fn cache(text: &str) -> Result<CacheUrl, String> {
    if text == "memory:" {
        return Ok(CacheUrl::Memory);
    }
    remote(text, &["redis", "rediss"])
        .map(CacheUrl::Redis)
        .or_else(|| remote(text, &["memcache"]).map(CacheUrl::Memcache))
        .ok_or_else(|| "expected memory:, redis://HOST, rediss://HOST or memcache://HOST".to_owned())
}

/// A `scheme://host…` URL, kept whole.
fn remote(text: &str, schemes: &[&str]) -> Option<SecretString> {
    let (scheme, _) = text.split_once("://")?;
    if !schemes.contains(&scheme) || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    url.host_str().filter(|host| !host.is_empty()).map(|_| SecretString::from(text))
}

/// Reads a host name without port: `chasqui.example.com`, `10.0.0.7`, `[fe80::1]`.
pub(super) fn host(text: &str) -> Result<String, String> {
    let wanted = "expected a host name without scheme, port or path";
    if text.contains(['*', '@']) {
        return Err(wanted.to_owned());
    }
    Host::parse(text).map(|host| host.to_string()).map_err(|_| wanted.to_owned())
}

/// Reads `IP:PORT` or `localhost:PORT`.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let wanted = "expected HOST:PORT, where HOST is an IP address or localhost";
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| wanted.to_owned())
}

/// A URL with everything masked that may be a secret: what stands before an `@`, and a query.
///
/// It leans towards hiding: a password may hold any character, a slash and a question mark included.
pub(super) fn masked(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let (user, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => (format!("{MASK}@"), rest),
        None => (String::new(), rest),
    };
    match rest.split_once('?') {
        Some((rest, _)) => format!("{scheme}{user}{rest}?{MASK}"),
        None => format!("{scheme}{user}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_loses_its_last_slash_and_knows_its_host() {
        let url = HttpUrl::try_new("https://api.migo.pe/", false).unwrap();
        assert_eq!((url.as_str(), url.is_loopback(), url.is_encrypted()), ("https://api.migo.pe", false, true));
        for text in
            ["http://127.0.0.1:9000", "http://[::1]/a/", "http://localhost", "http://127.9.9.9", "http://2130706433"]
        {
            let url = HttpUrl::try_new(text, false).unwrap();
            assert!(url.is_loopback() && !url.is_encrypted(), "{text}");
        }
        for text in
            ["http://localhost.example.com", "http://127.0.0.1.example.com", "http://0.0.0.0", "http://10.0.0.1"]
        {
            assert!(!HttpUrl::try_new(text, false).unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn a_url_that_could_mislead_is_refused() {
        for text in [
            "",
            "api.migo.pe",
            "ftp://api.migo.pe",
            "http:api.migo.pe",
            "http://",
            "http://localhost@api.example.com",
            "http://user:secret@api.migo.pe",
            "http://localhost\\@api.example.com",
            " https://api.migo.pe",
            "https://api.migo.pe/#a",
            "https://api.migo.pe/?a=b",
            "https://api.mi go.pe",
            "https://api.migo.pe:99999",
        ] {
            assert!(HttpUrl::try_new(text, false).is_err(), "{text}");
        }
        assert!(HttpUrl::try_new("https://mirror.example.com/a.zip?key=1", true).is_ok());
    }

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        for (text, shown) in [
            ("memory:", "memory:"),
            ("sqlite:chasqui.db", "sqlite:chasqui.db"),
            ("redis://localhost:6379/0", "redis://localhost:6379/0"),
            ("redis://:hunter2@localhost", "redis://********@localhost"),
            ("postgres://u:p@host/db", "postgres://********@host/db"),
            ("postgres://u:p@/?w@host/db?password=x", "postgres://********@host/db?********"),
            ("postgres://host/db?password=x", "postgres://host/db?********"),
        ] {
            assert_eq!(masked(text), shown);
        }
        let mirror = HttpUrl::try_new("https://mirror.example.com/a.zip?key=hunter2", true).unwrap();
        assert_eq!(format!("{mirror:?}"), "HttpUrl(https://mirror.example.com/a.zip?********)");
        assert!(mirror.as_str().ends_with("?key=hunter2"));
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_more() {
        assert_eq!(host("Chasqui.Example.com"), Ok("chasqui.example.com".to_owned()));
        assert_eq!(host("[::1]"), Ok("[::1]".to_owned()));
        for text in ["", "*", "*.example.com", "example.com:80", "http://example.com", "a/b", "a b", "a@b"] {
            assert!(host(text).is_err(), "{text}");
        }
    }
}
