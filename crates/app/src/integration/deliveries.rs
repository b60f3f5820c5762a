//! Webhook deliveries: trusted only with the hook's secret, stored once, answered at once. A delivery carries no data; the
//! worker reads what changed.

use domain::WebhookId;
use procore::model::{Notice, Resource};
use secrecy::ExposeSecret as _;
use store::repo::{
    webhook::{Webhook, WebhookState},
    webhook_inbox::Delivered,
};
use subtle::ConstantTimeEq as _;
use sync::webhooks::place;

use crate::{App, Error};

/// The result of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// Stored, now or before.
    Stored,
    /// Not from Procore, or for an unknown hook; we don't say which.
    Refused,
}

/// Stores a delivery to the hook `id` if `authorization` is its secret.
pub async fn receive(
    app: &App,
    id: Option<WebhookId>,
    authorization: &[u8],
    body: &[u8],
) -> Result<DeliveryOutcome, Error> {
    let hook = match id {
        Some(id) => app.store.read(move |tx| tx.webhook(id)).await?,
        None => None,
    };
    let hook = hook.filter(|hook| hook.state != WebhookState::Going);
    // An unknown hook costs the same comparison as a known one.
    let expected = match &hook {
        Some(hook) => app.vault.open(&place(hook.id), &hook.secret).ok(),
        None => Some(format!("Bearer {}", "0".repeat(43)).into()),
    };
    let Some(expected) = expected else {
        // We can't trust deliveries to this hook any more: another one replaces it, and the project is read.
        let (hook, now) = (hook.map(|hook| hook.id), app.now());
        tracing::error!(?hook, "a hook's secret can't be opened with this key; another hook takes its place");
        app.store.write(move |tx| hook.map_or(Ok(()), |id| tx.let_webhook_go(id, now))).await?;
        return Ok(DeliveryOutcome::Refused);
    };
    let known: bool = bare(authorization).ct_eq(bare(expected.expose_secret().as_bytes())).into();
    let Some(hook) = hook.filter(|_| known) else { return Ok(DeliveryOutcome::Refused) };
    let Some(row) = row(app, &hook, body) else { return Ok(DeliveryOutcome::Stored) };
    let company = hook.company;
    app.store.write(move |tx| tx.of(company).store_delivery(&row)).await?;
    Ok(DeliveryOutcome::Stored)
}

/// A delivery as stored; `None` if it is useless. Never refuse either: Procore would stop delivering.
fn row(app: &App, hook: &Webhook, body: &[u8]) -> Option<Delivered> {
    let now = app.now();
    let blank = Delivered {
        webhook: hook.id,
        delivery: String::new(),
        company: hook.company,
        project: hook.project,
        event: None,
        line: None,
        application: String::new(),
        user: None,
        happened_at: None,
        received_at: now,
    };
    let notice = match Notice::read(body) {
        Ok(notice) => notice,
        Err(why) => {
            tracing::warn!(webhook = %hook.id, why, "a delivery cannot be read; its project is read again");
            return Some(Delivered { delivery: format!("unreadable at {now}"), ..blank });
        }
    };
    let elsewhere = notice.project.is_some_and(|project| project.0 != hook.procore_project_id);
    if elsewhere || notice.resource.is_none() {
        tracing::warn!(webhook = %hook.id, "a delivery is about something this hook doesn't watch");
        return None;
    }
    let line = (notice.resource == Some(Resource::ChangeEventLines)).then_some(notice.resource_id);
    Some(Delivered {
        delivery: notice.id,
        event: notice.change_event,
        line,
        application: notice.application.unwrap_or_default().chars().take(200).collect(),
        user: notice.user.map(|user| user.0),
        happened_at: notice.at,
        ..blank
    })
}

/// The secret without "Bearer ": Procore was seen to send it with and without that word.
fn bare(authorization: &[u8]) -> &[u8] {
    const WORD: &[u8] = b"Bearer ";
    match authorization.split_at_checked(WORD.len()) {
        Some((word, secret)) if word.eq_ignore_ascii_case(WORD) => secret,
        _ => authorization,
    }
}
