//! Lines that are part of other documents, as most lines are.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as tests do")]

mod support;

use emulator::WorldAction;
use emulator::world::TieTo;
use serde_json::{Value, json};
use support::Procore;

/// An event of three lines, the first of which is part of a document.
async fn tied(to: TieTo) -> (Procore, i64, i64) {
    let procore = Procore::demo().await;
    let event = procore.event("002");
    let line_id = procore.emulator.world(|world| world.change_events[&event].items[0].id);
    procore.emulator.world(|world| world.act(WorldAction::TieLine { line_id, to })).unwrap();
    (procore, event, line_id)
}

async fn line(procore: &Procore, event: i64, id: i64) -> Value {
    let event = procore.get(&procore.event_path(&json!(event))).await;
    event["change_items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone()
}

async fn patch(procore: &Procore, event: i64, line: Value) -> u16 {
    let body = json!({ "change_event": { "change_items": [line] } });
    procore.call("PATCH", &procore.event_path(&json!(event)), body).await.status
}

#[tokio::test]
async fn a_tied_line_names_its_document_and_what_it_locks() {
    let cases = [
        (TieTo::Commitment, "/cost_impact/commitment", "cost_impact.estimate.amount"),
        (TieTo::CommitmentChangeOrder, "/cost_impact/commitment", "cost_impact.estimate.amount"),
        (TieTo::CommitmentPackage, "/cost_impact/change_order_package", "cost_impact.estimate.amount"),
        (TieTo::PrimeChangeOrder, "/revenue_impact/change_order", "revenue_impact.estimate.amount"),
        (TieTo::PrimePackage, "/revenue_impact/change_order_package", "revenue_impact.estimate.amount"),
        (TieTo::BudgetChange, "/budget_impact/budget_change", "budget_impact.estimate.amount"),
        (TieTo::BudgetModification, "/budget_impact/budget_modification", "budget_impact.estimate.amount"),
    ];
    for (to, place, locked) in cases {
        let (procore, event, id) = tied(to).await;
        let line = line(&procore, event, id).await;
        assert!(line.pointer(place).unwrap()["number"].is_string(), "{to:?}: {line}");
        assert!(line["disabled_fields"].as_array().unwrap().contains(&json!(locked)), "{to:?}: {line}");
        assert_eq!((&line["editable"], &line["deletable"]), (&json!(true), &json!(false)));
        assert_eq!(!line["cost_impact"]["vendor"]["confirmed"].is_null(), to.is_cost(), "{to:?}");
    }
}

#[tokio::test]
async fn a_tie_locks_the_money_of_its_side_and_no_other() {
    for (to, cost, revenue) in [
        (TieTo::CommitmentChangeOrder, 422, 200),
        (TieTo::PrimeChangeOrder, 200, 422),
        (TieTo::BudgetChange, 200, 200),
        (TieTo::BudgetModification, 200, 200),
    ] {
        let (procore, event, id) = tied(to).await;
        let of_cost = json!({ "id": id, "cost_impact": { "estimate": { "amount": 5 } } });
        assert_eq!(patch(&procore, event, of_cost).await, cost, "{to:?}");
        let of_revenue = json!({ "id": id, "revenue_impact": { "estimate": { "amount": "5" } } });
        assert_eq!(patch(&procore, event, of_revenue).await, revenue, "{to:?}");
        assert_eq!(patch(&procore, event, json!({ "id": id, "deleted": true })).await, 422, "{to:?}");
        assert_eq!(
            patch(&procore, event, json!({ "id": id, "budget_code": { "id": procore.wbs("23-2113.L") } })).await,
            422
        );
        procore.emulator.world(|world| world.act(WorldAction::UnlockLine { line_id: id })).unwrap();
        assert_eq!(patch(&procore, event, json!({ "id": id, "deleted": true })).await, 200, "{to:?}");
    }
}

#[tokio::test]
async fn confirmed_stands_beside_proposed_or_in_its_place() {
    for (replaces, proposed) in [(false, true), (true, false)] {
        let (procore, event, id) = tied(TieTo::CommitmentChangeOrder).await;
        procore.emulator.switches(|switches| switches.confirmed_replaces_proposed = replaces);
        let line = line(&procore, event, id).await;
        for of in ["vendor", "contract"] {
            assert!(line["cost_impact"][of]["confirmed"]["id"].is_number(), "{line}");
            assert_eq!(line["cost_impact"][of]["proposed"]["id"].is_number(), proposed, "{line}");
        }
    }
}

#[tokio::test]
async fn lines_that_are_part_of_nothing_name_disabled_fields_or_none() {
    for named in [false, true] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.untied_lines_name_disabled_fields = named);
        let event = procore.event("002");
        let id = procore.emulator.world(|world| world.change_events[&event].items[0].id);
        let line = line(&procore, event, id).await;
        assert_eq!(!line["disabled_fields"].as_array().unwrap().is_empty(), named);
        assert_eq!(line["deletable"], true, "the names lock nothing");
        let change = json!({ "id": id, "cost_impact": { "estimate": { "amount": 5 } } });
        assert_eq!(patch(&procore, event, change).await, 200);
    }
}
