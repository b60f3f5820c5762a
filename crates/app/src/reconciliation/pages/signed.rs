//! A reconciliation as it was signed off.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::ReconciliationId;
use store::repo::reconciliation::SignedScope;

use super::{
    Asked, download,
    one_side::{self, ReconciliationPage},
    whole_office::{self, ReconciliationOffice},
    workbook,
};
use crate::{
    App, Error, reconciliation,
    serving::{
        forms,
        session::SignedIn,
        shell::{Page, shell},
        views::NavItem,
        words,
    },
};

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ReconciliationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let signed = reconciliation::signed(&app, &person.actor, id).await?;
    let title = format!("Reconciliation of {}", words::day_in_utc(signed.signature.signed_at));
    let name = &signed.report.of;
    match signed.scope {
        SignedScope::Project(of) => {
            let frame = Page::new(title, NavItem::Reconciliation)
                .of(of)
                .under("Projects", "/projects")
                .under(name, format!("/projects/{of}"))
                .under("Reconciliation", super::project_url(of));
            // Where the events were then is not kept with the figures, so they are named and not linked to.
            forms::page(&ReconciliationPage {
                shell: shell(&app, &person, frame).await?,
                project: Some(of),
                url: signed.signature.url(),
                sections: &signed.sections,
                side: one_side::chosen(&signed.sections, &asked),
                show: asked.category(),
                most: one_side::MOST,
                stamp: Some(&signed),
                ..ReconciliationPage::default()
            })
        }
        SignedScope::Office(of) => {
            let shell = shell(&app, &person, whole_office::frame(of, name, &title)).await?;
            forms::page(&ReconciliationOffice {
                shell,
                name,
                url: signed.signature.url(),
                table: whole_office::Table::of(&signed.sections),
                now: app.now(),
                sign: None,
                stamp: Some(&signed),
                signed: &[],
            })
        }
    }
}

pub(crate) async fn book(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ReconciliationId>,
) -> Result<Response, Error> {
    let signed = reconciliation::signed(&app, &person.actor, id).await?;
    let at = signed.signature.signed_at;
    let name = format!("Reconciliation {} {}", signed.report.of, words::today(at));
    download(&name, workbook::written(&signed.report, at, Some(&signed.signature))?)
}
