//! One request to a running server, and what its refusals mean here.
//!
//! Left out: meaning of the bodies; they are shown as they come.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::exit::{Exit, Failure, chain};
use crate::text::one_line;

/// A JSON body: as it came, and read.
pub(crate) struct Body {
    pub(crate) text: String,
    pub(crate) value: Value,
}

/// Talks to one server.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
}

// === impl Client ===

impl Client {
    /// The longest that the server may take.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A client of the server at `base`; nothing is sent yet.
    pub(crate) fn new(base: &str) -> Result<Self, Failure> {
        let base = base.trim_end_matches('/');
        let is_tls = base.starts_with("https://");
        if !is_tls && !base.starts_with("http://") {
            let advice = "expected a URL such as http://127.0.0.1:8080";
            return Err(Failure::new(Exit::Usage, format!("--server {}: {advice}", one_line(base))));
        }
        // Our own server is not behind the proxy that the way out to the world goes through.
        let mut http = reqwest::Client::builder().timeout(Self::PATIENCE).no_proxy();
        if !is_tls {
            http = http.tls_certs_only([]);
        }
        let http = http.build().map_err(|error| Failure::of(Exit::Unknown, &error.without_url()))?;
        Ok(Self { http, base: base.to_owned() })
    }

    /// Sends a request and reads the JSON of the answer.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Body, Failure> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).query(query);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| self.unreachable(error))?;
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            return Err(self.failed(&format!("answered with status {status} and something that is not JSON")));
        };
        // A problem has a code; a body with an unhappy status but without one is data all the same.
        match value["code"].as_str() {
            Some(code) if !status.is_success() => Err(self.refused(status, code, &value)),
            _ if status.is_success() || status == StatusCode::SERVICE_UNAVAILABLE => Ok(Body { text, value }),
            _ => Err(self.failed(&format!("answered with status {status}"))),
        }
    }

    fn unreachable(&self, error: reqwest::Error) -> Failure {
        let advice = "start it with `chasqui serve`, or name another one with --server";
        self.failed(&format!("does not answer: {}", chain(&error.without_url()))).advise(advice)
    }

    fn refused(&self, status: StatusCode, code: &str, problem: &Value) -> Failure {
        let detail = one_line(problem["detail"].as_str().unwrap_or_default());
        let exit = match status {
            StatusCode::NOT_FOUND if code != "no_such_route" => Exit::Absent,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Exit::Usage,
            _ => Exit::Unknown,
        };
        Failure::new(exit, format!("the server at {} says {}: {detail}", self.base, one_line(code)))
    }

    fn failed(&self, what: &str) -> Failure {
        Failure::new(Exit::Unknown, format!("the server at {} {what}", self.base))
    }
}
