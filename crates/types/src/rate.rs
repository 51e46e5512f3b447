//! What a dollar is worth in soles, as SUNAT publishes it.
//!
//! Amounts are decimals with the places they were published with, never binary fractions.

use rust_decimal::Decimal;

use crate::time::Date;

/// A published rate: soles for one unit of a foreign currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRate {
    /// The day for which it was published, in Lima.
    pub date: Date,
    /// ISO code of the foreign currency: `USD`.
    pub currency: Box<str>,
    /// What buyers pay.
    pub buy: Decimal,
    /// What sellers ask.
    pub sell: Decimal,
}

/// Something about a rate that a person should look at. It is told, not hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateFlag {
    /// Buying costs more than selling brings.
    BuyOverSell,
    /// It differs by more than 5 % a day from the rate published before it.
    Jump,
    /// It was published more than a week before the day for which it was asked.
    Old,
}

// === impl ExchangeRate ===

impl ExchangeRate {
    /// The first day for which rates are published (facts: MIGO 2).
    pub const FIRST_DAY: Date = jiff::civil::date(2010, 1, 1);

    /// What a person should look at, given the rate published `before` it, if that is known.
    pub fn flags(&self, before: Option<&ExchangeRate>) -> Vec<RateFlag> {
        let mut flags = Vec::new();
        if self.buy > self.sell {
            flags.push(RateFlag::BuyOverSell);
        }
        if before.is_some_and(|before| self.jumps_from(before)) {
            flags.push(RateFlag::Jump);
        }
        flags
    }

    /// Whether the sale rate moved by more than 5 % for each day since `before`.
    fn jumps_from(&self, before: &ExchangeRate) -> bool {
        let days = before.date.until(self.date).map_or(1, |span| span.get_days().max(1));
        let allowed = before.sell * Decimal::new(5, 2) * Decimal::from(days);
        (self.sell - before.sell).abs() > allowed
    }
}

// === impl RateFlag ===

impl RateFlag {
    /// A stable word: `buy_over_sell`, `jump`, `old`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuyOverSell => "buy_over_sell",
            Self::Jump => "jump",
            Self::Old => "old",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(date: &str, buy: &str, sell: &str) -> ExchangeRate {
        let (buy, sell) = (buy.parse().unwrap(), sell.parse().unwrap());
        ExchangeRate { date: date.parse().unwrap(), currency: "USD".into(), buy, sell }
    }

    #[test]
    fn an_odd_rate_is_flagged_and_an_ordinary_one_is_not() {
        let friday = rate("2026-11-20", "3.431", "3.437");
        assert_eq!(friday.flags(None), []);
        assert_eq!(rate("2026-11-20", "3.440", "3.437").flags(None), [RateFlag::BuyOverSell]);
        assert_eq!(rate("2026-11-21", "3.600", "3.609").flags(Some(&friday)), [RateFlag::Jump]);
        assert_eq!(rate("2026-11-21", "3.600", "3.608").flags(Some(&friday)), [], "5 % and no more");
        assert_eq!(rate("2026-11-23", "3.600", "3.900").flags(Some(&friday)), [], "three days apart");
    }

    #[test]
    fn places_stay_as_they_were_published() {
        assert_eq!(rate("2026-11-20", "3.430", "3.4").buy.to_string(), "3.430");
    }
}
