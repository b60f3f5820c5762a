//! A line that Procore locks, through the API: its gap is told, and made up for when a program asks for it.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, Instance},
    pushes::{at, begun, mapped, planned, repriced},
};

/// The lines of the only COR of a plan, by what happens to them.
fn lines<'a>(plan: &'a Value, action: &str) -> Vec<&'a Value> {
    plan["cors"][0]["lines"].as_array().unwrap().iter().filter(|line| line["action"] == action).collect()
}

async fn pushed(instance: &Instance, caller: &Caller<'_>, draft: &Value) -> Value {
    caller.post(&at(draft, "/push"), json!({})).await.expect(202);
    instance.work().await;
    let result = caller.get(&at(draft, "/result")).await.expect(200).json;
    assert_eq!(result["cors"][0]["outcome"], "written", "{result}");
    result
}

/// The sender asks for so much in all; what they asked for before.
async fn asked(instance: &Instance, cor: &str, total: &str) -> Value {
    let lines = json!([{ "section": "labor", "description": "Weekend crew", "amount": total }]);
    repriced(instance, cor, json!({ "lines": lines })).await["total"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gap_of_a_locked_line_is_made_up_for_by_one_line_that_follows_the_cor() {
    let instance = Instance::connected().await;
    let caller = instance.manager().await;
    mapped(&instance, &caller).await;
    let draft = begun(&instance, &caller, &[9]).await.remove(0);
    planned(&instance, &caller, &draft, "lump_sum").await;
    let event = pushed(&instance, &caller, &draft).await["event"]["id"].as_str().unwrap().parse::<i64>().unwrap();
    instance.world.procore.world(|w| {
        let line = w.change_events[&event].live_items().next().unwrap().id;
        w.lock_line(line).unwrap();
    });
    let cor = format!("/cors/{}", draft["cors"][0].as_str().unwrap());
    let before = asked(&instance, &cor, "99999.00").await;

    let update = begun(&instance, &caller, &[9]).await.remove(0);
    let plan = planned(&instance, &caller, &update, "lump_sum").await;
    let [locked] = lines(&plan, "locked")[..] else { panic!("{plan}") };
    assert_eq!((&locked["previous"], &locked["new"], &plan["writes"]), (&before, &before, &json!(0)));
    assert!(locked["reason"].as_str().unwrap().contains("RFQ 3"), "{locked}");
    let gap = locked["gap"].clone();

    let misspelt = json!({ "answers": { format!("{}x", locked["key"].as_str().unwrap()): "adjust" } });
    let key = format!("/answers/{}x", locked["key"].as_str().unwrap().replace('/', "~1"));
    let said = caller.put(&at(&update, "/answers"), misspelt).await.mending(&key);
    assert!(said.contains("There is no such line"), "{said}");
    let answers = json!({ "answers": { locked["key"].as_str().unwrap(): "adjust" } });
    caller.put(&at(&update, "/answers"), answers).await.expect(200);
    let plan = caller.post(&at(&update, "/plan"), json!({})).await.expect(200).json;
    let [made] = lines(&plan, "create")[..] else { panic!("{plan}") };
    assert_eq!((&made["new"], &plan["cors"][0]["gap"], &plan["writes"]), (&gap, &json!("0.00"), &json!(1)));
    assert!(made["description"].as_str().unwrap().contains(": Adjustment, "), "{made}");
    assert_eq!(plan["totals"]["ours"]["new"], "99999.00");
    pushed(&instance, &caller, &update).await;
    assert_eq!(caller.get(&cor).await.expect(200).json["procore"]["state"], "up_to_date");

    asked(&instance, &cor, "100000.00").await;
    let update = begun(&instance, &caller, &[9]).await.remove(0);
    let plan = planned(&instance, &caller, &update, "lump_sum").await;
    let [same] = lines(&plan, "update")[..] else { panic!("{plan}") };
    assert_eq!((&same["previous"], &same["difference"]), (&gap, &json!("1.00")));
    pushed(&instance, &caller, &update).await;
    let held = instance.world.procore.world(|w| w.change_events[&event].cost_total());
    assert_eq!(held, rust_decimal::Decimal::from(100_000), "to the cent, in two lines");
    assert_eq!(instance.world.procore.world(|w| w.change_events[&event].live_items().count()), 2);
}
