//! A made-up registry, as large as the real one and as awkward.
//!
//! Whoever tries the program out, tests it or measures it needs millions of rows that behave like SUNAT's, and must not
//! have SUNAT's people. Prefixes and statuses follow what was measured on the real text; each row follows from the seed
//! and its place alone, so any part can be made by itself.
//!
//! How often a name occurs decides how hard it is to search for. RENIEC's figures of 2025, which the press printed, say
//! how many of about 38 million people, with two surnames each, have a surname: Quispe 1,212,114, which is 1.6 % of all,
//! the twentieth 372,605 or 0.49 %, the first twenty together 14.9 %. The k-th of 60,000 with a share proportional to
//! 1 / (k + 6) comes to 1.6 %, 0.42 % and 15.4 %; registers of neighbours have 70,000 to 175,000 different surnames, and
//! some that hardly anybody has are added to the list. Of given names no such figures were found: the first has nearly
//! 2.7 % of 8,000, because parents invent spellings. What companies are called was not counted either; words such as
//! INVERSIONES and PERU are in one name of twelve and one of twenty-five.
//! Left out: being believable one by one; which given names go together, and which surnames live in one region.

use std::collections::HashSet;
use std::ops::Range;

use chasqui_types::Ruc;

/// The first line.
pub const HEADER: &[u8] = b"RUC|NOMBRE O RAZ\xd3N SOCIAL|ESTADO DEL CONTRIBUYENTE|CONDICI\xd3N DE DOMICILIO|UBIGEO|\
    TIPO DE V\xcdA|NOMBRE DE V\xcdA|C\xd3DIGO DE ZONA|TIPO DE ZONA|N\xdaMERO|INTERIOR|LOTE|DEPARTAMENTO|MANZANA|\
    KIL\xd3METRO|\n";

/// A made-up registry.
pub struct Synth {
    seed: u64,
    odd_per_million: u64,
    blocks: Vec<Block>,
    surnames: Words,
    given: Words,
    trades: Words,
    nouns: Words,
    streets: Words,
}

/// Different words, the most frequent first: the k-th has a share nearly proportional to 1 / (k + flat).
struct Words {
    text: Vec<u8>,
    ends: Vec<u32>,
    /// `flat`, and half a step more: words take a step of one each on the way from here, and chance the way's logarithm.
    start: f64,
    /// The logarithm of how many times farther the way ends than it starts.
    stretch: f64,
}

/// Rows of one prefix, which follow each other in the text.
struct Block {
    prefix: u8,
    n_rows: u64,
    /// Their numbers are `first..first + span`, taken in steps that visit each once.
    first: u64,
    span: u64,
    step: u64,
}

/// Small and quick; nothing here is a secret.
struct Dice(u64);

/// The first twenty are RENIEC's, in its order.
const SURNAMES: &str = "QUISPE,FLORES,SANCHEZ,GARCIA,RODRIGUEZ,HUAMAN,ROJAS,VASQUEZ,MAMANI,LOPEZ,RAMOS,PEREZ,TORRES,DIAZ,\
    GONZALES,RAMIREZ,MENDOZA,CHAVEZ,ESPINOZA,CASTILLO,FERNANDEZ,GUTIERREZ,CRUZ,CASTRO,MARTINEZ,GOMEZ,MORALES,RUIZ,\
    DE LA CRUZ,VARGAS,SALAZAR,REYES,CONDORI,RIVERA,HERRERA,AGUILAR,ROMERO,CARDENAS,ALVAREZ,VEGA,GUERRERO,MEDINA,\
    HERNANDEZ,CORDOVA,DELGADO,SILVA,PALOMINO,GUZMAN,SOTO,CAMPOS,VILLANUEVA,ORTIZ,LEON,MU\u{d1}OZ,APAZA,ALARCON,CCAMA,\
    VALVERDE,ACOSTA,PALACIOS,CABRERA,PE\u{d1}A,CHOQUE,ROBLES,PAREDES,JIMENEZ,ALVARADO,MONTOYA,CAMACHO,SALDA\u{d1}A,\
    NU\u{d1}EZ,ZEGARRA,INGA,CARRASCO,TAPIA,BAUTISTA,CALDERON,FUENTES,MEZA,ARIAS,PONCE,VALDIVIA,BENITES,YUPANQUI,CACERES,\
    CORONADO,AYALA,LUNA,BARRIENTOS,OCHOA,ZAPATA,TICONA,COLQUE,HUANCA,CHIPANA,LAURA,POMA,CCORI,\u{d1}AHUI,\u{d1}AUPARI,\
    SULCA,TAIPE,HUARCAYA,TITO";
const GIVEN: &str = "MARIA,JOSE,LUIS,JUAN,ROSA,CARLOS,JORGE,ANA,VICTOR,CESAR,MIGUEL,JULIO,PEDRO,CARMEN,JESUS,MANUEL,\
    ANGEL,ALBERTO,ANTONIO,LUZ,ELIZABETH,FERNANDO,ISABEL,MARTHA,RICARDO,WALTER,ROBERTO,OSCAR,DAVID,DANIEL,EDUARDO,JULIA,\
    FRANCISCO,NANCY,PATRICIA,ENRIQUE,MARCO,JAVIER,RAUL,SANDRA,EDWIN,MARIO,FELIX,ELENA,TERESA,MARLENI,PERCY,WILLIAM,\
    HENRY,ALEX,JENNY,MILAGROS,YOLANDA,GLADYS,NELLY,FREDY,RUTH,SARA,DIANA,KAREN,JHON,BRAYAN,YENY,ROXANA,MARUJA,IRMA,\
    GUSTAVO,HUGO,ALEJANDRO,SANTOS,DIEGO,CHRISTIAN,VERONICA,CLAUDIA,SILVIA,CECILIA,MARTIN,RUBEN,EDGAR,RENE,DEL PILAR";
const TRADES: &str = "INVERSIONES,SERVICIOS,CORPORACION,GRUPO,EMPRESA,CONSTRUCTORA,CONSORCIO,TRANSPORTES,COMERCIAL,\
    DISTRIBUIDORA,REPRESENTACIONES,NEGOCIACIONES,INDUSTRIAS,INGENIERIA,ASOCIACION,CONTRATISTAS,IMPORTACIONES,\
    EXPORTACIONES,AGROPECUARIA,MULTISERVICIOS,INMOBILIARIA,CONSULTORES,COMUNIDAD,CENTRO,AGENCIA,FABRICA,BOTICAS,\
    RESTAURANT,ESTUDIO,LABORATORIOS,COOPERATIVA,INSTITUCION,CLINICA,MINERA,TEXTILES,SOLUCIONES,TECNOLOGIA";
const NOUNS: &str = "GENERALES,PERU,SAN,JUAN,DEL,SUR,NORTE,ANDINA,LIMA,Y,E,HIJOS,SANTA,ROSA,MARIA,SOL,INTI,DORADO,\
    REAL,NUEVO,MUNDO,AMERICA,PACIFICO,VALLE,VERDE,GLOBAL,EXPRESS,TOTAL,LOGISTICA,MINERIA,CIVIL,DE,LOS,ANDES,ORIENTE,\
    CENTRAL,UNION,PROGRESO,ESTRELLA,CRISTO,AMAZONAS,INCA,CUSCO,AREQUIPA,TRUJILLO,PIURA,DIGITAL,TECH,SYSTEMS,MODERNA,\
    UNIVERSAL";
const FORMS: &[(&str, u32)] = &[
    ("S.A.C.", 42),
    ("E.I.R.L.", 24),
    ("SOCIEDAD ANONIMA CERRADA", 9),
    ("S.R.L.", 8),
    ("S.A.", 5),
    ("SAC", 4),
    ("EMPRESA INDIVIDUAL DE RESPONSABILIDAD LIMITADA", 4),
    ("S A", 2),
    ("SRLTDA", 1),
    ("ASOCIADOS", 1),
];
const STATUSES: &[(&str, u32)] = &[
    ("ACTIVO", 5090),
    ("BAJA DE OFICIO", 4018),
    ("BAJA DEFINITIVA", 620),
    ("SUSPENSION TEMPORAL", 170),
    ("BAJA MULT.INSCR. Y O", 80),
    ("BAJA PROV. POR OFICI", 15),
    ("ANULACION - ERROR SU", 3),
    ("BAJA PROVISIONAL", 2),
    ("NUM. INTERNO IDENTIF", 1),
    ("OTROS OBLIGADOS", 1),
];
const CONDITIONS: &[(&str, u32)] = &[
    ("HABIDO", 880),
    ("NO HABIDO", 50),
    ("NO HALLADO", 30),
    ("PENDIENTE", 15),
    ("POR VERIFICAR", 5),
    ("NO HALLADO SE MUDO D", 6),
    ("NO HALLADO NO EXISTE", 4),
    ("NO HALLADO OTROS MOT", 4),
    ("NO HALLADO NRO.PUERT", 2),
    ("NO HALLADO CERRADO", 2),
    ("NO APLICABLE", 1),
    ("-", 1),
];
const STREETS: &[(&str, u32)] =
    &[("AV.", 38), ("CAL.", 26), ("JR.", 22), ("PJ.", 5), ("CAR.", 3), ("----", 4), ("-", 2)];
const ZONES: &[(&str, u32)] = &[
    ("-", 40),
    ("URB.", 32),
    ("A.H.", 6),
    ("----", 6),
    ("RES.", 4),
    ("ASC.", 4),
    ("COO.", 3),
    ("P.J.", 3),
    ("C.P.", 2),
];
const SYLLABLES: &[u8] = b"CABEDIFOGUHAJELIMOPUQURASETIVOXAYEZICHULTAROPINA";

// === impl Synth ===

impl Synth {
    /// A registry of `n_rows` rows; the seed tells it from others of that length.
    ///
    /// About thirty rows of a million are odd, as in the real one.
    pub fn new(n_rows: u64, seed: u64) -> Self {
        let share = |of_ten_thousand: u64| n_rows * of_ten_thousand / 10_000;
        let (companies, persons, foreign) = (share(1275), share(8420), share(255));
        let blocks = vec![
            Block::new(20, companies, 10_000_000, 51_500_000),
            Block::new(10, persons, 0, 81_000_000),
            Block::new(15, foreign, 10_000_000, 60_000_000),
            Block::new(17, n_rows - companies - persons - foreign, 10_000_000, 60_000_000),
        ];
        Self {
            seed,
            odd_per_million: 30,
            blocks,
            surnames: Words::new(SURNAMES, 60_000, 6.0),
            given: Words::new(GIVEN, 8_000, 4.0),
            trades: Words::new(TRADES, 300, 0.5),
            nouns: Words::new(NOUNS, 20_000, 0.5),
            streets: Words::new(SURNAMES, 30_000, 0.5),
        }
    }

    /// The same registry with so many odd rows of a million.
    #[must_use]
    pub fn with_odd_rows(self, per_million: u64) -> Self {
        Self { odd_per_million: per_million, ..self }
    }

    /// How many rows there are.
    pub fn n_rows(&self) -> u64 {
        self.blocks.iter().map(|block| block.n_rows).sum()
    }

    /// Adds some of the rows to `text`, each with its end. [`HEADER`] belongs in front of the first.
    pub fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) {
        for row in rows {
            self.row(row, text);
            text.push(b'\n');
        }
    }

    /// The number of a row, unless the row is odd.
    ///
    /// Companies come first, then persons, then the others, each in no order, as in the real text.
    pub fn number(&self, row: u64) -> Ruc {
        let mut place = row;
        let mut blocks = self.blocks.iter();
        let block = loop {
            let block = blocks.next().unwrap_or(&self.blocks[1]);
            if place < block.n_rows {
                break block;
            }
            place -= block.n_rows;
        };
        let body = block.first + (place * block.step + self.seed * 7_919) % block.span;
        Ruc::from_body(block.prefix, u32::try_from(body).expect("spans end below eight digits")).expect("a real prefix")
    }

    fn row(&self, row: u64, text: &mut Vec<u8>) {
        let mut dice = Dice::of(self.seed, row);
        let number = self.number(row);
        let is_company = number.as_str().starts_with("20");
        let start = text.len();
        text.extend_from_slice(number.as_str().as_bytes());
        text.push(b'|');
        if is_company {
            self.company(&mut dice, text);
        } else {
            self.person(&mut dice, text);
        }
        text.push(b'|');
        latin(dice.weighted(STATUSES), text);
        text.push(b'|');
        latin(dice.weighted(CONDITIONS), text);
        text.push(b'|');
        if is_company && dice.below(1000) > 0 {
            self.address(&mut dice, text);
        } else {
            text.extend_from_slice(b"-|-|-|-|-|-|-|-|-|-|-|");
        }
        if dice.below(1_000_000) < self.odd_per_million {
            self.spoil(row, &mut dice, text, start);
        }
    }

    fn person(&self, dice: &mut Dice, text: &mut Vec<u8>) {
        dice.word(&self.surnames, 2, text);
        text.push(b' ');
        dice.word(&self.surnames, 2, text);
        text.push(b' ');
        dice.word(&self.given, 5, text);
        if dice.below(100) < 72 {
            text.push(b' ');
            dice.word(&self.given, 5, text);
        }
    }

    fn company(&self, dice: &mut Dice, text: &mut Vec<u8>) {
        if dice.below(100) < 70 {
            dice.word(&self.trades, 2, text);
            text.push(b' ');
        }
        for _ in 0..=dice.below(3) {
            let words = if dice.below(100) < 55 { &self.nouns } else { &self.surnames };
            dice.word(words, 120, text);
            text.push(b' ');
            if dice.below(400) == 0 {
                text.push(b' ');
            }
        }
        latin(dice.weighted(FORMS), text);
    }

    fn address(&self, dice: &mut Dice, text: &mut Vec<u8>) {
        // Lima has half of them; elsewhere the codes are about as many and as skewed as the real ones.
        let ubigeo = if dice.below(100) < 48 {
            150_101 + dice.skewed(43)
        } else {
            let province = dice.skewed(196);
            (1 + province % 25) * 10_000 + (1 + province / 25) * 100 + 1 + dice.skewed(20)
        };
        digits(ubigeo, 6, text);
        text.push(b'|');
        latin(dice.weighted(STREETS), text);
        text.push(b'|');
        dice.word(&self.streets, 30, text);
        if dice.below(2) == 0 {
            text.push(b' ');
            dice.word(&self.nouns, 30, text);
        }
        text.push(b'|');
        let zone = dice.weighted(ZONES);
        latin(zone, text);
        text.push(b'|');
        if zone == "-" {
            text.push(b'-');
        } else {
            dice.word(&self.nouns, 30, text);
            text.push(b' ');
            dice.word(&self.streets, 10, text);
        }
        text.push(b'|');
        // Door, inner number, lot, flat, block, kilometre: how often of a hundred, and how large.
        for (share, size) in [(75, 3_000), (18, 400), (22, 60), (12, 1_200), (23, 26), (1, 90)] {
            let luck = dice.below(100);
            if luck >= share {
                text.push(b'-');
            } else if share == 75 && luck == 0 {
                text.extend_from_slice(b"SN");
            } else if share == 23 {
                text.push(b'A' + u8::try_from(dice.skewed(size)).expect("there are 26 letters"));
            } else {
                digits(1 + dice.skewed(size), 1, text);
            }
            text.push(b'|');
        }
    }

    /// Makes a row odd, in one of the ways that real ones are.
    fn spoil(&self, row: u64, dice: &mut Dice, text: &mut Vec<u8>, start: usize) {
        let name = start + Ruc::LEN + 1;
        let mut insert = |at: usize, bytes: &[u8]| drop(text.splice(at..at, bytes.iter().copied()));
        match dice.below(11) {
            0 => insert(name + 2, b" | "),
            1 => insert(name, b"\\ \"\xb4"),
            2 => insert(name + 3, b"     "),
            3 => insert(name + 1, b"\xa0\x96"),
            4 => text.truncate(name + 5),
            5 => {
                text.pop();
            }
            6 => text[name..].iter_mut().take_while(|byte| **byte != b'|').for_each(u8::make_ascii_lowercase),
            7 => text[start..start + 2].copy_from_slice(b"00"),
            8 => text[name - 2] = b'0' + (text[name - 2] - b'0' + 1) % 10,
            9 => {
                let end = text[name..].iter().position(|&byte| byte == b'|').unwrap_or(0);
                text.drain(name..name + end);
            }
            _ => text[start..start + Ruc::LEN].copy_from_slice(self.number(dice.below(row + 1)).as_str().as_bytes()),
        }
    }
}

// === impl Block ===

impl Block {
    fn new(prefix: u8, n_rows: u64, first: u64, span: u64) -> Self {
        // The golden section keeps neighbours in the text far from each other in number.
        let step = (span * 618_034 / 1_000_000..span).find(|&step| shares_no_factor(step, span)).unwrap_or(1);
        Self { prefix, n_rows, first, span, step }
    }
}

fn shares_no_factor(one: u64, other: u64) -> bool {
    let (mut one, mut other) = (one, other);
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one == 1
}

// === impl Words ===

impl Words {
    /// Those words, then made-up ones until there are `n`, the k-th with a share proportional to 1 / (k + flat).
    #[expect(clippy::cast_precision_loss, reason = "lists are short")]
    fn new(known: &str, n: usize, flat: f64) -> Self {
        let start = flat + 0.5;
        let mut words = Self { text: Vec::new(), ends: Vec::new(), start, stretch: ((start + n as f64) / start).ln() };
        let mut seen: HashSet<Vec<u8>> = HashSet::new();
        let mut add = |word: Vec<u8>| {
            if !seen.contains(&word) {
                words.text.extend_from_slice(&word);
                words.ends.push(u32::try_from(words.text.len()).expect("lists are short"));
                seen.insert(word);
            }
            words.ends.len()
        };
        for known in known.split(',') {
            let mut word = Vec::new();
            latin(known, &mut word);
            add(word);
        }
        let mut dice = Dice::of(n as u64, 0);
        loop {
            let mut word = Vec::new();
            dice.syllables(2, &mut word);
            if add(word) >= n {
                return words;
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list, or just behind")]
    fn at(&self, luck: f64) -> &[u8] {
        let place = (self.start * ((self.stretch * luck).exp() - 1.0)) as usize;
        let place = place.min(self.ends.len() - 1);
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[place] as usize]
    }
}

// === impl Dice ===

impl Dice {
    fn of(seed: u64, row: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ row.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        ((self.throw() >> 32) * end) >> 32
    }

    /// Small numbers often, large ones rarely: twice the number, half as often.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ends are far below what a float holds, and the result is positive"
    )]
    fn skewed(&mut self, end: u64) -> u64 {
        ((((end + 1) as f64).ln() * self.luck()).exp() as u64 - 1).min(end - 1)
    }

    /// Anything from zero up to one.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
    fn luck(&mut self) -> f64 {
        (self.throw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn weighted(&mut self, choices: &[(&'static str, u32)]) -> &'static str {
        let total: u32 = choices.iter().map(|&(_, weight)| weight).sum();
        let mut luck = self.below(u64::from(total));
        for &(choice, weight) in choices {
            match luck.checked_sub(u64::from(weight)) {
                Some(rest) => luck = rest,
                None => return choice,
            }
        }
        ""
    }

    /// Adds one of the words, or so often of a thousand one that hardly anybody else has.
    fn word(&mut self, words: &Words, rare: u64, text: &mut Vec<u8>) {
        if self.below(1_000) < rare {
            self.syllables(3, text);
        } else {
            text.extend_from_slice(words.at(self.luck()));
        }
    }

    fn syllables(&mut self, least: u64, text: &mut Vec<u8>) {
        for _ in 0..self.below(6 - least) + least {
            let at = usize::try_from(self.below(SYLLABLES.len() as u64 / 2)).expect("there are few") * 2;
            text.extend_from_slice(&SYLLABLES[at..at + 2]);
        }
        if self.below(3) == 0 {
            text.push(b"NSRZL"[usize::try_from(self.below(5)).expect("there are five")]);
        }
    }
}

fn digits(number: u64, width: usize, text: &mut Vec<u8>) {
    let start = text.len();
    let mut rest = number;
    while rest > 0 || text.len() < start + width {
        text.push(b'0' + u8::try_from(rest % 10).expect("a remainder of ten is one digit"));
        rest /= 10;
    }
    text[start..].reverse();
}

/// Adds letters, all of which have a byte of their own.
fn latin(letters: &str, text: &mut Vec<u8>) {
    text.extend(letters.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')));
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{Column, Row};

    fn text(synth: &Synth, rows: Range<u64>) -> Vec<u8> {
        let mut text = Vec::new();
        synth.write(rows, &mut text);
        text
    }

    #[test]
    fn the_seed_and_the_place_make_the_row() {
        let synth = Synth::new(1_000, 1);
        let whole = text(&synth, 0..1_000);
        assert_eq!(whole, [text(&synth, 0..317), text(&synth, 317..1_000)].concat());
        assert_eq!(whole, text(&Synth::new(1_000, 1), 0..1_000));
        assert_ne!(whole, text(&Synth::new(1_000, 2), 0..1_000));
    }

    #[test]
    fn every_number_is_another() {
        let synth = Synth::new(200_000, 1);
        let numbers: BTreeSet<Ruc> = (0..synth.n_rows()).map(|row| synth.number(row)).collect();
        assert_eq!(numbers.len(), 200_000);
    }

    #[test]
    fn shares_and_lengths_are_those_of_the_real_text() {
        let synth = Synth::new(50_000, 1).with_odd_rows(0);
        let text = text(&synth, 0..50_000);
        let mut shares: BTreeMap<String, u32> = BTreeMap::new();
        for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let row = Row::parse(line).unwrap();
            *shares.entry(row.text(Column::Ruc)[..2].to_owned()).or_default() += 1;
            *shares.entry(row.text(Column::Status).into_owned()).or_default() += 1;
            assert!(row.text(Column::Ruc).starts_with("20") || row.bytes(Column::Ubigeo) == b"-", "{row:?}");
        }
        for (what, of_a_thousand) in [("10", 842), ("20", 127), ("15", 25), ("ACTIVO", 509), ("BAJA DE OFICIO", 402)] {
            assert!((shares[what] / 50).abs_diff(of_a_thousand) < 12, "{what}: {}", shares[what]);
        }
        assert!((80..92).contains(&(text.len() / 50_000)), "{} bytes a row", text.len() / 50_000);
    }

    /// How often each of the first words of persons' names occurs, which is that of the first surname.
    fn surnames(n_rows: u64) -> (Vec<(String, f64)>, usize) {
        let text = text(&Synth::new(n_rows, 1).with_odd_rows(0), 0..n_rows);
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for line in text.split(|&byte| byte == b'\n').filter(|line| !line.starts_with(b"20") && !line.is_empty()) {
            let name = Row::parse(line).unwrap().text(Column::Name).into_owned();
            *counts.entry(name.split(' ').next().unwrap().to_owned()).or_default() += 1;
        }
        let (n_persons, n_surnames): (u32, usize) = (counts.values().sum(), counts.len());
        let mut shares: Vec<(String, f64)> =
            counts.into_iter().map(|(surname, n)| (surname, f64::from(n) / f64::from(n_persons))).collect();
        shares.sort_by(|one, other| other.1.total_cmp(&one.1));
        (shares, n_surnames)
    }

    #[test]
    fn surnames_are_as_frequent_as_reniec_says() {
        const SLOTS: f64 = 76_000_000.0;
        let first_twenty = [
            1_212_114, 763_245, 680_395, 658_376, 628_844, 610_076, 606_030, 551_679, 524_993, 524_818, 515_074,
            504_766, 497_217, 484_625, 467_855, 463_411, 436_960, 431_591, 396_087, 372_605,
        ];
        let real = first_twenty.map(|n| f64::from(n) / SLOTS);
        let (made_up, n_surnames) = surnames(300_000);
        assert_eq!(made_up[0].0, "QUISPE");
        assert!((made_up[0].1 / real[0] - 1.0).abs() < 0.1, "the first: {} and {}", made_up[0].1, real[0]);
        // The curve is flatter than the figures where the first is followed by the second, and steeper behind.
        for (place, (made_up, real)) in made_up.iter().zip(real).enumerate() {
            assert!((made_up.1 / real - 1.0).abs() < 0.4, "place {place}: {} and {real}", made_up.1);
        }
        let together: f64 = made_up[..20].iter().map(|(_, share)| share).sum();
        let really: f64 = real.iter().sum();
        assert!((together / really - 1.0).abs() < 0.06, "the first twenty: {together} and {really}");
        let effective = 1.0 / made_up.iter().map(|(_, share)| share * share).sum::<f64>();
        assert!((450.0..620.0).contains(&effective), "as hard to tell apart as {effective} equally frequent ones");
        assert!((30_000..60_000).contains(&n_surnames), "{n_surnames} of them in so few rows");
    }

    #[test]
    fn words_of_a_list_are_different() {
        let words = Words::new(SURNAMES, 60_000, 6.0);
        let starts = [0].iter().chain(&words.ends);
        let different: BTreeSet<&[u8]> =
            starts.zip(&words.ends).map(|(&from, &to)| &words.text[from as usize..to as usize]).collect();
        assert_eq!(different.len(), 60_000);
        assert_eq!((words.at(0.0), words.ends.len()), (&b"QUISPE"[..], 60_000));
        assert_eq!(words.at(1.0), words.at(0.999_999_99));
    }

    #[test]
    fn the_header_is_the_registrys() {
        assert!(crate::line::is_header(HEADER));
    }
}
