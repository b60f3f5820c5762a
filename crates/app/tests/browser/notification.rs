//! A customer asks contractors for a price; one answers with a COR, one declines; the answer is pushed.

use crate::{
    cor,
    harness::{
        procore::cents,
        stage::{ELECTRICAL, MANAGER, MECHANICAL, Stage},
    },
    push::{into_a_new_event, push, with_one_code},
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
    let ines = stage.signed_in(ELECTRICAL).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_cor_that_was_there_already_is_the_answer() {
    const ASKED: &str = "Saturday shutdown for service tie-in";
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    daniel.click("Change Notifications").await;
    daniel.see_row(&[ASKED, "0 of 3"]).await;

    let ines = stage.signed_in(ELECTRICAL).await;
    ines.open_log("Sent").await;
    ines.click("Change Notifications").await;
    ines.click("Received").await;
    ines.click(ASKED).await;
    ines.pick("One of your CORs", "Overtime for shutdown").await;
    ines.click("Answer with this COR").await;
    ines.see("Your answer was sent.").await;
    ines.see("9,210.00").await;

    // Eye, select, +PROCORE.
    daniel.reload().await;
    daniel.see_row(&[ASKED, "1 of 3"]).await;
    daniel.click_in_row(&[ASKED], "View").await;
    daniel.see_row(&["COR 014", "Overtime for shutdown", "9,210.00", "Not in Procore"]).await;
    let ticked = "return document.querySelectorAll('.response-cors :checked').length";
    assert_eq!(daniel.script(ticked, &[]).await, 1, "what answered is selected already");
    let here = daniel.path().await;
    daniel.click("+PROCORE").await;
    into_a_new_event(&daniel, "Service tie-in").await;
    with_one_code(&daniel, "Lump sum", "26-0519").await;
    daniel.see_row(&["Create", "COR 014", "9,210.00"]).await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    let lines = stage.procore.lines("Service tie-in");
    assert_eq!((lines.len(), cents(&lines, "cost")), (1, 921_000));
    daniel.open(&here).await;
    let row = daniel.see_row(&["COR 014", "CE 0"]).await;
    assert!(!row.contains("Not in Procore"), "{row}");
    for person in [daniel, ines] {
        person.leave_content().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_declined_is_seen_and_may_think_again() {
    const ASKED: &str = "Saturday shutdown for service tie-in";
    let stage = Stage::demo().await;
    let tom = stage.signed_in(MECHANICAL).await;
    tom.open_log("Sent").await;
    tom.click("Change Notifications").await;
    tom.click("Received").await;
    tom.click(ASKED).await;
    tom.click("Decline…").await;
    tom.fill("note", "Electrical only.").await;
    tom.click_on("form.confirm button").await;
    tom.see("You declined").await;

    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    daniel.click("Change Notifications").await;
    daniel.see_row(&[ASKED, "1 of 3"]).await;
    daniel.click_in_row(&[ASKED], "View").await;
    let of = "return says([...document.querySelectorAll('.result')].find(el => says(el).includes(norm(arguments[0]))))";
    let said = async |contractor: &str| daniel.script(of, &[contractor.into()]).await.as_str().unwrap().to_owned();
    let toms = said("Cascade Mechanical").await;
    assert!(toms.contains("declined") && toms.contains("electrical only."), "{toms}");
    assert!(said("Northlight").await.contains("no answer yet"), "{}", said("Northlight").await);
    daniel.not_see("+PROCORE").await;

    tom.see("Change your answer").await;
    tom.pick("One of your CORs", "Acoustic lining").await;
    tom.click("Answer with this COR").await;
    tom.see("Your answer was sent.").await;
    daniel.reload().await;
    daniel.see_row(&["Acoustic lining at conference 304", "1,929.80"]).await;
    assert!(!said("Cascade Mechanical").await.contains("declined"));
    for person in [daniel, tom] {
        person.leave_content().await;
    }
}
