//! `chasqui config`, and the sources of a configuration: all problems at once, and secrets masked.

use insta::assert_snapshot;

use crate::program::World;

#[test]
fn everything_that_is_wrong_is_reported_at_once_and_ends_with_4() {
    let world = World::new()
        .with_file("chasqui.toml", "[server]\nlisten = \"nowhere\"\nlisten_on = 1\n\n[migo]\ntimeout = 30\n")
        .with("CHASQUI_CACHE__FOUND_TTL", "forever");
    for command in [&["config", "check"][..], &["config", "show"], &["ruc", "20131312955"], &["serve"]] {
        let run = world.run(&[command, &["--set", "breaker.failures=0"]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{command:?}");
        assert_snapshot!("problems", run.stderr);
    }
    let doctor = world.run(&["doctor"]);
    assert_eq!(doctor.code, 4);
    assert!(doctor.stdout.starts_with("fail  configuration"), "{}", doctor.stdout);
}

#[test]
fn a_sound_configuration_says_so_and_names_keys_that_wait_for_later_work() {
    let world = World::new().with_file("chasqui.toml", "[store]\nurl = \"sqlite:other.db\"\n");
    let run = world.run(&["config", "check", "--set", "lookup.deadline=5s", "--set", "server.auth=keys"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_snapshot!("check", run.stderr);
}

#[test]
fn the_file_is_the_flags_then_the_variables_then_the_one_that_lies_here() {
    let base = |world: &World, arguments: &[&str]| {
        let run = world.run(&[&["config", "show", "--origin"], arguments].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
            .lines()
            .find(|line| line.starts_with("migo.base_url"))
            .unwrap()
            .split_once("  # ")
            .unwrap()
            .1
            .to_owned()
    };
    let text = "[migo]\nbase_url = \"http://localhost:1\"\n";
    let world =
        ["chasqui.toml", "a.toml", "b.toml"].into_iter().fold(World::new(), |world, name| world.with_file(name, text));
    assert_eq!(base(&world, &[]), "chasqui.toml:2");
    let world = world.with("CHASQUI_CONFIG", "a.toml");
    assert_eq!(base(&world, &[]), "a.toml:2");
    assert_eq!(base(&world, &["--config", "b.toml"]), "b.toml:2");
    let missing = world.run(&["config", "check", "--config", "c.toml"]);
    assert_eq!(missing.code, 4);
    assert!(missing.stderr.starts_with("error: c.toml (named by --config) cannot be read"), "{}", missing.stderr);
}

#[test]
fn show_says_where_each_value_comes_from_and_masks_the_token() {
    let world = World::new()
        .with_file("chasqui.toml", "[cache]\nfound_ttl = \"2h\"\n")
        .with_file("token", "a-very-secret-token\n")
        .with("CHASQUI_MIGO__TOKEN_FILE", "token")
        .with("CHASQUI_LOG", "debug")
        .with("CHASQUI_STORE__URL", "postgres://chasqui:hunter2@db/chasqui");
    let run = world.run(&["config", "show", "--origin", "--set", "migo.plan=empresa"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_snapshot!("show", run.stdout);
    let json = world.run(&["config", "show", "--origin", "--format", "json"]).stdout;
    let values: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let token = values.iter().find(|value| value["key"] == "migo.token").unwrap();
    assert_eq!(token["origin"], "CHASQUI_MIGO__TOKEN_FILE (token)");
    for text in [run.stdout, json] {
        assert!(!text.contains("a-very-secret") && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_token_on_the_command_line_is_refused_without_being_repeated() {
    let run = World::new().run(&["config", "check", "--set", "migo.token=a-very-secret-token"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("CHASQUI_MIGO__TOKEN_FILE"), "{}", run.stderr);
}

#[test]
fn a_file_with_a_token_is_named_by_its_variable_alone() {
    let expected = "migo.token_file: a file is named by the variable CHASQUI_MIGO__TOKEN_FILE\n";
    let flag = World::new().run(&["config", "check", "--set", "migo.token_file=token"]);
    assert_eq!(flag.code, 4);
    assert!(flag.stderr.ends_with(expected), "{}", flag.stderr);
    let file = World::new().with_file("chasqui.toml", "[migo]\ntoken_file = \"token\"\n").run(&["config", "check"]);
    assert_eq!(file.code, 4);
    assert!(file.stderr.ends_with(expected), "{}", file.stderr);
}

#[test]
fn where_only_the_padron_may_be_asked_nobody_else_is_not_even_the_sandbox() {
    for token in [false, true] {
        let world = World::new().with("CHASQUI_LOOKUP__RUC", "padron");
        let world = if token { world.with("CHASQUI_MIGO__TOKEN", "abc") } else { world };
        assert_eq!(world.run(&["config", "check"]).code, 0);
        let run = world.run(&["ruc", "20131312955"]);
        assert_eq!(run.code, 3, "{}", run.everything());
        assert!(run.stderr.contains("no_source") && !run.stdout.contains("SANDBOX"), "{}", run.everything());
    }
}

#[test]
fn a_secret_file_that_is_missing_is_a_problem_of_the_configuration() {
    let run = World::new().with("CHASQUI_MIGO__TOKEN_FILE", "nowhere").run(&["ruc", "20131312955"]);
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("CHASQUI_MIGO__TOKEN_FILE (nowhere): migo.token: "), "{}", run.stderr);
}

#[test]
fn the_sample_is_a_configuration_and_the_reference_a_page() {
    let world = World::new();
    let sample = world.run(&["config", "sample"]).stdout;
    assert!(sample.contains("chasqui config reference") && !sample.contains("Edit that"), "{sample}");
    let world = world.with_file("chasqui.toml", &sample);
    assert_eq!(world.run(&["config", "check"]).code, 0);
    let reference = world.run(&["config", "reference"]).stdout;
    assert!(reference.starts_with("# Configuration\n") && !reference.contains("Edit that"), "{reference}");
}

#[test]
fn a_log_file_that_cannot_be_opened_is_a_problem_of_the_configuration() {
    let run = World::new().with("CHASQUI_LOG__FILE", "no/such/folder.log").run(&["ruc", "20131312955"]);
    assert_eq!(run.code, 4);
    assert!(run.stderr.starts_with("error: log.file: no/such/folder.log cannot be opened"), "{}", run.stderr);
}
