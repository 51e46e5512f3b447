//! One line of a journal: a checksum, a blank and an array of JSON.
//!
//! A damaged line must never be taken for an answer, so it is read back only where the checksum agrees.
//! Left out: where lines stand.

use std::borrow::Cow;

use chasqui_types::{Billing, BillingObstacle, BillingWarning, Number, SourceId};
use serde::{Deserialize, Serialize};

use super::RunKey;
use crate::{Facts, Finding, Origin};

/// What the first line begins with.
pub(super) const MAGIC: &str = "chasqui-journal 1 ";

const SUM_LEN: usize = 8;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKey<'a> {
    input: Cow<'a, str>,
    source: Cow<'a, str>,
    settings: Cow<'a, str>,
}

/// A number and its answer, in the order of the array.
#[derive(Serialize, Deserialize)]
struct RawAnswer<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    Option<Cow<'a, str>>,
    Option<RawFacts<'a>>,
);

/// The facts beside the origin, in the order of the columns.
#[derive(Serialize, Deserialize)]
struct RawFacts<'a>(
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
    Option<Vec<Cow<'a, str>>>,
);

/// Writes the first line, with its end.
pub(super) fn write_key(line: &mut Vec<u8>, key: &RunKey) {
    let input = key.input.to_hex();
    let raw = RawKey { input: input.as_str().into(), source: (&*key.source).into(), settings: (&*key.settings).into() };
    line.extend_from_slice(MAGIC.as_bytes());
    write_summed(line, &raw);
}

/// Reads the first line, without its end.
pub(super) fn read_key(line: &[u8]) -> Option<RunKey> {
    let raw: RawKey = serde_json::from_slice(summed(line.strip_prefix(MAGIC.as_bytes())?)?).ok()?;
    let input = blake3::Hash::from_hex(raw.input.as_bytes()).ok()?;
    Some(RunKey { input, source: raw.source.into_owned(), settings: raw.settings.into_owned() })
}

/// Writes a line with its end, or nothing: what could not be found out is no answer.
pub(super) fn write_answer(line: &mut Vec<u8>, number: Number, finding: &Finding) {
    let (origin, facts) = match finding {
        Finding::Found(facts) => (&facts.origin, Some(raw_facts(facts))),
        Finding::Absent(origin) => (origin, None),
        Finding::Unknown(_) => return,
    };
    let day = origin.as_of.map(|day| day.to_string().into());
    write_summed(line, &RawAnswer(number.as_str().into(), origin.source.as_str().into(), day, facts));
}

/// Reads a line, without its end. `None` if it is not exactly as it was written.
pub(super) fn read_answer(line: &[u8]) -> Option<(Number, Finding)> {
    let RawAnswer(number, source, day, facts) = serde_json::from_slice(summed(line)?).ok()?;
    let number = match number.len() {
        8 => Number::Dni(number.parse().ok()?),
        _ => Number::Ruc(number.parse().ok()?),
    };
    let as_of = match day {
        Some(day) => Some(day.parse().ok()?),
        None => None,
    };
    let origin = Origin { source: source_id(source), as_of };
    let finding = match facts {
        None => Finding::Absent(origin),
        Some(raw) => Finding::Found(Box::new(whole_facts(raw, origin)?)),
    };
    Some((number, finding))
}

fn write_summed(line: &mut Vec<u8>, payload: &impl Serialize) {
    let start = line.len();
    line.extend_from_slice(&[b' '; SUM_LEN + 1]);
    serde_json::to_writer(&mut *line, payload).expect("texts in memory are always written");
    let sum = checksum(&line[start + SUM_LEN + 1..]);
    line[start..start + SUM_LEN].copy_from_slice(&sum);
    line.push(b'\n');
}

/// What stands behind a checksum that agrees.
fn summed(line: &[u8]) -> Option<&[u8]> {
    let (sum, rest) = line.split_at_checked(SUM_LEN)?;
    let payload = rest.strip_prefix(b" ")?;
    (checksum(payload) == sum).then_some(payload)
}

fn checksum(payload: &[u8]) -> [u8; SUM_LEN] {
    let hex = blake3::hash(payload).to_hex();
    hex.as_bytes()[..SUM_LEN].try_into().expect("a hash has more digits")
}

fn raw_facts(facts: &Facts) -> RawFacts<'_> {
    RawFacts(
        facts.nombre_o_razon_social.as_deref().map(Cow::Borrowed),
        facts.estado_del_contribuyente.as_deref().map(Cow::Borrowed),
        facts.condicion_de_domicilio.as_deref().map(Cow::Borrowed),
        facts.ubigeo.as_deref().map(Cow::Borrowed),
        facts.departamento.as_deref().map(Cow::Borrowed),
        facts.provincia.as_deref().map(Cow::Borrowed),
        facts.distrito.as_deref().map(Cow::Borrowed),
        facts.direccion.as_deref().map(Cow::Borrowed),
        facts.billing.as_ref().map(|billing| {
            let obstacles = billing.obstacles.iter().map(|obstacle| obstacle.as_str().into());
            obstacles.chain(billing.warnings.iter().map(|warning| warning.as_str().into())).collect()
        }),
    )
}

fn whole_facts(raw: RawFacts<'_>, origin: Origin) -> Option<Facts> {
    fn text(text: Option<Cow<'_, str>>) -> Option<Box<str>> {
        text.map(|text| text.into_owned().into_boxed_str())
    }
    let billing = match raw.8 {
        Some(words) => Some(billing(&words)?),
        None => None,
    };
    Some(Facts {
        nombre_o_razon_social: text(raw.0),
        estado_del_contribuyente: text(raw.1),
        condicion_de_domicilio: text(raw.2),
        ubigeo: text(raw.3),
        departamento: text(raw.4),
        provincia: text(raw.5),
        distrito: text(raw.6),
        direccion: text(raw.7),
        billing,
        origin,
    })
}

/// A word that this version does not know makes the line unreadable, so that its number is asked again.
fn billing(words: &[Cow<'_, str>]) -> Option<Billing> {
    const OBSTACLES: [BillingObstacle; 3] =
        [BillingObstacle::Absent, BillingObstacle::NotActive, BillingObstacle::NotLocated];
    const WARNINGS: [BillingWarning; 3] =
        [BillingWarning::ShortName, BillingWarning::ShortAddress, BillingWarning::OldData];
    let mut billing = Billing { obstacles: Vec::new(), warnings: Vec::new() };
    for word in words {
        if let Some(obstacle) = OBSTACLES.into_iter().find(|obstacle| obstacle.as_str() == word) {
            billing.obstacles.push(obstacle);
        } else {
            billing.warnings.push(WARNINGS.into_iter().find(|warning| warning.as_str() == word)?);
        }
    }
    Some(billing)
}

/// The well-known ones need no text of their own.
fn source_id(name: Cow<'_, str>) -> SourceId {
    let known = [SourceId::MIGO, SourceId::SANDBOX].into_iter().find(|source| source.as_str() == name);
    known.unwrap_or_else(|| SourceId::new(name.into_owned()))
}
