//! Totals, chips and drop-down filters: every one a link.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Money,
    cor::Status,
    procore::{Side, push_state::ProcoreState},
};
use store::repo::log::LogFilter;

use super::{LogPage, log_url};
use crate::log::{
    copy,
    query::{LogQuery, toggle},
    read_log::{is_blocked, is_under},
};

/// One of the totals on top; a click filters by it.
pub(crate) struct StatusTotal {
    pub status: Status,
    pub cors: i64,
    pub amount: Money,
    /// The log with this status only; when filtered by it, the log without it.
    pub url: String,
}

/// A value that the log can be filtered by.
pub(crate) struct FilterOption {
    pub label: String,
    /// How many CORs; none where they are not counted.
    pub cors: Option<i64>,
    /// The log with it, or, when chosen, without it.
    pub url: String,
    pub on: bool,
}

/// A drop-down filter.
pub(crate) struct Facet {
    pub label: &'static str,
    /// What is chosen: "In Review, Void"; empty when anything goes.
    pub chosen: String,
    /// What can be chosen, under headings where there is more than one kind.
    pub groups: Vec<(&'static str, Vec<FilterOption>)>,
    /// The log without this filter.
    pub clear_url: String,
}

/// A click on a total or a chip: chooses that value alone, or takes it out where it is chosen.
fn only<T: Ord>(set: &mut BTreeSet<T>, value: T) {
    if set.contains(&value) {
        set.remove(&value);
    } else {
        *set = BTreeSet::from([value]);
    }
}

impl LogPage<'_> {
    /// How many CORs of the filter can't be pushed now: they are being pushed, or are Draft or Void with nothing in Procore.
    pub fn blocked_of_filter(&self) -> i64 {
        self.log.added_up(|bucket| is_under(bucket, &self.query.filter) && is_blocked(bucket)).0
    }

    /// Totals per status, following the filter.
    pub fn totals(&self) -> impl Iterator<Item = StatusTotal> {
        Status::ALL.into_iter().filter(|status| status.is_shared()).map(|status| {
            let filter = &self.query.filter;
            let (cors, amount) = self.log.added_up(|bucket| bucket.status == status && is_under(bucket, filter));
            let url = self.changed(|filter| only(&mut filter.statuses, status));
            StatusTotal { status, cors, amount, url }
        })
    }

    /// How many CORs a change of the filter's statuses and states would find.
    fn found_with(&self, change: impl FnOnce(&mut LogFilter)) -> i64 {
        let filter = self.query.with(change).filter;
        self.log.added_up(|bucket| is_under(bucket, &filter)).0
    }

    /// The two questions asked most often, and whether somebody has to act.
    pub fn chips(&self) -> impl Iterator<Item = (FilterOption, bool)> {
        let [attention, missing] = Self::chip_states();
        let chips = [(copy::NEEDS_ATTENTION, attention, true), (ProcoreState::NotInProcore.name(), missing, false)];
        let chips = chips.into_iter().filter(|_| self.log.in_procore.mapping.is_some());
        chips.map(|(label, states, alert)| {
            let cors = self.found_with(|filter| filter.procore.clone_from(&states));
            let on = self.query.filter.procore == states;
            let url = self.changed(|filter| filter.procore = if on { BTreeSet::new() } else { states });
            (FilterOption { label: label.to_owned(), cors: Some(cors), url, on }, alert && cors > 0)
        })
    }

    /// What else the sign in the navigation counts: "1 more in Sent", and where it is.
    pub fn attention_elsewhere(&self) -> Option<(String, String)> {
        let (other, cors) = (other_side(self.log.side), self.log.alerts_elsewhere);
        let url = log_url(self.log.project.id, other, &LogQuery::parse("procore=attention").encode());
        (cors > 0).then(|| (copy::elsewhere(cors, other), url))
    }

    /// The states that each chip asks for.
    fn chip_states() -> [BTreeSet<ProcoreState>; 2] {
        [ProcoreState::alerts().collect(), BTreeSet::from([ProcoreState::NotInProcore])]
    }

    /// Everything else that can be filtered by.
    pub fn facets(&self) -> Vec<Facet> {
        let mut facets = vec![self.counterparties(), self.statuses()];
        if self.log.in_procore.mapping.is_some() {
            facets.extend([self.procore(), self.events()]);
        }
        facets.retain(|facet| facet.groups.iter().any(|(_, options)| !options.is_empty()));
        facets
    }

    /// A value of one of the filter's sets. A click puts it in or takes it out.
    fn option<T: Ord>(&self, set: Set<T>, value: T, label: &str, cors: Option<i64>) -> FilterOption {
        let mut on = false;
        let url = self.changed(|filter| on = !toggle(set(filter), value));
        FilterOption { label: label.to_owned(), cors, url, on }
    }

    fn counterparties(&self) -> Facet {
        let option = |(company, name): &(domain::CompanyId, String)| {
            self.option(|filter| &mut filter.counterparties, *company, name, None)
        };
        let options = self.log.counterparties.iter().map(option).collect();
        let clear = self.changed(|filter| filter.counterparties.clear());
        facet(self.log.side.counterparty(), vec![("", options)], clear)
    }

    fn statuses(&self) -> Facet {
        let option = |status: Status| {
            let cors = self.found_with(|filter| filter.statuses = BTreeSet::from([status]));
            self.option(|filter| &mut filter.statuses, status, status.name(), Some(cors))
        };
        let options = Status::ALL.into_iter().filter(|status| self.sent() || status.is_shared()).map(option).collect();
        facet("Status", vec![("", options)], self.changed(|filter| filter.statuses.clear()))
    }

    fn procore(&self) -> Facet {
        let option = |state: ProcoreState| {
            let cors = self.found_with(|filter| filter.procore = BTreeSet::from([state]));
            self.option(|filter| &mut filter.procore, state, state.name(), Some(cors))
        };
        let options = ProcoreState::ALL.into_iter().map(option).collect();
        let facet = facet("Procore", vec![("", options)], self.changed(|filter| filter.procore.clear()));
        // A chip says by itself that it is on.
        if Self::chip_states().contains(&self.query.filter.procore) {
            return Facet { chosen: String::new(), ..facet };
        }
        facet
    }

    /// The events' own statuses, Procore's and the company's, then each event that a COR of this log is in.
    fn events(&self) -> Facet {
        let (log, chosen) = (self.log, self.query.filter.event);
        let in_event = |id: i64| log.in_events.get(&id).copied().unwrap_or(0);
        let mut statuses: BTreeMap<&str, i64> = BTreeMap::new();
        for event in &log.events {
            *statuses.entry(&event.status).or_default() += in_event(event.event_id);
        }
        let statuses = statuses.into_iter().map(|(status, cors)| {
            self.option(|filter| &mut filter.event_statuses, status.to_owned(), status, Some(cors))
        });
        let listed = log.events.iter().filter(|e| in_event(e.event_id) > 0 || chosen == Some(e.event_id));
        let events = listed.map(|event| {
            let on = chosen == Some(event.event_id);
            FilterOption {
                label: format!("CE {} {}", event.number, domain::text::shortened(&event.title, 40)),
                cors: Some(in_event(event.event_id)),
                url: self.changed(|filter| filter.event = (!on).then_some(event.event_id)),
                on,
            }
        });
        let groups = vec![("Event status in Procore", statuses.collect()), ("Change event", events.collect())];
        let clear = self.changed(|filter| {
            filter.event = None;
            filter.event_statuses.clear();
        });
        facet("Change Event", groups, clear)
    }
}

const fn other_side(side: Side) -> Side {
    match side {
        Side::Sent => Side::Received,
        Side::Received => Side::Sent,
    }
}

/// One of the filter's sets.
type Set<T> = fn(&mut LogFilter) -> &mut BTreeSet<T>;

/// A filter whose values find something, or are chosen.
fn facet(label: &'static str, mut groups: Vec<(&'static str, Vec<FilterOption>)>, clear_url: String) -> Facet {
    for (_, options) in &mut groups {
        options.retain(|option| option.on || option.cors != Some(0));
    }
    let options = groups.iter().flat_map(|(_, options)| options);
    let chosen: Vec<_> = options.filter(|option| option.on).map(|option| option.label.as_str()).collect();
    Facet { label, chosen: chosen.join(", "), groups, clear_url }
}
