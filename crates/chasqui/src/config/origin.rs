//! Where values come from, and what the command line hands over for loading.
//!
//! Left out: reading any of it. `Debug` shows names only, because the texts hold tokens.

use std::fmt;

use secrecy::SecretString;

use super::registry::registry;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The built-in default, a plan's limits included.
    Default,
    /// The file of configuration.
    File {
        /// Its path, as it was given.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Env {
        /// Its name.
        variable: String,
    },
    /// A flag of the command line.
    Flag {
        /// As it is written: `--listen`.
        flag: String,
    },
    /// A file that an environment variable names.
    SecretFile {
        /// The variable, with its `_FILE`.
        variable: String,
        /// The file.
        path: String,
    },
}

/// Everything that a configuration is made of; a later field outweighs an earlier one.
#[derive(Clone, Default)]
pub struct Sources<'a> {
    /// Path and text of `chasqui.toml`.
    pub file: Option<(&'a str, &'a str)>,
    /// Variables whose name starts with `CHASQUI_`, with their values.
    pub env: Vec<(String, String)>,
    /// The files that [`secret_file_variables`] name, already read.
    pub secret_files: Vec<SecretFile>,
    /// Flag as written, key, value: `("--listen", "server.listen", "[::1]:80")`.
    pub flags: Vec<(String, String, String)>,
}

/// A file that holds one secret.
#[derive(Debug, Clone)]
pub struct SecretFile {
    /// The variable that names it: `CHASQUI_MIGO__TOKEN_FILE`.
    pub variable: String,
    /// Its path.
    pub path: String,
    /// What it holds, or why it could not be read.
    pub contents: Result<SecretString, String>,
}

/// The variables that name a file with a secret in it: `CHASQUI_MIGO__TOKEN_FILE`, ….
///
/// Whoever gathers [`Sources`] reads those that are set.
pub fn secret_file_variables() -> impl Iterator<Item = String> {
    registry().iter().filter_map(super::Key::file_variable)
}

// === impl Origin ===

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Env { variable } => f.write_str(variable),
            Self::Flag { flag } => f.write_str(flag),
            Self::SecretFile { variable, path } => write!(f, "{variable} ({path})"),
        }
    }
}

// === impl Sources ===

impl fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = self.flags.iter().map(|(flag, key, _)| (flag, key));
        f.debug_struct("Sources")
            .field("file", &self.file.map(|(path, _)| path))
            .field("env", &self.env.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("secret_files", &self.secret_files)
            .field("flags", &flags.collect::<Vec<_>>())
            .finish()
    }
}
