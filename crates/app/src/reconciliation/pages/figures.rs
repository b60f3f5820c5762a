//! The figures on a page, as of now or as they were signed off, and their addresses.

use domain::{OfficeId, ProjectId, ReconciliationId};
use serde::Deserialize;

use crate::{
    App, Error,
    reconciliation::{
        self, ReconciledSide, Reconciliation, ReconciliationSignature, SignedReconciliation, SignedScope, copy,
    },
    serving::{
        session::SignedIn,
        shell::Page,
        views::{ActionLink, FormErrors, NavItem},
    },
};

/// Where a reconciliation is as of now.
pub(crate) fn url_of(scope: SignedScope) -> String {
    match scope {
        SignedScope::Project(project) => format!("/projects/{project}/reconciliation"),
        SignedScope::Office(office) => format!("/offices/{office}/reconciliation"),
    }
}

pub(super) fn signed_url(id: ReconciliationId) -> String {
    format!("/reconciliations/{id}")
}

/// The way to a page about a reconciliation, as of now or not.
pub(super) fn frame(scope: SignedScope, name: &str, title: &str, now: bool) -> Page {
    match scope {
        SignedScope::Project(project) => {
            let page = Page::in_project(title, NavItem::Reconciliation, project, name);
            if now { page } else { page.under("Reconciliation", url_of(scope)) }
        }
        SignedScope::Office(office) => Page::new(title, NavItem::Settings)
            .under("Settings", "/settings")
            .under("Offices", "/settings/offices")
            .under(name, format!("/settings/offices/{office}")),
    }
}

impl ReconciliationSignature {
    pub(super) fn url(&self) -> String {
        signed_url(self.id)
    }

    pub(super) fn compare_url(&self) -> String {
        format!("/reconciliations/compare?from={}", self.id)
    }
}

impl SignedReconciliation {
    /// The same reconciliation as of now.
    pub(super) fn now_url(&self) -> String {
        url_of(self.scope)
    }
}

impl Reconciliation {
    /// Where signing off posts, or why this person may not.
    pub(super) fn sign_off(&self) -> ActionLink {
        match &self.denied {
            Some(denied) => ActionLink::MayNot(denied.to_string()),
            None if self.sections.is_empty() => ActionLink::MayNot(copy::NOTHING_TO_SIGN.to_owned()),
            None => ActionLink::May(format!("{}/sign-off", url_of(self.scope))),
        }
    }
}

/// What the address names: a project or an office as it is now, or what was signed.
#[derive(Deserialize)]
pub(super) struct ScopeInAddress {
    project: Option<ProjectId>,
    office: Option<OfficeId>,
    signed: Option<ReconciliationId>,
}

impl ScopeInAddress {
    pub(super) fn scope(&self) -> Result<SignedScope, Error> {
        self.project.map(SignedScope::Project).or(self.office.map(SignedScope::Office)).ok_or(Error::NotFound)
    }
}

/// The figures on a page.
pub(crate) enum Figures {
    /// As of now.
    Now(Box<Reconciliation>),
    /// As they were signed off.
    Signed(Box<SignedReconciliation>),
}

impl Figures {
    /// Reads what the address names.
    pub(super) async fn read(app: &App, person: &SignedIn, named: &ScopeInAddress) -> Result<Self, Error> {
        Ok(match named.signed {
            Some(id) => Self::Signed(Box::new(reconciliation::signed(app, &person.actor, id).await?)),
            None => Self::Now(Box::new(reconciliation::read(app, &person.actor, named.scope()?).await?)),
        })
    }

    /// The page's address without the query.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Now(now) => url_of(now.scope),
            Self::Signed(signed) => signed.signature.url(),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Now(now) => &now.report.of,
            Self::Signed(signed) => &signed.report.of,
        }
    }

    pub(crate) fn sides(&self) -> &[ReconciledSide] {
        match self {
            Self::Now(now) => &now.sections,
            Self::Signed(signed) => &signed.sections,
        }
    }

    /// What can be signed off.
    pub(super) fn now(&self) -> Option<&Reconciliation> {
        if let Self::Now(now) = self { Some(now) } else { None }
    }

    /// What was signed off.
    pub(super) fn stamp(&self) -> Option<&SignedReconciliation> {
        if let Self::Signed(signed) = self { Some(signed) } else { None }
    }
}

/// What was typed to sign off, and why it was refused.
#[derive(Default)]
pub(crate) struct RefusedSignature {
    pub note: String,
    pub errors: FormErrors,
}
