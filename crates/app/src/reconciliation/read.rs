//! The reconciliation as it is now.

use std::fmt::Write as _;

use domain::{
    Currency,
    procore::{
        Amount, Side,
        currency::KnownCurrency,
        reconciliation::{Counts, EventRead, ReconciliationReport, ReportSection, SectionHead},
    },
    role::{Actor, Denied},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::{
    CompanyTx,
    repo::{change_event::EventRow, mapping::Mapping, project::Project, reconciliation::SignedScope},
};
use utoipa::ToSchema;

use super::{ReconciledSide, ReconciliationSignature};
use crate::{App, Error, integration::acting::visible_project};

/// A reconciliation as it is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reconciliation {
    /// The code of these figures, needed to sign them off.
    pub figures: String,
    /// Why nobody can sign them off: amounts of a section can't be compared with Procore. Null if they can be signed.
    pub hindrance: Option<String>,
    /// By project name, `received` before `sent`.
    pub sections: Vec<ReconciledSide>,
    /// Those that were signed off, the newest first.
    pub signed: Vec<ReconciliationSignature>,
    /// Why the reader may not sign it off, if so.
    #[serde(skip)]
    pub denied: Option<Denied>,
    /// What is reconciled.
    #[serde(skip)]
    pub scope: SignedScope,
    /// The project, where one is reconciled.
    #[serde(skip)]
    pub project: Option<ReconciledProject>,
    /// The figures to the last digit, as they would be signed.
    #[serde(skip)]
    pub report: ReconciliationReport,
}

/// A project and its place in Procore.
#[derive(Debug, Clone)]
pub struct ReconciledProject {
    /// The project.
    pub project: Project,
    /// Where it is in Procore.
    pub mapping: Option<Mapping>,
    /// Whether its office is connected there, so that change events can be read.
    pub connected: bool,
}

/// The reconciliation of a project, both sides, or of all projects of an office, as it is now.
pub async fn read(app: &App, actor: &Actor, scope: SignedScope) -> Result<Reconciliation, Error> {
    let actor = actor.clone();
    app.store
        .read_snapshot(move |tx| {
            let mut us = tx.of(actor.company);
            let (report, project) = report(&mut us, &actor, scope)?;
            let signed = us.reconciliations(scope)?;
            let denied = project.as_ref().and_then(|project| actor.may_sign_off(project.standing()).err());
            Ok(Reconciliation {
                figures: figures(&report)?,
                hindrance: report.hindrance(),
                sections: report.sections.iter().map(ReconciledSide::from).collect(),
                signed: signed.into_iter().map(ReconciliationSignature::from).collect(),
                project: project.map(|project| placed(&mut us, project)).transpose()?,
                denied,
                scope,
                report,
            })
        })
        .await
}

fn placed(us: &mut CompanyTx<'_>, project: Project) -> Result<ReconciledProject, Error> {
    let mapping = us.mapping(project.id)?;
    let account = us.integration(project.office.id)?.map(|account| account.procore_company_id);
    let connected = mapping.as_ref().is_some_and(|mapping| account == Some(mapping.procore_company_id));
    Ok(ReconciledProject { project, mapping, connected })
}

/// The figures, and the project where they are of one.
pub(crate) fn report(
    us: &mut CompanyTx<'_>,
    actor: &Actor,
    scope: SignedScope,
) -> Result<(ReconciliationReport, Option<Project>), Error> {
    let (of, project) = reconciled(us, actor, scope)?;
    let sections = if let Some(project) = &project {
        sections(us, project)?
    } else {
        let projects = us.projects(actor)?.into_iter().map(|summary| summary.project);
        let of_office = projects.filter(|project| SignedScope::Office(project.office.id) == scope);
        of_office.map(|project| sections(us, &project)).collect::<Result<Vec<_>, _>>()?.concat()
    };
    Ok((ReconciliationReport { of, sections }, project))
}

/// The name of what is reconciled, and the project where it is one. Not found, or refused, to those who may not see it.
pub(crate) fn reconciled(
    us: &mut CompanyTx<'_>,
    actor: &Actor,
    scope: SignedScope,
) -> Result<(String, Option<Project>), Error> {
    match scope {
        SignedScope::Project(project) => {
            actor.may_see_log()?;
            let project = visible_project(us, actor, project)?;
            Ok((project.name.clone(), Some(project)))
        }
        SignedScope::Office(office) => {
            let office = us.office(office)?.ok_or(Error::NotFound)?;
            actor.may_reconcile_office(office.id)?;
            Ok((office.name, None))
        }
    }
}

/// The sides of a project that the company has contracts or CORs on.
fn sections(us: &mut CompanyTx<'_>, project: &Project) -> Result<Vec<ReportSection>, Error> {
    let events = us.change_events_ever(project.id)?;
    let read_at = us.change_events_read_at(project.id)?;
    let known = us.known_currency(project.id)?;
    let mapped = us.mapping(project.id)?.is_some();
    let trouble = if mapped { known.agrees_with(project.currency).err() } else { None };
    let mut found = Vec::new();
    for side in [Side::Received, Side::Sent] {
        let cors = us.reconciliation_cors(project.id, side)?;
        if cors.is_empty() && us.log_counterparties(project.id, side)?.is_empty() {
            continue;
        }
        let head = SectionHead {
            project: project.id,
            name: project.name.clone(),
            job_number: project.job_number.clone(),
            side,
            currency: project.currency,
            trouble: trouble.clone(),
            read_at,
        };
        let events = events.iter().map(|event| on_side(event, side, (&known, project.currency))).collect();
        found.push(ReportSection::new(head, cors, events));
    }
    Ok(found)
}

fn on_side(event: &EventRow, side: Side, (known, ours): (&KnownCurrency, Currency)) -> EventRead {
    let named = known.clone().naming([event.currency.as_str()]).naming(event.line_currencies.split(", "));
    let trouble = named.agrees_with(ours).err();
    let counts = if event.gone {
        Counts::Gone
    } else if domain::procore::comparison::means_void(&event.mapped_status) {
        Counts::Void
    } else {
        Counts::by(trouble.as_ref())
    };
    EventRead {
        id: event.event_id,
        number: event.number.clone(),
        title: event.title.clone(),
        status: event.status.clone(),
        counts,
        trouble,
        amount: match side {
            Side::Received => event.cost,
            Side::Sent => event.revenue,
        },
        markup: match side {
            Side::Received => Amount::ZERO,
            Side::Sent => event.markup,
        },
        following: match side {
            Side::Received => Amount::ZERO,
            Side::Sent => event.following,
        },
    }
}

/// The digest of the figures. It excludes when they were read: the same figures read again have the same digest.
pub(crate) fn figures(report: &ReconciliationReport) -> Result<String, Error> {
    let text = serde_json::to_string(&report.figures()).map_err(Error::internal)?;
    Ok(sha256(&text))
}

pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
