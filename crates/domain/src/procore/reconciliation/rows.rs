//! The CORs and change events of a reconciliation: as they were read, and as rows of the report.

use serde::{Deserialize, Serialize};

use super::{Category, Counts};
use crate::{
    cor::Status,
    ids::CorId,
    money::Money,
    procore::{Amount, amount::exact, currency::CurrencyTrouble, push_state::ProcoreState},
};

/// A change event as last read, on one side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRead {
    /// Procore's id.
    pub id: i64,
    /// As people know it.
    pub number: String,
    /// Short.
    pub title: String,
    /// The company's own word for its status.
    pub status: String,
    /// Whether its money counts.
    pub counts: Counts,
    /// Why its amounts can't be compared with ours, if they can't.
    pub trouble: Option<CurrencyTrouble>,
    /// All of its lines on this side.
    pub amount: Amount,
    /// What Procore adds to them as markup: no line of anybody's, and in no figure of the report.
    pub markup: Amount,
    /// The revenue that follows the cost of lines which nobody priced: not in `amount`, and in no figure of the report.
    pub following: Amount,
}

/// A COR as the log has it, and what Procore holds of it as far as we know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CorRead {
    /// Which one.
    pub cor: CorId,
    /// "014.1".
    pub number: String,
    /// Its title.
    pub title: String,
    /// The company at the other end.
    pub party: String,
    /// Where it stands between the companies.
    pub status: Status,
    /// What the log says of its place in Procore.
    pub state: ProcoreState,
    /// The amount requested.
    pub ours: Money,
    /// Our lines in Procore: as last read, else as last written.
    pub there: Amount,
    /// The change event it is linked to.
    pub event: Option<i64>,
}

/// A COR in the report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportCor {
    /// Which one.
    pub cor: CorId,
    /// "014.1".
    pub number: String,
    /// Its title.
    pub title: String,
    /// The company at the other end.
    pub party: String,
    /// Where it stands between the companies.
    pub status: Status,
    /// What the log says of its place in Procore.
    pub state: ProcoreState,
    /// The change event it is linked to.
    pub event: Option<i64>,
    /// That event's number; empty when there is none, or it was never read.
    pub event_number: String,
    /// Where its money stands.
    pub category: Category,
    /// The amount requested.
    pub ours: Money,
    /// What counts of it in Procore.
    #[serde(with = "exact")]
    pub there: Amount,
    /// Why its amounts can't be compared with Procore's, if they can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<CurrencyTrouble>,
}

impl ReportCor {
    /// What Procore lacks of what it should hold, to the cent; negative when it holds too much.
    pub fn gap(&self) -> Amount {
        self.category.asks_for(self.ours) - self.there.shown()
    }
}

/// A change event in the report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportEvent {
    /// Procore's id.
    pub id: i64,
    /// As people know it.
    pub number: String,
    /// Short.
    pub title: String,
    /// The company's own word for its status.
    pub status: String,
    /// Whether its money counts.
    pub counts: Counts,
    /// Why its amounts can't be compared with ours, if they can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<CurrencyTrouble>,
    /// All of its lines on this side, in whichever currency.
    #[serde(with = "exact")]
    pub amount: Amount,
    /// How many CORs of ours are linked to it.
    pub cors: usize,
    /// What of the amount is ours and counts.
    #[serde(with = "exact")]
    pub ours: Amount,
    /// What Procore adds as markup, beside the amount.
    #[serde(default, skip_serializing_if = "is_nothing", with = "exact")]
    pub markup: Amount,
    /// The revenue that follows cost, beside the amount.
    #[serde(default, skip_serializing_if = "is_nothing", with = "exact")]
    pub following: Amount,
}

fn is_nothing(amount: &Amount) -> bool {
    amount.is_zero()
}

impl ReportEvent {
    /// What of it no COR here accounts for; nothing when its money doesn't count.
    pub fn rest(&self) -> Amount {
        match self.counts {
            Counts::Yes => self.amount - self.ours,
            Counts::Void | Counts::Gone => Amount::ZERO,
            Counts::OtherCurrency | Counts::UnknownCurrency => Amount::NotComparable,
        }
    }
}
