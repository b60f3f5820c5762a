//! The currency of the Procore project that a project is mapped to: read where Procore names it, else stated once by whoever
//! maps the project.

use domain::{Currency, ProjectId, procore::currency::is, role::Actor};
use procore::{Answered, Session, model};
use store::CompanyTx;

use super::{
    acting::{reading, visible_project},
    map_project::entry,
};
use crate::{App, Error};

/// What Procore's settings name for a project.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// ISO 4217; empty where they name none.
    code: String,
    /// Whether every setting answered that could have named another one.
    whole: bool,
}

impl Named {
    /// What Procore itself answered.
    pub(super) fn answered(code: impl Into<String>) -> Self {
        Self { code: code.into(), whole: true }
    }

    /// What was answered; empty where nothing was.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// Stores it. A setting that could not be read replaces nothing that an answer named before.
    pub(super) fn keep(&self, us: &mut CompanyTx<'_>, project: ProjectId) -> Result<(), Error> {
        if self.whole || us.procore_currency(project)?.named.is_empty() {
            us.set_named_currency(project, &self.code)?;
        }
        Ok(())
    }
}

/// Asks Procore's settings for the currency of a project: its own, else that of a company whose projects all have one.
pub(super) async fn named(app: &App, actor: &Actor, (account, project): (i64, i64)) -> Result<Named, Error> {
    let (company, project) = (model::CompanyId(account), model::ProjectId(project));
    let own =
        settings(app, actor, account, move |session| async move { session.project_currency(company, project).await });
    let own = own.await?;
    let own_answered = own.is_some();
    if let Some(code) = own.and_then(|settings| settings.currency) {
        return Ok(Named::answered(code));
    }
    let of_company =
        settings(app, actor, account, move |session| async move { session.company_currency(company).await });
    let of_company = of_company.await?;
    let whole = own_answered && of_company.is_some();
    let of_company = of_company.filter(|settings| !settings.several);
    Ok(Named { code: of_company.and_then(|settings| settings.currency).unwrap_or_default(), whole })
}

/// Nothing where they can't be read, for whatever reason but a missing sign-in.
async fn settings<F>(
    app: &App,
    actor: &Actor,
    account: i64,
    call: impl Fn(Session) -> F + Send,
) -> Result<Option<model::CurrencySettings>, Error>
where
    F: Future<Output = Result<Answered<model::CurrencySettings>, procore::Error>> + Send,
{
    match reading(app, actor, Some(account), call).await {
        Ok(answered) => Ok(Some(answered.value)),
        Err(Error::SignInToProcore(why)) => Err(Error::SignInToProcore(why)),
        Err(error) => {
            tracing::debug!(%error, account, "Procore's currency settings can't be read");
            Ok(None)
        }
    }
}

/// States the currency of the Procore project that a project is mapped to. Procore is asked first, if the actor is signed in:
/// where it names another one, nothing is stored.
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
    let named = match named(app, actor, place).await {
        Ok(named) => named,
        Err(Error::SignInToProcore(_)) => Named::default(),
        Err(error) => return Err(error),
    };
    let (shared, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let standing = visible_project(&mut us, &actor, project)?.standing();
            actor.may_map_project(standing)?;
            let now = us.mapping(project)?;
            if now.is_none_or(|now| (now.procore_company_id, now.procore_project_id) != place) {
                return Err(Error::Conflict("The mapping was changed meanwhile. Please look again.".to_owned()));
            }
            named.keep(&mut us, project)?;
            stated(&shared, &mut us, &actor, project, currency)
        })
        .await
}

/// Stores what the actor states, within the unit of work that maps the project or of its own.
pub(super) fn stated(
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
    us.record(&entry(app, actor, project, text))?;
    Ok(())
}

/// The refusal where Procore names another currency than a person.
pub(super) fn contradicted(named: &str) -> Error {
    Error::invalid(
        "currency",
        format!(
            "Procore names {named} as the currency of this project. Choose {named}, or correct it in Procore first."
        ),
    )
}
