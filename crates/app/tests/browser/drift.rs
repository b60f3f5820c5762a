//! Somebody changes our lines in Procore: the log says what, and the comparison lets a person decide.

use serde_json::{Value, json};

use crate::{
    harness::{
        Person,
        procore::cents,
        stage::{MANAGER, Stage},
    },
    push::{into_event, push, with_one_code},
};

const IMAGING: &str = "Bulletin 7: imaging suite power";

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
    daniel.see("Left as it is. The log alerts you").await;
    daniel.see("Nothing waits for a decision.").await;
    daniel.click("Back to the COR").await;
    daniel.see("left it as it is in Procore").await;
    edit("778.00");
    refreshed(&daniel).await;
    daniel.see_row(&["Bulletin 7: imaging suite power", "Line changed"]).await;
    // Ours over it: the plan shows the difference first.
    daniel.click("Line changed").await;
    daniel.arrive("/drift").await;
    daniel.click("Review the changes").await;
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

/// Somebody makes 777.00 of a line of ours that was 38,115.00; the manager looks at the comparison.
async fn at_a_changed_line(stage: &Stage) -> Person {
    let line = our_line(stage, IMAGING, "feeders [#");
    stage.procore.act(&json!({ "action": "edit_line_amount", "line_id": line, "amount": "777.00" }));
    let daniel = stage.signed_in(MANAGER).await;
    refreshed(&daniel).await;
    daniel.see_row(&[IMAGING, "Line changed", "CE 004"]).await;
    daniel.click("Line changed").await;
    daniel.arrive("/drift").await;
    daniel.see_row(&["Panel LP-3B and feeders", "38,115.00", "777.00"]).await;
    stage.procore.forget_requests();
    daniel
}

/// The row of the COR in the log.
async fn row(person: &Person) -> String {
    person.open_log("Received").await;
    person.see_row(&[IMAGING]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_is_written_over_it() {
    let stage = Stage::demo().await;
    let before = cents(&stage.procore.ours(IMAGING), "cost");
    let daniel = at_a_changed_line(&stage).await;
    daniel.click("Review the changes").await;
    daniel.arrive("/review").await;
    daniel.see_row(&["Update", "Panel LP-3B and feeders", "777.00", "38,115.00", "+37,338.00"]).await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    assert_eq!(cents(&stage.procore.ours(IMAGING), "cost"), before);
    assert_eq!(stage.procore.writes().len(), 1);
    let row = row(&daniel).await;
    assert!(row.contains("CE 004") && !row.contains("Line changed"), "{row}");
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_procore_has_is_accepted_with_a_note() {
    let stage = Stage::demo().await;
    let daniel = at_a_changed_line(&stage).await;
    daniel.see("Northlight Electric Co. wrote this COR, so it stays at").await;
    daniel.fill("note", "Agreed with Ines by phone").await;
    daniel.click("Accept it").await;
    daniel.see("Procore’s amounts are accepted.").await;
    let told = "Difference of +37,338.00: Procore has 10,236.52, and this COR asks for 47,574.52.";
    daniel.see(told).await;
    daniel.click("Back to the COR").await;
    daniel.see("“Agreed with Ines by phone”").await;
    // Looked at again, it stays decided.
    refreshed(&daniel).await;
    let row = row(&daniel).await;
    assert!(row.contains("CE 004") && row.contains("47,574.52") && !row.contains("Line changed"), "{row}");
    assert!(row.contains("Difference of +37,338.00"), "{row}");
    assert!(stage.procore.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_left_and_the_log_is_calm() {
    let stage = Stage::demo().await;
    let daniel = at_a_changed_line(&stage).await;
    daniel.click("Leave it").await;
    daniel.see("Left as it is. The log alerts you").await;
    refreshed(&daniel).await;
    let row = row(&daniel).await;
    assert!(row.contains("CE 004") && !row.contains("Line changed"), "{row}");
    assert!(stage.procore.writes().is_empty());
    // The difference is still told to whoever looks.
    daniel.click(IMAGING).await;
    daniel.click("Compare with Procore").await;
    daniel.see("Left as it is: A line was changed in Procore: 38,115.00 → 777.00.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_unlinked_and_its_lines_are_kept() {
    let stage = Stage::demo().await;
    let daniel = at_a_changed_line(&stage).await;
    let held = stage.procore.lines(IMAGING);
    daniel.click_on("form[action$='/unlink'] button").await;
    daniel.see("It is unlinked. Its lines stay in Procore.").await;
    daniel.see("of its lines stay there").await;
    assert!(stage.procore.writes().is_empty());
    assert_eq!(stage.procore.lines(IMAGING), held);
    refreshed(&daniel).await;
    let row = row(&daniel).await;
    assert!(row.contains("Not in Procore") && !row.contains("CE 004"), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_moved_to_another_event_and_counted_once() {
    let stage = Stage::demo().await;
    let other = stage.procore.event_numbered("002").unwrap();
    let other = other["title"].as_str().unwrap();
    let (here, there) = (stage.procore.lines(IMAGING), stage.procore.lines(other));
    let ours = stage.procore.ours(IMAGING);
    let daniel = at_a_changed_line(&stage).await;
    daniel.click("Move…").await;
    daniel.see("In between neither event has the money, and the log says so").await;
    daniel.see_row(&["Panel LP-3B and feeders", "777.00"]).await;
    daniel.click("Remove 3 lines").await;
    daniel.see("3 lines were removed from").await;
    daniel.see("Now push it to the Change Event where it belongs.").await;
    let between = row(&daniel).await;
    // The row names the event that the money was taken out of, and no event that holds it.
    assert!(between.contains("10,236.52 was removed from CE 004") && between.contains("Update needed"), "{between}");

    daniel.tick_row(&[IMAGING]).await;
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    into_event(&daniel, "CE 002").await;
    with_one_code(&daniel, "Line items", "26-2416").await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    let (left, now) = (stage.procore.lines(IMAGING), stage.procore.lines(other));
    assert_eq!(left.len(), here.len() - ours.len(), "nothing of ours is left, and all of the others'");
    assert_eq!(cents(&now, "cost") - cents(&there, "cost"), cents(&ours, "cost"));
    let after = row(&daniel).await;
    assert!(after.contains("CE 002") && !after.contains("Update needed"), "{after}");
    daniel.leave_content().await;
}
