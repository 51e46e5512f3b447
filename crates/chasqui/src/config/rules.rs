//! What holds between keys: safe by default.
//!
//! Each rule is judged only when the values it weighs are the ones that were given, so that one mistake is one problem.

use super::load::Layers;
use super::problem::Problem;
use super::sections::{Auth, Config, SandboxMode};

impl Layers {
    pub(super) fn check_rules(&mut self, config: &Config) {
        let (server, migo, breaker) = (&config.server, &config.migo, &config.breaker);
        if self.are_sound(&["server.listen", "server.auth"])
            && server.auth == Auth::Off
            && !server.listen.ip().is_loopback()
        {
            let message = format!(
                "{} is not loopback, and server.auth = \"off\" lets everyone in; set it to \"keys\"",
                server.listen
            );
            self.report(&["server.listen"], message);
        }
        if self.is_sound("server.operations")
            && let Some(operations) = server.operations
        {
            if !operations.ip().is_loopback() {
                let message = format!("{operations} is not loopback, and these routes ask for no key there");
                self.report(&["server.operations"], message);
            } else if self.is_sound("server.listen") && operations.port() != 0 && operations == server.listen {
                self.report(&["server.operations"], format!("{operations} is taken by server.listen"));
            }
        }
        if self.are_sound(&["migo.token", "migo.base_url"])
            && migo.token.is_some()
            && !migo.base_url.is_encrypted()
            && !migo.base_url.is_loopback()
        {
            let message = "migo.token would travel readable over plain http; use https".to_owned();
            self.report(&["migo.base_url"], message);
        }
        if self.are_sound(&["breaker.rest", "breaker.max_rest"]) && breaker.max_rest < breaker.rest {
            let message =
                format!("breaker.rest, {:?}, is longer than breaker.max_rest, {:?}", breaker.rest, breaker.max_rest);
            self.report(&["breaker.max_rest", "breaker.rest"], message);
        }
    }

    fn are_sound(&self, paths: &[&str]) -> bool {
        paths.iter().all(|path| self.is_sound(path))
    }
}

impl Config {
    /// Whether the sandbox answers in MIGO's place; `serving` for a server, as opposed to one command.
    ///
    /// Never once MIGO has a token, and never where `sandbox.enabled = false`.
    /// A server off loopback would pass made-up taxpayers to others, so there `true` must be written out; without it
    /// this is a problem, not a quiet no.
    pub fn sandbox_allowed(&self, serving: bool) -> Result<bool, Problem> {
        if self.migo.token.is_some() {
            return Ok(false);
        }
        match self.sandbox.enabled {
            SandboxMode::True => Ok(true),
            SandboxMode::False => Ok(false),
            SandboxMode::Auto if !serving || self.server.listen.ip().is_loopback() => Ok(true),
            SandboxMode::Auto => Err(Problem {
                origin: None,
                column: None,
                key: Some("sandbox.enabled".to_owned()),
                message: format!(
                    "no provider has a token, and made-up answers are not given on {} unless you write \
                     sandbox.enabled = true; or set migo.token",
                    self.server.listen
                ),
            }),
        }
    }
}
