//! The bodies that are written by hand, as schemas.
//!
//! The types here are never made: real bodies are rendered straight into bytes. A test compares the two.

#![expect(dead_code, reason = "they describe bodies that other modules write")]

use serde::Serialize;
use utoipa::ToSchema;

/// Declares MIGO's fields once: blanks null, as the native routes give them, and blanks `-`, as MIGO does.
macro_rules! taxpayer {
    ($($(#[doc = $about:literal])+ $name:ident: $example:literal,)+) => {
        /// Who a number belongs to: MIGO's fields, blanks null.
        #[derive(Serialize, ToSchema)]
        #[schema(as = TaxpayerFields)]
        pub(super) struct FieldsBody {
            /// The number.
            #[schema(example = "20131312955")]
            ruc: String,
            $($(#[doc = $about])+ #[schema(required = true, example = $example)] $name: Option<String>,)+
            /// What SUNAT's small lists say; null where this gateway has none of them.
            #[schema(required = true)]
            padrones: Option<PadronesBody>,
        }

        /// Who a number belongs to, as MIGO writes it: every field a text, blanks `-`.
        #[derive(Serialize, ToSchema)]
        #[schema(as = MigoTaxpayer)]
        pub(super) struct MigoTaxpayerBody {
            /// Always true.
            #[schema(example = true)]
            success: bool,
            /// The number.
            #[schema(example = "20131312955")]
            ruc: String,
            $($(#[doc = $about])+ #[schema(example = $example)] $name: String,)+
        }
    };
}

taxpayer! {
    /// Name or business name.
    nombre_o_razon_social: "SANDBOX SUPERINTENDENCIA DE PRUEBA",
    /// State of the registration: `ACTIVO`, `BAJA DE OFICIO`, `SUSPENSION TEMPORAL`, …; cut at 20 characters.
    estado_del_contribuyente: "ACTIVO",
    /// Condition of the fiscal domicile: `HABIDO`, `NO HABIDO`, `NO HALLADO`, …
    condicion_de_domicilio: "HABIDO",
    /// District code, six digits.
    ubigeo: "150101",
    /// Kind of street.
    tipo_de_via: "AV.",
    /// Name of the street.
    nombre_de_via: "GARCILASO DE LA VEGA",
    /// Kind of zone: the registry's own, misleading name for it.
    codigo_de_zona: "URB.",
    /// Name of the zone.
    tipo_de_zona: "CERCADO",
    /// Door number.
    numero: "1472",
    /// Inner number.
    interior: "2",
    /// Lot.
    lote: "5",
    /// Flat number; not the department of the country.
    dpto: "301",
    /// Block.
    manzana: "C",
    /// Kilometre.
    kilometro: "12",
    /// District name.
    distrito: "LIMA",
    /// Province name.
    provincia: "LIMA",
    /// Department (region) name.
    departamento: "LIMA",
    /// Street address.
    direccion_simple: "AV. GARCILASO DE LA VEGA NRO. 1472",
    /// Street address with department, province and district.
    direccion: "AV. GARCILASO DE LA VEGA NRO. 1472 - LIMA LIMA LIMA",
    /// When the source last updated the record: `YYYY-MM-DD HH:MM:SS`, Lima's time.
    actualizado_en: "2026-11-20 04:00:00",
}

/// What SUNAT's small lists say of a taxpayer; null for a list that this gateway does not have.
#[derive(Serialize, ToSchema)]
#[schema(as = Padrones)]
pub(super) struct PadronesBody {
    /// Agents of retention of the sales tax.
    #[schema(required = true)]
    agente_de_retencion: Option<StandingBody>,
    /// Agents of perception, sales within the country.
    #[schema(required = true)]
    agente_de_percepcion: Option<StandingBody>,
    /// Agents of perception, fuel.
    #[schema(required = true)]
    agente_de_percepcion_combustible: Option<StandingBody>,
    /// Good taxpayers.
    #[schema(required = true)]
    buen_contribuyente: Option<StandingBody>,
}

/// What one list says of a taxpayer.
#[derive(Serialize, ToSchema)]
#[schema(as = Standing)]
pub(super) struct StandingBody {
    /// Whether the taxpayer is on it.
    #[schema(example = true)]
    incluido: bool,
    /// Since which day, if it is; null where the list does not give a real one.
    #[schema(required = true, example = "2012-06-01")]
    desde: Option<String>,
    /// By which resolution, if it is.
    #[schema(required = true, example = "RS R.S.096-2012")]
    resolucion: Option<String>,
    /// The day of the list.
    #[schema(example = "2026-11-20")]
    al: String,
}

/// Who a number belongs to, and where the answer comes from.
#[derive(Serialize, ToSchema)]
#[schema(as = Taxpayer)]
pub(super) struct TaxpayerBody {
    #[serde(flatten)]
    fields: FieldsBody,
    /// Where the answer comes from and how old it is.
    meta: MetaBody,
}

/// Where an answer comes from and how old it is.
#[derive(Serialize, ToSchema)]
#[schema(as = Meta)]
pub(super) struct MetaBody {
    /// Who answered: `padron` (SUNAT's registry on this machine), `migo`, `sandbox` (made-up data), `operator` (a mark, no authority).
    #[schema(example = "migo")]
    source: String,
    /// The moment the data describe; the moment of asking where the source gives none.
    #[schema(example = "2026-11-20T09:00:00Z")]
    as_of: String,
    /// When the source was asked.
    #[schema(example = "2026-11-20T15:01:30Z")]
    fetched_at: String,
    /// Whether the answer is within its time.
    freshness: FreshnessBody,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Freshness)]
#[serde(rename_all = "lowercase")]
enum FreshnessBody {
    Fresh,
    Stale,
}

/// What became of one number.
#[derive(Serialize, ToSchema)]
#[schema(as = Outcome)]
#[serde(rename_all = "lowercase")]
pub(super) enum OutcomeBody {
    Found,
    Absent,
    Invalid,
    Unknown,
}

/// Numbers to look up.
#[derive(Serialize, ToSchema)]
#[schema(as = LookupRequest)]
pub(super) struct LookupRequestBody {
    /// The numbers, in the order in which rows are wanted.
    #[schema(min_items = 1, max_items = 1_000, example = json!(["20131312955", "20000000001"]))]
    rucs: Vec<String>,
    /// Ask anew, whatever is remembered.
    #[serde(default)]
    #[schema(required = false, example = false)]
    refresh: bool,
}

/// One row per input number, in input order.
#[derive(Serialize, ToSchema)]
#[schema(as = LookupResults)]
pub(super) struct LookupResultsBody {
    /// The rows.
    results: Vec<RowBody>,
    /// How many there are of each kind.
    summary: SummaryBody,
}

/// What became of one number.
#[derive(Serialize, ToSchema)]
#[schema(as = LookupRow)]
struct RowBody {
    /// The number as it was given.
    #[schema(example = "20131312955")]
    ruc: String,
    /// `found`; `absent`: an authority says that it does not exist; `invalid`: it is no number; `unknown`: it could
    /// not be found out.
    outcome: OutcomeBody,
    /// Who it belongs to, if it was found.
    #[schema(required = true)]
    taxpayer: Option<FieldsBody>,
    /// Why there is no taxpayer, if there is none.
    #[schema(required = true)]
    error: Option<RowErrorBody>,
    /// Where the answer comes from, if there is one.
    #[schema(required = true)]
    meta: Option<MetaBody>,
}

/// A row of a stream, in the order in which answers arrive.
#[derive(Serialize, ToSchema)]
#[schema(as = LookupLine)]
pub(super) struct LookupLine {
    /// The number's place in the input, from 0.
    #[schema(example = 0)]
    index: usize,
    #[serde(flatten)]
    row: RowBody,
}

/// Why there is no taxpayer.
#[derive(Serialize, ToSchema)]
#[schema(as = RowError)]
pub(super) struct RowErrorBody {
    /// `absent`, `invalid_ruc`, or the code of the problem that one look-up would give.
    #[schema(example = "absent")]
    code: String,
    /// The same in words.
    #[schema(example = "the source says that there is no such record")]
    detail: String,
    /// Seconds to wait before asking again, where that is known.
    #[schema(required = true, example = 5)]
    retry_after: Option<u64>,
}

/// How many rows there are of each kind, and what they cost.
#[derive(Serialize, ToSchema)]
#[schema(as = LookupSummary)]
struct SummaryBody {
    /// Rows with a taxpayer.
    #[schema(example = 1)]
    found: usize,
    /// Rows whose number does not exist.
    #[schema(example = 1)]
    absent: usize,
    /// Rows that are no number.
    #[schema(example = 0)]
    invalid: usize,
    /// Rows that could not be found out.
    #[schema(example = 0)]
    unknown: usize,
    /// Calls made upstream.
    #[schema(example = 1)]
    upstream_calls: u32,
}

/// An RFC 9457 problem.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Where the code is explained.
    #[schema(example = "/docs/errors#absent")]
    r#type: String,
    /// The status in words.
    #[schema(example = "Not Found")]
    title: String,
    /// The status.
    #[schema(example = 404)]
    status: u16,
    /// A stable word for it.
    #[schema(example = "absent")]
    code: String,
    /// What happened and what to do.
    #[schema(example = "There is no such taxpayer: the source says that there is no such record.")]
    detail: String,
    /// The request's id, as in `X-Request-Id` and in the log.
    #[schema(example = "5f3a9c01-00000000002a")]
    request_id: String,
    /// Who said so, for `absent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "migo")]
    source: Option<String>,
    /// As of when, for `absent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-20T15:01:30Z")]
    as_of: Option<String>,
    /// Seconds to wait before asking again, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 5)]
    retry_after: Option<u64>,
}
