//! The rows of a log in blocks: what they are searched, sorted, filtered and added up by, packed a dozen to a row of the
//! database.
//!
//! A database takes 150 to 300 ns to step to the next row, whatever is in it, and another hundred to look for a word there.
//! Blocks leave it four thousand steps for fifty thousand CORs, and what is compared is compared here. They are not
//! compressed: that halves them, but takes longer than reading them.

use domain::{CompanyId, CorId, Currency, Money};
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    keep::LogRow,
    procore_key,
    remembered::{self, Digest},
    status_key,
};
use crate::db::{StoreError, Tx, Val};

/// The most bytes of a block. PostgreSQL moves a row of more than 2,032 bytes out of its table, compressed, and SQLite keeps
/// two of these on a page.
const BYTES: usize = 1_900;
/// Blocks of one statement: some hundred kilobytes in memory at a time, and so small a part of a table that no planner
/// reads all of it instead.
pub(super) const AT_ONCE: usize = 400;

/// The statement that reads the next blocks of a log.
pub(crate) fn statement() -> String {
    format!("SELECT block, body FROM log_block WHERE log_id = $1 AND block > $2 ORDER BY block LIMIT {AT_ONCE}")
}

/// A row of a log as it lies in a block.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Packed<'a> {
    cor: Uuid,
    counterparty: Uuid,
    /// See [`status_key`].
    pub status: i64,
    /// See [`procore_key`].
    pub procore: i64,
    currency: &'a str,
    total: i64,
    /// Microseconds; 0 when not submitted.
    pub submitted_key: i64,
    /// Procore's change event; 0 when none.
    pub event: i64,
    /// What numbers sort by.
    pub number_key: &'a str,
    /// [`LogRow::search`].
    pub search: &'a str,
}

impl<'a> Packed<'a> {
    pub fn of(row: &'a LogRow) -> Self {
        Self {
            cor: row.cor.0,
            counterparty: row.counterparty.0,
            status: status_key(row.status),
            procore: procore_key(row.procore),
            currency: row.currency.code(),
            total: row.total.in_minor(),
            submitted_key: row.submitted_key,
            event: row.event,
            number_key: &row.number_key,
            search: &row.search,
        }
    }

    pub fn cor(&self) -> CorId {
        CorId(self.cor)
    }

    pub fn counterparty(&self) -> CompanyId {
        CompanyId(self.counterparty)
    }

    pub fn total(&self) -> Money {
        Money::minor(self.total)
    }

    pub fn currency(&self) -> Result<Currency, StoreError> {
        Currency::from_code(self.currency).ok_or_else(|| StoreError::Corrupt("a currency in a block".to_owned()))
    }

    /// A line of the searched text, which is also what the column sorts by.
    pub fn line(&self, n: usize) -> &'a str {
        self.search.split('\n').nth(n).unwrap_or_default()
    }

    fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        postcard::to_stdvec(self)
            .map_err(|error| StoreError::Internal(format!("a row of a log cannot be packed: {error}")))
    }
}

/// The rows of a block, each with the bytes it takes.
fn unpacked(mut body: &[u8]) -> impl Iterator<Item = Result<(Packed<'_>, &[u8]), StoreError>> {
    std::iter::from_fn(move || {
        if body.is_empty() {
            return None;
        }
        let whole = body;
        match postcard::take_from_bytes::<Packed<'_>>(body) {
            Ok((row, rest)) => {
                body = rest;
                Some(Ok((row, &whole[..whole.len() - rest.len()])))
            }
            Err(error) => {
                body = &[];
                Some(Err(StoreError::Corrupt(format!("a block of a log: {error}"))))
            }
        }
    })
}

/// Shows `each` all rows of a log, or with `text` at least those that may contain it.
pub(crate) fn for_each(
    tx: &mut Tx,
    log: i64,
    text: Option<&Finder<'_>>,
    mut each: impl FnMut(&Packed<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut look_into = |body: &[u8]| {
        if text.is_none_or(|text| text.find(body).is_some()) {
            for packed in unpacked(body) {
                each(&packed?.0)?;
            }
        }
        Ok::<(), StoreError>(())
    };
    if tx.dialect().is_far() {
        return remembered::blocks(tx, log)?.iter().try_for_each(|block| look_into(&block.body));
    }
    let sql = statement();
    let mut params: [Val; 2] = [log.into(), 0.into()];
    loop {
        let read = tx.query(&sql, &params, |row| {
            look_into(row.bytes(1)?)?;
            row.get::<i64>(0)
        })?;
        match read.last() {
            Some(block) if read.len() == AT_ONCE => params[1] = (*block).into(),
            _ => return Ok(()),
        }
    }
}

/// Puts a row into the blocks of a log, in place of the one at `before` if there was one, and answers where it lies now.
pub(crate) fn put(tx: &mut Tx, log: i64, before: Option<i64>, row: &LogRow) -> Result<i64, StoreError> {
    if let Some(block) = before.filter(|block| *block > 0) {
        let mut body = without(tx, log, block, row.cor)?;
        let bytes = Packed::of(row).bytes()?;
        let stays = body.len() + bytes.len() <= BYTES || body.is_empty();
        if stays {
            body.extend(bytes);
        }
        write(tx, log, block, &body)?;
        if stays {
            return Ok(block);
        }
    }
    let mut tail = Tail::of(tx, log)?;
    let block = tail.push(row)?;
    tail.write(tx)?;
    Ok(block)
}

/// Takes a row out of the blocks of a log.
pub(crate) fn remove(tx: &mut Tx, log: i64, block: i64, cor: CorId) -> Result<(), StoreError> {
    if block == 0 {
        return Ok(());
    }
    let body = without(tx, log, block, cor)?;
    if body.is_empty() {
        return tx.exec_one("DELETE FROM log_block WHERE log_id = $1 AND block = $2", &[log.into(), block.into()]);
    }
    write(tx, log, block, &body)
}

/// A block without one COR.
fn without(tx: &mut Tx, log: i64, block: i64, cor: CorId) -> Result<Vec<u8>, StoreError> {
    let sql = "SELECT body FROM log_block WHERE log_id = $1 AND block = $2";
    let body: Option<Vec<u8>> = tx.one(sql, &[log.into(), block.into()], |row| row.get(0))?;
    let body = body.ok_or_else(|| StoreError::Corrupt("a row of a log is not in its block".to_owned()))?;
    let mut rest = Vec::with_capacity(BYTES);
    for row in unpacked(&body) {
        let (row, bytes) = row?;
        if row.cor() != cor {
            rest.extend_from_slice(bytes);
        }
    }
    Ok(rest)
}

fn write(tx: &mut Tx, log: i64, block: i64, body: &[u8]) -> Result<(), StoreError> {
    tx.exec_one(
        "INSERT INTO log_block (log_id, block, body, digest) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (log_id, block) DO UPDATE SET body = excluded.body, digest = excluded.digest",
        &[log.into(), block.into(), Val::from(body), Val::from(&Digest::of(body).0[..])],
    )
}

/// The end of the blocks of a log, to be added to.
pub(crate) struct Tail {
    log: i64,
    full: Vec<(i64, Vec<u8>)>,
    block: i64,
    body: Vec<u8>,
}

impl Tail {
    /// As it is stored.
    pub fn of(tx: &mut Tx, log: i64) -> Result<Self, StoreError> {
        let sql = "SELECT block, body FROM log_block WHERE log_id = $1 ORDER BY block DESC LIMIT 1";
        let last = tx.one(sql, &[log.into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (block, body) = last.unwrap_or((1, Vec::new()));
        Ok(Self { log, full: Vec::new(), block, body })
    }

    /// Adds a row and answers the block it will lie in.
    pub fn push(&mut self, row: &LogRow) -> Result<i64, StoreError> {
        let bytes = Packed::of(row).bytes()?;
        if !self.body.is_empty() && self.body.len() + bytes.len() > BYTES {
            self.full.push((self.block, std::mem::take(&mut self.body)));
            self.block += 1;
        }
        self.body.extend(bytes);
        Ok(self.block)
    }

    /// Stores what was added.
    pub fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        for (block, body) in &self.full {
            write(tx, self.log, *block, body)?;
        }
        write(tx, self.log, self.block, &self.body)
    }
}
