//! What one reply to a question about one taxpayer means, case by case.

use std::time::Duration;

use chasqui_migo::{Failure, RawReply, Verdict, read_taxpayer, write_taxpayer};
use chasqui_types::Taxpayer;

use crate::{ASKED, ask, reply, ruc, shown};

#[test]
fn a_record_of_the_number_asked_is_found() {
    check(200, r#"{"success":true,"ruc":"20131312955","nombre_o_razon_social":"SUNAT"}"#, "Found");
    check(200, r#"{"ruc":20131312955,"nombre_o_razon_social":"-"}"#, "Found");
    check(200, " {\"success\":null,\"ruc\":\"20131312955\",\"nombre_o_razon_social\":null}\n", "Found");
}

#[test]
fn a_not_found_in_migos_json_is_an_absence() {
    check(404, r#"{"success":false,"message":"RUC no encontrado"}"#, "NotFound(RUC no encontrado)");
    check(404, r#"{"message":"El ruc consultado es inválido"}"#, "NotFound(El ruc consultado es inválido)");
    check(200, r#"{"success":false,"message":"RUC NO ENCONTRADO."}"#, "NotFound(RUC NO ENCONTRADO.)");
    check(200, r#"{"success":false,"message":"El RUC no existe"}"#, "NotFound(El RUC no existe)");
}

#[test]
fn every_other_404_is_a_failure_to_find_out() {
    check(404, r#"{"success":true,"message":"RUC no encontrado"}"#, "Failed 404");
    check(404, r#"{"success":null,"message":"RUC no encontrado"}"#, "Failed 404");
    check(404, r#"{"success":"false","message":"RUC no encontrado"}"#, "Failed 404");
    check(404, r#"{"success":false,"message":"Recurso no encontrado"}"#, "Failed 404");
    check(404, r#"{"message":" RECURSO no  encontrado. "}"#, "Failed 404");
    check(404, r#"{"success":false,"message":"Token no encontrado"}"#, "Failed 404");
    check(404, r#"{"message":"no Route matched with those values"}"#, "Failed 404");
    check(404, r#"{"message":"Not Found"}"#, "Failed 404");
    check(404, r#"{"success":false,"message":""}"#, "Failed 404");
    check(404, r#"{"success":false,"message":" - "}"#, "Failed 404");
    check(404, r#"{"success":false,"message":["RUC no encontrado"]}"#, "Failed 404");
    check(404, r#"{"success":false}"#, "Failed 404");
    check(404, "{}", "Failed 404");
    check(404, r#"[{"success":false,"message":"RUC no encontrado"}]"#, "Failed 404");
    check(404, r#""RUC no encontrado""#, "Failed 404");
    check(404, r#"{"success":false,"message":"RUC no encontrado""#, "Failed 404");
    check(404, "<html><h1>404 Not Found</h1></html>", "Failed 404");
    check(404, "", "Failed 404");
}

#[test]
fn a_refused_token_is_told_by_status_or_by_its_sentence() {
    check(401, r#"{"message":"Unauthenticated."}"#, "TokenRefused");
    check(401, "<html>", "TokenRefused");
    check(401, r#"{"success":false,"message":"RUC no encontrado"}"#, "TokenRefused");
    check(403, r#"{"message":"Unauthenticated."}"#, "TokenRefused");
    check(404, r#"{"success":false,"message":"unauthenticated"}"#, "TokenRefused");
    check(200, r#"{"message":"Unauthenticated."}"#, "TokenRefused");
    check(200, r#"{"success":false,"message":"Unauthenticated."}"#, "TokenRefused");
}

#[test]
fn refusals_count_only_in_migos_json() {
    check(403, r#"{"success":false,"message":"Su plan expiró"}"#, "Denied(Su plan expiró)");
    check(403, r#"{"message":"RUC no encontrado"}"#, "Denied(RUC no encontrado)");
    check(403, "<html>Access denied</html>", "Failed 403");
    check(403, "{}", "Failed 403");
    check(422, r#"{"message":"mal","errors":{"ruc":["11 dígitos"]}}"#, "Rejected 422(mal)");
    check(422, r#"{"success":false,"errors":{"ruc":["11 dígitos"]}}"#, "Rejected 422(11 dígitos)");
    check(422, r#"{"errors":{"ruc":[]}}"#, "Failed 422");
    check(422, r#"{"success":false,"message":"RUC no encontrado"}"#, "Rejected 422(RUC no encontrado)");
    check(400, r#"{"success":false,"message":"mal"}"#, "Rejected 400(mal)");
    check(400, "<html>400 Bad Request</html>", "Failed 400");
}

#[test]
fn any_other_status_is_a_failure_whatever_its_body() {
    for status in [201, 204, 206, 301, 302, 304, 402, 405, 408, 409, 410, 500, 502, 503, 504, 522, 599] {
        let not_found = r#"{"success":false,"message":"RUC no encontrado"}"#;
        check(status, not_found, &format!("Failed {status}"));
        check(
            status,
            r#"{"success":true,"ruc":"20131312955","nombre_o_razon_social":"X"}"#,
            &format!("Failed {status}"),
        );
    }
}

#[test]
fn a_429_carries_its_wait() {
    let retry_after = Some(Duration::from_secs(7));
    let throttled = RawReply { retry_after, ..reply(429, b"") };
    assert_eq!(read_taxpayer(&throttled, ruc(ASKED)), Verdict::Throttled { retry_after });
    check(429, "", "Throttled");
}

#[test]
fn a_200_that_cannot_be_read_says_why() {
    let record = r#"{"success":true,"ruc":"20131312955","nombre_o_razon_social":"SUNAT"}"#;
    check(200, "", "Malformed: the body is empty");
    check(200, "<!doctype html>", "Malformed: the body is a web page");
    check(200, &record[..40], "Malformed: the body stops in the middle");
    check(200, "no", "Malformed: the body is not JSON");
    check(200, &format!("[{record}]"), "Malformed: the body is not an object");
    check(200, "null", "Malformed: the body is not an object");
    check(200, &record.replace(ASKED, "20100047218"), "Malformed: the record is another number's");
    check(200, &record.replace(ASKED, "-"), "Malformed: the record does not say whose it is");
    check(200, &record.replace("true", "\"true\""), "Malformed: success is not a boolean");
    check(200, r#"{"ruc":"20131312955","message":"Sin servicio"}"#, "Malformed: the record has no member for the name");
    let why = "Malformed: success is false, and the message does not say that the record is unknown";
    check(200, &record.replace("true", "false"), why);
    check(200, r#"{"success":false,"message":"Servicio no disponible"}"#, why);
    check(200, r#"{"success":false,"message":"Recurso no encontrado"}"#, why);
    check(200, r#"{"success":false}"#, why);
}

#[test]
fn a_wrong_content_type_neither_hides_a_record_nor_makes_an_absence() {
    let body = write_taxpayer(&Taxpayer::new(ruc(ASKED)));
    for content_type in [None, Some("text/html; charset=UTF-8"), Some("")] {
        let right = RawReply { content_type, ..reply(200, &body) };
        assert_eq!(read_taxpayer(&right, ruc(ASKED)), Verdict::Found(Taxpayer::new(ruc(ASKED))));
        let page = RawReply { content_type, ..reply(404, b"RUC no encontrado") };
        assert_eq!(read_taxpayer(&page, ruc(ASKED)), Verdict::Failed { status: 404 });
    }
}

#[test]
fn the_bodies_we_write_mean_what_they_are_named_for() {
    let check = |failure: Failure, expected: &str| {
        let (status, body) = failure.into_parts();
        self::check(status, &String::from_utf8(body).unwrap(), expected);
    };
    check(Failure::not_found(Failure::RUC_NOT_FOUND), "NotFound(RUC no encontrado)");
    check(Failure::unauthenticated(), "TokenRefused");
    check(Failure::denied("Su plan expiró"), "Denied(Su plan expiró)");
    check(Failure::invalid("ruc", "mal"), "Rejected 422(mal)");
    check(Failure::throttled(), "Throttled");
    check(Failure::server_error(), "Failed 500");
    check(Failure::unavailable("No se pudo consultar"), "Failed 503");
    check(Failure::path_not_found(), "Failed 404");
    check(Failure::method_not_allowed(), "Failed 405");
}

#[test]
fn debug_output_of_replies_and_verdicts_repeats_nothing_of_the_body() {
    let body = r#"{"success":false,"message":"El RUC 20131312955 de PEREZ con token T0K3N no existe"}"#;
    for status in [404, 403, 422, 200] {
        let shown = format!("{:?} {:?}", reply(status, body.as_bytes()), ask(status, body));
        assert!(!["existe", "PEREZ", "T0K3N", ASKED].iter().any(|part| shown.contains(part)), "{shown}");
    }
}

#[track_caller]
fn check(status: u16, body: &str, expected: &str) {
    let verdict = ask(status, body);
    if let Verdict::Found(taxpayer) = &verdict {
        assert_eq!(taxpayer.ruc, ruc(ASKED));
    }
    assert_eq!(shown(&verdict), expected, "{status} {body}");
}
