//! Step 3: read the event as it is now and show every line that will be written.

use std::collections::BTreeMap;

use domain::{
    CorId, DraftId, LinkId,
    cor::LineKey,
    procore::{
        Amount, Side, footing,
        preflight::{PreflightFinding, stops},
        push::{NewEvent, Order, Purpose, Target},
        push_plan::{
            Action, AmountChange, EventLines, EventTotals, KnownLine, Plan, PlanCor, PlanLine, Recreate, WantedCor,
            Work,
        },
        reference::Reference,
    },
    role::Actor,
};
use jiff::{SignedDuration, Timestamp};
use procore::model::ChangeEvent;
use store::repo::cor::Cor;
use sync::link::{event_now, priced, translate};

use super::{
    begin::pushable,
    choose_lines::missing,
    deleted::surely_deleted,
    draft::{Answer, DraftBody, DraftMark, OpenedDraft, Planned, open, save, slot},
    preflight::{compares, findings},
};
use crate::{
    App, Error,
    integration::reference::{self, ReferenceData},
    push::contract_now,
};

/// A plan with what its page shows around it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The draft it belongs to.
    pub opened: OpenedDraft,
    /// What will be confirmed.
    pub order: Order,
    /// The event as it is now; `None` for a new one.
    pub found: Option<ChangeEvent>,
    /// What the pickers know.
    pub data: ReferenceData,
    /// Lines removed there that nobody answered for.
    pub unanswered: usize,
    /// Locked lines of void CORs that nobody decided about, where the push would write nothing at all.
    pub undecided: usize,
    /// What pre-flight found.
    pub preflight: Vec<PreflightFinding>,
}

impl Shown {
    /// Whether what is there is in the currency of the CORs: else nothing is pushed, and the two are neither added nor compared.
    pub fn compares(&self) -> bool {
        compares(&self.preflight)
    }

    /// An amount of the two together.
    pub(crate) fn comparable(&self, amount: Amount) -> Amount {
        if self.compares() { amount } else { Amount::NotComparable }
    }

    /// Previous and new amount of a line.
    pub fn line_change(&self, line: &PlanLine) -> AmountChange {
        let change = AmountChange { previous: line.previous(), new: line.after() };
        let ours = line.action == Action::Create || matches!(line.action, Action::Update { .. });
        match (self.compares(), ours) {
            (true, _) => change,
            (false, true) if line.before.is_none() => change,
            (false, true) => AmountChange { previous: Amount::NotComparable, ..change },
            (false, false) => AmountChange { previous: Amount::NotComparable, new: Amount::NotComparable },
        }
    }

    /// Previous and new amount of a COR's lines.
    pub fn cor_change(&self, cor: &PlanCor) -> AmountChange {
        cor.lines.iter().map(|line| self.line_change(line)).fold(AmountChange::default(), AmountChange::plus)
    }

    /// What the rounded amounts of a COR's lines leave out of its own.
    pub fn rounding_in(&self, cor: &PlanCor) -> AmountChange {
        let lines: Vec<AmountChange> = cor.lines.iter().map(|line| self.line_change(line)).collect();
        footing::rounding_of(&lines, self.cor_change(cor))
    }

    /// What the rounded amounts of the CORs, and of our lines outside this push, leave out of ours.
    pub fn rounding_in_ours(&self) -> AmountChange {
        let plan = &self.order.plan;
        let mut parts: Vec<AmountChange> = plan.cors.iter().map(PlanCor::change).collect();
        let ours = parts.iter().copied().fold(AmountChange::default(), AmountChange::plus);
        let elsewhere = plan.totals.ours.previous - ours.previous;
        parts.push(AmountChange { previous: elsewhere, new: elsewhere });
        if self.compares() { footing::rounding_of(&parts, plan.totals.ours) } else { AmountChange::default() }
    }

    /// What ours and others' lines, each rounded, leave out of the whole event.
    pub fn rounding(&self) -> AmountChange {
        let totals = self.totals();
        let others = AmountChange { previous: totals.others, new: totals.others };
        footing::rounding_of(&[totals.ours, others], totals.whole)
    }

    /// The three totals.
    pub fn totals(&self) -> EventTotals {
        let totals = self.order.plan.totals;
        if self.compares() {
            return totals;
        }
        let none = Amount::NotComparable;
        let change = AmountChange { previous: none, new: none };
        // Without an event there is nothing else.
        let there = self.found.is_some();
        let ours = if there { change } else { totals.ours };
        let others = if there { none } else { Amount::ZERO };
        let following = if totals.following.is_zero() { Amount::ZERO } else { none };
        EventTotals { ours, whole: ours, others, following, latest: none, ..totals }
    }

    /// What everybody should know who pushes a COR whose typed total is far from its lines.
    pub fn rounding_warning(&self, cor: CorId) -> Option<String> {
        self.opened.cors.iter().find(|c| c.id == cor)?.price.totals().warning()
    }
}

/// Reads the event, computes the plan and stores it in the draft as shown.
pub async fn plan(app: &App, actor: &Actor, id: DraftId) -> Result<Shown, Error> {
    actor.may_write()?;
    let mut opened = open(app, actor, id).await?;
    let read_at = read_at(&opened.body, app.now());
    let mut data = reference::get(app, actor, opened.project.id).await?;
    marked(app, &mut opened);
    let target = opened.body.target.clone().ok_or_else(|| Error::Conflict("Choose a Change Event first.".into()))?;
    if opened.work() != Work::TakesOut {
        reference::look_again(app, actor, &opened.mapping, opened.side(), &mut data).await?;
    }
    let lacking = missing(&opened, &data);
    if !lacking.is_nothing() {
        return Err(Error::Conflict(format!("{}.", lacking.sentence())));
    }
    for cor in &opened.cors {
        pushable(cor, opened.links.get(&cor.id))?;
    }
    let found = match &target {
        Target::New(_) => None,
        Target::Existing { event, .. } => Some(read(app, actor, &opened, *event).await?),
    };
    let chosen = opened.contracts();
    let mut seen = contract_now::read(app, actor, &opened.mapping, (opened.side(), &chosen), &mut data).await?;
    surely_deleted(app, actor, &opened, found.as_ref().map(|event| event.id.0)).await?;
    let target = settled_target(&opened, target, found.as_ref());
    let event = match &found {
        Some(found) => Some(for_plan(app, actor, &opened, found).await?),
        None => None,
    };
    let order = order(app, actor, &opened, target, event.as_ref(), &data).await?;
    // What makes up for a locked line is paid under that line's contract, whichever was chosen.
    let others = order.plan.puts_money().filter_map(|line| line.contract).filter(|id| !chosen.contains(id)).collect();
    seen.extend(contract_now::read(app, actor, &opened.mapping, (opened.side(), &others), &mut data).await?);
    let unanswered = unanswered(&opened.body, &order.plan);
    let undecided = undecided(&opened.body, &order.plan);
    let preflight = findings(app, actor, &opened, (found.as_ref(), &order.plan), (&data, &seen)).await?;
    let priced = opened.cors.iter().map(|c| (c.id, c.priced)).collect();
    let pushed_by = opened.links.iter().filter_map(|(cor, link)| Some((*cor, link.push?))).collect();
    let stops = stops(&preflight);
    let body = DraftBody {
        planned: Some(Planned { order: order.clone(), priced, pushed_by, stops, read_at }),
        ..opened.body.clone()
    };
    let stored = serde_json::from_str::<serde_json::Value>(&opened.draft.body).ok();
    if opened.body.push.is_none() && serde_json::to_value(&body).ok() != stored {
        save(app, actor, &opened, &body).await?;
    }
    Ok(Shown { opened, order, found, data, unanswered, undecided, preflight })
}

/// From before what the plan reads. A page that is loaded twice in a row stores nothing the second time.
fn read_at(before: &DraftBody, now: Timestamp) -> Timestamp {
    let just = |at: &Timestamp| (SignedDuration::ZERO..SignedDuration::from_mins(1)).contains(&now.duration_since(*at));
    before.planned.as_ref().map(|planned| planned.read_at).filter(just).unwrap_or(now)
}

/// Gives each COR that has no link its mark, once for the life of the draft: what a person saw on the plan is what Procore
/// will hold, whatever they changed in between.
fn marked(app: &App, opened: &mut OpenedDraft) {
    for cor in opened.cors.iter().filter(|cor| !opened.links.contains_key(&cor.id)) {
        opened.body.marks.entry(cor.id).or_insert_with(|| DraftMark {
            link: LinkId::fresh(app.now(), &*app.entropy),
            reference: Reference::fresh(&*app.entropy),
        });
    }
}

fn unanswered(body: &DraftBody, plan: &Plan) -> usize {
    let lines = plan.cors.iter().flat_map(|cor| cor.lines.iter().map(move |line| (cor.cor, line)));
    lines
        .filter(|(_, line)| line.action == Action::RemovedThere)
        .filter(|(cor, line)| body.answers.get(&slot(*cor, line.key)) != Some(&Answer::Leave))
        .count()
}

/// Locked lines of void CORs that wait for a word: made up for, or left as they are. Where something is written anyway, those
/// that nobody spoke of are left; a push that writes nothing is for what somebody decided.
pub(crate) fn undecided(body: &DraftBody, plan: &Plan) -> usize {
    if plan.writes() > 0 {
        return 0;
    }
    let void = plan.cors.iter().filter(|cor| cor.taken_out);
    let lines = void.flat_map(|cor| cor.lines.iter().map(move |line| (cor.cor, line)));
    lines
        .filter(|(_, line)| matches!(line.action, Action::Locked { .. }) && line.before.is_some())
        .filter(|(_, line)| line.key.adjustment().is_some() && !line.gap().is_zero())
        .filter(|(cor, line)| !body.answers.contains_key(&slot(*cor, line.key)))
        .count()
}

/// The event as it is now. A deleted one is none.
async fn read(app: &App, actor: &Actor, opened: &OpenedDraft, event: i64) -> Result<ChangeEvent, Error> {
    let found = event_now::read(app, actor, &opened.mapping, event).await?;
    found.ok_or_else(|| Error::Conflict(event_now::DELETED.to_owned()))
}

async fn for_plan(app: &App, actor: &Actor, opened: &OpenedDraft, found: &ChangeEvent) -> Result<EventLines, Error> {
    let (company, project, read) = (actor.company, opened.project.id, found.clone());
    let priced = app.store.read(move |tx| priced::by_us(&mut tx.of(company), project, &read)).await?;
    Ok(translate::for_plan(found, opened.side(), &priced))
}

/// The target with everything the event as it is now decides: its names and its prime contract.
fn settled_target(opened: &OpenedDraft, target: Target, found: Option<&ChangeEvent>) -> Target {
    let prime = prime_contract(opened, found);
    match target {
        Target::Existing { event, .. } => {
            let (number, title) = found.map(|f| (f.number.clone(), f.title.clone())).unwrap_or_default();
            Target::Existing { event, number, title, prime_contract: prime }
        }
        Target::New(new) => Target::New(NewEvent { prime_contract: prime, ..new }),
    }
}

/// The prime contract for markup estimates to be set: the one that was chosen for all sent CORs that name one. One that is
/// set in Procore is never changed, and where different ones were chosen none is set.
fn prime_contract(opened: &OpenedDraft, found: Option<&ChangeEvent>) -> Option<i64> {
    let set = found.is_some_and(|f| f.prime_contract_for_estimates.is_some());
    if opened.side() == Side::Received || set {
        return None;
    }
    let chosen = opened.contracts();
    chosen.first().copied().filter(|_| chosen.len() == 1)
}

async fn order(
    app: &App,
    actor: &Actor,
    opened: &OpenedDraft,
    target: Target,
    event: Option<&EventLines>,
    data: &ReferenceData,
) -> Result<Order, Error> {
    let (company, project, side, id) = (actor.company, opened.project.id, opened.side(), event.map(|e| e.id));
    let known: Vec<LinkId> = opened.links.values().map(|l| l.id).collect();
    let (lines, also_ours) = app
        .store
        .read(move |tx| {
            let mut tx = tx.of(company);
            let lines = tx.lines_of_links(&known)?;
            let ours = id.map(|event| tx.our_lines_in(project, event, side)).transpose()?.unwrap_or_default();
            Ok::<_, Error>((lines, ours))
        })
        .await?;
    let wanted: Vec<WantedCor> = opened.cors.iter().map(|cor| wanted(app, opened, cor, &lines, data)).collect();
    let recreate: Recreate = answered(&opened.body, Answer::Recreate).collect();
    let plan = Plan::new(opened.side(), event, &wanted, &also_ours, &recreate);
    Ok(Order {
        target,
        plan,
        breakdown: opened.body.breakdown,
        currency: opened.body.currency,
        purpose: Purpose::Write,
        no_revenue: opened.side() == Side::Received && opened.body.no_revenue,
    })
}

/// The lines about which this was answered.
fn answered(body: &DraftBody, answer: Answer) -> impl Iterator<Item = (CorId, LineKey)> {
    body.answers.iter().filter(move |(_, given)| **given == answer).filter_map(|(slot, _)| parse_slot(slot))
}

fn parse_slot(slot: &str) -> Option<(CorId, LineKey)> {
    let (cor, key) = slot.split_once('/')?;
    Some((cor.parse().ok()?, key.parse().ok()?))
}

fn wanted(
    app: &App,
    opened: &OpenedDraft,
    cor: &Cor,
    lines: &BTreeMap<LinkId, Vec<KnownLine>>,
    data: &ReferenceData,
) -> WantedCor {
    let contract = opened.body.contracts.get(&cor.id).copied();
    let commitment = contract.and_then(|id| data.contract(Side::Received, id));
    // One that was chosen or suggested while codes were shown is not written unseen.
    let shown = |code: &i64| data.budget_codes.iter().any(|one| one.id == *code);
    let (link, reference, known) = match (opened.links.get(&cor.id), opened.body.marks.get(&cor.id)) {
        (Some(link), _) => (link.id, link.reference.clone(), lines.get(&link.id).cloned().unwrap_or_default()),
        (None, Some(mark)) => (mark.link, mark.reference.clone(), Vec::new()),
        (None, None) => (LinkId::fresh(app.now(), &*app.entropy), Reference::fresh(&*app.entropy), Vec::new()),
    };
    let wanted = opened.lines(cor);
    let code = |key| opened.body.codes.get(&slot(cor.id, key)).copied().filter(shown);
    let adjust = answered(&opened.body, Answer::Adjust).filter(|(id, _)| *id == cor.id).map(|(_, key)| key);
    WantedCor {
        adjust: adjust.collect(),
        cor: cor.id,
        link,
        number: cor.number.to_string(),
        reference,
        taken_out: !cor.status.belongs_in_procore(),
        budget_codes: wanted.iter().filter_map(|line| Some((line.key, code(line.key)?))).collect(),
        contract: commitment.map(|contract| contract.id),
        vendor: commitment.and_then(|contract| contract.vendor),
        lines: wanted,
        known,
    }
}
