//! Somebody changes our lines in Procore: the log says what, and the comparison lets a person decide.

use serde_json::{Value, json};

use crate::harness::{
    Person,
    stage::{MANAGER, Stage},
};

fn our_line(stage: &Stage, title: &str, part: &str) -> Value {
    let lines = stage.procore.lines(title);
    let line = lines.iter().find(|line| line["description"].as_str().is_some_and(|text| text.contains(part)));
    line.unwrap_or_else(|| panic!("no line of {title:?} says {part:?}: {lines:#?}"))["id"].clone()
}

/// The log, read again from Procore.
async fn refreshed(person: &Person) {
    person.open_log("Received").await;
    person.click("refresh").await;
    person.see("just now").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_line_is_compared_left_alone_and_told_when_it_changes_again() {
    let stage = Stage::demo().await;
    let line = our_line(&stage, "Bulletin 7", "[#");
    let daniel = stage.signed_in(MANAGER).await;
    let edit =
        |amount: &str| stage.procore.act(&json!({ "action": "edit_line_amount", "line_id": line, "amount": amount }));
    edit("777.00");
    refreshed(&daniel).await;
    daniel.see_row(&["Bulletin 7: imaging suite power", "Line changed"]).await;
    daniel.choose_in_menu("Procore", "Line changed").await;
    assert_eq!(daniel.rows().await, 1);
    daniel.click("Line changed").await;
    daniel.arrive("/drift").await;
    for column in ["Last pushed", "Ours now", "Procore now", "→ 777.00"] {
        daniel.see(column).await;
    }
    assert!(daniel.overflow().await <= 0);
    daniel.click("Leave it").await;
    daniel.see("It is left as it is").await;
    daniel.see("Nothing waits for a decision.").await;
    daniel.click("Back to the COR").await;
    daniel.see("left it as it is in Procore").await;
    edit("778.00");
    refreshed(&daniel).await;
    daniel.see_row(&["Bulletin 7: imaging suite power", "Line changed"]).await;
    // Ours over it: the plan shows the difference first.
    daniel.click("Line changed").await;
    daniel.arrive("/drift").await;
    daniel.click("Look at the plan").await;
    daniel.arrive("/review").await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unlinked_and_removed_after_the_lines_were_shown() {
    let stage = Stage::demo().await;
    let before = stage.procore.lines("Bulletin 7").len();
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    daniel.click("Bulletin 7: imaging suite power").await;
    daniel.click("Compare with Procore").await;
    daniel.arrive("/drift").await;
    daniel.see("Procore has what was pushed.").await;
    daniel.click("Unlink and remove…").await;
    daniel.see("and remove its lines").await;
    assert_eq!(stage.procore.lines("Bulletin 7").len(), before, "shown, not done");
    stage.procore.forget_requests();
    daniel.click_on(".actions .btn.danger").await;
    daniel.arrive("/pushes/").await;
    daniel.see("removed from CE").await;
    daniel.see("It is not linked to the Change Event any more.").await;
    daniel.open_log("Received").await;
    daniel.see_row(&["Bulletin 7: imaging suite power", "Not in Procore"]).await;
    assert!(stage.procore.lines("Bulletin 7").len() < before);
    assert_eq!(stage.procore.writes().len(), 1);
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_surplus_is_removed_from_the_log_with_one_click() {
    let stage = Stage::demo().await;
    let before = stage.procore.lines("Bulletin 7");
    let ours = before.iter().find(|line| line["description"].as_str().is_some_and(|text| text.contains("[#"))).unwrap();
    let event = stage.procore.event("Bulletin 7").unwrap()["id"].clone();
    stage.procore.act(&json!({
        "action": "add_foreign_line", "event_id": event, "description": ours["description"], "amount": "1234.00",
    }));
    let daniel = stage.signed_in(MANAGER).await;
    refreshed(&daniel).await;
    let row = ["Bulletin 7: imaging suite power", "Surplus in Procore"];
    daniel.see_row(&row).await;
    assert!(daniel.overflow().await <= 0);
    stage.procore.forget_requests();
    daniel.click_in_row(&row, "Remove it").await;
    daniel.arrive("/pushes/").await;
    daniel.see("removed from CE").await;
    assert_eq!(stage.procore.writes().len(), 1);
    let ids = |lines: &[Value]| lines.iter().map(|line| line["id"].as_i64()).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ids(&stage.procore.lines("Bulletin 7")), ids(&before), "the copy is gone, and nothing else");
    refreshed(&daniel).await;
    daniel.choose_in_menu("Procore", "Up to date").await;
    daniel.see("Bulletin 7: imaging suite power").await;
    daniel.leave_content().await;
}
