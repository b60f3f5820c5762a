//! Taking our lines out of Procore: copies, or all of a COR's. The plan is shown; a click has the worker carry it out like
//! any push, exactly once.
#![allow(missing_docs, reason = "most fields say by their names what they are")]

use std::collections::BTreeSet;

use domain::{
    CorId, Money, ProcoreId, ProjectId, PushId,
    activity::{Audience, EntryKind},
    procore::{
        Amount, Side,
        comparison::Finding,
        footing,
        push::{Batch, Order, Purpose, Target},
        push_plan::{Action, Plan, PlanLine, Removal},
        push_state::{CorOutcome, ProcoreState, PushState},
        reference::Mark,
    },
    role::Actor,
};
use procore::model::ChangeEvent;
use serde::{Deserialize, Serialize};
use store::repo::{
    link::Link,
    mapping::Mapping,
    push::{Push, PushCor},
};
use sync::link::{event_now, priced, translate};
use utoipa::ToSchema;

use super::{
    decide::decidable,
    known::{LinkedCor, known_now, place},
    line::ComparedLine,
};
use crate::{App, Error, cor::story::FeedWriter, push::confirm::confirmation, record::Decision};

/// Which lines are to be removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovalAsked {
    /// `remove_surplus`: copies that no push accounts for. `unlink`: all lines of the COR, and its link ends. `move`: the same;
    /// afterwards the COR is pushed to another change event.
    pub purpose: Purpose,
}

/// A removal as it was shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovalConfirmed {
    pub purpose: Purpose,
    /// [`RemovalPlan::digest`].
    pub digest: String,
}

/// What would be removed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RemovalPlan {
    pub purpose: Purpose,
    pub cor_id: CorId,
    pub number: String,
    pub project_id: ProjectId,
    pub project_name: String,
    pub side: Side,
    pub event_id: ProcoreId,
    pub event_number: String,
    pub event_title: String,
    /// Its page in Procore.
    pub event_url: Option<String>,
    /// What the amounts are in: a code, or that nobody knows.
    pub currency: String,
    /// The lines that go.
    pub lines: Vec<ComparedLine>,
    /// Those that are locked in Procore and stay; `notes` say why.
    pub locked_lines: Vec<ComparedLine>,
    /// What the lines that go add up to.
    pub total: Amount,
    /// What `total` holds besides the lines' amounts, since each is rounded to the cent and Procore holds fractions of it.
    pub rounding: Money,
    /// What the whole change event holds now.
    pub event_before: Amount,
    /// What it holds afterwards.
    pub event_after: Amount,
    /// Names the plan; it is confirmed by it.
    pub digest: String,
    /// Why it can't be carried out; null when it can.
    pub hindrance: Option<String>,
}

impl RemovalPlan {
    fn of(app: &App, shown: RemovalShown) -> Self {
        let place = shown.linked.mapping.as_ref().map(|m| (m.procore_company_id, m.procore_project_id));
        let mut lines: Vec<&PlanLine> = shown.plan.cors.iter().flat_map(|cor| &cor.lines).collect();
        // Procore answers lines in no particular order.
        lines.sort_by_key(|line| (line.ordinal, line.line));
        let locked = |line: &PlanLine| match &line.action {
            Action::Locked { why } => Some(why.clone()),
            _ => None,
        };
        let (stay, go): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| locked(line).is_some());
        let going = || go.iter().map(|line| line.previous());
        let as_there = |line: &PlanLine| ComparedLine {
            text: line.before.as_ref().map(|values| values.description.clone()).unwrap_or_default(),
            line_id: line.line.map(ProcoreId::from),
            in_procore: Some(line.previous()),
            notes: locked(line).into_iter().collect(),
            ..ComparedLine::default()
        };
        Self {
            purpose: shown.purpose,
            event_id: shown.event.id.0.into(),
            event_url: place.map(|(company, project)| app.event_in_procore(company, project, shown.event.id.0)),
            currency: match &shown.linked.currency {
                Ok(()) => shown.linked.cor.currency.code().to_owned(),
                Err(trouble) => trouble.theirs().to_owned(),
            },
            total: going().sum(),
            rounding: footing::rounding(going(), going().sum()),
            lines: go.iter().copied().map(as_there).collect(),
            locked_lines: stay.into_iter().map(as_there).collect(),
            event_before: shown.plan.totals.whole.previous,
            event_after: shown.plan.totals.whole.new,
            digest: shown.digest(),
            hindrance: shown.hindrance(),
            cor_id: shown.linked.cor.id,
            number: shown.linked.cor.number.to_string(),
            project_id: shown.linked.project.id,
            side: shown.linked.side,
            project_name: shown.linked.project.name,
            event_number: shown.event.number,
            event_title: shown.event.title,
        }
    }
}

const GONE: &str = "This Change Event was deleted in Procore, and its lines with it: nothing is left to be removed.";

/// A removal, and what it is made of.
#[derive(Debug, Clone)]
pub struct RemovalShown {
    /// What is known of the COR's link, read just now.
    pub linked: LinkedCor,
    /// What it is for.
    pub purpose: Purpose,
    /// Which lines go.
    pub plan: Plan,
    /// The event as it is.
    pub event: ChangeEvent,
}

impl RemovalShown {
    /// What identifies the plan: confirmed is what was shown.
    pub fn digest(&self) -> String {
        let lines = self.plan.cors.iter().flat_map(|cor| &cor.lines);
        let one = |line: &PlanLine| format!("{}:{}", line.line.unwrap_or_default(), line.previous().stored());
        // Procore answers lines in no particular order.
        let mut all: Vec<String> = lines.map(one).collect();
        all.sort();
        all.join(",")
    }

    /// Why it can't be carried out, if so.
    pub fn hindrance(&self) -> Option<String> {
        let lines = || self.plan.cors.iter().flat_map(|cor| &cor.lines);
        let locked: Vec<&str> = lines()
            .filter_map(|line| match &line.action {
                Action::Locked { why } => Some(why.as_str()),
                _ => None,
            })
            .collect();
        if self.purpose != Purpose::RemoveSurplus
            && let Some(why) = self.linked.surplus_first()
        {
            return Some(why);
        }
        if self.purpose == Purpose::Move
            && let Err(trouble) = &self.linked.currency
        {
            return Some(format!(
                "It couldn't be pushed to another Change Event afterwards. {}",
                trouble.with_remedy()
            ));
        }
        if lines().next().is_none() {
            return Some("None of these lines is in Procore any more.".to_owned());
        }
        let count = locked.len();
        let or = if self.linked.stays_linked().is_some() { "" } else { ", or unlink and keep them" };
        locked.first().map(|why| format!("{count} of these lines can't be removed: {why}. Free them in Procore{or}."))
    }
}

/// Reads the event now and shows what would be removed. Nothing is written.
pub async fn plan_removal(app: &App, actor: &Actor, cor: CorId, purpose: Purpose) -> Result<RemovalPlan, Error> {
    Ok(RemovalPlan::of(app, plan(app, actor, cor, purpose).await?))
}

/// The same, to be carried out.
pub async fn plan(app: &App, actor: &Actor, cor: CorId, purpose: Purpose) -> Result<RemovalShown, Error> {
    actor.may_write()?;
    if !purpose.removes() {
        return Err(Error::invalid("purpose", "Choose one of remove_surplus, unlink, move."));
    }
    let linked = known_now(app, actor, cor).await?;
    actor.may_push(linked.project.standing())?;
    if linked.link.state.is_busy() {
        return Err(Error::Conflict("A push of this COR is under way. Wait for its result.".into()));
    }
    if let Some(why) = linked.is_out().filter(|_| purpose == Purpose::Move) {
        return Err(Error::Conflict(why.to_owned()));
    }
    let event = if purpose == Purpose::RemoveSurplus { linked.surplus_in() } else { linked.link.event };
    let event = event.ok_or_else(|| Error::Conflict("Nothing of this COR is there to be removed.".into()))?;
    let found = event_now::read(app, actor, &place(app, actor, &linked).await?, event).await?;
    let found = found.ok_or_else(|| Error::Conflict(GONE.to_owned()))?;
    let (company, ours, link, side) = (actor.company, linked.project.id, linked.link.id, linked.link.side);
    let read = found.clone();
    let (known, also_ours, priced) = app
        .store
        .read(move |tx| {
            let mut us = tx.of(company);
            let priced = priced::by_us(&mut us, ours, &read)?;
            Ok::<_, Error>((us.link_lines(link)?, us.our_lines_in(ours, event, side)?, priced))
        })
        .await?;
    let linked = known_now(app, actor, cor).await?;
    let there = translate::for_plan(&found, linked.link.side, &priced);
    let ids: BTreeSet<i64> = known.iter().filter_map(|line| line.line).collect();
    let marked = |text: &str| Mark::find(text).is_some_and(|mark| mark.reference == linked.link.reference);
    let surplus = linked.surplus();
    let ours = |id: i64, text: &str| marked(text) || surplus.contains(&id);
    let copies = there.lines.iter().filter(|l| !l.deleted && !ids.contains(&l.id) && ours(l.id, &l.values.description));
    let mut lines: BTreeSet<i64> = copies.map(|line| line.id).collect();
    if purpose != Purpose::RemoveSurplus {
        lines.extend(ids);
    }
    let removal = Removal {
        cor,
        link,
        number: linked.cor.number.to_string(),
        reference: linked.link.reference.clone(),
        known,
        lines,
    };
    let plan = Plan::removal(linked.link.side, &there, &removal, &also_ours);
    Ok(RemovalShown { linked, purpose, plan, event: found })
}

/// Confirms a removal as it was shown; `digest` is [`RemovalShown::digest`]. The worker carries it out.
pub async fn remove(app: &App, actor: &Actor, cor: CorId, purpose: Purpose, digest: &str) -> Result<PushId, Error> {
    actor.may_write()?;
    let shown = plan(app, actor, cor, purpose).await?;
    if shown.digest() != digest {
        return Err(Error::Conflict("The lines in Procore changed since this was shown. Look at them again.".into()));
    }
    confirm(app, actor, shown).await
}

/// Removes the copies that the log tells of, in the event that has them: one click, without a plan to be read first. Procore
/// is read all the same, and where other lines carry the COR's mark than were told of, nothing is done.
pub async fn remove_surplus(app: &App, actor: &Actor, cor: CorId) -> Result<PushId, Error> {
    actor.may_write()?;
    let told = known_now(app, actor, cor).await?.surplus();
    let shown = plan(app, actor, cor, Purpose::RemoveSurplus).await?;
    let mut lines = shown.plan.cors.iter().flat_map(|cor| &cor.lines).filter_map(|line| line.line);
    if !lines.all(|line| told.contains(&line)) {
        return Err(Error::Conflict("More lines of it than were known are in Procore now. Look at them first.".into()));
    }
    confirm(app, actor, shown).await
}

/// Queues what was shown.
async fn confirm(app: &App, actor: &Actor, shown: RemovalShown) -> Result<PushId, Error> {
    if let Some(why) = shown.hindrance() {
        return Err(Error::Conflict(why));
    }
    let cor = shown.linked.cor.id;
    let mapping = place(app, actor, &shown.linked).await?;
    let (teller, push) = (FeedWriter::new(app, actor), push(app, actor, &shown, &mapping));
    let (id, shared, actor, version) = (push.id, app.clone(), actor.clone(), shown.linked.version());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let linked = decidable(&mut us, &actor, cor, &version)?;
            let change = push.order.plan.cors.first().map(domain::procore::push_plan::PlanCor::change);
            let change = change.unwrap_or_default();
            let link = Link {
                state: ProcoreState::InProgress,
                reason: String::new(),
                push: Some(push.id),
                ..linked.link.clone()
            };
            us.show_link(&link)?;
            let member = PushCor {
                cor,
                link: link.id,
                priced: linked.cor.priced,
                previous: change.previous,
                planned: change.new,
                before: (linked.link.state, linked.link.reason.clone()),
                outcome: CorOutcome::Pending,
            };
            us.insert_push(&push, &[member])?;
            let mut facts = vec![confirmation(&mut us, &actor, &push)?];
            let (event, amount) = (push.order.target.name(), change.previous);
            let says = match push.order.purpose {
                Purpose::Unlink => format!("asked to unlink it and to remove {amount} of it from {event}"),
                Purpose::Move => format!("asked to move it: to remove {amount} of it from {event} first"),
                Purpose::RemoveSurplus | Purpose::Write => {
                    format!("asked to remove {amount} of it that is too many in {event}")
                }
            };
            let why = linked.open().iter().map(Finding::sentence).collect::<Vec<_>>().join(" ");
            let decision =
                Decision { event: push.event, push: Some(push.id), ..Decision::new(&linked.link, says, why) };
            facts.push(decision.fact(&shared, &mut us, &actor, &linked.cor)?);
            us.append_audit(&facts)?;
            let text = match push.order.purpose {
                Purpose::Unlink => format!("asked to unlink it from {event} and to remove {amount} there"),
                Purpose::Move => format!("asked to remove {amount} from {event}, to move it"),
                Purpose::RemoveSurplus | Purpose::Write => {
                    format!("asked to remove {amount} that is too many in {event}")
                }
            };
            let who = Audience::Only(actor.company);
            teller.write(&mut us, 0, (linked.project.id, Some(cor)), who, (EntryKind::Push, text))?;
            Ok::<_, Error>(())
        })
        .await?;
    app.wake.notify_waiters();
    Ok(id)
}

fn push(app: &App, actor: &Actor, shown: &RemovalShown, mapping: &Mapping) -> Push {
    let (now, account, project) = (app.now(), mapping.procore_company_id, mapping.procore_project_id);
    let event = shown.event.id.0;
    let (number, title) = (shown.event.number.clone(), shown.event.title.clone());
    Push {
        id: PushId::fresh(now, &*app.entropy),
        company: actor.company,
        project: shown.linked.project.id,
        person: actor.person,
        draft: None,
        procore_company: account,
        procore_project: project,
        queue: format!("event/{account}/{project}/{event}"),
        event: Some(event),
        order: Order {
            target: Target::Existing { event, number, title, prime_contract: None },
            plan: shown.plan.clone(),
            breakdown: shown.linked.link.breakdown,
            currency: shown.linked.cor.currency,
            purpose: shown.purpose,
            no_revenue: false,
        },
        batches: vec![Batch::fresh(vec![shown.linked.cor.id])],
        state: PushState::Queued { due: now },
        attempt: 0,
        requested: None,
        seen_event: None,
        created_at: now,
    }
}
