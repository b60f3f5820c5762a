//! What somebody changed in Procore behind our back: what we left there held against what is there now.
//!
//! Pure, and the same whoever read the event: a schedule, a button, a webhook, an audit. Each difference is a
//! [`Finding`] with the values for a view of three columns: what we wrote last, what we want now, what Procore has.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Amount, Side, currency,
    push_plan::{EventLine, EventLines, Field, KnownLine, Values},
    push_state::ProcoreState,
    reference::{Mark, Reference},
};
use crate::{cor::LineKey, money::Currency};

/// A change event, apart from its lines.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct EventFacts {
    /// The company's own word for its status.
    pub status: String,
    /// What the word means to Procore: `open`, `pending`, `closed`, `void`.
    pub meaning: String,
    /// Whether it was deleted, or is not shown any more.
    pub gone: bool,
    /// Of one that is gone: Procore answers 404 and lists it nowhere, not as deleted either. It may be deleted for good, or only
    /// out of sight, so that what it holds is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Its prime contract for markup estimates.
    pub prime_contract: Option<i64>,
    /// The currency that it names; empty for most companies.
    #[serde(default)]
    pub currency: String,
}

impl EventFacts {
    /// Whether it counts in no budget.
    pub fn is_void(&self) -> bool {
        means_void(&self.meaning)
    }
}

/// Whether Procore's word for what a status of an event means says that the event counts in no budget.
pub fn means_void(meaning: &str) -> bool {
    meaning.trim().eq_ignore_ascii_case("void")
}

/// What we wrote last of a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastPushed {
    /// What its lines are known by.
    pub reference: Reference,
    /// Which side of the event they are on.
    pub side: Side,
    /// What its amounts are in.
    pub currency: Currency,
    /// The event as it was then; `None` when that was never recorded, and then the event itself is not compared.
    pub event: Option<EventFacts>,
    /// Its lines.
    pub lines: Vec<KnownLine>,
    /// What each line was tied to then, by Procore's id: a tie is reported once.
    pub locks: BTreeMap<i64, String>,
    /// What was found before: a deleted event that is there again was restored.
    pub found_before: Vec<Finding>,
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// A live line with a mark of ours that no push of ours accounts for.
    Surplus {
        /// Procore's id.
        line: i64,
        /// What it says.
        is: Values,
    },
    /// The same in an event that the link is not tied to: cloned or restored there, or a request carried out long after.
    SurplusElsewhere {
        /// Procore's id of that event.
        event: i64,
        /// Its number.
        number: String,
        /// Procore's id of the line.
        line: i64,
        /// What it says.
        is: Values,
    },
    /// The event or a line of ours names another currency than the COR's: its amounts were written there at par.
    OtherCurrency {
        /// What Procore names.
        is: String,
    },
    /// The event is deleted or not shown any more.
    EventDeleted,
    /// The event is void.
    EventVoided {
        /// Its status before; empty where nobody saw it otherwise.
        was: String,
        /// Its status now.
        is: String,
    },
    /// A line of ours is gone.
    LineRemoved {
        /// What it stands for.
        key: LineKey,
        /// Procore's id.
        line: i64,
        /// What it said.
        was: Values,
    },
    /// A line of ours says something else.
    LineChanged {
        /// What it stands for.
        key: LineKey,
        /// Procore's id.
        line: i64,
        /// What we wrote.
        was: Values,
        /// What it says.
        is: Values,
    },
    /// A line of ours belongs to another contract, or Procore adds markup by another prime contract.
    ContractMoved {
        /// Which line; `None` for the event's prime contract.
        key: Option<LineKey>,
        /// The contract before.
        was: Option<i64>,
        /// The contract now.
        is: Option<i64>,
    },
    /// The event had been deleted and is there again.
    EventRestored {
        /// Its status now.
        is: String,
    },
    /// The event is there and is not as documented: what it holds now is not known.
    EventUnreadable {
        /// What is wrong with it: "status is null".
        why: String,
    },
    /// A line of ours was tied to something and can't be changed freely any more.
    LineLocked {
        /// What it stands for.
        key: LineKey,
        /// Procore's id.
        line: i64,
        /// "tied to RFQ 3 in Procore".
        why: String,
    },
    /// The event has another status.
    StatusChanged {
        /// Before.
        was: String,
        /// Now.
        is: String,
    },
}

impl Finding {
    /// What the log says of it.
    pub const fn state(&self) -> ProcoreState {
        match self {
            Self::Surplus { .. } | Self::SurplusElsewhere { .. } => ProcoreState::Surplus,
            Self::OtherCurrency { .. } => ProcoreState::OtherCurrency,
            Self::EventDeleted => ProcoreState::EventDeleted,
            Self::EventVoided { .. } => ProcoreState::EventVoided,
            Self::LineRemoved { .. } => ProcoreState::LineRemoved,
            Self::LineChanged { .. } => ProcoreState::LineChanged,
            Self::ContractMoved { .. } => ProcoreState::ContractMoved,
            Self::EventRestored { .. } => ProcoreState::EventRestored,
            Self::EventUnreadable { .. } => ProcoreState::EventUnreadable,
            Self::LineLocked { .. } => ProcoreState::LineLocked,
            Self::StatusChanged { .. } => ProcoreState::EventStatusChanged,
        }
    }

    /// One sentence for the log and the activity.
    pub fn sentence(&self) -> String {
        match self {
            Self::Surplus { is, .. } => format!("A line of {} is in Procore that no push accounts for.", is.amount),
            Self::SurplusElsewhere { number, is, .. } => {
                format!("A line of {} is in Change Event {number} as well, and no push accounts for it.", is.amount)
            }
            Self::OtherCurrency { is } => format!(
                "Procore counts these lines in {is}, which is not the COR's currency: amounts were never converted. Remove the \
                 lines, and check what was stated under project settings → Procore."
            ),
            Self::EventDeleted => "The Change Event was deleted in Procore, or is not shown any more.".into(),
            Self::EventVoided { was, .. } if was.is_empty() => "The Change Event is void in Procore.".into(),
            Self::EventVoided { was, is } => format!("The Change Event was voided in Procore: {was} → {is}."),
            Self::LineRemoved { was, .. } => format!("A line of {} was removed in Procore.", was.amount),
            Self::LineChanged { was, is, .. } if was.amount != is.amount => {
                format!(
                    "A line was changed in Procore: {} → {}.",
                    was.amount.told_beside(is.amount),
                    is.amount.told_beside(was.amount)
                )
            }
            Self::LineChanged { was, is, .. } => {
                let fields: Vec<&str> = was.differing(is).into_iter().map(Field::name).collect();
                format!("The {} of a line was changed in Procore.", fields.join(" and "))
            }
            Self::ContractMoved { key: None, .. } => {
                "The prime contract for markup estimates of the Change Event was changed in Procore.".into()
            }
            Self::ContractMoved { .. } => "A line was moved to another contract in Procore.".into(),
            Self::EventRestored { is } => format!("The Change Event was deleted and is there again ({is})."),
            Self::EventUnreadable { why } => {
                format!(
                    "The Change Event could not be read: {why}. What is known of it is older. Correct it in Procore."
                )
            }
            Self::LineLocked { why, .. } => format!("A line is {why} now."),
            Self::StatusChanged { was, is } => format!("The Change Event's status was changed: {was} → {is}."),
        }
    }

    /// Whether it is a line that counts our money once more.
    pub const fn is_surplus(&self) -> bool {
        matches!(self, Self::Surplus { .. } | Self::SurplusElsewhere { .. })
    }

    /// Whether a person may leave it as it is, so that it is no alert any more. Money that counts twice, or in another
    /// currency, never becomes right by that.
    pub const fn may_stay(&self) -> bool {
        !self.is_surplus() && !matches!(self, Self::OtherCurrency { .. })
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Surplus { .. } | Self::SurplusElsewhere { .. } => 0,
            Self::OtherCurrency { .. } => 1,
            Self::EventDeleted => 2,
            Self::EventVoided { .. } => 3,
            Self::LineRemoved { .. } => 4,
            Self::LineChanged { .. } => 5,
            Self::ContractMoved { .. } => 6,
            Self::EventRestored { .. } => 7,
            Self::EventUnreadable { .. } => 8,
            Self::LineLocked { .. } => 9,
            Self::StatusChanged { .. } => 10,
        }
    }
}

/// The finding that the log shows: the one that can cost the most.
pub fn worst(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().min_by_key(|finding| finding.rank())
}

/// Sorts findings, the worst first.
pub fn by_rank(findings: &mut [Finding]) {
    findings.sort_by_key(Finding::rank);
}

/// What our live lines in the event add up to, copies included: what Procore counts for this link.
pub fn held(pushed: &LastPushed, now: Option<&EventLines>) -> Amount {
    let known: BTreeSet<i64> = pushed.lines.iter().filter_map(|line| line.line).collect();
    let ours = |line: &&EventLine| known.contains(&line.id) || marked(line, &pushed.reference).is_some();
    now.into_iter().flat_map(|event| &event.lines).filter(|l| !l.deleted).filter(ours).map(|l| l.values.amount).sum()
}

/// What was changed since we left it, the worst first. `now` is `None` when Procore doesn't show the event any more.
///
/// The lines are known by Procore's id; a mark of ours on any other line is a surplus. Marks of ours in events that the
/// link is not tied to are looked for by whoever reads those.
pub fn compare(pushed: &LastPushed, facts: &EventFacts, now: Option<&EventLines>) -> Vec<Finding> {
    let mut findings = about_event(pushed, facts);
    if let Some(event) = now.filter(|_| !facts.gone) {
        let by_id: BTreeMap<i64, &EventLine> = event.lines.iter().filter(|l| !l.deleted).map(|l| (l.id, l)).collect();
        for line in &pushed.lines {
            about_line(line, &pushed.locks, &by_id, &mut findings);
        }
        findings.extend(surplus(pushed, event));
        findings.extend(other_currency(pushed, facts, event));
    }
    by_rank(&mut findings);
    findings
}

/// What is known when the event is there and can't be read: what was found before, and that. Nothing of it is gone.
pub fn unreadable(found_before: &[Finding], why: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        found_before.iter().filter(|f| !matches!(f, Finding::EventUnreadable { .. })).cloned().collect();
    findings.push(Finding::EventUnreadable { why: why.to_owned() });
    by_rank(&mut findings);
    findings
}

fn about_event(pushed: &LastPushed, now: &EventFacts) -> Vec<Finding> {
    let Some(was) = &pushed.event else { return Vec::new() };
    if now.gone {
        return if was.gone { Vec::new() } else { vec![Finding::EventDeleted] };
    }
    let mut findings = Vec::new();
    let deleted = |f: &Finding| matches!(f, Finding::EventDeleted | Finding::EventRestored { .. });
    if was.gone || pushed.found_before.iter().any(deleted) {
        findings.push(Finding::EventRestored { is: now.status.clone() });
    }
    if now.is_void() && !was.is_void() {
        findings.push(Finding::EventVoided { was: was.status.clone(), is: now.status.clone() });
    } else if !was.status.is_empty() && now.status != was.status {
        findings.push(Finding::StatusChanged { was: was.status.clone(), is: now.status.clone() });
    }
    // It says whose markup Procore adds to revenue, so that costs have nothing to do with it. One that was not set is set by
    // whoever prices the event first: nothing moved.
    if pushed.side == Side::Sent && was.prime_contract.is_some() && was.prime_contract != now.prime_contract {
        findings.push(Finding::ContractMoved { key: None, was: was.prime_contract, is: now.prime_contract });
    }
    findings
}

fn about_line(
    pushed: &KnownLine,
    locks: &BTreeMap<i64, String>,
    by_id: &BTreeMap<i64, &EventLine>,
    findings: &mut Vec<Finding>,
) {
    let Some(id) = pushed.line else { return };
    let Some(there) = by_id.get(&id) else {
        findings.push(Finding::LineRemoved { key: pushed.key, line: id, was: pushed.values.clone() });
        return;
    };
    let mut differing = pushed.values.differing(&there.values);
    if differing.remove(&Field::Contract) {
        let (was, is) = (pushed.values.contract, there.values.contract);
        findings.push(Finding::ContractMoved { key: Some(pushed.key), was, is });
        // The vendor comes with the contract.
        differing.remove(&Field::Vendor);
    }
    if !differing.is_empty() {
        let (was, is) = (pushed.values.clone(), there.values.clone());
        findings.push(Finding::LineChanged { key: pushed.key, line: id, was, is });
    }
    if let Some(why) = there.lock().filter(|_| !locks.contains_key(&id)) {
        findings.push(Finding::LineLocked { key: pushed.key, line: id, why });
    }
}

/// What Procore names for the event or for a line of ours, where it is not the COR's currency.
fn other_currency(pushed: &LastPushed, facts: &EventFacts, event: &EventLines) -> Option<Finding> {
    let known: BTreeSet<i64> = pushed.lines.iter().filter_map(|line| line.line).collect();
    let ours = event.lines.iter().filter(|line| !line.deleted && known.contains(&line.id));
    let named = ours.map(|line| line.currency.as_str()).chain([facts.currency.as_str()]);
    let other = named.into_iter().find(|code| !code.is_empty() && !currency::is(code, pushed.currency))?;
    Some(Finding::OtherCurrency { is: other.to_owned() })
}

fn surplus(pushed: &LastPushed, event: &EventLines) -> Vec<Finding> {
    let known: BTreeSet<i64> = pushed.lines.iter().filter_map(|line| line.line).collect();
    let live = event.lines.iter().filter(|line| !line.deleted && !known.contains(&line.id));
    live.filter(|line| marked(line, &pushed.reference).is_some())
        .map(|line| Finding::Surplus { line: line.id, is: line.values.clone() })
        .collect()
}

fn marked(line: &EventLine, reference: &Reference) -> Option<u32> {
    Mark::find(&line.values.description).filter(|mark| mark.reference == *reference).map(|mark| mark.ordinal)
}
