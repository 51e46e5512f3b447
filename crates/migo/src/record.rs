//! A taxpayer out of one JSON object, read leniently.
//!
//! Every member but the number may be missing, null, blank or a number; the member names of 2018 to 2020 are read too.
//! What is not tolerated is an object that is no taxpayer at all: without the member for the name, or with a list where
//! a text belongs, it would become a record full of blanks that looks found.
//! Left out: whose record it should be; see [`crate::read`].

use chasqui_types::{Condition, Ruc, Status, Taxpayer, clean};
use serde_json::{Map, Value};

/// The number an object says it is about.
pub(crate) fn number_of(object: &Map<String, Value>) -> Option<Ruc> {
    match object.get("ruc")? {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// The taxpayer `ruc` out of its object.
pub(crate) fn taxpayer_of(ruc: Ruc, object: &Map<String, Value>) -> Result<Taxpayer, &'static str> {
    if !object.contains_key("nombre_o_razon_social") {
        return Err("the record has no member for the name");
    }
    let mut taxpayer = Taxpayer::new(ruc);
    taxpayer.nombre_o_razon_social = text(object, "nombre_o_razon_social")?;
    taxpayer.estado_del_contribuyente = text(object, "estado_del_contribuyente")?.as_deref().map(Status::from_text);
    taxpayer.condicion_de_domicilio = text(object, "condicion_de_domicilio")?.as_deref().map(Condition::from_text);
    if let Some(ubigeo) = text(object, "ubigeo")? {
        taxpayer.set_ubigeo(&ubigeo);
    }
    for (slot, name) in [
        (&mut taxpayer.tipo_de_via, "tipo_de_via"),
        (&mut taxpayer.nombre_de_via, "nombre_de_via"),
        (&mut taxpayer.codigo_de_zona, "codigo_de_zona"),
        (&mut taxpayer.tipo_de_zona, "tipo_de_zona"),
        (&mut taxpayer.numero, "numero"),
        (&mut taxpayer.interior, "interior"),
        (&mut taxpayer.lote, "lote"),
        (&mut taxpayer.dpto, "dpto"),
        (&mut taxpayer.manzana, "manzana"),
        (&mut taxpayer.kilometro, "kilometro"),
        (&mut taxpayer.distrito, "distrito"),
        (&mut taxpayer.provincia, "provincia"),
        (&mut taxpayer.departamento, "departamento"),
        (&mut taxpayer.direccion_simple, "direccion_simple"),
        (&mut taxpayer.direccion, "direccion"),
        (&mut taxpayer.actualizado_en, "actualizado_en"),
    ] {
        *slot = text(object, name)?;
    }
    read_older_names(&mut taxpayer, object)?;
    Ok(taxpayer)
}

/// Before `direccion_simple` there was `direccion` for the street and `direccion_completa` for the whole.
fn read_older_names(taxpayer: &mut Taxpayer, object: &Map<String, Value>) -> Result<(), &'static str> {
    if let Some(whole) = text(object, "direccion_completa")? {
        let street = taxpayer.direccion.replace(whole);
        if taxpayer.direccion_simple.is_none() {
            taxpayer.direccion_simple = street;
        }
    }
    if taxpayer.actualizado_en.is_none() {
        taxpayer.actualizado_en = text(object, "ultima_actualizacion")?;
    }
    Ok(())
}

/// A text, a number as text, or nothing; an error for anything else.
pub(crate) fn text(object: &Map<String, Value>, name: &str) -> Result<Option<Box<str>>, &'static str> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(clean(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string().into_boxed_str())),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err("a member is of the wrong type"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Taxpayer, &'static str> {
        let object: Map<String, Value> = serde_json::from_str(json).unwrap();
        taxpayer_of("20131312955".parse().unwrap(), &object)
    }

    #[test]
    fn missing_null_blank_and_dashed_members_are_nothing() {
        let taxpayer = read(r#"{"nombre_o_razon_social": null, "numero": "-", "lote": " ", "ubigeo": "-"}"#).unwrap();
        assert_eq!(taxpayer, Taxpayer::new("20131312955".parse().unwrap()));
    }

    #[test]
    fn numbers_are_read_as_text() {
        let taxpayer = read(r#"{"nombre_o_razon_social": "X", "numero": 1472, "kilometro": 3.5, "ubigeo": 150101}"#);
        let taxpayer = taxpayer.unwrap();
        assert_eq!(taxpayer.numero.as_deref(), Some("1472"));
        assert_eq!(taxpayer.kilometro.as_deref(), Some("3.5"));
        assert_eq!(taxpayer.ubigeo.unwrap().as_str(), "150101");
    }

    #[test]
    fn the_names_of_2018_are_read() {
        let taxpayer = read(
            r#"{"nombre_o_razon_social": "X", "direccion": "AV. UNO 1", "direccion_completa": "AV. UNO 1 - LIMA",
                "ultima_actualizacion": "2019-05-01 10:00:00"}"#,
        )
        .unwrap();
        assert_eq!(taxpayer.direccion_simple.as_deref(), Some("AV. UNO 1"));
        assert_eq!(taxpayer.direccion.as_deref(), Some("AV. UNO 1 - LIMA"));
        assert_eq!(taxpayer.actualizado_en.as_deref(), Some("2019-05-01 10:00:00"));
    }

    #[test]
    fn what_is_no_taxpayer_is_refused() {
        for json in [
            "{}",
            r#"{"message": "Servicio no disponible"}"#,
            r#"{"nombre_o_razon_social": ["X"]}"#,
            r#"{"nombre_o_razon_social": "X", "numero": true}"#,
            r#"{"nombre_o_razon_social": "X", "direccion": {"calle": "UNO"}}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn the_number_may_be_text_or_number_and_must_be_right() {
        let number = |json: &str| number_of(&serde_json::from_str(json).unwrap());
        let ruc: Ruc = "20131312955".parse().unwrap();
        assert_eq!(number(r#"{"ruc": " 20131312955 "}"#), Some(ruc));
        assert_eq!(number(r#"{"ruc": 20131312955}"#), Some(ruc));
        for json in ["{}", r#"{"ruc": null}"#, r#"{"ruc": "20131312954"}"#, r#"{"ruc": 20131312955.5}"#] {
            assert_eq!(number(json), None, "{json}");
        }
    }
}
