//! SUNAT's registry on this machine, from the file to the answer.

mod answers;
mod changes;
mod editions;
mod faults;
mod fetch;
mod full_disk;
mod host;
mod kills;
mod search;
mod server;
mod suppress;

use std::fmt::Write as _;
use std::io::Write as _;

use chasqui_padron::synth::Synth;
use chasqui_types::Ruc;

use crate::program::World;

pub(crate) const HEADER: &str = "RUC|NOMBRE O RAZON SOCIAL|ESTADO DEL CONTRIBUYENTE|CONDICION DE DOMICILIO|UBIGEO|TIPO DE VIA|\
    NOMBRE DE VIA|CODIGO DE ZONA|TIPO DE ZONA|NUMERO|INTERIOR|LOTE|DEPARTAMENTO|MANZANA|KILOMETRO|\n";
pub(crate) const YARA: &str =
    "20100193117|YARA PERU S.R.L.|ACTIVO|HABIDO|150140|CAL.|MONTERREY|URB.|CHACARILLA|355|-|-|501|-|-|\n";
const PERSON: &str = "10101174102|PRUEBA SANDBOX UNO|ACTIVO|HABIDO|-|-|-|-|-|-|-|-|-|-|-|\n";
const NOT_LISTED: &str = "20131312955";

fn world(rows: &[&str]) -> World {
    World::new().with_file("padron.txt", &format!("{HEADER}{}", rows.concat()))
}

/// A world with an edition of that date; of today where none is given.
fn imported(rows: &[&str], date: Option<&str>) -> World {
    let world = world(rows);
    let edition = date.map(|date| ["--edition", date]);
    let arguments = [&["padron", "import", "padron.txt"][..], edition.as_ref().map_or(&[], |flags| flags)].concat();
    let run = world.run(&arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    world
}

/// A made-up registry of so many rows.
fn synthetic(n_rows: u64, seed: u64) -> Vec<u8> {
    let mut text = chasqui_padron::synth::HEADER.to_vec();
    Synth::new(n_rows, seed).with_odd_rows(0).write(0..n_rows, &mut text);
    text
}

/// A zip with one text in it.
fn zipped(text: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("padron_reducido_ruc.txt", zip::write::SimpleFileOptions::default()).expect("it is memory");
    zip.write_all(text).expect("it is memory");
    zip.finish().expect("it is memory").into_inner()
}

/// One of SUNAT's lists, of so many made-up companies.
fn list(n_rows: u32) -> String {
    let mut text = "Ruc|Nombre/Razon|A partir del|Resolucion|\r\n".to_owned();
    for body in 10_000_000..10_000_000 + n_rows {
        let ruc = Ruc::from_body(20, body).expect("a body has eight digits");
        write!(text, "{ruc}|EMPRESA {body} S.A.|01/06/2012|RS R.S.096-2012|\r\n").expect("it is a String");
    }
    text
}
