//! What the world outside says: variables, the file of configuration, files with secrets.
//!
//! The only place of the whole workspace that reads them; everything below gets values.
//! Left out: what they mean, which [`Config::load`] decides, all problems at once.

use std::env;
use std::io::Read as _;
use std::path::Path;

use chasqui::config::{Config, Loaded, Problems, SecretFile, Sources, secret_file_variables};
use secrecy::SecretString;

use crate::args::Global;
use crate::exit::{Exit, Failure};

/// The variable that names the file of configuration.
const CONFIG_VARIABLE: &str = "CHASQUI_CONFIG";
/// The file that is read, where it exists, when none is named.
const DEFAULT_FILE: &str = "chasqui.toml";
/// No secret and no file of configuration is larger; a device file would never end.
const LARGEST: u64 = 1 << 20;

/// Everything that was said, not yet weighed.
pub(crate) struct Given {
    file: Option<(String, String)>,
    env: Vec<(String, String)>,
    secret_files: Vec<SecretFile>,
    flags: Vec<Flag>,
}

/// A flag as written, the key that it sets, and the value.
pub(crate) type Flag = (String, String, String);

/// Reads and checks everything; a command's own flags outweigh `--set`.
pub(crate) fn load(global: &Global, flags: Vec<Flag>) -> Result<Loaded, Failure> {
    Ok(Given::gather(global, flags)?.load()?)
}

// === impl Given ===

impl Given {
    pub(crate) fn gather(global: &Global, flags: Vec<Flag>) -> Result<Self, Failure> {
        let env = variables()?;
        let value = |name: &str| env.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let named = value(CONFIG_VARIABLE).filter(|path| !path.is_empty());
        let file = match (&global.config, named) {
            (Some(path), _) => Some(file(path, "--config")?),
            (None, Some(path)) => Some(file(Path::new(&path), CONFIG_VARIABLE)?),
            (None, None) if Path::new(DEFAULT_FILE).exists() => {
                Some(file(Path::new(DEFAULT_FILE), "the current directory")?)
            }
            (None, None) => None,
        };
        let secret_files = secret_file_variables()
            .filter_map(|variable| {
                let path = value(&variable)?;
                let contents = contents(Path::new(&path)).map(SecretString::from);
                Some(SecretFile { variable, path, contents })
            })
            .collect();
        let set = |(key, value): &(String, String)| (format!("--set {key}"), key.clone(), value.clone());
        let flags = global.settings.iter().map(set).chain(flags).collect();
        Ok(Self { file, env, secret_files, flags })
    }

    pub(crate) fn load(&self) -> Result<Loaded, Problems> {
        let Self { file, env, secret_files, flags } = self;
        Config::load(&Sources {
            file: file.as_ref().map(|(path, text)| (path.as_str(), text.as_str())),
            env: env.clone(),
            secret_files: secret_files.clone(),
            flags: flags.clone(),
        })
    }

    /// The file that was read.
    pub(crate) fn file(&self) -> Option<&str> {
        self.file.as_ref().map(|(path, _)| path.as_str())
    }
}

/// Our variables. Others are never looked at.
#[expect(clippy::disallowed_methods, reason = "this module is the one that reads the environment")]
fn variables() -> Result<Vec<(String, String)>, Failure> {
    let ours = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    ours.filter(|(name, _)| name.starts_with("CHASQUI_"))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(Failure::new(Exit::Configuration, format!("{name}: the value is not UTF-8"))),
        })
        .collect()
}

fn file(path: &Path, named_by: &str) -> Result<(String, String), Failure> {
    let shown = path.display().to_string();
    match contents(path) {
        Ok(text) => Ok((shown, text)),
        Err(reason) => {
            Err(Failure::new(Exit::Configuration, format!("{shown} (named by {named_by}) cannot be read: {reason}")))
        }
    }
}

fn contents(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err("it is larger than 1MiB".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}
