//! The reconciliation of a project as it is now.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::Form;
use domain::{
    ProjectId,
    procore::{Side, reconciliation::Section},
};

use super::{Asked, Posted, download, office_url, project_url, sheet::Sheet, sign_off, signed, signed_rows, workbook};
use crate::{
    App, Error,
    integration::pages::project,
    log::views::{EventsAge, SelectionBar},
    reconciliation::{self, Project, views::ReconciliationPage},
    serving::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Deed, FormErrors, Link, NavItem, Text},
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
    forms::page(&draw(&app, &person, &found, &asked, None).await?)
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
    Form(posted): Form<Posted>,
) -> Result<Response, Error> {
    let outcome = reconciliation::sign_off_project(&app, &person.actor, project, posted.typed()).await;
    match signed(outcome)? {
        Ok(response) => Ok(response),
        Err(errors) => {
            let found = reconciliation::project(&app, &person.actor, project).await?;
            let view = draw(&app, &person, &found, &Asked::default(), Some((&posted, errors))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, forms::page(&view)?).into_response())
        }
    }
}

/// The section that was asked for, else the first with CORs in it.
pub(crate) fn chosen<'a>(sections: &'a [Section], asked: &Asked) -> Option<&'a Section> {
    let side = asked.side();
    let wanted = sections.iter().find(|section| Some(section.side) == side);
    wanted.or_else(|| sections.iter().find(|section| !section.cors.is_empty())).or_else(|| sections.first())
}

/// The sides to choose from, as (name, address, shown now).
pub(crate) fn sides(sections: &[Section], url: &str, shown: Side) -> Vec<(String, String, bool)> {
    let side = |section: &Section| {
        let side = section.side;
        (side.name().to_owned(), format!("{url}?side={}", side.code()), side == shown)
    };
    sections.iter().map(side).collect()
}

async fn draw(
    app: &App,
    person: &SignedIn,
    found: &Project,
    asked: &Asked,
    posted: Option<(&Posted, FormErrors)>,
) -> Result<ReconciliationPage, Error> {
    let (project, sections) = (&found.project, &found.seen.report.sections);
    let url = project_url(project.id);
    let frame = Page::new("Reconciliation", NavItem::Reconciliation)
        .of(project.id)
        .under("Projects", "/projects")
        .under(&project.name, format!("/projects/{}", project.id));
    let shell = shell(app, person, frame).await?;
    let Some(section) = chosen(sections, asked) else {
        let none = "You have neither a contract nor a COR on this project yet. A contract comes first: CORs change it.";
        let answer = "Nothing to reconcile yet.".to_owned();
        return Ok(ReconciliationPage {
            shell,
            none: none.to_owned(),
            none_link: Some(Link::new("Contracts", format!("/projects/{}/settings/contracts", project.id))),
            answer,
            workbook_url: format!("{url}/workbook"),
            ..Default::default()
        });
    };
    let mapping = found.mapping.as_ref();
    let sheet = Sheet { app, section, url: url.clone(), asked, mapping, live: true };
    // The figures on the page are those that are signed: they are read again on a click, never behind the page.
    let age = project::events_age(app, &person.actor, project.id).await?;
    let age = age.map(|age| EventsAge { stale: false, ..age });
    Ok(ReconciliationPage {
        shell,
        sides: sides(sections, &url, section.side),
        read_at: section.read_at.map(|at| Text::from("Change Events as of ").moment(at)).unwrap_or_default(),
        age,
        notice: notice(person, found),
        workbook_url: format!("{url}/workbook"),
        office: words::deed(person.actor.may_reconcile_office(project.office.id), office_url(project.office.id)),
        selection: Some(SelectionBar { push: push(person, found, section.side), ..SelectionBar::default() }),
        sign: Some(sign_off(&found.seen, &url, posted)),
        signed: signed_rows(&found.seen.signed),
        ..sheet.page()
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
    let never = found.seen.report.sections.iter().all(|section| section.read_at.is_none());
    if found.mapping.is_none() {
        let may = person.actor.may_map_project(project.standing()).is_ok();
        let link = may.then(|| Link::new("Map this project", format!("/projects/{}/settings/procore", project.id)));
        return Some(("This project is not mapped to Procore, so nothing of it can be read there.".to_owned(), link));
    }
    if !found.connected {
        let sentence = "The office is not connected to Procore at present; the figures are those that were last read.";
        return Some((sentence.to_owned(), None));
    }
    if let Some(trouble) = found.seen.report.sections.iter().find_map(Section::trouble) {
        let may = person.actor.may_map_project(project.standing()).is_ok();
        let link = may.then(|| Link::new("Procore settings", project::currency_url(project.id)));
        return Some((trouble.with_remedy(), link));
    }
    never.then(|| {
        ("The Change Events were never read, so nothing is known of Procore's side. Press refresh.".to_owned(), None)
    })
}
