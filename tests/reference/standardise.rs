//! Standardised rates as R, epitools, epiR and 50 digits have them.

use wholefamily::stats::{
    ComparedBand, DirectBand, DirectConvention, DirectMethod, Indirect, IndirectBand, RateContrast,
    RateMethod, RepeatBand, comparative_difference, comparative_ratio, standardise_direct,
    standardise_direct_repeat, standardise_indirect,
};

use crate::table::{Nearness, Row, rows};

fn rules(row: &Row) -> (DirectConvention, DirectMethod) {
    let convention = DirectConvention::parse(row.text("convention")).unwrap();
    (convention, DirectMethod::parse(row.text("method")).unwrap())
}

#[test]
fn directly_standardised_rates() {
    let mut nearness = Nearness::default();
    for row in rows("standardise_direct.csv") {
        let (x, [n, weight]) = (row.counts("x"), ["n", "weight"].map(|name| row.numbers(name)));
        let bands: Vec<DirectBand> =
            (0..x.len()).map(|i| DirectBand { x: x[i], n: n[i], weight: weight[i] }).collect();
        let (convention, method) = rules(&row);
        let got = standardise_direct(&bands, row.number("per"), convention, method, row.level());
        nearness.hold_interval(&row, method.word(), &got, 0.0);
    }
}

#[test]
fn directly_standardised_rates_of_repeat_events() {
    let mut nearness = Nearness::default();
    for row in rows("standardise_direct_repeat.csv") {
        let [band, events, persons] = ["band", "events", "persons"].map(|name| row.counts(name));
        let [n, weight] = ["n", "weight"].map(|name| row.numbers(name));
        let of = |i: usize| RepeatBand {
            band: band[i],
            events: events[i],
            persons: persons[i],
            n: n[i],
            weight: weight[i],
        };
        let bands: Vec<RepeatBand> = (0..band.len()).map(of).collect();
        let (convention, method) = rules(&row);
        let per = row.number("per");
        let got = standardise_direct_repeat(&bands, per, convention, method, row.level());
        nearness.hold_interval(&row, method.word(), &got, 0.0);
    }
}

#[test]
fn indirectly_standardised_rates_and_ratios() {
    let mut nearness = Nearness::default();
    for row in rows("standardise_indirect.csv") {
        let x = row.counts("x");
        let [n, events, people] = ["n", "x_reference", "n_reference"].map(|name| row.numbers(name));
        let of = |i: usize| IndirectBand {
            x: x[i],
            n: n[i],
            x_reference: events[i],
            n_reference: people[i],
        };
        let bands: Vec<IndirectBand> = (0..x.len()).map(of).collect();
        let method = RateMethod::parse(row.text("method")).unwrap();
        let Indirect { interval, observed, expected } =
            standardise_indirect(&bands, row.expected("per"), method, row.level());
        nearness.hold_interval(&row, method.word(), &interval, 0.0);
        nearness.hold(&row, "expected", "expected", expected, 0.0);
        assert_eq!(observed, Some(row.count("observed")));
    }
}

/// The two groups of a row; and the two rates added, per person, against which rounding is small.
fn compared(row: &Row) -> (Vec<ComparedBand>, f64) {
    let [x1, x2] = ["x1", "x2"].map(|name| row.counts(name));
    let [n1, n2, weight] = ["n1", "n2", "weight"].map(|name| row.numbers(name));
    let of =
        |i: usize| ComparedBand { x1: x1[i], n1: n1[i], x2: x2[i], n2: n2[i], weight: weight[i] };
    let bands: Vec<ComparedBand> = (0..x1.len()).map(of).collect();
    let whole: f64 = weight.iter().sum();
    let rates = bands
        .iter()
        .map(|band| (band.x1 as f64 / band.n1 + band.x2 as f64 / band.n2) * band.weight / whole);
    let size = rates.sum();
    (bands, size)
}

fn hold(nearness: &mut Nearness, row: &Row, got: &RateContrast, floor: f64) {
    nearness.hold_interval(row, "", &got.interval, floor);
    nearness.hold_within(row, "p", "p_value", got.p_value, 0.0, 1e-11);
}

#[test]
fn standardised_rates_compared() {
    let mut nearness = Nearness::default();
    for row in rows("comparative_ratio.csv") {
        let (bands, _) = compared(&row);
        hold(&mut nearness, &row, &comparative_ratio(&bands, row.level()), 0.0);
    }
    for row in rows("comparative_difference.csv") {
        let (bands, size) = compared(&row);
        let per = row.number("per");
        // What is lost where the rates, and the reach about their difference, nearly cancel.
        let floor = 1e-15 * size * per;
        hold(&mut nearness, &row, &comparative_difference(&bands, per, row.level()), floor);
    }
}
