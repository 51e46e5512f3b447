//! One TLS implementation in the program, not two.
//!
//! With two cryptography providers compiled in, which one answers is decided at run time, and when neither was chosen
//! the first connection panics. A dependency's default feature is enough to bring the second one in.
//! Left out: which of them it is.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Finding, output};

const PROVIDERS: &[&str] = &["aws-lc-rs", "ring"];
const MANIFEST: &str = "Cargo.toml";

/// Asks Cargo what this system's build would hold, tests and build scripts aside.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let arguments = ["tree", "--quiet", "--workspace", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    Ok(judge(&output(root, "cargo", &arguments)?))
}

fn judge(tree: &str) -> Vec<Finding> {
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let found: Vec<&str> = PROVIDERS.iter().copied().filter(|name| names.contains(name)).collect();
    let advice = "see `cargo tree --workspace --edges normal --invert <name>` for who brings it in";
    match found.as_slice() {
        [_] => Vec::new(),
        [] => vec![Finding::of(MANIFEST, format!("none of {} is compiled; {advice}", PROVIDERS.join(", ")))],
        both => vec![Finding::of(MANIFEST, format!("{} are all compiled, keep one; {advice}", both.join(" and ")))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_provider_is_compiled() {
        assert_eq!(check(&["reqwest v0.13.5", "aws-lc-rs v1.19.0", "aws-lc-rs v1.19.0 (*)"]), 0);
        assert_eq!(check(&["ring v0.17.14", "aws-lc-rs v1.19.0"]), 1);
        assert_eq!(check(&["string v1.0.0", "aws-lc-sys v0.47.0"]), 1);
    }

    fn check(tree: &[&str]) -> usize {
        judge(&tree.join("\n")).len()
    }
}
