//! One page of a log under a filter that no index answers.

use std::collections::BTreeSet;

use domain::{CorId, ProjectId};

use super::{
    blocks::Packed,
    page::{Key, PageWanted, SortBy},
};
use crate::{db::StoreError, scope::CompanyTx};

impl CompanyTx<'_> {
    /// The CORs of a page and the one after it: everything the filter finds is met once, and the first ones are kept.
    pub(crate) fn sifted_page(
        &mut self,
        log: i64,
        project: ProjectId,
        wanted: &PageWanted,
    ) -> Result<Vec<CorId>, StoreError> {
        let (by, descends, cursor) = (wanted.sort.by, wanted.descends(), wanted.position.cursor());
        let mut first: BTreeSet<(Key, CorId)> = BTreeSet::new();
        self.sifted(log, project, &wanted.filter, |row| {
            let key = Seen::of(row, by);
            let comes_after = |other: &Key, cor: CorId| {
                let order = key.cmp(&Seen::key(other)).then(row.cor().cmp(&cor));
                if descends { order.is_lt() } else { order.is_gt() }
            };
            if cursor.is_some_and(|cursor| !comes_after(&cursor.key, cursor.cor)) {
                return Ok(());
            }
            if first.len() > wanted.rows {
                let last = if descends { first.first() } else { first.last() };
                if last.is_some_and(|(key, cor)| comes_after(key, *cor)) {
                    return Ok(());
                }
                if descends {
                    first.pop_first()
                } else {
                    first.pop_last()
                };
            }
            first.insert((key.kept(), row.cor()));
            Ok(())
        })?;
        Ok(first.into_iter().map(|(_, cor)| cor).collect())
    }
}

/// What a row sorts by, where it lies: the same as in the column of the database.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Seen<'a> {
    Int(i64),
    Text(&'a str),
}

impl<'a> Seen<'a> {
    fn of(row: &Packed<'a>, by: SortBy) -> Self {
        match by {
            SortBy::Number => Self::Text(row.number_key),
            SortBy::Title => Self::Text(row.line(1)),
            SortBy::Reference => Self::Text(row.line(2)),
            SortBy::Counterparty => Self::Text(row.line(3)),
            SortBy::Status => Self::Int(row.status),
            SortBy::Total => Self::Int(row.total().in_minor()),
            SortBy::Submitted => Self::Int(row.submitted_key),
            SortBy::Procore => Self::Int(row.procore),
            SortBy::Event => Self::Int(row.event),
        }
    }

    fn key(key: &'a Key) -> Self {
        match key {
            Key::Int(n) => Self::Int(*n),
            Key::Text(text) => Self::Text(text),
        }
    }

    fn kept(&self) -> Key {
        match self {
            Self::Int(n) => Key::Int(*n),
            Self::Text(text) => Key::Text((*text).to_owned()),
        }
    }
}
