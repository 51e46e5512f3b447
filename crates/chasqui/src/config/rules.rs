//! What holds between keys: safe by default.
//!
//! Each rule is judged only when the values it weighs are the ones that were given, so that one mistake is one problem.

use super::load::{Layers, Loaded};
use super::origin::Origin;
use super::problem::Problem;
use super::registry::registry;
use super::sections::{Auth, Config, SandboxMode};

/// What to do instead of listening elsewhere.
const LOOPBACK_ONLY: &str =
    "this version listens on loopback only; put a proxy in front and name its host in server.allowed_hosts";

impl Layers {
    pub(super) fn check_rules(&mut self, config: &Config) {
        let (server, migo, breaker) = (&config.server, &config.migo, &config.breaker);
        if self.are_sound(&["server.listen", "server.auth"])
            && server.auth == Auth::Off
            && !server.listen.ip().is_loopback()
        {
            self.report(&["server.listen"], format!("{} is not loopback, and {LOOPBACK_ONLY}", server.listen));
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
    /// Whether a server can be started at all.
    ///
    /// # Errors
    /// With the first thing that is asked for and not built yet: a server must not start with less protection, or
    /// without an address, that somebody counts on.
    pub fn check_serving(&self) -> Result<(), Problem> {
        let problem =
            |key: &str, message| Err(Problem { origin: None, column: None, key: Some(key.to_owned()), message });
        if self.server.auth == Auth::Keys {
            let message = format!("server.auth = \"keys\" needs callers' keys, which come later; {LOOPBACK_ONLY}");
            return problem("server.auth", message);
        }
        if let Some(operations) = self.server.operations {
            let message = format!(
                "{operations} would be a listener of its own, which comes with callers' keys; leave the key out and \
                 ask {} for the operations routes",
                self.server.listen
            );
            return problem("server.operations", message);
        }
        Ok(())
    }

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

// === impl Loaded ===

impl Loaded {
    /// What somebody set although it does nothing yet, or keeps a server from starting, in the order of the registry.
    pub fn warnings(&self) -> Vec<Problem> {
        let set = self.settings.iter().filter(|setting| setting.origin != Origin::Default);
        let idle = set.filter_map(|setting| {
            let later = registry().iter().find(|key| key.path == setting.key)?.later;
            let message = match (setting.key, later) {
                ("server.operations", _) if setting.shown.is_empty() => return None,
                ("server.operations", _) => "`chasqui serve` refuses it: it comes with callers' keys".to_owned(),
                ("server.auth", _) if self.config.server.auth == Auth::Keys => {
                    format!("`chasqui serve` refuses \"keys\": callers' keys come later, and {LOOPBACK_ONLY}")
                }
                (_, Some(later)) => format!("does nothing yet: {later} comes later"),
                (_, None) => return None,
            };
            Some(Problem::new(setting.origin.clone(), setting.key, message))
        });
        idle.collect()
    }
}
