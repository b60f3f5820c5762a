//! The COR Log: what one company sees of one side of a project's CORs.
//!
//! A log's row holds everything that its page shows, sorts and filters by, except what is read of its change event; the
//! totals are kept by [`keep`] in the unit that changes a row. The page people open, newest first, is one range of the
//! table, and one status by amount is one range of an index. Everything else reads the rows of that log.

mod buckets;
mod events;
mod filter;
pub(crate) mod keep;
mod page;
#[cfg(test)]
mod plans;
pub(crate) mod row;
mod selected;
mod sort;

use domain::{
    CompanyId, ProjectId,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
};

pub use buckets::Bucket;
pub use filter::LogFilter;
pub use keep::InProcore;
pub use page::{EventName, LogCursor, LogRow, LogRows, PageWanted, Position, ProcoreStanding};
pub use selected::{Picked, Selected};
pub use sort::{Sort, SortBy};

use crate::db::{StoreError, Tx};

/// How a status is stored in a log: its place in the life of a COR, so that rows sort as people read it.
pub(crate) fn status_key(status: Status) -> i64 {
    match status {
        Status::Draft => 0,
        Status::Placeholder => 1,
        Status::InReview => 2,
        Status::ReviseAndResubmit => 3,
        Status::ApprovedToProceed => 4,
        Status::ApprovedCoIssued => 5,
        Status::Void => 6,
    }
}

/// How a Procore state is stored in a log: the order in which they were thought of. A number once given stays.
pub(crate) fn procore_key(state: ProcoreState) -> i64 {
    match state {
        ProcoreState::NotInProcore => 0,
        ProcoreState::UpToDate => 1,
        ProcoreState::UpdateNeeded => 2,
        ProcoreState::InProgress => 3,
        ProcoreState::WaitingForSignIn => 4,
        ProcoreState::Checking => 5,
        ProcoreState::Refused => 6,
        ProcoreState::ChangedInProcore => 7,
        ProcoreState::Surplus => 8,
        ProcoreState::LineChanged => 9,
        ProcoreState::LineRemoved => 10,
        ProcoreState::LineLocked => 11,
        ProcoreState::ContractMoved => 12,
        ProcoreState::EventStatusChanged => 13,
        ProcoreState::EventVoided => 14,
        ProcoreState::EventDeleted => 15,
        ProcoreState::EventRestored => 16,
        ProcoreState::Stopped => 17,
        ProcoreState::Paused => 18,
        ProcoreState::OtherCurrency => 19,
        ProcoreState::EventUnreadable => 20,
    }
}

pub(crate) fn status_of(key: i64) -> Result<Status, StoreError> {
    let found = Status::ALL.into_iter().find(|status| status_key(*status) == key);
    found.ok_or_else(|| StoreError::Corrupt("a status in a log".to_owned()))
}

pub(crate) fn procore_of(key: i64) -> Result<ProcoreState, StoreError> {
    let found = ProcoreState::ALL.into_iter().find(|state| procore_key(*state) == key);
    found.ok_or_else(|| StoreError::Corrupt("a Procore state in a log".to_owned()))
}

/// Which log: one company's one side of one project.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LogKey {
    pub project: ProjectId,
    pub company: CompanyId,
    pub side: Side,
}

/// The number of a log, or nothing while no COR was ever in it.
pub(crate) fn log_id(
    tx: &mut Tx,
    project: ProjectId,
    company: CompanyId,
    side: Side,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id FROM log WHERE project_id = $1 AND company_id = $2 AND side = $3";
    tx.one(sql, &[project.into(), company.into(), side.into()], |row| row.get(0))
}
