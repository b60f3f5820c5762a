//! What Procore adds beside our amounts, in words.

use domain::{
    Money,
    procore::{Amount, Side, push_state::CorOutcome},
};
use store::repo::cor::Cor;

use crate::actions::push::{plan::Shown, result::Standing};

/// What of the revenue of others' lines nobody entered.
pub(super) fn follows_cost(shown: &Shown) -> String {
    match shown.following() {
        none if none.is_zero() => String::new(),
        amount => format!("; {amount} by Procore, which follows cost"),
    }
}

/// What Procore adds, apart from every total.
pub(super) fn markup(markup: Amount) -> String {
    if markup.is_zero() { String::new() } else { format!("+ markup by Procore {markup}") }
}

/// What Procore adds to the revenue, once the push is over.
pub(super) fn once_over(standing: &Standing) -> String {
    let event = standing.event.as_ref().filter(|_| standing.push.state.is_at_rest());
    if standing.push.order.plan.side == Side::Received {
        return match event.map_or(Amount::ZERO, |event| event.following) {
            none if none.is_zero() => String::new(),
            amount => format!(
                "+ revenue by Procore {amount} in the whole Change Event: it follows the cost of lines that nobody priced, and \
                 the owner may be shown it."
            ),
        };
    }
    match markup(event.map_or(Amount::ZERO, |event| event.markup)) {
        said if said.is_empty() => said,
        said => format!("{said} in the whole Change Event. It is in none of the amounts above.{}", twice(standing)),
    }
}

/// That what was just written has markup of its own: the plan can't tell where Procore sets a new event's prime contract itself.
fn twice(standing: &Standing) -> String {
    let written = |cor: &&Cor| standing.cors.get(&cor.id).is_some_and(|pushed| pushed.outcome == CorOutcome::Written);
    let written = standing.members.iter().filter(written).filter(|cor| cor.status.belongs_in_procore());
    let ours: Vec<Money> = written.filter_map(|cor| cor.price.markup()).collect();
    if ours.is_empty() {
        return String::new();
    }
    let ours: Money = ours.into_iter().sum();
    format!(
        " Our price has markup of its own ({ours}), and this comes on top: take the markup out there, or out of our price."
    )
}
