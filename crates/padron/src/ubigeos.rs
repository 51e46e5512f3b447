//! Names of departments, provinces and districts, by INEI's codes, which are SUNAT's too.
//!
//! A code that the table does not know, because it was retired or is newer, still has the names of its province and
//! department. Left out: RENIEC's codes, which look the same and mean other places.

use chasqui_types::Ubigeo;

/// A table of names.
#[derive(Debug, Clone, Default)]
pub struct Ubigeos {
    /// By code, ordered; what is missing of a department's or a province's code is zeros.
    names: Vec<(u32, Box<str>)>,
}

/// What a code stands for, as far as the table knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place<'a> {
    /// The department.
    pub department: Option<&'a str>,
    /// The province.
    pub province: Option<&'a str>,
    /// The district.
    pub district: Option<&'a str>,
}

// === impl Ubigeos ===

impl Ubigeos {
    /// INEI's table of 2025.
    pub fn inei() -> Self {
        Self::from_table(include_str!("../data/ubigeos.txt"))
    }

    /// A table that knows no name.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads a table: `15 LIMA` for a department, `1501 LIMA: LIMA, ANCON, …` for a province and its districts.
    ///
    /// Districts are numbered from 01; a number in front of one says where that skips. Lines that do not begin with a
    /// code are passed over.
    pub fn from_table(table: &str) -> Self {
        let mut names: Vec<(u32, Box<str>)> = Vec::new();
        for line in table.lines() {
            let Some((number, code, text)) = numbered(line) else { continue };
            match code.len() {
                2 => names.push((number * 10_000, text.into())),
                4 => {
                    let (province, districts) = text.split_once(':').unwrap_or((text, ""));
                    names.push((number * 100, province.into()));
                    let mut last = 0;
                    for district in districts.split(',').map(str::trim).filter(|district| !district.is_empty()) {
                        let (place, _, name) = numbered(district).unwrap_or((last + 1, "", district));
                        names.push((number * 100 + place, name.into()));
                        last = place;
                    }
                }
                _ => {}
            }
        }
        names.sort_unstable();
        Self { names }
    }

    /// The names of a code.
    pub fn place(&self, code: Ubigeo) -> Place<'_> {
        let code: u32 = code.as_str().parse().expect("a Ubigeo is six digits");
        // Zeros are how the table marks the levels above, so they name none of their own.
        let name = |code: u32, above: u32| {
            let place = self.names.binary_search_by_key(&code, |&(code, _)| code).ok()?;
            (code != above).then(|| &*self.names[place].1)
        };
        let (department, province) = (code / 10_000 * 10_000, code / 100 * 100);
        Place { department: name(department, 0), province: name(province, department), district: name(code, province) }
    }

    /// How many names the table has.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether it knows no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// A number, how it was written, and what follows it.
fn numbered(text: &str) -> Option<(u32, &str, &str)> {
    let (code, rest) = text.split_once(' ')?;
    let all_digits = !code.is_empty() && code.len() <= 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    Some((code.parse().ok().filter(|_| all_digits)?, code, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, department: Option<&str>, province: Option<&str>, district: Option<&str>) {
        let ubigeos = Ubigeos::inei();
        assert_eq!(ubigeos.place(code.parse().unwrap()), Place { department, province, district }, "{code}");
    }

    #[test]
    fn codes_have_names() {
        check("150122", Some("LIMA"), Some("LIMA"), Some("MIRAFLORES"));
        check("150143", Some("LIMA"), Some("LIMA"), Some("VILLA MARIA DEL TRIUNFO"));
        check("070101", Some("CALLAO"), Some("CALLAO"), Some("CALLAO"));
        check("120136", Some("JUNIN"), Some("HUANCAYO"), Some("VIQUES"));
        check("100323", Some("HUANUCO"), Some("DOS DE MAYO"), Some("YANAS"));
        check("150105", Some("LIMA"), Some("LIMA"), Some("BREÑA"));
        check("250401", Some("UCAYALI"), Some("PURUS"), Some("PURUS"));
    }

    #[test]
    fn codes_that_were_retired_or_never_were_fall_back() {
        check("160109", Some("LORETO"), Some("MAYNAS"), Some("PUTUMAYO"));
        check("160114", Some("LORETO"), Some("MAYNAS"), Some("TENIENTE MANUEL CLAVERO"));
        check("150199", Some("LIMA"), Some("LIMA"), None);
        check("159901", Some("LIMA"), None, None);
        check("150000", Some("LIMA"), None, None);
        check("990101", None, None, None);
    }

    #[test]
    fn the_table_is_whole() {
        let ubigeos = Ubigeos::inei();
        let count = |unit: u32, above: u32| {
            ubigeos.names.iter().filter(|(code, _)| code % unit == 0 && (above == 0 || code % above != 0)).count()
        };
        assert_eq!((count(10_000, 0), count(100, 10_000), count(1, 100)), (25, 196, 1_895));
        assert!(ubigeos.names.windows(2).all(|pair| pair[0].0 < pair[1].0), "no code twice");
        let odd = ubigeos
            .names
            .iter()
            .find(|(_, name)| !name.chars().all(|letter| matches!(letter, 'A'..='Z' | 'Ñ' | ' ' | '-')));
        assert_eq!(odd, None);
    }
}
