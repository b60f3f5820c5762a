//! Many rows a statement.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Write as _,
};

use domain::{Currency, Money, cor::Pricing};

use crate::{
    db::{Store, StoreError, Tx, Val},
    repo::{
        cor::{Cor, placeholders},
        log::{
            blocks::Tail,
            keep::{self, LogRow},
        },
    },
};

/// Rows of one statement.
const ROWS: usize = 100;

/// What totals are told apart by: status, Procore state, currency.
type Bucket = (i64, i64, Currency);

/// Rows on their way to the tables.
#[derive(Default)]
pub(crate) struct Rows {
    cors: Vec<Cor>,
    log: Vec<(i64, LogRow)>,
}

impl Rows {
    pub fn cor(&mut self, cor: Cor) {
        self.cors.push(cor);
    }

    pub fn log(&mut self, log: i64, row: LogRow) {
        self.log.push((log, row));
    }

    /// Stores them, and adds them to the totals.
    pub fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        insert(tx, COR, self.cors.iter().map(cor_values))?;
        let lines = self.cors.iter().flat_map(|cor| cor.price.lines.iter().enumerate().map(move |line| (cor, line)));
        insert(tx, LINE, lines.map(line_values))?;
        let places = pack(tx, &self.log)?;
        let rows = self.log.iter().zip(places);
        insert(tx, LOG_ROW, rows.map(|((log, row), block)| keep::values(*log, row, block)))?;
        let mut totals: BTreeMap<(i64, Bucket), (i64, Money)> = BTreeMap::new();
        for (log, row) in &self.log {
            let total = totals.entry((*log, row.bucket())).or_default();
            total.0 += 1;
            total.1 += row.total;
        }
        for ((log, bucket), (cors, amount)) in totals {
            keep::add_up(tx, log, bucket, cors, amount)?;
        }
        Ok(())
    }
}

/// Puts rows into the blocks of their logs, and answers where each lies.
fn pack(tx: &mut Tx, rows: &[(i64, LogRow)]) -> Result<Vec<i64>, StoreError> {
    let mut tails: BTreeMap<i64, Tail> = BTreeMap::new();
    let mut places = Vec::with_capacity(rows.len());
    for (log, row) in rows {
        let tail = match tails.entry(*log) {
            Entry::Occupied(tail) => tail.into_mut(),
            Entry::Vacant(place) => place.insert(Tail::of(tx, *log)?),
        };
        places.push(tail.push(row)?);
    }
    for tail in tails.into_values() {
        tail.write(tx)?;
    }
    Ok(places)
}

const COR: &str = "INSERT INTO cor (id, project_id, contract_id, sender_id, receiver_id, number, number_key, title, \
     description, customer_reference, status, currency, total, overtyped, revision, priced, submitted_at, created_at, \
     updated_at) VALUES ";
const LINE: &str =
    "INSERT INTO cor_line (cor_id, position, id, section, description, quantity, unit, rate, amount) VALUES ";
const LOG_ROW: &str = "INSERT INTO log_row (log_id, cor_id, number_key, title_key, counterparty_id, counterparty_key, \
     reference_key, status_key, procore_key, currency, total, submitted_key, event_id, search, block) VALUES ";

fn cor_values(cor: &Cor) -> [Val; 19] {
    [
        cor.id.into(),
        cor.project.into(),
        cor.contract.into(),
        cor.sender.into(),
        cor.receiver.into(),
        (&cor.number).into(),
        cor.number.key().into(),
        (&cor.title).into(),
        (&cor.description).into(),
        (&cor.customer_reference).into(),
        cor.status.into(),
        cor.currency.into(),
        cor.total().into(),
        cor.price.overtyped.into(),
        cor.revision.into(),
        cor.priced.into(),
        cor.submitted_at.into(),
        cor.created_at.into(),
        cor.updated_at.into(),
    ]
}

fn line_values((cor, (position, line)): (&Cor, (usize, &domain::cor::LineItem))) -> [Val; 9] {
    let (quantity, unit, rate) = match &line.pricing {
        Pricing::Extended { quantity, unit, rate } => {
            (Some(quantity.to_string()), Some(unit.as_str()), Some(rate.to_string()))
        }
        Pricing::Lump => (None, None, None),
    };
    [
        cor.id.into(),
        i64::try_from(position).unwrap_or(i64::MAX).into(),
        line.id.into(),
        line.section.into(),
        (&line.description).into(),
        quantity.into(),
        unit.into(),
        rate.into(),
        line.amount.into(),
    ]
}

/// Full statements first, so that two texts serve for any number of rows.
fn insert<const N: usize>(tx: &mut Tx, into: &str, rows: impl Iterator<Item = [Val; N]>) -> Result<(), StoreError> {
    let full = statement::<N>(into, ROWS);
    let mut params: Vec<Val> = Vec::with_capacity(ROWS * N);
    for row in rows {
        params.extend(row);
        if params.len() == ROWS * N {
            tx.exec(&full, &params)?;
            params.clear();
        }
    }
    if !params.is_empty() {
        tx.exec(&statement::<N>(into, params.len() / N), &params)?;
    }
    Ok(())
}

fn statement<const N: usize>(into: &str, rows: usize) -> String {
    let mut sql = into.to_owned();
    for row in 0..rows {
        let comma = if row == 0 { "" } else { ", " };
        let _ = write!(sql, "{comma}({})", placeholders(row * N + 1, N));
    }
    sql
}

/// Takes the indexes of the log's rows away, and answers the statements that make them again.
pub(crate) fn drop_log_indexes(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let sql = tx.dialect().indexes_of_table();
    let indexes = tx.query(sql, &["log_row".into()], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
    for (name, _) in &indexes {
        tx.exec(&format!("DROP INDEX {name}"), &[])?;
    }
    Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
}

impl Store {
    /// Lets the database count what it holds, so that it plans by it. After a bulk load; else PostgreSQL does it by itself,
    /// and SQLite has no need.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        self.write(|tx| tx.exec("ANALYZE", &[]).map(|_| ())).await
    }
}
