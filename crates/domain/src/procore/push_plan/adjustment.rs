//! The line that makes up for a locked one.

use std::collections::BTreeMap;

use super::{Action, KnownLine, LinesThere, PlanLine, Recreate, Values, WantedCor};
use crate::{cor::LineKey, money::Money, procore::Amount};

/// What a line has to say so that, beside one that stays at `locked`, what is `asked` for is there: whole cents, whatever
/// fraction of one is locked, so that both together are shown as what is asked for. Nothing where that is so already. Where half a
/// cent is locked and nothing is asked for, no amount in cents does that, and half a cent stays. `None` where one of the two can't
/// be read.
///
/// Every question whether a locked line is made up for is this one.
pub fn makes_up(asked: Amount, locked: Amount) -> Option<Amount> {
    let (whole, is) = (asked.money()?, locked.money()?);
    let by = |cents| Amount::from(whole - is) + Money::minor(cents).into();
    // Halves are rounded away from zero, so that beyond it the cent beside is the one.
    let fits = |amount: &Amount| (locked + *amount).money() == Some(whole);
    [0, 1, -1].map(by).into_iter().find(fits).or(Some(by(0)))
}

impl LinesThere<'_> {
    /// The line that makes up for `locked`, which should change or go: where a person asked for it, and once it is there
    /// for as long as it takes. The locked line itself is then left as it is. One that somebody removed in Procore is
    /// asked about like any other.
    pub(super) fn adjustment(
        &self,
        cor: &WantedCor,
        locked: &mut PlanLine,
        known: &BTreeMap<LineKey, &KnownLine>,
        recreate: &Recreate,
        next_ordinal: &mut u32,
    ) -> Option<PlanLine> {
        let key = locked.key.adjustment()?;
        let before = locked.before.clone()?;
        let asked_for = locked.wanted.as_ref().map_or(Amount::ZERO, |wanted| wanted.amount);
        let difference = makes_up(asked_for, before.amount)?;
        if !matches!(locked.action, Action::Locked { .. }) || difference.is_zero() {
            return None;
        }
        let known = known.get(&key).copied();
        let there = known.and_then(|known| self.locate(&cor.reference, known));
        let asked = cor.adjust.contains(&locked.key);
        let removed = there.is_none() && known.is_some_and(|known| known.line.is_some());
        let again = removed && (asked || recreate.contains(&(cor.cor, key)));
        // Intended and never written is not there: whoever took it back is asked again.
        if there.is_none() && !removed && !asked {
            return None;
        }
        (locked.action, locked.wanted) = (Action::Unchanged, Some(before.clone()));
        let ordinal = match known {
            Some(known) if !again => known.ordinal,
            _ => {
                *next_ordinal += 1;
                *next_ordinal - 1
            }
        };
        let text = format!("COR {}: Adjustment, {asked_for} asked for, {} locked", cor.number, before.amount);
        let values = Values { description: cor.reference.signed(&text, ordinal), amount: difference, ..before };
        let (line, action) = match there {
            Some(there) => (Some(there.id), there.change_to(&values)),
            None if removed && !again => (known.and_then(|known| known.line), Action::RemovedThere),
            None => (None, Action::Create),
        };
        let before = there.map(|line| line.values.clone());
        Some(PlanLine { key, ordinal, line, action, before, wanted: Some(values) })
    }
}
