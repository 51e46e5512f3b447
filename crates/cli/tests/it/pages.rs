//! `chasqui completions` and `chasqui man`: they follow from the flags, so every command is in them.

use crate::program::World;

const COMMANDS: [&str; 14] = [
    "ruc",
    "dni",
    "rate",
    "representatives",
    "billing",
    "account",
    "cpe",
    "serve",
    "sandbox",
    "cache",
    "config",
    "doctor",
    "completions",
    "man",
];

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let run = World::new().run(&["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        for command in COMMANDS {
            assert!(run.stdout.contains(command), "{shell} {command}");
        }
    }
    assert_eq!(World::new().run(&["completions", "tcl"]).code, 2);
}

#[test]
fn there_is_a_manual_page_of_the_program_and_of_each_command() {
    let program = World::new().run(&["man"]);
    assert_eq!(program.code, 0);
    assert!(program.stdout.contains(".TH chasqui 1"), "{}", program.stdout);
    for command in COMMANDS {
        assert!(program.stdout.contains(&format!("chasqui\\-{command}(1)")), "{command}");
        let page = World::new().run(&["man", command]);
        assert!(page.code == 0 && page.stdout.contains(&format!(".TH chasqui-{command} 1")), "{command}");
        assert!(page.stdout.contains("Examples:"), "{command}");
    }
    assert!(World::new().run(&["man", "cache", "absent"]).stdout.contains(".TH chasqui-cache-absent 1"));
    let nothing = World::new().run(&["man", "nothing"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (2, ""));
}
