//! Step 4: how a push stands, and what lets it go on.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    CorId, DraftId, OfficeId, PushId,
    procore::push_state::PushState,
    role::{Actor, Denied},
};
use jiff::Timestamp;
use store::{
    CompanyTx, StoreError, Tx,
    repo::{
        change_event::EventRow,
        mapping::Mapping,
        push::{Push, PushCor},
    },
};

use super::draft::{Opened, opened_at};
use crate::{
    App, Error,
    actions::{budget, procore_tokens},
    sync::UNREADABLE,
};

/// A push with its CORs, for the result page and the API.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The draft it was confirmed in.
    pub opened: Opened,
    /// The push.
    pub push: Push,
    /// How each COR stands.
    pub cors: BTreeMap<CorId, PushCor>,
    /// The change event, once known.
    pub event: Option<EventRow>,
    /// What lets it go on, while it is parked.
    pub remedy: Option<Remedy>,
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

/// What a parked push waits for, and who can do it.
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
}

/// How the push of a draft stands. Shown also when its office was disconnected or its project is mapped no more.
pub async fn result(app: &App, actor: &Actor, id: DraftId) -> Result<Standing, Error> {
    let (app, actor, now, timeout) = (app.clone(), actor.clone(), app.now(), app.settings.procore_timeout);
    let store = app.store.clone();
    store
        .read(move |all| {
            let mut tx = all.of(actor.company);
            let mut push = None;
            let opened = opened_at(&mut tx, &actor, id, |tx, project, body| {
                let id = body.push.ok_or_else(|| Error::Conflict("This push is not confirmed yet.".into()))?;
                let found = readable(tx, id)?;
                let mapping = tx.mapping(project.id)?.unwrap_or_else(|| mapping_of(&found));
                push = Some(found);
                Ok(mapping)
            })?;
            let push = push.ok_or_else(|| Error::internal("a push was opened without being read"))?;
            let cors = tx.push_cors(push.id)?.into_iter().map(|c| (c.cor, c)).collect();
            let event = push.event.map(|event| tx.change_event(push.project, event)).transpose()?.flatten();
            let remedy = match push.state {
                PushState::Parked { .. } => Some(remedy(&mut tx, &actor, &opened, &push, now, timeout)?),
                _ => None,
            };
            let expected = expected(all, &app, &push, now)?;
            Ok(Standing { opened, push, cors, event, remedy, expected })
        })
        .await
}

fn expected(all: &mut Tx, app: &App, push: &Push, now: Timestamp) -> Result<Option<Expected>, Error> {
    let (PushState::Queued { .. } | PushState::Sending { .. }, None) = (&push.state, push.wish) else {
        return Ok(None);
    };
    let ahead = all.ahead_of(push.id)?;
    let more = push.batches.len().saturating_sub(1) * 2;
    let requests = ahead.requests + i64::try_from(more).unwrap_or(i64::MAX);
    let due = if let PushState::Queued { due } = push.state { due.max(now) } else { now };
    let by = all.rate_budget(&budget::account(app, push.procore_company))?.answered_by(requests, now).max(due);
    Ok(Some(Expected { before: ahead.pushes, by }))
}

/// A push, or the sentence that it can't be read.
pub(super) fn readable(tx: &mut CompanyTx<'_>, id: PushId) -> Result<Push, Error> {
    match tx.push(id) {
        Err(StoreError::Corrupt(_)) => Err(Error::Conflict(UNREADABLE.into())),
        read => read?.ok_or(Error::NotFound),
    }
}

/// Where a push goes whose project is mapped no more.
pub(super) fn mapping_of(push: &Push) -> Mapping {
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
    opened: &Opened,
    push: &Push,
    now: Timestamp,
    timeout: Duration,
) -> Result<Remedy, Error> {
    let office = opened.project.standing().office;
    let may = actor.may_integrate(office);
    let connected = tx.integration(office)?.is_some_and(|i| i.procore_company_id == push.procore_company);
    if !connected {
        return Ok(Remedy::ConnectOffice { office, may });
    }
    let login = tx.login_of(push.person)?;
    if login.is_some_and(|login| procore_tokens::health_of(&login, now, timeout).is_live()) {
        return Ok(Remedy::CheckConnection { office, may });
    }
    if push.person == actor.person {
        return Ok(Remedy::SignIn);
    }
    let name = tx.person(push.person)?.map(|person| person.name).unwrap_or_default();
    Ok(Remedy::SomebodySignsIn { name })
}
