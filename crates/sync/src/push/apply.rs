//! Applies an outcome to a COR: its lines, its link, its log state and its activity.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    CorId, LinkId,
    activity::Entry,
    audit::Fact,
    cor::LineKey,
    procore::{
        Amount,
        push::Purpose,
        push_plan::{Action, KnownLine, PlanCor, PlanLine},
        push_state::{CorOutcome, ProcoreState},
        reference::Reference,
    },
};
use jiff::Timestamp;
use store::{
    CompanyTx,
    repo::{
        cor::Cor,
        link::Link,
        observation::Observation,
        push::{Push, PushCor},
    },
};

use super::{
    audited::PushReporter,
    batch_outcome::BatchOutcome,
    removal::{self, as_before},
};
use crate::{Error, link::baseline};

/// Applies the outcomes of a push's CORs: lines, links, log and activity. One read and one write serve all of them. Answers the
/// facts for the record.
pub(super) fn apply(
    reporter: &PushReporter<'_>,
    tx: &mut CompanyTx<'_>,
    cors: &[(&PushCor, &CorOutcome)],
    batch_outcome: &BatchOutcome,
) -> Result<Vec<Fact>, Error> {
    let push = reporter.push;
    let mut facts = Vec::with_capacity(cors.len());
    if push.order.purpose != Purpose::Write {
        for (cor, outcome) in cors {
            facts.extend(removal::apply(
                reporter,
                tx,
                cor,
                outcome,
                batch_outcome.seen.as_ref(),
                &batch_outcome.settled,
            )?);
        }
        return Ok(facts);
    }
    let mut together = CorsOfBatch::of(tx, push, cors, batch_outcome)?;
    for (cor, outcome) in cors {
        facts.extend(together.apply(reporter, cor, outcome, batch_outcome)?);
    }
    together.store(reporter, tx, batch_outcome)?;
    Ok(facts)
}

/// CORs whose outcomes are applied together.
struct CorsOfBatch {
    cors: BTreeMap<CorId, Cor>,
    links: BTreeMap<CorId, Link>,
    /// Their lines as they are now.
    lines: BTreeMap<LinkId, Vec<KnownLine>>,
    observations: BTreeMap<LinkId, Observation>,
    former: BTreeMap<CorId, BTreeSet<Reference>>,
    /// The number of the push's event as it is stored.
    number: String,
    // Collected while outcomes are applied, and stored at the end.
    saved_lines: Vec<(LinkId, KnownLine)>,
    forgotten: Vec<(LinkId, LineKey)>,
    observed: Vec<Observation>,
    shown: Vec<Link>,
    ended: Vec<(CorId, CorOutcome)>,
    entries: Vec<Entry>,
    taken_out: Vec<Link>,
}

impl CorsOfBatch {
    fn of(
        tx: &mut CompanyTx<'_>,
        push: &Push,
        cors: &[(&PushCor, &CorOutcome)],
        batch_outcome: &BatchOutcome,
    ) -> Result<Self, Error> {
        let ids: Vec<CorId> = cors.iter().map(|(cor, _)| cor.cor).collect();
        let links = tx.links_of(&ids)?;
        let of_links: Vec<LinkId> = links.values().map(|link| link.id).collect();
        let event = match &batch_outcome.seen {
            Some((_, event)) => tx.change_event(push.project, event.id)?,
            None => None,
        };
        Ok(Self {
            cors: tx.cors(&ids)?.into_iter().map(|cor| (cor.id, cor)).collect(),
            lines: tx.lines_of_links(&of_links)?,
            observations: tx.observations(&of_links)?,
            former: tx.former_references(&ids)?,
            number: event.map_or_else(String::new, |row| row.number),
            links,
            saved_lines: Vec::new(),
            forgotten: Vec::new(),
            observed: Vec::new(),
            shown: Vec::new(),
            ended: Vec::new(),
            entries: Vec::new(),
            taken_out: Vec::new(),
        })
    }

    fn store(
        self,
        reporter: &PushReporter<'_>,
        tx: &mut CompanyTx<'_>,
        batch_outcome: &BatchOutcome,
    ) -> Result<(), Error> {
        tx.save_link_lines(&self.saved_lines)?;
        tx.forget_link_lines(&self.forgotten)?;
        tx.save_observations(&self.observed)?;
        tx.show_links(self.shown)?;
        for link in &self.taken_out {
            removal::end_if_gone(reporter.context, tx, link, batch_outcome.seen.as_ref())?;
        }
        tx.end_push_cors(reporter.push.id, &self.ended)?;
        Ok(tx.record_all(&self.entries)?)
    }

    /// Applies the outcome of one COR.
    fn apply(
        &mut self,
        reporter: &PushReporter<'_>,
        cor: &PushCor,
        outcome: &CorOutcome,
        batch_outcome: &BatchOutcome,
    ) -> Result<Option<Fact>, Error> {
        let (push, now) = (reporter.push, reporter.at);
        let Some(plan) = push.order.plan.cor(cor.cor) else {
            return Err(Error::internal("a COR is missing in its plan"));
        };
        let mut link = self.links.get(&cor.cor).cloned().ok_or_else(|| Error::internal("a link is missing"))?;
        let there = self.keep_lines(plan, batch_outcome);
        let outcome = &match (outcome, part_of_it(plan, batch_outcome)) {
            (CorOutcome::Refused { why }, Some(part)) => {
                link.pushed_amount = part;
                CorOutcome::Refused { why: with_part(why, part, plan) }
            }
            (CorOutcome::Changed { why }, Some(part)) => {
                link.pushed_amount = part;
                CorOutcome::Changed { why: with_part(why, part, plan) }
            }
            (outcome, _) => outcome.clone(),
        };
        let reached = there.is_some() || batch_outcome.settled.done.keys().any(|(c, _)| *c == cor.cor);
        if reached {
            link.event = push.event;
        }
        let (state, reason, text) = match outcome {
            CorOutcome::Written => {
                let held = there.unwrap_or_default();
                self.forget_the_others(plan);
                let current = self.cors.get(&cor.cor).map_or(cor.priced, |c| c.priced);
                let kept_out = kept_out(plan, held);
                // An amount kept out by a lock stays unwritten, whatever readings find in the meantime.
                link.pushed = if kept_out.is_none() { cor.priced } else { cor.priced - 1 };
                (link.event, link.pushed_amount, link.pushed_at) = (push.event, held, Some(now));
                link.breakdown = push.order.breakdown;
                let number = batch_outcome.event.as_ref().map_or("", |e| e.number.as_str());
                let text = if plan.taken_out {
                    taken_out(plan, number, held)
                } else {
                    format!("pushed it to Change Event {number}: {held}, before {}", cor.previous)
                };
                let (state, reason) = after(plan, batch_outcome, held, kept_out, current == cor.priced);
                (state, reason, text)
            }
            CorOutcome::Refused { why } => (ProcoreState::Refused, why.clone(), format!("could not push it. {why}")),
            CorOutcome::Changed { why } => {
                (ProcoreState::ChangedInProcore, why.clone(), format!("stopped a push. {why}"))
            }
            CorOutcome::Cancelled => self.cancelled(push, plan, cor, &link, reached),
            CorOutcome::Pending => return Ok(None),
        };
        let (observation, worse) = self.left(&link, outcome, batch_outcome, now)?;
        (link.state, link.reason) = worse.unwrap_or((state, reason));
        self.observed.extend(observation);
        if *outcome == CorOutcome::Written && plan.taken_out {
            self.taken_out.push(link.clone());
        }
        self.shown.push(link);
        self.ended.push((cor.cor, outcome.clone()));
        self.entries.push(reporter.activity(cor, text));
        Ok(reporter.cor(plan, outcome, &batch_outcome.settled))
    }

    /// The baseline that the push leaves, and the state that the answer itself calls for.
    #[expect(clippy::type_complexity, reason = "what `baseline::record_baseline` answers")]
    fn left(
        &self,
        link: &Link,
        outcome: &CorOutcome,
        batch_outcome: &BatchOutcome,
        now: Timestamp,
    ) -> Result<(Option<Observation>, Option<(ProcoreState, String)>), Error> {
        let cor = self.cors.get(&link.cor).ok_or_else(|| Error::internal("a link has no COR"))?;
        let none = BTreeSet::new();
        let known = baseline::Known {
            before: self.observations.get(&link.id),
            lines: self.lines.get(&link.id).map_or(&[], Vec::as_slice),
            currency: cor.currency,
            former: self.former.get(&link.cor).unwrap_or(&none),
            number: &self.number,
        };
        Ok(baseline::record_baseline(link, &known, outcome, batch_outcome.seen.as_ref(), now))
    }

    /// The log state and the activity of a cancelled COR.
    fn cancelled(
        &self,
        push: &Push,
        plan: &PlanCor,
        cor: &PushCor,
        link: &Link,
        reached: bool,
    ) -> (ProcoreState, String, String) {
        let now = self.cors.get(&cor.cor);
        let owes = now.is_some_and(|now| link.owes(now, self.lines.get(&link.id).map_or(&[], Vec::as_slice)));
        let is_out = now.is_some_and(|now| !now.status.belongs_in_procore());
        let (state, reason) = taken_back(push, cor, reached, owes);
        match (plan.taken_out != is_out, plan.taken_out) {
            (false, _) => (state, reason, "cancelled the push before it was written.".to_owned()),
            (true, false) if reached => {
                (state, reason, "stopped pushing it: it was set to Void before all of it was written.".to_owned())
            }
            (true, false) => (state, reason, "did not push it: it was set to Void before.".to_owned()),
            (true, true) => {
                let text = "did not have its lines removed: it is no longer void.".to_owned();
                (ProcoreState::UpdateNeeded, String::new(), text)
            }
        }
    }

    /// Keeps the lines that are ours now. Answers their total, if any is known.
    fn keep_lines(&mut self, plan: &PlanCor, batch_outcome: &BatchOutcome) -> Option<Amount> {
        let mut held = None;
        for line in &plan.lines {
            match batch_outcome.settled.done.get(&(plan.cor, line.key)) {
                Some((id, Some(values))) => {
                    let kept =
                        KnownLine { key: line.key, ordinal: line.ordinal, line: Some(*id), values: values.clone() };
                    let known = self.lines.entry(plan.link).or_default();
                    known.retain(|known| known.key != line.key);
                    let at = known.partition_point(|known| known.ordinal <= kept.ordinal);
                    known.insert(at, kept.clone());
                    self.saved_lines.push((plan.link, kept));
                    held = Some(held.unwrap_or_default() + values.amount);
                }
                Some((_, None)) => {
                    self.forget(plan.link, line.key);
                    held.get_or_insert(Amount::ZERO);
                }
                None => {}
            }
        }
        held
    }

    /// Forgets lines that the finished plan doesn't have: somebody removed them in Procore, and the COR no longer needs them. If such
    /// a line is restored, its mark shows it as a copy. An unconfirmed line keeps its number, since its request may still arrive.
    fn forget_the_others(&mut self, plan: &PlanCor) {
        let planned = |key: LineKey| plan.lines.iter().any(|line| line.key == key);
        let known = self.lines.get(&plan.link).map_or(&[][..], Vec::as_slice);
        let others: Vec<LineKey> =
            known.iter().filter(|line| line.line.is_some() && !planned(line.key)).map(|line| line.key).collect();
        for key in others {
            self.forget(plan.link, key);
        }
    }

    fn forget(&mut self, link: LinkId, key: LineKey) {
        if let Some(lines) = self.lines.get_mut(&link) {
            lines.retain(|line| line.key != key);
        }
        self.forgotten.push((link, key));
    }
}

/// The log state of a cancelled COR: what it was before, unless that is no longer true.
fn taken_back(push: &Push, cor: &PushCor, reached: bool, owes: bool) -> (ProcoreState, String) {
    let may_be_half = push.batches.iter().any(|batch| batch.has_left() && batch.cors.contains(&cor.cor));
    if reached && may_be_half {
        let why = "The push was cancelled after a part of it was written. Push it again to write the rest.";
        return (ProcoreState::UpdateNeeded, why.to_owned());
    }
    as_before(cor, owes)
}

/// What Procore has of a COR that was only partly written. Procore may refuse a request and still carry out half of it, so that
/// cost is missing or counts twice.
fn part_of_it(plan: &PlanCor, batch_outcome: &BatchOutcome) -> Option<Amount> {
    let done = |line: &PlanLine| batch_outcome.settled.done.get(&(plan.cor, line.key));
    let has = |line: &PlanLine| match done(line) {
        Some((_, values)) => values.as_ref().map_or(Amount::ZERO, |values| values.amount),
        None => line.previous(),
    };
    let part = plan.lines.iter().any(|line| line.action.writes() && done(line).is_some());
    part.then(|| plan.lines.iter().map(has).sum())
}

fn with_part(why: &str, part: Amount, plan: &PlanCor) -> String {
    let wanted = asked_for(plan);
    format!("{why} A part of it was written all the same: Procore has {part} of it now, and the COR asks for {wanted}.")
}

/// The activity of a void COR: lines removed, and locked lines offset by adjustments.
fn taken_out(plan: &PlanCor, number: &str, held: Amount) -> String {
    const WHY: &str = "because the COR is void";
    let (removed, made_up, before) = (plan.removed(), plan.made_up(), plan.change().previous);
    let count = plan.lines.iter().filter(|line| line.action == Action::Remove).count();
    let lines = if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let event = format!("Change Event {number}");
    let did = match (count, made_up.is_zero()) {
        (n, _) if n == plan.lines.len() => return format!("removed {lines} of {before} from {event}, {WHY}"),
        (0, true) => format!("could remove nothing of it from {event}, where it is locked, though the COR is void"),
        (0, false) => format!("made up for {made_up} of it that is locked in {event}, {WHY}"),
        (_, true) => format!("removed {lines} of {removed} from {event}, {WHY}"),
        (_, false) => {
            format!("removed {lines} of {removed} from {event} and made up for {made_up} that is locked there, {WHY}")
        }
    };
    let is_locked = plan.lines.iter().any(|line| matches!(line.action, Action::Locked { .. }));
    let left = if is_locked { "stays" } else { "counts" };
    format!("{did}: {held} of it {left} there, before {before}")
}

/// The log state of a written COR.
fn after(
    plan: &PlanCor,
    batch_outcome: &BatchOutcome,
    held: Amount,
    kept_out: Option<String>,
    current: bool,
) -> (ProcoreState, String) {
    let edited = plan.lines.iter().any(|line| {
        let done = batch_outcome.settled.done.get(&(plan.cor, line.key)).and_then(|(_, values)| values.as_ref());
        line.action == Action::Create && done.is_some_and(|d| Some(d.amount) != line.wanted.as_ref().map(|w| w.amount))
    });
    let removed = plan.lines.iter().filter(|l| l.action == Action::RemovedThere).count();
    let wanted = asked_for(plan);
    if edited {
        let why =
            format!("Somebody changed a line while it was pushed: Procore has {held}, the COR asks for {wanted}.");
        (ProcoreState::ChangedInProcore, why)
    } else if batch_outcome.dropped > 0 {
        let why = format!(
            "{} other lines of this Change Event disappeared when it was written. Restore them in Procore, and tell whoever \
             looks after this installation.",
            batch_outcome.dropped
        );
        (ProcoreState::ChangedInProcore, why)
    } else if removed > 0 {
        let why = format!("{removed} of its lines were removed in Procore, which has {held} of {wanted}.");
        (ProcoreState::ChangedInProcore, why)
    } else if let Some(why) = kept_out {
        (ProcoreState::UpdateNeeded, why)
    } else if current {
        (ProcoreState::UpToDate, String::new())
    } else {
        (ProcoreState::UpdateNeeded, String::new())
    }
}

/// Says how locks keep Procore from holding what the COR asks for, if they do.
fn kept_out(plan: &PlanCor, held: Amount) -> Option<String> {
    let locked: Vec<_> = plan.lines.iter().filter(|line| matches!(line.action, Action::Locked { .. })).collect();
    let gap: Amount = locked.iter().map(|line| line.gap()).sum();
    let lines =
        if locked.len() == 1 { "1 of its lines is".to_owned() } else { format!("{} of its lines are", locked.len()) };
    (!gap.is_zero()).then(|| format!("{lines} locked in Procore, which has {held} of {}.", asked_for(plan)))
}

fn asked_for(plan: &PlanCor) -> Amount {
    plan.lines.iter().filter_map(|l| l.wanted.as_ref()).map(|v| v.amount).sum()
}
