//! Addresses as one line.
//!
//! The registry has the parts only. MIGO shows them put together, in the order of SUNAT's own page: street, door, inner
//! number, flat, block, lot, kilometre, zone; then department, province and district.
//! Left out: mending what the source cut off.

use chasqui_types::Taxpayer;

use crate::ubigeos::Ubigeos;

/// Fills in the names of places and the addresses of a taxpayer whose parts are there.
pub(crate) fn complete(taxpayer: &mut Taxpayer, ubigeos: &Ubigeos) {
    if let Some(code) = taxpayer.ubigeo {
        let place = ubigeos.place(code);
        let owned = |name: Option<&str>| name.map(Into::into);
        taxpayer.departamento = owned(place.department);
        taxpayer.provincia = owned(place.province);
        taxpayer.distrito = owned(place.district);
    }
    let parts = [
        ("", &taxpayer.tipo_de_via),
        ("", &taxpayer.nombre_de_via),
        ("NRO.", &taxpayer.numero),
        ("INT.", &taxpayer.interior),
        ("DPTO.", &taxpayer.dpto),
        ("MZA.", &taxpayer.manzana),
        ("LOTE.", &taxpayer.lote),
        ("KM.", &taxpayer.kilometro),
        ("", &taxpayer.codigo_de_zona),
        ("", &taxpayer.tipo_de_zona),
    ];
    let mut simple = String::new();
    for (label, part) in parts {
        let Some(part) = part else { continue };
        for word in [label, part] {
            if !word.is_empty() {
                if !simple.is_empty() {
                    simple.push(' ');
                }
                simple.push_str(word);
            }
        }
    }
    if simple.is_empty() {
        return;
    }
    let names = [&taxpayer.departamento, &taxpayer.provincia, &taxpayer.distrito];
    let names: Vec<&str> = names.into_iter().filter_map(|name| name.as_deref()).collect();
    let whole = if names.is_empty() { simple.clone() } else { format!("{simple} - {}", names.join(" ")) };
    taxpayer.direccion = Some(whole.into());
    taxpayer.direccion_simple = Some(simple.into());
}
