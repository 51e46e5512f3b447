#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod address;
mod agents;
mod apart;
mod checked;
mod container;
mod corrupt;
mod diff;
mod edition;
mod error;
mod file;
mod folder;
mod history;
mod import;
mod key;
mod line;
mod lock;
mod map;
mod members;
mod padron;
mod record;
mod report;
mod row;
mod search;
mod suppression;
mod swap;
pub mod synth;
mod text;
mod ubigeos;
mod words;

pub use agents::{
    Agent, AgentOptions, Agents, AgentsError, BadAgent, ListReport, ParsedAgents, agents_address, import_agents,
};
pub use diff::{Change, ChangeFile, ChangesError, Differences, FieldChange, FileChanges, What, diff, write_changes};
pub use edition::{Edition, ParseEditionError};
pub use error::PadronError;
pub use folder::{current, editions, prune, put_into_use, rollback};
pub use history::{Changes, ParseSinceError, Past, Since, Walk};
pub use import::{ImportError, Objection, Options, Outcome, Progress, Stage, import};
pub use line::BadLine;
pub use padron::{Cursor, Padron};
pub use report::{BadLines, Report, Sample, SourceReport};
pub use row::{Column, Row};
pub use search::{Filters, Hit, Likeness, Names, NamesError, NamesProgress, Page, Query, Reason, WordMatch};
pub use suppression::{Suppressed, SuppressionError};
pub use ubigeos::{Place, Ubigeos};
