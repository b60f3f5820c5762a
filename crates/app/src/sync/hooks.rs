//! Looks after our hooks at Procore: makes those that are wanted, verifies those there are, removes those that go.
//!
//! A hook is known at Procore by its address, which holds our id of it. So nothing has to be remembered of a request
//! whose answer was lost: the next pass lists the hooks, keeps one with that address and removes its doubles. Its secret
//! is made and sealed before the first request, so a hook that was made by a lost request has the right one.

use domain::{
    Entropy, WebhookId,
    role::{Actor, Rights},
};
use jiff::SignedDuration;
use procore::model::{Delivery, DeliveryStatus, Hook, HookId, Listed, NewHook, ProjectId, Wanted};
use secrecy::SecretString;
use store::repo::webhook::{Unhooked, Webhook, WebhookState};

use crate::{
    App, Error,
    actions::{acting::behind_people, secret, webhooks},
};

/// Our own name for our hooks at Procore.
const NAMESPACE: &str = "ledgerboard";
/// How long a hook is held: longer than its requests can take.
const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// A hook that is as it should be is verified again after this.
const VERIFY: SignedDuration = SignedDuration::from_hours(24);
/// What passes by itself is tried again after this, or after the quarantine if that is longer.
const SOON: SignedDuration = SignedDuration::from_mins(2);
/// What a person has to mend is tried again after this.
const LATER: SignedDuration = SignedDuration::from_hours(1);
/// A hook that could not be removed for so long is forgotten: what it brings is refused anyway.
const FORGET: SignedDuration = SignedDuration::from_hours(24 * 30);

const NOBODY: &str = "Nobody of this company is signed in to Procore, so Procore can't be asked to tell us of changes.";
const INCOMPLETE: &str = "Procore did not take every trigger. The login needs the permission for webhooks in Procore.";

/// Brings what is wanted up to date and looks after one hook that is due. `false` when none was.
pub async fn step(app: &App) -> Result<bool, Error> {
    plan(app).await?;
    let now = app.now();
    let until = now.saturating_add(LEASE).unwrap_or(now);
    let Some(hook) = app.store.write(move |tx| tx.claim_webhook(now, until)).await? else { return Ok(false) };
    if let Err(error) = tend(app, &hook).await {
        troubled(app, hook, error).await?;
    }
    Ok(true)
}

/// The address of our hooks without their id; nothing where Procore is not to deliver.
fn base(app: &App) -> Option<String> {
    let public = app.settings.public_url.as_str().trim_end_matches('/');
    app.settings.webhooks.then(|| format!("{public}{}", webhooks::PATH))
}

/// Wants a hook for every mapped project of a connected office, and lets go of the others.
async fn plan(app: &App) -> Result<(), Error> {
    let wanted = base(app);
    let address = wanted.clone().unwrap_or_default();
    let (unwanted, unhooked) =
        app.store.read(move |tx| Ok::<_, Error>((tx.unwanted_webhooks(&address)?, tx.unhooked()?))).await?;
    let now = app.now();
    if !unwanted.is_empty() {
        app.store.write(move |tx| unwanted.iter().try_for_each(|id| tx.let_webhook_go(*id, now))).await?;
    }
    let Some(base) = wanted.filter(|_| !unhooked.is_empty()) else { return Ok(()) };
    let new: Vec<Webhook> = unhooked.into_iter().map(|project| fresh(app, project, &base)).collect();
    Ok(app.store.write(move |tx| new.iter().try_for_each(|hook| tx.of(hook.company).want_webhook(hook))).await?)
}

/// A hook with a secret of its own.
fn fresh(app: &App, of: Unhooked, base: &str) -> Webhook {
    let (now, entropy): (_, &dyn Entropy) = (app.now(), &*app.entropy);
    let id = WebhookId::fresh(now, entropy);
    let secret = SecretString::from(format!("Bearer {}", secret::fresh(entropy)));
    Webhook {
        id,
        company: of.company,
        project: of.project,
        procore_company_id: of.procore_company_id,
        procore_project_id: of.procore_project_id,
        base: base.to_owned(),
        secret: app.vault.seal(entropy, &webhooks::place(id), &secret),
        state: WebhookState::Wanted,
        fence: 0,
        created_at: now,
        verified_at: None,
    }
}

async fn tend(app: &App, hook: &Webhook) -> Result<(), Error> {
    let hands = Hands::of(app, hook).await?;
    if hook.state == WebhookState::Going {
        hands.remove(hook).await?;
        let gone = hook.clone();
        return Ok(app.store.write(move |tx| tx.forget_webhook(&gone)).await?);
    }
    let found = hands.ensure(hook).await?;
    let (live, now) = (hook.clone(), app.now());
    let next = now.saturating_add(VERIFY).unwrap_or(now);
    app.store
        .write(move |tx| {
            tx.webhook_is_live(&live, found.waiting + found.lost, now, next)?;
            if found.lost > 0 || found.made {
                // What was not brought, and what happened before anything was, is found by reading.
                let mut us = tx.of(live.company);
                if us.is_linked(live.project, None)? {
                    us.watch_soon(live.project, None, now)?;
                }
            }
            Ok(())
        })
        .await
}

/// Removes hooks at Procore at once, before the sign-ins that could do it end. Answers those that are gone; a worker sees
/// to the others whenever somebody is signed in.
pub async fn remove_now(app: &App, hooks: &[Webhook]) -> Vec<Webhook> {
    let mut gone = Vec::new();
    for hook in hooks {
        let removed = async { Hands::of(app, hook).await?.remove(hook).await };
        match removed.await {
            Ok(()) => gone.push(hook.clone()),
            Err(error) => tracing::warn!(webhook = %hook.id, %error, "a hook could not be removed at once"),
        }
    }
    gone
}

async fn troubled(app: &App, hook: Webhook, error: Error) -> Result<(), Error> {
    let now = app.now();
    let (trouble, wait) = match &error {
        Error::ProcoreUnavailable(_) => (String::new(), SOON.max(app.settings.push_quarantine)),
        Error::Unreadable(because) => {
            let because = because.clone();
            return Ok(app.store.write(move |tx| tx.set_hook_aside(hook.id, &because)).await?);
        }
        Error::Internal(_) | Error::Storage(..) => return Err(error),
        told => (told.sentence(), LATER),
    };
    tracing::info!(webhook = %hook.id, %error, "a hook is tried again later");
    let again = now.saturating_add(wait).unwrap_or(now);
    let stale = hook.state == WebhookState::Going && now.duration_since(hook.created_at) > FORGET;
    app.store
        .write(
            move |tx| if stale { tx.forget_webhook(&hook) } else { tx.webhook_is_in_trouble(&hook, &trouble, again) },
        )
        .await
        .map_err(Error::from)
}

/// Each pass is an occasion of its own: it has listed the hooks before, and a hook that was removed at Procore must be made
/// again, not answered from memory.
fn occasion(hook: &Webhook) -> String {
    format!("hook {} {}", hook.id, hook.fence)
}

/// The hook of ours that is listed and can't be read; an error when not even its id can.
fn odd_one(listed: &Listed<Hook>, hook: &Webhook) -> Result<Option<HookId>, Error> {
    let Some(odd) = listed.odd.iter().find(|odd| odd.mentions(&hook.id.to_string())) else { return Ok(None) };
    let unread = || Error::ProcoreRefused(format!("The webhook at Procore could not be read: {}.", odd.why));
    odd.id.map(|id| Some(HookId(id))).ok_or_else(unread)
}

/// What was found of a hook at Procore.
struct Found {
    /// It was not there, or not active, and was made.
    made: bool,
    /// Deliveries that failed since the last look and are still tried.
    waiting: i64,
    /// Deliveries that were given up since the last look.
    lost: i64,
}

/// Somebody in whose name a hook is looked after.
struct Hands<'a> {
    app: &'a App,
    actor: Actor,
    account: i64,
}

impl<'a> Hands<'a> {
    async fn of(app: &'a App, hook: &Webhook) -> Result<Self, Error> {
        let (company, project) = (hook.company, hook.project);
        let person = app
            .store
            .read(move |tx| {
                let mut us = tx.of(company);
                let Some(first) = us.hands_for(project)?.into_iter().next() else { return Ok(None) };
                us.person(first)
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
        Ok(Self { app, actor, account: hook.procore_company_id })
    }

    /// The hooks of ours in a project.
    async fn list(&self, hook: &Webhook) -> Result<Listed<Hook>, Error> {
        let project = ProjectId(hook.procore_project_id);
        let listed = behind_people(self.app, &self.actor, Some(self.account), move |session| async move {
            session.hooks(project, NAMESPACE).await
        });
        Ok(listed.await?.value)
    }

    async fn delete(&self, project: ProjectId, id: HookId) -> Result<(), Error> {
        let deleted = behind_people(self.app, &self.actor, Some(self.account), move |session| async move {
            session.delete_hook(project, id).await
        });
        deleted.await.map(|_| ())
    }

    /// No hook with this address is left.
    async fn remove(&self, hook: &Webhook) -> Result<(), Error> {
        let listed = self.list(hook).await?;
        let ours = listed.records.iter().filter(|there| there.destination_url == hook.destination());
        let mut all: Vec<HookId> = ours.map(|there| there.id).collect();
        all.extend(odd_one(&listed, hook)?);
        for id in all {
            self.delete(ProjectId(hook.procore_project_id), id).await?;
        }
        Ok(())
    }

    /// One hook with this address is there, active, and waits for everything it should.
    async fn ensure(&self, hook: &Webhook) -> Result<Found, Error> {
        let project = ProjectId(hook.procore_project_id);
        let listed = self.list(hook).await?;
        // One of ours that can't be read is there: a second one would be told of everything as well.
        let mut kept = odd_one(&listed, hook)?;
        for there in listed.records {
            let ours = there.destination_url == hook.destination();
            if ours && there.active && kept.is_none() {
                kept = Some(there.id);
            } else if ours || self.is_orphan(hook, &there).await? {
                self.delete(project, there.id).await?;
            }
        }
        let id = match kept {
            Some(id) => id,
            None => self.create(hook).await?,
        };
        let missing = self.missing(project, id).await?;
        if !missing.is_empty() {
            behind_people(self.app, &self.actor, Some(self.account), |session| {
                let (missing, occasion) = (missing.clone(), occasion(hook));
                async move { session.add_triggers(project, id, &missing, &occasion).await }
            })
            .await?;
            if !self.missing(project, id).await?.is_empty() {
                return Err(Error::ProcoreRefused(INCOMPLETE.to_owned()));
            }
        }
        let (waiting, lost) = self.failing(hook, id).await?;
        Ok(Found { made: kept.is_none(), waiting, lost })
    }

    /// A hook of this instance's address that nothing here knows of: its request was executed after all hope.
    async fn is_orphan(&self, hook: &Webhook, there: &Hook) -> Result<bool, Error> {
        let Some(id) = there.destination_url.strip_prefix(&hook.base) else { return Ok(false) };
        let Ok(id) = id.parse() else { return Ok(false) };
        Ok(!self.app.store.read(move |tx| tx.knows_webhook(id)).await?)
    }

    async fn create(&self, hook: &Webhook) -> Result<HookId, Error> {
        let project = ProjectId(hook.procore_project_id);
        let new = NewHook {
            namespace: NAMESPACE.to_owned(),
            destination_url: hook.destination(),
            authorization: self.app.vault.open(&webhooks::place(hook.id), &hook.secret)?,
        };
        let made = behind_people(self.app, &self.actor, Some(self.account), |session| {
            let (new, occasion) = (new.clone(), occasion(hook));
            async move { session.create_hook(project, &new, &occasion).await }
        });
        Ok(made.await?.value.id)
    }

    async fn missing(&self, project: ProjectId, id: HookId) -> Result<Vec<Wanted>, Error> {
        let listed = behind_people(self.app, &self.actor, Some(self.account), move |session| async move {
            session.triggers(project, id).await
        });
        let listed = listed.await?.value;
        let there: Vec<Wanted> = listed.records.iter().filter_map(procore::model::Trigger::wanted).collect();
        // One that can't be read is there all the same.
        let odd = |wanted: &Wanted| {
            let happened = format!("\"{}\"", wanted.happened.name());
            listed.odd.iter().any(|odd| odd.mentions(wanted.resource.name()) && odd.mentions(&happened))
        };
        Ok(Wanted::all().filter(|wanted| !there.contains(wanted) && !odd(wanted)).collect())
    }

    /// How many deliveries failed since the last look: still tried, and given up.
    async fn failing(&self, hook: &Webhook, id: HookId) -> Result<(i64, i64), Error> {
        let (project, since) = (ProjectId(hook.procore_project_id), hook.verified_at.unwrap_or(hook.created_at));
        let listed = behind_people(self.app, &self.actor, Some(self.account), move |session| async move {
            session.deliveries(project, id).await
        });
        let deliveries = listed.await?.value;
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
