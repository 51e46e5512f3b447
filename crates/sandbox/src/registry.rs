//! Taxpayers that do not exist.
//!
//! Everything about one follows from its number by arithmetic, so every process answers the same, and no list of
//! people is needed. Names say SANDBOX and use words for "made up", because the numbers may be somebody's.
//! Left out: any likeness of the real registry beyond its shapes.

mod documents;
mod people;
mod places;
mod rates;

use chasqui_types::{Condition, Ruc, RucPrefix, Status, Taxpayer};

pub use self::documents::cpe;
pub use self::people::{person, representatives};
use self::places::PLACES;
pub use self::rates::rate;
pub(crate) use self::rates::{between, latest, published};

/// Always found, active and located.
const ALWAYS_FOUND: &str = "20131312955";
/// Never found.
const NEVER_FOUND: &str = "20000000001";

const TRADES: &[&str] = &[
    "COMERCIAL",
    "INVERSIONES",
    "SERVICIOS GENERALES",
    "TRANSPORTES",
    "CONSTRUCTORA",
    "DISTRIBUIDORA",
    "AGRICOLA",
    "MINERA",
    "PESQUERA",
    "TEXTILES",
    "CONSULTORA",
    "COMPAÑIA",
    "IMPORTACIONES",
    "FERRETERIA",
    "LOGISTICA",
];
const BRANDS: &[&str] = &[
    "CONDOR", "VICUÑA", "CHASQUI", "QUIPU", "TUMI", "PUQUIO", "KILLA", "INTI", "WAYRA", "YAKU", "SACHA", "QORI",
    "PUYA", "TARUKA", "AMANCAES", "CANTUTA",
];
const FORMS: &[&str] = &["S.A.C.", "S.A.", "E.I.R.L.", "S.R.L.", "S.A.A.", "SOCIEDAD ANONIMA CERRADA"];
const SURNAMES: &[&str] = &[
    "EJEMPLO",
    "PRUEBA",
    "MUESTRA",
    "ENSAYO",
    "MODELO",
    "FICTICIO",
    "SUPUESTO",
    "IMAGINARIO",
    "INVENTADO",
    "PEÑA FALSA",
];
const GIVEN_NAMES: &[&str] =
    &["UNO", "DOS", "TRES", "ALFA", "BETA", "GAMA", "DELTA", "OMEGA", "NORTE", "SUR", "ESTE", "OESTE"];
const STREETS: &[(&str, &str)] = &[
    ("AV.", "DE LOS ENSAYOS"),
    ("JR.", "LAS PRUEBAS"),
    ("CAL.", "LOS EJEMPLOS"),
    ("PJ.", "LA MUESTRA"),
    ("AV.", "MODELO"),
    ("JR.", "INVENTADO"),
    ("CAL.", "SEÑAL DE PRUEBA"),
    ("AL.", "IMAGINARIA"),
];
const ZONES: &[(&str, &str)] =
    &[("URB.", "LOS FICTICIOS"), ("A.H.", "EL SUPUESTO"), ("COO.", "LA MAQUETA"), ("P.J.", "BOCETO ALTO")];

/// SUNAT's wordings, cut at 20 characters as sources cut them.
const NOT_FOUND_CONDITIONS: &[&str] =
    &["NO HALLADO", "NO HALLADO SE MUDO D", "NO HALLADO NO EXISTE", "NO HALLADO CERRADO", "NO HALLADO DESTINATA"];

/// The made-up taxpayer of a number, or `None` where the sandbox says that there is none.
///
/// The same number gives the same answer in every process and version of one release. About one number in ten has
/// nobody; of the others 8 % each are suspended, closed ex officio, and not located.
/// `20131312955` is always found, active and located; `20000000001` is never found.
pub fn taxpayer(ruc: Ruc) -> Option<Taxpayer> {
    let mut dice = Dice::of(ruc);
    let is_fixed = ruc.as_str() == ALWAYS_FOUND;
    if !is_fixed && (ruc.as_str() == NEVER_FOUND || dice.percent() < 10) {
        return None;
    }
    let mut taxpayer = Taxpayer::new(ruc);
    let (status, condition) = (dice.percent(), dice.percent());
    taxpayer.estado_del_contribuyente = Some(Status::from_text(match status {
        _ if is_fixed => "ACTIVO",
        0..8 => "SUSPENSION TEMPORAL",
        8..16 => "BAJA DE OFICIO",
        16..18 => "BAJA DEFINITIVA",
        18 => "BAJA PROV. POR OFICI",
        _ => "ACTIVO",
    }));
    let reason = dice.pick(NOT_FOUND_CONDITIONS);
    taxpayer.condicion_de_domicilio = Some(Condition::from_text(match condition {
        _ if is_fixed => "HABIDO",
        0..8 => "NO HABIDO",
        8..12 => reason,
        12 => "PENDIENTE",
        13 => "POR VERIFICAR",
        _ => "HABIDO",
    }));
    taxpayer.nombre_o_razon_social = Some(match ruc.prefix() {
        _ if is_fixed => "SANDBOX SUPERINTENDENCIA DE PRUEBA".into(),
        RucPrefix::Entity => format!("SANDBOX {} {} {}", dice.pick(TRADES), dice.pick(BRANDS), dice.pick(FORMS)).into(),
        RucPrefix::Person | RucPrefix::OtherPerson => {
            format!("SANDBOX {} {} {}", dice.pick(SURNAMES), dice.pick(GIVEN_NAMES), dice.pick(GIVEN_NAMES)).into()
        }
    });
    // The registry keeps no address of a natural person, and neither does its likeness.
    if ruc.prefix() == RucPrefix::Entity {
        settle(&mut taxpayer, &mut dice, is_fixed);
    }
    taxpayer.actualizado_en = Some(
        format!("2026-01-{:02} {:02}:{:02}:{:02}", 1 + dice.below(31), dice.below(24), dice.below(60), dice.below(60))
            .into(),
    );
    Some(taxpayer)
}

/// Gives an address, whose parts and whole agree.
fn settle(taxpayer: &mut Taxpayer, dice: &mut Dice, in_lima: bool) {
    let place = *dice.pick_from(PLACES);
    let (code, district, province, department) = if in_lima { PLACES[0] } else { place };
    taxpayer.set_ubigeo(code);
    taxpayer.distrito = Some(district.into());
    taxpayer.provincia = Some(province.into());
    taxpayer.departamento = Some(department.into());

    let (kind, street) = *dice.pick_from(STREETS);
    taxpayer.tipo_de_via = Some(kind.into());
    taxpayer.nombre_de_via = Some(street.into());
    let mut line = format!("{kind} {street}");
    let add = |line: &mut String, label: &str, text: String| {
        line.extend([" ", label, " ", &text]);
        Some(text.into_boxed_str())
    };
    match dice.below(10) {
        0 => taxpayer.kilometro = add(&mut line, "KM.", format!("{}.5", dice.below(90))),
        1 | 2 => {
            taxpayer.manzana = add(&mut line, "MZA.", ['A', 'B', 'C', 'D'][dice.below(4)].to_string());
            taxpayer.lote = add(&mut line, "LOTE.", format!("{}", 1 + dice.below(40)));
        }
        _ => taxpayer.numero = add(&mut line, "NRO.", format!("{}", 100 + dice.below(4900))),
    }
    match dice.below(6) {
        0 => taxpayer.interior = add(&mut line, "INT.", format!("{}", 1 + dice.below(20))),
        1 => taxpayer.dpto = add(&mut line, "DPTO.", format!("{}", 101 + dice.below(900))),
        _ => {}
    }
    if dice.below(3) == 0 {
        let (kind, name) = *dice.pick_from(ZONES);
        taxpayer.codigo_de_zona = Some(kind.into());
        taxpayer.tipo_de_zona = Some(name.into());
        line.extend([" ", kind, " ", name]);
    }
    taxpayer.direccion = Some(format!("{line} - {department} {province} {district}").into());
    taxpayer.direccion_simple = Some(line.into());
}

/// Numbers that follow from a number, spread evenly.
struct Dice(u64);

// === impl Dice ===

impl Dice {
    fn of(ruc: Ruc) -> Self {
        Self(ruc.to_u64())
    }

    /// Dice for another matter than the taxpayer of the number.
    fn new(matter: u64, number: u64) -> Self {
        Self(spread(matter.wrapping_add(0x5851_f42d_4c95_7f2d)) ^ number)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        spread(self.0)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("it is below a usize")
    }

    fn percent(&mut self) -> usize {
        self.below(100)
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }

    fn pick_from<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Turns neighbouring numbers into unrelated ones (the finaliser of `SplitMix64`).
pub(crate) fn spread(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_a_code_and_no_code_comes_twice() {
        let mut codes: Vec<_> = PLACES.iter().map(|(code, ..)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), PLACES.len());
        assert!(codes.iter().all(|code| code.parse::<chasqui_types::Ubigeo>().is_ok()));
    }
}
