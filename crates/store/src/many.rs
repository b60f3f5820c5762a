//! Many rows a statement: what a unit does costs a trip for each statement, not for each row.

use std::fmt::Write as _;

use crate::db::{StoreError, Tx, Val};

/// The most rows or ids of one statement. Both databases take several times as many values.
pub(crate) const AT_ONCE: usize = 500;

/// Stores rows. `head` ends with `VALUES`, `tail` may say `ON CONFLICT`. Answers how many rows were stored or changed.
pub(crate) fn insert<const N: usize>(
    tx: &mut Tx,
    head: &str,
    rows: impl IntoIterator<Item = [Val; N]>,
    tail: &str,
) -> Result<u64, StoreError> {
    let (mut rows, mut changed) = (rows.into_iter(), 0);
    loop {
        let params: Vec<Val> = rows.by_ref().take(AT_ONCE).flatten().collect();
        if params.is_empty() {
            return Ok(changed);
        }
        let mut sql = format!("{head} ");
        for row in 0..params.len() / N {
            let comma = if row == 0 { "" } else { ", " };
            let _ = write!(sql, "{comma}({})", placeholders(row * N + 1, N));
        }
        changed += tx.exec(&format!("{sql} {tail}"), &params)?;
    }
}

/// The ids in chunks for `IN (…)`, each chunk filled up with its last id to a power of two, so that few texts serve any
/// number of ids.
pub(crate) fn chunks<T: Copy + Into<Val>>(ids: &[T]) -> impl Iterator<Item = Vec<Val>> {
    ids.chunks(AT_ONCE).map(|some| {
        let last = some.last().copied();
        let places = some.len().next_power_of_two();
        some.iter().copied().chain(std::iter::repeat_n(last, places - some.len()).flatten()).map(Into::into).collect()
    })
}

/// `$from, $from+1, …`: `count` of them.
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 5);
    for n in from..from + count {
        let comma = if n == from { "" } else { ", " };
        let _ = write!(text, "{comma}${n}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_in_few_lengths_and_none_is_lost() {
        let ids: Vec<i64> = (0..1_203).collect();
        let chunks: Vec<Vec<Val>> = chunks(&ids).collect();
        assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [512, 512, 256]);
        let met: std::collections::BTreeSet<String> = chunks.iter().flatten().map(|id| format!("{id:?}")).collect();
        assert_eq!(met.len(), ids.len());
        assert_eq!(super::chunks::<i64>(&[]).count(), 0);
    }
}
