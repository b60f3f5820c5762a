//! What of a log is asked for.

use std::collections::BTreeSet;

use domain::{CompanyId, cor::Status, procore::push_state::ProcoreState, text::fold};

use super::{procore_key, status_key};
use crate::{db::Val, repo::cor::placeholders};

/// What of a log is asked for; an empty set asks for everything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogFilter {
    /// Text to be found in number, title, reference, counterparty or change event.
    pub text: String,
    /// Any of these statuses.
    pub statuses: BTreeSet<Status>,
    /// Any of these companies at the other end.
    pub counterparties: BTreeSet<CompanyId>,
    /// Any of these states.
    pub procore: BTreeSet<ProcoreState>,
    /// A change event whose own status in Procore has any of these names, compared as written.
    pub event_statuses: BTreeSet<String>,
    /// One change event.
    pub event: Option<i64>,
}

impl LogFilter {
    /// Whether the kept totals answer it: they know nothing but status, state and currency.
    pub fn is_kept(&self) -> bool {
        fold(&self.text).is_empty()
            && self.counterparties.is_empty()
            && self.event_statuses.is_empty()
            && self.event.is_none()
    }

    /// Whether indexes answer it: what kept totals know, and one change event.
    pub(crate) fn is_indexed(&self) -> bool {
        Self { event: None, ..self.clone() }.is_kept()
    }

    /// Whether it asks for everything.
    pub fn is_empty(&self) -> bool {
        self.is_kept() && self.statuses.is_empty() && self.procore.is_empty()
    }

    /// The same without statuses and states, which totals are told apart by.
    pub(crate) fn beside_buckets(&self) -> Self {
        Self { statuses: BTreeSet::new(), procore: BTreeSet::new(), ..self.clone() }
    }
}

/// Conditions on `log_row r` under construction, with what they bind.
pub(crate) struct Conditions {
    pub sql: String,
    pub params: Vec<Val>,
}

impl Conditions {
    /// The rows of a log.
    pub fn of_log(log: i64) -> Self {
        Self { sql: "r.log_id = $1".to_owned(), params: vec![log.into()] }
    }

    /// `$n` for one more value.
    pub fn bind(&mut self, value: impl Into<Val>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// Where a column has any of these values; none asks for nothing.
    pub fn any(&mut self, column: &str, values: Vec<Val>) {
        match values.len() {
            0 => {}
            1 => {
                let name = self.bind(values.into_iter().next().unwrap_or(Val::Null));
                self.sql.push_str(&format!(" AND {column} = {name}"));
            }
            n => {
                let names = placeholders(self.params.len() + 1, n);
                self.params.extend(values);
                self.sql.push_str(&format!(" AND {column} IN ({names})"));
            }
        }
    }

    /// Narrowed to what of `filter` indexes answer.
    pub fn narrow(&mut self, filter: &LogFilter) {
        self.any("r.status_key", filter.statuses.iter().map(|s| status_key(*s).into()).collect());
        self.any("r.procore_key", filter.procore.iter().map(|s| procore_key(*s).into()).collect());
        self.any("r.event_id", filter.event.map(Val::from).into_iter().collect());
    }
}
