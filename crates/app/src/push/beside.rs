//! What Procore adds beside our amounts: markup by the event's prime contract, and revenue that follows cost. It is in no figure
//! of ours, and told wherever our figures are.

use domain::{
    Money,
    procore::{
        AddedByProcore, Amount, Side,
        push::{Scope, Target},
        push_plan::{Action, Work},
        push_state::CorOutcome,
    },
};
use serde::Serialize;
use store::repo::cor::Cor;
use sync::link::translate;
use utoipa::ToSchema;

use super::{plan::Shown, standing::PushStanding};
use crate::integration::reference;

/// What Procore adds to the revenue of sent CORs, by the change event's prime contract for markup estimates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Markup {
    /// The prime contract, by number and title; none when none is set or to be set.
    pub contract: Option<String>,
    /// It is not set yet: this push sets it.
    pub to_be_set: bool,
    /// The CORs were given different ones, so this push sets none.
    pub undecided: bool,
    /// The event is still to be made: Procore may give it a prime contract of its own accord.
    pub is_new: bool,
    /// What Procore adds now, beside all amounts of the plan; not comparable where they are.
    pub there: Amount,
    /// The revenue that it adds that to.
    pub revenue: Amount,
    /// The lines in the event that are not of this push: a contract that is set marks them up too.
    pub other_lines: usize,
    /// Their revenue, with what of it follows cost.
    pub other_revenue: Amount,
    /// Somebody changed it there by hand.
    pub edited: bool,
    /// What our price has as markup of its own.
    pub ours: Option<Money>,
    /// What to know about it; empty when there is nothing.
    pub says: String,
    /// Whether that is a warning: our price would be marked up twice, other lines are marked up too, or the CORs were given
    /// different prime contracts and none is set.
    pub warns: bool,
}

impl Shown {
    /// The markup of a push of sent CORs.
    pub fn markup(&self) -> Option<Markup> {
        if self.opened.side() == Side::Received {
            return None;
        }
        let there = self.found.as_ref().and_then(|found| found.prime_contract_for_estimates.as_ref());
        let to_be_set = match &self.order.target {
            Target::Existing { prime_contract, .. } => *prime_contract,
            Target::New(new) => new.prime_contract,
        };
        // It goes with lines alone: a push that writes none sets none.
        let to_be_set = to_be_set.filter(|_| self.order.plan.writes() > 0);
        let name = |id: i64| {
            self.data.contract(Side::Sent, id).map_or_else(|| id.to_string(), reference::ProcoreContract::name)
        };
        let (totals, known) = (self.totals(), self.order.plan.known_lines());
        let event = self.found.as_ref().map(|found| translate::event(found, Side::Sent)).unwrap_or_default();
        let other = || event.lines.iter().filter(|line| !line.deleted && !known.contains(&line.id));
        // A void COR asks for nothing, so that nothing of it is marked up twice.
        let ours: Vec<Money> = self.opened.asking().filter_map(|cor| cor.price.markup()).collect();
        let mut markup = Markup {
            contract: there.map(|there| format!("{} {}", there.number, there.name)).or_else(|| to_be_set.map(name)),
            to_be_set: there.is_none() && to_be_set.is_some(),
            undecided: there.is_none() && self.opened.contracts().len() > 1,
            is_new: self.found.is_none(),
            there: self.in_ours(self.found.as_ref().map_or(Amount::ZERO, translate::markup)),
            revenue: totals.whole.previous + totals.following,
            other_lines: other().count(),
            other_revenue: self.in_ours(other().map(|line| line.values.amount).sum()),
            edited: self.found.as_ref().is_some_and(|found| found.has_edited_markups),
            ours: (!ours.is_empty()).then(|| ours.into_iter().sum()),
            says: String::new(),
            warns: false,
        };
        (markup.warns, markup.says) = markup.sentence().unwrap_or_default();
        Some(markup)
    }
}

impl Shown {
    /// An amount of Procore's beside ours. Nothing is nothing in each currency.
    fn in_ours(&self, amount: Amount) -> Amount {
        amount.beside(self.compares())
    }

    /// What the owner may see of received CORs: in an event that is out of scope, revenue that nobody gave may follow cost.
    pub fn owner_sees(&self) -> Option<String> {
        let out_of_scope = match (&self.order.target, &self.found) {
            (Target::New(new), _) => new.scope == Scope::OutOfScope,
            (_, found) => found.as_ref().is_some_and(|found| found.scope == Some(procore::model::Scope::OutOfScope)),
        };
        let plan = &self.order.plan;
        // What is removed is shown to nobody.
        let adds = plan.writes() > 0 && plan.work() != Work::TakesOut;
        if self.opened.side() == Side::Sent || !out_of_scope || !adds {
            return None;
        }
        let (found, ours) = (self.found.as_ref(), plan.known_lines());
        let shown = found.map_or(Amount::ZERO, |found| translate::following(found, |id| ours.contains(&id)));
        let shown = self.in_ours(shown);
        let now = match shown {
            none if none.is_zero() => String::new(),
            shown if !shown.is_readable() => String::new(),
            shown => format!(" Of our lines it shows {shown} so now."),
        };
        let creates = plan.cors.iter().flat_map(|cor| &cor.lines).any(|line| line.action == Action::Create);
        if self.order.no_revenue && creates {
            return Some(format!(
                "Lines that are created say that no revenue is expected, so Procore shows the owner none.{now}"
            ));
        }
        let markup = match found.and_then(|found| found.prime_contract_for_estimates.as_ref()) {
            Some(prime) => format!(", with markup by the prime contract {} {} on top", prime.number, prime.name),
            None => String::new(),
        };
        let remedy = if creates && !self.order.no_revenue {
            " To keep new lines out of that, choose “None is expected” on the step before."
        } else {
            ""
        };
        Some(format!(
            "This Change Event is out of scope: Procore may show the owner the cost of these lines as revenue{markup}.{now}{remedy}"
        ))
    }
}

impl Markup {
    /// What somebody should know about it, and whether it is a warning; nothing when Procore adds none.
    pub fn sentence(&self) -> Option<(bool, String)> {
        if self.undecided {
            let text = "The CORs were given different prime contracts for markup, and a Change Event has one: this push sets none.";
            return Some((true, text.to_owned()));
        }
        if let (None, true, Some(ours)) = (&self.contract, self.is_new, self.ours) {
            return Some((
                false,
                format!(
                    "Our price has markup of its own ({ours}). Procore may give a new Change Event a prime contract of its own \
                     accord, and add markup a second time: look at it there after the push."
                ),
            ));
        }
        let Some(contract) = &self.contract else {
            // Markup without a contract: edited by hand, or added before the contract was taken away.
            let of = if self.there.is_readable() { format!(" of {}", self.there) } else { String::new() };
            let text = || format!("Procore adds markup{of} to this Change Event, on top of our price.");
            return (!self.there.is_zero()).then(|| (self.ours.is_some(), text()));
        };
        if self.there.is_zero() && !self.revenue.is_zero() && !self.to_be_set {
            let text = format!("Procore adds no markup by this Change Event’s prime contract {contract}.");
            return Some((false, text));
        }
        let adds = if self.to_be_set { "will add" } else { "adds" };
        let mut text =
            format!("Procore {adds} estimated markup by the prime contract {contract}, on top of our price.");
        if self.to_be_set && self.other_lines > 0 {
            text.push_str(&self.on_other_lines());
        }
        if self.edited {
            text.push_str(" Somebody changed the markup there by hand.");
        }
        if let Some(ours) = self.ours {
            let what = if self.to_be_set {
                "Choose no prime contract, or leave the markup out of our price."
            } else {
                "Take the markup out there, or out of our price."
            };
            text.push_str(&format!(" Our price has markup of its own ({ours}): it would be marked up twice. {what}"));
        }
        Some((self.ours.is_some() || (self.to_be_set && self.other_lines > 0), text))
    }

    /// A contract is the whole event's, whoever chooses it.
    fn on_other_lines(&self) -> String {
        let lines = match self.other_lines {
            1 => "1 line".to_owned(),
            n => format!("{n} lines"),
        };
        let revenue = match self.other_revenue {
            none if none.is_zero() => ", as soon as they have revenue".to_owned(),
            revenue if revenue.is_readable() => format!(", with revenue of {revenue} now"),
            _ => String::new(),
        };
        format!(
            " The contract is for the whole Change Event: Procore also marks up {lines} outside this push{revenue}."
        )
    }
}

/// What Procore added to the event of a push that is over. It is in none of the push's amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedToEvent {
    /// As markup and as revenue.
    pub amounts: AddedByProcore,
    /// What to know about it; empty when there is nothing.
    pub says: String,
}

impl PushStanding {
    /// What Procore added, once the push is over and its event was read.
    pub fn added(&self) -> Option<AddedToEvent> {
        let event = self.event.as_ref().filter(|_| self.push.state.is_at_rest())?;
        let beside = |amount: Amount| amount.beside(self.currency.is_ok());
        let (markup, following) = (beside(event.markup), beside(event.following));
        let says = match self.push.order.plan.side {
            Side::Received if !following.is_zero() => format!(
                "{} in the whole Change Event: it follows the cost of lines that nobody priced, and the owner may be shown it.",
                revenue_by_procore(following)
            ),
            Side::Sent if !markup.is_zero() => format!(
                "{} in the whole Change Event. It is in none of the amounts above.{}",
                by_procore(markup),
                self.twice()
            ),
            _ => String::new(),
        };
        Some(AddedToEvent { amounts: AddedByProcore { markup, revenue_that_follows_cost: following }, says })
    }

    /// That what was just written has markup of its own: the plan can't tell where Procore sets a new event's prime contract
    /// itself.
    fn twice(&self) -> String {
        let written = |cor: &&Cor| self.cors.get(&cor.id).is_some_and(|pushed| pushed.outcome == CorOutcome::Written);
        let written = self.members.iter().filter(written).filter(|cor| cor.status.belongs_in_procore());
        let ours: Vec<Money> = written.filter_map(|cor| cor.price.markup()).collect();
        if ours.is_empty() {
            return String::new();
        }
        let ours: Money = ours.into_iter().sum();
        format!(
            " Our price has markup of its own ({ours}), and this comes on top: take the markup out there, or out of our price."
        )
    }
}

/// "+ markup by Procore 1,234.00": how it stands apart from every total. Empty when there is none.
pub fn by_procore(markup: Amount) -> String {
    added("markup", markup)
}

/// The same of revenue that follows cost.
fn revenue_by_procore(following: Amount) -> String {
    added("revenue", following)
}

fn added(what: &str, amount: Amount) -> String {
    match amount {
        none if none.is_zero() => String::new(),
        Amount::NotComparable => format!("+ {what} by Procore, which can’t be compared"),
        amount => format!("+ {what} by Procore {amount}"),
    }
}
