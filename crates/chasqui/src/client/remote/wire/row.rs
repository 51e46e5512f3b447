//! Rows of many numbers, as a server sends them: what became of each, and the verdict on invoicing it.

use chasqui_types::{Absence, Billing, BillingObstacle, BillingWarning, Ruc, Taxpayer};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{CodedBody, MetaBody, TaxpayerFields, reason};
use crate::client::answer::{Invoicing, Outcome};
use crate::client::error::Error;
use crate::client::remote::reply::wait;

/// A line of many: which input, and what became of it.
pub(in crate::client::remote) trait Line<T>: DeserializeOwned {
    fn index(&self) -> Option<usize>;
    fn outcome(self, asked: Ruc) -> Outcome<T>;
}

#[derive(Deserialize)]
pub(in crate::client::remote) struct RowBody {
    index: Option<usize>,
    outcome: OutcomeBody,
    taxpayer: Option<TaxpayerFields>,
    error: Option<RowErrorBody>,
    meta: Option<MetaBody>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum OutcomeBody {
    Found,
    Absent,
    Invalid,
    Unknown,
}

#[derive(Deserialize)]
struct RowErrorBody {
    code: String,
    detail: String,
    retry_after: Option<u64>,
}

#[derive(Deserialize)]
pub(in crate::client::remote) struct BillingRowBody {
    #[serde(flatten)]
    row: RowBody,
    valid: Option<bool>,
    obstacles: Vec<CodedBody>,
    warnings: Vec<CodedBody>,
}

// === impl RowBody ===

impl Line<Taxpayer> for RowBody {
    fn index(&self) -> Option<usize> {
        self.index
    }

    fn outcome(self, asked: Ruc) -> Outcome<Taxpayer> {
        let odd = || Outcome::Unknown(Error::malformed("a row of its answer lacks what it should say"));
        match (self.outcome, self.taxpayer, self.error, self.meta) {
            (OutcomeBody::Found, Some(taxpayer), _, Some(meta)) if taxpayer.ruc == asked => {
                let (provenance, freshness) = meta.parts();
                Outcome::Found { record: taxpayer.into(), provenance, freshness }
            }
            (OutcomeBody::Absent, _, Some(error), Some(meta)) => {
                let (provenance, _) = meta.parts();
                let reason = reason(&error.detail, provenance.source.as_str());
                Outcome::Absent { absence: Absence { reason, as_of: provenance.as_of }, provenance }
            }
            (OutcomeBody::Invalid, _, Some(error), _) => {
                Outcome::Invalid(Error::Invalid { code: error.code.into(), detail: error.detail, request_id: None })
            }
            (OutcomeBody::Unknown, _, Some(error), _) => Outcome::Unknown(Error::Unknown {
                code: error.code.into(),
                detail: error.detail,
                retry_after: error.retry_after.map(wait),
                request_id: None,
                source: None,
            }),
            _ => odd(),
        }
    }
}

// === impl BillingRowBody ===

impl BillingRowBody {
    fn billing(&self) -> Billing {
        let has = |codes: &[CodedBody], word: &str| codes.iter().any(|one| one.code.as_deref() == Some(word));
        let mut obstacles = vec![BillingObstacle::Absent, BillingObstacle::NotActive, BillingObstacle::NotLocated];
        obstacles.retain(|one| has(&self.obstacles, one.as_str()));
        let mut warnings = vec![BillingWarning::ShortName, BillingWarning::ShortAddress, BillingWarning::OldData];
        warnings.retain(|one| has(&self.warnings, one.as_str()));
        Billing { obstacles, warnings }
    }
}

impl Line<Invoicing> for BillingRowBody {
    fn index(&self) -> Option<usize> {
        self.row.index
    }

    fn outcome(self, asked: Ruc) -> Outcome<Invoicing> {
        let billing = self.billing();
        match self.row.outcome(asked) {
            // An obstacle that a newer server knows must not pass for none.
            Outcome::Found { .. } if self.valid != Some(billing.is_valid()) => {
                Outcome::Unknown(Error::malformed("it gives reasons not to invoice that this client does not know"))
            }
            Outcome::Found { record: taxpayer, provenance, freshness } => {
                Outcome::Found { record: Invoicing { taxpayer, billing }, provenance, freshness }
            }
            Outcome::Absent { absence, provenance } => Outcome::Absent { absence, provenance },
            Outcome::Invalid(error) => Outcome::Invalid(error),
            Outcome::Unknown(error) => Outcome::Unknown(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = r#"{"source":"migo","as_of":"2026-11-20T15:01:30Z","fetched_at":"2026-11-20T15:01:30Z","freshness":"stale","new":1}"#;

    #[track_caller]
    fn check<T>(outcome: &Outcome<T>, told: &str) {
        let code = outcome.error().map_or("-", Error::code);
        assert_eq!(format!("{} {code}", outcome.as_str()), told);
    }

    fn ruc() -> Ruc {
        "20131312955".parse().unwrap()
    }

    #[test]
    fn a_row_is_believed_only_if_it_is_whole_and_about_what_was_asked() {
        let taxpayer = r#"{"ruc":"20131312955","ubigeo":"150122","new":[]}"#;
        let other = r#"{"ruc":"20100047218"}"#;
        let error = r#"{"code":"limited","detail":"no","retry_after":3}"#;
        let row = |outcome: &str, taxpayer: &str, error: &str, meta: &str| {
            let text = format!(r#"{{"outcome":"{outcome}","taxpayer":{taxpayer},"error":{error},"meta":{meta}}}"#);
            serde_json::from_str::<RowBody>(&text).unwrap().outcome(ruc())
        };
        check(&row("found", taxpayer, "null", META), "found -");
        // A list that a newer server knows need not look like those that are known here.
        let listed = r#"{"ruc":"20131312955","padrones":{"buen_contribuyente":null,"exportador":["SI"]}}"#;
        check(&row("found", listed, "null", META), "found -");
        let odd = r#"{"ruc":"20131312955","padrones":{"buen_contribuyente":["SI"]}}"#;
        let text = format!(r#"{{"outcome":"found","taxpayer":{odd},"error":null,"meta":{META}}}"#);
        assert!(serde_json::from_str::<RowBody>(&text).is_err(), "what a known list says is not passed over");
        check(&row("found", other, "null", META), "unknown malformed");
        check(&row("found", "null", "null", META), "unknown malformed");
        check(&row("found", taxpayer, "null", "null"), "unknown malformed");
        check(&row("absent", "null", error, META), "absent -");
        check(&row("absent", "null", error, "null"), "unknown malformed");
        check(&row("unknown", "null", error, "null"), "unknown limited");
        let endless = r#"{"code":"limited","detail":"no","retry_after":18446744073709551615}"#;
        let wait = row("unknown", "null", endless, "null").error().unwrap().retry_after();
        assert_eq!(wait, Some(std::time::Duration::from_hours(24)));
        check(&row("unknown", "null", "null", "null"), "unknown malformed");
        check(&row("invalid", "null", error, "null"), "invalid limited");
        assert!(serde_json::from_str::<RowBody>(r#"{"outcome":"perhaps"}"#).is_err());
    }

    #[test]
    fn an_obstacle_that_is_not_known_never_passes_for_none() {
        let row = |valid: &str, obstacle: &str| {
            let text = format!(
                r#"{{"outcome":"found","valid":{valid},"obstacles":[{{"code":"{obstacle}","words":"w"}}],
                     "warnings":[],"taxpayer":{{"ruc":"20131312955"}},"error":null,"meta":{META}}}"#
            );
            serde_json::from_str::<BillingRowBody>(&text).unwrap().outcome(ruc())
        };
        let known = row("false", "not_active");
        assert_eq!(known.billing().unwrap().obstacles, [BillingObstacle::NotActive]);
        check(&row("false", "owes_taxes"), "unknown malformed");
        check(&row("true", "not_active"), "unknown malformed");
        check(&row("null", "not_active"), "unknown malformed");
    }
}
