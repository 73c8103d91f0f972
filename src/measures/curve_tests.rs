//! Tests of whole curves, as the measures of times to an event ask for them.

use crate::engine::curves::{CurveTest, Tested};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::survival::{LogRankWeight, gray, log_rank};

use super::day_table::{DayTable, lend};
use super::durations::Durations;

const GRAY: &str = "gray";
const WEIGHED: &str = "fleming-harrington";

/// The log-rank test, or one of its weighted family, of one event.
pub(crate) fn log_rank_test(
    strata: &[Vec<&Durations>],
    event: &Value,
    test: &CurveTest,
) -> Result<Tested> {
    let word = test.method.as_deref().unwrap_or(LogRankWeight::default().word());
    if !LogRankWeight::WORDS.contains(&word) {
        return Err(Error::unknown_word("method of a test", word, &LogRankWeight::WORDS));
    }
    if word != WEIGHED && (test.rho, test.gamma) != (0.0, 0.0) {
        return Err(Error::spec(format!(
            "rho and gamma are powers of '{WEIGHED}', not of '{word}'"
        )));
    }
    let weight = LogRankWeight::parse(word, test.rho, test.gamma)
        .ok_or_else(|| Error::spec("rho and gamma must be finite numbers of 0 or more"))?;
    let tables = tables(strata, std::slice::from_ref(event));
    let found = lend(&tables, |strata| log_rank(strata, weight)).test;
    let powers = match weight {
        LogRankWeight::FlemingHarrington { p, q } => format!(", rho {p}, gamma {q}"),
        _ => String::new(),
    };
    let method = format!("{word}{powers}{}", stratified(test));
    Ok(Tested { own: Vec::new(), found, events: events(&tables, 0), method })
}

/// Gray's test of one event among several.
pub(crate) fn gray_test(
    strata: &[Vec<&Durations>],
    all: &[Value],
    cause: usize,
    test: &CurveTest,
) -> Result<Tested> {
    let word = test.method.as_deref().unwrap_or(GRAY);
    if word != GRAY {
        return Err(Error::unknown_word(
            "method of a test where several events compete",
            word,
            &[GRAY],
        ));
    }
    if test.gamma != 0.0 || !test.rho.is_finite() {
        return Err(Error::spec(
            "Gray's test has one power, rho, a finite number; it has no gamma",
        ));
    }
    let tables = tables(strata, all);
    let found = lend(&tables, |strata| gray(strata, cause, test.rho));
    let power = if test.rho == 0.0 { String::new() } else { format!(", rho {}", test.rho) };
    let method = format!("{word}{power}{}", stratified(test));
    Ok(Tested { own: Vec::new(), found, events: events(&tables, cause), method })
}

fn stratified(test: &CurveTest) -> &'static str {
    if test.within.is_some() { ", stratified" } else { "" }
}

fn tables(strata: &[Vec<&Durations>], events: &[Value]) -> Vec<Vec<DayTable>> {
    let table = |state: &&Durations| DayTable::new(state, events);
    strata.iter().map(|groups| groups.iter().map(table).collect()).collect()
}

fn events(tables: &[Vec<DayTable>], cause: usize) -> u64 {
    tables.iter().flatten().map(|table| table.events(cause)).sum()
}
