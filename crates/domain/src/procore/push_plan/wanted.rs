//! What CORs ask for of an event, and what is known of their lines in it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Values;
use crate::{
    cor::LineKey,
    ids::{CorId, LinkId},
    money::Money,
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
    pub lines: Vec<WantedLine>,
    /// The lines we wrote before, wanted or not.
    pub known: Vec<KnownLine>,
    /// The lines for which, locked in Procore, a person wants another line that makes up the difference; wanted or not.
    pub adjust: BTreeSet<LineKey>,
}

/// A line that should be there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WantedLine {
    /// What it stands for.
    pub key: LineKey,
    /// What it says, without number and mark.
    pub description: String,
    /// Its amount.
    pub amount: Money,
    /// Procore's WBS code.
    pub budget_code: Option<i64>,
    /// The commitment, for received CORs.
    pub contract: Option<i64>,
    /// The commitment's vendor.
    pub vendor: Option<i64>,
}

/// A line we wrote, or were about to write, before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownLine {
    /// What it stands for.
    pub key: LineKey,
    /// Its number within the link, part of its mark.
    pub ordinal: u32,
    /// Procore's id, once an answer told it.
    pub line: Option<i64>,
}

/// What a person answered about lines that somebody removed in Procore.
pub type Recreate = BTreeSet<(CorId, LineKey)>;

impl WantedLine {
    pub(super) fn values(&self, side: Side, number: &str, reference: &Reference, ordinal: u32) -> Values {
        let cost = side == Side::Received;
        Values {
            description: reference.signed(&format!("COR {number}: {}", self.description), ordinal),
            amount: self.amount.into(),
            budget_code: self.budget_code,
            contract: self.contract.filter(|_| cost),
            vendor: self.vendor.filter(|_| cost),
        }
    }
}
