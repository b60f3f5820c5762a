//! +PROCORE: choose an event, codes, the plan, push; then change and push again.

use ledgerboard::push::copy::{checklist, running};
use serde_json::{Value, json};

use crate::harness::{
    Person,
    stage::{MANAGER, READER, Stage},
};

/// Selects CORs of the received log by a part of their titles and begins a push.
pub async fn begin(person: &Person, titles: &[&str]) {
    person.open_log("Received").await;
    for title in titles {
        person.tick_row(&[title]).await;
    }
    person.see(&format!("{} selected", titles.len())).await;
    person.click("+PROCORE").await;
    person.arrive("/push/").await;
}

/// Step 1 with a new event of this title.
pub async fn into_a_new_event(person: &Person, title: &str) {
    person.click("Create a new Change Event").await;
    person.fill("new_title", title).await;
    person.click("Next").await;
    person.arrive("/lines").await;
}

/// Step 1 with the event of this number.
pub async fn into_event(person: &Person, number: &str) {
    person.tick_row(&[number]).await;
    person.click("Next").await;
    person.arrive("/lines").await;
}

/// Step 2: so much detail, one code for all lines.
pub async fn with_one_code(person: &Person, detail: &str, code: &str) {
    person.click(detail).await;
    person.pick("Budget code for all lines", code).await;
    person.click("Use for all").await;
    person.click("Next").await;
    person.arrive("/review").await;
}

/// Step 3: what was shown is written.
pub async fn push(person: &Person) {
    person.click("Push to Procore").await;
    person.arrive("/result").await;
}

fn sum(lines: &[Value], field: &str) -> f64 {
    // For a test's eyes only: the product counts in cents.
    lines.iter().filter_map(|line| line[field]["amount"].as_str()).filter_map(|text| text.parse::<f64>().ok()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cor_as_a_lump_sum_into_a_new_event_is_one_post() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Credit: delete VAV boxes"]).await;
    into_a_new_event(&daniel, "VAV credit, ASI 022").await;
    with_one_code(&daniel, "Lump sum", "23-2113").await;
    daniel.see_row(&["Create", "COR 012", "(11,820.00)"]).await;
    stage.procore.forget_requests();
    push(&daniel).await;
    daniel.see("Open in Procore").await;
    daniel.see_any(&["In Procore", "Pushed", "Written"]).await;

    // The worker may read meanwhile; how many calls a push takes is counted where no clock runs.
    let written: Vec<String> =
        stage.procore.writes().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(written, ["POST /rest/v1.1/change_events"]);
    let lines = stage.procore.lines("VAV credit");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["cost"]["amount"], json!("-11820.0"));

    daniel.click("Back to the log").await;
    let row = daniel.see_row(&["Credit: delete VAV boxes", "CE 0"]).await;
    assert!(!row.contains("Not in Procore"), "{row}");
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_commitments_or_none_that_one_may_see() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Credit: delete VAV boxes"]).await;
    into_a_new_event(&daniel, "VAV credit, ASI 022").await;
    daniel.not_see("or you can't see them").await;
    let manager = "d.whitfield@whitfieldsons.example";
    let hide =
        |hidden: bool| json!({ "action": "hide_tool", "login": manager, "tool": "commitments", "hidden": hidden });
    stage.procore.act(&hide(true));
    daniel.click("refresh from Procore").await;
    daniel.see("Procore shows no commitments. There are none, or you can't see them.").await;
    daniel.see("Ask a Procore Admin for Read Only permission on Commitments.").await;
    assert!(daniel.overflow().await <= 0);
    // It keeps nobody from pushing.
    with_one_code(&daniel, "Lump sum", "23-2113").await;
    daniel.click("1 check could not be made").await;
    daniel.see("There are none, or you can't see them").await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    assert_eq!(stage.procore.lines("VAV credit").len(), 1);
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_budget_code_is_shown_none_is_asked_for() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Credit: delete VAV boxes"]).await;
    into_a_new_event(&daniel, "VAV credit, ASI 022").await;
    daniel.see("Suggested from your company’s last push").await;
    for tool in ["budget", "commitments"] {
        stage.procore.act(
            &json!({ "action": "hide_tool", "login": "d.whitfield@whitfieldsons.example", "tool": tool, "hidden": true }),
        );
    }
    daniel.click("refresh from Procore").await;
    daniel.see("Procore shows no budget codes. The project's Budget has none, or you can't see it.").await;
    daniel.not_see("still need").await;
    daniel.not_see("Suggest").await;
    daniel.see_row(&["Restocking", "goes without a budget code"]).await;
    daniel.not_see("Use for all").await;
    assert!(daniel.overflow().await <= 0);
    daniel.click("Lump sum").await;
    daniel.click("Next").await;
    daniel.arrive("/review").await;
    daniel.see("Lines go without one").await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    let lines = stage.procore.lines("VAV credit");
    assert_eq!(lines.len(), 1);
    assert!(lines[0]["wbs_code_id"].is_null(), "a suggestion that nobody sees is not written");
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_cors_into_an_existing_event_are_one_get_and_one_patch() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    let before = stage.procore.writes().len();
    assert_eq!(before, 0);
    begin(&daniel, &["Medical gas zone valve box", "Fire smoke dampers", "Lighting control zones"]).await;
    into_event(&daniel, "CE 002").await;
    with_one_code(&daniel, "Line items", "23-2113").await;
    daniel.see("Others’ lines").await;
    stage.procore.forget_requests();
    push(&daniel).await;
    daniel.see("Open in Procore").await;
    daniel.not_see("You can close this page").await;
    let written: Vec<String> = stage.procore.writes().into_iter().map(|(method, ..)| method).collect();
    assert_eq!(written, ["PATCH"]);
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wizard_is_a_draft_that_back_and_reload_keep() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Fire smoke dampers"]).await;
    into_a_new_event(&daniel, "Dampers, bulletin 6").await;
    daniel.click("By section").await;
    daniel.pick("Budget code for all lines", "23-2113").await;
    daniel.click("Use for all").await;
    daniel.click("Next").await;
    daniel.arrive("/review").await;
    let plan = daniel.row_texts().await;
    daniel.reload().await;
    daniel.see("Push to Procore").await;
    assert_eq!(daniel.row_texts().await, plan, "to the marks that its lines will carry");
    daniel.click("Back").await;
    daniel.arrive("/lines").await;
    daniel.click("Next").await;
    daniel.arrive("/review").await;
    assert_eq!(daniel.row_texts().await, plan, "to the marks that its lines will carry");
    assert!(stage.procore.writes().is_empty(), "a plan writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_used_for_all_lines_is_kept_when_the_detail_changes() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Fire smoke dampers"]).await;
    into_a_new_event(&daniel, "Dampers, bulletin 6").await;
    daniel.click("Line items").await;
    let codes = "return [...document.querySelectorAll('[data-kind=code] [role=combobox]')].map(field => field.value)";
    let marked = "return document.querySelectorAll('[data-suggestion]').length";
    assert!(daniel.script(marked, &[]).await.as_u64() > Some(0), "what is only suggested says so");
    daniel.pick("Budget code for all lines", "01-3113").await;
    daniel.click("Use for all").await;
    assert_eq!(daniel.script(marked, &[]).await, 0);
    let all_are = async || {
        let codes = daniel.script(codes, &[]).await;
        let codes = codes.as_array().expect("a list");
        assert!(!codes.is_empty() && codes.iter().all(|code| code.as_str().is_some_and(|c| c.starts_with("01-3113"))));
    };
    daniel.click("By section").await;
    daniel.see("Labor: Fire smoke dampers").await;
    all_are().await;
    daniel.click("Lump sum").await;
    daniel.not_see("Labor: Fire smoke dampers").await;
    all_are().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_cor_updates_its_own_lines_in_place() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    let lines = |stage: &Stage| stage.procore.lines(&title_of(stage, "002"));
    let before = lines(&stage);
    begin(&daniel, &["Generator annunciator relocation"]).await;
    // A linked COR starts on its own event, and no other can be chosen.
    daniel.see("CE 002").await;
    daniel.click("Next").await;
    daniel.arrive("/lines").await;
    daniel.click_if_enabled("Next").await;
    daniel.arrive("/review").await;
    daniel.see_row(&["Unchanged", "Labor: Generator annunciator relocation"]).await;
    daniel.see_row(&["Create", "Other: Generator annunciator relocation", "+383.45"]).await;
    push(&daniel).await;
    daniel.see("Open in Procore").await;
    daniel.not_see("You can close this page").await;
    let after = lines(&stage);
    let ids = |lines: &[Value]| -> Vec<i64> {
        let mut ids: Vec<i64> = lines.iter().filter_map(|line| line["id"].as_i64()).collect();
        ids.sort_unstable();
        ids
    };
    let kept = ids(&before).into_iter().all(|id| ids(&after).contains(&id));
    assert!(kept, "lines are updated, not made again");
    assert!((sum(&after, "cost") - sum(&before, "cost")).abs() > 0.0);
    daniel.click("Back to the log").await;
    let row = daniel.see_row(&["Generator annunciator relocation", "CE 002"]).await;
    assert!(!row.contains("Update needed"), "{row}");
    daniel.leave_content().await;
}

fn title_of(stage: &Stage, number: &str) -> String {
    let event = stage.procore.event_numbered(number).unwrap_or_default();
    event["title"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_removed_in_procore_is_asked_about() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    let ours = stage.procore.lines(&title_of(&stage, "004"));
    let ours: Vec<&Value> =
        ours.iter().filter(|l| l["description"].as_str().is_some_and(|d| d.contains("[#"))).collect();
    stage.procore.act(&json!({ "action": "delete_line", "line_id": ours[0]["id"] }));
    begin(&daniel, &["Bulletin 7: imaging suite power"]).await;
    daniel.click("Next").await;
    daniel.arrive("/lines").await;
    daniel.click_if_enabled("Next").await;
    daniel.arrive("/review").await;
    daniel.see("Make it again").await;
    daniel.see("Leave it out").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_about_a_code_goes_with_the_code() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Soffit changes"]).await;
    into_event(&daniel, "006").await;
    // The code that was refused had been chosen for the whole.
    daniel.click("Lump sum").await;
    daniel.see("is not in the project's budget any more").await;
    daniel.pick("Budget code for all lines", "23-2113").await;
    daniel.click("Use for all").await;
    daniel.not_see("is not in the project's budget any more").await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_procore_refuses_is_told_with_what_to_do() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    // Step 4 is what the person sees when the answer is no.
    begin(&daniel, &["Acoustic lining at conference 304"]).await;
    daniel.click("Create a new Change Event").await;
    daniel.fill("new_title", "Acoustic lining").await;
    daniel.fill("new_number", "002").await;
    daniel.click("Next").await;
    daniel.arrive("/lines").await;
    with_one_code(&daniel, "Lump sum", "23-2113").await;
    push(&daniel).await;
    daniel.see("already been taken").await;
    daniel.see("Choose another number").await;
    daniel.click("Back to the log").await;
    daniel.see_row(&["Acoustic lining at conference 304", "Refused"]).await;
    assert!(stage.procore.event("Acoustic lining").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_doubles_nothing() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Owner change: relocate thermostats"]).await;
    into_a_new_event(&daniel, "Thermostats, 14 rooms").await;
    with_one_code(&daniel, "Line items", "23-2113").await;
    stage.procore.fault(&json!({ "kind": "drop_after", "method": "POST", "path": "/change_events" }));
    push(&daniel).await;
    // It is found at the first look, which may be over before the page is.
    daniel.see("Open in Procore").await;
    daniel.not_see("You can close this page").await;
    let posts = stage.procore.writes().into_iter().filter(|(method, ..)| method == "POST").count();
    assert_eq!(posts, 1, "looked, found, adopted");
    daniel.click("Back to the log").await;
    daniel.see_row(&["Owner change: relocate thermostats", "CE 0"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_only_read_in_procore_is_told_so() {
    let stage = Stage::demo().await;
    let marisol = stage.signed_in(READER).await;
    marisol.open_log("Received").await;
    marisol.tick_row(&["Added data drops at reception"]).await;
    marisol.click("+PROCORE").await;
    // She has no login of her own in Procore yet, and is told so before she codes a line.
    marisol.click("Create a new Change Event").await;
    marisol.fill("new_title", "Data drops").await;
    marisol.click("Next").await;
    marisol.see(&checklist::stopped_by(1)).await;
    marisol.see("You are not signed in to Procore").await;
    marisol.sign_in_through_popup(READER).await;
    // Signed in, what she may do there is known, and who can mend it.
    marisol.see("Your permission on Change Events is Read Only").await;
    marisol.see("An administrator of the Procore project: Give you Standard permission").await;
    assert!(stage.procore.writes().is_empty());

    let project = stage.procore.project("24-118");
    stage.procore.act(&json!({ "action": "set_level", "project_id": project, "login": READER, "level": "standard" }));
    // What she typed is still there.
    marisol.click("Next").await;
    marisol.arrive("/lines").await;
    with_one_code(&marisol, "Lump sum", "26-0519").await;
    marisol.see("Ready to push").await;
    push(&marisol).await;
    marisol.see("1 COR is in Procore").await;
    assert!(stage.procore.event("Data drops").is_some());
    marisol.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_in_trouble_is_paused_resumed_and_cancelled() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    // What is refused for the rate was surely not carried out, so that nothing has to be looked for first.
    let away = json!({
        "kind": "status", "status": 429, "retry_after": 2,
        "method": "POST", "path": "/change_events", "times": 1000
    });
    stage.procore.fault(&away);
    begin(&daniel, &["Credit: delete VAV boxes"]).await;
    into_a_new_event(&daniel, "VAV credit, ASI 022").await;
    with_one_code(&daniel, "Lump sum", "23-2113").await;
    push(&daniel).await;
    daniel.see(running::TRIED_AGAIN.trim()).await;
    daniel.click("Pause").await;
    daniel.see(running::PAUSED).await;
    daniel.not_see("You can close this page").await;
    let back = daniel.path().await;
    daniel.click("Back to the log").await;
    daniel.see_row(&["Credit: delete VAV boxes", "Paused"]).await;

    // Procore is back; nothing leaves all the same, until it is resumed.
    stage.procore.clear_faults();
    stage.procore.forget_requests();
    daniel.open(&back).await;
    daniel.see("Paused").await;
    assert!(stage.procore.writes().is_empty());
    daniel.click("Resume").await;
    daniel.see("1 COR is in Procore").await;
    assert_eq!(stage.procore.lines("VAV credit").len(), 1);

    // Another one is taken back before anything of it was written.
    stage.procore.fault(&away);
    begin(&daniel, &["Acoustic lining at conference 304"]).await;
    into_a_new_event(&daniel, "Never there").await;
    with_one_code(&daniel, "Lump sum", "23-2113").await;
    push(&daniel).await;
    daniel.see(running::TRIED_AGAIN.trim()).await;
    daniel.click("Cancel the rest").await;
    daniel.see("The push was cancelled; nothing was written to Procore").await;
    stage.procore.clear_faults();
    assert!(stage.procore.event("Never there").is_none());
    daniel.click("Back to the log").await;
    daniel.see_row(&["Acoustic lining at conference 304", "Not in Procore"]).await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_with_markup_under_a_prime_contract_is_warned_of_and_needs_none() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Sent").await;
    daniel.tick_row(&["Bulletin 7 imaging suite power"]).await;
    daniel.see("1 selected").await;
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    into_event(&daniel, "Bulletin 7: imaging suite power").await;
    daniel.see("on top of our price").await;
    // A code that is not there is one that the Budget lacks.
    daniel.fill_in("input[aria-label='Budget code for all lines']", "99-9999").await;
    daniel.see("Procore may list a code only when").await;
    with_one_code(&daniel, "Line items", "26-2416").await;
    daniel.see("it would be marked up twice").await;
    push(&daniel).await;
    daniel.see("+ markup by Procore").await;

    // One for an event that is there reaches everybody's lines in it.
    daniel.open_log("Sent").await;
    daniel.tick_row(&["nurse call at exam rooms"]).await;
    daniel.see("1 selected").await;
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    into_event(&daniel, "Owner request: nurse call").await;
    daniel.see("Procore also marks up the").await;
    daniel.fill_in("input[aria-label^='Prime contract for markup for']", "PC-001").await;
    daniel.click_on("[role=option]").await;
    with_one_code(&daniel, "Line items", "26-2416").await;
    daniel.see("lines outside this push").await;
    assert!(daniel.overflow().await <= 0);

    // Nothing was pushed, so that it is selected still.
    daniel.open_log("Sent").await;
    daniel.see("1 selected").await;
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    into_a_new_event(&daniel, "Nurse call, owner").await;
    with_one_code(&daniel, "Line items", "26-2416").await;
    daniel.see("Push to Procore").await;
    daniel.not_see("marked up twice").await;
    daniel.leave_content().await;
}
