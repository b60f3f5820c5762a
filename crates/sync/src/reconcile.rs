//! Reading again what our lines are in, on a schedule, after pushes and whenever somebody asks: between pushes, a project
//! at a time, under a lease.
//!
//! A quiet project costs two requests: the events that changed since the last time, and those that are deleted. Once a
//! day the whole list is read, because what was purged is in neither. Where many single events are due, one list serves
//! them all.

use std::collections::{BTreeMap, BTreeSet};

use domain::role::{Actor, Rights};
use jiff::{SignedDuration, Timestamp};
use procore::{
    ChangeEventFilter, Deleted, Window,
    model::{ChangeEvent, ChangeEventId, Listed, ProjectId},
};
use store::{
    StoreError,
    repo::{mapping::Mapping, watch::WatchClaim},
};

use crate::{
    Context, Error,
    connection::{self, behind_people},
    link::{
        event_now::settled,
        observe,
        reading::{ReadOutcome, Reading},
    },
};

/// How far Procore's clock may be from ours.
const CLOCKS: SignedDuration = SignedDuration::from_mins(15);
/// A whole list is read when the last one is older.
const WHOLE_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// So many single events are read one by one; more of them as one list.
const ONE_BY_ONE: usize = 3;
/// When a reading that failed is tried again.
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// Told on the project's page when nobody can be read as.
const NOBODY: &str = "Changes in Procore go unnoticed: nobody who runs this project is signed in to Procore. Sign in to \
     Procore, or ask a Project Manager of this office to.";

/// Told on the project's page when Procore's answer makes no sense.
const UNEXPLAINED: &str = "Changes in Procore go unnoticed: Procore's answer could not be understood. It was noted for whoever \
     looks after this installation, and is tried again.";

/// Claims the project that has been due longest and reads it. `false` when nothing was due.
pub async fn step(context: &Context) -> Result<bool, Error> {
    let now = context.now();
    let (lease, day_ago) = (lease(context, now), now.saturating_sub(WHOLE_AFTER).unwrap_or(now));
    let Some(claim) = context.store.write(move |tx| tx.claim_watch(now, lease, day_ago)).await? else {
        return Ok(false);
    };
    match read(context, &claim).await {
        Ok(()) => {
            let next = now.saturating_add(context.settings.reconcile_every).unwrap_or(Timestamp::MAX);
            let read_to = claim.everything.then_some(now);
            context.store.write(move |tx| tx.finish_watch(&claim, read_to, next)).await?;
        }
        Err(error) => {
            let again = now.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
            let trouble = match &error {
                // Passes by itself; what was told before stays told.
                Error::ProcoreUnavailable(_) => String::new(),
                Error::Unreadable(because) => {
                    tracing::error!(project = %claim.project, because, "a project's reading can't be read and was set aside");
                    let because = because.clone();
                    context.store.write(move |tx| tx.set_reading_aside(claim.project, claim.company, &because)).await?;
                    return Ok(true);
                }
                // Procore answered what no document explains: this project waits, the others are read.
                Error::Internal(_) => {
                    tracing::error!(project = %claim.project, %error, "a project can't be read in Procore");
                    UNEXPLAINED.to_owned()
                }
                Error::Storage(..) => return Err(error),
                told => told.to_string(),
            };
            context.store.write(move |tx| tx.postpone_watch(&claim, &trouble, again)).await?;
        }
    }
    Ok(true)
}

/// Long enough for a list of many pages.
fn lease(context: &Context, now: Timestamp) -> Timestamp {
    let call = SignedDuration::try_from(context.settings.procore_timeout).unwrap_or(SignedDuration::from_secs(30));
    now.saturating_add(call * 20).unwrap_or(now)
}

async fn read(context: &Context, claim: &WatchClaim) -> Result<(), Error> {
    let (mapping, readers) = who(context, claim).await?;
    let mut last = Error::Conflict(NOBODY.to_owned());
    for reader in readers {
        match read_as(context, claim, &mapping, &reader).await {
            // This one lost the sign-in, or may not see the project there: perhaps another one may.
            Err(error @ (Error::SignInToProcore(_) | Error::ProcoreRefused(_))) => last = unread(error),
            done => return done,
        }
    }
    Err(last)
}

fn unread(error: Error) -> Error {
    match error {
        Error::ProcoreRefused(why) => Error::Conflict(format!("Changes in Procore go unnoticed. {why}")),
        _ => Error::Conflict(NOBODY.to_owned()),
    }
}

/// Where the project is in Procore, and the people it may be read as.
async fn who(context: &Context, claim: &WatchClaim) -> Result<(Mapping, Vec<Actor>), Error> {
    let claim = claim.clone();
    context
        .store
        .read(move |tx| {
            let mut us = tx.of(claim.company);
            let mut actors = Vec::new();
            for id in us.readers(claim.project)? {
                let person = match us.person(id) {
                    // Somebody else reads it.
                    Err(StoreError::Corrupt(_)) => None,
                    person => person?,
                };
                if let Some(p) = person {
                    let Some(project) = us.project(claim.project, id)? else { continue };
                    let actor = Actor {
                        person: p.id,
                        company: claim.company,
                        role: p.role,
                        office: p.office,
                        name: p.name,
                        rights: Rights::All,
                    };
                    actors.push((actor, project));
                }
            }
            let Some((_, project)) = actors.first() else { return Err(Error::Conflict(NOBODY.to_owned())) };
            let mapping = connection::live_mapping(&mut us, claim.project, project.standing())?;
            Ok((mapping, actors.into_iter().map(|(actor, _)| actor).collect()))
        })
        .await
}

async fn read_as(context: &Context, claim: &WatchClaim, mapping: &Mapping, reader: &Actor) -> Result<(), Error> {
    let call = Call { context, claim, mapping, reader };
    let (company, project) = (claim.company, claim.project);
    settled(context, company, project, None).await?;
    let (linked, pushed, awaits) = context
        .store
        .read(move |tx| {
            let mut us = tx.of(company);
            Ok::<_, Error>((us.linked_events(project)?, us.has_links(project)?, us.awaits_event(project)?))
        })
        .await?;
    let mut due: BTreeSet<i64> =
        claim.events.iter().copied().filter(|event| awaits || linked.contains(event)).collect();
    // A push that was refused is tied to no event, and yet its request may have been carried out since.
    if claim.everything && pushed {
        let seen = call.changed().await?;
        due.retain(|event| !seen.contains(event));
    }
    if due.len() > ONE_BY_ONE { call.whole(&due).await } else { call.one_by_one(&due).await }
}

/// What the whole list says of an event that does not answer by itself.
fn listed(all: Listed<ChangeEvent>, event: i64) -> ReadOutcome {
    if let Some(found) = all.records.into_iter().find(|listed| listed.id.0 == event) {
        return found.into();
    }
    if let Some(odd) = all.odd.iter().find(|odd| odd.id == Some(event)) {
        return odd.into();
    }
    // One without an id may be this one.
    match all.odd.iter().find(|odd| odd.id.is_none()) {
        Some(odd) => {
            ReadOutcome::Odd { name: String::new(), why: format!("a record of the list may be it, and {}", odd.why) }
        }
        None => ReadOutcome::Hidden,
    }
}

struct Call<'a> {
    context: &'a Context,
    claim: &'a WatchClaim,
    mapping: &'a Mapping,
    reader: &'a Actor,
}

impl Call<'_> {
    /// Everything that changed since the last time, deleted events included. Answers which events were read.
    async fn changed(&self) -> Result<BTreeSet<i64>, Error> {
        let now = self.context.now();
        let Some(read_to) = self.claim.read_to.filter(|_| !self.claim.whole) else {
            let linked = self.linked().await?;
            self.whole(&linked).await?;
            return Ok(linked);
        };
        // As far back over the reading before as lists may lag behind: what comes late bears the time at which it was made.
        let overlap = CLOCKS + self.context.settings.push_list_lag;
        let window = Window {
            from: read_to.saturating_sub(overlap).unwrap_or(read_to),
            to: now.saturating_add(CLOCKS).unwrap_or(now),
        };
        let changed = ChangeEventFilter { updated_at: Some(window), deleted: Deleted::With, ..Default::default() };
        let mut found = self.list(changed).await?;
        // Whether a deletion counts as a change of the event is documented nowhere.
        let gone = self.list(ChangeEventFilter { deleted: Deleted::Only, ..Default::default() }).await?;
        found.records.extend(gone.records);
        found.odd.extend(gone.odd);
        self.store(found, now).await
    }

    /// The whole list. Of `wanted`, what it lacks is asked for by id before it is called gone.
    async fn whole(&self, wanted: &BTreeSet<i64>) -> Result<(), Error> {
        let now = self.context.now();
        let found = self.list(ChangeEventFilter { deleted: Deleted::With, ..Default::default() }).await?;
        let seen = self.store(found, now).await?;
        let missing = wanted.difference(&seen).copied().collect();
        self.one_by_one(&missing).await
    }

    async fn one_by_one(&self, events: &BTreeSet<i64>) -> Result<(), Error> {
        let project = ProjectId(self.mapping.procore_project_id);
        for event in events {
            let (read_at, id) = (self.context.now(), ChangeEventId(*event));
            let account = Some(self.mapping.procore_company_id);
            let answer = behind_people(self.context, self.reader, account, |session| async move {
                ReadOutcome::of(session.change_event(project, id, true).await)
            });
            let mut found = answer.await?.value;
            if matches!(found, ReadOutcome::Hidden) {
                // A project, or an event, that this person may not see answers as one that is gone: the list decides.
                let all = self.list(ChangeEventFilter { deleted: Deleted::With, ..Default::default() }).await?;
                found = listed(all, *event);
            }
            let reading = Reading { event: *event, found, read_at };
            observe::observe(self.context, self.claim.company, self.claim.project, vec![reading]).await?;
        }
        Ok(())
    }

    async fn list(&self, filter: ChangeEventFilter) -> Result<Listed<ChangeEvent>, Error> {
        let project = ProjectId(self.mapping.procore_project_id);
        let account = Some(self.mapping.procore_company_id);
        let call = |session: procore::Session| async move { session.change_events(project, &filter).await };
        Ok(behind_people(self.context, self.reader, account, call).await?.value)
    }

    async fn linked(&self) -> Result<BTreeSet<i64>, Error> {
        let (company, project) = (self.claim.company, self.claim.project);
        Ok(self.context.store.read(move |tx| tx.of(company).linked_events(project)).await?.into_iter().collect())
    }

    /// Stores what a list holds, odd records that bear an id included. Answers which events it holds.
    async fn store(&self, listed: Listed<ChangeEvent>, read_at: Timestamp) -> Result<BTreeSet<i64>, Error> {
        for odd in listed.odd.iter().filter(|odd| odd.id.is_none()) {
            let project = self.mapping.procore_project_id;
            tracing::warn!(project, why = odd.why, "a change event of a list could not be read");
        }
        let odd = listed.odd.iter().filter_map(|odd| Some((odd.id?, ReadOutcome::from(odd))));
        let mut by_id: BTreeMap<i64, ReadOutcome> = odd.collect();
        by_id.extend(listed.records.into_iter().map(|event| (event.id.0, ReadOutcome::from(event))));
        let seen = by_id.keys().copied().collect();
        let readings = by_id.into_iter().map(|(event, found)| Reading { event, found, read_at }).collect();
        observe::observe(self.context, self.claim.company, self.claim.project, readings).await?;
        Ok(seen)
    }
}
