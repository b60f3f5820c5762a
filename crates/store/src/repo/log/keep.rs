//! Keeps the rows and the totals of both companies' logs with each change of a COR.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    CompanyId, CorId, Currency, Money, ProjectId,
    procore::{Side, push_state::ProcoreState},
};

use super::{
    log_id,
    row::{self, STORED, StoredRow, stored},
};
use crate::{
    db::{Row, StoreError, Tx, Val},
    many::{self, placeholders},
    repo::cor::Cor,
};

fn sees(side: Side, cor: &Cor) -> bool {
    side == Side::Sent || cor.status.is_shared()
}

fn owner(side: Side, cor: &Cor) -> CompanyId {
    match side {
        Side::Sent => cor.sender.id,
        Side::Received => cor.receiver.id,
    }
}

/// Brings both companies' logs up to what the CORs say now.
pub(crate) fn follow(tx: &mut Tx, cors: &[Cor]) -> Result<(), StoreError> {
    let mut before = rows_of(tx, &cors.iter().map(|cor| cor.id).collect::<Vec<_>>())?;
    let mut logs: BTreeMap<(ProjectId, CompanyId, Side), i64> = BTreeMap::new();
    let mut moves = Vec::with_capacity(2 * cors.len());
    for (cor, side) in cors.iter().flat_map(|cor| [(cor, Side::Sent), (cor, Side::Received)]) {
        let company = owner(side, cor);
        let before = before.remove(&(cor.id, company));
        let after = sees(side, cor).then(|| {
            let row = StoredRow::of(cor, side);
            before.iter().fold(row, |row, (_, before)| row.tied_as(before))
        });
        let log = match (&before, logs.get(&(cor.project, company, side))) {
            (Some((log, _)), _) | (None, Some(log)) => *log,
            (None, None) if after.is_some() => begin_log(tx, cor.project, company, side)?,
            (None, None) => continue,
        };
        logs.insert((cor.project, company, side), log);
        moves.push(Move { log, before: before.map(|(_, row)| row), after });
    }
    move_rows(tx, &moves)
}

/// Takes CORs out of all logs.
pub(crate) fn forget(tx: &mut Tx, cors: &[CorId]) -> Result<(), StoreError> {
    let rows = rows_of(tx, cors)?.into_values();
    let moves: Vec<Move> = rows.map(|(log, before)| Move { log, before: Some(before), after: None }).collect();
    move_rows(tx, &moves)
}

/// Gives the CORs that a placeholder received on a project to the company that turned out to be it, which may be the
/// placeholder itself under its own name.
pub(crate) fn hand_over(tx: &mut Tx, project: ProjectId, from: CompanyId, to: CompanyId) -> Result<(), StoreError> {
    let sql = "SELECT id, sender_id FROM cor WHERE project_id = $1 AND receiver_id = $2 ORDER BY id";
    let found =
        tx.query(sql, &[project.into(), from.into()], |row| Ok((row.get::<CorId>(0)?, row.get::<CompanyId>(1)?)))?;
    let mut senders: BTreeMap<CompanyId, Vec<CorId>> = BTreeMap::new();
    for (cor, sender) in found {
        senders.entry(sender).or_default().push(cor);
    }
    for (sender, ids) in senders {
        let rows = rows_of(tx, &ids)?.into_iter().filter(|((_, company), _)| *company == from);
        let gone: Vec<Move> = rows.map(|(_, (log, row))| Move { log, before: Some(row), after: None }).collect();
        move_rows(tx, &gone)?;
        let sql = "UPDATE cor SET receiver_id = $4 WHERE project_id = $1 AND receiver_id = $2 AND sender_id = $3";
        tx.exec(sql, &[project.into(), from.into(), sender.into(), to.into()])?;
        let cors = tx.of(sender).cors(&ids)?;
        follow(tx, &cors)?;
    }
    Ok(())
}

/// What a log says of a COR in Procore.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InProcore<'a> {
    /// The COR.
    pub cor: CorId,
    /// Its state.
    pub state: ProcoreState,
    /// Why, where a person acts on it; else empty.
    pub reason: &'a str,
    /// Id and number of its change event.
    pub event: Option<(i64, &'a str)>,
}

/// Sets what one company's log says of CORs in Procore.
pub(crate) fn set_procore(tx: &mut Tx, company: CompanyId, all: &[InProcore<'_>]) -> Result<(), StoreError> {
    let by_cor: BTreeMap<CorId, &InProcore<'_>> = all.iter().map(|one| (one.cor, one)).collect();
    change_rows(tx, company, by_cor.keys().copied().collect(), |row| {
        let one = by_cor.get(&row.cor)?;
        Some(StoredRow { procore: one.state, reason: one.reason.to_owned(), ..row.tied_to(one.event) })
    })
}

/// Sets the state of CORs in one company's log, for which nobody need act, and leaves their change events.
pub(crate) fn set_state(tx: &mut Tx, company: CompanyId, cor: CorId, state: ProcoreState) -> Result<(), StoreError> {
    change_rows(tx, company, BTreeSet::from([cor]), |row| {
        Some(StoredRow { procore: state, reason: String::new(), ..row })
    })
}

/// Changes rows of one company's log, each of which must be there.
fn change_rows(
    tx: &mut Tx,
    company: CompanyId,
    mut cors: BTreeSet<CorId>,
    change: impl Fn(StoredRow) -> Option<StoredRow>,
) -> Result<(), StoreError> {
    let ids: Vec<CorId> = cors.iter().copied().collect();
    let mut moves = Vec::with_capacity(ids.len());
    for ((cor, owner), (log, before)) in rows_of(tx, &ids)? {
        if owner == company {
            cors.remove(&cor);
            moves.push(Move { log, after: change(before.clone()), before: Some(before) });
        }
    }
    if cors.is_empty() { move_rows(tx, &moves) } else { Err(StoreError::Expected1Row { changed: 0 }) }
}

/// Tells a log the number of a change event, as it was last read from Procore, so that its CORs are found by it.
pub(crate) fn number_event(
    tx: &mut Tx,
    project: ProjectId,
    company: CompanyId,
    event: i64,
    number: &str,
) -> Result<(), StoreError> {
    let logs = "SELECT id FROM log WHERE project_id = $1 AND company_id = $2";
    let sql = format!("SELECT {STORED}, r.log_id FROM log_row r WHERE r.log_id IN ({logs}) AND r.event_id = $3");
    let rows = tx.readable(&sql, &[project.into(), company.into(), event.into()], with_log)?;
    let moves = rows.into_iter().map(|(log, before)| {
        let after = before.clone().tied_to(Some((event, number)));
        Move { log, before: Some(before), after: Some(after) }
    });
    move_rows(tx, &moves.collect::<Vec<_>>())
}

/// Tells the logs of the companies at the other end that a company goes by another name.
pub(crate) fn rename(tx: &mut Tx, company: CompanyId, name: &str) -> Result<(), StoreError> {
    let logs = "SELECT l.id FROM contract k JOIN log l ON l.project_id = k.project_id \
                AND l.company_id = CASE WHEN k.customer_id = $1 THEN k.contractor_id ELSE k.customer_id END \
                WHERE k.customer_id = $1 OR k.contractor_id = $1";
    let sql = format!("SELECT {STORED}, r.log_id FROM log_row r WHERE r.log_id IN ({logs}) AND r.counterparty_id = $1");
    let rows = tx.readable(&sql, &[company.into()], with_log)?;
    let moves = rows.into_iter().map(|(log, before)| {
        let after = StoredRow { counterparty_name: name.to_owned(), ..before.clone() };
        Move { log, before: Some(before), after: Some(after) }
    });
    move_rows(tx, &moves.collect::<Vec<_>>())
}

fn with_log(row: &Row) -> Result<(i64, StoredRow), StoreError> {
    Ok((row.get(15)?, stored(row)?))
}

/// Rows with the numbers of their logs, by COR and whose log it is.
type RowsOf = BTreeMap<(CorId, CompanyId), (i64, StoredRow)>;

/// The rows of CORs in whatever log. A COR has one for each of its companies.
fn rows_of(tx: &mut Tx, cors: &[CorId]) -> Result<RowsOf, StoreError> {
    let mut rows = BTreeMap::new();
    for ids in many::chunks(cors) {
        let sql = format!(
            "SELECT {STORED}, r.log_id, l.company_id FROM log_row r JOIN log l ON l.id = r.log_id \
             WHERE r.cor_id IN ({})",
            placeholders(1, ids.len())
        );
        rows.extend(tx.query(&sql, &ids, |row| Ok(((row.get(0)?, row.get(16)?), with_log(row)?)))?);
    }
    Ok(rows)
}

/// A row that comes, changes or goes.
struct Move {
    log: i64,
    before: Option<StoredRow>,
    after: Option<StoredRow>,
}

/// The one place where rows come, change and go, and the totals with them.
fn move_rows(tx: &mut Tx, moves: &[Move]) -> Result<(), StoreError> {
    let moves: Vec<&Move> = moves.iter().filter(|row| row.before != row.after).collect();
    let mut gone: BTreeMap<i64, Vec<CorId>> = BTreeMap::new();
    let (mut totals, mut events) = (KeptTotals::default(), Events::default());
    for Move { log, before, after } in &moves {
        if let Some(row) = before {
            totals.add(*log, row, -1, -row.total);
            events.add(*log, row, -1);
        }
        match after {
            Some(row) => {
                totals.add(*log, row, 1, row.total);
                events.add(*log, row, 1);
            }
            None => gone.entry(*log).or_default().extend(before.as_ref().map(|row| row.cor)),
        }
    }
    for (log, cors) in gone {
        for ids in many::chunks(&cors) {
            let sql = format!("DELETE FROM log_row WHERE log_id = $1 AND cor_id IN ({})", placeholders(2, ids.len()));
            let params: Vec<Val> = std::iter::once(log.into()).chain(ids).collect();
            tx.exec(&sql, &params)?;
        }
    }
    let stored = moves.iter().filter_map(|row| Some(row::values(row.log, row.after.as_ref()?)));
    many::insert(tx, row::INSERT, stored, row::OR_UPDATE)?;
    totals.write(tx)?;
    events.write(tx)
}

/// What is added to kept totals: by log and what they are told apart by, how many CORs and how much.
#[derive(Default)]
pub(crate) struct KeptTotals(BTreeMap<(i64, Bucket), (i64, Money)>);

/// What totals are told apart by: status, Procore state, currency.
type Bucket = (i64, i64, Currency);

impl KeptTotals {
    pub fn add(&mut self, log: i64, row: &StoredRow, cors: i64, amount: Money) {
        let total = self.0.entry((log, row.bucket())).or_default();
        total.0 += cors;
        total.1 += amount;
    }

    pub fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        let changed = self.0.into_iter().filter(|(_, total)| *total != (0, Money::ZERO));
        let rows = changed.map(|((log, (status, procore, currency)), (cors, amount))| {
            [log.into(), status.into(), procore.into(), currency.into(), cors.into(), amount.into()]
        });
        let head = "INSERT INTO log_total (log_id, status_key, procore_key, currency, cors, amount) VALUES";
        let tail = "ON CONFLICT (log_id, status_key, procore_key, currency) \
                    DO UPDATE SET cors = log_total.cors + excluded.cors, amount = log_total.amount + excluded.amount";
        many::insert(tx, head, rows, tail).map(|_| ())
    }
}

/// What is added to the counts of CORs in each change event, by log and event.
#[derive(Default)]
pub(crate) struct Events(BTreeMap<(i64, i64), i64>);

impl Events {
    pub fn add(&mut self, log: i64, row: &StoredRow, cors: i64) {
        if let Some(event) = row.event {
            *self.0.entry((log, event)).or_default() += cors;
        }
    }

    pub fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        let changed = self.0.into_iter().filter(|(_, cors)| *cors != 0);
        let rows = changed.map(|((log, event), cors)| [log.into(), event.into(), cors.into()]);
        let tail = "ON CONFLICT (log_id, event_id) DO UPDATE SET cors = log_event.cors + excluded.cors";
        many::insert(tx, "INSERT INTO log_event (log_id, event_id, cors) VALUES", rows, tail).map(|_| ())
    }
}

/// The number of a log; a log begins with its first COR.
pub(crate) fn begin_log(tx: &mut Tx, project: ProjectId, company: CompanyId, side: Side) -> Result<i64, StoreError> {
    if let Some(log) = log_id(tx, project, company, side)? {
        return Ok(log);
    }
    let sql = "INSERT INTO log (project_id, company_id, side) VALUES ($1, $2, $3) \
               ON CONFLICT (project_id, company_id, side) DO UPDATE SET side = excluded.side RETURNING id";
    let made = tx.query(sql, &[project.into(), company.into(), side.into()], |row| row.get(0))?;
    made.first().copied().ok_or(StoreError::Expected1Row { changed: 0 })
}
