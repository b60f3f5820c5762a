//! Pre-flight: the facts behind [`domain::procore::preflight`], gathered with the plan.
//!
//! What a person may do in Procore is asked with one request and kept for a while; whatever would stop the push is asked
//! anew each time, so that a remedy shows at once. All else is known from what the plan reads anyway.

use domain::{
    DraftId,
    procore::{
        Amount, Side,
        budget::Priority,
        preflight::{Access, ContractFacts, EventFacts, Facts, Finding, Level, preflight},
        push::Target,
        push_plan::Plan,
    },
    role::Actor,
};
use jiff::SignedDuration;
use procore::model::{self, ChangeEvent};
use store::repo::reference::ReferenceRow;

use super::{
    choose_lines::missing,
    draft::{Opened, open},
};
use crate::{
    App, Error,
    actions::{
        acting::{asking, told},
        procore_tokens,
        reference::{self, ReferenceData},
    },
    sync::translate,
};

/// What Procore said about a person is believed for so long.
const BELIEVED: SignedDuration = SignedDuration::from_mins(10);

/// What is found before a push of an opened draft. `read` is the event as the plan has read it, and the plan.
pub(super) async fn findings(
    app: &App,
    actor: &Actor,
    opened: &Opened,
    read: Option<(&ChangeEvent, &Plan)>,
    data: &ReferenceData,
) -> Result<Vec<Finding>, Error> {
    let found = read.map(|(event, _)| event);
    let (company, person, project) = (actor.company, actor.person, opened.project.id);
    let (login, known) = app
        .store
        .read(move |tx| {
            let mut us = tx.of(company);
            Ok::<_, Error>((us.login_of(person)?, us.known_currency(project)?))
        })
        .await?;
    let event = match found {
        Some(found) => Some(EventFacts {
            name: format!("CE {}", found.number),
            status: found.status.name.clone(),
            mapped_to: String::from(found.status.mapped_to.clone()),
            own: match (&found.created_by, &login) {
                (Some(by), Some(login)) => Some(by.id.0 == login.procore_user_id),
                _ => None,
            },
            unreadable: unreadable(found, opened.side()),
        }),
        None => stored_event(app, actor, opened).await?,
    };
    let mut facts = Facts {
        access: Access::Unknown(String::new()),
        login: login.map_or_else(|| actor.name.clone(), |login| login.procore_user),
        event,
        currency: opened.body.currency,
        there: match read {
            Some((event, plan)) => known.naming(translate::currencies(event, &plan.known_lines())),
            None => known,
        },
        codes: opened.cors.iter().map(|cor| opened.lines(cor).len()).sum(),
        codes_gone: missing(opened, data).codes.len(),
        codes_old: old(app, data),
        only_takes_out: opened.asking().next().is_none(),
        contracts: contracts(opened, data),
    };
    facts.access = access(app, actor, opened, &facts).await?;
    Ok(preflight(&facts))
}

/// The same where no plan can be made: why, if it is something that pre-flight knows of.
pub async fn stopped(app: &App, actor: &Actor, id: DraftId) -> Result<Option<(Opened, Vec<Finding>)>, Error> {
    let opened = open(app, actor, id).await?;
    let data = reference::get(app, actor, opened.project.id).await?;
    let findings = findings(app, actor, &opened, None, &data).await?;
    Ok(findings.iter().any(|finding| finding.level == Level::Stop).then_some((opened, findings)))
}

/// The chosen event as last read; nothing for a new one.
async fn stored_event(app: &App, actor: &Actor, opened: &Opened) -> Result<Option<EventFacts>, Error> {
    let Some(Target::Existing { event, .. }) = &opened.body.target else { return Ok(None) };
    let (company, project, event) = (actor.company, opened.project.id, *event);
    let row = app.store.read(move |tx| tx.of(company).change_event(project, event)).await?;
    Ok(row.map(|row| EventFacts {
        name: format!("CE {}", row.number),
        status: row.status,
        mapped_to: row.mapped_status,
        own: None,
        unreadable: Vec::new(),
    }))
}

fn unreadable(found: &ChangeEvent, side: Side) -> Vec<(String, Amount)> {
    let lines = translate::event(found, side).lines.into_iter();
    let lines = lines.filter(|line| !line.deleted && !line.values.amount.is_readable());
    lines.map(|line| (domain::text::shortened(&line.values.description, 60), line.values.amount)).collect()
}

fn old(app: &App, data: &ReferenceData) -> Option<String> {
    let age = app.now().duration_since(data.fetched_at);
    reference::is_stale(Some(data.fetched_at), app.now()).then(|| format!("{} h ago", age.as_hours()))
}

fn contracts(opened: &Opened, data: &ReferenceData) -> Vec<ContractFacts> {
    let known = opened.contracts().into_iter().filter_map(|id| data.contract(opened.side(), id));
    let facts = known.map(|contract| ContractFacts {
        name: contract.name(),
        status: contract.status.clone(),
        currency: contract.currency.clone(),
    });
    facts.collect()
}

/// What the person may do, as last told if that is recent and stops nothing.
async fn access(app: &App, actor: &Actor, opened: &Opened, facts: &Facts) -> Result<Access, Error> {
    let (company, project, now) = (actor.company, opened.project.id, app.now());
    let kind = format!("access/{}", actor.person);
    let rows = app.store.read(move |tx| tx.of(company).reference(project)).await?;
    let known = rows.into_iter().find(|row| row.kind == kind && now.duration_since(row.fetched_at) < BELIEVED);
    if let Some(access) = known.and_then(|row| serde_json::from_str::<Access>(&row.body).ok()) {
        let serves = preflight(&Facts { access: access.clone(), ..facts.clone() });
        let health = procore_tokens::health(app, company, actor.person).await?;
        let asks = |finding: &Finding| finding.level == Level::Stop && finding.check.is_about_the_person();
        if health.is_live() && !serves.iter().any(asks) {
            return Ok(access);
        }
    }
    let access = asked(app, actor, opened).await?;
    if matches!(access, Access::Level(_)) {
        let body = serde_json::to_string(&access).map_err(Error::internal)?;
        let row = ReferenceRow { kind, body, fetched_at: now };
        let procore_project = opened.mapping.procore_project_id;
        app.store.write(move |tx| tx.of(company).store_reference(project, procore_project, &row)).await?;
    }
    Ok(access)
}

/// One request.
async fn asked(app: &App, actor: &Actor, opened: &Opened) -> Result<Access, Error> {
    let mapping = &opened.mapping;
    let project = model::ProjectId(mapping.procore_project_id);
    let call = move |session: procore::Session| async move { session.permissions(project).await };
    let answer = match asking(app, actor, Some(mapping.procore_company_id), Priority::Interactive, call).await {
        Ok(answer) => answer,
        Err(Error::SignInToProcore(why)) => return Ok(Access::SignIn(why)),
        Err(Error::ProcoreUnavailable(why)) => return Ok(Access::Unknown(why)),
        Err(other) => return Err(other),
    };
    Ok(match answer {
        Ok(said) => match said.value.tool("Change Events") {
            None if !said.value.tools.odd.is_empty() => {
                Access::Unknown("A tool that Procore names can't be read, and it may be this one.".to_owned())
            }
            None => Access::NoTool,
            Some(tool) => match &tool.user_access_level {
                Some(level) => Access::Level(level.name.clone()),
                None => Access::Unknown("Procore didn't say what you may do.".to_owned()),
            },
        },
        Err(procore::Error::SignInAgain(_)) => Access::SignIn(String::new()),
        Err(procore::Error::AppNotConnected) => Access::NoApp,
        Err(procore::Error::NotFound | procore::Error::Forbidden(_)) => Access::NoProject,
        Err(error) => Access::Unknown(told(error).sentence()),
    })
}
