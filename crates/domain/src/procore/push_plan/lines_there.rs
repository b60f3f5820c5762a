//! What becomes of each line of a COR, by what of it the event holds.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, EventLine, EventLines, KnownLine, PlanCor, PlanLine, Recreate, WantedCor};
use crate::{
    cor::LineKey,
    procore::{
        Side,
        reference::{Mark, Reference},
    },
};

/// No line of ours has such a number: somebody typed it into a description.
const ABSURD: u32 = 1_000_000;

/// The event's lines, found by id first and by mark second; never by amount.
pub(super) struct LinesThere<'a> {
    by_id: BTreeMap<i64, &'a EventLine>,
    by_mark: BTreeMap<Mark, Vec<&'a EventLine>>,
    /// The highest ordinal of each reference, removed lines included: one of those may yet be restored.
    used: BTreeMap<Reference, u32>,
}

impl<'a> LinesThere<'a> {
    pub(super) fn of(event: &'a EventLines) -> Self {
        let by_id: BTreeMap<i64, &EventLine> = event.lines.iter().map(|l| (l.id, l)).collect();
        let mut by_mark: BTreeMap<Mark, Vec<&EventLine>> = BTreeMap::new();
        let mut used: BTreeMap<Reference, u32> = BTreeMap::new();
        for line in &event.lines {
            let Some(mark) = Mark::find(&line.values.description) else { continue };
            if mark.ordinal < ABSURD {
                let last = used.entry(mark.reference.clone()).or_default();
                *last = mark.ordinal.max(*last);
            }
            if !line.deleted {
                by_mark.entry(mark).or_default().push(line);
            }
        }
        Self { by_id, by_mark, used }
    }

    pub(super) fn plan_cor(&self, side: Side, cor: &WantedCor, recreate: &Recreate) -> PlanCor {
        let by_key: BTreeMap<LineKey, &KnownLine> = cor.known.iter().map(|k| (k.key, k)).collect();
        let used = self.used.get(&cor.reference).copied().unwrap_or_default();
        let mut next_ordinal = cor.known.iter().map(|k| k.ordinal).fold(used, u32::max) + 1;
        let mut lines = Vec::with_capacity(cor.lines.len());
        for line in &cor.lines {
            let known = by_key.get(&line.key).copied();
            let there = known.and_then(|k| self.locate(&cor.reference, k));
            let removed = known.is_some_and(|k| k.line.is_some()) && there.is_none();
            let again = removed && recreate.contains(&(cor.cor, line.key));
            let ordinal = match known {
                // A line made again gets a number of its own: the removed one may yet be restored.
                Some(known) if !again => known.ordinal,
                _ => {
                    next_ordinal += 1;
                    next_ordinal - 1
                }
            };
            let mut wanted = cor.values(side, line, ordinal);
            if let Some(there) = there {
                // What nobody chose stays as it is: a request cannot clear it, and need not.
                wanted = wanted.filled_in(&there.values);
            }
            let (line_id, action, before) = match there {
                Some(there) => (Some(there.id), there.change_to(&wanted), Some(there.values.clone())),
                None if removed && !again => (known.and_then(|k| k.line), Action::RemovedThere, None),
                None => (None, Action::Create, None),
            };
            let mut planned = PlanLine { key: line.key, ordinal, line: line_id, action, before, wanted: Some(wanted) };
            let adjustment = self.adjustment(cor, &mut planned, &by_key, recreate, &mut next_ordinal);
            lines.push(planned);
            lines.extend(adjustment);
        }
        let mut kept: BTreeSet<LineKey> = lines.iter().map(|l| l.key).collect();
        // Adjustments last: whether one goes depends on the line that it makes up for.
        let (going, adjustments): (Vec<_>, Vec<_>) = cor.known.iter().partition(|k| k.key.adjustment().is_some());
        for known in going.into_iter().chain(adjustments) {
            let Some(there) = self.locate(&cor.reference, known).filter(|_| !kept.contains(&known.key)) else {
                continue;
            };
            let mut planned = PlanLine {
                key: known.key,
                ordinal: known.ordinal,
                line: Some(there.id),
                action: there.removal(),
                before: Some(there.values.clone()),
                wanted: None,
            };
            let adjustment = self.adjustment(cor, &mut planned, &by_key, recreate, &mut next_ordinal);
            kept.extend(adjustment.iter().map(|l| l.key));
            lines.push(planned);
            lines.extend(adjustment);
        }
        let taken: BTreeSet<i64> = lines.iter().filter_map(|l| l.line).collect();
        let surplus = self.copies(&cor.reference, &taken);
        PlanCor {
            cor: cor.cor,
            link: cor.link,
            number: cor.number.clone(),
            reference: cor.reference.clone(),
            taken_out: cor.taken_out,
            lines,
            surplus,
        }
    }

    /// Our line as it is there now; `None` when it is not, or was deleted.
    pub(super) fn locate(&self, reference: &Reference, known: &KnownLine) -> Option<&EventLine> {
        if let Some(id) = known.line {
            return self.by_id.get(&id).copied().filter(|l| !l.deleted);
        }
        let mark = Mark { reference: reference.clone(), ordinal: known.ordinal };
        self.by_mark.get(&mark)?.iter().min_by_key(|l| l.id).copied()
    }

    fn copies(&self, reference: &Reference, taken: &BTreeSet<i64>) -> Vec<i64> {
        self.by_mark
            .iter()
            .filter(|(mark, _)| mark.reference == *reference)
            .flat_map(|(_, lines)| lines.iter().map(|l| l.id))
            .filter(|id| !taken.contains(id))
            .collect()
    }
}
