//! `chasqui rate`: what a dollar is worth in soles, the last rate, that of a day, those of a range.
//!
//! A day without a published rate has the last one published before it, and the answer says which.
//! Left out: finding it, which is `chasqui-core`'s.

use chasqui::config::Config;
use chasqui_core::{Ask, Lookups, RateAnswer, RateDateError};
use chasqui_server::body;
use chasqui_types::time::{Date, days};
use chasqui_types::{ExchangeRate, Lookup, RateFlag};
use clap::Args;

use super::ask::{self, Format, MannerArguments};
use super::{today, unanswered, unasked};
use crate::exit::{Exit, Failure};
use crate::table::{self, Tone, Word};
use crate::text::counted;
use crate::{csv, output};

const AFTER_HELP: &str = "\
Examples:
  chasqui rate
  chasqui rate 2026-07-28
  chasqui rate 2026-01-01..2026-01-31 --format csv > january.csv
  chasqui rate today --refresh

Rates are SUNAT's, soles for one dollar, from 2010 on. A day without a published rate has the last one published before
it: `published on` says which. Days are Lima's. A rate that looks odd is flagged, not hidden.
A single rate is one object in `--format json`; a range is the body of the HTTP server's range.

Exit codes: 0 found, 1 none was published, 2 no such date or range, 3 could not be found out, 4 configuration.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RateArguments {
    /// `latest`, `today`, a date such as 2026-07-28, or a range FROM..TO.
    #[arg(value_name = "WHEN", default_value = "latest", value_parser = when)]
    when: When,
    #[command(flatten)]
    manner: MannerArguments,
    /// Ask nobody: answer only from what is on this machine.
    #[arg(long, conflicts_with = "refresh")]
    offline: bool,
}

/// Which rates are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Latest,
    Today,
    On(Date),
    Between(Date, Date),
}

const COLUMNS: [&str; 9] =
    ["fecha", "publicado_el", "moneda", "precio_compra", "precio_venta", "avisos", "source", "as_of", "freshness"];

/// Asks and prints.
pub(crate) async fn run(arguments: &RateArguments, config: &Config) -> Result<Exit, Failure> {
    let format = arguments.manner.format;
    if arguments.offline {
        check_offline(arguments.when, today()).map_err(bad_date)?;
        return Err(unasked(format));
    }
    let chasqui = ask::start(config, format, false).await?;
    let ask = Ask { refresh: arguments.manner.refresh, patience: None };
    let exit = match arguments.when {
        When::Between(from, to) => range(chasqui.lookups(), from, to, ask, format).await,
        when => one(chasqui.lookups(), when, ask, format).await,
    };
    ask::stop(chasqui).await;
    exit
}

async fn one(lookups: &Lookups, when: When, ask: Ask, format: Format) -> Result<Exit, Failure> {
    let asked = match when {
        When::On(date) => {
            lookups.check_rate_date(date).map_err(bad_date)?;
            lookups.rate_on(date, ask).await
        }
        When::Today => lookups.rate_on(lookups.today(), ask).await,
        When::Latest | When::Between(..) => lookups.latest_rate(ask).await,
    };
    let answer = match asked.map_err(|error| unanswered(&error, format))? {
        Lookup::Found(answer) => answer,
        Lookup::Absent(absence) => {
            if format == Format::Table {
                output::data(none_for(when))?;
            } else if format != Format::Csv {
                let error = ask::error_object("absent", &absence.reason.to_string(), None);
                output::line(format!("{{\"outcome\":\"absent\",\"error\":{error}}}").as_bytes())?;
            }
            return Ok(Exit::Absent);
        }
    };
    match format {
        Format::Json | Format::Ndjson => output::line(&body::rate(&answer))?,
        Format::Table | Format::Csv => show(&[answer], format)?,
    }
    Ok(Exit::Done)
}

async fn range(lookups: &Lookups, from: Date, to: Date, ask: Ask, format: Format) -> Result<Exit, Failure> {
    lookups.check_rate_range(from, to).map_err(bad_date)?;
    let answers = lookups.rates(from, to, ask).await.map_err(|error| unanswered(&error, format))?;
    match format {
        Format::Json => output::line(&body::rates(from, to, &answers))?,
        Format::Ndjson => answers.iter().try_for_each(|answer| output::line(&body::rate(answer)))?,
        Format::Table if answers.is_empty() => output::data("no rate was published in that range\n")?,
        Format::Table | Format::Csv => show(&answers, format)?,
    }
    if let Some(first) = answers.first().filter(|first| first.date > from) {
        output::note(&without_row(from, first.date));
    }
    Ok(if answers.is_empty() { Exit::Absent } else { Exit::Done })
}

fn show(answers: &[RateAnswer], format: Format) -> Result<(), Failure> {
    if format == Format::Csv {
        let lines = answers.iter().map(|answer| csv::line(cells(answer).iter().map(String::as_str)));
        return output::data(std::iter::once(csv::line(COLUMNS)).chain(lines).collect::<String>());
    }
    let header = ["Date", "Published on", "Buy", "Sell", "Look at"];
    let mut text = table::grid(&header, answers.iter().map(words));
    if let Some(last) = answers.last() {
        let (currency, freshness) = (&last.rate().currency, last.answer.freshness.as_str());
        let source = &last.answer.record.provenance().source;
        let line = format!("\nSoles for one {currency}. Source: {source}, {freshness}\n");
        text.push_str(&line);
    }
    if answers.iter().any(|answer| ask::is_made_up(&answer.answer)) {
        text.push_str(&ask::made_up());
    }
    output::data(text)
}

fn words(answer: &RateAnswer) -> Vec<Word> {
    let rate = answer.rate();
    let published = rate.date.to_string();
    let flags = flags(&answer.flags, flag_words);
    vec![
        Word::from(answer.date.to_string()),
        if rate.date == answer.date { Word::from(published) } else { Word::toned(published, Tone::Doubtful) },
        Word::from(rate.buy.to_string()),
        Word::from(rate.sell.to_string()),
        if flags.is_empty() { Word::from("-") } else { Word::toned(flags, Tone::Bad) },
    ]
}

fn cells(answer: &RateAnswer) -> Vec<String> {
    let rate = answer.rate();
    let rate = [
        answer.date.to_string(),
        rate.date.to_string(),
        rate.currency.to_string(),
        rate.buy.to_string(),
        rate.sell.to_string(),
        flags(&answer.flags, RateFlag::as_str),
    ];
    rate.into_iter().chain(ask::provenance(Some(&answer.answer))).collect()
}

fn flags(flags: &[RateFlag], words: impl Fn(RateFlag) -> &'static str) -> String {
    flags.iter().map(|flag| words(*flag)).collect::<Vec<_>>().join("; ")
}

fn flag_words(flag: RateFlag) -> &'static str {
    match flag {
        RateFlag::BuyOverSell => "buying is dearer than selling",
        RateFlag::Jump => "moved by more than 5 % a day",
        RateFlag::Old => "published more than a week ago",
        other => other.as_str(),
    }
}

/// Whether the days before this one, as far back as a rate is looked for, end where rates begin.
fn is_near_the_first_day(date: Date) -> bool {
    date.checked_sub(days(Lookups::LOOK_BACK)).is_ok_and(|back| back < ExchangeRate::FIRST_DAY)
}

fn none_for(when: When) -> String {
    let before = match when {
        When::On(date) if is_near_the_first_day(date) => {
            format!("and none is published before {}", ExchangeRate::FIRST_DAY)
        }
        _ => "nor in the fortnight before it".to_owned(),
    };
    format!("no rate was published for that day, {before}\n")
}

/// Why the rows of a range begin later than the range.
fn without_row(from: Date, first: Date) -> String {
    let n_days = from.until(first).map_or(0, |span| span.get_days().unsigned_abs());
    let reason = if is_near_the_first_day(from) {
        format!("no rate is published before {first}")
    } else {
        format!("no rate was published from {from} until {first}, nor in the fortnight before")
    };
    format!("{reason}: {} of the range without a row", counted(n_days as usize, "day"))
}

/// What [`Lookups::check_rate_range`] says of days, where nothing is started that could be asked.
fn check_offline(when: When, today: Date) -> Result<(), RateDateError> {
    let (from, to) = match when {
        When::Latest | When::Today => return Ok(()),
        When::On(date) => (date, date),
        When::Between(from, to) => (from, to),
    };
    let n_days = from.until(to).map_or(i32::MAX, |span| span.get_days().saturating_add(1));
    match () {
        () if from < ExchangeRate::FIRST_DAY => Err(RateDateError::TooEarly),
        () if from > today => Err(RateDateError::Future { today }),
        () if to < ExchangeRate::FIRST_DAY => Err(RateDateError::TooEarly),
        () if to > today => Err(RateDateError::Future { today }),
        () if to < from => Err(RateDateError::Backwards),
        () if n_days > Lookups::MAX_RATE_DAYS => Err(RateDateError::TooLong),
        () => Ok(()),
    }
}

fn bad_date(error: RateDateError) -> Failure {
    Failure::of(Exit::Usage, &error)
}

/// Reads `latest`, `today`, a date or a range.
fn when(text: &str) -> Result<When, String> {
    const WANTED: &str = "expected latest, today, a date such as 2026-07-28, or a range FROM..TO of dates";
    let date = |text: &str| {
        let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        text.parse::<Date>().ok().filter(|_| is_plain).ok_or_else(|| WANTED.to_owned())
    };
    match text.split_once("..") {
        Some((from, to)) => Ok(When::Between(date(from)?, date(to)?)),
        None => match text {
            "latest" => Ok(When::Latest),
            "today" => Ok(When::Today),
            _ => date(text).map(When::On),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_word_a_date_or_a_range() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(when("latest"), Ok(When::Latest));
        assert_eq!(when("today"), Ok(When::Today));
        assert_eq!(when("2026-07-28"), Ok(When::On(date("2026-07-28"))));
        assert_eq!(when("2026-07-01..2026-07-28"), Ok(When::Between(date("2026-07-01"), date("2026-07-28"))));
        for bad in ["", "28/07/2026", "2026-02-30", "2026-07-01..", "..", "20260728", "2026-07-28T00:00", "yesterday"] {
            assert!(when(bad).is_err(), "{bad}");
        }
    }
}
