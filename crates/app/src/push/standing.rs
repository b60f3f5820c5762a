//! Step 4: how a push stands, and what lets it go on.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    CorId, OfficeId,
    procore::{currency::CurrencyTrouble, push_state::PushState},
    role::{Actor, Denied},
};
use jiff::Timestamp;
use store::{
    CompanyTx, Tx,
    repo::{
        change_event::EventRow,
        cor::Cor,
        mapping::Mapping,
        project::Project,
        push::{Push, PushCor},
    },
};
use sync::connection::{budget, tokens};

use super::{
    draft::{OpenedDraft, opened_at},
    looking::Looking,
    which::{Which, find},
};
use crate::{App, Error};

/// A push with its CORs, for the result page and the API.
#[derive(Debug, Clone)]
pub struct PushStanding {
    /// The push.
    pub push: Push,
    /// The project it was made from.
    pub project: Project,
    /// The draft it was confirmed in; a removal was confirmed in none.
    pub opened: Option<OpenedDraft>,
    /// Its CORs as they are now, in the order of the selection.
    pub members: Vec<Cor>,
    /// How each COR stands.
    pub cors: BTreeMap<CorId, PushCor>,
    /// The change event, once known.
    pub event: Option<EventRow>,
    /// Why its amounts can't be compared with the push's, if so.
    pub currency: Result<(), CurrencyTrouble>,
    /// What lets it go on, while it is parked, or sooner, while it waits.
    pub remedy: Option<Remedy>,
    /// How a change event is looked for that may have been made.
    pub looking: Option<Looking>,
    /// What is before it, while it goes on by itself and nothing is uncertain.
    pub expected: Option<Expected>,
}

/// When a push will be over, as far as can be told: what others send through the same account is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Pushes to the same account that are due before it.
    pub before: i64,
    /// About then.
    pub by: Timestamp,
}

/// What a push waits for, and who can do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// The office is not connected to the push's account any more.
    ConnectOffice {
        /// The office.
        office: OfficeId,
        /// Whether the reader may connect it.
        may: Result<(), Denied>,
    },
    /// The reader signs in to Procore again.
    SignIn,
    /// Somebody else does, as whom the push goes on.
    SomebodySignsIn {
        /// Their name.
        name: String,
    },
    /// Connection and sign-in stand, so the app is missing in the account: the connection is checked once it is installed.
    CheckConnection {
        /// The office.
        office: OfficeId,
        /// Whether the reader may check it.
        may: Result<(), Denied>,
    },
    /// Procore asked for a pause, or its limit is used up: it goes on by itself, and sooner if the pause is ended by hand.
    EndWait {
        /// The office.
        office: OfficeId,
        /// Whether the reader may end it.
        may: Result<(), Denied>,
    },
}

/// How a push stands. Shown also when its office was disconnected or its project is mapped no more.
pub async fn standing(app: &App, actor: &Actor, which: impl Into<Which>) -> Result<PushStanding, Error> {
    let which = which.into();
    let (app, actor, now, timeout) = (app.clone(), actor.clone(), app.now(), app.settings.procore_timeout);
    let store = app.store.clone();
    store
        .read(move |all| {
            let mut tx = all.of(actor.company);
            let (push, project) = find(&mut tx, &actor, which)?;
            let opened = match push.draft {
                Some(draft) => Some(opened_at(&mut tx, &actor, draft, |tx, project, _| {
                    Ok(tx.mapping(project.id)?.unwrap_or_else(|| mapping_of(&push)))
                })?),
                None => None,
            };
            let settled = tx.push_cors(push.id)?;
            let ids: Vec<CorId> = settled.iter().map(|c| c.cor).collect();
            let mut found: BTreeMap<CorId, Cor> = tx.cors(&ids)?.into_iter().map(|cor| (cor.id, cor)).collect();
            let members = ids.iter().filter_map(|id| found.remove(id)).collect();
            let cors = settled.into_iter().map(|c| (c.cor, c)).collect();
            let event = push.event.map(|event| tx.change_event(push.project, event)).transpose()?.flatten();
            let named = event
                .iter()
                .flat_map(|event| event.line_currencies.split(", ").chain(std::iter::once(event.currency.as_str())));
            let currency = tx.known_currency(push.project)?.naming(named).agrees_with(push.order.currency);
            let remedy = match push.state {
                PushState::Parked { .. } => Some(remedy(&mut tx, &actor, &project, &push, now, timeout)?),
                PushState::Queued { due } if due > now && is_held(all, &app, &push, now)? => {
                    let office = project.standing().office;
                    Some(Remedy::EndWait { office, may: actor.may_integrate(office) })
                }
                _ => None,
            };
            let looking = Looking::of(&app, &push);
            let expected = expected(all, &app, &push, now)?;
            Ok(PushStanding { push, project, opened, members, cors, event, currency, remedy, looking, expected })
        })
        .await
}

/// Whether the push's account is left alone for a while.
fn is_held(all: &mut Tx, app: &App, push: &Push, now: Timestamp) -> Result<bool, Error> {
    let budget = all.rate_budget(&budget::account(app, push.procore_company))?;
    Ok(budget.held_until(now).is_some())
}

fn expected(all: &mut Tx, app: &App, push: &Push, now: Timestamp) -> Result<Option<Expected>, Error> {
    let (PushState::Queued { .. } | PushState::Sending { .. }, None) = (&push.state, push.requested) else {
        return Ok(None);
    };
    let ahead = all.ahead_of(push.id)?;
    let more = push.batches.len().saturating_sub(1) * 2;
    let requests = ahead.requests + i64::try_from(more).unwrap_or(i64::MAX);
    let due = if let PushState::Queued { due } = push.state { due.max(now) } else { now };
    let by = all.rate_budget(&budget::account(app, push.procore_company))?.answered_by(requests, now).max(due);
    Ok(Some(Expected { before: ahead.pushes, by }))
}

/// Where a push goes whose project is mapped no more.
fn mapping_of(push: &Push) -> Mapping {
    Mapping {
        project: push.project,
        procore_company_id: push.procore_company,
        procore_project_id: push.procore_project,
        procore_project: String::new(),
        procore_number: String::new(),
        mapped_by: push.person,
        mapped_by_name: String::new(),
        mapped_at: push.created_at,
    }
}

/// Told by how things are now, not by how they were when it was parked: an office may have been disconnected since.
fn remedy(
    tx: &mut CompanyTx<'_>,
    actor: &Actor,
    project: &Project,
    push: &Push,
    now: Timestamp,
    timeout: Duration,
) -> Result<Remedy, Error> {
    let office = project.standing().office;
    let may = actor.may_integrate(office);
    let connected = tx.integration(office)?.is_some_and(|i| i.procore_company_id == push.procore_company);
    if !connected {
        return Ok(Remedy::ConnectOffice { office, may });
    }
    let login = tx.login_of(push.person)?;
    if login.is_some_and(|login| tokens::health_of(&login, now, timeout).is_live()) {
        return Ok(Remedy::CheckConnection { office, may });
    }
    if push.person == actor.person {
        return Ok(Remedy::SignIn);
    }
    let name = tx.person(push.person)?.map(|person| person.name).unwrap_or_default();
    Ok(Remedy::SomebodySignsIn { name })
}
