//! The hooks themselves: how they are found, made, filled with triggers and removed at Procore.
//!
//! Nobody outside has seen every call work: Procore's newer version may be closed to an app or an account, and its call for
//! many triggers at once may be. So each no leads to the next way: one trigger at a time, then the older version.

use domain::{
    WebhookId,
    procore::budget::Priority,
    role::{Actor, Rights},
};
use procore::{
    Answered, Session,
    model::{Delivery, DeliveryStatus, Hook, HookApi, HookId, HookPlace, Listed, NewHook, ProjectId, Wanted},
};
use store::{StoreError, repo::webhook::Webhook};

use crate::{
    Context, Error,
    connection::{asking, told},
};

/// Our own name for our hooks at Procore.
const NAMESPACE: &str = "ledgerboard";
const NOBODY: &str = "Nobody of this company is signed in to Procore, so Procore can't be asked to tell us of changes.";
const INCOMPLETE: &str = "Procore did not take every trigger. The login needs the permission for webhooks in Procore.";

/// Each pass is an occasion of its own: it has listed the hooks before, and a hook that was removed at Procore must be made
/// again, not answered from memory.
fn occasion(hook: &Webhook) -> String {
    format!("hook {} {}", hook.id, hook.fence)
}

/// The place that a hook's secret is sealed for.
pub fn place(id: WebhookId) -> String {
    format!("webhook/{id}/secret")
}

/// What was found of a hook at Procore.
pub(super) struct HookReport {
    /// It was not there, or not active, and was made.
    pub(super) made: bool,
    /// Deliveries that failed since the last look and are still tried.
    pub(super) waiting: i64,
    /// Deliveries that were given up since the last look.
    pub(super) lost: i64,
}

/// A hook at Procore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct HookAt {
    at: HookPlace,
    id: HookId,
}

/// What is listed of a project's hooks.
struct ListedHooks {
    /// Those that could be read.
    hooks: Vec<(HookPlace, Hook)>,
    /// The one of ours that could not.
    odd: Option<HookAt>,
    /// The versions that may make one.
    open: Vec<HookPlace>,
}

/// The hook of ours that is listed and can't be read; an error when not even its id can.
fn odd_one(at: HookPlace, listed: &Listed<Hook>, hook: &Webhook) -> Result<Option<HookAt>, Error> {
    let Some(odd) = listed.odd.iter().find(|odd| odd.mentions(&hook.id.to_string())) else { return Ok(None) };
    let unread = || Error::ProcoreRefused(format!("The webhook at Procore could not be read: {}.", odd.why));
    odd.id.map(|id| Some(HookAt { at, id: HookId(id) })).ok_or_else(unread)
}

/// What Procore answers: `Err` where it says no.
type Said<T> = Result<T, Error>;

/// Somebody in whose name a hook is looked after.
pub(super) struct HookCalls<'a> {
    context: &'a Context,
    actor: Actor,
    account: i64,
}

impl<'a> HookCalls<'a> {
    pub(super) async fn of(context: &'a Context, hook: &Webhook) -> Result<Self, Error> {
        let (company, project) = (hook.company, hook.project);
        let person = context
            .store
            .read(move |tx| {
                let mut us = tx.of(company);
                for id in us.hands_for(project)? {
                    match us.person(id) {
                        // Somebody else can do it.
                        Err(StoreError::Corrupt(_)) => {}
                        person => return person,
                    }
                }
                Ok(None)
            })
            .await?
            .ok_or_else(|| Error::SignInToProcore(NOBODY.to_owned()))?;
        let actor = Actor {
            person: person.id,
            company,
            role: person.role,
            office: person.office,
            name: person.name,
            rights: Rights::All,
        };
        Ok(Self { context, actor, account: hook.procore_company_id })
    }

    /// Asks behind the people. The inner error is Procore's no, or an answer that is none of Procore's, after which another way
    /// may be tried; whatever passes by itself, or needs a person first, is the outer one. So is a list that is there and can't
    /// be read: the hook may stand in it, and a second one would be told of everything as well.
    async fn ask<T, F>(&self, call: impl Fn(Session) -> F + Send) -> Result<Said<T>, Error>
    where
        F: Future<Output = Result<Answered<T>, procore::Error>> + Send,
        T: Send,
    {
        use procore::Error as E;
        match asking(self.context, &self.actor, Some(self.account), Priority::Background, call).await? {
            Ok(answer) => Ok(Ok(answer.value)),
            Err(
                no @ (E::NotFound
                | E::NoSuchPath
                | E::Forbidden(_)
                | E::Refused { .. }
                | E::Unexpected(_)
                | E::Misused(_)),
            ) => Ok(Err(told(no))),
            Err(other) => Err(told(other)),
        }
    }

    /// The hooks of ours in a project, and the versions that may make one. The older version is asked only where the newer
    /// shows none with our address: nobody knows whether both show the same hook under the same id, and the one hook that is
    /// there must not be taken for its own double.
    async fn list(&self, hook: &Webhook) -> Result<ListedHooks, Error> {
        let (mut seen, mut refused) = (ListedHooks { hooks: Vec::new(), odd: None, open: Vec::new() }, None);
        for api in HookApi::BOTH {
            let at = HookPlace { project: ProjectId(hook.procore_project_id), api };
            let ours = |(_, there): &(_, Hook)| there.destination_url == hook.destination();
            let found = seen.odd.is_some() || seen.hooks.iter().any(ours);
            match if found { Ok(Listed::default()) } else { self.listed(at).await? } {
                Ok(listed) => {
                    seen.odd = seen.odd.or(odd_one(at, &listed, hook)?);
                    seen.hooks.extend(listed.records.into_iter().map(|there| (at, there)));
                    seen.open.push(at);
                }
                Err(no) => refused = refused.or(Some(no)),
            }
        }
        match refused {
            Some(no) if seen.open.is_empty() => Err(no),
            _ => Ok(seen),
        }
    }

    async fn listed(&self, at: HookPlace) -> Result<Said<Listed<Hook>>, Error> {
        self.ask(move |session| async move { session.hooks(at, NAMESPACE).await }).await
    }

    /// Removes a hook. One that is gone already is as good.
    async fn delete(&self, there: HookAt) -> Result<(), Error> {
        let HookAt { at, id } = there;
        match asking(self.context, &self.actor, Some(self.account), Priority::Background, move |session| async move {
            session.delete_hook(at, id).await
        })
        .await?
        {
            Ok(_) | Err(procore::Error::NotFound) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }

    /// No hook with this address is left, in either version.
    pub(super) async fn remove(&self, hook: &Webhook) -> Result<(), Error> {
        let mut refused = Vec::new();
        for api in HookApi::BOTH {
            let at = HookPlace { project: ProjectId(hook.procore_project_id), api };
            match self.listed(at).await? {
                Ok(listed) => {
                    let ours = listed.records.iter().filter(|there| there.destination_url == hook.destination());
                    let mut all: Vec<HookAt> = ours.map(|there| HookAt { at, id: there.id }).collect();
                    all.extend(odd_one(at, &listed, hook)?);
                    for there in all {
                        self.delete(there).await?;
                    }
                }
                Err(no) => refused.push(no),
            }
        }
        match refused.pop() {
            Some(no) if refused.len() + 1 == HookApi::BOTH.len() => Err(no),
            _ => Ok(()),
        }
    }

    /// One hook with this address is there, active, and waits for everything it should.
    pub(super) async fn ensure(&self, hook: &Webhook) -> Result<HookReport, Error> {
        let ListedHooks { hooks, odd, open } = self.list(hook).await?;
        // One of ours that can't be read is there.
        let mut kept = odd;
        for (at, there) in hooks {
            let ours = there.destination_url == hook.destination();
            if ours && there.active && kept.is_none() {
                kept = Some(HookAt { at, id: there.id });
            } else if ours || self.is_orphan(hook, &there).await? {
                self.delete(HookAt { at, id: there.id }).await?;
            }
        }
        let made = kept.is_none();
        let there = self.one_that_is_told(hook, kept, &open).await?;
        let (waiting, lost) = self.failing(hook, there).await?;
        Ok(HookReport { made, waiting, lost })
    }

    /// The hook that is there, or one that is made, with all its triggers. A version that makes no hook, or gives it no
    /// trigger at all, gives way to the next; a hook without triggers would be told nothing, so it goes.
    async fn one_that_is_told(
        &self,
        hook: &Webhook,
        kept: Option<HookAt>,
        open: &[HookPlace],
    ) -> Result<HookAt, Error> {
        let mut no = Error::ProcoreRefused(INCOMPLETE.to_owned());
        for &at in open.iter().skip_while(|at| kept.is_some_and(|kept| kept.at != **at)) {
            let there = match kept.filter(|kept| kept.at == at) {
                Some(kept) => kept,
                None => match self.create(hook, at).await? {
                    Ok(id) => HookAt { at, id },
                    Err(refused) => {
                        no = refused;
                        continue;
                    }
                },
            };
            match self.complete(hook, there).await? {
                Triggers::All => return Ok(there),
                Triggers::Some => return Err(Error::ProcoreRefused(INCOMPLETE.to_owned())),
                Triggers::None(refused) => no = refused,
            }
            self.delete(there).await?;
        }
        Err(no)
    }

    /// A hook of this instance's address that nothing here knows of: its request was executed after all hope.
    async fn is_orphan(&self, hook: &Webhook, there: &Hook) -> Result<bool, Error> {
        let Some(id) = there.destination_url.strip_prefix(&hook.base) else { return Ok(false) };
        let Ok(id) = id.parse() else { return Ok(false) };
        Ok(!self.context.store.read(move |tx| tx.knows_webhook(id)).await?)
    }

    async fn create(&self, hook: &Webhook, at: HookPlace) -> Result<Said<HookId>, Error> {
        let new = NewHook {
            namespace: NAMESPACE.to_owned(),
            destination_url: hook.destination(),
            authorization: self.context.vault.open(&place(hook.id), &hook.secret)?,
        };
        let made = self.ask(|session| {
            let (new, occasion) = (new.clone(), occasion(hook));
            async move { session.create_hook(at, &new, &occasion).await }
        });
        Ok(made.await?.map(|made| made.id))
    }

    /// Asks for what a hook does not wait for yet: all at once, and one by one where that is refused or brings not all.
    async fn complete(&self, hook: &Webhook, there: HookAt) -> Result<Triggers, Error> {
        let HookAt { at, id } = there;
        let mut missing = self.missing(there).await?;
        if missing.len() > 1 && at.api == HookApi::V20 {
            let taken = self.ask(|session| {
                let (missing, occasion) = (missing.clone(), occasion(hook));
                async move { session.add_triggers(at, id, &missing, &occasion).await }
            });
            if taken.await?.is_ok() {
                missing = self.missing(there).await?;
            }
        }
        let mut refused = None;
        for wanted in &missing {
            let taken = self.ask(|session| {
                let (wanted, occasion) = (*wanted, occasion(hook));
                async move { session.add_trigger(at, id, wanted, &occasion).await }
            });
            if let Err(no) = taken.await? {
                refused = Some(no);
            }
        }
        if !missing.is_empty() {
            missing = self.missing(there).await?;
        }
        Ok(match (missing.len(), refused) {
            (0, _) => Triggers::All,
            (n, Some(no)) if n == Wanted::all().count() => Triggers::None(no),
            _ => Triggers::Some,
        })
    }

    async fn missing(&self, there: HookAt) -> Result<Vec<Wanted>, Error> {
        let HookAt { at, id } = there;
        let listed = self.ask(move |session| async move { session.triggers(at, id).await }).await??;
        let there: Vec<Wanted> = listed.records.iter().filter_map(procore::model::Trigger::wanted).collect();
        // One that can't be read is there all the same.
        let odd = |wanted: &Wanted| {
            let happened = format!("\"{}\"", wanted.happened.name());
            listed.odd.iter().any(|odd| odd.mentions(wanted.resource.name()) && odd.mentions(&happened))
        };
        Ok(Wanted::all().filter(|wanted| !there.contains(wanted) && !odd(wanted)).collect())
    }

    /// How many deliveries failed since the last look: still tried, and given up. How v1.0 tells of them is not known, so
    /// what it gave up is found by the reading on schedule.
    async fn failing(&self, hook: &Webhook, there: HookAt) -> Result<(i64, i64), Error> {
        let HookAt { at, id } = there;
        if at.api == HookApi::V10 {
            return Ok((0, 0));
        }
        let since = hook.verified_at.unwrap_or(hook.created_at);
        let deliveries = self.ask(move |session| async move { session.deliveries(at, id).await }).await??;
        for odd in &deliveries.odd {
            tracing::warn!(webhook = %hook.id, why = odd.why, "a delivery of a hook could not be read");
        }
        let count = |status: DeliveryStatus| {
            let fresh = |delivery: &&Delivery| {
                let last = delivery.attempts.records.iter().filter_map(|attempt| attempt.completed_at).max();
                delivery.status == status && last.is_none_or(|last| last >= since)
            };
            i64::try_from(deliveries.records.iter().filter(fresh).count()).unwrap_or(i64::MAX)
        };
        Ok((count(DeliveryStatus::Retrying), count(DeliveryStatus::Discarded)))
    }
}

/// What a hook waits for of what it should.
enum Triggers {
    /// Everything.
    All,
    /// Not everything.
    Some,
    /// Nothing; Procore's last no.
    None(Error),
}
