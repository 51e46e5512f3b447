//! The bodies of a server's native routes, as a client reads them.
//!
//! Fields that are not known here are passed over, so that a newer server may say more.
//! Left out: the bodies about memory, which stand beside their requests.

mod row;

use std::borrow::Cow;
use std::str::FromStr;

use chasqui_types::time::{Date, Timestamp};
use chasqui_types::{
    Absence, AbsenceReason, Account, AgentList, Condition, CpeQuery, CpeState, CpeVerdict, Decimal, Dni, ExchangeRate,
    Freshness, Lookup, Person, Provenance, RateFlag, Representative, Ruc, SourceId, Standing, Standings, Status,
    Taxpayer,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

pub(super) use self::row::{BillingRowBody, Line, RowBody};
use crate::client::answer::{Answer, DayRate};

type Text = Option<Box<str>>;

/// Who marks numbers as absent without being an authority.
const OPERATOR: &str = "operator";

/// Many numbers.
#[derive(Serialize)]
pub(super) struct NumbersBody<'a> {
    pub(super) rucs: &'a [Ruc],
}

/// An error that a server tells.
#[derive(Deserialize)]
pub(super) struct ProblemBody {
    pub(super) code: String,
    pub(super) detail: String,
    pub(super) retry_after: Option<u64>,
}

/// The problem that there is no such record.
#[derive(Deserialize)]
pub(super) struct AbsentBody {
    detail: String,
    source: String,
    as_of: Timestamp,
}

#[derive(Deserialize)]
struct MetaBody {
    source: String,
    as_of: Timestamp,
    fetched_at: Timestamp,
    freshness: FreshnessBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum FreshnessBody {
    Fresh,
    Stale,
}

#[derive(Deserialize)]
struct TaxpayerFields {
    ruc: Ruc,
    nombre_o_razon_social: Text,
    estado_del_contribuyente: Text,
    condicion_de_domicilio: Text,
    ubigeo: Text,
    tipo_de_via: Text,
    nombre_de_via: Text,
    codigo_de_zona: Text,
    tipo_de_zona: Text,
    numero: Text,
    interior: Text,
    lote: Text,
    dpto: Text,
    manzana: Text,
    kilometro: Text,
    distrito: Text,
    provincia: Text,
    departamento: Text,
    direccion_simple: Text,
    direccion: Text,
    actualizado_en: Text,
    /// Servers that are older than the lists say nothing of them.
    #[serde(default)]
    padrones: Option<PadronesBody>,
}

#[derive(Deserialize)]
struct PadronesBody {
    agente_de_retencion: Option<StandingBody>,
    agente_de_percepcion: Option<StandingBody>,
    agente_de_percepcion_combustible: Option<StandingBody>,
    buen_contribuyente: Option<StandingBody>,
}

#[derive(Deserialize)]
struct StandingBody {
    incluido: bool,
    desde: Option<Date>,
    resolucion: Text,
    al: Date,
}

#[derive(Deserialize)]
pub(super) struct TaxpayerBody {
    #[serde(flatten)]
    taxpayer: TaxpayerFields,
    meta: MetaBody,
}

#[derive(Deserialize)]
pub(super) struct PersonBody {
    dni: Dni,
    nombre: Box<str>,
    meta: MetaBody,
}

#[derive(Deserialize)]
pub(super) struct RepresentativesBody {
    ruc: Ruc,
    representantes: Vec<RepresentativeBody>,
    meta: MetaBody,
}

#[derive(Deserialize)]
struct RepresentativeBody {
    documento: Text,
    dni: Text,
    nombre: Text,
    cargo: Text,
    fecha: Text,
}

#[derive(Deserialize)]
pub(super) struct AccountBody {
    nombre: Text,
    email: Text,
    consultas: Option<i64>,
    meta: MetaBody,
}

#[derive(Deserialize)]
pub(super) struct RateBody {
    date: Date,
    published_on: Date,
    moneda: Box<str>,
    #[serde(deserialize_with = "from_text")]
    precio_compra: Decimal,
    #[serde(deserialize_with = "from_text")]
    precio_venta: Decimal,
    flags: Vec<String>,
    meta: MetaBody,
}

#[derive(Deserialize)]
pub(super) struct RatesBody {
    pub(super) rates: Vec<RateBody>,
}

/// What is asked of a payment document.
#[derive(Serialize)]
pub(super) struct CpeAskBody<'a> {
    ruc_emisor: Ruc,
    tipo_comprobante: &'static str,
    serie: &'a str,
    numero: u32,
    fecha_emision: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    monto: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CpeBody {
    estado_comprobante: Option<CodedBody>,
    estado_contribuyente: Option<CodedBody>,
    condicion_domicilio: Option<CodedBody>,
    observaciones: Vec<Box<str>>,
    meta: MetaBody,
}

/// A code of the authority's tables, with its words.
#[derive(Deserialize)]
struct CodedBody {
    code: Option<String>,
    words: String,
}

pub(super) fn to_json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("bodies have string keys and write to memory")
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = Cow::<'_, str>::deserialize(deserializer)?;
    Decimal::from_str(&text).map_err(D::Error::custom)
}

/// How an authority, or an operator, says in `words` that there is no such record.
pub(super) fn reason(words: &str, source: &str) -> AbsenceReason {
    if source == OPERATOR {
        return AbsenceReason::Marked(words.into());
    }
    let told_apart = [AbsenceReason::Omitted, AbsenceReason::Unlisted];
    told_apart.into_iter().find(|reason| reason.to_string() == words).unwrap_or(AbsenceReason::NotFound)
}

// === impl AbsentBody ===

impl<T> From<AbsentBody> for Answer<T> {
    fn from(body: AbsentBody) -> Self {
        let AbsentBody { detail, source, as_of } = body;
        // What there is none of, then how that was said: "There is no such taxpayer: …."
        let words = detail.split_once(": ").map_or("", |(_, words)| words.strip_suffix('.').unwrap_or(words));
        let absence = Absence { reason: reason(words, &source), as_of };
        let provenance = Provenance { source: SourceId::new(source), as_of, fetched_at: as_of };
        Answer { lookup: Lookup::Absent(absence), provenance, freshness: Freshness::Fresh }
    }
}

// === impl MetaBody ===

impl MetaBody {
    fn found<T>(self, record: T) -> Answer<T> {
        let (provenance, freshness) = self.parts();
        Answer { lookup: Lookup::Found(record), provenance, freshness }
    }

    fn parts(self) -> (Provenance, Freshness) {
        let freshness = match self.freshness {
            FreshnessBody::Fresh => Freshness::Fresh,
            FreshnessBody::Stale => Freshness::Stale,
        };
        let source = SourceId::new(self.source);
        (Provenance { source, as_of: self.as_of, fetched_at: self.fetched_at }, freshness)
    }
}

// === impl TaxpayerFields ===

impl From<TaxpayerFields> for Taxpayer {
    fn from(fields: TaxpayerFields) -> Self {
        let mut taxpayer = Taxpayer {
            nombre_o_razon_social: fields.nombre_o_razon_social,
            estado_del_contribuyente: fields.estado_del_contribuyente.as_deref().map(Status::from_text),
            condicion_de_domicilio: fields.condicion_de_domicilio.as_deref().map(Condition::from_text),
            tipo_de_via: fields.tipo_de_via,
            nombre_de_via: fields.nombre_de_via,
            codigo_de_zona: fields.codigo_de_zona,
            tipo_de_zona: fields.tipo_de_zona,
            numero: fields.numero,
            interior: fields.interior,
            lote: fields.lote,
            dpto: fields.dpto,
            manzana: fields.manzana,
            kilometro: fields.kilometro,
            distrito: fields.distrito,
            provincia: fields.provincia,
            departamento: fields.departamento,
            direccion_simple: fields.direccion_simple,
            direccion: fields.direccion,
            actualizado_en: fields.actualizado_en,
            padrones: fields.padrones.map(|lists| Box::new(lists.into())),
            ..Taxpayer::new(fields.ruc)
        };
        taxpayer.set_ubigeo(fields.ubigeo.as_deref().unwrap_or_default());
        taxpayer
    }
}

impl From<PadronesBody> for Standings {
    fn from(lists: PadronesBody) -> Self {
        let mut standings = Self::default();
        for (list, said) in [
            (AgentList::Retention, lists.agente_de_retencion),
            (AgentList::Perception, lists.agente_de_percepcion),
            (AgentList::FuelPerception, lists.agente_de_percepcion_combustible),
            (AgentList::GoodTaxpayer, lists.buen_contribuyente),
        ] {
            if let Some(StandingBody { incluido, desde, resolucion, al }) = said {
                let standing = Standing { is_listed: incluido, since: desde, resolution: resolucion, as_of: al };
                standings.set(list, standing);
            }
        }
        standings
    }
}

// === Answers ===

impl From<TaxpayerBody> for Answer<Taxpayer> {
    fn from(body: TaxpayerBody) -> Self {
        body.meta.found(body.taxpayer.into())
    }
}

impl From<PersonBody> for Answer<Person> {
    fn from(body: PersonBody) -> Self {
        body.meta.found(Person { dni: body.dni, nombre: body.nombre })
    }
}

impl From<RepresentativesBody> for Answer<Vec<Representative>> {
    fn from(body: RepresentativesBody) -> Self {
        let ruc = body.ruc;
        let person = |one: RepresentativeBody| Representative {
            documento: one.documento,
            dni: one.dni,
            nombre: one.nombre,
            cargo: one.cargo,
            fecha: one.fecha,
            ruc,
        };
        body.meta.found(body.representantes.into_iter().map(person).collect())
    }
}

impl From<AccountBody> for Answer<Account> {
    fn from(body: AccountBody) -> Self {
        body.meta.found(Account { nombre: body.nombre, email: body.email, consultas: body.consultas })
    }
}

impl From<RateBody> for Answer<DayRate> {
    fn from(body: RateBody) -> Self {
        let known = [RateFlag::BuyOverSell, RateFlag::Jump, RateFlag::Old];
        let flag = |word: &String| known.into_iter().find(|flag| flag.as_str() == word);
        let rate = ExchangeRate {
            date: body.published_on,
            currency: body.moneda,
            buy: body.precio_compra,
            sell: body.precio_venta,
        };
        body.meta.found(DayRate { date: body.date, rate, flags: body.flags.iter().filter_map(flag).collect() })
    }
}

impl<'a> From<&'a CpeQuery> for CpeAskBody<'a> {
    fn from(query: &'a CpeQuery) -> Self {
        Self {
            ruc_emisor: query.ruc_emisor,
            tipo_comprobante: query.tipo_comprobante.code(),
            serie: &query.serie,
            numero: query.numero,
            fecha_emision: query.fecha_emision,
            monto: query.monto.map(|amount| amount.to_string()),
        }
    }
}

impl From<CpeBody> for Answer<CpeVerdict> {
    fn from(body: CpeBody) -> Self {
        body.meta.found(CpeVerdict {
            document: body.estado_comprobante.and_then(|state| state.code).map(|code| CpeState::from_code(&code)),
            status: body.estado_contribuyente.map(|state| Status::from_text(&state.words)),
            condition: body.condicion_domicilio.map(|state| Condition::from_text(&state.words)),
            observaciones: body.observaciones,
        })
    }
}
