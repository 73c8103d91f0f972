//! The distributions in both tails, against 50 digits and R.

use wholefamily::stats::distribution::{
    beta, binomial, chi_squared, fisher_f, gamma, hypergeometric, noncentral_hypergeometric,
    poisson, student,
};
use wholefamily::stats::normal;

use crate::table::{NEAR, Nearness, Row, rows};

/// R is asked to come this near in its tails and quantiles; rows where it does not are left out by
/// the script that makes the tables.
const NEAR_R: f64 = 1e-11;

fn hold(nearness: &mut Nearness, row: &Row, column: &str, got: f64) {
    let near = if row.witness().starts_with("R ") { NEAR_R } else { NEAR };
    nearness.hold_within(row, column, column, Some(got), 0.0, near);
}

/// A column of a table, and what to compute for it.
type Column<'a> = (&'a str, &'a dyn Fn(&Row) -> f64);

fn replay(table: &'static str, columns: &[Column<'_>]) {
    let mut nearness = Nearness::default();
    for row in rows(table) {
        for (column, figure) in columns {
            hold(&mut nearness, &row, column, figure(&row));
        }
    }
}

#[test]
fn gammas() {
    let x_shape = |row: &Row| (row.number("x"), row.number("shape"));
    let p_shape = |row: &Row| (row.number("p"), row.number("shape"));
    replay("ln_gamma.csv", &[("value", &|row| gamma::ln_gamma(row.number("x")))]);
    replay(
        "gamma.csv",
        &[
            ("lower", &|row| {
                let (x, shape) = x_shape(row);
                gamma::lower(x, shape)
            }),
            ("upper", &|row| {
                let (x, shape) = x_shape(row);
                gamma::upper(x, shape)
            }),
        ],
    );
    replay(
        "gamma_quantile.csv",
        &[
            ("lower", &|row| {
                let (p, shape) = p_shape(row);
                gamma::lower_quantile(p, shape)
            }),
            ("upper", &|row| {
                let (p, shape) = p_shape(row);
                gamma::upper_quantile(p, shape)
            }),
        ],
    );
}

#[test]
fn betas() {
    let [x, p, a, b] = ["x", "p", "a", "b"].map(|name| move |row: &Row| row.number(name));
    replay(
        "beta.csv",
        &[
            ("lower", &|row| beta::lower(x(row), a(row), b(row))),
            ("upper", &|row| beta::upper(x(row), a(row), b(row))),
        ],
    );
    replay(
        "beta_quantile.csv",
        &[
            ("lower", &|row| beta::lower_quantile(p(row), a(row), b(row))),
            ("upper", &|row| beta::upper_quantile(p(row), a(row), b(row))),
        ],
    );
}

#[test]
fn chi_squares() {
    let [x, p, df] = ["x", "p", "df"].map(|name| move |row: &Row| row.number(name));
    replay(
        "chi_squared_tail.csv",
        &[
            ("lower", &|row| chi_squared::lower(x(row), df(row))),
            ("upper", &|row| chi_squared::upper(x(row), df(row))),
        ],
    );
    replay(
        "chi_squared_quantile.csv",
        &[
            ("lower", &|row| chi_squared::lower_quantile(p(row), df(row))),
            ("upper", &|row| chi_squared::upper_quantile(p(row), df(row))),
        ],
    );
}

#[test]
fn students() {
    let [t, level, df] = ["t", "level", "df"].map(|name| move |row: &Row| row.number(name));
    replay(
        "student.csv",
        &[
            ("two_sided", &|row| student::two_sided(t(row), df(row))),
            ("upper", &|row| student::upper(t(row), df(row))),
        ],
    );
    replay(
        "student_quantile.csv",
        &[("t", &|row| student::two_sided_quantile(level(row), df(row)))],
    );
}

#[test]
fn fishers() {
    let [f, p, df1, df2] = ["f", "p", "df1", "df2"].map(|name| move |row: &Row| row.number(name));
    replay(
        "fisher_f.csv",
        &[
            ("lower", &|row| fisher_f::lower(f(row), df1(row), df2(row))),
            ("upper", &|row| fisher_f::upper(f(row), df1(row), df2(row))),
        ],
    );
    replay(
        "fisher_f_quantile.csv",
        &[
            ("lower", &|row| fisher_f::lower_quantile(p(row), df1(row), df2(row))),
            ("upper", &|row| fisher_f::upper_quantile(p(row), df1(row), df2(row))),
        ],
    );
}

#[test]
fn counts() {
    let [x, n, marked, unmarked, drawn] =
        ["x", "n", "marked", "unmarked", "drawn"].map(|name| move |row: &Row| row.count(name));
    let [p, mean, odds] = ["p", "mean", "odds"].map(|name| move |row: &Row| row.number(name));
    replay(
        "binomial.csv",
        &[
            ("probability", &|row| binomial::probability(x(row), n(row), p(row))),
            ("probability", &|row| binomial::ln_probability(x(row), n(row), p(row)).exp()),
            ("lower", &|row| binomial::lower(x(row), n(row), p(row))),
            ("upper", &|row| binomial::upper(x(row), n(row), p(row))),
        ],
    );
    replay(
        "poisson.csv",
        &[
            ("probability", &|row| poisson::probability(x(row), mean(row))),
            ("lower", &|row| poisson::lower(x(row), mean(row))),
            ("upper", &|row| poisson::upper(x(row), mean(row))),
        ],
    );
    type Hypergeometric = fn(u64, u64, u64, u64) -> f64;
    let central =
        |f: Hypergeometric| move |row: &Row| f(x(row), marked(row), unmarked(row), drawn(row));
    replay(
        "hypergeometric.csv",
        &[
            ("probability", &central(hypergeometric::probability)),
            ("lower", &central(hypergeometric::lower)),
            ("upper", &central(hypergeometric::upper)),
        ],
    );
    type Noncentral = fn(u64, u64, u64, u64, f64) -> f64;
    let weighted = |f: Noncentral| {
        move |row: &Row| f(x(row), marked(row), unmarked(row), drawn(row), odds(row))
    };
    replay(
        "noncentral_hypergeometric.csv",
        &[
            ("lower", &weighted(noncentral_hypergeometric::lower)),
            ("upper", &weighted(noncentral_hypergeometric::upper)),
            (
                "mean",
                &weighted(|_, marked, unmarked, drawn, odds| {
                    noncentral_hypergeometric::mean(marked, unmarked, drawn, odds)
                }),
            ),
        ],
    );
}

#[test]
fn one_sided_normals() {
    replay(
        "normal_one_sided.csv",
        &[
            ("lower", &|row| normal::lower(row.number("z"))),
            ("upper", &|row| normal::upper(row.number("z"))),
            ("density", &|row| normal::density(row.number("z"))),
        ],
    );
    replay(
        "normal_one_sided_quantile.csv",
        &[
            ("lower", &|row| normal::lower_quantile(row.number("p")).unwrap()),
            ("upper", &|row| normal::upper_quantile(row.number("p")).unwrap()),
        ],
    );
}
