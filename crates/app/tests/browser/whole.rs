//! The whole way, from an empty database to lines in Procore, with a crash in the middle of a push.

use std::time::Duration;

use serde_json::json;

use crate::{
    connect, cor,
    harness::{
        Person,
        stage::{OWNER, Stage},
    },
};

const PASSWORD: &str = "correct horse battery";

#[tokio::test(flavor = "multi_thread")]
async fn from_setup_to_a_push_that_survives_a_crash() {
    let mut stage = Stage::serve().await;
    let owner = connect::set_up(&stage).await;
    connect::connect_office(&owner).await;
    make_project(&owner).await;
    let invitation = add_contract(&owner).await;
    let sub = accept(&stage, &invitation).await;
    send_cor(&sub).await;

    // It arrives, and is pushed.
    owner.open_log("Received").await;
    owner.tick_row(&["Relocate hose bibb"]).await;
    owner.click("+PROCORE").await;
    owner.arrive("/push/").await;
    owner.click("Create a new Change Event").await;
    owner.fill("new_title", "Hose bibb at loading dock").await;
    owner.click("Next").await;
    owner.arrive("/lines").await;
    owner.pick("Budget code for all lines", "22-1116").await;
    owner.click("Use for all").await;
    owner.pick("Commitment for", "SC-23-007").await;
    owner.click("Next").await;
    owner.arrive("/review").await;

    // Procore executes the request and is silent; then the power fails here.
    stage.procore.fault(&json!({ "kind": "hang_after", "method": "POST", "path": "/change_events" }));
    owner.click("Push to Procore").await;
    owner.arrive("/result").await;
    while stage.procore.writes().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stage.crash_and_restart().await;
    owner.reload().await;
    // The dead worker's lease ends first, then the quarantine, then somebody looks.
    owner.see_within(Duration::from_secs(45), "Open in Procore").await;
    owner.not_see("You can close this page").await;
    let posts = stage.procore.writes().into_iter().filter(|(method, ..)| method == "POST").count();
    assert_eq!(posts, 1, "what Procore had received was found, not sent again");
    assert_eq!(stage.procore.lines("Hose bibb at loading dock").len(), 2);
    owner.click("Back to the log").await;
    let row = owner.see_row(&["Relocate hose bibb", "CE 0"]).await;
    assert!(!row.contains("Checking"), "{row}");
    owner.leave_content().await;
}

async fn make_project(owner: &Person) {
    owner.open("/projects/new").await;
    owner.fill("name", "Harbor Point Medical Office").await;
    owner.click("Create").await;
    owner.open("/projects").await;
    owner.click("Harbor Point Medical Office").await;
    owner.click("Project settings").await;
    owner.click("Procore").await;
    owner.click_if_there("Edit").await;
    owner.pick("Procore project", "24-118").await;
    owner.fill("currency", "USD").await;
    owner.click("Save").await;
    owner.see("Mapped by").await;
}

/// Answers the invitation's path.
async fn add_contract(owner: &Person) -> String {
    owner.click_on(".tabs a[href$=contracts]").await;
    owner.fill("name", "SC-23-007 Mechanical").await;
    owner.fill("value", "2,184,000").await;
    owner.fill("company", "Cascade Mechanical, Inc.").await;
    owner.click("Add contract").await;
    owner.see("SC-23-007 Mechanical").await;
    owner.click_if_there("Make an invitation link").await;
    let link = owner.value_of("input[id^=invitation-]").await;
    link.split_once("/invitations/").map(|(_, secret)| format!("/invitations/{secret}")).unwrap_or(link)
}

async fn accept(stage: &Stage, invitation: &str) -> Person {
    let sub = stage.person().await;
    sub.open(invitation).await;
    sub.see("Whitfield & Sons Construction").await;
    sub.fill("company", "Cascade Mechanical, Inc.").await;
    sub.fill("office", "Main office").await;
    sub.fill("name", "Tom Haruki").await;
    sub.fill("email", "tom@cascademech.example").await;
    sub.fill("password", PASSWORD).await;
    sub.click("Accept").await;
    sub.see("Harbor Point Medical Office").await;
    // The link worked once.
    let late = stage.person().await;
    late.open(invitation).await;
    late.not_see("Your company").await;
    sub
}

async fn send_cor(sub: &Person) {
    sub.open_log("Sent").await;
    sub.click("New COR").await;
    cor::write(sub, "Relocate hose bibb").await;
    sub.click("Save and send").await;
    sub.see("In Review").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_says_who_can_sign_in_and_lets_them() {
    let stage = Stage::demo().await;
    let someone = stage.person().await;
    someone.open("/").await;
    // One click fills the form.
    someone.click(OWNER).await;
    someone.click("Sign in").await;
    someone.see("Renee Calloway").await;
    assert!(stage.said().contains(OWNER));
    someone.leave_content().await;
}
