//! Many rows a statement.

use domain::cor::Pricing;

use crate::{
    db::{Store, StoreError, Tx, Val},
    many,
    repo::{
        cor::Cor,
        log::{
            keep::{Events, KeptTotals},
            row::{self, StoredRow},
        },
    },
};

/// Rows on their way to the tables.
#[derive(Default)]
pub(crate) struct Rows {
    cors: Vec<Cor>,
    log: Vec<(i64, StoredRow)>,
}

impl Rows {
    pub fn cor(&mut self, cor: Cor) {
        self.cors.push(cor);
    }

    pub fn log(&mut self, log: i64, row: StoredRow) {
        self.log.push((log, row));
    }

    /// Stores them, and adds them to the totals.
    pub fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        many::insert(tx, COR, self.cors.iter().map(cor_values), "")?;
        let lines = self.cors.iter().flat_map(|cor| cor.price.lines.iter().enumerate().map(move |line| (cor, line)));
        many::insert(tx, LINE, lines.map(line_values), "")?;
        many::insert(tx, row::INSERT, self.log.iter().map(|(log, row)| row::values(*log, row)), "")?;
        let (mut totals, mut events) = (KeptTotals::default(), Events::default());
        for (log, row) in &self.log {
            totals.add(*log, row, 1, row.total);
            events.add(*log, row, 1);
        }
        totals.write(tx)?;
        events.write(tx)
    }
}

const COR: &str = "INSERT INTO cor (id, project_id, contract_id, sender_id, receiver_id, number, number_key, title, \
     description, customer_reference, status, currency, total, overtyped, revision, priced, submitted_at, created_at, \
     updated_at) VALUES";
const LINE: &str =
    "INSERT INTO cor_line (cor_id, position, id, section, description, quantity, unit, rate, amount) VALUES";
fn cor_values(cor: &Cor) -> [Val; 19] {
    [
        cor.id.into(),
        cor.project.into(),
        cor.contract.id.into(),
        cor.sender.id.into(),
        cor.receiver.id.into(),
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
