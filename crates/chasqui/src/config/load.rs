//! Layer over layer, the strongest value of each key, and everything that is wrong in any layer.
//!
//! A weaker layer's value is checked too: a mistake in the file does not wait until the variable over it is gone.

use std::collections::{HashMap, HashSet};

use secrecy::ExposeSecret;

use super::document;
use super::origin::{Origin, SecretFile, Sources};
use super::problem::{Problem, Problems};
use super::reading::{self, Raw, Reading, choice, optional};
use super::registry::{Key, registry};
use super::sections::{
    Auth, BreakerConfig, CacheConfig, Config, LogConfig, LogFormat, LookupConfig, MigoApi, MigoConfig, MigoLimits,
    MigoPlan, PadronConfig, SandboxConfig, SandboxMode, ServerConfig, StoreConfig, WhenMissing,
};
use super::suggestion::nearest_key;

/// A configuration, and where each part of it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// One per key, in the order of the registry.
    pub settings: Vec<Setting>,
}

/// What one key is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key, as a path with dots.
    pub key: &'static str,
    /// Its value, written as in an environment variable, with secrets masked; empty where there is none.
    pub shown: String,
    /// Where it came from.
    pub origin: Origin,
}

/// The variable that sets `log.filter` under a name of its own.
const LOG_VARIABLE: &str = "CHASQUI_LOG";

// === impl Config ===

impl Config {
    /// Reads and checks everything, and tells all problems at once.
    pub fn load(sources: &Sources) -> Result<Loaded, Problems> {
        let mut layers =
            Layers { is_file_read: true, values: HashMap::new(), problems: Vec::new(), refused: HashSet::new() };
        if let Some((path, text)) = sources.file {
            layers.add_file(path, text);
        }
        layers.add_environment(&sources.env, &sources.secret_files);
        for (flag, path, value) in &sources.flags {
            layers.add_flag(flag, path, value);
        }
        let config = layers.config();
        if layers.is_file_read {
            layers.check_rules(&config);
        }
        if layers.problems.is_empty() {
            let settings = layers.settings(&config);
            Ok(Loaded { config, settings })
        } else {
            Err(Problems::from_unsorted(layers.problems))
        }
    }

    /// What holds when nothing is set.
    pub fn default_config() -> Self {
        Self::load(&Sources::default()).expect("a test loads the defaults").config
    }
}

/// What each key is set to, from weak to strong.
pub(super) struct Layers {
    /// Whether the file could be taken apart; rules cannot judge what it may have said otherwise.
    is_file_read: bool,
    values: HashMap<&'static str, Vec<(Raw, Origin)>>,
    problems: Vec<Problem>,
    /// Keys whose value is a stand-in, because what was given is wrong.
    refused: HashSet<&'static str>,
}

// === impl Layers ===

impl Layers {
    fn add(&mut self, key: &'static Key, raw: Raw, origin: Origin) {
        self.values.entry(key.path).or_default().push((raw, origin));
    }

    fn add_file(&mut self, path: &str, text: &str) {
        let (values, problems) = document::read(path, text);
        self.is_file_read = problems.iter().all(|problem| problem.key.is_some());
        self.problems.extend(problems);
        for (key, raw, origin) in values {
            self.add(key, raw, origin);
        }
    }

    fn add_environment(&mut self, pairs: &[(String, String)], files: &[SecretFile]) {
        let set = |variable: &str| pairs.iter().rev().find(|(name, _)| name == variable).map(|(_, value)| value);
        let mut known = HashSet::new();
        for key in registry() {
            let variable = key.variable();
            let value = set(&variable);
            if let Some(value) = value {
                self.add(key, Raw::Plain(value.clone()), Origin::Env { variable: variable.clone() });
            }
            if let Some(file_variable) = key.file_variable() {
                let file = files.iter().rev().find(|file| file.variable == file_variable);
                self.add_secret_file(key, value.is_some(), set(&file_variable).is_some(), file, &file_variable);
                known.insert(file_variable);
            }
            if key.path == "log.filter"
                && let Some(short) = set(LOG_VARIABLE)
            {
                if value.is_some() {
                    self.both(key, LOG_VARIABLE, &variable);
                }
                self.add(key, Raw::Plain(short.clone()), Origin::Env { variable: LOG_VARIABLE.to_owned() });
            }
            known.insert(variable);
        }
        for (variable, _) in pairs {
            let Some(name) = variable.strip_prefix("CHASQUI_") else { continue };
            if known.contains(variable) {
                continue;
            }
            // Names without the double underline are not ours alone: Kubernetes sets CHASQUI_PORT for a service.
            // One that spells a key but for an underline is ours, though, and ignoring it would lose a token.
            let spelt = known.iter().find(|known| known.replace("__", "_") == variable.replace("__", "_"));
            if spelt.is_some() || name.contains("__") {
                self.problems.push(unknown_variable(variable, name, spelt));
            }
        }
    }

    fn add_secret_file(
        &mut self,
        key: &'static Key,
        has_value: bool,
        is_named: bool,
        file: Option<&SecretFile>,
        variable: &str,
    ) {
        if has_value && (is_named || file.is_some()) {
            self.both(key, &key.variable(), variable);
        }
        match file {
            Some(SecretFile { variable, path, contents }) => {
                let origin = Origin::SecretFile { variable: variable.clone(), path: path.clone() };
                match contents {
                    // Editors and `echo` end a file with a line break, which is no part of the secret.
                    Ok(secret) => {
                        let text = secret.expose_secret().trim_end_matches(['\r', '\n']).to_owned();
                        self.add(key, Raw::Text(text), origin);
                    }
                    Err(reason) => self.refuse(key, origin, format!("the file cannot be read: {reason}")),
                }
            }
            None if is_named => {
                let origin = Origin::Env { variable: variable.to_owned() };
                self.refuse(key, origin, "the file that it names was not read".to_owned());
            }
            None => {}
        }
    }

    fn add_flag(&mut self, flag: &str, path: &str, value: &str) {
        let origin = Origin::Flag { flag: flag.to_owned() };
        if let Some(key) = registry().iter().find(|key| key.path == path) {
            return self.add(key, Raw::Plain(value.to_owned()), origin);
        }
        let file = document::file_variable(path).map(|variable| document::named_by(&variable));
        self.problems.push(Problem::new(origin, path, file.unwrap_or_else(|| "unknown key".to_owned())));
    }

    fn both(&mut self, key: &'static Key, one: &str, other: &str) {
        let origin = Origin::Env { variable: other.to_owned() };
        self.refuse(key, origin, format!("set either {one} or {other}, not both"));
    }

    fn refuse(&mut self, key: &'static Key, origin: Origin, message: String) {
        self.refused.insert(key.path);
        self.problems.push(Problem::new(origin, key.path, message));
    }

    /// The strongest value of a key that is right; its default if none is.
    fn take<T>(&mut self, path: &'static str, read: impl Fn(&Key, &Raw) -> Reading<T>) -> T {
        self.given(path, &read).unwrap_or_else(|| {
            let key = key(path);
            let default = read(key, &Raw::Plain(key.default.to_owned()));
            default.unwrap_or_else(|_| unreachable!("a test loads the defaults, {path} included"))
        })
    }

    /// The strongest value of a key that is right, if it is set at all.
    fn given<T>(&mut self, path: &'static str, read: impl Fn(&Key, &Raw) -> Reading<T>) -> Option<T> {
        let key = key(path);
        let mut strongest = None;
        for (raw, origin) in self.values.get(path).cloned().unwrap_or_default() {
            match read(key, &raw) {
                Ok(value) => strongest = Some(value),
                Err(refusal) => self.refuse(key, origin, refusal.sentence(key, &raw)),
            }
        }
        strongest
    }

    /// Where the value of a key came from.
    pub(super) fn origin(&self, path: &str) -> Origin {
        self.values.get(path).and_then(|values| values.last()).map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    /// Whether the value of a key is what was given, so that a rule may judge it.
    pub(super) fn is_sound(&self, path: &str) -> bool {
        !self.refused.contains(path)
    }

    /// Reports a rule between keys; the blame goes to the first of them that was set by someone.
    pub(super) fn report(&mut self, paths: &[&'static str], message: String) {
        let places = paths.iter().map(|path| (*path, self.origin(path)));
        let (path, origin) = places
            .reduce(|first, next| if first.1 == Origin::Default { next } else { first })
            .expect("a rule names its keys");
        self.problems.push(Problem::new(origin, path, message));
    }

    fn config(&mut self) -> Config {
        Config {
            server: self.server(),
            log: LogConfig {
                filter: self.take("log.filter", reading::filter),
                format: self.take("log.format", choice(LogFormat::WORDS, LogFormat::from_word)),
                file: self.take("log.file", optional(reading::path)),
            },
            store: StoreConfig { url: self.take("store.url", reading::store_url) },
            cache: self.cache(),
            padron: self.padron(),
            lookup: LookupConfig {
                ruc: self.take("lookup.ruc", reading::source_names),
                dni: self.take("lookup.dni", reading::source_names),
                rate: self.take("lookup.rate", reading::source_names),
                deadline: self.take("lookup.deadline", reading::duration),
                waves: self.take("lookup.waves", reading::counted),
            },
            breaker: BreakerConfig {
                failures: self.take("breaker.failures", reading::count),
                within: self.take("breaker.within", reading::duration),
                rest: self.take("breaker.rest", reading::duration),
                max_rest: self.take("breaker.max_rest", reading::duration),
                auth_rest: self.take("breaker.auth_rest", reading::duration),
            },
            migo: self.migo(),
            sandbox: SandboxConfig {
                enabled: self.take("sandbox.enabled", choice(SandboxMode::WORDS, SandboxMode::from_word)),
                limits: self.take("sandbox.limits", reading::limit),
            },
        }
    }

    fn server(&mut self) -> ServerConfig {
        ServerConfig {
            listen: self.take("server.listen", reading::address),
            auth: self.take("server.auth", choice(Auth::WORDS, Auth::from_word)),
            allowed_hosts: self.take("server.allowed_hosts", reading::hosts),
            max_in_flight: self.take("server.max_in_flight", reading::counted),
            max_body: self.take("server.max_body", reading::size),
            shutdown: self.take("server.shutdown", reading::duration),
            operations: self.take("server.operations", optional(reading::address)),
        }
    }

    fn cache(&mut self) -> CacheConfig {
        let stale_for = self.take("cache.stale_for", reading::duration);
        CacheConfig {
            url: self.take("cache.url", reading::cache_url),
            capacity: self.take("cache.capacity", reading::size),
            found_ttl: self.take("cache.found_ttl", reading::duration),
            absent_ttl: self.take("cache.absent_ttl", reading::duration),
            person_ttl: self.take("cache.person_ttl", reading::duration),
            default_ttl: self.take("cache.default_ttl", reading::duration),
            stale_for,
            revalidate_for: self.take("cache.revalidate_for", reading::duration).min(stale_for),
        }
    }

    fn padron(&mut self) -> PadronConfig {
        PadronConfig {
            dir: self.take("padron.dir", reading::path),
            max_age: self.take("padron.max_age", reading::duration),
            absent: self.take("padron.absent", choice(WhenMissing::WORDS, WhenMissing::from_word)),
            mirrors: self.take("padron.mirrors", reading::http_urls),
            lists: self.take("padron.lists", reading::base_urls),
            keep: self.take("padron.keep", reading::counted),
            names: self.take("padron.names", reading::boolean),
            search_persons: self.take("padron.search_persons", reading::boolean),
        }
    }

    fn migo(&mut self) -> MigoConfig {
        let plan = self.take("migo.plan", choice(MigoPlan::WORDS, MigoPlan::from_word));
        let planned = MigoLimits::of(plan);
        let mut limit = |path, planned| self.take(path, reading::limit).unwrap_or(planned);
        let ruc = limit("migo.limits.ruc", planned.ruc);
        let limits = MigoLimits {
            ruc,
            dni: limit("migo.limits.dni", planned.dni),
            batch: limit("migo.limits.batch", planned.batch),
            rate: limit("migo.limits.rate", planned.rate),
            cpe: limit("migo.limits.cpe", planned.cpe),
            account: limit("migo.limits.account", ruc),
        };
        MigoConfig {
            token: self.given("migo.token", reading::token),
            base_url: self.take("migo.base_url", reading::http_url),
            api: self.take("migo.api", choice(MigoApi::WORDS, MigoApi::from_word)),
            timeout: self.take("migo.timeout", reading::duration),
            retries: self.take("migo.retries", reading::count),
            retry_base: self.take("migo.retry_base", reading::duration),
            plan,
            limits,
        }
    }

    fn settings(&self, config: &Config) -> Vec<Setting> {
        let limits = &config.migo.limits;
        let setting = |key: &'static Key| {
            let values = self.values.get(key.path).and_then(|values| values.last());
            let mut shown = match values {
                Some((raw, _)) => raw.setting(key),
                None => Raw::Plain(key.default.to_owned()).setting(key),
            };
            if shown.is_empty() {
                let planned = match key.path {
                    "migo.limits.ruc" => Some(limits.ruc),
                    "migo.limits.dni" => Some(limits.dni),
                    "migo.limits.batch" => Some(limits.batch),
                    "migo.limits.rate" => Some(limits.rate),
                    "migo.limits.cpe" => Some(limits.cpe),
                    "migo.limits.account" => Some(limits.account),
                    _ => None,
                };
                shown = planned.map(|limit| limit.to_string()).unwrap_or_default();
            }
            Setting { key: key.path, shown, origin: self.origin(key.path) }
        };
        registry().iter().map(setting).collect()
    }
}

fn key(path: &str) -> &'static Key {
    registry().iter().find(|key| key.path == path).expect("only keys of the registry are asked for")
}

fn unknown_variable(variable: &str, name: &str, spelt: Option<&String>) -> Problem {
    let path = name.to_ascii_lowercase().replace("__", ".");
    let plain = path.strip_suffix("_file").and_then(|path| registry().iter().find(|key| key.path == path));
    let meant = spelt.cloned().or_else(|| nearest_key(&path).map(|path| key(path).variable()));
    let message = match (plain, meant) {
        (Some(key), _) => format!("only a secret is read from a file; set {}", key.variable()),
        (None, Some(meant)) => format!("unknown key; did you mean {meant}?"),
        (None, None) => "unknown key".to_owned(),
    };
    Problem::new(Origin::Env { variable: variable.to_owned() }, path, message)
}
