//! Totals, chips and drop-down filters: every one a link.

use std::collections::{BTreeMap, BTreeSet};

use domain::{cor::Status, procore::push_state::ProcoreState};

use super::Asked;
use crate::log::{
    query::toggle,
    views::{Facet, FacetOption},
};

/// That value alone, or, where it is chosen already, without it: what a click on a total or a chip does.
fn only<T: Ord>(set: &mut BTreeSet<T>, value: T) {
    if set.contains(&value) {
        set.remove(&value);
    } else {
        *set = BTreeSet::from([value]);
    }
}

/// Totals per status, following the filter; a click filters by that status alone.
pub(crate) fn buckets(asked: &Asked<'_>) -> Vec<crate::log::views::Bucket> {
    let shared = Status::ALL.into_iter().filter(|status| status.is_shared());
    shared
        .map(|status| {
            let (cors, amount) = asked
                .added_up(|bucket| bucket.status == status && asked.status_fits(bucket) && asked.procore_fits(bucket));
            let active = asked.query.filter.statuses.contains(&status);
            crate::log::views::Bucket {
                label: status.name().to_owned(),
                code: status.code(),
                count: cors.to_string(),
                amount: amount.to_string().into(),
                minor: amount.in_minor(),
                url: asked.changed(|filter| only(&mut filter.statuses, status)),
                active,
            }
        })
        .collect()
}

/// How many of the filter can't be pushed now: on their way already, or a Draft or void and nothing of it there.
pub(crate) fn blocked(asked: &Asked<'_>) -> i64 {
    let kept_out = |status: Status, procore: ProcoreState| {
        status.keeps_out_of_procore(procore != ProcoreState::NotInProcore).is_some()
    };
    let (cors, _) = asked.added_up(|bucket| {
        asked.status_fits(bucket)
            && asked.procore_fits(bucket)
            && (bucket.procore.is_busy() || kept_out(bucket.status, bucket.procore))
    });
    cors
}

/// The two questions asked most often.
pub(crate) fn chips(asked: &Asked<'_>) -> Vec<FacetOption> {
    if asked.seen.mapping.is_none() {
        return Vec::new();
    }
    let chip = |state: ProcoreState, alert| {
        let on = asked.query.filter.procore.contains(&state);
        let (cors, _) = asked.added_up(|bucket| bucket.procore == state && asked.status_fits(bucket));
        FacetOption {
            label: state.name().to_owned(),
            count: cors.to_string(),
            url: asked.changed(|filter| only(&mut filter.procore, state)),
            on,
            alert: alert && cors > 0,
        }
    };
    CHIPS.into_iter().map(|state| chip(state, state.needs_attention())).collect()
}

/// Everything else that can be filtered by.
pub(crate) fn facets(asked: &Asked<'_>) -> Vec<Facet> {
    let mut facets = vec![parties(asked), statuses(asked)];
    if asked.seen.mapping.is_some() {
        facets.extend([procore(asked), events(asked)]);
    }
    facets
}

fn facet(label: &str, options: Vec<FacetOption>, clear_url: String) -> Facet {
    let chosen: Vec<_> = options.iter().filter(|option| option.on).map(|option| option.label.clone()).collect();
    Facet { label: label.to_owned(), chosen: chosen.join(", "), options, clear_url }
}

fn parties(asked: &Asked<'_>) -> Facet {
    let option = |(company, name): &(domain::CompanyId, String)| FacetOption {
        label: name.clone(),
        count: String::new(),
        url: asked.changed(|filter| toggle(&mut filter.counterparties, *company)),
        on: asked.query.filter.counterparties.contains(company),
        alert: false,
    };
    let options = asked.seen.counterparties.iter().map(option).collect();
    facet(asked.side.counterparty(), options, asked.changed(|filter| filter.counterparties.clear()))
}

fn statuses(asked: &Asked<'_>) -> Facet {
    let drafts = asked.side == domain::procore::Side::Sent;
    let option = |status: Status| {
        let (cors, _) = asked.added_up(|bucket| bucket.status == status && asked.procore_fits(bucket));
        FacetOption {
            label: status.name().to_owned(),
            count: cors.to_string(),
            url: asked.changed(|filter| toggle(&mut filter.statuses, status)),
            on: asked.query.filter.statuses.contains(&status),
            alert: false,
        }
    };
    let options = Status::ALL.into_iter().filter(|status| drafts || status.is_shared()).map(option).collect();
    facet("Status", options, asked.changed(|filter| filter.statuses.clear()))
}

/// The states that have a chip of their own, which says that it is on.
const CHIPS: [ProcoreState; 2] = [ProcoreState::UpdateNeeded, ProcoreState::NotInProcore];

fn procore(asked: &Asked<'_>) -> Facet {
    let option = |state: ProcoreState| {
        let (cors, _) = asked.added_up(|bucket| bucket.procore == state && asked.status_fits(bucket));
        FacetOption {
            label: state.name().to_owned(),
            count: cors.to_string(),
            url: asked.changed(|filter| toggle(&mut filter.procore, state)),
            on: asked.query.filter.procore.contains(&state),
            alert: state.needs_attention() && cors > 0,
        }
    };
    let options = ProcoreState::ALL.into_iter().map(option).collect();
    let facet = facet("Procore", options, asked.changed(|filter| filter.procore.clear()));
    let elsewhere = ProcoreState::ALL.into_iter().filter(|state| !CHIPS.contains(state));
    let chosen = elsewhere.filter(|state| asked.query.filter.procore.contains(state)).map(ProcoreState::name);
    Facet { chosen: chosen.collect::<Vec<_>>().join(", "), ..facet }
}

/// The events' own statuses, Procore's and the company's, then each event that a COR of this log is in.
fn events(asked: &Asked<'_>) -> Facet {
    let seen = &asked.seen;
    let in_event = |id: i64| seen.in_events.get(&id).copied().unwrap_or(0);
    let mut statuses: BTreeMap<&str, i64> = BTreeMap::new();
    for event in &seen.events {
        *statuses.entry(&event.status).or_default() += in_event(event.event_id);
    }
    let heading = |label: &str| FacetOption { label: label.to_owned(), ..FacetOption::default() };
    let mut options = Vec::new();
    if !statuses.is_empty() {
        options.push(heading("Its status in Procore"));
    }
    options.extend(statuses.into_iter().map(|(status, cors)| FacetOption {
        label: status.to_owned(),
        count: cors.to_string(),
        url: asked.changed(|filter| toggle(&mut filter.event_statuses, status.to_owned())),
        on: asked.query.filter.event_statuses.contains(status),
        alert: false,
    }));
    let chosen = asked.query.filter.event;
    let listed: Vec<_> =
        seen.events.iter().filter(|event| in_event(event.event_id) > 0 || chosen == Some(event.event_id)).collect();
    if !listed.is_empty() {
        options.push(heading("One change event"));
    }
    options.extend(listed.into_iter().map(|event| {
        let on = chosen == Some(event.event_id);
        FacetOption {
            label: format!("CE {} {}", event.number, domain::text::shortened(&event.title, 40)),
            count: in_event(event.event_id).to_string(),
            url: asked.changed(|filter| filter.event = (!on).then_some(event.event_id)),
            on,
            alert: false,
        }
    }));
    let clear = asked.changed(|filter| {
        filter.event = None;
        filter.event_statuses.clear();
    });
    facet("Change Event", options, clear)
}
