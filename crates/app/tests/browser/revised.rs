//! CORs that change after they were pushed: the log says so, and the next push updates them where they are.

use ledgerboard::log::copy::NEEDS_ATTENTION;
use serde_json::{Value, json};

use crate::{
    harness::{
        Person,
        procore::cents,
        stage::{ELECTRICAL, MANAGER, MECHANICAL, Stage},
    },
    push::{begin, into_a_new_event, push},
};

/// The sender gives a line of a COR another quantity, on the editor's page.
async fn revise(sender: &Person, title: &str, line: &str, quantity: &str) {
    sender.open_log("Sent").await;
    sender.click(title).await;
    sender.arrive("/cors/").await;
    sender.click("Edit").await;
    sender.arrive("/edit").await;
    let field = format!("tr[data-line]:has(input[value=\"{line}\"]) [name=line_quantity]");
    sender.fill_in(&field, quantity).await;
    sender.click("Save").await;
    sender.see("was saved.").await;
}

/// Through the wizard as far as the plan, for CORs that are in Procore already: everything stands there as it was chosen.
async fn as_chosen_before(person: &Person) {
    person.click("Next").await;
    person.arrive("/lines").await;
    person.click_if_enabled("Next").await;
    person.arrive("/review").await;
}

fn ids(lines: &[Value]) -> Vec<i64> {
    let mut ids: Vec<i64> = lines.iter().filter_map(|line| line["id"].as_i64()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_cor_is_edited_and_its_lines_follow() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    daniel.see(&format!("{NEEDS_ATTENTION} 3")).await;
    let event = stage.procore.event_numbered("002").unwrap();
    let title = event["title"].as_str().unwrap();
    let (before, ours) = (stage.procore.lines(title), stage.procore.ours(title));

    // One station more: 13 become 14, at 1,486.00.
    let ines = stage.signed_in(ELECTRICAL).await;
    revise(&ines, "Nurse call: devices and rough-in", "Stations, domes and cable", "14").await;
    ines.see("38,685.80").await;
    daniel.reload().await;
    daniel.see(&format!("{NEEDS_ATTENTION} 4")).await;
    daniel.see_row(&["Nurse call", "38,685.80", "Update needed", "CE 002"]).await;
    daniel.click(&format!("{NEEDS_ATTENTION} 4")).await;
    daniel.see("4 of 52 CORs").await;

    daniel.tick_row(&["Nurse call"]).await;
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    as_chosen_before(&daniel).await;
    daniel.see_row(&["Unchanged", "Labor: Nurse call", "14,551.80"]).await;
    daniel.see_row(&["Update", "Material: Nurse call", "19,318.00", "20,804.00", "+1,486.00"]).await;
    daniel.see_row(&["COR 009", "37,199.80", "38,685.80", "+1,486.00"]).await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    let after = stage.procore.lines(title);
    assert_eq!(cents(&after, "cost") - cents(&before, "cost"), 148_600);
    assert_eq!(ids(&stage.procore.ours(title)), ids(&ours), "updated in place");
    daniel.open_log("Received").await;
    daniel.see(&format!("{NEEDS_ATTENTION} 3")).await;
    let row = daniel.see_row(&["Nurse call", "38,685.80", "CE 002"]).await;
    assert!(!row.contains("Update needed"), "{row}");
    for person in [daniel, ines] {
        person.leave_content().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tied_line_says_to_what_and_follows_where_only_the_owners_side_is_tied() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    // In the contractor's change order: its cost is settled there.
    daniel.open_log("Received").await;
    let row = ["Hydronic pump VFD substitution", "Line locked"];
    daniel.see_row(&row).await;
    daniel.click_in_row(&row, "Line locked").await;
    daniel.arrive("/drift").await;
    daniel.see("tied to commitment change order CCO-003 in Procore").await;
    assert!(daniel.overflow().await <= 0);

    // In the owner's change order: what the contractor asks for can still change.
    let event = stage.procore.event_numbered("002").unwrap();
    let title = event["title"].as_str().unwrap();
    let ours = stage.procore.ours(title);
    let material =
        ours.iter().find(|line| line["description"].as_str().is_some_and(|text| text.contains("Material: Nurse")));
    let line_id = &material.unwrap()["id"];
    stage.procore.act(&json!({ "action": "tie_line", "line_id": line_id, "to": "prime_change_order" }));
    let ines = stage.signed_in(ELECTRICAL).await;
    revise(&ines, "Nurse call: devices and rough-in", "Stations, domes and cable", "14").await;
    daniel.open_log("Received").await;
    daniel.tick_row(&["Nurse call"]).await;
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    as_chosen_before(&daniel).await;
    daniel.see_row(&["Update", "Material: Nurse call", "19,318.00", "20,804.00", "+1,486.00"]).await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    assert_eq!(cents(&stage.procore.ours(title), "cost") - cents(&ours, "cost"), 148_600);
    for person in [daniel, ines] {
        person.leave_content().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_of_two_events_become_one_push_each() {
    let stage = Stage::demo().await;
    let (coordination, imaging) = ("Level 1 and 3 coordination", "Bulletin 7: imaging suite power");
    let held = || [coordination, imaging].map(|title| stage.procore.lines(title));
    let before = held();
    let tom = stage.signed_in(MECHANICAL).await;
    // Two hours more at 98.75 …
    revise(&tom, "Unforeseen beam at grid C-4", "Pipefitter", "80").await;
    let ines = stage.signed_in(ELECTRICAL).await;
    // … and four more at 92.27.
    revise(&ines, imaging, "Install and terminate", "180").await;

    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Unforeseen beam at grid C-4", imaging]).await;
    daniel.see("This selection is linked to several events, so it becomes 2 pushes").await;
    as_chosen_before(&daniel).await;
    daniel.see_row(&["Update", "Install and terminate", "+369.08"]).await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    // On to the other one from where the first ended.
    let number = stage.procore.event(coordination).unwrap()["number"].as_str().unwrap().to_owned();
    daniel.click(&format!("Next: CE {number} · 1 COR")).await;
    daniel.arrive("/event").await;
    as_chosen_before(&daniel).await;
    daniel.see_row(&["Update", "Pipefitter", "+197.50"]).await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    daniel.not_see("Next: CE").await;

    let after = held();
    for ((before, after), more) in before.iter().zip(&after).zip([19_750, 36_908]) {
        assert_eq!(cents(after, "cost") - cents(before, "cost"), more);
        assert_eq!(ids(after), ids(before), "no line came or went");
    }
    let written: Vec<String> = stage.procore.writes().into_iter().map(|(method, ..)| method).collect();
    assert_eq!(written, ["PATCH", "PATCH"], "each event once");
    daniel.click("Back to the log").await;
    for title in ["Unforeseen beam at grid C-4", imaging] {
        let row = daniel.see_row(&[title, "CE 0"]).await;
        assert!(!row.contains("Update needed"), "{row}");
    }
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_cor_is_revenue_and_gets_the_prime_contract_that_was_chosen() {
    const COR: &str = "Owner change request 3: nurse call";
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Sent").await;
    daniel.tick_row(&[COR]).await;
    daniel.click("+PROCORE").await;
    into_a_new_event(&daniel, "Nurse call, owner’s share").await;
    daniel.see("Prime contract for markup and budget code").await;
    daniel.click("Line items").await;
    daniel.pick("Prime contract for markup for COR 003", "PC-001").await;
    daniel.pick("Budget code for all lines", "01-3113").await;
    daniel.click("Use for all").await;
    daniel.click("Next").await;
    daniel.arrive("/review").await;
    daniel.see_row(&["Create", "General conditions", "3,200.00"]).await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;

    // A sent COR is what comes in, and nothing of it is a cost.
    let (_, _, posted) = stage.procore.writes().remove(0);
    let posted = &posted["change_event"];
    assert_eq!(posted["source_of_revenue_rom"], Value::Null, "it is for our own lines only");
    assert_eq!(posted["change_items"][0]["revenue_impact"]["source_of_revenue_rom"], "manual");
    assert!(posted["change_items"][0]["revenue_impact"]["estimate"]["amount"].is_string(), "{posted}");
    let event = stage.procore.event("owner’s share").unwrap();
    assert!(event["prime_contract_id"].is_i64());
    assert_eq!(event["prime_contract_id"], posted["prime_contract_for_estimates"]["id"]);
    let before = stage.procore.ours("owner’s share");
    assert_eq!((cents(&before, "revenue"), cents(&before, "cost")), (4_443_978, 0));

    // Four hours more of general conditions, at 80.00.
    revise(&daniel, COR, "General conditions", "44").await;
    daniel.open_log("Sent").await;
    daniel.see_row(&[COR, "Update needed"]).await;
    daniel.tick_row(&[COR]).await;
    daniel.click("+PROCORE").await;
    as_chosen_before(&daniel).await;
    daniel.see_row(&["Update", "General conditions", "3,200.00", "3,520.00", "+320.00"]).await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    let after = stage.procore.ours("owner’s share");
    assert_eq!((cents(&after, "revenue"), cents(&after, "cost")), (4_475_978, 0));
    assert_eq!(ids(&after), ids(&before), "updated in place");
    assert_eq!(stage.procore.event("owner’s share").unwrap()["prime_contract_id"], event["prime_contract_id"]);
    assert_eq!(stage.procore.writes().len(), 2);
    assert!(after.iter().all(|line| line["source_of_revenue_rom"] == json!("manual")));
    daniel.leave_content().await;
}
