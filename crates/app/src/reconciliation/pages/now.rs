//! The reconciliation of a project or of an office as it is now.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use axum_extra::extract::Form;
use domain::{OfficeId, ProjectId};
use serde::Deserialize;

use super::{
    Figures, RefusedSignature, RowsShown, frame,
    one_side::{MOST, ReconciliationPage},
    signed_url,
    whole_office::ReconciliationOffice,
    workbook, workbook_file,
};
use crate::{
    App, Error,
    integration::pages::project::events_age,
    log::pages::EventsAge,
    reconciliation::{self, NewSignature, Reconciliation, SignedScope},
    serving::{flash, forms, session::SignedIn, shell::shell, words},
};

/// The project or the office in the address.
#[derive(Deserialize)]
pub(crate) struct ScopePath {
    project: Option<ProjectId>,
    office: Option<OfficeId>,
}

impl ScopePath {
    fn scope(&self) -> Result<SignedScope, Error> {
        self.project.map(SignedScope::Project).or(self.office.map(SignedScope::Office)).ok_or(Error::NotFound)
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(of): Path<ScopePath>,
    Query(rows): Query<RowsShown>,
) -> Result<Response, Error> {
    let found = reconciliation::read(&app, &person.actor, of.scope()?).await?;
    draw(&app, &person, &found, &rows, &RefusedSignature::default()).await
}

pub(crate) async fn book(
    State(app): State<App>,
    person: SignedIn,
    Path(of): Path<ScopePath>,
) -> Result<Response, Error> {
    let found = reconciliation::read(&app, &person.actor, of.scope()?).await?;
    let now = app.now();
    workbook_file(found.scope, &found.report.of, words::today(now), workbook::written(&found.report, now, None)?)
}

pub(crate) async fn sign(
    State(app): State<App>,
    person: SignedIn,
    Path(of): Path<ScopePath>,
    Form(new): Form<NewSignature>,
) -> Result<Response, Error> {
    let (scope, note) = (of.scope()?, new.note.clone());
    let errors = match reconciliation::sign_off(&app, &person.actor, scope, new).await {
        Ok(id) => return Ok(flash::done(&signed_url(id), "Signed off. These figures can't change any more.")),
        Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => forms::refused_or_told(error)?,
        Err(error) => return Err(error),
    };
    let found = reconciliation::read(&app, &person.actor, scope).await?;
    let refused = RefusedSignature { note, errors };
    Ok(forms::unprocessable(draw(&app, &person, &found, &RowsShown::default(), &refused).await?))
}

async fn draw(
    app: &App,
    person: &SignedIn,
    found: &Reconciliation,
    rows: &RowsShown,
    refused: &RefusedSignature,
) -> Result<Response, Error> {
    let figures = Figures::Now(found, refused);
    let frame = frame(found.scope, figures.name(), "Reconciliation", true);
    let shell = shell(app, person, frame).await?;
    let Some(of) = &found.project else {
        return forms::page(&ReconciliationOffice { shell, figures, now: app.now() });
    };
    let side = rows.side(&found.sections);
    // The figures on the page are those that are signed: they are read again on a click, never behind the page.
    let age = match side {
        Some(_) => events_age(app, &person.actor, of.project.id).await?,
        None => None,
    };
    let place = of.mapping.as_ref().map(|m| (m.procore_company_id, m.procore_project_id));
    forms::page(&ReconciliationPage {
        shell,
        actor: &person.actor,
        figures,
        side,
        show: rows.category(),
        most: MOST,
        procore_url: place.map(|(company, project)| app.project_in_procore(company, project)),
        age: age.map(|age| EventsAge { stale: false, ..age }),
    })
}
