//! The click on *Push to Procore*: push, links, activity and outbox in one transaction, and nothing sent from here.

use std::collections::BTreeMap;

use domain::{
    ActivityId, CorId, DraftId, LinkId, PushId,
    activity::{Audience, Entry, EntryKind},
    audit::{AuditEvent, Fact, PrivateEntry, SharedEntry, Step},
    procore::{
        Side,
        push::Batch,
        push_plan::{Action, BATCH_LIMIT, KnownLine, Plan, PlanCor},
        push_state::{CorOutcome, ProcoreState, PushState},
    },
    role::Actor,
};
use jiff::SignedDuration;
use store::{
    CompanyTx,
    repo::{
        cor::Cor,
        link::{Link, Remembered},
        push::{Push, PushCor},
    },
};

use super::{
    begin::{NO_REVENUE, memory, pushable},
    decided::decided,
    draft::{Answer, DraftBody, OpenedDraft, Planned, is_gone, opened, slot, version},
    plan::undecided,
};
use crate::{App, Error};

/// What a plan has read of Procore is believed for so long: the event may be void by then, or a contract terminated.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(15);

/// Refuses a push that writes nothing and decides nothing.
pub const UNDECIDED: &str = "No changes to push. For each locked line, choose whether to add a line for the difference or to leave it as it is.";

/// Refuses a click on a plan that was replaced since its page was loaded: by a second tab, another person, or a COR that was
/// edited.
pub const ANOTHER_PLAN: &str = "This plan changed since you opened it. Review it again, then push it.";

/// Confirms the plan with the version that was shown, or with none the last one that was made. A second click answers the
/// same push.
pub async fn confirm(app: &App, actor: &Actor, id: DraftId, shown: Option<String>) -> Result<PushId, Error> {
    actor.may_write()?;
    let (shared, actor) = (app.clone(), actor.clone());
    let push =
        app.store.write(move |tx| confirmed(&shared, &mut tx.of(actor.company), &actor, id, shown.as_deref())).await?;
    app.wake.notify_waiters();
    Ok(push)
}

fn confirmed(
    app: &App,
    tx: &mut CompanyTx<'_>,
    actor: &Actor,
    id: DraftId,
    shown: Option<&str>,
) -> Result<PushId, Error> {
    let opened = opened(tx, actor, id)?;
    if let Some(push) = opened.body.push {
        return Ok(push);
    }
    let planned = opened.body.planned.clone().ok_or_else(|| Error::Conflict("Look at the plan first.".into()))?;
    if shown.is_some_and(|shown| shown != version(&planned.order)) {
        return Err(Error::Conflict(ANOTHER_PLAN.into()));
    }
    if !planned.stops.is_empty() {
        return Err(Error::Conflict(planned.stops.join(" ")));
    }
    let now = app.now();
    if now.duration_since(planned.read_at).abs() > GOOD_FOR {
        return Err(Error::Conflict("This plan is too old: Procore may have changed since. Look at it again.".into()));
    }
    still_as_planned(tx, &opened, &planned)?;
    let push = push(app, actor, &opened, &planned);
    let mut cors = Vec::with_capacity(opened.cors.len());
    let mut facts = vec![confirmation(tx, actor, &push)?];
    let (mut made, mut links, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let (mut choices, mut entries) = (Remembered::new(), Vec::new());
    for (cor, plan) in opened.cors.iter().filter_map(|c| Some((c, planned.order.plan.cor(c.id)?))) {
        let link = taken(&opened, &push, cor, plan);
        if !opened.links.contains_key(&cor.id) {
            made.push(link.clone());
        }
        lines.extend(ordinals(plan, &link));
        remember(&mut choices, &opened, cor);
        let change = plan.change();
        cors.push(PushCor {
            cor: cor.id,
            link: link.id,
            priced: cor.priced,
            previous: change.previous,
            planned: change.new,
            before: before(opened.links.get(&cor.id)),
            outcome: CorOutcome::Pending,
        });
        facts.push(asked(app, actor, &push, plan));
        facts.extend(decided(app, tx, actor, &opened, (cor, plan, &planned.order.plan), push.id)?);
        links.push(link.clone());
        entries.push(Entry {
            id: ActivityId::fresh(now, &*app.entropy),
            project: opened.project.id,
            cor: Some(cor.id),
            audience: Audience::Only(actor.company),
            actor: Some(actor.person),
            actor_name: actor.name.clone(),
            at: now,
            kind: EntryKind::Push,
            text: asked_for(&planned.order.target.name(), plan),
        });
    }
    tx.insert_links(&made)?;
    tx.show_links(links)?;
    tx.save_link_lines(&lines)?;
    tx.remember(&choices)?;
    tx.record_all(&entries)?;
    tx.insert_push(&push, &cors)?;
    let mut draft = opened.draft.clone();
    draft.body = serde_json::to_string(&DraftBody { push: Some(push.id), ..opened.body }).map_err(Error::internal)?;
    tx.update_draft(&draft, now)?;
    tx.append_audit(&facts)?;
    Ok(push.id)
}

/// What the activity tells of the click.
fn asked_for(target: &str, plan: &PlanCor) -> String {
    let change = plan.change();
    let is_locked = plan.lines.iter().any(|line| matches!(line.action, Action::Locked { .. }));
    let left = if is_locked { "stays" } else { "counts" };
    let asked =
        |what: String| format!("asked to {what}, because the COR is void: {} of it {left} there then", change.new);
    if plan.taken_out {
        let (removed, made_up) = (plan.removed(), plan.made_up());
        let removes = plan.lines.iter().any(|line| line.action == Action::Remove);
        match (removes, made_up.is_zero()) {
            (false, false) => asked(format!("make up for {made_up} of it that is locked in {target}")),
            (true, false) => {
                asked(format!("remove {removed} of it from {target} and to make up for {made_up} that is locked there"))
            }
            (_, true) => asked(format!("remove {removed} of it from {target}")),
        }
    } else {
        format!("asked to push it to {target}: {}, before {}", change.new, change.previous)
    }
}

/// What the record keeps of the click.
pub(crate) fn confirmation(tx: &mut CompanyTx<'_>, actor: &Actor, push: &Push) -> Result<Fact, Error> {
    let plan = &push.order.plan;
    let changes = || plan.cors.iter().map(PlanCor::change);
    let step = Step::Confirmed {
        by: actor.name.clone(),
        person: actor.person,
        login: sync::push::audited::login(tx, push)?,
        account: push.procore_company,
        project: push.procore_project,
        into: push.order.target.name(),
        event: push.event,
        cors: plan.cors.len(),
        writes: plan.writes(),
        planned: changes().map(|change| change.new).sum(),
        before: changes().map(|change| change.previous).sum(),
        currency: push.order.currency.code().to_owned(),
    };
    Ok(Fact { at: push.created_at, project: push.project, push: Some(push.id), event: AuditEvent::Push(step) })
}

/// What the record keeps of one COR of it.
fn asked(app: &App, actor: &Actor, push: &Push, plan: &PlanCor) -> Fact {
    let change = plan.change();
    let told = SharedEntry::CorAsked {
        number: plan.number.clone(),
        by: actor.name.clone(),
        planned: change.new,
        before: change.previous,
        currency: push.order.currency.code().to_owned(),
    };
    let event = AuditEvent::Cor { cor: plan.cor, told, kept: PrivateEntry::salted(&*app.entropy) };
    Fact { at: push.created_at, project: push.project, push: Some(push.id), event }
}

/// What was shown is what is sent: a COR that changed meanwhile, or a question without an answer, stops it.
fn still_as_planned(tx: &mut CompanyTx<'_>, opened: &OpenedDraft, planned: &Planned) -> Result<(), Error> {
    let stale = |number: &dyn std::fmt::Display| {
        Error::Conflict(format!("COR {number} was changed after this plan was made. Look at the plan again."))
    };
    if opened.cors.len() != opened.body.cors.len() {
        return Err(Error::Conflict("A COR of this selection is gone. Begin again from the log.".into()));
    }
    if undecided(&opened.body, &planned.order.plan) > 0 {
        return Err(Error::Conflict(UNDECIDED.into()));
    }
    let former = tx.former_references(&opened.body.cors)?;
    for cor in &opened.cors {
        pushable(cor, opened.links.get(&cor.id))?;
        let plan = planned.order.plan.cor(cor.id).ok_or_else(|| stale(&cor.number))?;
        let link = opened.links.get(&cor.id);
        let link_moved = link.is_some_and(|l| l.id != plan.link || l.push.as_ref() != planned.pushed_by.get(&cor.id));
        if planned.priced.get(&cor.id) != Some(&cor.priced) || link_moved {
            return Err(stale(&cor.number));
        }
        if link.is_none() && former.get(&cor.id).is_some_and(|former| former.contains(&plan.reference)) {
            return Err(Error::Conflict(format!(
                "COR {} was unlinked from its Change Event after this plan was made. Begin again from the log.",
                cor.number
            )));
        }
        let unanswered = plan.lines.iter().any(|line| {
            let answer = opened.body.answers.get(&slot(cor.id, line.key));
            line.action == Action::RemovedThere && answer != Some(&Answer::Leave)
        });
        if unanswered {
            return Err(Error::Conflict(format!(
                "Lines of COR {} were removed in Procore. Say for each whether to make it again or to leave it out.",
                cor.number
            )));
        }
        if let Some(event) = link.and_then(|l| l.event)
            && planned.order.plan.event != Some(event)
            && !is_gone(tx, opened.project.id, event)?
        {
            return Err(Error::Conflict(format!("COR {} is in another Change Event already.", cor.number)));
        }
    }
    Ok(())
}

fn push(app: &App, actor: &Actor, opened: &OpenedDraft, planned: &Planned) -> Push {
    let now = app.now();
    let id = PushId::fresh(now, &*app.entropy);
    let event = planned.order.plan.event;
    let (account, project) = (opened.mapping.procore_company_id, opened.mapping.procore_project_id);
    let queue = event.map_or_else(|| format!("push/{id}"), |event| format!("event/{account}/{project}/{event}"));
    Push {
        id,
        company: actor.company,
        project: opened.project.id,
        person: actor.person,
        draft: Some(opened.draft.id),
        procore_company: account,
        procore_project: project,
        queue,
        event,
        batches: batches(&planned.order.plan),
        order: planned.order.clone(),
        state: PushState::Queued { due: now },
        attempt: 0,
        requested: None,
        seen_event: None,
        created_at: now,
    }
}

/// What the log says of a COR before the push takes its link.
fn before(link: Option<&Link>) -> (ProcoreState, String) {
    link.map_or((ProcoreState::NotInProcore, String::new()), |link| (link.state, link.reason.clone()))
}

/// Whole CORs in requests of a bearable size. CORs with nothing to write go with the first: reading confirms them.
fn batches(plan: &Plan) -> Vec<Batch> {
    let mut batches: Vec<Batch> = plan.batches(BATCH_LIMIT).into_iter().map(Batch::fresh).collect();
    let idle: Vec<CorId> = plan.cors.iter().filter(|c| c.writes() == 0).map(|c| c.cor).collect();
    match batches.first_mut() {
        Some(first) => first.cors.extend(idle),
        None => batches.push(Batch::fresh(idle)),
    }
    batches
}

/// The COR's link, in this push's hands.
fn taken(opened: &OpenedDraft, push: &Push, cor: &Cor, plan: &PlanCor) -> Link {
    if let Some(link) = opened.links.get(&cor.id).cloned() {
        return Link { state: ProcoreState::InProgress, reason: String::new(), push: Some(push.id), ..link };
    }
    Link {
        id: plan.link,
        cor: cor.id,
        project: opened.project.id,
        side: opened.side(),
        reference: plan.reference.clone(),
        event: None,
        breakdown: push.order.breakdown,
        state: ProcoreState::InProgress,
        reason: String::new(),
        pushed: 0,
        pushed_amount: domain::procore::Amount::ZERO,
        pushed_at: None,
        push: Some(push.id),
    }
}

/// The marks of lines to be made, stored before anything leaves: they are how a lost answer is found again.
fn ordinals(plan: &PlanCor, link: &Link) -> impl Iterator<Item = (LinkId, KnownLine)> {
    let link = link.id;
    plan.lines.iter().filter(|line| line.action == Action::Create).filter_map(move |line| {
        let values = line.wanted.clone()?;
        Some((link, KnownLine { key: line.key, ordinal: line.ordinal, line: None, values }))
    })
}

/// What was chosen is suggested the next time for the same contract.
fn remember(choices: &mut Remembered, opened: &OpenedDraft, cor: &Cor) {
    if opened.side() == Side::Received {
        let of_contract = choices.entry(cor.contract.id).or_default();
        // Whether Procore adds markup is decided anew each time.
        if let Some(contract) = opened.body.contracts.get(&cor.id) {
            of_contract.insert("contract".to_owned(), *contract);
        }
        of_contract.insert(NO_REVENUE.to_owned(), i64::from(opened.body.no_revenue));
    }
    let mut codes: BTreeMap<String, i64> = BTreeMap::new();
    for line in opened.lines(cor) {
        if let Some(code) = opened.body.codes.get(&slot(cor.id, line.key)) {
            codes.entry(memory(cor, line.key)).or_insert(*code);
        }
    }
    choices.entry(cor.contract.id).or_default().extend(codes);
}
