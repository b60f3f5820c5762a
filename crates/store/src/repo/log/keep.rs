//! Keeps the rows and the totals of both companies' logs with each change of a COR.

use domain::{
    CompanyId, CorId, Currency, Money, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
    text::fold,
};

use super::{
    blocks::{self, Tail},
    log_id, procore_key, procore_of, status_key, status_of,
};
use crate::{
    db::{Row, StoreError, Tx, Val},
    repo::cor::Cor,
};

/// A row of a log: all that its company sorts, filters and adds up by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LogRow {
    pub cor: CorId,
    pub number_key: String,
    pub title_key: String,
    pub counterparty: CompanyId,
    pub counterparty_key: String,
    pub reference_key: String,
    pub status: Status,
    pub procore: ProcoreState,
    pub currency: Currency,
    pub total: Money,
    /// Microseconds; 0 when not submitted.
    pub submitted_key: i64,
    /// Procore's change event; 0 when none.
    pub event: i64,
    /// Folded, a line for each of number, title, reference, counterparty and, last, the change event.
    pub search: String,
}

/// A row as it is stored, and the block its copy lies in; 0 when nowhere yet.
pub(super) type Stored = (LogRow, i64);

impl LogRow {
    /// What `side` sees of a COR that was never near Procore.
    pub(crate) fn of(cor: &Cor, side: Side) -> Self {
        let (counterparty, name) = match side {
            Side::Sent => (cor.receiver, &cor.receiver_name),
            Side::Received => (cor.sender, &cor.sender_name),
        };
        let (title_key, reference_key) = (fold(&cor.title), fold(&cor.customer_reference));
        let counterparty_key = fold(name);
        let number = fold(cor.number.as_str());
        Self {
            cor: cor.id,
            search: format!("{number}\n{title_key}\n{reference_key}\n{counterparty_key}\n"),
            number_key: cor.number.key(),
            title_key,
            counterparty,
            counterparty_key,
            reference_key,
            status: cor.status,
            procore: ProcoreState::NotInProcore,
            currency: cor.currency,
            total: cor.total(),
            submitted_key: cor.submitted_at.map_or(0, jiff::Timestamp::as_microsecond),
            event: 0,
        }
    }

    /// The same with the Procore side of the row as it was before.
    fn tied_as(mut self, before: &Self) -> Self {
        self.procore = before.procore;
        self.event = before.event;
        let (_, event) = before.search.rsplit_once('\n').unwrap_or_default();
        self.search.push_str(event);
        self
    }

    fn with_event_number(mut self, number: &str) -> Self {
        let end = self.search.rfind('\n').map_or(0, |at| at + 1);
        self.search.truncate(end);
        self.search.push_str(&event_words(number));
        self
    }

    /// The same, tied to a change event.
    pub(crate) fn tied_to(self, state: ProcoreState, event: i64, number: &str) -> Self {
        Self { procore: state, event, ..self }.with_event_number(number)
    }

    pub(crate) fn bucket(&self) -> (i64, i64, Currency) {
        (status_key(self.status), procore_key(self.procore), self.currency)
    }
}

/// How people ask for a change event: `CE 009`, and `CE 9` for the same one.
fn event_words(number: &str) -> String {
    let number = fold(number);
    let short = number.trim_start_matches('0');
    if short.is_empty() || short == number { format!("ce {number}") } else { format!("ce {number} ce {short}") }
}

fn sees(side: Side, cor: &Cor) -> bool {
    side == Side::Sent || cor.status.is_shared()
}

fn owner(side: Side, cor: &Cor) -> CompanyId {
    match side {
        Side::Sent => cor.sender,
        Side::Received => cor.receiver,
    }
}

/// Brings both companies' logs up to what the COR says now.
pub(crate) fn follow(tx: &mut Tx, cor: &Cor) -> Result<(), StoreError> {
    for side in [Side::Sent, Side::Received] {
        let company = owner(side, cor);
        let log = match log_id(tx, cor.project, company, side)? {
            Some(log) => log,
            None if sees(side, cor) => begin_log(tx, cor.project, company, side)?,
            None => continue,
        };
        let before = read_row(tx, log, cor.id)?;
        let after = sees(side, cor).then(|| {
            let row = LogRow::of(cor, side);
            before.iter().map(|(before, _)| before).fold(row, LogRow::tied_as)
        });
        move_row(tx, log, before.as_ref(), after.as_ref())?;
    }
    Ok(())
}

/// Takes a COR out of both companies' logs.
pub(crate) fn forget(tx: &mut Tx, cor: &Cor) -> Result<(), StoreError> {
    for side in [Side::Sent, Side::Received] {
        if let Some(log) = log_id(tx, cor.project, owner(side, cor), side)? {
            let before = read_row(tx, log, cor.id)?;
            move_row(tx, log, before.as_ref(), None)?;
        }
    }
    Ok(())
}

/// Gives the CORs that a placeholder received on a project to the company that turned out to be it, which may be the
/// placeholder itself under its own name.
pub(crate) fn hand_over(tx: &mut Tx, project: ProjectId, from: CompanyId, to: CompanyId) -> Result<(), StoreError> {
    let sql = "SELECT id, sender_id FROM cor WHERE project_id = $1 AND receiver_id = $2 ORDER BY id";
    let cors =
        tx.query(sql, &[project.into(), from.into()], |row| Ok((row.get::<CorId>(0)?, row.get::<CompanyId>(1)?)))?;
    let log = log_id(tx, project, from, Side::Received)?;
    for (id, sender) in cors {
        if let Some(log) = log {
            let before = read_row(tx, log, id)?;
            move_row(tx, log, before.as_ref(), None)?;
        }
        tx.exec_one("UPDATE cor SET receiver_id = $2 WHERE id = $1", &[id.into(), to.into()])?;
        if let Some(cor) = tx.of(sender).cor(id)? {
            follow(tx, &cor)?;
        }
    }
    Ok(())
}

/// Sets the Procore state of a COR in one company's log.
pub(crate) fn set_state(tx: &mut Tx, company: CompanyId, cor: CorId, state: ProcoreState) -> Result<(), StoreError> {
    change_row(tx, company, cor, |row| LogRow { procore: state, ..row })
}

/// Sets the Procore state and the change event of a COR in one company's log; `None` for no event.
pub(crate) fn set_event(
    tx: &mut Tx,
    company: CompanyId,
    cor: CorId,
    state: ProcoreState,
    event: Option<(i64, &str)>,
) -> Result<(), StoreError> {
    change_row(tx, company, cor, |row| {
        let row = LogRow { procore: state, event: event.map_or(0, |(id, _)| id), ..row };
        match event {
            Some((_, number)) => row.with_event_number(number),
            None => LogRow { search: row.search[..=row.search.rfind('\n').unwrap_or(0)].to_owned(), ..row },
        }
    })
}

fn change_row(
    tx: &mut Tx,
    company: CompanyId,
    cor: CorId,
    change: impl FnOnce(LogRow) -> LogRow,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT {ROW}, r.log_id FROM log_row r JOIN log l ON l.id = r.log_id WHERE r.cor_id = $1 AND l.company_id = $2"
    );
    let found = tx.one(&sql, &[cor.into(), company.into()], |row| Ok((log_row(row)?, row.get::<i64>(14)?)))?;
    let Some((before, log)) = found else { return Err(StoreError::Expected1Row { changed: 0 }) };
    let after = change(before.0.clone());
    move_row(tx, log, Some(&before), Some(&after))
}

/// Tells a log the number of a change event, as it was last read from Procore, so that its CORs are found by it.
pub(crate) fn number_event(
    tx: &mut Tx,
    project: ProjectId,
    company: CompanyId,
    event: i64,
    number: &str,
) -> Result<(), StoreError> {
    for side in [Side::Sent, Side::Received] {
        let Some(log) = log_id(tx, project, company, side)? else { continue };
        let sql = format!("SELECT {ROW} FROM log_row r WHERE r.log_id = $1 AND r.event_id = $2");
        for before in tx.query(&sql, &[log.into(), event.into()], log_row)? {
            let after = before.0.clone().with_event_number(number);
            move_row(tx, log, Some(&before), Some(&after))?;
        }
    }
    Ok(())
}

/// The one place where rows come, change and go, and their copies in blocks and the totals with them.
fn move_row(tx: &mut Tx, log: i64, stored: Option<&Stored>, after: Option<&LogRow>) -> Result<(), StoreError> {
    let before = stored.map(|(before, _)| before);
    match (stored, after) {
        (Some((before, _)), Some(after)) if before == after => return Ok(()),
        (Some((_, block)), Some(after)) => {
            let block = blocks::put(tx, log, Some(*block), after)?;
            tx.exec_one(UPDATE, &values(log, after, block))?;
        }
        (None, Some(after)) => {
            let block = blocks::put(tx, log, None, after)?;
            tx.exec_one(INSERT, &values(log, after, block))?;
        }
        (Some((before, block)), None) => {
            blocks::remove(tx, log, *block, before.cor)?;
            tx.exec_one("DELETE FROM log_row WHERE log_id = $1 AND cor_id = $2", &[log.into(), before.cor.into()])?;
        }
        (None, None) => return Ok(()),
    }
    match (before, after) {
        (Some(b), Some(a)) if b.bucket() == a.bucket() => {
            if a.total != b.total {
                add_up(tx, log, a.bucket(), 0, a.total - b.total)?;
            }
        }
        _ => {
            if let Some(before) = before {
                add_up(tx, log, before.bucket(), -1, -before.total)?;
            }
            if let Some(after) = after {
                add_up(tx, log, after.bucket(), 1, after.total)?;
            }
        }
    }
    Ok(())
}

/// Adds to a kept total.
pub(crate) fn add_up(
    tx: &mut Tx,
    log: i64,
    (status, procore, currency): (i64, i64, Currency),
    cors: i64,
    amount: Money,
) -> Result<(), StoreError> {
    tx.exec_one(
        "INSERT INTO log_total (log_id, status_key, procore_key, currency, cors, amount) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (log_id, status_key, procore_key, currency) \
         DO UPDATE SET cors = log_total.cors + excluded.cors, amount = log_total.amount + excluded.amount",
        &[log.into(), status.into(), procore.into(), currency.into(), cors.into(), amount.into()],
    )
}

/// A log begins with its first COR.
pub(crate) fn begin_log(tx: &mut Tx, project: ProjectId, company: CompanyId, side: Side) -> Result<i64, StoreError> {
    let sql = "INSERT INTO log (project_id, company_id, side) VALUES ($1, $2, $3) \
               ON CONFLICT (project_id, company_id, side) DO UPDATE SET side = excluded.side RETURNING id";
    let made = tx.query(sql, &[project.into(), company.into(), side.into()], |row| row.get(0))?;
    made.first().copied().ok_or(StoreError::Expected1Row { changed: 0 })
}

/// The columns of [`log_row`].
pub(super) const ROW: &str = "r.cor_id, r.number_key, r.title_key, r.counterparty_id, r.counterparty_key, r.reference_key, \
     r.status_key, r.procore_key, r.currency, r.total, r.submitted_key, r.event_id, r.search, r.block";

const INSERT: &str = "INSERT INTO log_row (log_id, cor_id, number_key, title_key, counterparty_id, \
     counterparty_key, reference_key, status_key, procore_key, currency, total, submitted_key, event_id, search, block) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

const UPDATE: &str = "UPDATE log_row SET number_key = $3, title_key = $4, counterparty_id = $5, counterparty_key = $6, \
     reference_key = $7, status_key = $8, procore_key = $9, currency = $10, total = $11, submitted_key = $12, \
     event_id = $13, search = $14, block = $15 WHERE log_id = $1 AND cor_id = $2";

/// What is stored of a row whose copy lies in `block`.
pub(crate) fn values(log: i64, row: &LogRow, block: i64) -> [Val; 15] {
    [
        log.into(),
        row.cor.into(),
        (&row.number_key).into(),
        (&row.title_key).into(),
        row.counterparty.into(),
        (&row.counterparty_key).into(),
        (&row.reference_key).into(),
        status_key(row.status).into(),
        procore_key(row.procore).into(),
        row.currency.into(),
        row.total.into(),
        row.submitted_key.into(),
        row.event.into(),
        (&row.search).into(),
        block.into(),
    ]
}

fn read_row(tx: &mut Tx, log: i64, cor: CorId) -> Result<Option<Stored>, StoreError> {
    let sql = format!("SELECT {ROW} FROM log_row r WHERE r.log_id = $1 AND r.cor_id = $2");
    tx.one(&sql, &[log.into(), cor.into()], log_row)
}

pub(super) fn log_row(row: &Row) -> Result<Stored, StoreError> {
    let found = LogRow {
        cor: row.get(0)?,
        number_key: row.get(1)?,
        title_key: row.get(2)?,
        counterparty: row.get(3)?,
        counterparty_key: row.get(4)?,
        reference_key: row.get(5)?,
        status: status_of(row.get(6)?)?,
        procore: procore_of(row.get(7)?)?,
        currency: row.get(8)?,
        total: row.get(9)?,
        submitted_key: row.get(10)?,
        event: row.get(11)?,
        search: row.get(12)?,
    };
    Ok((found, row.get(13)?))
}

/// Packs rows that were written before there were blocks: so many at most, and how many there were.
pub(crate) fn pack(tx: &mut Tx, most: usize) -> Result<usize, StoreError> {
    let sql = format!("SELECT {ROW}, r.log_id FROM log_row r WHERE r.block = 0 ORDER BY r.log_id LIMIT {most}");
    let rows = tx.query(&sql, &[], |row| Ok((log_row(row)?.0, row.get::<i64>(14)?)))?;
    for rows in rows.chunk_by(|(_, one), (_, next)| one == next) {
        let log = rows[0].1;
        let mut tail = Tail::of(tx, log)?;
        for (row, _) in rows {
            let block = tail.push(row)?;
            let sql = "UPDATE log_row SET block = $3 WHERE log_id = $1 AND cor_id = $2";
            tx.exec_one(sql, &[log.into(), row.cor.into(), block.into()])?;
        }
        tail.write(tx)?;
    }
    Ok(rows.len())
}

#[cfg(test)]
mod tests {
    use super::event_words;

    #[test]
    fn a_change_event_is_found_with_and_without_its_zeros() {
        assert_eq!(event_words("009"), "ce 009 ce 9");
        assert_eq!(event_words("12"), "ce 12");
        assert_eq!(event_words("000"), "ce 000");
        assert_eq!(event_words("ASI 22"), "ce asi 22");
    }
}
