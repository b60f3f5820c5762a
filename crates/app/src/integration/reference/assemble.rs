//! Puts stored lists together again.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use store::repo::reference::ReferenceRow;
use sync::reference::{BudgetCode, Stored};

use super::lists::{ReferenceData, ReferenceList, UnreadRecord};
use crate::Error;

pub(super) fn assemble(rows: &[ReferenceRow]) -> Result<ReferenceData, Error> {
    let oldest = rows.iter().filter(|row| ReferenceList::ALL.iter().any(|kind| kind.code() == row.kind));
    let oldest = oldest.map(|row| row.fetched_at).min().unwrap_or(Timestamp::UNIX_EPOCH);
    let mut data = ReferenceData::nothing(oldest);
    for kind in ReferenceList::ALL {
        let row = rows.iter().find(|row| row.kind == kind.code());
        let row = row.ok_or_else(|| Error::internal(format!("reference data lacks {}", kind.code())))?;
        assemble_kind(kind, row, &mut data)?;
    }
    Ok(data)
}

pub(super) fn assemble_kind(kind: ReferenceList, row: &ReferenceRow, data: &mut ReferenceData) -> Result<(), Error> {
    fn items<T: DeserializeOwned>(row: &ReferenceRow) -> Result<(Vec<T>, Vec<String>), Error> {
        Ok(Stored::of(row).map(|stored| (stored.items, stored.unread))?)
    }
    let unread;
    match kind {
        ReferenceList::Statuses => (data.statuses, unread) = items(row)?,
        ReferenceList::Types => (data.types, unread) = items(row)?,
        ReferenceList::Reasons => (data.reasons, unread) = items(row)?,
        ReferenceList::BudgetCodes => {
            let stored: Stored<BudgetCode> = Stored::of(row)?;
            (data.budget_codes, data.codes_gone, unread) = (stored.items, stored.gone, stored.unread);
            data.codes_read_at = row.fetched_at;
        }
        ReferenceList::Commitments => (data.commitments, unread) = items(row)?,
        ReferenceList::PrimeContracts => (data.prime_contracts, unread) = items(row)?,
    }
    data.unread.extend(unread.into_iter().map(|why| UnreadRecord { list: kind, why }));
    Ok(())
}
