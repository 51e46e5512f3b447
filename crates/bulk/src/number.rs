//! A number out of a cell, whatever a person or a spreadsheet program made of it.
//!
//! What a program did to a number is undone only where nothing is guessed: digits that it put aside are there, digits
//! that it rounded away are not.
//! Left out: whether the number exists.

use std::borrow::Cow;

use chasqui_types::{Dni, Number, Ruc};

use crate::{BadNumber, Cell};

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) number: Result<Number, BadNumber>,
    /// The number is not what the cell shows.
    pub(crate) is_recovered: bool,
}

/// Longer than a number in any writing, in bytes; nobody looks for one in a text of megabytes.
const MAX_LENGTH: usize = 256;

/// More digits than any number here has.
const MAX_DIGITS: usize = 40;

/// So many zeros at the end of eleven digits, and a wrong check digit: rounded to what a narrow cell shows.
const ROUNDED_ZEROS: &str = "00000";

// === impl Reading ===

impl Reading {
    fn plain(number: Result<Number, BadNumber>) -> Self {
        Self { number, is_recovered: false }
    }

    fn bad(reason: BadNumber) -> Self {
        Self::plain(Err(reason))
    }

    /// Of a text: a cell of a delimited file, a line, a JSON string, a text in a sheet.
    ///
    /// With `pad_dni` six or seven digits are a DNI that lost its leading zeros.
    pub(crate) fn of_text(text: &str, pad_dni: bool) -> Self {
        let text = unwrapped(text);
        if text.len() == Ruc::LEN && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::of_digits(text, pad_dni);
        }
        if text.is_empty() {
            return Self::bad(BadNumber::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Self::bad(BadNumber::NotANumber);
        }
        let Some(text) = without_label(text) else { return Self::bad(BadNumber::NotANumber) };
        if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
            return Self::of_scientific(mantissa, exponent);
        }
        if is_date(text) {
            return Self::bad(BadNumber::NotANumber);
        }
        if let Some(whole) = whole_of_decimal(text) {
            return match digits(whole) {
                Some(digits) => Self { is_recovered: true, ..Self::of_digits(&digits, true) }.settled(),
                None => Self::bad(BadNumber::NotANumber),
            };
        }
        match digits(text) {
            Some(digits) => Self::of_digits(&digits, pad_dni),
            None => Self::bad(BadNumber::NotANumber),
        }
    }

    /// Of a cell that holds a number: it has no leading zeros, so a short one is a DNI.
    pub(crate) fn of_f64(number: f64) -> Self {
        // Above this a float no longer holds every whole number.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if !(0.0..EXACT).contains(&number) || number.fract() != 0.0 {
            return Self::bad(BadNumber::NotANumber);
        }
        Self::of_digits(&format!("{number:.0}"), true)
    }

    /// Of a cell of a sheet.
    pub(crate) fn of_cell(cell: &Cell, pad_dni: bool) -> Self {
        match cell {
            Cell::Empty => Self::bad(BadNumber::Empty),
            Cell::Text(text) => Self::of_text(text, pad_dni),
            Cell::Number(number) => Self::of_f64(*number),
            Cell::Bool(_) | Cell::DateTime(_) | Cell::Error(_) => Self::bad(BadNumber::NotANumber),
        }
    }

    /// A cell that holds something like a number, good or bad; a heading does not.
    pub(crate) fn is_like_a_number(self) -> bool {
        !matches!(self.number, Err(BadNumber::Empty | BadNumber::NotANumber))
    }

    fn of_digits(digits: &str, pad: bool) -> Self {
        match digits.len() {
            Ruc::LEN => Self::plain(digits.parse::<Ruc>().map(Number::from).map_err(|reason| {
                if digits.ends_with(ROUNDED_ZEROS) { BadNumber::Rounded } else { BadNumber::Ruc(reason) }
            })),
            Dni::LEN => Self::plain(Ok(dni(digits))),
            6 | 7 if pad => Self { number: Ok(dni(&format!("{digits:0>8}"))), is_recovered: true },
            found @ (6 | 7) => Self::bad(BadNumber::ShortDni { found }),
            found => Self::bad(BadNumber::Length { found }),
        }
    }

    /// `2.0131312955E10`: the number, if no digit of it was rounded away.
    fn of_scientific(mantissa: &str, exponent: &str) -> Self {
        let bad = Self::bad(BadNumber::NotANumber);
        let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || mantissa.len() > MAX_DIGITS || !all_digits(whole) || !all_digits(fraction) {
            return bad;
        }
        let Some(shift) = exponent.parse::<usize>().ok().filter(|shift| all_digits(exponent) && *shift <= MAX_DIGITS)
        else {
            return bad;
        };
        if fraction.len() < shift {
            return Self::bad(BadNumber::Rounded);
        }
        let (moved, rest) = fraction.split_at(shift);
        if rest.bytes().any(|byte| byte != b'0') {
            return bad;
        }
        Self { is_recovered: true, ..Self::of_digits(&format!("{whole}{moved}"), true) }.settled()
    }

    /// Only a number that is one can have been recovered.
    fn settled(self) -> Self {
        Self { is_recovered: self.is_recovered && self.number.is_ok(), ..self }
    }
}

fn dni(digits: &str) -> Number {
    Number::from(digits.parse::<Dni>().expect("eight digits are a DNI"))
}

/// Characters that mean nothing around a number: blanks of any width, and marks that nobody sees.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// Takes off blanks, quotes, the `'` that makes a number a text, and `="…"`, which does the same.
fn unwrapped(text: &str) -> &str {
    let mut text = text;
    loop {
        let inner = text.trim_matches(is_blank);
        let inner = inner.strip_prefix('\'').unwrap_or(inner);
        let inner = match inner.strip_prefix("=\"").or_else(|| inner.strip_prefix('"')) {
            Some(open) => open.strip_suffix('"').unwrap_or(inner),
            None => inner,
        };
        if inner.len() == text.len() {
            return inner;
        }
        text = inner;
    }
}

/// Takes off a label in front: `RUC:`, `DNI N° `, …; `None` where something else stands there.
fn without_label(text: &str) -> Option<&str> {
    let first = text.find(|c: char| c.is_ascii_digit())?;
    let (label, number) = text.split_at(first);
    if label.is_empty() {
        return Some(number);
    }
    let letters: String = label.to_ascii_uppercase().chars().filter(char::is_ascii_alphabetic).collect();
    let is_label =
        matches!(letters.as_str(), "RUC" | "DNI" | "RUCN" | "DNIN" | "RUCNRO" | "DNINRO" | "RUCNO" | "DNINO");
    let rest_is_nothing =
        label.chars().all(|c| c.is_ascii_alphabetic() || is_blank(c) || matches!(c, '.' | ':' | '-' | '#' | '°' | 'º'));
    (is_label && rest_is_nothing).then_some(number)
}

/// Joins the digits of a number written in groups; `None` where something else than a separator stands between them.
fn digits(text: &str) -> Option<Cow<'_, str>> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Cow::Borrowed(text));
    }
    // A comma separates thousands or nothing: anywhere else it stands between two numbers.
    if text.contains(',') && !text.split(',').skip(1).all(|group| group.len() == 3) {
        return None;
    }
    let mut joined = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' => joined.push(c),
            '-' | '.' | '/' | ',' | '\u{2010}'..='\u{2015}' => {}
            c if is_blank(c) && !matches!(c, '\t' | '\r' | '\n') => {}
            _ => return None,
        }
    }
    Some(Cow::Owned(joined))
}

/// What stands before `.0` or `,00`, unless the zeros are a group of thousands.
fn whole_of_decimal(text: &str) -> Option<&str> {
    let at = text.rfind(['.', ','])?;
    let (whole, fraction) = (&text[..at], &text[at + 1..]);
    let is_zero = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    let separator = &text[at..=at];
    let is_group = fraction.len() == 3 && (whole.len() <= 3 || whole.contains(separator));
    (is_zero && !is_group).then_some(whole)
}

/// Three groups that make a day. Joined they would be eight digits, and so a DNI of somebody.
fn is_date(text: &str) -> bool {
    let Some(separator) = text.chars().find(|c| matches!(c, '-' | '/' | '.')) else { return false };
    let mut groups = [(0, 0); 3];
    let mut n_groups = 0;
    for group in text.split(separator) {
        let (Some(slot), Ok(value)) = (groups.get_mut(n_groups), group.trim_matches(is_blank).parse::<u32>()) else {
            return false;
        };
        *slot = (group.trim_matches(is_blank).len(), value);
        n_groups += 1;
    }
    let is_day = |(length, value): (usize, u32)| length <= 2 && (1..=31).contains(&value);
    let is_year = |(length, value): (usize, u32)| match length {
        2 => true,
        4 => (1900..2100).contains(&value),
        _ => false,
    };
    let [first, second, third] = groups;
    let is_month = |(_, value): (usize, u32)| value <= 12;
    n_groups == 3
        && is_day(second)
        && ((is_day(first) && is_year(third) && (is_month(first) || is_month(second)))
            || (first.0 == 4 && is_year(first) && is_day(third) && is_month(second)))
}

/// Eight digits that programs write days with: `20260131`.
pub(crate) fn is_day(digits: &str) -> bool {
    let within = |part: std::ops::Range<usize>, days: std::ops::RangeInclusive<u32>| {
        digits.get(part).and_then(|digits| digits.parse().ok()).is_some_and(|value| days.contains(&value))
    };
    digits.len() == 8 && within(0..4, 1900..=2099) && within(4..6, 1..=12) && within(6..8, 1..=31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The number, `+` where it was recovered, or what is wrong with it.
    fn shown(reading: Reading) -> String {
        match reading.number {
            Ok(number) => format!("{number}{}", if reading.is_recovered { "+" } else { "" }),
            Err(reason) => format!("{reason:?}"),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(shown(Reading::of_text(text, false)), expected, "{text:?}");
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in [
            "20131312955",
            " 20131312955\u{a0}",
            "\u{feff}20131312955",
            "'20131312955",
            "=\"20131312955\"",
            "\"20131312955\"",
            "20-13131295-5",
            "20 131312955",
            "20.131.312.955",
            "20,131,312,955",
            "20\u{2013}13131295\u{2013}5",
            "20/13131295/5",
            "RUC: 20131312955",
            "R.U.C. N° 20131312955",
            "ruc nº20131312955",
            "RUC 20131312955",
        ] {
            check(text, "20131312955");
        }
        for text in ["10117410", "DNI:10117410", "D.N.I. Nro. 10117410", "10.117.410", "10 117 410", "10-11-7410"] {
            check(text, "10117410");
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_changed_are_recovered_where_all_digits_are_there() {
        for text in [
            "20131312955.0",
            "20131312955,00",
            "20.131.312.955,00",
            "20,131,312,955.00",
            "2.0131312955E10",
            "2,0131312955E+10",
            "2.0131312955e+10",
            "2.01313129550E+10",
            "=\"20131312955.00\"",
        ] {
            check(text, "20131312955+");
        }
        check("1.0117410E7", "10117410+");
        check("1234567.0", "01234567+");
        check("10117410.0", "10117410+");
        check("2.01313E+10", "Rounded");
        check("2E+10", "Rounded");
        check("20131300000", "Rounded");
        check("2.0131312955E+11", "Rounded");
    }

    #[test]
    fn what_is_no_number_says_why() {
        check("", "Empty");
        check(" \u{a0}", "Empty");
        check("'", "Empty");
        check("=\"\"", "Empty");
        check("20131312954", "Ruc(CheckDigit)");
        check("12345678901", "Ruc(Prefix)");
        check("2013131295", "Length { found: 10 }");
        check("201313129550", "Length { found: 12 }");
        check("10117410-2", "Length { found: 9 }");
        check("12345", "Length { found: 5 }");
        check("1234567", "ShortDni { found: 7 }");
        check("123456", "ShortDni { found: 6 }");
        for text in [
            "ACME SAC",
            "S/ 150.00",
            "-20131312955",
            "20131312955 SAC",
            "20131312955,20100038146",
            "20131312955\t20100038146",
            "2.0131312955E-10",
            "2.01313129555E10",
            "E10",
            "1E",
            "1E+",
            "1E++1",
            "1E99999999999999999999",
            "\u{ff12}\u{ff10}131312955",
            "Factura 10117410",
            "#N/A",
            "ñ",
        ] {
            check(text, "NotANumber");
        }
    }

    #[test]
    fn a_day_is_nobodys_document() {
        for text in
            ["2024-01-31", "31/01/2024", "31.01.2024", "1/31/2024", "2024/1/31", "31-01-24", "2024-01-31 00:00:00"]
        {
            check(text, "NotANumber");
        }
    }

    #[test]
    fn short_documents_get_their_zeros_back_where_that_is_asked_for() {
        for (text, expected) in [
            ("1234567", "01234567+"),
            ("123456", "00123456+"),
            ("12345", "Length { found: 5 }"),
            ("10117410", "10117410"),
        ] {
            assert_eq!(shown(Reading::of_text(text, true)), expected);
        }
    }

    #[test]
    fn cells_of_a_sheet_are_read_by_their_type() {
        for (cell, expected) in [
            (Cell::Number(20_131_312_955.0), "20131312955"),
            (Cell::Number(10_117_410.0), "10117410"),
            (Cell::Number(1_234_567.0), "01234567+"),
            (Cell::Number(123_456.0), "00123456+"),
            (Cell::Number(12_345.0), "Length { found: 5 }"),
            (Cell::Number(0.0), "Length { found: 1 }"),
            (Cell::Number(20_131_312_955.5), "NotANumber"),
            (Cell::Number(-1.0), "NotANumber"),
            (Cell::Number(1e300), "NotANumber"),
            (Cell::Number(f64::NAN), "NotANumber"),
            (Cell::Number(20_131_300_000.0), "Rounded"),
            (Cell::Text("1234567".into()), "ShortDni { found: 7 }"),
            (Cell::Text("01234567".into()), "01234567"),
            (Cell::DateTime(45_000.0), "NotANumber"),
            (Cell::Bool(true), "NotANumber"),
            (Cell::Error("#N/A".into()), "NotANumber"),
            (Cell::Empty, "Empty"),
        ] {
            assert_eq!(shown(Reading::of_cell(&cell, false)), expected, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn every_taxpayer_is_read_back_in_every_writing(body in 0u32..100_000_000) {
            let ruc = Ruc::from_body(20, body).unwrap();
            let n = ruc.as_str();
            let expected = Ok(Number::from(ruc));
            for text in [
                n.to_owned(),
                format!("'{n}"),
                format!("{}-{}-{}", &n[..2], &n[2..10], &n[10..]),
                format!("{n}.0"),
                format!("{}.{}E+10", &n[..1], &n[1..]),
            ] {
                prop_assert_eq!(Reading::of_text(&text, false).number, expected);
            }
            #[expect(clippy::cast_precision_loss, reason = "eleven digits fit")]
            let cell = Cell::Number(ruc.to_u64() as f64);
            prop_assert_eq!(Reading::of_cell(&cell, false).number, expected);
        }

        #[test]
        fn every_document_of_six_digits_is_read_back_out_of_a_number(number in 100_000u32..100_000_000) {
            let reading = Reading::of_cell(&Cell::Number(number.into()), false);
            prop_assert_eq!(reading.number.unwrap().to_string(), format!("{number:08}"));
            prop_assert_eq!(reading.is_recovered, number < 10_000_000);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,40}", number in any::<f64>()) {
            let _ = (Reading::of_text(&text, true), Reading::of_f64(number));
        }

        #[test]
        fn no_near_miss_does_either(text in "[0-9Ee.,+/RUCDNI°'\"= -]{0,24}") {
            let _ = (Reading::of_text(&text, true), Reading::of_text(&text, false));
        }
    }
}
