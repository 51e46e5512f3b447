//! Loading from every side, driven by the registry, so that a key added there is tested here.

use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use super::*;

const TOKEN: &str = "tok3n-that-must-never-show-0123456789abcdef";

fn from_file(text: &str) -> Result<Loaded, Problems> {
    Config::load(&Sources { file: Some(("chasqui.toml", text)), ..Sources::default() })
}

fn from_env(pairs: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(&Sources { env, ..Sources::default() })
}

fn setting<'a>(loaded: &'a Loaded, key: &str) -> &'a Setting {
    loaded.settings.iter().find(|setting| setting.key == key).unwrap()
}

/// The report on a file.
fn report(text: &str) -> String {
    from_file(text).unwrap_err().to_string()
}

fn wrong_value(key: &Key) -> &'static str {
    match key.kind {
        Kind::Path { .. } => "a\u{7}b",
        Kind::Address { .. } => "somewhere",
        Kind::Filter => "inof",
        Kind::Choice(_) => "perhaps",
        Kind::Boolean => "yes",
        Kind::Count { .. } => "-1",
        Kind::Duration { .. } => "30",
        Kind::Size { .. } => "8",
        Kind::Limit { .. } => "900",
        Kind::HttpUrl | Kind::HttpUrls => "ftp://example.com",
        Kind::StoreUrl => "mysql://localhost/chasqui",
        Kind::CacheUrl => "memory",
        Kind::Token => "two words",
        Kind::Hosts => "https://example.com",
        Kind::SourceNames(_) => "sunat",
    }
}

#[test]
fn the_defaults_load_and_every_key_has_a_setting() {
    let loaded = Config::load(&Sources::default()).unwrap();
    let keys: Vec<_> = loaded.settings.iter().map(|setting| setting.key).collect();
    assert_eq!(keys, registry().iter().map(|key| key.path).collect::<Vec<_>>());
    assert!(loaded.settings.iter().all(|setting| setting.origin == Origin::Default));
}

#[test]
fn the_defaults_are_those_of_the_system_that_is_replaced() {
    let settings = Config::load(&Sources::default()).unwrap().settings;
    let shown: Vec<_> =
        settings.iter().map(|setting| format!("{} = {}", setting.key, setting.shown).trim_end().to_owned()).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    server.listen = 127.0.0.1:8080
    server.auth = off
    server.allowed_hosts =
    server.max_in_flight = 8192
    server.max_body = 8MiB
    server.shutdown = 20s
    server.operations =
    log.filter = info
    log.format = auto
    log.file =
    store.url = sqlite:chasqui.db
    cache.url = memory:
    cache.capacity = 256MiB
    cache.found_ttl = 1h
    cache.absent_ttl = 24h
    cache.person_ttl = 24h
    cache.default_ttl = 15m
    cache.stale_for = 24h
    cache.revalidate_for = 5m
    padron.dir = padron
    padron.max_age = 3d
    padron.absent = ask
    padron.mirrors = https://www2.sunat.gob.pe/padron_reducido_ruc.zip
    padron.lists = https://www.sunat.gob.pe
    padron.keep = 3
    padron.names = true
    padron.search_persons = false
    lookup.ruc = padron,migo
    lookup.dni = padron,migo
    lookup.rate = migo
    lookup.deadline = 30s
    lookup.waves = 10
    breaker.failures = 5
    breaker.within = 30s
    breaker.rest = 5s
    breaker.max_rest = 60s
    breaker.auth_rest = 10m
    migo.token =
    migo.base_url = https://api.migo.pe
    migo.api = v1
    migo.timeout = 30s
    migo.retries = 2
    migo.retry_base = 500ms
    migo.plan = basico
    migo.limits.ruc = 900/15m
    migo.limits.dni = 450/15m
    migo.limits.batch = 450/15m
    migo.limits.rate = 900/15m
    migo.limits.cpe = 900/15m
    migo.limits.account = 900/15m
    sandbox.enabled = auto
    sandbox.limits = none
    ");

    let Config { server, cache, lookup, migo, .. } = Config::default_config();
    assert_eq!((server.max_body, cache.capacity), (8 << 20, 256 << 20));
    assert_eq!((cache.found_ttl, cache.absent_ttl), (Duration::from_hours(1), Duration::from_hours(24)));
    assert_eq!((migo.timeout, migo.retry_base), (Duration::from_secs(30), Duration::from_millis(500)));
    assert_eq!(lookup.ruc, [SourceName::Padron, SourceName::Migo]);
    assert!(migo.token.is_none() && matches!(cache.url, CacheUrl::Memory));
}

#[test]
fn every_key_is_taken_from_the_file_and_changes_something() {
    let default = format!("{:?}", Config::default_config());
    for key in registry() {
        let text = format!("{} = {}\n", key.path, key.toml(key.example));
        let loaded = from_file(&text).unwrap_or_else(|problems| panic!("{problems}"));
        let setting = setting(&loaded, key.path);
        assert_eq!(setting.origin, Origin::File { path: "chasqui.toml".to_owned(), line: 1 }, "{}", key.path);
        assert_eq!(setting.shown, shown(key), "{}", key.path);
        if key.example != key.default {
            assert_ne!(format!("{:?}", loaded.config), default, "{}", key.path);
        }
    }
}

#[test]
fn every_key_is_taken_from_its_variable_and_from_a_flag_as_from_the_file() {
    for key in registry() {
        let file = format!("{} = {}\n", key.path, key.toml(key.example));
        let expected = format!("{:?}", from_file(&file).unwrap().config);

        let env = vec![(key.variable(), key.example.to_owned())];
        let loaded =
            Config::load(&Sources { env, ..Sources::default() }).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(setting(&loaded, key.path).origin, Origin::Env { variable: key.variable() });
        assert_eq!(setting(&loaded, key.path).shown, shown(key), "{}", key.path);
        assert_eq!(format!("{:?}", loaded.config), expected, "{}", key.path);

        let flags = vec![("--it".to_owned(), key.path.to_owned(), key.example.to_owned())];
        let loaded = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
        assert_eq!(setting(&loaded, key.path).origin, Origin::Flag { flag: "--it".to_owned() });
        assert_eq!(format!("{:?}", loaded.config), expected, "{}", key.path);
    }
}

fn shown(key: &Key) -> String {
    match key.path {
        "migo.token" => "********".to_owned(),
        "store.url" => "postgres://********@localhost/chasqui".to_owned(),
        _ => key.example.to_owned(),
    }
}

#[test]
fn every_key_refuses_a_wrong_value_and_a_wrong_type_wherever_it_comes_from() {
    for key in registry() {
        let wrong = wrong_value(key);
        let in_file = if key.kind == Kind::Boolean { format!("\"{wrong}\"") } else { key.toml(wrong) };
        for value in [in_file.as_str(), "1979-05-27", "1.5", "{ a = 1 }", "[[]]"] {
            let problems = from_file(&format!("\n{} = {value}", key.path)).unwrap_err();
            let problem = problems.iter().next().unwrap();
            assert_eq!(problem.key(), Some(key.path), "{value}");
            let place = Origin::File { path: "chasqui.toml".to_owned(), line: 2 };
            assert_eq!(problem.origin(), Some(&place), "{}", key.path);
            assert_eq!(problems.iter().count(), 1, "{problems}");
        }
        let problems = from_env(&[(&key.variable(), wrong)]).unwrap_err();
        assert_eq!(problems.iter().map(Problem::key).collect::<Vec<_>>(), [Some(key.path)]);
        assert!(problems.to_string().starts_with(&format!("{}: {}: ", key.variable(), key.path)), "{problems}");
        let flags = vec![("--it".to_owned(), key.path.to_owned(), wrong.to_owned())];
        let problems = Config::load(&Sources { flags, ..Sources::default() }).unwrap_err();
        assert!(problems.to_string().starts_with(&format!("--it: {}: ", key.path)), "{problems}");
    }
}

#[test]
fn a_bad_file_is_reported_whole_line_by_line() {
    let text = r#"
lisen = "127.0.0.1:1"
[server]
listen = "x"
auth = true
allowed_hosts = ["a.example.com", "http://b"]
max_in_flight = 0
max_body = 8
shutdown = 20
max-body = "1MiB"
[log]
filter = "inof"
format = "xml"
[store]
url = "mysql://root:hunter2@localhost/db"
[cache]
url = "redis:hunter2"
capacity = "1KiB"
found_ttl = "one hour"
[lookup]
ruc = ["padron", "sunat"]
dni = []
rate = ["padron"]
waves = "ten"
[breaker]
rest = "2m"
[migo]
token = "hunter2 hunter2"
base_url = "https://me:hunter2@api.migo.pe"
timeout = "0s"
plan = "gold"
[migo.limits]
ruc = "900"
bulk = "1/1s"
[nubefact]
token = "hunter2"
"#;
    let report = report(text);
    assert!(!report.contains("hunter2"));
    insta::assert_snapshot!(report, @r#"
    chasqui.toml:2: lisen: unknown key; did you mean server.listen?
    chasqui.toml:4: server.listen: expected HOST:PORT, where HOST is an IP address or localhost, found "x"
    chasqui.toml:5: server.auth: expected off or keys, in quotes, found true
    chasqui.toml:6: server.allowed_hosts: expected a host name without scheme, port or path, found "http://b"
    chasqui.toml:7: server.max_in_flight: expected a whole number from 1 to 1000000, found 0
    chasqui.toml:8: server.max_body: a bare number has no unit: expected a size such as 512KiB, 8MiB or 1GB, found 8
    chasqui.toml:9: server.shutdown: a bare number has no unit: expected a time such as 500ms, 30s, 1h or 3d, found 20
    chasqui.toml:10: server.max-body: unknown key; did you mean server.max_body?
    chasqui.toml:12: log.filter: expected off, error, warn, info, debug, trace or TARGET=LEVEL, found "inof"
    chasqui.toml:13: log.format: expected auto, text or json, found "xml"
    chasqui.toml:15: store.url: expected sqlite:PATH or postgres://HOST/DATABASE (value hidden)
    chasqui.toml:17: cache.url: expected memory:, redis://HOST, rediss://HOST or memcache://HOST (value hidden)
    chasqui.toml:18: cache.capacity: expected 1MiB to 1TiB, found "1KiB"
    chasqui.toml:19: cache.found_ttl: expected a time such as 500ms, 30s, 1h or 3d, found "one hour"
    chasqui.toml:21: lookup.ruc: expected padron or migo, found "sunat"
    chasqui.toml:22: lookup.dni: expected at least one source, found an empty list
    chasqui.toml:23: lookup.rate: expected migo, found "padron"
    chasqui.toml:24: lookup.waves: expected a whole number from 1 to 1000, without quotes, found "ten"
    chasqui.toml:26: breaker.rest: breaker.rest, 120s, is longer than breaker.max_rest, 60s
    chasqui.toml:28: migo.token: expected a token of visible ASCII characters, without blanks (value hidden)
    chasqui.toml:29: migo.base_url: expected a URL without user name and password (value hidden)
    chasqui.toml:30: migo.timeout: expected a time longer than zero, found "0s"
    chasqui.toml:31: migo.plan: expected basico, empresa or premium, found "gold"
    chasqui.toml:33: migo.limits.ruc: expected CALLS/TIME, such as 900/15m, found "900"
    chasqui.toml:34: migo.limits.bulk: unknown key
    chasqui.toml:35: nubefact: unknown section
    "#);
}

#[test]
fn all_layers_are_reported_at_once_and_a_weaker_mistake_is_not_hidden() {
    let sources = Sources {
        file: Some(("/etc/chasqui.toml", "[server]\nlisten = 8080\n")),
        env: vec![
            ("CHASQUI_SERVER__LISTEN".to_owned(), "127.0.0.1:9".to_owned()),
            ("CHASQUI_CACHE__CAPACTIY".to_owned(), "1GiB".to_owned()),
            ("CHASQUI_MIGO__LIMITS__BULK".to_owned(), "1/1s".to_owned()),
            ("CHASQUI_SERVER__LISTEN_FILE".to_owned(), "/run/listen".to_owned()),
        ],
        flags: vec![("--workers".to_owned(), "server.workers".to_owned(), "4".to_owned())],
        ..Sources::default()
    };
    insta::assert_snapshot!(Config::load(&sources).unwrap_err(), @"
    /etc/chasqui.toml:2: server.listen: expected a text in quotes, found 8080
    CHASQUI_CACHE__CAPACTIY: cache.capactiy: unknown key; did you mean CHASQUI_CACHE__CAPACITY?
    CHASQUI_MIGO__LIMITS__BULK: migo.limits.bulk: unknown key
    CHASQUI_SERVER__LISTEN_FILE: server.listen_file: only a secret is read from a file; set CHASQUI_SERVER__LISTEN
    --workers: server.workers: unknown key
    ");
}

#[test]
fn a_file_that_is_not_toml_is_reported_with_line_and_column_and_without_its_text() {
    insta::assert_snapshot!(
        report("[server]\nlisten = \"127.0.0.1:80\n"),
        @r#"chasqui.toml:2:23: not TOML: invalid basic string, expected `"`"#
    );
    insta::assert_snapshot!(
        report("[server]\nauth = \"off\"\nauth = \"keys\"\n"),
        @"chasqui.toml:3:1: not TOML: duplicate key"
    );
    for text in [
        format!("[migo]\ntoken = {TOKEN}\n"),
        format!("[migo]\ntoken = \"{TOKEN}\n"),
        format!("[migo]\ntoken \"{TOKEN}\"\n"),
        format!("[migo]\ntoken = '{TOKEN}' '{TOKEN}'\n"),
        format!("[migo]\ntoken = \"{TOKEN}\\q\"\n"),
    ] {
        let report = report(&text);
        assert!(report.starts_with("chasqui.toml:2:"), "{report}");
        assert!(!report.contains("tok3n"), "{report}");
    }
}

#[test]
fn an_unreadable_file_is_not_blamed_for_what_it_may_have_said() {
    let sources = Sources {
        file: Some(("chasqui.toml", "[server]\nauth = \"keys\"\n[")),
        env: vec![("CHASQUI_SERVER__LISTEN".to_owned(), "0.0.0.0:80".to_owned())],
        ..Sources::default()
    };
    assert_eq!(Config::load(&sources).unwrap_err().iter().count(), 1);
}

#[test]
fn sections_can_be_written_in_every_way_that_toml_has() {
    for text in [
        "[migo.limits]\nruc = \"1/1s\"",
        "[migo]\nlimits.ruc = \"1/1s\"",
        "[migo]\nlimits = { ruc = \"1/1s\" }",
        "migo.limits.ruc = \"1/1s\"",
        "migo = { limits = { ruc = \"1/1s\" } }",
    ] {
        let loaded = from_file(text).unwrap();
        assert_eq!(setting(&loaded, "migo.limits.ruc").shown, "1/1s", "{text}");
    }
    assert_eq!(report("server = 3"), "chasqui.toml:1: server: expected a section, found a number");
    assert_eq!(
        report("[[server]]\nlisten = 1"),
        "chasqui.toml:1: server: expected a section, found a list of sections"
    );
    assert_eq!(report("\n[servr]\nlisten = 1"), "chasqui.toml:2: servr: unknown section; did you mean server?");
    assert_eq!(report("\"a\\u0007\\nb\" = 1"), "chasqui.toml:1: a\\u{7}\\nb: unknown key");
}

#[test]
fn a_stronger_layer_wins_and_says_so() {
    let sources = Sources {
        file: Some(("chasqui.toml", "[cache]\nfound_ttl = \"2h\"\nabsent_ttl = \"2h\"\nperson_ttl = \"2h\"\n")),
        env: vec![
            ("CHASQUI_CACHE__ABSENT_TTL".to_owned(), "3h".to_owned()),
            ("CHASQUI_CACHE__PERSON_TTL".to_owned(), "3h".to_owned()),
        ],
        flags: vec![("--person-ttl".to_owned(), "cache.person_ttl".to_owned(), "4h".to_owned())],
        ..Sources::default()
    };
    let loaded = Config::load(&sources).unwrap();
    let shown: Vec<_> = loaded.settings[13..17]
        .iter()
        .map(|setting| format!("{} = {} ({})", setting.key, setting.shown, setting.origin))
        .collect();
    assert_eq!(
        shown,
        [
            "cache.found_ttl = 2h (chasqui.toml:2)",
            "cache.absent_ttl = 3h (CHASQUI_CACHE__ABSENT_TTL)",
            "cache.person_ttl = 4h (--person-ttl)",
            "cache.default_ttl = 15m (default)",
        ]
    );
}

#[test]
fn the_short_variable_sets_the_log_filter() {
    let loaded = from_env(&[("CHASQUI_LOG", "debug")]).unwrap();
    assert_eq!(loaded.config.log.filter, "debug");
    assert_eq!(setting(&loaded, "log.filter").origin, Origin::Env { variable: "CHASQUI_LOG".to_owned() });
    assert!(from_env(&[("CHASQUI_LOG", "debug"), ("CHASQUI_LOG__FILTER", "info")]).is_err());
    assert!(from_env(&[("CHASQUI_LOG", "loud")]).is_err());
}

#[test]
fn variables_that_are_not_keys_by_their_shape_are_left_alone() {
    let pairs = [("CHASQUI_CONFIG", "a.toml"), ("CHASQUI_PORT", "tcp://10.0.0.1:80"), ("HOME__X", "y")];
    assert!(from_env(&pairs).is_ok());
}

#[test]
fn a_variable_with_one_underline_too_few_does_not_pass_for_set() {
    for (variable, meant) in [
        ("CHASQUI_MIGO_TOKEN", "CHASQUI_MIGO__TOKEN"),
        ("CHASQUI_MIGO_TOKEN_FILE", "CHASQUI_MIGO__TOKEN_FILE"),
        ("CHASQUI_MIGO_LIMITS__RUC", "CHASQUI_MIGO__LIMITS__RUC"),
        ("CHASQUI_SERVER_MAX_BODY", "CHASQUI_SERVER__MAX_BODY"),
    ] {
        let report = from_env(&[(variable, "x")]).unwrap_err().to_string();
        assert_eq!(report.lines().count(), 1);
        assert!(report.ends_with(&format!("did you mean {meant}?")), "{report}");
    }
}

fn secret_file(variable: &str, contents: Result<&str, &str>) -> SecretFile {
    SecretFile {
        variable: variable.to_owned(),
        path: "/run/secrets/it".to_owned(),
        contents: contents.map(SecretString::from).map_err(str::to_owned),
    }
}

#[test]
fn a_secret_is_read_from_a_file_without_its_last_line_break() {
    assert_eq!(
        secret_file_variables().collect::<Vec<_>>(),
        ["CHASQUI_STORE__URL_FILE", "CHASQUI_CACHE__URL_FILE", "CHASQUI_MIGO__TOKEN_FILE"]
    );
    let load = |files: Vec<SecretFile>, env: &[(&str, &str)]| {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::load(&Sources { secret_files: files, env, ..Sources::default() })
    };
    let named = ("CHASQUI_MIGO__TOKEN_FILE", "/run/secrets/it");
    let with_break = format!("{TOKEN}\r\n");
    let loaded = load(vec![secret_file(named.0, Ok(&with_break))], &[named]).unwrap();
    assert_eq!(loaded.config.migo.token.as_ref().unwrap().expose_secret(), TOKEN);
    let setting = setting(&loaded, "migo.token");
    assert_eq!(
        (setting.shown.as_str(), setting.origin.to_string().as_str()),
        ("********", "CHASQUI_MIGO__TOKEN_FILE (/run/secrets/it)")
    );

    for (file, env, expected) in [
        (vec![secret_file(named.0, Err("no such file"))], vec![named], "the file cannot be read: no such file"),
        (vec![secret_file(named.0, Ok("\n"))], vec![named], "expected a token that is not blank"),
        (vec![], vec![named], "the file that it names was not read"),
        (vec![secret_file(named.0, Ok(TOKEN))], vec![named, ("CHASQUI_MIGO__TOKEN", TOKEN)], "not both"),
        (vec![], vec![("CHASQUI_MIGO__TOKEN", "")], "expected a token that is not blank"),
    ] {
        let problems = load(file, &env).unwrap_err().to_string();
        assert!(problems.contains(expected), "{problems}");
        assert!(!problems.contains(TOKEN), "{problems}");
    }
}

#[test]
fn no_secret_shows_anywhere() {
    let text = format!(
        "[migo]\ntoken = \"{TOKEN}\"\n[store]\nurl = \"postgres://me:{TOKEN}@host/db\"\n\
         [cache]\nurl = \"redis://:{TOKEN}@host\"\n\
         [padron]\nmirrors = [\"https://m.example.com/a?key={TOKEN},{TOKEN}\"]\n"
    );
    let loaded = from_file(&text).unwrap();
    let shown = format!("{loaded:?} {:#?}", loaded.config);
    assert!(!shown.contains("tok3n"), "{shown}");
    let store = setting(&loaded, "store.url");
    assert_eq!(store.shown, "postgres://********@host/db");

    let sources = Sources {
        file: Some(("chasqui.toml", &text)),
        env: vec![("CHASQUI_MIGO__TOKEN".to_owned(), TOKEN.to_owned())],
        flags: vec![("--token".to_owned(), "migo.token".to_owned(), TOKEN.to_owned())],
        secret_files: vec![secret_file("CHASQUI_MIGO__TOKEN_FILE", Ok(TOKEN))],
    };
    let shown = format!("{sources:?} {:?} {}", Config::load(&sources), Config::load(&sources).unwrap_err());
    assert!(!shown.contains("tok3n"), "{shown}");

    for (key, value) in [
        ("migo.token", format!("\"{TOKEN} {TOKEN}\"")),
        ("migo.token", format!("[\"{TOKEN}\"]")),
        ("migo.token", format!("\"{TOKEN}\\u0000\"")),
        ("store.url", format!("\"mysql://me:{TOKEN}@host\"")),
        ("store.url", format!("\"{TOKEN}\"")),
        ("cache.url", format!("\"redis:/{TOKEN}\"")),
        ("migo.base_url", format!("\"https://{TOKEN}@api.migo.pe\"")),
        ("migo.base_url", format!("\"https://api.migo.pe/?token={TOKEN}\"")),
        ("padron.mirrors", format!("[\"ftp://me:{TOKEN}@host\"]")),
        ("padron.lists", format!("[\"https://host/?key={TOKEN}\"]")),
    ] {
        let problems = from_file(&format!("{key} = {value}")).unwrap_err();
        let shown = format!("{problems} {problems:?}");
        assert!(!shown.contains("tok3n"), "{shown}");
    }
}

#[test]
fn an_open_server_stays_on_loopback() {
    for listen in ["0.0.0.0:80", "[::]:80", "10.0.0.7:80", "[::ffff:127.0.0.1]:80"] {
        let problems = from_file(&format!("[server]\n\nlisten = \"{listen}\"")).unwrap_err().to_string();
        assert_eq!(
            problems,
            format!(
                "chasqui.toml:3: server.listen: {listen} is not loopback, and this version listens on loopback only; \
                 put a proxy in front and name its host in server.allowed_hosts"
            )
        );
        assert!(from_file(&format!("[server]\nauth = \"keys\"\nlisten = \"{listen}\"")).is_ok());
    }
    for listen in ["127.0.0.1:80", "127.1.2.3:0", "[::1]:80", "localhost:80"] {
        assert!(from_file(&format!("server.listen = \"{listen}\"")).is_ok(), "{listen}");
    }
}

#[test]
fn operations_without_a_key_stay_on_a_loopback_address_of_their_own() {
    assert!(from_file("server.operations = \"127.0.0.1:9090\"").is_ok());
    assert!(from_file("server.operations = \"\"").unwrap().config.server.operations.is_none());
    assert!(report("server.operations = \"0.0.0.0:9090\"").contains("not loopback"));
    assert!(report("server.operations = \"127.0.0.1:8080\"").contains("taken by server.listen"));
}

#[test]
fn what_a_server_cannot_keep_yet_is_accepted_warned_about_and_not_served() {
    for (text, expected) in [
        ("server.auth = \"keys\"", "server.auth: server.auth = \"keys\" needs callers' keys, which come later; "),
        ("server.operations = \"127.0.0.1:9090\"", "server.operations: 127.0.0.1:9090 would be a listener of its own"),
    ] {
        let loaded = from_file(text).unwrap();
        let problem = loaded.config.check_serving().unwrap_err().to_string();
        assert!(problem.starts_with(expected), "{problem}");
        let warnings = loaded.warnings();
        assert!(matches!(&warnings[..], [warning] if warning.message().starts_with("`chasqui serve` refuses")));
    }
    assert!(Config::default_config().check_serving().is_ok());
    let loaded = from_file("server.auth = \"off\"\nserver.operations = \"\"\n").unwrap();
    assert_eq!(loaded.warnings(), []);
}

#[test]
fn a_key_that_does_nothing_yet_is_warned_about_once_it_is_set() {
    assert_eq!(Config::load(&Sources::default()).unwrap().warnings(), []);
    for key in registry().iter().filter(|key| key.later.is_some()) {
        let loaded = from_file(&format!("{} = {}", key.path, key.toml(key.example))).unwrap();
        let warnings: Vec<_> = loaded.warnings().iter().map(ToString::to_string).collect();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].starts_with(&format!("chasqui.toml:1: {}: ", key.path)), "{warnings:?}");
    }
    let warnings = from_file("store.url = \"sqlite:other.db\"").unwrap().warnings();
    assert_eq!(warnings[0].to_string(), "chasqui.toml:1: store.url: does nothing yet: the store comes later");
}

#[test]
fn a_file_that_holds_a_secret_is_named_by_its_variable_alone() {
    let expected = "migo.token_file: a file is named by the variable CHASQUI_MIGO__TOKEN_FILE";
    assert_eq!(report("[migo]\ntoken_file = \"token\""), format!("chasqui.toml:2: {expected}"));
    let flags = vec![("--set migo.token_file".to_owned(), "migo.token_file".to_owned(), "token".to_owned())];
    let problems = Config::load(&Sources { flags, ..Sources::default() }).unwrap_err().to_string();
    assert_eq!(problems, format!("--set migo.token_file: {expected}"));
    assert!(report("migo.plan_file = \"x\"").contains("unknown key"));
}

#[test]
fn a_token_does_not_travel_readable() {
    let with = |base_url: &str| from_file(&format!("[migo]\ntoken = \"{TOKEN}\"\nbase_url = \"{base_url}\""));
    assert_eq!(
        with("http://api.migo.pe").unwrap_err().to_string(),
        "chasqui.toml:3: migo.base_url: migo.token would travel readable over plain http; use https"
    );
    for base_url in ["https://api.migo.pe", "http://127.0.0.1:9000", "http://localhost:9000/", "http://[::1]:9000"] {
        assert!(with(base_url).is_ok(), "{base_url}");
    }
    assert!(from_file("migo.base_url = \"http://api.migo.pe\"").is_ok());
}

#[test]
fn a_rest_is_not_longer_than_the_longest() {
    assert_eq!(
        report("breaker.rest = \"2m\""),
        "chasqui.toml:1: breaker.rest: breaker.rest, 120s, is longer than breaker.max_rest, 60s"
    );
    assert!(from_file("breaker.rest = \"60s\"").is_ok());
}

#[test]
fn a_plan_decides_the_limits_that_are_not_set() {
    let loaded = from_file("[migo]\nplan = \"premium\"\n[migo.limits]\nruc = \"100/1m\"").unwrap();
    let limits: Vec<_> = loaded.settings.iter().filter(|setting| setting.key.starts_with("migo.limits.")).collect();
    let shown: Vec<_> = limits.iter().map(|setting| setting.shown.as_str()).collect();
    assert_eq!(shown, ["100/1m", "1800/15m", "900/15m", "3600/15m", "3600/15m", "100/1m"]);
    assert_eq!(loaded.config.migo.limits.account, loaded.config.migo.limits.ruc);
    for (plan, expected) in [("basico", [900, 450, 450]), ("empresa", [1800, 900, 900]), ("premium", [3600, 1800, 900])]
    {
        let limits = MigoLimits::of(MigoPlan::from_word(plan).unwrap());
        assert_eq!([limits.ruc.calls, limits.dni.calls, limits.batch.calls], expected, "{plan}");
    }
}

#[test]
fn an_answer_is_not_revalidated_once_it_may_not_be_shown() {
    let config = from_file("cache.stale_for = \"1m\"").unwrap().config;
    assert_eq!(config.cache.revalidate_for, config.cache.stale_for);
}

#[test]
fn the_sandbox_answers_only_where_no_one_can_be_misled() {
    let allowed = |text: &str, serving| from_file(text).unwrap().config.sandbox_allowed(serving).ok();
    let off_loopback = "server.listen = \"0.0.0.0:80\"\nserver.auth = \"keys\"\n";
    let token = format!("migo.token = \"{TOKEN}\"\n");
    for (text, serving, expected) in [
        (String::new(), true, Some(true)),
        (String::new(), false, Some(true)),
        (off_loopback.to_owned(), true, None),
        (off_loopback.to_owned(), false, Some(true)),
        (format!("{off_loopback}sandbox.enabled = true"), true, Some(true)),
        (format!("{off_loopback}sandbox.enabled = \"true\""), true, Some(true)),
        (format!("{off_loopback}sandbox.enabled = false"), true, Some(false)),
        ("sandbox.enabled = false".to_owned(), false, Some(false)),
        (token.clone(), true, Some(false)),
        (format!("{token}sandbox.enabled = true"), true, Some(false)),
        (format!("{token}{off_loopback}"), true, Some(false)),
    ] {
        assert_eq!(allowed(&text, serving), expected, "{text} {serving}");
    }
    let problem = from_file(off_loopback).unwrap().config.sandbox_allowed(true).unwrap_err();
    assert!(problem.to_string().starts_with("sandbox.enabled: no provider has a token"), "{problem}");
}

#[test]
fn the_sample_file_sets_nothing_and_says_the_defaults_once_uncommented() {
    let sample = sample_toml();
    let default = format!("{:?}", Config::default_config());
    assert_eq!(format!("{:?}", from_file(&sample).unwrap().config), default);

    let is_example = |index: usize| index > 0 && sample.lines().nth(index - 1) == Some("# For example:");
    let uncommented: String = sample
        .lines()
        .enumerate()
        .filter(|(index, _)| !is_example(*index))
        .map(|(_, line)| line.strip_prefix('#').filter(|setting| !setting.starts_with(' ')).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    let loaded = from_file(&uncommented).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(format!("{:?}", loaded.config), default);
    let set = loaded.settings.iter().filter(|setting| setting.origin != Origin::Default).count();
    let examples = sample.lines().filter(|line| *line == "# For example:").count();
    assert_eq!(set + examples, registry().len());
}

#[test]
fn the_reference_names_every_key_and_its_variable() {
    let page = reference_markdown();
    for key in registry() {
        assert!(page.contains(&format!("### `{}`\n", key.path)), "{}", key.path);
        assert!(page.contains(&format!("`{}`", key.variable())), "{}", key.path);
        assert!(key.doc.ends_with('.'), "{}", key.path);
    }
    assert!(sample_toml().lines().all(|line| line.chars().count() <= 120));
}

#[test]
fn the_registry_is_grouped_by_section_and_without_repetition() {
    let mut sections: Vec<_> = registry().iter().map(|key| key.section_and_name().0).collect();
    sections.dedup();
    let groups = sections.len();
    sections.sort_unstable();
    sections.dedup();
    assert_eq!(sections.len(), groups);
    let paths: std::collections::HashSet<_> = registry().iter().map(|key| key.path).collect();
    assert_eq!(paths.len(), registry().len());
}

/// Something like a value of TOML.
const VALUE: &str = r#"("\PC{0,20}"|[0-9]{1,20}[a-zA-Z]{0,3}|\[.{0,9}\]|true|\{\})"#;

proptest! {
    #[test]
    fn no_file_makes_loading_panic(text in "(\\PC|\n){0,200}") {
        let _ = from_file(&text).map_err(|problems| problems.to_string());
    }

    #[test]
    fn no_value_makes_loading_panic(
        lines in prop::collection::vec((0..registry().len(), VALUE), 1..8),
    ) {
        let mut text = String::new();
        let mut env = Vec::new();
        for (index, value) in lines {
            writeln!(text, "{} = {value}", registry()[index].path).unwrap();
            env.push((registry()[index].variable(), value));
        }
        let sources = Sources { file: Some(("chasqui.toml", &text)), env, ..Sources::default() };
        if let Err(problems) = Config::load(&sources) {
            prop_assert!(problems.iter().count() > 0);
            prop_assert_eq!(problems.to_string().lines().count(), problems.iter().count());
        }
    }

    #[test]
    fn no_token_shows_in_a_report(token in "[!-~]{12,40}", before in 0..3_usize, after in ".{0,3}") {
        let text = format!("[migo]\n{}token = \"{token}{after}\"\nplan = 3", "x".repeat(before));
        let problems = from_file(&text).unwrap_err();
        let shown = format!("{problems} {problems:?}");
        prop_assert!(!shown.contains(&token), "{}", shown);
    }
}
