//! The reconciliation with Procore: of a project, of an office, as it was signed off, and compared.

pub(crate) mod moved;
mod now;
pub(crate) mod one_side;
mod signed;
pub(crate) mod whole_office;
mod workbook;

use axum::{
    Router,
    response::Response,
    routing::{get, post},
};
use domain::{
    ReconciliationId,
    procore::{Side, reconciliation::Category},
};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    Error,
    reconciliation::{ReconciledSide, Reconciliation, ReconciliationSignature, SignedReconciliation, SignedScope},
    serving::{
        download,
        shell::Page,
        views::{ActionLink, FormErrors, NavItem},
    },
};

pub(crate) fn routes() -> Router<crate::App> {
    let mut routes = Router::new()
        .route("/reconciliations/compare", get(moved::show))
        .route("/reconciliations/{id}", get(signed::show))
        .route("/reconciliations/{id}/workbook", get(signed::book));
    for whole in ["/projects/{project}", "/offices/{office}"] {
        routes = routes
            .route(&format!("{whole}/reconciliation"), get(now::show))
            .route(&format!("{whole}/reconciliation/workbook"), get(now::book))
            .route(&format!("{whole}/reconciliation/sign-off"), post(now::sign));
    }
    routes
}

/// Where a reconciliation is as of now.
pub(crate) fn url_of(scope: SignedScope) -> String {
    match scope {
        SignedScope::Project(project) => format!("/projects/{project}/reconciliation"),
        SignedScope::Office(office) => format!("/offices/{office}/reconciliation"),
    }
}

fn signed_url(id: ReconciliationId) -> String {
    format!("/reconciliations/{id}")
}

/// The way to a page about a reconciliation, as of now or not.
fn frame(scope: SignedScope, name: &str, title: &str, now: bool) -> Page {
    match scope {
        SignedScope::Project(project) => {
            let page = Page::new(title, NavItem::Reconciliation)
                .of(project)
                .under("Projects", "/projects")
                .under(name, format!("/projects/{project}"));
            if now { page } else { page.under("Reconciliation", url_of(scope)) }
        }
        SignedScope::Office(office) => Page::new(title, NavItem::Settings)
            .under("Settings", "/settings")
            .under("Offices", "/settings/offices")
            .under(name, format!("/settings/offices/{office}")),
    }
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
    /// The same reconciliation as of now.
    fn now_url(&self) -> String {
        url_of(self.scope)
    }
}

impl Reconciliation {
    /// Where signing off posts, or why this person may not.
    fn sign_off(&self) -> ActionLink {
        match &self.denied {
            Some(denied) => ActionLink::MayNot(denied.to_string()),
            None if self.sections.is_empty() => ActionLink::MayNot("There is nothing to sign off yet.".to_owned()),
            None => ActionLink::May(format!("{}/sign-off", url_of(self.scope))),
        }
    }
}

/// The figures on a page.
#[derive(Clone, Copy)]
pub(crate) enum Figures<'a> {
    /// As of now, and the refused attempt to sign them off.
    Now(&'a Reconciliation, &'a RefusedSignature),
    /// As they were signed off.
    Signed(&'a SignedReconciliation),
}

/// What was typed to sign off, and why it was refused.
#[derive(Default)]
pub(crate) struct RefusedSignature {
    pub note: String,
    pub errors: FormErrors,
}

impl<'a> Figures<'a> {
    /// The page's address without the query.
    fn url(&self) -> String {
        match self {
            Self::Now(now, _) => url_of(now.scope),
            Self::Signed(signed) => signed.signature.url(),
        }
    }

    fn name(&self) -> &'a str {
        match self {
            Self::Now(now, _) => &now.report.of,
            Self::Signed(signed) => &signed.report.of,
        }
    }

    pub(crate) fn sides(&self) -> &'a [ReconciledSide] {
        match self {
            Self::Now(now, _) => &now.sections,
            Self::Signed(signed) => &signed.sections,
        }
    }

    /// What can be signed off, and the refused attempt.
    fn now(&self) -> Option<(&'a Reconciliation, &'a RefusedSignature)> {
        if let Self::Now(now, refused) = self { Some((now, refused)) } else { None }
    }

    /// What was signed off.
    fn stamp(&self) -> Option<&'a SignedReconciliation> {
        if let Self::Signed(signed) = self { Some(signed) } else { None }
    }
}

/// What stands in the address: the side, and the category whose rows are shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RowsShown {
    side: String,
    show: String,
}

impl RowsShown {
    /// The side that was asked for, else the first with CORs in it.
    fn side<'a>(&self, sides: &'a [ReconciledSide]) -> Option<&'a ReconciledSide> {
        let asked = Side::from_code(&self.side);
        let wanted = sides.iter().find(|side| Some(side.side) == asked);
        wanted.or_else(|| sides.iter().find(|side| !side.cors.is_empty())).or_else(|| sides.first())
    }

    fn category(&self) -> Option<Category> {
        Category::from_code(&self.show)
    }
}

/// The Excel file to save.
fn workbook_file(scope: SignedScope, name: &str, day: Date, bytes: Vec<u8>) -> Result<Response, Error> {
    let of = if let SignedScope::Office(_) = scope { " office" } else { "" };
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    download::file(&format!("Reconciliation {name}{of} {day}"), "xlsx", kind, bytes)
}
