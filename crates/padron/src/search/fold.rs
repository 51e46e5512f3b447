//! Names as words that compare.
//!
//! Accents, case and punctuation say nothing about who is meant, and one legal form is written in many ways. What a
//! name is folded to here is what the index holds and what a query asks for, so both go through the same table.
//! Left out: names in other alphabets; the registry's encoding has none.

use super::typo;

/// Separates words.
const GAP: u8 = 0;
/// Inside a word, and not written by everybody: an apostrophe, an accent that stands alone.
const NOTHING: u8 = 1;
/// What some publisher made of a letter it could not write; nearly always an `Ñ`.
const DAMAGED: u8 = 2;

/// Words of one name beyond this many are not searched for.
pub(crate) const MAX_WORDS: usize = 63;
/// Letters of a query beyond this many are not read; no name is that long.
const MAX_TEXT: usize = 1000;
/// Bytes of one word beyond this many are not compared.
const MAX_WORD: usize = 64;

/// Forms as initials, which may follow other initials. The longest first, because they end alike.
const INITIALS: &[&[u8]] = &[b"EIRL", b"SCRL", b"SACS", b"SAC", b"SAA", b"SAS", b"SRL", b"SA"];

/// What is written in several ways, and the one it is folded to. Longer ones first, because they begin alike.
const FORMS: &[(&[&str], &str)] = &[
    (&["SOCIEDAD", "POR", "ACCIONES", "CERRADA", "SIMPLIFICADA"], "SACS"),
    (&["SOCIEDAD", "ANONIMA", "CERRADA", "SIMPLIFICADA"], "SACS"),
    (&["SOCIEDAD", "ANONIMA", "CERRADA"], "SAC"),
    (&["SOCIEDAD", "ANONIMA", "ABIERTA"], "SAA"),
    (&["SOCIEDAD", "ANONIMA"], "SA"),
    (&["SOCIEDAD", "COMERCIAL", "DE", "RESPONSABILIDAD", "LTDA"], "SRL"),
    (&["SOCIEDAD", "COMERCIAL", "RESPONSABILIDAD", "LTDA"], "SRL"),
    (&["SOCIEDAD", "DE", "RESPONSABILIDAD", "LTDA"], "SRL"),
    (&["SOCIEDAD", "CIVIL", "DE", "RESPONSABILIDAD", "LTDA"], "SCIVILRL"),
    (&["SOCIEDAD", "CIVIL"], "SCIVIL"),
    (&["S", "CIVIL", "DE", "RL"], "SCIVILRL"),
    (&["S", "CIVIL", "DE", "R", "LTDA"], "SCIVILRL"),
    (&["S", "CIVIL"], "SCIVIL"),
    (&["S", "DE", "RL"], "SRL"),
    (&["SR", "LTDA"], "SRL"),
    (&["SCR", "LTDA"], "SRL"),
    (&["SRLTDA"], "SRL"),
    (&["SCRLTDA"], "SRL"),
    (&["SCRL"], "SRL"),
    (&["EMPRESA", "INDIVIDUAL", "DE", "RESPONSABILIDAD", "LTDA"], "EIRL"),
    (&["EMPRESA", "INDIVIDUAL", "RESPONSABILIDAD", "LTDA"], "EIRL"),
    (&["EIR", "LTDA"], "EIRL"),
    (&["EIRLTDA"], "EIRL"),
];

/// What legal forms are folded to.
pub(crate) const FORMS_ALONE: [&[u8]; 9] =
    [b"EIRL", b"SA", b"SAA", b"SAC", b"SACS", b"SAS", b"SCIVIL", b"SCIVILRL", b"SRL"];

/// Words that are abbreviated as often as not, and the way they are folded to.
const SHORT: &[(&str, &str)] = &[
    ("ANON", "ANONIMA"),
    ("COMPANIA", "CIA"),
    ("EMP", "EMPRESA"),
    ("HERMANOS", "HNOS"),
    ("LIMITADA", "LTDA"),
    ("RESP", "RESPONSABILIDAD"),
    ("SOC", "SOCIEDAD"),
];

/// A word's place in the text.
type Span = (u32, u32);

/// The words of one name. Reading another name into the same words costs no memory.
#[derive(Default)]
pub(crate) struct Folded {
    text: Vec<u8>,
    words: Vec<Span>,
    raw: Vec<Span>,
}

// === impl Folded ===

impl Folded {
    /// Folds a name in the registry's encoding.
    pub(crate) fn read_bytes(&mut self, name: &[u8]) {
        self.read(name.iter().map(|&byte| TABLE[usize::from(byte)]));
    }

    /// Folds what somebody asks for.
    pub(crate) fn read_text(&mut self, text: &str) {
        self.read(text.chars().take(MAX_TEXT).map(fold_char));
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// How long the name is, without what separates its words.
    pub(crate) fn n_letters(&self) -> usize {
        self.words.iter().map(|&(start, end)| (end - start) as usize).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.words.iter().map(|&span| part(&self.text, span))
    }

    fn read(&mut self, letters: impl Iterator<Item = u8>) {
        self.text.clear();
        self.raw.clear();
        self.words.clear();
        self.cut(letters);
        self.join_initials();
        self.unify();
    }

    /// Letters and digits into `text`, words into `raw`.
    fn cut(&mut self, letters: impl Iterator<Item = u8>) {
        let mut start = 0;
        let mut letters = letters.peekable();
        while let Some(letter) = letters.next() {
            let at = place(self.text.len());
            match letter {
                NOTHING => {}
                // Between two letters only; elsewhere it is a question mark.
                DAMAGED if at > start && letters.peek().is_some_and(u8::is_ascii_alphabetic) => self.text.push(b'N'),
                GAP | DAMAGED => {
                    if at > start {
                        self.raw.push((start, at));
                    }
                    start = at;
                }
                // The rest of a word that is none is left out; what is left still finds it.
                _ if (at - start) as usize >= MAX_WORD => {}
                letter => self.text.push(letter),
            }
        }
        let at = place(self.text.len());
        if at > start {
            self.raw.push((start, at));
        }
    }

    /// `S. A. C.`, `S A C` and `SAC` are one word, and so are other initials.
    fn join_initials(&mut self) {
        let mut rest = self.raw.as_slice();
        while let Some(&first) = rest.first() {
            let is_initial =
                |&&(start, end): &&Span| end - start == 1 && self.text[start as usize].is_ascii_alphabetic();
            let n_initials = rest.iter().take_while(is_initial).count();
            if n_initials < 2 {
                self.words.push(first);
                rest = &rest[1..];
                continue;
            }
            // Words follow each other in the text without a gap.
            let run = (first.0, rest[n_initials - 1].1);
            rest = &rest[n_initials..];
            let letters = part(&self.text, run);
            let form = INITIALS.iter().find(|form| letters.ends_with(form) && letters != b"USA");
            match form.map(|form| run.1 - place(form.len())) {
                Some(at) if at > run.0 => self.words.extend([(run.0, at), (at, run.1)]),
                _ => self.words.push(run),
            }
        }
    }

    /// Replaces what can be written in several ways.
    fn unify(&mut self) {
        for at in 0..self.words.len() {
            let word = part(&self.text, self.words[at]);
            if let Some((_, one)) = SHORT.iter().find(|(other, _)| other.as_bytes() == word) {
                self.words[at] = self.say(one);
            }
        }
        let mut at = 0;
        while at < self.words.len() {
            let rest = &self.words[at..];
            let form = FORMS.iter().find(|(form, _)| {
                form.len() <= rest.len()
                    && form.iter().zip(rest).all(|(one, &span)| is_meant(one.as_bytes(), part(&self.text, span)))
            });
            if let Some((form, one)) = form {
                let one = self.say(one);
                self.words.splice(at..at + form.len(), [one]);
            }
            at += 1;
        }
        self.words.truncate(MAX_WORDS);
    }

    fn say(&mut self, word: &str) -> Span {
        let start = place(self.text.len());
        self.text.extend_from_slice(word.as_bytes());
        (start, place(self.text.len()))
    }
}

/// Whether a word stands for that of a form. Long ones are misspelt as often by those who registered as by those who
/// ask.
fn is_meant(one: &[u8], word: &[u8]) -> bool {
    one == word
        || (one.len() >= 7
            && one.first() == word.first()
            && one.len().abs_diff(word.len()) <= 1
            && typo::edits(one, word, 1).is_some())
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("a name is far shorter than 4 GB")
}

fn part(text: &[u8], (start, end): Span) -> &[u8] {
    &text[start as usize..end as usize]
}

/// What each byte of the registry's encoding is folded to.
const TABLE: [u8; 256] = {
    let mut table = [GAP; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = fold_byte(byte.to_le_bytes()[0]);
        byte += 1;
    }
    table
};

const fn fold_byte(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' => byte,
        b'a'..=b'z' => byte - 32,
        b'\'' | b'`' | 0x91 | 0x92 | 0xb4 => NOTHING,
        b'?' => DAMAGED,
        0xc0..=0xc6 | 0xe0..=0xe6 => b'A',
        0xc7 | 0xe7 => b'C',
        0xc8..=0xcb | 0xe8..=0xeb => b'E',
        0xcc..=0xcf | 0xec..=0xef => b'I',
        0xd0 | 0xf0 => b'D',
        0xd1 | 0xf1 => b'N',
        0xd2..=0xd6 | 0xd8 | 0xf2..=0xf6 | 0xf8 | 0x8c | 0x9c => b'O',
        0xd9..=0xdc | 0xf9..=0xfc => b'U',
        0xdd | 0xfd | 0xff | 0x9f => b'Y',
        0x8a | 0x9a | 0xdf => b'S',
        0x8e | 0x9e => b'Z',
        _ => GAP,
    }
}

fn fold_char(letter: char) -> u8 {
    match letter {
        '\u{80}'..='\u{9f}' => GAP,
        '\u{0}'..='\u{ff}' => TABLE[letter as usize],
        // An accent typed after its letter, and the apostrophes of word processors.
        '\u{300}'..='\u{36f}' | '\u{2018}' | '\u{2019}' | '\u{2bc}' => NOTHING,
        '\u{fffd}' => DAMAGED,
        '\u{160}' | '\u{161}' => b'S',
        '\u{17d}' | '\u{17e}' => b'Z',
        '\u{178}' => b'Y',
        '\u{152}' | '\u{153}' => b'O',
        _ => GAP,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(name: &str, words: &str) {
        let mut folded = Folded::default();
        folded.read_text(name);
        assert_eq!(said(&folded), words, "{name}");
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(name);
        folded.read_bytes(&bytes);
        assert_eq!(said(&folded), words, "{name} as bytes");
    }

    fn said(folded: &Folded) -> String {
        let words: Vec<_> = folded.iter().map(|word| std::str::from_utf8(word).unwrap()).collect();
        words.join(" ")
    }

    #[test]
    fn accents_case_and_punctuation_say_nothing() {
        check("Compañía  Ñandú & Hijos", "CIA NANDU HIJOS");
        check("EBEN EZER | INGENIERIA", "EBEN EZER INGENIERIA");
        check("\\ \"ESPÍRITU\u{a0}SANTO\" - (LIMA)", "ESPIRITU SANTO LIMA");
        check("D'ONOFRIO D´ANGELO D’ARTAGNAN", "DONOFRIO DANGELO DARTAGNAN");
        check("MU?OZ ?QUE? COMPA?IA", "MUNOZ QUE CIA");
        check("GRUPO 3000-A", "GRUPO 3000 A");
        check("Šimi Žižek", "SIMI ZIZEK");
        check(" . - ", "");
    }

    #[test]
    fn accents_of_their_own_are_the_same_letters() {
        let mut folded = Folded::default();
        folded.read_text("PERU\u{301} NIN\u{303}O \u{fffd} MU\u{fffd}OZ");
        assert_eq!(said(&folded), "PERU NINO MUNOZ");
    }

    #[test]
    fn one_legal_form_is_written_in_many_ways() {
        for form in ["S.A.C.", "SAC", "S A C", "S. A. C.", "s.a.c", "SOCIEDAD ANÓNIMA CERRADA", "SOC. ANON. CERRADA"] {
            check(&format!("PESCA {form}"), "PESCA SAC");
        }
        for form in ["S.R.L.", "S.R.LTDA.", "S R LTDA", "SRLTDA", "S.C.R.L.", "S. DE R.L."] {
            check(&format!("PESCA {form}"), "PESCA SRL");
        }
        check("PESCA SOCEIDAD ANONIMA CERADA", "PESCA SAC");
        check("SOCIEDAD COMERCIAL DE RESPONSABILIDAD LIMITADA", "SRL");
        for form in ["E.I.R.L.", "EIRL", "E.I.R.LTDA", "EMPRESA INDIVIDUAL DE RESPONSABILIDAD LIMITADA"] {
            check(&format!("PESCA {form}"), "PESCA EIRL");
        }
        for form in ["S.A.", "S A", "SA", "SOCIEDAD ANONIMA"] {
            check(&format!("PESCA {form} LIMA"), "PESCA SA LIMA");
        }
        check("AUSTRAL GROUP S.A.A", "AUSTRAL GROUP SAA");
        check("X SOCIEDAD ANONIMA ABIERTA", "X SAA");
        check("PEREZ S.A.C.S.", "PEREZ SACS");
        check("ESTUDIO PEREZ S. CIVIL DE R.L.", "ESTUDIO PEREZ SCIVILRL");
        check("ESTUDIO PEREZ SOCIEDAD CIVIL", "ESTUDIO PEREZ SCIVIL");
        check("PEREZ HERMANOS LIMITADA", "PEREZ HNOS LTDA");
    }

    #[test]
    fn initials_are_one_word_and_do_not_swallow_the_form() {
        check("CONSORCIO S.M.S", "CONSORCIO SMS");
        check("TRANSPORTES A. B. S.A.C.", "TRANSPORTES AB SAC");
        check("J E HIJOS", "JE HIJOS");
        check("U.S.A. EXPRESS", "USA EXPRESS");
        check("A S.A.", "A SA");
        check("3 M PERU", "3 M PERU");
    }

    proptest! {
        #[test]
        fn folding_ends_and_what_is_folded_stays_as_it_is(text: String) {
            let mut folded = Folded::default();
            folded.read_text(&text);
            prop_assert!(folded.len() <= MAX_WORDS);
            prop_assert!(folded.iter().all(|word| !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric)));
        }
    }
}
