//! A reconciliation as it was signed off.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::ReconciliationId;

use super::{
    Figures, RowsShown, frame,
    one_side::{MOST, ReconciliationPage},
    whole_office::ReconciliationOffice,
    workbook, workbook_file,
};
use crate::{
    App, Error,
    reconciliation::{self, SignedScope},
    serving::{forms, session::SignedIn, shell::shell, words},
};

pub(crate) async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ReconciliationId>,
    Query(rows): Query<RowsShown>,
) -> Result<Response, Error> {
    let signed = reconciliation::signed(&app, &person.actor, id).await?;
    let title = format!("Reconciliation of {}", words::day_in_utc(signed.signature.signed_at));
    let figures = Figures::Signed(&signed);
    let shell = shell(&app, &person, frame(signed.scope, figures.name(), &title, false)).await?;
    match signed.scope {
        SignedScope::Office(_) => forms::page(&ReconciliationOffice { shell, figures, now: app.now() }),
        SignedScope::Project(_) => forms::page(&ReconciliationPage {
            shell,
            actor: &person.actor,
            figures,
            side: rows.side(&signed.sections),
            show: rows.category(),
            most: MOST,
            // Where the events were then is not kept with the figures, so they are named and not linked to.
            procore_url: None,
            age: None,
        }),
    }
}

pub(crate) async fn book(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<ReconciliationId>,
) -> Result<Response, Error> {
    let signed = reconciliation::signed(&app, &person.actor, id).await?;
    let at = signed.signature.signed_at;
    let bytes = workbook::written(&signed.report, at, Some(&signed.signature))?;
    workbook_file(signed.scope, &signed.report.of, words::today(at), bytes)
}
