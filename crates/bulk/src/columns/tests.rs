//! What stands in the columns, row by row.

use chasqui_types::{Billing, BillingObstacle, BillingWarning, Dni, ParseRucError, Ruc, SourceId};

use super::*;
use crate::{Facts, Origin};

fn ruc() -> Row {
    Row { number: Some(Ok("20131312955".parse::<Ruc>().unwrap().into())), ..Row::default() }
}

fn dni() -> Row {
    Row { number: Some(Ok("01234567".parse::<Dni>().unwrap().into())), ..Row::default() }
}

fn bad(bad: BadNumber) -> Row {
    Row { number: Some(Err(bad)), ..Row::default() }
}

fn recovered(row: Row) -> Row {
    Row { is_recovered: true, ..row }
}

fn origin() -> Origin {
    Origin { source: SourceId::MIGO, as_of: Some("2026-11-20".parse().unwrap()) }
}

fn found(obstacles: &[BillingObstacle], warnings: &[BillingWarning]) -> Finding {
    let billing = Billing { obstacles: obstacles.to_vec(), warnings: warnings.to_vec() };
    Finding::Found(Box::new(Facts {
        nombre_o_razon_social: Some("EMPRESA DE PRUEBA S.A.C.".into()),
        estado_del_contribuyente: Some("ACTIVO".into()),
        condicion_de_domicilio: Some("HABIDO".into()),
        ubigeo: Some("040101".into()),
        departamento: Some("AREQUIPA".into()),
        provincia: None,
        distrito: Some("AREQUIPA".into()),
        direccion: Some("AV. LIMA NRO. 10".into()),
        billing: Some(billing),
        origin: origin(),
    }))
}

fn person() -> Finding {
    let Finding::Found(mut facts) = found(&[], &[]) else { unreachable!() };
    facts.billing = None;
    facts.origin.as_of = None;
    Finding::Found(facts)
}

fn cells(lang: Lang, row: &Row, finding: Option<&Finding>) -> Vec<String> {
    // Filled before, so that nothing of a former row may be left.
    let mut cells = ResultCells::default();
    cells.fill(Lang::En, &ruc(), Some(&found(&[BillingObstacle::NotActive], &[])));
    cells.fill(lang, row, finding);
    cells.iter().map(str::to_owned).collect()
}

/// Outcome, whether it may be invoiced, and why.
#[track_caller]
fn check(row: &Row, finding: Option<&Finding>, spanish: [&str; 3], english: [&str; 3]) {
    for (lang, expected) in [(Lang::Es, spanish), (Lang::En, english)] {
        let cells = cells(lang, row, finding);
        assert_eq!(cells.len(), N_COLUMNS);
        assert_eq!([&cells[0], &cells[9], &cells[10]], expected);
    }
}

#[test]
fn a_found_number_fills_every_column_and_blanks_stay_blank() {
    let expected = [
        "ENCONTRADO",
        "EMPRESA DE PRUEBA S.A.C.",
        "ACTIVO",
        "HABIDO",
        "040101",
        "AREQUIPA",
        "",
        "AREQUIPA",
        "AV. LIMA NRO. 10",
        "SI",
        "",
        "migo",
        "2026-11-20",
    ];
    assert_eq!(cells(Lang::Es, &ruc(), Some(&found(&[], &[]))), expected);
}

#[test]
fn obstacles_and_warnings_are_told_in_words() {
    let finding = found(&[BillingObstacle::NotActive, BillingObstacle::NotLocated], &[BillingWarning::ShortName]);
    check(
        &ruc(),
        Some(&finding),
        [
            "ENCONTRADO",
            "NO",
            "El contribuyente no está ACTIVO; El domicilio no está HABIDO; El nombre tiene menos de 3 caracteres",
        ],
        ["FOUND", "NO", "The taxpayer is not ACTIVO; The address is not HABIDO; The name has fewer than 3 characters"],
    );
}

#[test]
fn a_person_is_found_and_leaves_open_whether_they_may_be_invoiced() {
    check(
        &recovered(dni()),
        Some(&person()),
        [
            "ENCONTRADO",
            "NO VERIFICADO",
            "Un DNI no dice si se le puede facturar: para factura se necesita su RUC; Número completado: 01234567",
        ],
        [
            "FOUND",
            "NOT VERIFIED",
            "A DNI does not tell whether its holder may be invoiced: an invoice needs their RUC; \
             Number completed: 01234567",
        ],
    );
    assert_eq!(cells(Lang::Es, &dni(), Some(&person()))[12], "");
}

#[test]
fn an_absence_says_of_what_and_who_said_so() {
    let absent = Finding::Absent(origin());
    check(&ruc(), Some(&absent), ["NO EXISTE", "NO", "El RUC no existe"], ["ABSENT", "NO", "The RUC does not exist"]);
    check(
        &dni(),
        Some(&absent),
        ["NO EXISTE", "NO", "El DNI no figura en el registro"],
        ["ABSENT", "NO", "The DNI is not in the registry"],
    );
    assert_eq!(cells(Lang::Es, &ruc(), Some(&absent))[11..], ["migo", "2026-11-20"]);
}

#[test]
fn an_outage_is_no_absence_and_leaves_open_whether_it_may_be_invoiced() {
    let codes = [
        "limited",
        "upstream_error",
        "upstream_auth",
        "upstream_resting",
        "deadline",
        "no_source",
        "suppressed",
        "stopped",
        "anything else",
    ];
    for code in codes {
        for lang in [Lang::Es, Lang::En] {
            let cells = cells(lang, &ruc(), Some(&Finding::Unknown(code.into())));
            assert_eq!(Outcome::from_words(&cells[0]), Some(Outcome::Unknown));
            assert!(!cells[10].contains("no existe") && !cells[10].contains("not exist"), "{}", cells[10]);
            assert_eq!(cells[11..], ["", ""]);
        }
    }
    check(
        &recovered(ruc()),
        Some(&Finding::Unknown("deadline".into())),
        [
            "SIN RESPUESTA",
            "NO VERIFICADO",
            "El proveedor no respondió a tiempo: vuelva a intentar; Número completado: 20131312955",
        ],
        ["UNKNOWN", "NOT VERIFIED", "The provider did not answer in time: try again; Number completed: 20131312955"],
    );
    assert_eq!(cells(Lang::Es, &ruc(), None)[0], "SIN RESPUESTA", "never asked: nothing is known");
}

#[test]
fn a_bad_number_says_what_is_wrong() {
    let cases = [
        (BadNumber::Empty, "La celda del número está vacía"),
        (BadNumber::NotANumber, "No es un número de RUC ni de DNI"),
        (BadNumber::Length { found: 10 }, "Tiene 10 dígitos: un RUC tiene 11 y un DNI tiene 8"),
        (BadNumber::Ruc(ParseRucError::Length { found: 12 }), "Tiene 12 dígitos: un RUC tiene 11 y un DNI tiene 8"),
        (BadNumber::Ruc(ParseRucError::Prefix), "Un RUC empieza con 10, 15, 16, 17 o 20"),
        (
            BadNumber::Ruc(ParseRucError::CheckDigit),
            "El RUC está mal escrito: su último dígito no corresponde a los demás",
        ),
        (BadNumber::Ruc(ParseRucError::NotADigit { position: 3 }), "No es un número de RUC"),
        (
            BadNumber::Rounded,
            "La hoja de cálculo redondeó el número y se perdieron dígitos: vuelva a escribirlo, como texto",
        ),
        (
            BadNumber::ShortDni { found: 7 },
            "Tiene 7 dígitos: si es un DNI sin sus ceros iniciales, escríbalo con 8 dígitos",
        ),
    ];
    for (bad_number, words) in cases {
        let spanish = cells(Lang::Es, &bad(bad_number), None);
        assert_eq!([&spanish[0], &spanish[9], &spanish[10]], ["INVALIDO", "NO", words]);
        let english = cells(Lang::En, &bad(bad_number), None);
        assert_eq!([&english[0], &english[9]], ["INVALID", "NO"]);
        assert!(english[10].is_ascii() && !english[10].is_empty());
    }
}

#[test]
fn an_outcome_reads_back_in_either_language() {
    for outcome in Outcome::ALL {
        for lang in [Lang::Es, Lang::En] {
            assert_eq!(Outcome::from_words(outcome.words(lang)), Some(outcome));
        }
    }
    assert_eq!(Outcome::from_words("resultado"), None);
}

#[test]
fn cells_of_a_former_run_stay_as_they_are() {
    let mut cells = ResultCells::default();
    cells.copy(&["ENCONTRADO".to_owned(), "'=X".to_owned()]);
    assert_eq!(cells.iter().take(3).collect::<Vec<_>>(), ["ENCONTRADO", "'=X", ""]);
    assert_eq!(cells.iter().count(), N_COLUMNS);
}

#[test]
fn a_name_that_is_taken_is_counted_on() {
    let names = free_names(Lang::Es, ["ruc", " Resultado", "resultado_2", "UBIGEO"]);
    assert_eq!([&names[0], &names[1], &names[4]], ["resultado_3", "nombre_o_razon_social", "ubigeo_2"]);
    assert_eq!(free_names(Lang::En, [])[12], "data_as_of");
}
