//! The configuration: any text in the file, in a variable or behind a flag is taken or refused with its reasons, and
//! nothing that is shown of it holds a token.
//!
//! Left out: reading files and the environment, which the command line does.

#![no_main]

use chasqui::config::{Config, Sources, registry};
use libfuzzer_sys::fuzz_target;

/// Long enough that no other text holds it by chance.
const TOKEN: &str = "fuzz-s3cr3t-t0k3n-0123456789";

fuzz_target!(|text: &str| {
    let file = Config::load(&Sources { file: Some(("chasqui.toml", text)), ..Sources::default() });
    if let Err(problems) = file {
        assert!(!problems.to_string().is_empty(), "a refusal without a reason");
    }
    // One key and its value by variable and by flag; the first line chooses the key.
    let (chosen, value) = text.split_once('\n').unwrap_or((text, text));
    let keys = registry();
    let key = &keys[chosen.bytes().map(usize::from).sum::<usize>() % keys.len()];
    let sources = Sources {
        env: vec![("CHASQUI_MIGO__TOKEN".to_owned(), TOKEN.to_owned()), (key.variable(), value.to_owned())],
        flags: vec![("--set".to_owned(), key.path.to_owned(), value.to_owned())],
        ..Sources::default()
    };
    match Config::load(&sources) {
        Ok(loaded) => {
            assert!(!format!("{:?}", loaded.config).contains(TOKEN), "a token shows itself");
            assert!(loaded.settings.iter().all(|setting| !setting.shown.contains(TOKEN)), "a token shows itself");
        }
        Err(problems) => assert!(!problems.to_string().contains(TOKEN), "a token shows itself"),
    }
});
