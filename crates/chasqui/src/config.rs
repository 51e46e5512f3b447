//! Configuration, from text to values that need no second look.
//!
//! Everything that can be set is one [`Key`] of the [`registry`]; reading, the reference page and the sample file all
//! follow from it.
//! [`Config::load`] takes what the command line gathered (a file's text, variables, flags), keeps the strongest value
//! of each key together with where it came from, and reports everything that is wrong at once.
//!
//! ```
//! use chasqui::config::{Config, Sources};
//!
//! let text = "[server]\nlisten = \"127.0.0.1:9000\"\n";
//! let sources = Sources { file: Some(("chasqui.toml", text)), ..Sources::default() };
//! let loaded = Config::load(&sources)?;
//! assert_eq!(loaded.config.server.listen.port(), 9000);
//! assert_eq!(loaded.settings[0].origin.to_string(), "chasqui.toml:2");
//! # Ok::<(), chasqui::config::Problems>(())
//! ```
//!
//! Left out on purpose: reading the environment and files, which only the command line does.

mod document;
mod load;
mod origin;
mod problem;
mod reading;
mod reference;
mod registry;
mod rules;
mod sections;
mod suggestion;
mod url;
mod values;

#[cfg(test)]
mod tests;

pub use load::{Loaded, Setting};
pub use origin::{Origin, SecretFile, Sources, secret_file_variables};
pub use problem::{Problem, Problems};
pub use reference::{reference_markdown, sample_toml};
pub use registry::{Key, Kind, registry};
pub use sections::{
    Auth, BreakerConfig, CacheConfig, CacheUrl, Config, LogConfig, LogFormat, LookupConfig, MigoApi, MigoConfig,
    MigoLimits, MigoPlan, PadronConfig, SandboxConfig, SandboxMode, ServerConfig, SourceName, StoreConfig, StoreUrl,
    WhenMissing,
};
pub use url::HttpUrl;
pub use values::{Limit, parse_duration};
