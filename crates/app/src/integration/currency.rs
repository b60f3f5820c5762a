//! The currency of the mapped Procore project: read if Procore names it, else stated by the person who maps the project.

use domain::{
    Currency, ProjectId,
    procore::currency::{KnownCurrency, is},
    role::Actor,
};
use procore::{Answered, Session, model};
use store::{CompanyTx, repo::mapping::Mapping};

use super::{acting::visible_project, change_events, project_mapping};
use crate::{App, Error, feed::own_entry};
use sync::connection::reading;

/// The currency in Procore's settings for a project.
#[derive(Debug, Default)]
pub(crate) struct NamedCurrency {
    /// ISO 4217; empty if they name none.
    code: String,
    /// Whether every setting that could name another one answered.
    whole: bool,
}

impl NamedCurrency {
    /// Procore's answer.
    fn answered(code: impl Into<String>) -> Self {
        Self { code: code.into(), whole: true }
    }

    /// The answer; may be empty.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// Stores it. A setting that could not be read doesn't replace an earlier answer.
    pub(crate) fn keep(&self, us: &mut CompanyTx<'_>, project: ProjectId) -> Result<(), Error> {
        if self.whole || us.procore_currency(project)?.named.is_empty() {
            us.set_named_currency(project, &self.code)?;
        }
        Ok(())
    }
}

/// The currency that Procore names now: in its list of projects, else in its settings.
async fn named_now(app: &App, actor: &Actor, place: (i64, i64)) -> Result<NamedCurrency, Error> {
    let listed = match project_mapping::choices(app, actor, place.0).await {
        Ok(listed) => listed.choices.into_iter().find(|project| project.id == place.1),
        Err(Error::SignInToProcore(why)) => return Err(Error::SignInToProcore(why)),
        Err(error) => {
            tracing::debug!(%error, account = place.0, "Procore's projects can't be read");
            None
        }
    };
    named_beside(app, actor, place, &listed.map(|project| project.currency).unwrap_or_default()).await
}

/// The currency in the list of projects, else the one in the settings.
pub(crate) async fn named_beside(
    app: &App,
    actor: &Actor,
    place: (i64, i64),
    listed: &str,
) -> Result<NamedCurrency, Error> {
    if listed.is_empty() { named(app, actor, place).await } else { Ok(NamedCurrency::answered(listed)) }
}

/// Reads a project's currency from Procore's settings: its own, else that of a company whose projects share one.
async fn named(app: &App, actor: &Actor, (account, project): (i64, i64)) -> Result<NamedCurrency, Error> {
    let (company, project) = (model::CompanyId(account), model::ProjectId(project));
    let own =
        settings(app, actor, account, move |session| async move { session.project_currency(company, project).await });
    let own = own.await?;
    let own_answered = own.is_some();
    if let Some(code) = own.and_then(|settings| settings.currency) {
        return Ok(NamedCurrency::answered(code));
    }
    let of_company =
        settings(app, actor, account, move |session| async move { session.company_currency(company).await });
    let of_company = of_company.await?;
    let whole = own_answered && of_company.is_some();
    let of_company = of_company.filter(|settings| !settings.several);
    Ok(NamedCurrency { code: of_company.and_then(|settings| settings.currency).unwrap_or_default(), whole })
}

/// The known currency; read again from Procore if it contradicts `ours`, since somebody may have corrected it there. If it
/// can't be read, the known one stays.
pub(crate) async fn known_now(
    app: &App,
    actor: &Actor,
    mapping: &Mapping,
    ours: Currency,
) -> Result<KnownCurrency, Error> {
    let (company, project) = (actor.company, mapping.project);
    let known = async || app.store.read(move |tx| tx.of(company).known_currency(project)).await;
    let before = known().await?;
    if !stands_against(&before, ours) || actor.may_write().is_err() {
        return Ok(before);
    }
    match named_now(app, actor, (mapping.procore_company_id, mapping.procore_project_id)).await {
        Ok(named) => app.store.write(move |tx| named.keep(&mut tx.of(company), project)).await?,
        Err(Error::SignInToProcore(_)) => return Ok(before),
        Err(error) => return Err(error),
    }
    events_anew(app, actor, project, ours).await?;
    Ok(known().await?)
}

fn stands_against(known: &KnownCurrency, ours: Currency) -> bool {
    known.named.iter().any(|named| !is(named, ours))
}

/// Reads the project's change events again if one of them names another currency. If they can't be read, the known ones
/// stay.
pub(crate) async fn events_anew(app: &App, actor: &Actor, project: ProjectId, ours: Currency) -> Result<(), Error> {
    let company = actor.company;
    let named = app.store.read(move |tx| tx.of(company).currencies_of_events(project)).await?;
    if named.iter().all(|named| is(named, ours)) {
        return Ok(());
    }
    match change_events::refresh(app, actor, project).await {
        Err(Error::SignInToProcore(_) | Error::ProcoreRefused(_) | Error::ProcoreUnavailable(_)) => Ok(()),
        read => read,
    }
}

/// `None` if they can't be read, for any reason but a missing sign-in.
async fn settings<F>(
    app: &App,
    actor: &Actor,
    account: i64,
    call: impl Fn(Session) -> F + Send,
) -> Result<Option<model::CurrencySettings>, Error>
where
    F: Future<Output = Result<Answered<model::CurrencySettings>, procore::Error>> + Send,
{
    match reading(app, actor, Some(account), call).await.map_err(Error::from) {
        Ok(answered) => Ok(Some(answered.value)),
        Err(Error::SignInToProcore(why)) => Err(Error::SignInToProcore(why)),
        Err(error) => {
            tracing::debug!(%error, account, "Procore's currency settings can't be read");
            Ok(None)
        }
    }
}

/// States the currency of the mapped Procore project. If the actor is signed in, asks Procore first, and refuses if it names
/// another currency.
pub async fn state(app: &App, actor: &Actor, project: ProjectId, currency: Currency) -> Result<(), Error> {
    actor.may_write()?;
    let reader = actor.clone();
    let mapping = app
        .store
        .read(move |tx| {
            let mut us = tx.of(reader.company);
            let standing = visible_project(&mut us, &reader, project)?.standing();
            reader.may_map_project(standing)?;
            us.mapping(project)?
                .ok_or_else(|| Error::Conflict("Map this project to a Procore project first.".to_owned()))
        })
        .await?;
    let place = (mapping.procore_company_id, mapping.procore_project_id);
    let named = match named_now(app, actor, place).await {
        Ok(named) => named,
        Err(Error::SignInToProcore(_)) => NamedCurrency::default(),
        Err(error) => return Err(error),
    };
    events_anew(app, actor, project, currency).await?;
    let (shared, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let standing = visible_project(&mut us, &actor, project)?.standing();
            actor.may_map_project(standing)?;
            let now = us.mapping(project)?;
            if now.is_none_or(|now| (now.procore_company_id, now.procore_project_id) != place) {
                return Err(Error::Conflict(
                    "Somebody changed the mapping meanwhile. Reload the page and try again.".to_owned(),
                ));
            }
            named.keep(&mut us, project)?;
            stated(&shared, &mut us, &actor, project, currency)
        })
        .await
}

/// Stores the stated currency, in the transaction that maps the project or in one of its own.
pub(crate) fn stated(
    app: &App,
    us: &mut CompanyTx<'_>,
    actor: &Actor,
    project: ProjectId,
    currency: Currency,
) -> Result<(), Error> {
    if let Some(named) = us.known_currency(project)?.named.into_iter().find(|named| !is(named, currency)) {
        return Err(contradicted(&named));
    }
    if us.procore_currency(project)?.stated.is_some_and(|stated| stated.currency == currency) {
        return Ok(());
    }
    us.set_stated_currency(project, currency, actor.person, app.now())?;
    let text = format!("stated that the Procore project is kept in {}", currency.code());
    us.record(&own_entry(app, actor, project, text))?;
    Ok(())
}

/// The refusal if Procore names another currency than the person.
pub(crate) fn contradicted(named: &str) -> Error {
    Error::invalid(
        "currency",
        format!(
            "Procore names {named} as the currency of this project. Choose {named}, or correct it in Procore first."
        ),
    )
}
