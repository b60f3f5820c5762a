//! A customer asks contractors for a price; one answers with a COR, one declines; the answer is pushed.

use crate::{
    cor,
    harness::stage::{MANAGER, MECHANICAL, Stage},
};

#[tokio::test(flavor = "multi_thread")]
async fn asked_answered_and_pushed() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.click("Harbor Point Medical Office").await;
    daniel.click("Change Notifications").await;
    daniel.click("+ New Change Notification").await;
    daniel.fill("title", "Bulletin 9: exhaust at imaging").await;
    daniel.fill("description", "Price the added exhaust shown on M-204.").await;
    daniel.fill("due", "2030-12-01").await;
    daniel.fill("reference", "Bulletin 9").await;
    daniel.click("SC-23-007 Mechanical").await;
    daniel.click("SC-26-002 Electrical").await;
    daniel.click_on("form.panel .actions button").await;
    daniel.see("Bulletin 9: exhaust at imaging").await;

    // One contractor creates a COR from it, title and reference filled in.
    let tom = stage.signed_in(MECHANICAL).await;
    tom.open_log("Sent").await;
    tom.click("Change Notifications").await;
    tom.click("Received").await;
    tom.click("Bulletin 9: exhaust at imaging").await;
    tom.see("Price the added exhaust").await;
    tom.click("Create a COR").await;
    assert_eq!(tom.value_of("[name=title]").await, "Bulletin 9: exhaust at imaging");
    cor::add_line(&tom, "labor", "Sheet metal", "16", "h", "101.20").await;
    tom.click("Save and send").await;
    tom.see("In Review").await;

    // Another declines.
    let ines = stage.signed_in("i.caldwell@northlight.example").await;
    ines.open_log("Sent").await;
    ines.click("Change Notifications").await;
    ines.click("Received").await;
    ines.click("Bulletin 9: exhaust at imaging").await;
    ines.click("Decline…").await;
    ines.fill("note", "No electrical work in it.").await;
    ines.click_on("form.confirm button").await;
    ines.see("Declined").await;

    // The customer: who responded, eye, select, +PROCORE.
    daniel.click("Change Notifications").await;
    daniel.see_row(&["Bulletin 9: exhaust at imaging", "2 of 2"]).await;
    daniel.click_in_row(&["Bulletin 9: exhaust at imaging"], "View").await;
    daniel.see("No electrical work in it.").await;
    // What answered is ticked already.
    daniel.see_row(&["COR 021"]).await;
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    daniel.click("Create a new Change Event").await;
    daniel.fill("new_title", "Bulletin 9").await;
    daniel.click("Next").await;
    daniel.arrive("/lines").await;
    daniel.click("Lump sum").await;
    daniel.pick("Budget code for all lines", "23-3113").await;
    daniel.click("Use for all").await;
    daniel.click("Next").await;
    daniel.arrive("/review").await;
    daniel.click("Push to Procore").await;
    daniel.see("Open in Procore").await;
    assert_eq!(stage.procore.lines("Bulletin 9").len(), 1);
    for person in [daniel, tom, ines] {
        person.leave_content().await;
    }
}
