//! A reconciliation as it was signed off.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{ProjectId, ReconciliationId};
use store::repo::reconciliation::Scope;

use super::{Asked, compare_url, download, kept_url, office, project, scope_url, sheet::Sheet, workbook};
use crate::{
    App, Error,
    reconciliation::{
        self, Kept,
        views::{ReconciliationOffice, ReconciliationPage, Stamp},
    },
    serving::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{NavItem, Shell, Text},
        words,
    },
};

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ReconciliationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let kept = reconciliation::kept(&app, &person.actor, id).await?;
    match kept.signature.scope {
        Scope::Project(of) => forms::page(&of_project(&app, &person, of, &kept, &asked).await?),
        Scope::Office(of) => {
            let frame = office::frame(of, &kept.report.of, &title(&kept));
            let shell = shell(&app, &person, frame).await?;
            forms::page(&of_office(shell, &kept))
        }
    }
}

pub(crate) async fn book(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ReconciliationId>,
) -> Result<Response, Error> {
    let kept = reconciliation::kept(&app, &person.actor, id).await?;
    let at = kept.signature.signed_at;
    let name = format!("Reconciliation {} {}", kept.report.of, words::today(at));
    download(&name, workbook::written(&kept.report, at, Some(&kept.signature))?)
}

fn title(kept: &Kept) -> String {
    format!("Reconciliation of {}", words::day_in_utc(kept.signature.signed_at))
}

fn stamp(kept: &Kept) -> Stamp {
    let signature = &kept.signature;
    Stamp {
        by: Text::from(signature.person_name.as_str()).and(", ").moment(signature.signed_at),
        note: signature.note.clone(),
        sha256: signature.sha256.clone(),
        tampered: !kept.intact,
        now_url: scope_url(signature.scope),
        compare_url: compare_url(signature.id),
    }
}

async fn of_project(
    app: &App,
    person: &SignedIn,
    of: ProjectId,
    kept: &Kept,
    asked: &Asked,
) -> Result<ReconciliationPage, Error> {
    let url = kept_url(kept.signature.id);
    let frame = Page::new(title(kept), NavItem::Reconciliation)
        .of(of)
        .under("Projects", "/projects")
        .under(&kept.report.of, format!("/projects/{of}"))
        .under("Reconciliation", super::project_url(of));
    let shell = shell(app, person, frame).await?;
    let common = ReconciliationPage {
        shell,
        workbook_url: format!("{url}/workbook"),
        stamp: Some(stamp(kept)),
        ..ReconciliationPage::default()
    };
    let Some(section) = project::chosen(&kept.report.sections, asked) else { return Ok(common) };
    // Where the events were then is not kept with the figures, so they are named and not linked to.
    let sheet = Sheet { app, section, url: url.clone(), asked, mapping: None, live: false };
    Ok(ReconciliationPage {
        shell: common.shell,
        workbook_url: common.workbook_url,
        stamp: common.stamp,
        sides: project::sides(&kept.report.sections, &url, section.side),
        read_at: section.read_at.map_or_else(
            || Text::from("The Change Events had never been read"),
            |at| Text::from("Change Events as of ").moment(at),
        ),
        ..sheet.page()
    })
}

fn of_office(shell: Shell, kept: &Kept) -> ReconciliationOffice {
    ReconciliationOffice {
        shell,
        heading: format!("{} office", kept.report.of),
        workbook_url: format!("{}/workbook", kept_url(kept.signature.id)),
        stamp: Some(stamp(kept)),
        ..office::table(&kept.report, |section| {
            let read = section.read_at.map_or_else(|| Text::from("never read"), words::moment);
            (String::new(), read)
        })
    }
}
