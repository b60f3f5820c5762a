//! Translates between Procore's change events and the planner's, one side at a time.

use std::collections::BTreeSet;

use domain::procore::{
    Amount, Side,
    comparison::EventFacts,
    currency::KnownCurrency,
    push::{NewEvent, Scope},
    push_plan::{Action, EventLine, EventLines, Field, PlanLine, Values},
};
use procore::model::{
    ChangeEvent, ChangeItem, ChangeReasonId, ChangeTypeId, ContractId, CostWrite, Estimate, ExternalData, Figure,
    ItemWrite, LineId, NewChangeEvent, RevenueWrite, StatusId, VendorId, WbsCodeId,
};
use store::repo::change_event::EventRow;

use super::{as_html::as_html, locks};

/// Our name in `external_data`, so that another integration sees that we made the event.
pub const ORIGIN_DATA: &str = "ledgerboard";

/// The event's lines: `amount` is the field that `side` writes.
pub fn event(found: &ChangeEvent, side: Side) -> EventLines {
    EventLines { id: found.id.0, lines: found.change_items.iter().map(|item| line(item, side)).collect() }
}

/// The event as the planner sees it, with whose revenue follows cost; `priced` as [`priced::by_us`](super::priced::by_us) says.
pub fn for_plan(found: &ChangeEvent, side: Side, priced: &BTreeSet<i64>) -> EventLines {
    let seen =
        |item| EventLine { follows_cost: side == Side::Sent && follows_cost(found, item, priced), ..line(item, side) };
    EventLines { id: found.id.0, lines: found.change_items.iter().map(seen).collect() }
}

fn line(item: &ChangeItem, side: Side) -> EventLine {
    let cost = side == Side::Received;
    let estimate = if cost { &item.cost_estimate } else { &item.revenue_estimate };
    let latest = if cost { item.latest_cost } else { item.latest_revenue };
    let amount = estimate.as_ref().and_then(Estimate::figure);
    EventLine {
        id: item.id.0,
        values: Values {
            description: item.description.clone(),
            amount: amount_of(amount),
            budget_code: item.budget_code.as_ref().map(|c| c.id.0),
            // A confirmed commitment counts, whichever was proposed.
            contract: item
                .contract_confirmed
                .as_ref()
                .or(item.contract_proposed.as_ref())
                .filter(|_| cost)
                .map(|c| c.id.0),
            vendor: item.vendor_proposed.as_ref().or(item.vendor_confirmed.as_ref()).filter(|_| cost).map(|v| v.id.0),
        },
        latest: amount_of(latest.or(amount)),
        locked: locks::locked(item, side),
        tied_to: locks::tied_to(item, side),
        deletable: item.deletable,
        deleted: item.deleted_at.is_some(),
        currency: item.currency.clone().unwrap_or_default(),
        follows_cost: false,
    }
}

/// Zero where Procore gives no amount; an unreadable amount is not zero.
fn amount_of(figure: Option<Figure>) -> Amount {
    match figure {
        None => Amount::ZERO,
        Some(Figure::Exact(amount)) => Amount::of(amount),
        Some(Figure::TooLarge) => Amount::TooLarge,
        Some(Figure::Odd) => Amount::Unreadable,
    }
}

/// The currencies that an event and our lines in it name.
pub fn currencies<'a>(found: &'a ChangeEvent, lines: &'a BTreeSet<i64>) -> impl Iterator<Item = &'a str> {
    let ours = found.change_items.iter().filter(|item| item.deleted_at.is_none() && lines.contains(&item.id.0));
    found.currency.as_deref().into_iter().chain(ours.filter_map(|item| item.currency.as_deref()))
}

/// The other currencies that an event's lines name: a line is kept in its contract's currency.
fn line_currencies(found: &ChangeEvent) -> String {
    let live = found.change_items.iter().filter(|item| item.deleted_at.is_none());
    let own = found.currency.as_deref().unwrap_or_default().trim();
    let others = live.filter_map(|item| item.currency.as_deref()).filter(|code| !code.trim().eq_ignore_ascii_case(own));
    KnownCurrency::default().naming(others).named.join(", ")
}

/// The event for the log's filter and the wizard's list; `priced` is what [`priced::by_us`](super::priced::by_us) answers.
pub fn event_row(found: &ChangeEvent, priced: &BTreeSet<i64>) -> EventRow {
    let live = || found.change_items.iter().filter(|i| i.deleted_at.is_none());
    let sum = |side| live().map(|i| line(i, side).values.amount).sum();
    let locked = |side| count(live().filter(|item| line(item, side).lock().is_some()).count());
    EventRow {
        event_id: found.id.0,
        number: found.number.clone(),
        title: found.title.clone(),
        status: found.status.name.clone(),
        mapped_status: found.status.mapped_to.clone().into(),
        cost: sum(Side::Received),
        revenue: live().filter(|i| !follows_cost(found, i, priced)).map(|i| line(i, Side::Sent).values.amount).sum(),
        following: following(found, |line| !priced.contains(&line)),
        prime_contract_id: found.prime_contract_for_estimates.as_ref().map(|c| c.id.0),
        currency: found.currency.clone().unwrap_or_default(),
        line_currencies: line_currencies(found),
        gone: found.deleted_at.is_some() || found.in_recycle_bin,
        trouble: String::new(),
        created_by: found.created_by.as_ref().map(|by| by.id.0),
        lines: count(live().count()),
        cost_locked: locked(Side::Received),
        revenue_locked: locked(Side::Sent),
        markup: markup(found),
        markup_edited: found.has_edited_markups,
    }
}

/// Whether a line's revenue is nobody's figure but its cost, shown to the owner: so Procore may do in events that are out of
/// scope, where nobody gave a revenue. Where Procore doesn't say where a revenue comes from, somebody gave it: money is never
/// left out on a guess. Nor does it follow where we gave it, whatever it is equal to.
fn follows_cost(found: &ChangeEvent, item: &ChangeItem, priced: &BTreeSet<i64>) -> bool {
    !priced.contains(&item.id.0) && may_follow(found, item)
}

/// The live lines whose revenue may follow their cost, as far as Procore tells.
pub fn may_follow_cost(found: &ChangeEvent) -> impl Iterator<Item = &ChangeItem> {
    found.change_items.iter().filter(|item| item.deleted_at.is_none() && may_follow(found, item))
}

fn may_follow(found: &ChangeEvent, item: &ChangeItem) -> bool {
    let may = match item.source_of_revenue_rom.as_ref().or(found.source_of_revenue_rom.as_ref()).map(String::as_str) {
        Some("latest_cost") => true,
        Some("automatic") => found.scope == Some(procore::model::Scope::OutOfScope),
        _ => false,
    };
    let (cost, revenue) = (line(item, Side::Received), line(item, Side::Sent).values.amount);
    may && revenue.is_readable()
        && !revenue.is_zero()
        && [cost.latest, cost.values.amount].iter().any(|cost| cost.same(revenue))
}

/// The revenue that follows the cost of the lines that `of` picks.
pub fn following(found: &ChangeEvent, of: impl Fn(i64) -> bool) -> Amount {
    let following = may_follow_cost(found).filter(|item| of(item.id.0));
    following.map(|item| line(item, Side::Sent).values.amount).sum()
}

/// What Procore adds to the revenue of the lines as markup.
pub fn markup(found: &ChangeEvent) -> Amount {
    found.markup.iter().map(|markup| amount_of(markup.latest_price.or(markup.estimate))).sum()
}

/// An event that is there and could not be read: by what was known of it, but for its amounts.
pub fn odd_row(event: i64, name: &str, why: &str, before: Option<&EventRow>) -> EventRow {
    let nothing = String::new;
    let known = before.cloned().unwrap_or_else(|| EventRow {
        event_id: event,
        number: nothing(),
        title: name.to_owned(),
        status: nothing(),
        mapped_status: nothing(),
        cost: Amount::Unreadable,
        revenue: Amount::Unreadable,
        prime_contract_id: None,
        currency: nothing(),
        line_currencies: nothing(),
        gone: false,
        trouble: nothing(),
        created_by: None,
        lines: 0,
        cost_locked: 0,
        revenue_locked: 0,
        markup: Amount::ZERO,
        markup_edited: false,
        following: Amount::ZERO,
    });
    EventRow { cost: Amount::Unreadable, revenue: Amount::Unreadable, gone: false, trouble: why.to_owned(), ..known }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The event apart from its lines, for telling what somebody changed.
pub fn facts(found: &ChangeEvent) -> EventFacts {
    EventFacts {
        status: found.status.name.clone(),
        meaning: found.status.mapped_to.clone().into(),
        gone: found.deleted_at.is_some() || found.in_recycle_bin,
        hidden: false,
        prime_contract: found.prime_contract_for_estimates.as_ref().map(|c| c.id.0),
        currency: found.currency.clone().unwrap_or_default(),
    }
}

/// What a request carries for one line of a plan; nothing for lines that stay as they are.
/// With `no_revenue`, a new line of a received COR says that it brings none; one that is there may be part of a prime change
/// order, and keeps what it says.
pub fn write(line: &PlanLine, side: Side, no_revenue: bool) -> Option<ItemWrite> {
    let target = line.target();
    let id = line.line.map(LineId);
    match &line.action {
        Action::Create => {
            target.map(|values| ItemWrite { no_revenue: no_revenue && side == Side::Received, ..full(&values, side) })
        }
        Action::Update { fields, .. } => target.map(|values| {
            let full = full(&values, side);
            let has = |field| fields.contains(&field);
            // A locked field is not even named: Procore may refuse the request for it.
            let cost = full.cost.map(|cost| CostWrite {
                amount: cost.amount.filter(|_| has(Field::Amount)),
                contract: cost.contract.filter(|_| has(Field::Contract)),
                vendor: cost.vendor.filter(|_| has(Field::Vendor)),
                ..cost
            });
            ItemWrite {
                id,
                deleted: false,
                description: full.description.filter(|_| has(Field::Description)),
                budget_code: full.budget_code.filter(|_| has(Field::BudgetCode)),
                cost: cost.filter(|_| has(Field::Amount) || has(Field::Contract) || has(Field::Vendor)),
                revenue: full.revenue.filter(|_| has(Field::Amount)),
                no_revenue: false,
            }
        }),
        Action::Remove => Some(ItemWrite { id, deleted: true, ..ItemWrite::default() }),
        Action::Unchanged | Action::Locked { .. } | Action::RemovedThere => None,
    }
}

fn full(values: &Values, side: Side) -> ItemWrite {
    // Only what can be read is ever written.
    let amount = match values.amount {
        Amount::Exact(amount) => Some(amount),
        Amount::TooLarge | Amount::Unreadable | Amount::NotComparable => None,
    };
    let line = ItemWrite {
        description: Some(values.description.clone()),
        budget_code: values.budget_code.map(WbsCodeId),
        ..ItemWrite::default()
    };
    match side {
        Side::Received => {
            let (vendor, contract) = (values.vendor.map(VendorId), values.contract.map(ContractId));
            let cost = CostWrite { amount, vendor, contract, ..CostWrite::default() };
            ItemWrite { cost: Some(cost), ..line }
        }
        Side::Sent => {
            ItemWrite { revenue: amount.map(|amount| RevenueWrite { amount, ..RevenueWrite::default() }), ..line }
        }
    }
}

/// The body of a new event. `origin` is ours to find it by when the answer never comes.
pub fn new_event(new: &NewEvent, origin: &str, lines: Vec<ItemWrite>) -> NewChangeEvent {
    NewChangeEvent {
        number: Some(new.number.clone()).filter(|n| !n.is_empty()),
        title: new.title.clone(),
        description: Some(as_html(&new.description)).filter(|d| !d.is_empty()),
        status: StatusId(new.status),
        scope: match new.scope {
            Scope::Tbd => procore::model::Scope::Tbd,
            Scope::InScope => procore::model::Scope::InScope,
            Scope::OutOfScope => procore::model::Scope::OutOfScope,
        },
        change_type: new.change_type.map(ChangeTypeId),
        change_reason: new.change_reason.map(ChangeReasonId),
        prime_contract_for_estimates: new.prime_contract.map(ContractId),
        // Our lines say it themselves; here it would reach the lines of others.
        source_of_revenue_rom: None,
        external_data: Some(ExternalData { origin_id: origin.to_owned(), origin_data: ORIGIN_DATA.to_owned() }),
        change_items: lines,
    }
}
