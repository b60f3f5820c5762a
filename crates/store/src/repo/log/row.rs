//! A row of a log: what its company sees of a COR, and how it is stored.

use domain::{
    CompanyId, CorId, Currency, Money,
    cor::{CorNumber, Status},
    procore::{Side, push_state::ProcoreState},
    text::fold,
};
use jiff::Timestamp;

use super::{procore_key, procore_of, status_key, status_of};
use crate::{
    db::{Row, StoreError, Val},
    repo::cor::Cor,
};

/// A row of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StoredRow {
    pub cor: CorId,
    pub number: CorNumber,
    pub title: String,
    pub reference: String,
    pub counterparty: CompanyId,
    pub counterparty_name: String,
    pub status: Status,
    /// The sender recorded that approval.
    pub recorded: bool,
    pub currency: Currency,
    pub total: Money,
    pub submitted_at: Option<Timestamp>,
    pub procore: ProcoreState,
    pub reason: String,
    pub event: Option<i64>,
    /// How people ask for the change event; see [`event_words`].
    pub event_words: String,
}

impl StoredRow {
    /// What `side` sees of a COR that was never near Procore.
    pub fn of(cor: &Cor, side: Side) -> Self {
        let counterparty = cor.counterparty(side);
        Self {
            cor: cor.id,
            number: cor.number.clone(),
            title: cor.title.clone(),
            reference: cor.customer_reference.clone(),
            counterparty: counterparty.id,
            counterparty_name: counterparty.name.clone(),
            status: cor.status,
            recorded: cor.recorded.is_some(),
            currency: cor.currency,
            total: cor.total(),
            submitted_at: cor.submitted_at,
            procore: ProcoreState::NotInProcore,
            reason: String::new(),
            event: None,
            event_words: String::new(),
        }
    }

    /// The same with the Procore side of the row as it was before.
    pub fn tied_as(self, before: &Self) -> Self {
        Self {
            procore: before.procore,
            reason: before.reason.clone(),
            event: before.event,
            event_words: before.event_words.clone(),
            ..self
        }
    }

    /// The same, tied to a change event: its id and number.
    pub fn tied_to(self, event: Option<(i64, &str)>) -> Self {
        let event_words = event.map(|(_, number)| event_words(number)).unwrap_or_default();
        Self { event: event.map(|(id, _)| id), event_words, ..self }
    }

    /// The kept total it is counted in.
    pub fn bucket(&self) -> (i64, i64, Currency) {
        (status_key(self.status), procore_key(self.procore), self.currency)
    }

    /// What text is looked for in: folded, a line for each of number, title, reference, counterparty and change event.
    fn search(&self) -> String {
        let fields = [self.number.as_str(), &self.title, &self.reference, &self.counterparty_name];
        let mut search = String::new();
        for field in fields {
            search.push_str(&fold(field));
            search.push('\n');
        }
        search + &self.event_words
    }
}

/// How people ask for a change event: `CE 009`, and `CE 9` for the same one.
fn event_words(number: &str) -> String {
    let number = fold(number);
    let short = number.trim_start_matches('0');
    if short.is_empty() || short == number { format!("ce {number}") } else { format!("ce {number} ce {short}") }
}

/// The columns that [`stored`] reads of `log_row r`.
pub(super) const STORED: &str = "r.cor_id, r.number, r.title, r.reference, r.counterparty_id, r.counterparty, r.status_key, \
     r.currency, r.total, r.submitted_key, r.procore_key, r.reason, r.event_id, r.search, \
     r.recorded";

/// A row as it is stored.
pub(super) fn stored(row: &Row) -> Result<StoredRow, StoreError> {
    let search: String = row.get(13)?;
    Ok(StoredRow {
        cor: row.get(0)?,
        number: row.get(1)?,
        title: row.get(2)?,
        reference: row.get(3)?,
        counterparty: row.get(4)?,
        counterparty_name: row.get(5)?,
        status: status_of(row.get(6)?)?,
        recorded: row.get(14)?,
        currency: row.get(7)?,
        total: row.get(8)?,
        submitted_at: moment(row.get(9)?)?,
        procore: procore_of(row.get(10)?)?,
        reason: row.get(11)?,
        event: Some(row.get(12)?).filter(|event| *event != 0),
        event_words: search.rsplit('\n').next().unwrap_or_default().to_owned(),
    })
}

/// The moment of a `submitted_key`.
pub(super) fn moment(key: i64) -> Result<Option<Timestamp>, StoreError> {
    if key == 0 {
        return Ok(None);
    }
    let at = Timestamp::from_microsecond(key);
    at.map(Some).map_err(|_| StoreError::Corrupt("the time of a row of a log".to_owned()))
}

/// The beginning of the statement that stores [`values`].
pub(crate) const INSERT: &str = "INSERT INTO log_row (log_id, cor_id, submitted_key, status_key, procore_key, event_id, total, \
     currency, counterparty_id, search, number, number_key, title, title_key, reference, reference_key, counterparty, \
     counterparty_key, reason, recorded) VALUES";

/// Its end, where the row may be there already.
pub(super) const OR_UPDATE: &str = "ON CONFLICT (cor_id, log_id) DO UPDATE SET submitted_key = excluded.submitted_key, \
     status_key = excluded.status_key, procore_key = excluded.procore_key, event_id = excluded.event_id, \
     total = excluded.total, currency = excluded.currency, counterparty_id = excluded.counterparty_id, \
     search = excluded.search, number = excluded.number, number_key = excluded.number_key, title = excluded.title, \
     title_key = excluded.title_key, reference = excluded.reference, reference_key = excluded.reference_key, \
     counterparty = excluded.counterparty, counterparty_key = excluded.counterparty_key, reason = excluded.reason, \
     recorded = excluded.recorded";

/// What is stored of a row.
pub(crate) fn values(log: i64, row: &StoredRow) -> [Val; 20] {
    [
        log.into(),
        row.cor.into(),
        row.submitted_at.map_or(0, Timestamp::as_microsecond).into(),
        status_key(row.status).into(),
        procore_key(row.procore).into(),
        row.event.unwrap_or(0).into(),
        row.total.into(),
        row.currency.into(),
        row.counterparty.into(),
        row.search().into(),
        (&row.number).into(),
        row.number.key().into(),
        (&row.title).into(),
        fold(&row.title).into(),
        (&row.reference).into(),
        fold(&row.reference).into(),
        (&row.counterparty_name).into(),
        fold(&row.counterparty_name).into(),
        (&row.reason).into(),
        row.recorded.into(),
    ]
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
