//! What of a log is asked for.

use std::collections::BTreeSet;

use domain::{CompanyId, cor::Status, procore::push_state::ProcoreState, text::fold};

use super::{LogKey, procore_key, status_key};
use crate::{db::Val, dialect::Dialect, many::placeholders};

/// What of a log is asked for; an empty set asks for everything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogFilter {
    /// Text to be found in number, title, reference, counterparty or change event.
    pub text: String,
    /// Any of these statuses.
    pub statuses: BTreeSet<Status>,
    /// Any of these companies at the other end.
    pub counterparties: BTreeSet<CompanyId>,
    /// Any of these states. [`ProcoreState::NotInProcore`] asks for CORs that are missing there, so it leaves out those that
    /// can't be pushed because of their status, unless `statuses` asks for them.
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

    /// Whether it asks for everything.
    pub fn is_empty(&self) -> bool {
        self.is_kept() && self.statuses.is_empty() && self.procore.is_empty()
    }

    /// Whether it asks for a status and a state, whatever else it asks for.
    pub fn lets(&self, status: Status, procore: ProcoreState) -> bool {
        if self.procore.is_empty() || self.procore.contains(&procore) {
            let missing = procore != ProcoreState::NotInProcore || self.unmissed().all(|unmissed| unmissed != status);
            missing && (self.statuses.is_empty() || self.statuses.contains(&status))
        } else {
            false
        }
    }

    /// The statuses whose CORs nobody misses in Procore, where it asks for what is missing there.
    fn unmissed(&self) -> impl Iterator<Item = Status> {
        let asked = self.statuses.is_empty() && self.procore.contains(&ProcoreState::NotInProcore);
        Status::ALL.into_iter().filter(move |status| asked && status.keeps_out_of_procore(false).is_some())
    }

    /// The same without statuses and states, which totals are told apart by.
    pub(crate) fn beside_buckets(&self) -> Self {
        Self { statuses: BTreeSet::new(), procore: BTreeSet::new(), ..self.clone() }
    }
}

/// Conditions on the rows `r` of one log under construction, with what they bind.
pub(crate) struct Conditions {
    dialect: Dialect,
    pub sql: String,
    pub params: Vec<Val>,
}

impl Conditions {
    /// The rows of a log that a filter finds, read one after the other.
    pub fn of(dialect: Dialect, log: LogKey, filter: &LogFilter) -> Self {
        Self::with(dialect, log, filter, dialect.looked_at("r.status_key"))
    }

    /// The same, by the index of statuses and amounts.
    pub fn by_amount(dialect: Dialect, log: LogKey, filter: &LogFilter) -> Self {
        Self::with(dialect, log, filter, "r.status_key")
    }

    fn with(dialect: Dialect, log: LogKey, filter: &LogFilter, status: impl AsRef<str>) -> Self {
        let sql = "r.log_id = (SELECT id FROM log WHERE project_id = $1 AND company_id = $2 AND side = $3)".to_owned();
        let params = vec![log.project.into(), log.company.into(), log.side.into()];
        let mut all = Self { dialect, sql, params };
        all.any(status.as_ref(), filter.statuses.iter().map(|status| status_key(*status).into()));
        all.any("r.procore_key", filter.procore.iter().map(|state| procore_key(*state).into()));
        let unmissed: Vec<Val> = filter.unmissed().map(|status| status_key(status).into()).collect();
        if !unmissed.is_empty() {
            let missing = all.bind(procore_key(ProcoreState::NotInProcore));
            all.sql.push_str(&format!(" AND NOT (r.procore_key = {missing}"));
            all.any(status.as_ref(), unmissed);
            all.sql.push(')');
        }
        all.any("r.counterparty_id", filter.counterparties.iter().map(|company| (*company).into()));
        all.any("r.event_id", filter.event.map(Val::from));
        if !filter.event_statuses.is_empty() {
            all.sql.push_str(
                " AND r.event_id IN (SELECT event_id FROM change_event WHERE project_id = $1 AND company_id = $2",
            );
            all.any("status", filter.event_statuses.iter().map(Val::from));
            all.sql.push(')');
        }
        let text = fold(&filter.text);
        if !text.is_empty() {
            let text = all.bind(text);
            all.sql.push_str(&format!(" AND {}", all.dialect.contains("r.search", &text)));
        }
        all
    }

    /// `$n` for one more value.
    pub fn bind(&mut self, value: impl Into<Val>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// Where a column has any of these values; none asks for nothing.
    pub fn any(&mut self, column: &str, values: impl IntoIterator<Item = Val>) {
        let from = self.params.len();
        self.params.extend(values);
        match self.params.len() - from {
            0 => {}
            1 => self.sql.push_str(&format!(" AND {column} = ${}", from + 1)),
            n => self.sql.push_str(&format!(" AND {column} IN ({})", placeholders(from + 1, n))),
        }
    }
}
