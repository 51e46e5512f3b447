//! A row as it was read, and what it says.
//!
//! A row is one line of text and the places of its cells, so every column, and the line itself, is there byte for
//! byte. Reading another number into the same row costs no memory.
//! Left out: finding it.

use std::borrow::Cow;
use std::fmt;

use chasqui_types::{Condition, Dni, Person, Ruc, Status, Taxpayer, clean};

use crate::line::{self, BadLine, Cells, part};
use crate::text::decode;
use crate::ubigeos::Ubigeos;

/// The registry's columns, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The number.
    Ruc,
    /// Name or business name.
    Name,
    /// State of the registration, cut at 20 characters by the source.
    Status,
    /// Condition of the domicile, cut at 20 characters by the source.
    Condition,
    /// District code.
    Ubigeo,
    /// Kind of street.
    StreetKind,
    /// Name of the street.
    Street,
    /// Kind of zone; the source calls it its code.
    ZoneKind,
    /// Name of the zone; the source calls it its kind.
    Zone,
    /// Door number.
    Number,
    /// Inner number.
    Interior,
    /// Lot.
    Lot,
    /// Flat; not the department of the country.
    Flat,
    /// Block.
    Block,
    /// Kilometre.
    Kilometre,
}

/// One row of the registry.
#[derive(Clone, Default)]
pub struct Row {
    text: Vec<u8>,
    cells: Cells,
}

// === impl Column ===

impl Column {
    /// All of them, in the registry's order.
    pub const ALL: [Self; line::CELLS] = [
        Self::Ruc,
        Self::Name,
        Self::Status,
        Self::Condition,
        Self::Ubigeo,
        Self::StreetKind,
        Self::Street,
        Self::ZoneKind,
        Self::Zone,
        Self::Number,
        Self::Interior,
        Self::Lot,
        Self::Flat,
        Self::Block,
        Self::Kilometre,
    ];
}

// === impl Row ===

impl Row {
    /// An empty row, to be read into.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cuts a line of the registry's text, given without its end.
    pub fn parse(line: &[u8]) -> Result<Self, BadLine> {
        Ok(Self { text: line.to_vec(), cells: line::cut(line)? })
    }

    /// Where the bytes of another row are to be read into.
    pub(crate) fn refill<E>(&mut self, read: impl FnOnce(&mut Vec<u8>) -> Result<Cells, E>) -> Result<(), E> {
        match read(&mut self.text) {
            Ok(cells) => {
                self.cells = cells;
                Ok(())
            }
            Err(error) => {
                // The old places would point past the new bytes.
                *self = Self::default();
                Err(error)
            }
        }
    }

    /// The line, as it stood in the text, without its end.
    pub fn raw(&self) -> &[u8] {
        &self.text
    }

    /// A cell's bytes, as they stood in the text: `-` where it is blank.
    pub fn bytes(&self, column: Column) -> &[u8] {
        part(&self.text, self.cells.spans[column as usize])
    }

    /// What a cell's bytes say.
    pub fn text(&self, column: Column) -> Cow<'_, str> {
        decode(self.bytes(column))
    }

    /// What a cell says once blanks are folded: `None` for `-`, `----` and nothing.
    pub fn clean(&self, column: Column) -> Option<Box<str>> {
        match self.bytes(column) {
            b"-" | b"" => None,
            bytes => clean(&decode(bytes)),
        }
    }

    /// The number, if it is well formed.
    pub fn ruc(&self) -> Option<Ruc> {
        std::str::from_utf8(self.bytes(Column::Ruc)).ok()?.parse().ok()
    }

    /// The taxpayer, with its address put together as MIGO does; `None` if the number is not well formed.
    ///
    /// `actualizado_en` stays empty: the registry does not say when a row changed.
    pub fn taxpayer(&self, ubigeos: &Ubigeos) -> Option<Taxpayer> {
        let mut taxpayer = Taxpayer::new(self.ruc()?);
        taxpayer.nombre_o_razon_social = self.clean(Column::Name);
        taxpayer.estado_del_contribuyente = self.clean(Column::Status).map(|text| Status::from_text(&text));
        taxpayer.condicion_de_domicilio = self.clean(Column::Condition).map(|text| Condition::from_text(&text));
        taxpayer.set_ubigeo(&self.text(Column::Ubigeo));
        taxpayer.tipo_de_via = self.clean(Column::StreetKind);
        taxpayer.nombre_de_via = self.clean(Column::Street);
        taxpayer.codigo_de_zona = self.clean(Column::ZoneKind);
        taxpayer.tipo_de_zona = self.clean(Column::Zone);
        taxpayer.numero = self.clean(Column::Number);
        taxpayer.interior = self.clean(Column::Interior);
        taxpayer.lote = self.clean(Column::Lot);
        taxpayer.dpto = self.clean(Column::Flat);
        taxpayer.manzana = self.clean(Column::Block);
        taxpayer.kilometro = self.clean(Column::Kilometre);
        crate::address::complete(&mut taxpayer, ubigeos);
        Some(taxpayer)
    }

    /// The person whose DNI the number holds, with the name and nothing else.
    pub fn person(&self) -> Option<Person> {
        Some(Person { dni: Dni::of_ruc(self.ruc()?)?, nombre: self.clean(Column::Name)? })
    }
}

/// Masked: the number's ends and the registration's state, no name and no address.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("ruc", &self.ruc())
            .field("status", &self.text(Column::Status))
            .finish_non_exhaustive()
    }
}
