//! What someone probably meant by a key that does not exist.

use super::registry::registry;

/// The key closest to `path`, if any is close: a slip of the fingers away, or the same name in another section.
pub(super) fn nearest_key(path: &str) -> Option<&'static str> {
    // A long text is no slip, and comparing it would take its time.
    if path.len() > 64 {
        return None;
    }
    let name = path.rsplit('.').next().unwrap_or(path);
    let slip = closest(path, registry().iter().map(|key| key.path));
    slip.or_else(|| {
        let meant = closest(name, registry().iter().map(|key| key.section_and_name().1))?;
        let mut namesakes = registry().iter().filter(|key| key.section_and_name().1 == meant);
        namesakes.next().filter(|_| namesakes.next().is_none()).map(|key| key.path)
    })
}

/// The section closest to `path`.
pub(super) fn nearest_section(path: &str) -> Option<&'static str> {
    if path.len() > 64 { None } else { closest(path, registry().iter().map(|key| key.section_and_name().0)) }
}

/// The candidate that fewest edits lead to; at most two, fewer for short words.
fn closest(word: &str, candidates: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let most = (word.chars().count() / 3).min(2);
    candidates
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(edits, _)| *edits <= most)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Letters added, dropped, changed, or swapped with their neighbour, as a count.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let width = right.len() + 1;
    let mut rows: Vec<Vec<usize>> = vec![(0..width).collect()];
    for i in 1..=left.len() {
        let mut row = vec![i; width];
        for j in 1..width {
            let same = left[i - 1] == right[j - 1];
            row[j] = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + usize::from(!same));
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[left.len()][width - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised() {
        for (path, meant) in [
            ("server.lisen", Some("server.listen")),
            ("server.listne", Some("server.listen")),
            ("server.max-body", Some("server.max_body")),
            ("migo.limit.ruc", Some("migo.limits.ruc")),
            ("migo.tokken", Some("migo.token")),
            ("sever.listen", Some("server.listen")),
            ("listen", Some("server.listen")),
            ("lisen", Some("server.listen")),
            ("server.token", Some("migo.token")),
            ("server.colour", None),
            ("url", None),
            ("x", None),
        ] {
            assert_eq!(nearest_key(path), meant, "{path}");
        }
        assert_eq!(nearest_section("servr"), Some("server"));
        assert_eq!(nearest_section("nubefact"), None);
    }

    #[test]
    fn distance_counts_edits() {
        for (left, right, edits) in
            [("", "", 0), ("a", "", 1), ("abc", "acb", 1), ("listen", "lisen", 1), ("abc", "xyz", 3)]
        {
            assert_eq!(distance(left, right), edits, "{left} {right}");
            assert_eq!(distance(right, left), edits, "{right} {left}");
        }
    }
}
