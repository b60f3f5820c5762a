//! The company itself and its offices.

use domain::{OfficeId, role::Actor, security::SecurityEventKind};
use store::{
    StoreError,
    repo::company::{Office, OfficeSummary},
};

use crate::{App, Error, FieldErrors, security::SecurityNote, typed};

/// The offices by name, with counts.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<OfficeSummary>, Error> {
    let company = actor.company;
    Ok(app.store.read(move |tx| tx.of(company).office_summaries()).await?)
}

/// One office.
pub async fn open(app: &App, actor: &Actor, id: OfficeId) -> Result<OfficeSummary, Error> {
    list(app, actor).await?.into_iter().find(|summary| summary.office.id == id).ok_or(Error::NotFound)
}

/// Adds an office.
pub async fn add(app: &App, actor: &Actor, name: &str) -> Result<OfficeId, Error> {
    actor.may_change_company()?;
    let mut errors = FieldErrors::default();
    let name = typed::name(&mut errors, "name", name);
    errors.check()?;
    let (company, now) = (actor.company, app.now());
    let office = Office { id: OfficeId::fresh(now, app.entropy.as_ref()), name };
    let id = office.id;
    let note = SecurityNote::new(app, actor, SecurityEventKind::OfficeAdded);
    let added = app
        .store
        .write(move |tx| {
            let mut us = tx.of(company);
            us.add_office(&office, now)?;
            note.keep(&mut us, &office.name)
        })
        .await;
    added.map(|()| id).map_err(taken)
}

/// Gives an office another name. An Admin may do it for theirs.
pub async fn rename(app: &App, actor: &Actor, id: OfficeId, name: &str) -> Result<(), Error> {
    actor.may_integrate(id)?;
    let mut errors = FieldErrors::default();
    let name = typed::name(&mut errors, "name", name);
    errors.check()?;
    let company = actor.company;
    let note = SecurityNote::new(app, actor, SecurityEventKind::Renamed);
    let renamed = app.store.write(move |tx| {
        let mut us = tx.of(company);
        us.rename_office(id, &name)?;
        note.keep(&mut us, &name)
    });
    renamed.await.map_err(taken)
}

/// Gives the company another name.
pub async fn rename_company(app: &App, actor: &Actor, name: &str) -> Result<(), Error> {
    actor.may_change_company()?;
    let mut errors = FieldErrors::default();
    let name = typed::name(&mut errors, "company", name);
    errors.check()?;
    let company = actor.company;
    let note = SecurityNote::new(app, actor, SecurityEventKind::Renamed);
    let renamed = app.store.write(move |tx| {
        let mut us = tx.of(company);
        us.rename(&name)?;
        note.keep(&mut us, &name)
    });
    Ok(renamed.await?)
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Conflict { .. } => Error::invalid("name", "Another office has this name."),
        StoreError::Expected1Row { .. } => Error::NotFound,
        other => other.into(),
    }
}
