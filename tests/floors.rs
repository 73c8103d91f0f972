//! The floors of the house: each sees only those below.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

/// The floors from below; `error.rs` stands beside all of them, `frames` beside `py`.
const FLOORS: [&str; 8] =
    ["stats", "engine", "columns", "histories", "measures", "disclose", "frames", "py"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

fn source(floor: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(floor)
}

/// The code of a file, without its comments and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn no_floor_sees_a_higher_one() {
    let mut read = 0;
    for (height, floor) in FLOORS.iter().enumerate() {
        for path in sources(&source(floor)) {
            read += 1;
            for above in &FLOORS[height + 1..] {
                let upward = format!("crate::{above}");
                assert!(!code(&path).contains(&upward), "{} sees {above}", path.display());
            }
        }
    }
    assert!(read > 30, "only {read} files were read");
}

#[test]
fn statistics_know_numbers_only() {
    for path in sources(&source("stats")) {
        for word in ["arrow_", "rayon", "serde", "pyo3", "crate::engine", "crate::error"] {
            assert!(!code(&path).contains(word), "{} knows {word}", path.display());
        }
    }
}

#[test]
fn only_the_bindings_know_python() {
    for floor in FLOORS.iter().filter(|floor| **floor != "py") {
        for path in sources(&source(floor)) {
            assert!(!code(&path).contains("pyo3"), "{} knows Python", path.display());
        }
    }
}

#[test]
fn only_the_frames_know_polars() {
    for floor in FLOORS.iter().filter(|floor| **floor != "frames") {
        for path in sources(&source(floor)) {
            let code = code(&path);
            for word in ["polars", "crate::frames"] {
                assert!(!code.contains(word), "{} knows {word}", path.display());
            }
        }
    }
}

#[test]
fn the_engine_knows_no_measure() {
    for path in sources(&source("engine")) {
        for word in ["ReferralShare", "LookedAfter", "Flows", "SurveyPercentages", "Escalation"] {
            assert!(!code(&path).contains(word), "{} knows {word}", path.display());
        }
    }
}

#[test]
fn only_the_bindings_know_the_columns() {
    for floor in FLOORS.iter().filter(|floor| !["columns", "py"].contains(floor)) {
        for path in sources(&source(floor)) {
            assert!(!code(&path).contains("crate::columns"), "{} knows it", path.display());
        }
    }
}
