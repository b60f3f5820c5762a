//! The reconciliation of a project as it is now.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::Form;
use domain::{ProjectId, procore::Side};

use super::{
    Asked, download, office_url,
    one_side::{self, ReconciliationPage},
    outcome, project_url, sign_off, workbook,
};
use crate::{
    App, Error,
    integration::pages::project,
    log::views::EventsAge,
    reconciliation::{self, NewSignature, Project},
    serving::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Deed, FormErrors, Link, NavItem},
        words,
    },
};

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let found = reconciliation::project(&app, &person.actor, project).await?;
    draw(&app, &person, &found, &asked, None).await
}

pub(crate) async fn book(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
) -> Result<Response, Error> {
    let found = reconciliation::project(&app, &person.actor, project).await?;
    let now = app.now();
    let name = format!("Reconciliation {} {}", found.project.name, words::today(now));
    download(&name, workbook::written(&found.seen.report, now, None)?)
}

pub(crate) async fn sign(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Form(new): Form<NewSignature>,
) -> Result<Response, Error> {
    match outcome(reconciliation::sign_off_project(&app, &person.actor, project, new.clone()).await)? {
        Ok(response) => Ok(response),
        Err(errors) => {
            let found = reconciliation::project(&app, &person.actor, project).await?;
            let page = draw(&app, &person, &found, &Asked::default(), Some((&new, errors))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn draw(
    app: &App,
    person: &SignedIn,
    found: &Project,
    asked: &Asked,
    posted: Option<(&NewSignature, FormErrors)>,
) -> Result<Response, Error> {
    let (project, seen) = (&found.project, &found.seen);
    let url = project_url(project.id);
    let frame = Page::new("Reconciliation", NavItem::Reconciliation)
        .of(project.id)
        .under("Projects", "/projects")
        .under(&project.name, format!("/projects/{}", project.id));
    let page = ReconciliationPage {
        shell: shell(app, person, frame).await?,
        project: Some(project.id),
        sections: &seen.sections,
        most: one_side::MOST,
        url: url.clone(),
        ..ReconciliationPage::default()
    };
    let Some(side) = one_side::chosen(&seen.sections, asked) else { return forms::page(&page) };
    // The figures on the page are those that are signed: they are read again on a click, never behind the page.
    let age = project::events_age(app, &person.actor, project.id).await?;
    let place = found.mapping.as_ref().map(|m| (m.procore_company_id, m.procore_project_id));
    forms::page(&ReconciliationPage {
        side: Some(side),
        show: asked.category(),
        age: age.map(|age| EventsAge { stale: false, ..age }),
        notice: notice(person, found),
        procore_url: place.map(|(company, project)| app.project_in_procore(company, project)),
        office: words::deed(person.actor.may_reconcile_office(project.office.id), office_url(project.office.id)),
        push: Some(push(person, found, side.side)),
        sign: Some(sign_off(seen, &url, posted.map(|(new, errors)| (new.note.as_str(), errors)))),
        signed: &seen.signed,
        ..page
    })
}

fn push(person: &SignedIn, found: &Project, side: Side) -> Deed {
    let project = &found.project;
    match person.actor.may_push(project.standing()) {
        Err(denied) => Deed::MayNot(denied.to_string()),
        Ok(()) if found.mapping.is_none() => {
            Deed::MayNot("Map this project to Procore first, under its settings → Procore.".to_owned())
        }
        Ok(()) => Deed::May(format!("/push?project={}&side={}", project.id, side.code())),
    }
}

fn notice(person: &SignedIn, found: &Project) -> Option<(String, Option<Link>)> {
    let project = &found.project;
    let never = found.seen.sections.iter().all(|side| side.read_at.is_none());
    if found.mapping.is_none() {
        let may = person.actor.may_map_project(project.standing()).is_ok();
        let link = may.then(|| Link::new("Map this project", format!("/projects/{}/settings/procore", project.id)));
        return Some(("This project is not mapped to Procore, so nothing of it can be read there.".to_owned(), link));
    }
    if !found.connected {
        let sentence = "The office is not connected to Procore at present; the figures are those that were last read.";
        return Some((sentence.to_owned(), None));
    }
    if let Some(why) = found.seen.sections.iter().find_map(|side| side.not_compared.clone()) {
        let may = person.actor.may_map_project(project.standing()).is_ok();
        let link = may.then(|| Link::new("Procore settings", project::currency_url(project.id)));
        return Some((why, link));
    }
    never.then(|| {
        ("The Change Events were never read, so nothing is known of Procore's side. Press refresh.".to_owned(), None)
    })
}
