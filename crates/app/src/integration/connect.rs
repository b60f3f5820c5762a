//! An office's Procore integration: connecting an account, checking and disconnecting it.

use domain::{OfficeId, role::Actor, security::SecurityEventKind};
use jiff::Timestamp;
use procore::model;
use store::{
    CompanyTx,
    repo::{
        company::Office,
        integration::{Integration, OfficeFacts},
        rate::{Account as Limited, RateLeft},
        webhook::OfficeHooks,
    },
};
use sync::connection::{
    reading,
    tokens::{self, SignInHealth},
};

use super::acting::{Offered, unread};
use crate::{
    App, Error,
    push::resume::{hold_office, hurry_office, resume_office},
    security::SecurityNote,
};

/// A Procore account that the actor can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleAccount {
    /// Procore's id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// What the integration page shows without asking Procore.
#[derive(Debug, Clone)]
pub struct OfficeIntegration {
    /// The office.
    pub office: Office,
    /// Its connection.
    pub integration: Option<Integration>,
    /// The sign-in of the person who connected it.
    pub connector: SignInHealth,
    /// The actor's own sign-in.
    pub own: SignInHealth,
    /// What depends on the connection.
    pub facts: OfficeFacts,
    /// The API calls left for the account, if Procore said so recently.
    pub left: Option<RateLeft>,
    /// When the account's pause ends: Procore asked for it, or the limit is used up.
    pub held_until: Option<Timestamp>,
    /// The state of the office's webhooks; `None` if webhooks are off.
    pub hooks: Option<OfficeHooks>,
    /// Why the actor may not change it; empty if they may.
    pub denied: String,
}

/// The result of disconnecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disconnected {
    /// Pushes that wait until the office is connected again.
    pub parked: u64,
    /// Sign-ins that we ended.
    pub ended: usize,
    /// Those whose end Procore confirmed.
    pub revoked: usize,
}

/// The connection of an office and the sign-ins around it.
pub async fn look(app: &App, actor: &Actor, office: OfficeId) -> Result<OfficeIntegration, Error> {
    let (company, person) = (actor.company, actor.person);
    let (now, timeout) = (app.now(), app.settings.procore_timeout);
    let (denied, client) = (super::acting::greyed(actor.may_integrate(office)), app.procore.client_id().to_owned());
    let hooked = app.settings.webhooks;
    app.store
        .read(move |tx| {
            let mut us = tx.of(company);
            let office = us.office(office)?.ok_or(Error::NotFound)?;
            let integration = us.integration(office.id)?;
            let health = |us: &mut CompanyTx<'_>, person| -> Result<SignInHealth, Error> {
                let login = us.login_of(person)?;
                Ok(login.map_or(SignInHealth::None, |login| tokens::health_of(&login, now, timeout)))
            };
            let connector = match &integration {
                Some(integration) => health(&mut us, integration.connected_by)?,
                None => SignInHealth::None,
            };
            let own = health(&mut us, person)?;
            let account = integration.as_ref().map_or(0, |integration| integration.procore_company_id);
            let limits = Limited { client: client.clone(), procore_company: account };
            let facts = us.office_facts(office.id, account)?;
            let hooks = if hooked { Some(us.office_hooks(office.id)?) } else { None };
            let budget = tx.rate_budget(&limits)?;
            let left = budget.nearest(now).map(|(remaining, resets_at)| RateLeft { remaining, resets_at });
            let held_until = budget.held_until(now);
            Ok(OfficeIntegration { office, integration, connector, own, facts, left, held_until, hooks, denied })
        })
        .await
}

/// The Procore accounts that the actor can see, by name, active ones only.
pub async fn accounts(app: &App, actor: &Actor) -> Result<Offered<VisibleAccount>, Error> {
    let companies = reading(app, actor, None, |session| async move { session.companies().await }).await?.value;
    let active = companies.records.into_iter().filter(|c| c.is_active);
    let mut choices: Vec<_> = active.map(|c| VisibleAccount { id: c.id.0, name: c.name }).collect();
    choices.sort_by(|a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()).then(a.id.cmp(&b.id)));
    Ok(Offered { choices, unread: companies.odd.iter().map(unread).collect() })
}

/// Connects an office to an account, or to another one. Sends a request first: Procore's sign-in works even if nobody
/// installed the app in the account, and every later call would fail.
pub async fn connect(app: &App, actor: &Actor, office: OfficeId, account: i64) -> Result<(), Error> {
    actor.may_integrate(office)?;
    let company = actor.company;
    let before = app.store.read(move |tx| tx.of(company).integration(office)).await?;
    let account = accounts(app, actor).await?.choices.into_iter().find(|a| a.id == account);
    let account = account.ok_or_else(|| Error::invalid("account", "Choose one of your Procore accounts."))?;
    let id = model::CompanyId(account.id);
    reading(app, actor, Some(account.id), move |session| async move { session.projects(id).await }).await?;

    let new = Integration {
        office,
        procore_company_id: account.id,
        procore_company: account.name,
        connected_by: actor.person,
        connected_by_name: actor.name.clone(),
        connected_at: app.now(),
    };
    let quarantine = app.settings.push_quarantine;
    let note = SecurityNote::new(app, actor, SecurityEventKind::OfficeConnected);
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            let found = us.office(office)?.ok_or(Error::NotFound)?;
            if let Some(before) = before.as_ref().filter(|b| b.procore_company_id != new.procore_company_id) {
                let mapped = us.office_facts(office, before.procore_company_id)?.mapped;
                if mapped > 0 {
                    return Err(Error::invalid(
                        "account",
                        format!(
                            "{mapped} of this office's projects are mapped to {}. Remove their mappings first.",
                            before.procore_company
                        ),
                    ));
                }
            }
            us.set_integration(&new)?;
            note.keep(&mut us, &format!("{} → {}", found.name, new.procore_company))?;
            us.unpark_office_queue(office, new.procore_company_id)?;
            resume_office(&mut us, office, new.procore_company_id, new.connected_at, quarantine)?;
            Ok::<_, Error>(())
        })
        .await?;
    app.wake.notify_one();
    Ok(())
}

/// Disconnects an office: its pushes wait, sign-ins that no other office uses end, mappings and links stay.
pub async fn disconnect(app: &App, actor: &Actor, office: OfficeId) -> Result<Disconnected, Error> {
    actor.may_integrate(office)?;
    let (company, now) = (actor.company, app.now());
    let hooks = app.store.read(move |tx| tx.of(company).webhooks_of_office(office)).await?;
    // Remove webhooks while the sign-ins still work; the rest is removed later.
    let unhooked = sync::webhooks::remove_now(app, &hooks).await;
    let note = SecurityNote::new(app, actor, SecurityEventKind::OfficeDisconnected);
    let (parked, ended) = app
        .store
        .write(move |tx| {
            let mut us = tx.of(company);
            let integration = us.integration(office)?.ok_or(Error::NotFound)?;
            let ended = us.logins_only_for(office)?;
            let parked = hold_office(&mut us, office, integration.procore_company_id, now)?;
            for login in &ended {
                us.delete_login(login.id)?;
            }
            us.remove_integration(office)?;
            note.keep(&mut us, &integration.procore_company)?;
            for hook in &unhooked {
                tx.forget_webhook_at_rest(hook, now)?;
            }
            for hook in &hooks {
                tx.let_webhook_go(hook.id, now)?;
            }
            Ok::<_, Error>((parked, ended))
        })
        .await?;
    let revoked = tokens::revoke(app, &ended).await;
    Ok(Disconnected { parked, ended: ended.len(), revoked })
}

/// Ends the pause of an office's account and resumes its pushes at once. Returns how many.
pub async fn end_wait(app: &App, actor: &Actor, office: OfficeId) -> Result<usize, Error> {
    actor.may_integrate(office)?;
    let (company, now, client) = (actor.company, app.now(), app.procore.client_id().to_owned());
    let hurried = app
        .store
        .write(move |tx| {
            let account = tx.of(company).integration(office)?.ok_or(Error::NotFound)?.procore_company_id;
            tx.lift_wait(&Limited { client: client.clone(), procore_company: account }, now)?;
            hurry_office(&mut tx.of(company), office, account, now)
        })
        .await?;
    tracing::info!(%office, by = %actor.person, "a pause that Procore asked for was ended by hand");
    app.wake.notify_one();
    Ok(hurried)
}

/// Checks that the connection works for the actor, and returns how many projects they see. If the connecting person's
/// sign-in has ended, the actor takes their place.
pub async fn check(app: &App, actor: &Actor, office: OfficeId) -> Result<usize, Error> {
    actor.may_integrate(office)?;
    let page = look(app, actor, office).await?;
    let integration = page.integration.ok_or(Error::NotFound)?;
    let id = model::CompanyId(integration.procore_company_id);
    let seen = reading(app, actor, Some(id.0), move |session| async move { session.projects(id).await }).await?.value;
    let taken_over = (!page.connector.is_live()).then(|| Integration {
        connected_by: actor.person,
        connected_by_name: actor.name.clone(),
        connected_at: app.now(),
        ..integration
    });
    let (company, now, quarantine) = (actor.company, app.now(), app.settings.push_quarantine);
    app.store
        .write(move |tx| {
            let mut us = tx.of(company);
            if let Some(new) = &taken_over {
                us.set_integration(new)?;
            }
            // It works, so pushes that found the app missing continue.
            resume_office(&mut us, office, id.0, now, quarantine)
        })
        .await?;
    app.wake.notify_one();
    Ok(seen.len())
}
