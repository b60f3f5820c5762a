//! Records of Procore's that are not as documented.

use std::collections::BTreeSet;

use domain::procore::{
    push_state::PushState,
    reference::{Mark, Reference},
};
use emulator::WorldAction;
use serde_json::{Map, Value, json};
use store::repo::push::Push;

use crate::run::Run;

impl Run {
    /// Shows an event, or a line of ours in it, otherwise than documented: so that it can't be read, or in ways that are nothing
    /// to us.
    pub(crate) fn oddly(&mut self, event: i64, line: Option<i64>) -> WorldAction {
        let of_events = [
            json!({ "status": null }),
            json!({ "id": "ninety" }),
            json!({ "id": null }),
            json!({ "scope": "half_in_scope", "change_type": "odd", "currency_configuration": 7 }),
        ];
        let of_lines = [
            json!({ "id": "x" }),
            json!({ "cost_impact": { "estimate": { "amount": "much" } }, "revenue_impact": { "estimate": { "amount": "much" } } }),
            json!({ "budget_code": "none", "colour": "red" }),
        ];
        let line = line.filter(|_| self.dice.percent(40));
        let (id, among) = line.map_or((event, of_events.as_slice()), |line| (line, of_lines.as_slice()));
        let fields = self.dice.one_of(among).and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
        WorldAction::ShowOddly { id, fields }
    }

    /// The events of Procore that are shown oddly, or a line of theirs.
    pub(crate) fn odd_events(&self) -> BTreeSet<i64> {
        self.web.procore.world(|w| {
            let odd = |id: &i64| w.oddities.contains_key(id);
            let events = w.change_events.values().filter(|e| odd(&e.id) || e.items.iter().any(|item| odd(&item.id)));
            events.map(|e| e.id).collect()
        })
    }

    /// From now on all that a site has in Procore is as documented again, which Procore counts as a change of it.
    pub(crate) fn straighten(&self, site: usize) {
        let (odd, project) = (self.odd_events(), self.sites[site].procore_project);
        self.web.procore.world(|w| {
            let now = w.epoch;
            for event in w.change_events.values_mut().filter(|e| odd.contains(&e.id) && e.project_id == project) {
                event.updated_at = event.updated_at.max(now);
                w.oddities.remove(&event.id);
                for item in &event.items {
                    w.oddities.remove(&item.id);
                }
            }
        });
    }

    /// Whether a push asks a person about an odd record that is its event, or holds something of it.
    pub(crate) fn asks_about_an_odd_one(&self, push: &Push) -> bool {
        let PushState::Stopped { why, .. } = &push.state else { return false };
        if !why.contains("could not be read") {
            return false;
        }
        let known = self.event_of(push);
        let of = |reference: &Reference| push.order.plan.cors.iter().any(|cor| cor.reference == *reference);
        self.odd_events().iter().any(|event| known == Some(*event) || self.holds(*event, &of))
    }

    /// Whether something with a reference is in an event that is shown oddly.
    pub(crate) fn is_odd(&self, reference: &Reference) -> bool {
        self.odd_events().iter().any(|event| self.holds(*event, &|found| found == reference))
    }

    fn holds(&self, event: i64, wanted: &dyn Fn(&Reference) -> bool) -> bool {
        self.web.procore.world(|w| {
            let lines = w.change_events.get(&event).into_iter().flat_map(|e| &e.items);
            let mut marks = lines.filter_map(|item| Mark::find(item.description.as_deref().unwrap_or_default()));
            marks.any(|mark| wanted(&mark.reference))
        })
    }
}
