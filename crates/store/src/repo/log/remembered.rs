//! Blocks that a database at the other end of a connection need not send again.
//!
//! Sending a log of fifty thousand CORs takes longer than looking through it. Nothing here can be out of date: a block is
//! known by the digest of its bytes, and of which digests the log is made is read in the unit that asks, each time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{ProjectId, procore::Side};
use sha2::{Digest as _, Sha256};

use super::blocks::AT_ONCE;
use crate::{
    CompanyTx,
    db::{StoreError, Tx},
    dialect::Dialect,
};

/// The most bytes kept of all logs together: seven logs of fifty thousand CORs.
const MOST_BYTES: usize = 64 << 20;
/// Blocks between two missing ones that are read with them: as cheap as one trip more.
const GAP: i64 = 32;

/// What tells a block's bytes from all others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Digest(pub [u8; 16]);

impl Digest {
    pub fn of(body: &[u8]) -> Self {
        let mut first = [0; 16];
        first.copy_from_slice(&Sha256::digest(body)[..16]);
        Self(first)
    }
}

/// A block as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Block {
    number: i64,
    digest: Digest,
    pub body: Arc<[u8]>,
}

impl Block {
    /// Taken off what was gathered.
    fn taken(gathered: &mut &[u8]) -> Result<Self, StoreError> {
        let (number, digest) = taken_head(gathered)?;
        let length = usize::try_from(i32::from_be_bytes(taken(gathered)?)).map_err(|_| cut_off())?;
        let (body, rest) = gathered.split_at_checked(length).ok_or_else(cut_off)?;
        *gathered = rest;
        Ok(Self { number, digest, body: body.into() })
    }
}

/// The blocks of a log in the order of their numbers.
type Blocks = Arc<Vec<Block>>;

/// Blocks of the logs that were searched last.
#[derive(Default)]
pub(crate) struct Memory {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    logs: HashMap<i64, HeldLog>,
    uses: u64,
}

struct HeldLog {
    blocks: Blocks,
    bytes: usize,
    used: u64,
}

impl Memory {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was kept of a log.
    pub(super) fn of(&self, log: i64) -> Blocks {
        let mut held = self.held();
        held.uses += 1;
        let now = held.uses;
        held.logs.get_mut(&log).map_or_else(Blocks::default, |log| {
            log.used = now;
            log.blocks.clone()
        })
    }

    /// Keeps the blocks of a log instead of those it had, and as much of the other logs as there is room for.
    fn keep(&self, log: i64, blocks: Blocks, most: usize) {
        let bytes = blocks.iter().map(|block| block.body.len() + size_of::<Block>()).sum();
        let mut held = self.held();
        held.uses += 1;
        let used = held.uses;
        held.logs.remove(&log);
        if bytes > most {
            return;
        }
        held.logs.insert(log, HeldLog { blocks, bytes, used });
        while held.logs.values().map(|log| log.bytes).sum::<usize>() > most {
            let longest_unused = held.logs.iter().min_by_key(|(_, log)| log.used).map(|(log, _)| *log);
            let Some(log) = longest_unused else { return };
            held.logs.remove(&log);
        }
    }
}

impl CompanyTx<'_> {
    /// Reads what a search of a log will look through, unless some of it is here, so that the first search of a program need
    /// not wait for it. SQLite has it at hand anyway.
    pub fn prepare_search(&mut self, project: ProjectId, side: Side) -> Result<(), StoreError> {
        if self.tx.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        if let Some(log) = super::log_id(self.tx, project, self.company, side)?
            && self.tx.memory().of(log).is_empty()
        {
            blocks(self.tx, log)?;
        }
        Ok(())
    }
}

/// The blocks of a log; of what was read before only the digests travel.
pub(super) fn blocks(tx: &mut Tx, log: i64) -> Result<Blocks, StoreError> {
    let listed = digests(tx, log)?;
    let known = tx.memory().of(log);
    if known.iter().map(|block| (block.number, block.digest)).eq(listed.iter().copied()) {
        return Ok(known);
    }
    let mut blocks = Vec::with_capacity(listed.len());
    let mut missing = Vec::new();
    let mut at = known.iter().peekable();
    for (number, digest) in listed {
        while at.next_if(|block| block.number < number).is_some() {}
        match at.next_if(|block| block.number == number && block.digest == digest) {
            Some(block) => blocks.push(block.clone()),
            None => missing.push(number),
        }
    }
    for (first, last) in ranges(&missing) {
        tx.query(Dialect::BLOCKS, &[log.into(), first.into(), last.into()], |row| {
            let mut gathered = row.bytes(0)?;
            while !gathered.is_empty() {
                let block = Block::taken(&mut gathered)?;
                // What lies between two missing ones is here already.
                if missing.binary_search(&block.number).is_ok() {
                    blocks.push(block);
                }
            }
            Ok(())
        })?;
    }
    blocks.sort_unstable_by_key(|block| block.number);
    let blocks = Arc::new(blocks);
    tx.memory().keep(log, blocks.clone(), MOST_BYTES);
    Ok(blocks)
}

fn digests(tx: &mut Tx, log: i64) -> Result<Vec<(i64, Digest)>, StoreError> {
    let mut listed = Vec::new();
    tx.query(Dialect::BLOCK_DIGESTS, &[log.into()], |row| {
        let mut gathered = row.bytes(0)?;
        while !gathered.is_empty() {
            listed.push(taken_head(&mut gathered)?);
        }
        Ok(())
    })?;
    listed.sort_unstable_by_key(|(number, _)| *number);
    Ok(listed)
}

/// Number and digest of a block, taken off what was gathered.
fn taken_head(gathered: &mut &[u8]) -> Result<(i64, Digest), StoreError> {
    let (number, digest) = (taken::<8>(gathered)?, taken::<16>(gathered)?);
    Ok((i64::from_be_bytes(number), Digest(digest)))
}

fn taken<const N: usize>(gathered: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (first, rest) = gathered.split_first_chunk().ok_or_else(cut_off)?;
    *gathered = rest;
    Ok(*first)
}

fn cut_off() -> StoreError {
    StoreError::Corrupt("blocks of a log were gathered in part".to_owned())
}

/// From where to where blocks are read, so that all missing ones are.
fn ranges(missing: &[i64]) -> Vec<(i64, i64)> {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    let longest = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    for number in missing {
        match ranges.last_mut() {
            Some((first, last)) if number - *last <= GAP && number - *first < longest => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(bytes: usize) -> Blocks {
        let body: Arc<[u8]> = vec![7; bytes].into();
        Arc::new(vec![Block { number: 1, digest: Digest::of(&body), body }])
    }

    #[test]
    fn what_was_not_searched_for_longest_is_forgotten_first() {
        let memory = Memory::default();
        memory.keep(1, blocks(400), 1_000);
        memory.keep(2, blocks(400), 1_000);
        assert_eq!(memory.of(1), blocks(400));
        memory.keep(3, blocks(400), 1_000);
        assert_eq!((memory.of(1), memory.of(2), memory.of(3)), (blocks(400), Blocks::default(), blocks(400)));
        memory.keep(4, blocks(2_000), 1_000);
        assert_eq!(memory.of(4), Blocks::default(), "larger than all there is room for");
        assert_eq!(memory.of(3), blocks(400), "and nothing makes room for it");
    }

    #[test]
    fn missing_blocks_are_read_in_few_ranges() {
        assert_eq!(ranges(&[]), []);
        assert_eq!(ranges(&[3, 4, 30, 90]), [(3, 30), (90, 90)]);
        let all: Vec<i64> = (1..=1_000).collect();
        assert_eq!(ranges(&all), [(1, 400), (401, 800), (801, 1_000)]);
    }
}
