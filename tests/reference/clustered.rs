//! Curves of people in clusters, against R's survival and 60 digits on the rows.

use wholefamily::stats::Interval;
use wholefamily::stats::survival::{
    CumulativeIncidence, Estimate, Followed, IncidenceVariance, Influenced, KaplanMeier,
    clustered_difference_by, clustered_ratio_by,
};

use crate::survival::{CLOSED, Counts, FLOOR, SMALL, band, day, everybody, list};
use crate::table::{Nearness, Row, rows};

/// The columns of some of the people.
struct People {
    cluster: Vec<u64>,
    entry: Vec<i64>,
    time: Vec<i64>,
    event: Vec<u32>,
}

impl People {
    fn of(row: &Row, keep: impl Fn(usize) -> bool) -> Self {
        fn kept<T: Copy>(all: &[T], keep: &impl Fn(usize) -> bool) -> Vec<T> {
            all.iter().enumerate().filter(|(place, _)| keep(*place)).map(|(_, of)| *of).collect()
        }
        Self {
            cluster: kept(&list(row, "cluster"), &keep),
            entry: kept(&list(row, "entry"), &keep),
            time: kept(&list(row, "time"), &keep),
            event: kept(&list(row, "event"), &keep),
        }
    }

    fn followed(&self) -> Followed<'_> {
        let Self { cluster, entry, time, event } = self;
        Followed { cluster, entry, exit: time, cause: event }
    }
}

fn survival(counts: &Counts, people: &People) -> KaplanMeier {
    counts.with(KaplanMeier::new).unwrap().clustered(&people.followed()).unwrap()
}

fn incidence(counts: &Counts, people: &People, cause: u64) -> CumulativeIncidence {
    let curve = counts.with(|times| {
        CumulativeIncidence::new(times, cause as usize - 1, IncidenceVariance::Delta)
    });
    curve.unwrap().clustered(&people.followed()).unwrap()
}

fn estimate(row: &Row, at: i64) -> Estimate {
    let (counts, people) = (everybody(row), People::of(row, |_| true));
    match row.count("cause") {
        0 => survival(&counts, &people).estimate(at).unwrap(),
        cause => incidence(&counts, &people, cause).estimate(at).unwrap(),
    }
}

#[test]
fn shares_in_clusters() {
    let mut near = Nearness::default();
    for row in rows("survival/clustered.csv") {
        let got = estimate(&row, day(&row, "day"));
        near.hold_within(&row, "value", "value", Some(got.value), FLOOR, CLOSED);
        near.hold_within(&row, "variance", "variance", Some(got.variance), SMALL, CLOSED);
    }
}

#[test]
fn limits_in_clusters() {
    let mut near = Nearness::default();
    for row in rows("survival/clustered_interval.csv") {
        let got = band(&row).interval(estimate(&row, day(&row, "day")), row.level());
        near.hold_interval_within(&row, band(&row).word(), &got, FLOOR, CLOSED);
    }
}

#[test]
fn quantiles_in_clusters() {
    let mut near = Nearness::default();
    for row in rows("survival/clustered_quantile.csv") {
        let curve = survival(&everybody(&row), &People::of(&row, |_| true));
        let got = curve.quantile(row.number("share"), band(&row), row.level());
        near.hold_interval_within(&row, band(&row).word(), &got, 0.0, 0.0);
    }
}

#[test]
fn means_in_clusters() {
    let mut near = Nearness::default();
    for row in rows("survival/clustered_mean.csv") {
        let curve = survival(&everybody(&row), &People::of(&row, |_| true));
        let got = curve.restricted_mean(day(&row, "until")).unwrap();
        near.hold_within(&row, "value", "value", Some(got.value), 0.0, CLOSED);
        near.hold_within(&row, "variance", "variance", Some(got.variance), SMALL, CLOSED);
    }
}

#[test]
fn groups_that_share_clusters() {
    let mut near = Nearness::default();
    for row in rows("survival/clustered_contrast.csv") {
        let (group, at) = (list::<usize>(&row, "group"), [day(&row, "day")]);
        let of = |one: usize| -> Influenced {
            let people = People::of(&row, |person| group[person] == one);
            let counts = Counts::of(&row, |person| group[person] == one, false);
            let all = match row.count("cause") {
                0 => survival(&counts, &people).influenced(&people.followed(), &at),
                cause => incidence(&counts, &people, cause).influenced(&people.followed(), &at),
            };
            all.unwrap().remove(0).unwrap()
        };
        let (one, two) = (of(1), of(2));
        for (name, got) in [
            ("difference", clustered_difference_by(&one, &two, row.level())),
            ("ratio", clustered_ratio_by(&one, &two, row.level())),
        ] {
            let Interval { value, lower, upper, .. } = got.interval;
            let mut hold = |column: &str, got, near_to| {
                near.hold_within(&row, name, &format!("{name}{column}"), got, 1e-15, near_to);
            };
            hold("", value, CLOSED);
            hold("_lower", lower, CLOSED);
            hold("_upper", upper, CLOSED);
            // R takes the p value of a difference between numbers of size 1
            hold("_p", got.p_value, 10.0 * CLOSED);
        }
    }
}
