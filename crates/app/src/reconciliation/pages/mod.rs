//! The reconciliation with Procore: of a project, of an office, as it was signed off, and compared.

pub mod compare;
pub mod kept;
pub mod office;
pub mod project;
pub mod sheet;
pub mod workbook;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use domain::{OfficeId, ProjectId, ReconciliationId, procore::Side};
use serde::Deserialize;
use store::repo::reconciliation::{Scope, Signature};

use super::views::{SignOff, SignedRow};
use crate::{
    App, Error,
    reconciliation::{Seen, Typed},
    serving::{
        flash, forms,
        views::{Deed, FormErrors},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/projects/{project}/reconciliation", get(project::show))
        .route("/projects/{project}/reconciliation/workbook", get(project::book))
        .route("/projects/{project}/reconciliation/sign-off", post(project::sign))
        .route("/offices/{office}/reconciliation", get(office::show))
        .route("/offices/{office}/reconciliation/workbook", get(office::book))
        .route("/offices/{office}/reconciliation/sign-off", post(office::sign))
        .route("/reconciliations/compare", get(compare::show))
        .route("/reconciliations/{id}", get(kept::show))
        .route("/reconciliations/{id}/workbook", get(kept::book))
}

/// Where the reconciliation of a project is.
pub fn project_url(project: ProjectId) -> String {
    format!("/projects/{project}/reconciliation")
}

/// Where the reconciliation of an office is.
pub fn office_url(office: OfficeId) -> String {
    format!("/offices/{office}/reconciliation")
}

fn kept_url(id: ReconciliationId) -> String {
    format!("/reconciliations/{id}")
}

fn scope_url(scope: Scope) -> String {
    match scope {
        Scope::Project(project) => project_url(project),
        Scope::Office(office) => office_url(office),
    }
}

fn compare_url(from: ReconciliationId) -> String {
    format!("/reconciliations/compare?from={from}")
}

/// What stands in the address: the side, and the category whose rows are shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    side: String,
    show: String,
}

impl Asked {
    fn side(&self) -> Option<Side> {
        Side::from_code(&self.side)
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Posted {
    figures: String,
    note: String,
}

impl Posted {
    fn typed(&self) -> Typed {
        Typed { figures: self.figures.clone(), note: self.note.clone() }
    }
}

/// The form for signing off; `posted` is what was typed when it was refused.
fn sign_off(seen: &Seen, url: &str, posted: Option<(&Posted, FormErrors)>) -> SignOff {
    let (note, errors) = posted.map(|(posted, errors)| (posted.note.clone(), errors)).unwrap_or_default();
    let deed = match &seen.may_sign {
        Err(denied) => Deed::MayNot(denied.to_string()),
        Ok(()) if seen.report.hindrance().is_some() => Deed::Absent,
        Ok(()) if seen.report.sections.is_empty() => Deed::MayNot("There is nothing to sign off yet.".to_owned()),
        Ok(()) => Deed::May(format!("{url}/sign-off")),
    };
    // Who may not sign reads that first.
    let hindrance =
        if matches!(deed, Deed::Absent) { seen.report.hindrance().unwrap_or_default() } else { String::new() };
    SignOff { deed, hindrance, figures: seen.figures.clone(), note, errors }
}

/// What became of signing off: the snapshot, or the sentences to show beside the form again.
fn signed(outcome: Result<ReconciliationId, Error>) -> Result<Result<Response, FormErrors>, Error> {
    match outcome {
        Ok(id) => Ok(Ok(flash::done(&kept_url(id), "Signed off. These figures are kept as they are."))),
        Err(Error::Invalid(errors)) => Ok(Err(forms::errors(&errors))),
        Err(Error::Conflict(sentence)) => Ok(Err(FormErrors::one("", sentence))),
        Err(other) => Err(other),
    }
}

fn signed_rows(signed: &[Signature]) -> Vec<SignedRow> {
    let row = |signature: &Signature| SignedRow {
        when: words::moment(signature.signed_at),
        url: kept_url(signature.id),
        by: signature.person_name.clone(),
        note: signature.note.clone(),
        digest: signature.sha256.chars().take(12).collect(),
        compare_url: compare_url(signature.id),
    };
    signed.iter().map(row).collect()
}

/// An Excel file to be saved.
fn download(name: &str, bytes: Vec<u8>) -> Result<Response, Error> {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let named = format!("attachment; filename=\"{}.xlsx\"", safe.trim_matches('-'));
    let named = HeaderValue::from_str(&named).map_err(Error::internal)?;
    let kind = HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}
