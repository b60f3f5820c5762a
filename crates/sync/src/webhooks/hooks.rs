//! Looks after our hooks at Procore: makes those that are wanted, verifies those there are, removes those that go.
//!
//! A hook is known at Procore by its address, which holds our id of it. So nothing has to be remembered of a request
//! whose answer was lost: the next pass lists the hooks, keeps one with that address and removes its doubles. Its secret
//! is made and sealed before the first request, so a hook that was made by a lost request has the right one.

use domain::{Entropy, WebhookId};
use jiff::SignedDuration;
use secrecy::SecretString;
use store::repo::webhook::{Unhooked, Webhook, WebhookState};

use super::hook_calls::{HookCalls, place};
use crate::{Context, Error, vault};

/// The path that deliveries come to, before the hook's id.
pub const PATH: &str = "/procore/webhooks/";

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

/// Brings what is wanted up to date and looks after one hook that is due. `false` when none was.
pub async fn step(context: &Context) -> Result<bool, Error> {
    plan(context).await?;
    let now = context.now();
    let until = now.saturating_add(LEASE).unwrap_or(now);
    let Some(hook) = context.store.write(move |tx| tx.claim_webhook(now, until)).await? else { return Ok(false) };
    if let Err(error) = tend(context, &hook).await {
        troubled(context, hook, error).await?;
    }
    Ok(true)
}

/// The address of our hooks without their id; nothing where Procore is not to deliver.
fn base(context: &Context) -> Option<String> {
    let public = context.settings.public_url.as_str().trim_end_matches('/');
    context.settings.webhooks.then(|| format!("{public}{PATH}"))
}

/// Wants a hook for every mapped project of a connected office, and lets go of the others.
async fn plan(context: &Context) -> Result<(), Error> {
    let wanted = base(context);
    let address = wanted.clone().unwrap_or_default();
    let (unwanted, unhooked) =
        context.store.read(move |tx| Ok::<_, Error>((tx.unwanted_webhooks(&address)?, tx.unhooked()?))).await?;
    let now = context.now();
    if !unwanted.is_empty() {
        context.store.write(move |tx| unwanted.iter().try_for_each(|id| tx.let_webhook_go(*id, now))).await?;
    }
    let Some(base) = wanted.filter(|_| !unhooked.is_empty()) else { return Ok(()) };
    let new: Vec<Webhook> = unhooked.into_iter().map(|project| fresh(context, project, &base)).collect();
    Ok(context.store.write(move |tx| new.iter().try_for_each(|hook| tx.of(hook.company).want_webhook(hook))).await?)
}

/// A hook with a secret of its own.
fn fresh(context: &Context, of: Unhooked, base: &str) -> Webhook {
    let (now, entropy): (_, &dyn Entropy) = (context.now(), &*context.entropy);
    let id = WebhookId::fresh(now, entropy);
    let secret = SecretString::from(format!("Bearer {}", vault::fresh(entropy)));
    Webhook {
        id,
        company: of.company,
        project: of.project,
        procore_company_id: of.procore_company_id,
        procore_project_id: of.procore_project_id,
        base: base.to_owned(),
        secret: context.vault.seal(entropy, &place(id), &secret),
        state: WebhookState::Wanted,
        fence: 0,
        created_at: now,
        verified_at: None,
    }
}

async fn tend(context: &Context, hook: &Webhook) -> Result<(), Error> {
    let calls = HookCalls::of(context, hook).await?;
    if hook.state == WebhookState::Going {
        calls.remove(hook).await?;
        let gone = hook.clone();
        return Ok(context.store.write(move |tx| tx.forget_webhook(&gone)).await?);
    }
    if context.vault.open(&place(hook.id), &hook.secret).is_err() {
        // Another one, with a secret that can be opened, takes its place.
        let (id, now) = (hook.id, context.now());
        return Ok(context.store.write(move |tx| tx.let_webhook_go(id, now)).await?);
    }
    let found = calls.ensure(hook).await?;
    let (live, now) = (hook.clone(), context.now());
    let next = now.saturating_add(VERIFY).unwrap_or(now);
    context
        .store
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
pub async fn remove_now(context: &Context, hooks: &[Webhook]) -> Vec<Webhook> {
    let mut gone = Vec::new();
    for hook in hooks {
        let removed = async { HookCalls::of(context, hook).await?.remove(hook).await };
        match removed.await {
            Ok(()) => gone.push(hook.clone()),
            Err(error) => tracing::warn!(webhook = %hook.id, %error, "a hook could not be removed at once"),
        }
    }
    gone
}

async fn troubled(context: &Context, hook: Webhook, error: Error) -> Result<(), Error> {
    let now = context.now();
    let (trouble, wait) = match &error {
        Error::ProcoreUnavailable(_) => (String::new(), SOON.max(context.settings.push_quarantine)),
        Error::Unreadable(because) => {
            let because = because.clone();
            return Ok(context.store.write(move |tx| tx.set_hook_aside(hook.id, &because)).await?);
        }
        Error::Internal(_) | Error::Storage(..) => return Err(error),
        told => (told.to_string(), LATER),
    };
    tracing::info!(webhook = %hook.id, %error, "a hook is tried again later");
    let again = now.saturating_add(wait).unwrap_or(now);
    let stale = hook.state == WebhookState::Going && now.duration_since(hook.created_at) > FORGET;
    context
        .store
        .write(
            move |tx| if stale { tx.forget_webhook(&hook) } else { tx.webhook_is_in_trouble(&hook, &trouble, again) },
        )
        .await
        .map_err(Error::from)
}
