//! The report as it is now.

use std::fmt::Write as _;

use domain::{
    Currency, OfficeId, ProjectId,
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
    repo::{
        change_event::EventRow,
        mapping::Mapping,
        project::Project as ProjectRow,
        reconciliation::{Signature, SignedScope},
    },
};
use utoipa::ToSchema;

use super::{ReconciledSide, ReconciliationSignature};
use crate::{App, Error, integration::acting::visible_project};

/// A reconciliation as it is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reconciliation {
    /// What signing off these figures has to name.
    pub figures: String,
    /// Why nobody can sign them off; null when they can be signed. Amounts of a section can't be compared with Procore's.
    pub hindrance: Option<String>,
    /// By project name, `received` before `sent`.
    pub sections: Vec<ReconciledSide>,
    /// Those that were signed off, the newest first.
    pub signed: Vec<ReconciliationSignature>,
    /// Why the reader may not sign it off, if so.
    #[serde(skip)]
    pub denied: Option<Denied>,
    /// The figures to the last digit, as they would be signed.
    #[serde(skip)]
    pub report: ReconciliationReport,
}

impl Reconciliation {
    fn of(report: ReconciliationReport, signed: Vec<Signature>, denied: Option<Denied>) -> Result<Self, Error> {
        Ok(Self {
            figures: figures(&report)?,
            hindrance: report.hindrance(),
            sections: report.sections.iter().map(ReconciledSide::from).collect(),
            signed: signed.into_iter().map(ReconciliationSignature::from).collect(),
            denied,
            report,
        })
    }
}

/// The report of a project.
#[derive(Debug, Clone)]
pub struct Project {
    /// The project.
    pub project: ProjectRow,
    /// Where it is in Procore.
    pub mapping: Option<Mapping>,
    /// Whether its office is connected there, so that change events can be read.
    pub connected: bool,
    /// The report.
    pub seen: Reconciliation,
}

/// The report of an office.
#[derive(Debug, Clone)]
pub struct Office {
    /// The office's name.
    pub name: String,
    /// The report.
    pub seen: Reconciliation,
}

/// The report of one project, both sides.
pub async fn project(app: &App, actor: &Actor, project: ProjectId) -> Result<Project, Error> {
    actor.may_see_log()?;
    let actor = actor.clone();
    app.store
        .read_snapshot(move |tx| {
            let mut us = tx.of(actor.company);
            let project = visible_project(&mut us, &actor, project)?;
            let mapping = us.mapping(project.id)?;
            let account = us.integration(project.office.id)?.map(|account| account.procore_company_id);
            let connected = mapping.as_ref().is_some_and(|mapping| account == Some(mapping.procore_company_id));
            let report = ReconciliationReport { of: project.name.clone(), sections: sections(&mut us, &project)? };
            let signed = us.reconciliations(SignedScope::Project(project.id))?;
            let denied = actor.may_sign_off(project.standing()).err();
            Ok(Project { project, mapping, connected, seen: Reconciliation::of(report, signed, denied)? })
        })
        .await
}

/// The report of all projects of an office.
pub async fn office(app: &App, actor: &Actor, office: OfficeId) -> Result<Office, Error> {
    let actor = actor.clone();
    app.store
        .read_snapshot(move |tx| {
            let mut us = tx.of(actor.company);
            let office = us.office(office)?.ok_or(Error::NotFound)?;
            actor.may_reconcile_office(office.id)?;
            let report = of_office(&mut us, &actor, &office)?;
            let signed = us.reconciliations(SignedScope::Office(office.id))?;
            Ok(Office { seen: Reconciliation::of(report, signed, None)?, name: office.name })
        })
        .await
}

pub(crate) fn of_office(
    us: &mut CompanyTx<'_>,
    actor: &Actor,
    office: &store::repo::company::Office,
) -> Result<ReconciliationReport, Error> {
    let mut report = ReconciliationReport { of: office.name.clone(), sections: Vec::new() };
    for summary in us.projects(actor)? {
        if summary.project.office.id == office.id {
            report.sections.extend(sections(us, &summary.project)?);
        }
    }
    Ok(report)
}

/// The sides of a project that the company has contracts or CORs on.
pub(crate) fn sections(us: &mut CompanyTx<'_>, project: &ProjectRow) -> Result<Vec<ReportSection>, Error> {
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

/// What the figures are known by. When they were read is no part of it: the same figures read again are the same.
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
