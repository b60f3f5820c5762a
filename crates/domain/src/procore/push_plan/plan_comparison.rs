//! A plan held against the event as it is now: what was done, what is missing, what somebody changed meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, EventLine, EventLines, Plan, PlanCor, PlanLine, Values};
use crate::{cor::LineKey, ids::CorId, procore::reference::Mark};

/// The state of a plan's CORs in the event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlanComparison {
    /// Lines that are as the plan wants them, with Procore's id and what they say. A removed line has no values.
    pub done: BTreeMap<(CorId, LineKey), (i64, Option<Values>)>,
    /// Lines still to be written.
    pub missing: BTreeSet<(CorId, LineKey)>,
    /// Lines that are neither as before nor as wanted, and what is wrong with them.
    pub changed: BTreeMap<(CorId, LineKey), String>,
}

impl PlanComparison {
    /// Whether nothing of `cor` is missing or changed.
    pub fn is_done(&self, cor: CorId) -> bool {
        !self.missing.iter().any(|(c, _)| *c == cor) && !self.changed.keys().any(|(c, _)| *c == cor)
    }
}

impl Plan {
    /// Holds the CORs in `which` against `event` as it is now. `None` means that the event doesn't exist (yet).
    pub fn compare(&self, event: Option<&EventLines>, which: &[CorId]) -> PlanComparison {
        let nothing = EventLines::default();
        let event = event.unwrap_or(&nothing);
        let by_id: BTreeMap<i64, &EventLine> = event.lines.iter().map(|l| (l.id, l)).collect();
        let mut by_mark: BTreeMap<Mark, &EventLine> = BTreeMap::new();
        for line in event.lines.iter().filter(|l| !l.deleted) {
            if let Some(mark) = Mark::find(&line.values.description) {
                let first = by_mark.entry(mark).or_insert(line);
                if line.id < first.id {
                    *first = line;
                }
            }
        }
        let mut comparison = PlanComparison::default();
        for cor in self.cors.iter().filter(|c| which.contains(&c.cor)) {
            for line in &cor.lines {
                let there = match line.line {
                    Some(id) => by_id.get(&id).copied().filter(|l| !l.deleted),
                    None => by_mark.get(&Mark { reference: cor.reference.clone(), ordinal: line.ordinal }).copied(),
                };
                #[cfg(feature = "sabotage")]
                let there = there.or_else(|| {
                    let by_amount = crate::sabotage::is(crate::sabotage::Sabotage::ByAmount) && line.line.is_none();
                    let wanted = line.wanted.as_ref().filter(|_| by_amount)?;
                    event.lines.iter().find(|l| !l.deleted && l.values.amount == wanted.amount)
                });
                comparison.note(cor, line, there);
            }
        }
        comparison
    }
}

impl PlanComparison {
    fn note(&mut self, cor: &PlanCor, line: &PlanLine, there: Option<&EventLine>) {
        let place = (cor.cor, line.key);
        let changed = |text: &str| format!("{text} (COR {})", cor.number);
        match (&line.action, there) {
            // A line that carries our mark is ours, whatever somebody has made of its amount since.
            (Action::Create, Some(there)) => {
                self.done.insert(place, (there.id, Some(there.values.clone())));
            }
            (Action::Create, None) => {
                self.missing.insert(place);
            }
            (Action::Update { .. }, Some(there)) => {
                if line.is_done(&there.values) {
                    self.done.insert(place, (there.id, Some(there.values.clone())));
                } else if line.is_as_before(&there.values) {
                    self.missing.insert(place);
                } else {
                    self.changed.insert(place, changed("A line was edited in Procore meanwhile"));
                }
            }
            (Action::Remove, None) => {
                self.done.insert(place, (line.line.unwrap_or_default(), None));
            }
            (Action::Remove, Some(there)) => {
                if line.is_as_before(&there.values) {
                    self.missing.insert(place);
                } else {
                    self.changed.insert(place, changed("A line was edited in Procore meanwhile"));
                }
            }
            (Action::Unchanged | Action::Locked { .. }, Some(there)) => {
                if line.is_as_before(&there.values) {
                    self.done.insert(place, (there.id, Some(there.values.clone())));
                } else {
                    self.changed.insert(place, changed("A line was edited in Procore meanwhile"));
                }
            }
            (Action::Update { .. } | Action::Unchanged | Action::Locked { .. }, None) => {
                self.changed.insert(place, changed("A line was removed in Procore meanwhile"));
            }
            (Action::RemovedThere, None) => {}
            (Action::RemovedThere, Some(_)) => {
                self.changed.insert(place, changed("A removed line was restored in Procore meanwhile"));
            }
        }
    }
}

/// The CORs of `batch` that a refusal's `messages` name: by a budget code, contract, vendor or line id that only they use.
/// Empty when nothing can be told.
pub fn blame(plan: &Plan, batch: &[CorId], messages: &[String]) -> BTreeSet<CorId> {
    let named: BTreeSet<i64> = messages
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_digit()))
        .filter(|run| run.len() >= 3)
        .filter_map(|run| run.parse().ok())
        .collect();
    let uses = |cor: &PlanCor| {
        cor.lines.iter().filter(|l| l.action.writes()).any(|line| {
            let values = line.wanted.as_ref();
            [
                line.line,
                values.and_then(|v| v.budget_code),
                values.and_then(|v| v.contract),
                values.and_then(|v| v.vendor),
            ]
            .into_iter()
            .flatten()
            .any(|id| named.contains(&id))
        })
    };
    plan.cors.iter().filter(|c| batch.contains(&c.cor) && uses(c)).map(|c| c.cor).collect()
}
