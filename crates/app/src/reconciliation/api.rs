//! The reconciliation with Procore: which CORs are in the forecast and which are not, signed off and compared.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Currency, Money, OfficeId, ProcoreId, ProjectId, ReconciliationId,
    cor::Status,
    procore::{
        Amount, Side,
        currency::CurrencyTrouble,
        push_state::ProcoreState,
        reconciliation::{self as domain_report, Category, CorRow, Counts, EventRow, Report, Sum, compare},
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::repo::reconciliation::{Scope, Signature};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    projects::api::Named,
    reconciliation::{self, Seen, Typed},
    serving::api::{
        bearer::Bearer,
        extract::{Asked, Body, Id},
        problem::Problem,
        words::AddedByProcore,
    },
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(of_project))
        .routes(routes!(of_office))
        .routes(routes!(sign_project))
        .routes(routes!(sign_office))
        .routes(routes!(kept))
        .routes(routes!(comparison))
}

/// A reconciliation as it is now.
#[derive(Debug, Serialize, ToSchema)]
struct Reconciliation {
    /// What signing off these figures has to name.
    figures: String,
    /// Why nobody can sign them off; null when they can be signed. Amounts of a section can't be compared with Procore's.
    hindrance: Option<String>,
    /// By project name, `received` before `sent`.
    sections: Vec<ReconciledSide>,
    /// Those that were signed off, the newest first.
    signed: Vec<ReconciliationSignature>,
}

/// A reconciliation as it was signed off.
#[derive(Debug, Serialize, ToSchema)]
struct KeptReconciliation {
    signature: ReconciliationSignature,
    /// Whether what is stored is still what was signed.
    intact: bool,
    /// By project name, `received` before `sent`.
    sections: Vec<ReconciledSide>,
}

/// Who signed, and when.
#[derive(Debug, Serialize, ToSchema)]
struct ReconciliationSignature {
    id: Uuid,
    /// Of this project; null when it is of an office.
    project_id: Option<Uuid>,
    /// Of all projects of this office; null when it is of a project.
    office_id: Option<Uuid>,
    signed_by: String,
    signed_at: Timestamp,
    /// May be empty.
    note: String,
    /// Of all that was signed, hexadecimal.
    sha256: String,
}

/// One side of one project. The sums of the categories add up to both totals.
#[derive(Debug, Serialize, ToSchema)]
struct ReconciledSide {
    project: Named,
    side: Side,
    currency: Currency,
    /// When the change events were last read; null if never.
    read_at: Option<Timestamp>,
    /// What the whole log adds up to.
    log_total: Money,
    /// What of `log_total` is Draft or Void: a forecast has no place for it, so it is in no gap. `log_total` less this and less
    /// `events_total` is `gap`.
    draft_or_void: Money,
    /// What the change events that count add up to. Null where all are in another currency, or in one that nobody knows.
    events_total: Amount,
    /// What `events_total` holds besides the categories' `in_procore`, since each is rounded to the cent and Procore holds
    /// fractions of it; `gap` has as much less than the categories' gaps.
    rounding: Money,
    /// What Procore adds to those; it is not in `events_total`.
    added_by_procore: AddedByProcore,
    /// What Procore lacks less what it holds too much, Drafts and Void CORs left out. Null where amounts can't be compared.
    gap: Amount,
    categories: Vec<CategorySum>,
    cors: Vec<ReconciledCor>,
    events: Vec<ReconciledEvent>,
}

/// Count and amounts of a category.
#[derive(Debug, Serialize, ToSchema)]
struct CategorySum {
    category: Category,
    /// CORs; change events for `only_in_procore`.
    count: usize,
    in_log: Money,
    in_procore: Amount,
    /// What `in_procore` holds besides that of its CORs or events, each rounded to the cent; `gap` has as much less. Null in a
    /// comparison, which lists what changed alone.
    rounding: Option<Money>,
    /// What Procore lacks; negative when it holds too much.
    gap: Amount,
}

/// A COR and what Procore holds of it.
#[derive(Debug, Serialize, ToSchema)]
struct ReconciledCor {
    id: Uuid,
    number: String,
    title: String,
    /// The company at the other end.
    counterparty: String,
    status: Status,
    state: ProcoreState,
    category: Category,
    /// Why its amount can't be compared with Procore's, and what mends it; null when it can.
    not_compared: Option<String>,
    /// The change event it is linked to.
    event_id: Option<ProcoreId>,
    in_log: Money,
    in_procore: Amount,
    gap: Amount,
}

/// A change event and how much of it is ours.
#[derive(Debug, Serialize, ToSchema)]
struct ReconciledEvent {
    id: ProcoreId,
    /// Empty until it was read.
    number: String,
    title: String,
    /// By the name Procore shows.
    status: String,
    counts: Counts,
    /// CORs linked to it.
    cors: usize,
    /// Null where it is in another currency, or in one that nobody knows.
    total: Amount,
    of_our_cors: Amount,
    /// What no COR here accounts for.
    only_in_procore: Amount,
    /// What Procore adds of its own accord; it is not in `total`.
    added_by_procore: AddedByProcore,
}

/// Which figures are signed off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSignature {
    /// `figures` of the reconciliation that was looked at. If they changed since, nothing is signed.
    figures: String,
    /// At most 500 characters.
    #[serde(default)]
    #[schema(required = false)]
    note: String,
}

/// With what a reconciliation is compared.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct With {
    /// Another that was signed off of the same; how it is now unless given.
    with: Option<Uuid>,
}

/// What moved between two reconciliations.
#[derive(Debug, Serialize, ToSchema)]
struct ReconciliationComparison {
    before: ReconciliationSignature,
    /// Null stands for now.
    after: Option<ReconciliationSignature>,
    sections: Vec<ComparedSide>,
}

/// One side of one project at two times.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedSide {
    project: Named,
    side: Side,
    currency: Currency,
    before: Vec<CategorySum>,
    after: Vec<CategorySum>,
    /// What stands elsewhere than before: CORs, then change events.
    changes: Vec<ReconciliationChange>,
    /// CORs that stand as they stood.
    unchanged: usize,
}

/// Something that stands elsewhere than before.
#[derive(Debug, Serialize, ToSchema)]
struct ReconciliationChange {
    /// Null for a change event.
    cor_id: Option<Uuid>,
    number: String,
    title: String,
    /// `moved`, `amount_changed`, `new` or `gone`.
    became: &'static str,
    before: Option<MoneyStood>,
    after: Option<MoneyStood>,
}

/// Where money stood at one time.
#[derive(Debug, Serialize, ToSchema)]
struct MoneyStood {
    category: Category,
    in_log: Money,
    in_procore: Amount,
}

/// A project's reconciliation with Procore as it is now, both sides
#[utoipa::path(
    get,
    path = "/projects/{project}/reconciliation",
    tag = "reconciliation",
    params(("project" = Uuid, Path, description = "The project's id")),
    responses((status = 200, body = Reconciliation, description = "Figures of one moment"))
)]
async fn of_project(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
) -> Result<Json<Reconciliation>, Problem> {
    Ok(Json(reconciliation::project(&app, &actor, project).await?.seen.into()))
}

/// The reconciliation with Procore of all projects of an office as it is now
#[utoipa::path(
    get,
    path = "/offices/{office}/reconciliation",
    tag = "reconciliation",
    params(("office" = Uuid, Path, description = "The office's id")),
    responses((status = 200, body = Reconciliation, description = "Figures of one moment"))
)]
async fn of_office(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(office): Id<OfficeId>,
) -> Result<Json<Reconciliation>, Problem> {
    Ok(Json(reconciliation::office(&app, &actor, office).await?.seen.into()))
}

/// Sign off a project's reconciliation: its figures are kept and can't be changed
#[utoipa::path(
    post,
    path = "/projects/{project}/reconciliation/signatures",
    tag = "reconciliation",
    params(("project" = Uuid, Path, description = "The project's id")),
    request_body = NewSignature,
    responses((status = 201, body = KeptReconciliation, description = "What was signed"))
)]
async fn sign_project(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(project): Id<ProjectId>,
    Body(new): Body<NewSignature>,
) -> Result<(StatusCode, Json<KeptReconciliation>), Problem> {
    let typed = Typed { figures: new.figures, note: new.note };
    let id = reconciliation::sign_off_project(&app, &actor, project, typed).await?;
    Ok((StatusCode::CREATED, Json(reconciliation::kept(&app, &actor, id).await?.into())))
}

/// Sign off an office's reconciliation: its figures are kept and can't be changed
#[utoipa::path(
    post,
    path = "/offices/{office}/reconciliation/signatures",
    tag = "reconciliation",
    params(("office" = Uuid, Path, description = "The office's id")),
    request_body = NewSignature,
    responses((status = 201, body = KeptReconciliation, description = "What was signed"))
)]
async fn sign_office(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(office): Id<OfficeId>,
    Body(new): Body<NewSignature>,
) -> Result<(StatusCode, Json<KeptReconciliation>), Problem> {
    let typed = Typed { figures: new.figures, note: new.note };
    let id = reconciliation::sign_off_office(&app, &actor, office, typed).await?;
    Ok((StatusCode::CREATED, Json(reconciliation::kept(&app, &actor, id).await?.into())))
}

/// A reconciliation as it was signed off
#[utoipa::path(
    get,
    path = "/reconciliations/{reconciliation}",
    tag = "reconciliation",
    params(("reconciliation" = Uuid, Path, description = "The id of the signature")),
    responses((status = 200, body = KeptReconciliation, description = "What was signed"))
)]
async fn kept(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<ReconciliationId>,
) -> Result<Json<KeptReconciliation>, Problem> {
    Ok(Json(reconciliation::kept(&app, &actor, id).await?.into()))
}

/// What moved between a reconciliation that was signed off and another, or now
#[utoipa::path(
    get,
    path = "/reconciliations/{reconciliation}/comparison",
    tag = "reconciliation",
    params(("reconciliation" = Uuid, Path, description = "The id of the signature"), With),
    responses((status = 200, body = ReconciliationComparison, description = "The earlier one first"))
)]
async fn comparison(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<ReconciliationId>,
    Asked(with): Asked<With>,
) -> Result<Json<ReconciliationComparison>, Problem> {
    let found = reconciliation::compare(&app, &actor, id, with.with.map(ReconciliationId)).await?;
    Ok(Json(ReconciliationComparison {
        before: found.before.signature.into(),
        after: found.after.map(|after| after.signature.into()),
        sections: found.sections.into_iter().map(ComparedSide::from).collect(),
    }))
}

impl From<Seen> for Reconciliation {
    fn from(seen: Seen) -> Self {
        Self {
            figures: seen.figures,
            hindrance: seen.report.hindrance(),
            sections: sections(&seen.report),
            signed: seen.signed.into_iter().map(ReconciliationSignature::from).collect(),
        }
    }
}

impl From<reconciliation::Kept> for KeptReconciliation {
    fn from(kept: reconciliation::Kept) -> Self {
        Self { sections: sections(&kept.report), signature: kept.signature.into(), intact: kept.intact }
    }
}

impl From<Signature> for ReconciliationSignature {
    fn from(signature: Signature) -> Self {
        let (project, office) = match signature.scope {
            Scope::Project(project) => (Some(project.0), None),
            Scope::Office(office) => (None, Some(office.0)),
        };
        Self {
            id: signature.id.0,
            project_id: project,
            office_id: office,
            signed_by: signature.person_name,
            signed_at: signature.signed_at,
            note: signature.note,
            sha256: signature.sha256,
        }
    }
}

fn sections(report: &Report) -> Vec<ReconciledSide> {
    report.sections.iter().map(ReconciledSide::from).collect()
}

impl From<&domain_report::Section> for ReconciledSide {
    fn from(section: &domain_report::Section) -> Self {
        let events_total = section.events_total();
        let none = Amount::NotComparable;
        // Beside a total that there isn't, nothing is not said either.
        let told = |amount| if events_total == none { none } else { amount };
        Self {
            project: Named { id: section.project.0, name: section.name.clone() },
            side: section.side,
            currency: section.currency,
            read_at: section.read_at,
            log_total: section.log_total(),
            draft_or_void: section.draft_or_void().1,
            events_total,
            added_by_procore: AddedByProcore {
                markup: told(section.markup()),
                revenue_that_follows_cost: told(section.following()),
            },
            gap: section.gap(),
            rounding: section.rounding(),
            categories: Category::ALL
                .into_iter()
                .map(|category| sum(category, section.sum(category), Some(section.rounding_in(category))))
                .collect(),
            cors: section.cors.iter().map(ReconciledCor::from).collect(),
            events: section.events.iter().map(ReconciledEvent::from).collect(),
        }
    }
}

fn sum(category: Category, sum: Sum, rounding: Option<Money>) -> CategorySum {
    CategorySum { category, count: sum.count, in_log: sum.ours, in_procore: sum.there, rounding, gap: sum.gap }
}

impl From<&CorRow> for ReconciledCor {
    fn from(row: &CorRow) -> Self {
        Self {
            id: row.cor.0,
            number: row.number.clone(),
            title: row.title.clone(),
            counterparty: row.party.clone(),
            status: row.status,
            state: row.state,
            category: row.category,
            not_compared: row.trouble.as_ref().map(CurrencyTrouble::with_remedy),
            event_id: row.event.map(ProcoreId::from),
            in_log: row.ours,
            in_procore: row.there,
            gap: row.gap(),
        }
    }
}

impl From<&EventRow> for ReconciledEvent {
    fn from(row: &EventRow) -> Self {
        let apart = row.trouble.is_some() || row.counts.in_other_currency();
        let told = |amount| if apart { Amount::NotComparable } else { amount };
        Self {
            id: ProcoreId::from(row.id),
            number: row.number.clone(),
            title: row.title.clone(),
            status: row.status.clone(),
            counts: row.counts,
            cors: row.cors,
            total: told(row.amount),
            of_our_cors: row.ours,
            only_in_procore: row.rest(),
            added_by_procore: AddedByProcore {
                markup: told(row.markup),
                revenue_that_follows_cost: told(row.following),
            },
        }
    }
}

impl From<compare::SectionChange> for ComparedSide {
    fn from(change: compare::SectionChange) -> Self {
        Self {
            project: Named { id: change.project.0, name: change.name },
            side: change.side,
            currency: change.currency,
            before: change.sums.iter().map(|(category, before, _)| sum(*category, *before, None)).collect(),
            after: change.sums.iter().map(|(category, _, after)| sum(*category, *after, None)).collect(),
            changes: change.changes.into_iter().map(ReconciliationChange::from).collect(),
            unchanged: change.unchanged,
        }
    }
}

impl From<compare::Change> for ReconciliationChange {
    fn from(change: compare::Change) -> Self {
        let stood = |stood: compare::Stood| MoneyStood {
            category: stood.category,
            in_log: stood.ours,
            in_procore: stood.there,
        };
        Self {
            became: change.became().code(),
            cor_id: change.cor.map(|cor| cor.0),
            number: change.number,
            title: change.title,
            before: change.before.map(stood),
            after: change.after.map(stood),
        }
    }
}
