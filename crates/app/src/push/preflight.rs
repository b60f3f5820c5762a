//! Pre-flight: the facts behind [`domain::procore::preflight`], gathered with the plan.
//!
//! What a person may do in Procore is asked with one request and kept for a while; whatever would stop the push is asked
//! anew each time, so that a remedy shows at once. All else is known from what the plan reads and would write: the event, and
//! by their ids the contracts that were chosen or that locked lines are under. What can stop a push whatever its lines are is
//! looked at before they are coded.

use std::collections::BTreeMap;

use domain::{
    DraftId,
    procore::{
        Amount, Side,
        budget::Priority,
        currency::KnownCurrency,
        preflight::{
            ChangeEventPermission, ContractFacts, ContractReading, Facts, Level, PreflightCheck, PreflightFinding,
            Surplus, TargetEvent, preflight,
        },
        push::Target,
        push_plan::{Plan, Work},
        push_state::ProcoreState,
    },
    role::Actor,
};
use jiff::SignedDuration;
use procore::model::{self, ChangeEvent};
use store::repo::{change_event::EventRow, link::Link, login::Login, reference::ReferenceRow};

use super::{
    draft::{OpenedDraft, open},
    former,
};
use crate::{
    App, Error,
    integration::{
        currency,
        reference::{self, BudgetCode, ReferenceData, Unseen},
    },
};
use sync::{
    connection::{asking, tokens, told},
    link::translate,
};

/// What Procore said about a person is believed for so long.
const BELIEVED: SignedDuration = SignedDuration::from_mins(10);

/// What is found before a push of an opened draft. `found` is the event as the plan has read it, nothing for a new one; `seen` how
/// the contracts that money is put under were read.
pub(crate) async fn findings(
    app: &App,
    actor: &Actor,
    opened: &OpenedDraft,
    (found, plan): (Option<&ChangeEvent>, &Plan),
    (data, seen): (&ReferenceData, &BTreeMap<i64, ContractReading>),
) -> Result<Vec<PreflightFinding>, Error> {
    let known = known(app, actor, opened).await?;
    let event = found.map(|found| TargetEvent {
        unreadable: unreadable(found, opened.side()),
        ..facts_of(&translate::event_row(found, &plan.known_lines()), opened.side(), known.login.as_ref())
    });
    let nothing = nothing(actor, opened, &known);
    let former = match found {
        Some(found) => former::in_event(app, actor, opened, found).await?,
        None => Vec::new(),
    };
    let codes = || plan.puts_money().filter_map(|line| line.budget_code);
    let facts = Facts {
        event,
        there: match found {
            Some(event) => known.currency.naming(translate::currencies(event, &plan.known_lines())),
            None => known.currency,
        },
        former,
        work: plan.work(),
        codes: codes().count(),
        codes_gone: codes().filter(|code| !data.has_code(*code)).map(|code| named(data, code)).collect(),
        codes_read_at: Some(data.codes_read_at),
        codes_old: reference::is_stale(Some(data.codes_read_at), app.now()),
        // One that the event has already stays, whichever was chosen.
        contracts: match found {
            Some(event) if has_prime(opened, event) => Vec::new(),
            _ => contracts(opened, data, seen),
        },
        codes_unseen: unseen(opened, data, Unseen::BudgetCodes),
        unseen: unseen(opened, data, Unseen::contracts(opened.side())),
        ..nothing
    };
    let access = access(app, actor, opened, &facts).await?;
    Ok(linked(app, opened, preflight(&Facts { access, ..facts })))
}

/// With the page of each correction that is made here.
fn linked(app: &App, opened: &OpenedDraft, mut findings: Vec<PreflightFinding>) -> Vec<PreflightFinding> {
    let stops =
        |finding: &&mut PreflightFinding| finding.check == PreflightCheck::Currency && finding.level == Level::Stop;
    for correction in findings.iter_mut().filter(stops).filter_map(|finding| finding.correction.as_mut()) {
        let page = format!("/projects/{}/settings/procore#currency", opened.project.id);
        correction.link = Some(app.page(&page));
    }
    findings
}

/// What is known before lines are chosen: about the person, the project's currency, and the event if one is chosen.
#[derive(Debug, Clone)]
pub struct First {
    /// What the person may do.
    pub access: ChangeEventPermission,
    /// Whom they are in Procore.
    pub procore_user: Option<i64>,
    /// What that and the event make of it.
    pub findings: Vec<PreflightFinding>,
}

/// Whether what is there is in the currency of the CORs: else nothing is pushed, and the two are neither added nor compared.
pub(crate) fn compares(findings: &[PreflightFinding]) -> bool {
    !findings.iter().any(|finding| finding.check == PreflightCheck::Currency && finding.level == Level::Stop)
}

impl First {
    /// Whether what is there can be told as an amount in the currency of the CORs.
    pub fn compares(&self) -> bool {
        compares(&self.findings)
    }

    /// What stops the push whatever lines it has.
    pub fn stops(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Stop)
    }
}

/// Looks at what can stop a push before anybody codes a line. At most one request, and the event as it was last read.
pub async fn first(app: &App, actor: &Actor, opened: &OpenedDraft) -> Result<First, Error> {
    let chosen = match &opened.body.target {
        Some(Target::Existing { event, .. }) => Some(*event),
        Some(Target::New(_)) => None,
        None => opened.body.tied,
    };
    let row = match chosen {
        Some(event) => {
            let (company, project) = (actor.company, opened.project.id);
            app.store.read(move |tx| tx.of(company).change_event(project, event)).await?
        }
        None => None,
    };
    let known = known(app, actor, opened).await?;
    let event = row.map(|row| facts_of(&row, opened.side(), known.login.as_ref()));
    let facts = Facts { event, ..nothing(actor, opened, &known) };
    let access = access(app, actor, opened, &facts).await?;
    // Before an event is chosen, what is to be known of one is not asked.
    let asked = |finding: &PreflightFinding| match finding.check {
        PreflightCheck::Event => chosen.is_some(),
        PreflightCheck::Codes | PreflightCheck::Contract => false,
        PreflightCheck::Connection
        | PreflightCheck::App
        | PreflightCheck::Tool
        | PreflightCheck::Permission
        | PreflightCheck::Currency => true,
    };
    let findings = preflight(&Facts { access: access.clone(), ..facts }).into_iter().filter(asked).collect();
    let findings = linked(app, opened, findings);
    Ok(First { access, procore_user: known.login.map(|login| login.procore_user_id), findings })
}

/// Whether the event of sent CORs names a prime contract for markup estimates.
fn has_prime(opened: &OpenedDraft, found: &ChangeEvent) -> bool {
    opened.side() == Side::Sent && found.prime_contract_for_estimates.is_some()
}

/// The same where no plan can be made: why, if it is something that pre-flight knows of.
pub async fn stopped(
    app: &App,
    actor: &Actor,
    id: DraftId,
) -> Result<Option<(OpenedDraft, Vec<PreflightFinding>)>, Error> {
    let opened = open(app, actor, id).await?;
    let first = first(app, actor, &opened).await?;
    Ok(first.stops().then_some((opened, first.findings)))
}

/// Whether costs in an event don't count.
pub(crate) fn is_void(row: &EventRow) -> bool {
    domain::procore::comparison::means_void(&row.mapped_status)
}

/// What stands in the way of choosing an event of the list, and what is to be known of it.
pub fn choosable(first: &First, opened: &OpenedDraft, row: &EventRow) -> (Option<String>, Option<String>) {
    if !row.trouble.is_empty() {
        return (Some(format!("It could not be read: {}. Correct it in Procore.", row.trouble)), None);
    }
    let own = row.created_by.zip(first.procore_user).map(|(by, me)| by == me);
    domain::procore::preflight::choosable(&first.access, &facts(row, opened.side(), own), opened.work())
}

/// What is stored of the person and the project.
struct StoredFacts {
    login: Option<Login>,
    currency: KnownCurrency,
}

async fn known(app: &App, actor: &Actor, opened: &OpenedDraft) -> Result<StoredFacts, Error> {
    let (company, person, project) = (actor.company, actor.person, opened.project.id);
    // Lines that are taken out bring no amount, so that no currency stops them.
    let currency = match opened.work() {
        Work::TakesOut => app.store.read(move |tx| tx.of(company).known_currency(project)).await?,
        Work::Writes | Work::MakesUp => currency::known_now(app, actor, &opened.mapping, opened.body.currency).await?,
    };
    let login = app.store.read(move |tx| tx.of(company).login_of(person)).await?;
    Ok(StoredFacts { login, currency })
}

fn nothing(actor: &Actor, opened: &OpenedDraft, known: &StoredFacts) -> Facts {
    Facts {
        access: ChangeEventPermission::Unknown(String::new()),
        login: known.login.as_ref().map_or_else(|| actor.name.clone(), |login| login.procore_user.clone()),
        currency: opened.body.currency,
        there: known.currency.clone(),
        event: None,
        surplus: surplus(opened),
        former: Vec::new(),
        work: opened.work(),
        codes: 0,
        codes_gone: Vec::new(),
        codes_read_at: None,
        codes_old: false,
        codes_unseen: None,
        contracts: Vec::new(),
        unseen: None,
        side: opened.side(),
    }
}

/// What the log says is there of the CORs and no push accounts for.
fn surplus(opened: &OpenedDraft) -> Surplus {
    let there = || opened.links.values().filter(|link| link.state == ProcoreState::Surplus);
    let goes_to = |link: &Link| match &opened.body.target {
        Some(Target::Existing { event, .. }) => link.event == Some(*event),
        Some(Target::New(_)) => false,
        None => link.event.is_some(),
    };
    let says = |link: &Link| {
        let cor = opened.cors.iter().find(|cor| cor.id == link.cor)?;
        Some(format!("COR {}: {}", cor.number, link.reason))
    };
    Surplus { says: there().filter_map(says).collect(), anew: !there().all(goes_to) }
}

fn facts_of(row: &EventRow, side: Side, login: Option<&Login>) -> TargetEvent {
    facts(row, side, row.created_by.zip(login).map(|(by, login)| by == login.procore_user_id))
}

fn facts(row: &EventRow, side: Side, own: Option<bool>) -> TargetEvent {
    TargetEvent {
        name: format!("CE {}", row.number),
        status: row.status.clone(),
        mapped_to: row.mapped_status.to_lowercase(),
        own,
        sum: row.amount(side),
        unreadable: Vec::new(),
    }
}

fn unreadable(found: &ChangeEvent, side: Side) -> Vec<(String, Amount)> {
    let lines = translate::event(found, side).lines.into_iter();
    let lines = lines.filter(|line| !line.deleted && !line.values.amount.is_readable());
    lines.map(|line| (domain::text::shortened(&line.values.description, 60), line.values.amount)).collect()
}

/// A budget code by its name.
fn named(data: &ReferenceData, code: i64) -> String {
    data.code(code).map_or_else(|| "a budget code that no list names".to_owned(), BudgetCode::name)
}

/// What Procore shows nothing of, and what would show it, if that is so.
fn unseen(opened: &OpenedDraft, data: &ReferenceData, what: Unseen) -> Option<(&'static str, &'static str)> {
    data.unseen(opened.side()).contains(&what).then(|| (what.says(), what.permission()))
}

/// All that were read, whatever is known of them.
fn contracts(opened: &OpenedDraft, data: &ReferenceData, seen: &BTreeMap<i64, ContractReading>) -> Vec<ContractFacts> {
    let chosen = opened.contracts();
    let facts = |(id, seen): (&i64, &ContractReading)| {
        let (chosen, seen) = (chosen.contains(id), seen.clone());
        match data.contract(opened.side(), *id) {
            Some(known) => ContractFacts {
                name: known.name(),
                chosen,
                status: known.status.clone(),
                currency: known.currency.clone(),
                seen,
            },
            None => ContractFacts {
                name: format!("Contract {id}"),
                chosen,
                status: String::new(),
                currency: String::new(),
                seen,
            },
        }
    };
    seen.iter().map(facts).collect()
}

/// What the person may do, as last told if that is recent and stops nothing.
async fn access(app: &App, actor: &Actor, opened: &OpenedDraft, facts: &Facts) -> Result<ChangeEventPermission, Error> {
    let (company, project, now) = (actor.company, opened.project.id, app.now());
    let kind = format!("access/{}", actor.person);
    let rows = app.store.read(move |tx| tx.of(company).reference(project)).await?;
    let known = rows.into_iter().find(|row| row.kind == kind && now.duration_since(row.fetched_at) < BELIEVED);
    if let Some(access) = known.and_then(|row| serde_json::from_str::<ChangeEventPermission>(&row.body).ok()) {
        let serves = preflight(&Facts { access: access.clone(), ..facts.clone() });
        let health = tokens::health(app, company, actor.person).await?;
        let asks = |finding: &PreflightFinding| finding.level == Level::Stop && finding.check.is_about_the_person();
        if health.is_live() && !serves.iter().any(asks) {
            return Ok(access);
        }
    }
    if let Err(denied) = actor.may_write() {
        return Ok(ChangeEventPermission::Unknown(denied.to_string()));
    }
    let access = asked(app, actor, opened).await?;
    if matches!(access, ChangeEventPermission::Level(_)) {
        let body = serde_json::to_string(&access).map_err(Error::internal)?;
        let row = ReferenceRow { kind, body, fetched_at: now };
        let procore_project = opened.mapping.procore_project_id;
        app.store.write(move |tx| tx.of(company).store_reference(project, procore_project, &row)).await?;
    }
    Ok(access)
}

/// One request.
async fn asked(app: &App, actor: &Actor, opened: &OpenedDraft) -> Result<ChangeEventPermission, Error> {
    let mapping = &opened.mapping;
    let project = model::ProjectId(mapping.procore_project_id);
    let call = move |session: procore::Session| async move { session.permissions(project).await };
    let asked = asking(app, actor, Some(mapping.procore_company_id), Priority::Interactive, call).await;
    let answer = match asked.map_err(Error::from) {
        Ok(answer) => answer,
        Err(Error::SignInToProcore(why)) => return Ok(ChangeEventPermission::SignIn(why)),
        Err(Error::ProcoreUnavailable(why)) => return Ok(ChangeEventPermission::Unknown(why)),
        Err(other) => return Err(other),
    };
    Ok(match answer {
        Ok(said) => match said.value.tool("Change Events") {
            None if !said.value.tools.odd.is_empty() => ChangeEventPermission::Unknown(
                "A tool that Procore names can't be read, and it may be this one.".to_owned(),
            ),
            None => ChangeEventPermission::NoTool,
            Some(tool) => match &tool.user_access_level {
                Some(level) => ChangeEventPermission::Level(level.name.clone()),
                None => ChangeEventPermission::Unknown("Procore didn't say what you may do.".to_owned()),
            },
        },
        Err(procore::Error::SignInAgain(_)) => ChangeEventPermission::SignIn(String::new()),
        Err(procore::Error::AppNotConnected) => ChangeEventPermission::NoApp,
        Err(procore::Error::NotFound | procore::Error::Forbidden(_)) => ChangeEventPermission::NoProject,
        Err(error) => ChangeEventPermission::Unknown(Error::from(told(error)).sentence()),
    })
}
