//! The three-line example compiles in a crate that has nothing but this one.
//!
//! The first run compiles what the library depends on, in check mode and into a folder of its own.

use std::path::Path;
use std::process::Command;

/// Where the page says what to depend on.
const README: &str = include_str!("../../README.md");
/// And shows it once more.
const GUIDE: &str = include_str!("../../../../docs/guide.md");

const MANIFEST: &str = r#"[package]
name = "empty"
version = "0.0.0"
edition = "2024"

[workspace]

"#;

const ASYNC: &str = r#"#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), chasqui::Error> {
    let client = chasqui::Client::connect("http://127.0.0.1:8080")?;
    let answer = client.taxpayer("20131312955").await?;
    println!("{:?}", answer.found());
    Ok(())
}
"#;

const BLOCKING: &str = r#"fn main() -> Result<(), chasqui::Error> {
    let client = chasqui::blocking::Client::connect("http://127.0.0.1:8080")?;
    let answer = client.taxpayer("20131312955")?;
    println!("{:?}", answer.found());
    Ok(())
}
"#;

#[test]
fn the_three_line_example_compiles_in_an_empty_crate() {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = ours.parent().and_then(Path::parent).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let (_, dependencies) = README.split_once("```toml\n").expect("the page shows a manifest");
    let (dependencies, _) = dependencies.split_once("```").expect("the block ends");
    assert!(GUIDE.contains(dependencies), "docs/guide.md shows another manifest");
    let dependencies = dependencies.replace("../chasqui/crates/chasqui", &ours.display().to_string());
    write("Cargo.toml", &format!("{MANIFEST}{dependencies}"));
    write("src/main.rs", ASYNC);
    write("src/bin/blocking.rs", BLOCKING);
    // The same versions, so that nothing has to be downloaded.
    std::fs::copy(workspace.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("empty-crate"))
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
