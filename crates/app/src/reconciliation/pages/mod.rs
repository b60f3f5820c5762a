//! The reconciliation with Procore: of a project, of an office, as it was signed off, and compared.

pub(crate) mod moved;
pub(crate) mod one_side;
mod project_now;
mod signed;
pub(crate) mod whole_office;
mod workbook;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use domain::{
    OfficeId, ProjectId, ReconciliationId,
    procore::{Side, reconciliation::Category},
};
use serde::Deserialize;
use store::repo::reconciliation::SignedScope;

use crate::{
    Error,
    reconciliation::{Reconciliation, ReconciliationSignature, SignedReconciliation},
    serving::{
        flash, forms,
        views::{Deed, FormErrors},
    },
};

pub(crate) fn routes() -> Router<crate::App> {
    Router::new()
        .route("/projects/{project}/reconciliation", get(project_now::show))
        .route("/projects/{project}/reconciliation/workbook", get(project_now::book))
        .route("/projects/{project}/reconciliation/sign-off", post(project_now::sign))
        .route("/offices/{office}/reconciliation", get(whole_office::show))
        .route("/offices/{office}/reconciliation/workbook", get(whole_office::book))
        .route("/offices/{office}/reconciliation/sign-off", post(whole_office::sign))
        .route("/reconciliations/compare", get(moved::show))
        .route("/reconciliations/{id}", get(signed::show))
        .route("/reconciliations/{id}/workbook", get(signed::book))
}

/// Where the reconciliation of a project is.
pub fn project_url(project: ProjectId) -> String {
    format!("/projects/{project}/reconciliation")
}

/// Where the reconciliation of an office is.
pub fn office_url(office: OfficeId) -> String {
    format!("/offices/{office}/reconciliation")
}

fn signed_url(id: ReconciliationId) -> String {
    format!("/reconciliations/{id}")
}

impl ReconciliationSignature {
    fn url(&self) -> String {
        signed_url(self.id)
    }

    fn compare_url(&self) -> String {
        format!("/reconciliations/compare?from={}", self.id)
    }
}

impl SignedReconciliation {
    /// Where the same is as of now.
    fn now_url(&self) -> String {
        match self.scope {
            SignedScope::Project(project) => project_url(project),
            SignedScope::Office(office) => office_url(office),
        }
    }
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

    fn category(&self) -> Option<Category> {
        Category::from_code(&self.show)
    }
}

/// Signing off.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignOff<'a> {
    /// Where the form posts, or why this person may not.
    pub deed: Deed,
    /// Why nobody can sign these figures, in the place of the form.
    pub hindrance: Option<&'a str>,
    /// Which figures it is about.
    pub figures: &'a str,
    /// What was typed.
    pub note: &'a str,
    /// What was refused.
    pub errors: FormErrors,
}

/// The form for signing off; `posted` is what was typed when it was refused.
fn sign_off<'a>(seen: &'a Reconciliation, url: &str, posted: Option<(&'a str, FormErrors)>) -> SignOff<'a> {
    let (note, errors) = posted.unwrap_or_default();
    let deed = match &seen.denied {
        Some(denied) => Deed::MayNot(denied.to_string()),
        None if seen.hindrance.is_some() => Deed::Absent,
        None if seen.sections.is_empty() => Deed::MayNot("There is nothing to sign off yet.".to_owned()),
        None => Deed::May(format!("{url}/sign-off")),
    };
    // Who may not sign reads that first.
    let hindrance = seen.hindrance.as_deref().filter(|_| deed == Deed::Absent);
    SignOff { deed, hindrance, figures: &seen.figures, note, errors }
}

/// What became of signing off: the snapshot, or the sentences to show beside the form again.
fn outcome(of: Result<ReconciliationId, Error>) -> Result<Result<Response, FormErrors>, Error> {
    match of {
        Ok(id) => Ok(Ok(flash::done(&signed_url(id), "Signed off. These figures are kept as they are."))),
        Err(Error::Invalid(errors)) => Ok(Err(forms::errors(&errors))),
        Err(Error::Conflict(sentence)) => Ok(Err(FormErrors::one("", sentence))),
        Err(other) => Err(other),
    }
}

/// An Excel file to be saved.
fn download(name: &str, bytes: Vec<u8>) -> Result<Response, Error> {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let named = format!("attachment; filename=\"{}.xlsx\"", safe.trim_matches('-'));
    let named = HeaderValue::from_str(&named).map_err(Error::internal)?;
    let kind = HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}
