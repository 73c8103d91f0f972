//! Lists put one behind the other.

/// All lists as one, for which memory is asked for once; each is given back when it is done.
pub(super) fn in_one<T>(lists: impl Iterator<Item = Vec<T>>) -> Vec<T> {
    let lists: Vec<Vec<T>> = lists.collect();
    let mut all = Vec::with_capacity(lists.iter().map(Vec::len).sum());
    lists.into_iter().for_each(|list| all.extend(list));
    all
}
