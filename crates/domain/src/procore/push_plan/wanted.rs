//! What CORs ask for of an event, and what is known of their lines in it.

use std::collections::{BTreeMap, BTreeSet};

use super::Values;
use crate::{
    cor::{BrokenDown, LineKey},
    ids::{CorId, LinkId},
    procore::{Side, reference::Reference},
};

/// A COR as it should be in the event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WantedCor {
    /// Which COR.
    pub cor: CorId,
    /// Its link to the event.
    pub link: LinkId,
    /// Its number, as descriptions carry it.
    pub number: String,
    /// The link's reference.
    pub reference: Reference,
    /// It has no place in Procore any more, such as a void one: what of it is there goes.
    pub taken_out: bool,
    /// The lines it should have.
    pub lines: Vec<BrokenDown>,
    /// Procore's WBS code of each of them that has one.
    pub budget_codes: BTreeMap<LineKey, i64>,
    /// Procore's id of the commitment, for received CORs.
    pub contract: Option<i64>,
    /// The commitment's vendor.
    pub vendor: Option<i64>,
    /// The lines we wrote before, wanted or not.
    pub known: Vec<KnownLine>,
    /// The lines for which, locked in Procore, a person wants another line that makes up the difference; wanted or not.
    pub adjust: BTreeSet<LineKey>,
}

/// A line that we wrote, or were about to write, as we last knew it in Procore. An [`EventLine`](super::EventLine) is a line as
/// Procore has it now, whoever wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownLine {
    /// What it stands for.
    pub key: LineKey,
    /// Its number within the link, part of its mark.
    pub ordinal: u32,
    /// Procore's id; `None` until an answer contained it.
    pub line: Option<i64>,
    /// What it says.
    pub values: Values,
}

/// What a person answered about lines that somebody removed in Procore.
pub type Recreate = BTreeSet<(CorId, LineKey)>;

impl WantedCor {
    /// What one of its lines should say.
    pub(super) fn values(&self, side: Side, line: &BrokenDown, ordinal: u32) -> Values {
        let cost = side == Side::Received;
        let text = format!("COR {}: {}", self.number, line.description);
        Values {
            description: self.reference.signed(&text, ordinal),
            amount: line.amount.into(),
            budget_code: self.budget_codes.get(&line.key).copied(),
            contract: self.contract.filter(|_| cost),
            vendor: self.vendor.filter(|_| cost),
        }
    }
}
