//! One page of a log under a filter that no index answers.

use std::collections::BTreeSet;

use domain::{CorId, ProjectId};

use super::{
    blocks::Packed,
    filter::Conditions,
    keep::{self, LogRow},
    page::{Cursor, Key, PageWanted, SortBy},
    sieve::Sieve,
};
use crate::{
    db::{StoreError, Val},
    scope::CompanyTx,
};

/// Rows in order that are looked at for a page of 50 before all of the log is, and so in proportion.
const PAGES_NEARBY: usize = 20;
/// The most of them, however large the page.
const ROWS_NEARBY: usize = 1_020;

impl CompanyTx<'_> {
    /// The CORs of a page and the one after it.
    pub(crate) fn sifted_page(
        &mut self,
        log: i64,
        project: ProjectId,
        wanted: &PageWanted,
    ) -> Result<Vec<CorId>, StoreError> {
        let sieve = self.sieve(project, &wanted.filter)?;
        match self.nearby(log, wanted, &sieve)? {
            Some(cors) => Ok(cors),
            None => self.among_all(log, wanted, &sieve),
        }
    }

    /// The CORs of a page if they are among the next rows of its order, as they are of what many rows contain; nothing if
    /// too few are to fill it.
    fn nearby(&mut self, log: i64, wanted: &PageWanted, sieve: &Sieve) -> Result<Option<Vec<CorId>>, StoreError> {
        let page = wanted.rows + 1;
        let most = ROWS_NEARBY.min(PAGES_NEARBY * page);
        let mut found = Vec::new();
        let (mut read, mut next) = (0, 2 * page);
        let mut after = wanted.position.cursor().cloned();
        while read + next <= most {
            let (sql, params) = rows_in_order(log, wanted, after.as_ref(), next);
            let rows: Vec<LogRow> = self.tx.query(&sql, &params, |row| Ok(keep::log_row(row)?.0))?;
            read += next;
            let matches = rows.iter().map(Packed::of).filter(|row| sieve.lets_through(row));
            found.extend(matches.map(|row| row.cor()));
            if found.len() >= page || rows.len() < next {
                found.truncate(page);
                return Ok(Some(found));
            }
            if found.len() * most < read * page {
                return Ok(None);
            }
            next = read.min(most - read).max(1);
            after =
                rows.last().map(|row| Cursor { key: Seen::of(&Packed::of(row), wanted.sort.by).kept(), cor: row.cor });
        }
        Ok(None)
    }

    /// Everything the filter finds is met once, and the first ones are kept.
    fn among_all(&mut self, log: i64, wanted: &PageWanted, sieve: &Sieve) -> Result<Vec<CorId>, StoreError> {
        let (by, descends, cursor) = (wanted.sort.by, wanted.descends(), wanted.position.cursor());
        let mut first: BTreeSet<(Key, CorId)> = BTreeSet::new();
        self.sifted_by(log, sieve, |row| {
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

/// The statement that reads the next rows of an order, whatever the filter finds among them.
pub(super) fn rows_in_order(log: i64, wanted: &PageWanted, after: Option<&Cursor>, rows: usize) -> (String, Vec<Val>) {
    let mut conditions = Conditions::of_log(log);
    let part = wanted.part(&mut conditions, after, rows);
    (format!("SELECT {} FROM log_row r WHERE {}{part}", keep::ROW, conditions.sql), conditions.params)
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
