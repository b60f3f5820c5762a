//! One line of a plan: what happens to it, and what that makes of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Field, Values, makes_up};
use crate::{cor::LineKey, procore::Amount};

/// What happens to one line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// A new line.
    Create,
    /// Our line, changed in place.
    Update {
        /// What changes.
        fields: BTreeSet<Field>,
        /// What should change but is locked in Procore.
        withheld: BTreeSet<Field>,
        /// Why, if something is withheld.
        why: Option<String>,
    },
    /// Our line, no longer wanted.
    Remove,
    /// Nothing to do.
    Unchanged,
    /// It should change or go, and Procore doesn't let it.
    Locked {
        /// Tied to what.
        why: String,
    },
    /// Our line, removed there by somebody. Asked about, never silently made again.
    RemovedThere,
}

impl Action {
    /// Whether it is part of a request.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Create | Self::Update { .. } | Self::Remove)
    }

    /// The word in the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update { .. } => "update",
            Self::Remove => "remove",
            Self::Unchanged => "unchanged",
            Self::Locked { .. } => "locked",
            Self::RemovedThere => "removed_there",
        }
    }
}

/// What a push does with one line: as it was when the plan was made, and as it should be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanLine {
    /// What it stands for.
    pub key: LineKey,
    /// Its number within the link.
    pub ordinal: u32,
    /// Procore's id, if it exists.
    pub line: Option<i64>,
    /// What happens.
    #[serde(flatten)]
    pub action: Action,
    /// What the line said when the plan was made.
    pub before: Option<Values>,
    /// What it should say; `None` for a line that goes, and as before for one that another makes up for.
    pub wanted: Option<Values>,
}

impl PlanLine {
    /// The amount in Procore when the plan was made.
    pub fn previous(&self) -> Amount {
        self.before.as_ref().map_or(Amount::ZERO, |v| v.amount)
    }

    /// The amount in Procore once the plan is applied.
    pub fn after(&self) -> Amount {
        let wanted = self.wanted.as_ref().map_or(Amount::ZERO, |v| v.amount);
        match &self.action {
            Action::Update { withheld, .. } if withheld.contains(&Field::Amount) => self.previous(),
            Action::Create | Action::Update { .. } | Action::Unchanged => wanted,
            Action::Remove | Action::RemovedThere => Amount::ZERO,
            Action::Locked { .. } => self.previous(),
        }
    }

    /// What Procore will lack or have too much, as a line would make up for it.
    pub fn gap(&self) -> Amount {
        let (wanted, after) = (self.wanted.as_ref().map_or(Amount::ZERO, |v| v.amount), self.after());
        makes_up(wanted, after).unwrap_or(wanted - after)
    }

    /// What it says once money is put into it: of a line that a request makes, or changes in more than its description.
    pub fn puts_money(&self) -> Option<Values> {
        let puts = match &self.action {
            Action::Create => true,
            Action::Update { fields, .. } => fields.iter().any(|field| *field != Field::Description),
            Action::Remove | Action::Unchanged | Action::Locked { .. } | Action::RemovedThere => false,
        };
        self.target().filter(|_| puts)
    }

    /// The values a request carries, withheld fields as they are.
    pub fn target(&self) -> Option<Values> {
        let mut target = self.wanted.clone()?;
        if let (Action::Update { withheld, .. }, Some(before)) = (&self.action, &self.before) {
            for field in withheld {
                target.keep(*field, before);
            }
        }
        Some(target)
    }

    /// Whether `there` is what a request for this line leaves: fields that it left open may have been filled in, and the
    /// vendor may have come with a contract that it named alone.
    pub fn is_done(&self, there: &Values) -> bool {
        let Some(mut target) = self.target() else { return false };
        if let Action::Update { fields, .. } = &self.action
            && fields.contains(&Field::Contract)
            && !fields.contains(&Field::Vendor)
        {
            target.vendor = there.vendor;
        }
        target.filled_in(there) == *there
    }

    /// Whether `there` is what the line said when the plan was made, but for what was open then, that the plan leaves open too,
    /// and was filled in since.
    pub fn is_as_before(&self, there: &Values) -> bool {
        let Some(before) = &self.before else { return false };
        let mut filled = before.filled_in(there);
        if let Action::Update { fields, .. } = &self.action {
            for field in fields {
                filled.keep(*field, before);
            }
        }
        filled == *there
    }
}
