//! The fields of a line that Procore has locked, on the side that we write.
//!
//! Most lines name `disabled_fields`, and no document lists the possible names. We read a name by its words and by the side it
//! is about: revenue in a prime change order leaves the cost free, and the other way round; a name about the budget never locks
//! an amount. An unknown name locks nothing and is logged once: if it is a lock, Procore refuses the request and says so.

use std::collections::BTreeSet;

use domain::procore::{Side, push_plan::Field};
use procore::model::{ChangeEvent, ChangeItem, DocumentRef};

use crate::Context;

/// The fields that nobody can change in Procore.
pub fn locked(item: &ChangeItem, side: Side) -> BTreeSet<Field> {
    if !item.editable {
        return Field::ALL.into();
    }
    let named = item.disabled_fields.iter().filter_map(|name| meaning(name)).flat_map(|meaning| meaning.on(side));
    // We write the proposed contract, which no longer changes a confirmed one.
    let confirmed = (side == Side::Received && item.contract_confirmed.is_some()).then_some(Field::Contract);
    let vendor = confirmed.map(|_| Field::Vendor);
    named.chain(confirmed).chain(vendor).collect()
}

/// Logs every unknown name, once for the life of the process.
pub fn note_unknown(context: &Context, found: &ChangeEvent) {
    let names = found.change_items.iter().flat_map(|item| &item.disabled_fields);
    for name in names.filter(|name| meaning(name).is_none()) {
        if context.logged_once.is_new(name) {
            let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
            tracing::warn!(field = name, "Procore disables a field of a line by a name that is not known here");
        }
    }
}

/// The fields and the side that a name is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Meaning {
    fields: Vec<Field>,
    /// The side whose money it is about; `None` for both.
    side: Option<Side>,
}

impl Meaning {
    fn on(self, side: Side) -> Vec<Field> {
        if self.side.is_none_or(|of| of == side) { self.fields } else { Vec::new() }
    }

    fn nothing() -> Self {
        Self { fields: Vec::new(), side: None }
    }
}

/// The fields that a name locks; `None` for an unknown name.
fn meaning(name: &str) -> Option<Meaning> {
    let words = words(name);
    let has = |word: &str| words.iter().any(|w| w == word);
    let pair = |one: &str, two: &str| words.windows(2).any(|pair| pair[0] == one && pair[1] == two);
    let is_code =
        has("wbs") || pair("budget", "code") || pair("cost", "code") || pair("cost", "type") || pair("sub", "job");
    if is_code {
        return Some(Meaning { fields: vec![Field::BudgetCode], side: None });
    }
    if has("budget") {
        return Some(Meaning::nothing());
    }
    // We don't write where a figure comes from, nor which one is the latest.
    if ["source", "latest", "aging", "stage", "attachments", "currency", "uom", "calculation"].iter().any(|w| has(w))
        || pair("unit", "of")
    {
        return Some(Meaning::nothing());
    }
    let revenue = has("revenue") || has("prime") || has("price");
    let whole = words.last().is_some_and(|word| word == "impact");
    // A unit cost is the price of a unit on either side.
    let costs = words.iter().enumerate().any(|(n, word)| *word == "cost" && (n == 0 || words[n - 1] != "unit"));
    let of_cost = has("vendor") || has("contract") || has("commitment") || costs;
    let side = match (revenue, of_cost) {
        (true, _) => Some(Side::Sent),
        (false, true) => Some(Side::Received),
        (false, false) => None,
    };
    let mut fields = Vec::new();
    if whole || ["amount", "quantity", "estimate", "estimated", "rom"].iter().any(|w| has(w)) || pair("unit", "cost") {
        fields.push(Field::Amount);
    }
    if has("vendor") || (whole && !revenue) {
        fields.push(Field::Vendor);
    }
    if !revenue && (has("contract") || has("commitment") || whole) {
        fields.push(Field::Contract);
    }
    if has("description") {
        fields.push(Field::Description);
    }
    let documents = has("order") || has("orders") || has("package") || has("rfq") || has("quote");
    (!fields.is_empty() || revenue || documents).then_some(Meaning { fields, side })
}

/// `cost_impact.estimate.unitCost` as `cost impact estimate unit cost`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars().take(200) {
        let begins = c.is_uppercase() && lower;
        if !c.is_alphanumeric() || begins {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty() && word != "id" && word != "ids");
    words
}

/// The document that a line is tied to, on the side that we write; on the other side only if it blocks removing the line.
pub fn tied_to(item: &ChangeItem, side: Side) -> Option<String> {
    let document = |name: &str, document: &Option<DocumentRef>| {
        let document = document.as_ref()?;
        Some(format!("tied to {name} {} in Procore", document.number).replace("  ", " "))
    };
    let commitment = item.commitment.as_ref().map(|d| {
        let name = match d.kind.as_str() {
            "contract" => "contract",
            "change_order_package" => "commitment change order package",
            _ => "commitment change order",
        };
        format!("tied to {name} {} in Procore", d.number).replace("  ", " ")
    });
    let cost = document("RFQ", &item.request_for_quote)
        .or(commitment)
        .or_else(|| document("commitment change order package", &item.commitment_package));
    let revenue = document("prime change order", &item.prime_change_order)
        .or_else(|| document("prime change order package", &item.prime_package));
    let budget = document("budget change", &item.budget_change)
        .or_else(|| document("budget modification", &item.budget_modification));
    let (own, other) = match side {
        Side::Received => (cost, revenue),
        Side::Sent => (revenue, cost),
    };
    own.or_else(|| other.or(budget).filter(|_| !item.deletable))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(side: Side, name: &str) -> BTreeSet<Field> {
        meaning(name).map(|meaning| meaning.on(side)).unwrap_or_default().into_iter().collect()
    }

    /// A name, what it locks of the cost and what of the revenue.
    #[test]
    fn a_name_locks_the_money_of_its_own_side() {
        use Field::{Amount, BudgetCode, Contract, Description, Vendor};
        let cases: [(&str, &[Field], &[Field]); 38] = [
            ("budget_code", &[BudgetCode], &[BudgetCode]),
            ("wbs_code_id", &[BudgetCode], &[BudgetCode]),
            ("cost_code", &[BudgetCode], &[BudgetCode]),
            ("cost_type", &[BudgetCode], &[BudgetCode]),
            ("description", &[Description], &[Description]),
            ("vendor", &[Vendor], &[]),
            ("proposed_vendor_id", &[Vendor], &[]),
            ("contract", &[Contract], &[]),
            ("cost_impact.contract.proposed", &[Contract], &[]),
            ("cost_impact.vendor.proposed", &[Vendor], &[]),
            ("cost_impact.estimate.amount", &[Amount], &[]),
            ("cost_impact.estimate.unit_cost", &[Amount], &[]),
            ("costImpact.estimate.unitCost", &[Amount], &[]),
            ("estimated_cost_amount", &[Amount], &[]),
            ("cost_rom", &[Amount], &[]),
            ("cost_amount", &[Amount], &[]),
            ("cost.estimate", &[Amount], &[]),
            ("cost_quantity", &[Amount], &[]),
            ("estimated_cost", &[Amount], &[]),
            ("estimated_cost_amount", &[Amount], &[]),
            ("unit_cost", &[Amount], &[Amount]),
            ("cost_impact", &[Amount, Vendor, Contract], &[]),
            ("revenue_impact", &[], &[Amount]),
            ("revenue_impact.estimate.amount", &[], &[Amount]),
            ("revenue_impact.estimate.quantity", &[], &[Amount]),
            ("revenue_rom", &[], &[Amount]),
            ("prime_contract", &[], &[]),
            ("revenue_impact.change_order", &[], &[]),
            ("amount", &[Amount], &[Amount]),
            ("quantity", &[Amount], &[Amount]),
            ("estimate", &[Amount], &[Amount]),
            ("budget_impact", &[], &[]),
            ("budget_impact.estimate.amount", &[], &[]),
            ("budget_impact.estimate.unit_cost", &[], &[]),
            ("budget_rom", &[], &[]),
            ("revenue_impact.source_of_revenue_rom", &[], &[]),
            ("latest_cost_values.amount", &[], &[]),
            ("cost_impact.estimate.calculation_strategy", &[], &[]),
        ];
        for (name, cost, revenue) in cases {
            assert!(meaning(name).is_some(), "{name} is known");
            assert_eq!(on(Side::Received, name), cost.iter().copied().collect(), "{name}, cost");
            assert_eq!(on(Side::Sent, name), revenue.iter().copied().collect(), "{name}, revenue");
        }
    }

    #[test]
    fn a_name_that_says_nothing_locks_nothing_and_is_told() {
        for name in ["", "frobnication", "spend_category", "x".repeat(5_000).as_str(), "…"] {
            assert_eq!(meaning(name), None, "{name}");
        }
    }
}
