//! Lists in a specification that name what is asked for: what is named twice is asked for once.

use serde::{Deserialize, Deserializer};

/// A list whose repetitions add nothing.
pub(crate) trait Repeating {
    /// Keeps the first of equal entries, in the order they were written in.
    fn without_repetitions(self) -> Self;
}

impl<T: PartialEq> Repeating for Vec<T> {
    fn without_repetitions(self) -> Self {
        let mut once = Self::with_capacity(self.len());
        for entry in self {
            if !once.contains(&entry) {
                once.push(entry);
            }
        }
        once
    }
}

impl<L: Repeating> Repeating for Option<L> {
    fn without_repetitions(self) -> Self {
        self.map(L::without_repetitions)
    }
}

/// Reads such a list: for `#[serde(deserialize_with = "each_once")]`.
pub(crate) fn each_once<'de, L, D>(deserializer: D) -> Result<L, D::Error>
where
    L: Repeating + Deserialize<'de>,
    D: Deserializer<'de>,
{
    L::deserialize(deserializer).map(L::without_repetitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Asked {
        #[serde(default, deserialize_with = "each_once")]
        at: Option<Vec<f64>>,
    }

    #[test]
    fn the_first_of_equal_entries_is_kept_where_it_stands() {
        let read = |json| serde_json::from_str::<Asked>(json).unwrap().at;
        assert_eq!(read(r#"{"at": [0.5, 0.25, 0.5, 0.25]}"#), Some(vec![0.5, 0.25]));
        assert_eq!(read(r#"{"at": []}"#), Some(vec![]));
        assert_eq!(read(r#"{"at": null}"#), None);
        assert_eq!(read("{}"), None);
    }
}
