//! Who is meant besides the name, in the words that people have for it.
//!
//! Every surface takes the same words, and each word that a filter can take is listed in its refusal, because who asks
//! cannot know SUNAT's by heart. A word that is not known is refused: it would find nobody, and seem an answer.
//! Left out: whether persons may be searched, which the configuration says.

use chasqui_padron::Filters;
use chasqui_types::{Condition, ConditionKind, RucPrefix, Status, StatusKind};

/// Filters as they were typed; `None` for any.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypedFilters<'a> {
    /// SUNAT's word for the state of the registration.
    pub status: Option<&'a str>,
    /// SUNAT's word for the condition of the domicile.
    pub condition: Option<&'a str>,
    /// What the district code begins with.
    pub ubigeo: Option<&'a str>,
    /// The kind of taxpayer, in words or by the number's prefix.
    pub kind: Option<&'a str>,
}

/// What a filter takes, said of one that was given something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterError {
    /// Not a state of SUNAT's.
    Status,
    /// Not a condition of SUNAT's.
    Condition,
    /// Not the beginning of a district code.
    Ubigeo,
    /// Not a kind of taxpayer.
    Kind,
}

/// The words for a kind of taxpayer, Peru's own first; each kind by another word and by its prefixes too.
const KINDS: [(&str, RucPrefix); 9] = [
    ("natural", RucPrefix::Person),
    ("juridica", RucPrefix::Entity),
    ("otro", RucPrefix::OtherPerson),
    ("10", RucPrefix::Person),
    ("20", RucPrefix::Entity),
    ("legal", RucPrefix::Entity),
    ("otros", RucPrefix::OtherPerson),
    ("other", RucPrefix::OtherPerson),
    ("15-17", RucPrefix::OtherPerson),
];
/// So many of them are told.
const TOLD: usize = 3;

// === impl TypedFilters ===

impl TypedFilters<'_> {
    /// Reads them; accents and case do not matter.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn read(self) -> Result<Filters, FilterError> {
        Ok(Filters {
            status: self.status.map(|text| status(text).ok_or(FilterError::Status)).transpose()?,
            condition: self.condition.map(|text| condition(text).ok_or(FilterError::Condition)).transpose()?,
            ubigeo: self.ubigeo.map(|text| ubigeo(text).ok_or(FilterError::Ubigeo)).transpose()?.unwrap_or_default(),
            kind: self.kind.map(|text| kind(text).ok_or(FilterError::Kind)).transpose()?,
        })
    }
}

// === impl FilterError ===

impl FilterError {
    /// Which filter: `status`, `condition`, `ubigeo` or `kind`.
    pub fn filter(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Condition => "condition",
            Self::Ubigeo => "ubigeo",
            Self::Kind => "kind",
        }
    }

    /// The words that it takes; none where it takes digits.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Status => Status::wordings().collect(),
            Self::Condition => Condition::wordings().collect(),
            Self::Kind => KINDS[..TOLD].iter().map(|(word, _)| *word).collect(),
            Self::Ubigeo => Vec::new(),
        }
    }
}

fn status(text: &str) -> Option<StatusKind> {
    Some(Status::from_text(&plain(text)).kind()).filter(|kind| *kind != StatusKind::Unrecognised)
}

fn condition(text: &str) -> Option<ConditionKind> {
    // A reason behind NO HALLADO would promise what is not kept: those with another reason would be found as well.
    let known = Condition::wordings().find(|wording| *wording == plain(text))?;
    Some(Condition::from_text(known).kind())
}

fn ubigeo(text: &str) -> Option<String> {
    let is_prefix = matches!(text.len(), 2 | 4 | 6) && text.bytes().all(|digit| digit.is_ascii_digit());
    is_prefix.then(|| text.to_owned())
}

fn kind(text: &str) -> Option<RucPrefix> {
    let text = plain(text).to_lowercase();
    KINDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind)
}

/// Upper case, without the accents that SUNAT does not write either.
fn plain(text: &str) -> String {
    let upper = text.trim().to_uppercase();
    let plain = |letter| match letter {
        'Á' => 'A',
        'É' => 'E',
        'Í' => 'I',
        'Ó' => 'O',
        'Ú' | 'Ü' => 'U',
        other => other,
    };
    upper.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(filter: &str, text: &str) -> Result<Filters, FilterError> {
        let text = Some(text);
        let none = TypedFilters::default();
        match filter {
            "status" => TypedFilters { status: text, ..none },
            "condition" => TypedFilters { condition: text, ..none },
            "ubigeo" => TypedFilters { ubigeo: text, ..none },
            _ => TypedFilters { kind: text, ..none },
        }
        .read()
    }

    #[test]
    fn words_are_taken_as_people_write_them() {
        let typed = TypedFilters {
            status: Some("suspensión temporal"),
            condition: Some(" no habido"),
            ubigeo: Some("1501"),
            kind: Some("Jurídica"),
        };
        let expected = Filters {
            status: Some(StatusKind::Suspended),
            condition: Some(ConditionKind::NotLocated),
            ubigeo: "1501".to_owned(),
            kind: Some(RucPrefix::Entity),
        };
        assert_eq!(typed.read(), Ok(expected));
        assert_eq!(TypedFilters::default().read(), Ok(Filters::default()));
        for (word, prefix) in KINDS {
            assert_eq!(read("kind", &word.to_uppercase()).unwrap().kind, Some(prefix));
        }
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        for (filter, texts, told) in [
            ("status", &["VIVO", ""][..], &["ACTIVO", "BAJA DE OFICIO"][..]),
            ("condition", &["", "HABIDA", "NO HALLADO CERRADO"], &["HABIDO", "NO HALLADO", "NO HABIDO"]),
            ("ubigeo", &["", "1", "150", "1501011", "LIMA", "ñ"], &[]),
            ("kind", &["", "15", "empresa"], &["natural", "juridica", "otro"]),
        ] {
            for text in texts {
                let error = read(filter, text).unwrap_err();
                assert_eq!(error.filter(), filter);
                assert!(told.iter().all(|word| error.words().contains(word)), "{:?}", error.words());
            }
        }
    }
}
