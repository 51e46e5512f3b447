//! SUNAT's small lists that a taxpayer may be on: agents of retention and perception, good taxpayers.
//!
//! They are published beside the registry, each on its own days, and decide what is withheld when an invoice is paid. A
//! list that nobody has says nothing, which is not the same as saying no.
//! Left out: the lists themselves.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Date;

/// One of SUNAT's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentList {
    /// Agents of retention of the sales tax.
    Retention,
    /// Agents of perception, sales within the country.
    Perception,
    /// Agents of perception, fuel.
    FuelPerception,
    /// Good taxpayers.
    GoodTaxpayer,
}

/// What one list says of a taxpayer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether the taxpayer is on it.
    pub is_listed: bool,
    /// Since which day, if it is and the list gives a real one.
    pub since: Option<Date>,
    /// By which resolution, if it is and the list says so.
    pub resolution: Option<Box<str>>,
    /// The day of the list.
    pub as_of: Date,
}

/// What each list says of one taxpayer.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Standings([Option<Standing>; AgentList::ALL.len()]);

// === impl AgentList ===

impl AgentList {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Retention, Self::Perception, Self::FuelPerception, Self::GoodTaxpayer];

    /// What being on it is called in answers: `agente_de_retencion`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::Retention => "agente_de_retencion",
            Self::Perception => "agente_de_percepcion",
            Self::FuelPerception => "agente_de_percepcion_combustible",
            Self::GoodTaxpayer => "buen_contribuyente",
        }
    }

    /// The list of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }
}

// === impl Standings ===

impl Standings {
    /// What a list says; `None` where nobody has the list.
    pub fn on(&self, list: AgentList) -> Option<&Standing> {
        self.0[list as usize].as_ref()
    }

    /// Notes what a list says.
    pub fn set(&mut self, list: AgentList, standing: Standing) {
        self.0[list as usize] = Some(standing);
    }

    /// All lists, with what each says.
    pub fn iter(&self) -> impl Iterator<Item = (AgentList, Option<&Standing>)> {
        AgentList::ALL.into_iter().map(|list| (list, self.on(list)))
    }
}

/// Says which lists there are, and on which of them the taxpayer is.
impl fmt::Debug for Standings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.iter().filter_map(|(list, standing)| Some((list.name(), standing?.is_listed)));
        f.debug_map().entries(known).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_nobody_has_says_nothing() {
        let mut standings = Standings::default();
        assert!(standings.iter().all(|(_, standing)| standing.is_none()));
        let as_of = "2026-11-20".parse().unwrap();
        standings.set(AgentList::Perception, Standing { is_listed: false, since: None, resolution: None, as_of });
        assert!(!standings.on(AgentList::Perception).unwrap().is_listed);
        assert_eq!(standings.on(AgentList::Retention), None);
        assert_eq!(format!("{standings:?}"), r#"{"agente_de_percepcion": false}"#);
    }

    #[test]
    fn names_read_back() {
        for list in AgentList::ALL {
            assert_eq!(AgentList::from_name(list.name()), Some(list));
        }
        assert_eq!(AgentList::from_name("retencion"), None);
    }
}
