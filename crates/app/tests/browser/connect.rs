//! Connecting an office and mapping a project, with Procore's own pages in a window of their own.

use crate::{
    harness::{
        Person,
        stage::{DEMO_PASSWORD, MANAGER, OWNER, READER, Stage},
    },
    push,
};

/// Sets up a company on an empty instance and signs its Account Owner in.
pub async fn set_up(stage: &Stage) -> Person {
    let owner = stage.person().await;
    owner.open("/").await;
    owner.fill("company", "Whitfield & Sons Construction").await;
    owner.fill("office", "Portland").await;
    owner.fill("name", "Renee Calloway").await;
    owner.fill("email", OWNER).await;
    owner.fill("password", DEMO_PASSWORD).await;
    owner.fill("password_again", DEMO_PASSWORD).await;
    owner.click("Create the company and sign in").await;
    owner.see("No projects yet").await;
    owner
}

/// Left navigation → Settings → the office → Integrations → enable → pop-up → account → Save.
pub async fn connect_office(owner: &Person) {
    owner.click("Settings").await;
    owner.click("Portland").await;
    owner.click("Integrations").await;
    owner.click("Enable Procore").await;
    owner.sign_in_through_popup(OWNER).await;
    owner.see("Signed in to Procore as").await;
    owner.pick("Procore account", "Whitfield").await;
    owner.click("Save").await;
    owner.see("Connected by").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_is_connected_through_procores_own_pages() {
    let stage = Stage::serve().await;
    let owner = set_up(&stage).await;
    connect_office(&owner).await;
    owner.see("Whitfield & Sons Construction").await;
    owner.see("Renee Calloway").await;

    // Asked once whether that is meant; the login is ended at Procore because no other office uses it.
    owner.click("Disconnect…").await;
    owner.see("Disconnect this office from Procore?").await;
    owner.click_on("form.confirm button").await;
    owner.see("Enable Procore").await;
    assert_eq!(stage.procore.requests("/oauth/revoke").len(), 1);
    owner.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_where_the_app_is_not_installed_says_what_to_do() {
    let stage = Stage::serve().await;
    let owner = set_up(&stage).await;
    owner.click("Settings").await;
    owner.click("Portland").await;
    owner.click("Integrations").await;
    owner.click("Enable Procore").await;
    owner.sign_in_through_popup(OWNER).await;
    owner.pick("Procore account", "Blue Heron").await;
    owner.click("Save").await;
    owner.see("App Management").await;
    owner.not_see("Connected by").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_consent_is_said_and_can_be_tried_again() {
    let stage = Stage::serve().await;
    let owner = set_up(&stage).await;
    owner.open("/settings/offices").await;
    owner.click("Portland").await;
    owner.click("Integrations").await;
    owner.click("Enable Procore").await;
    // In the same window, as when pop-ups are blocked.
    let link = owner.attribute("[data-popup]", "href").await;
    owner.open(&link).await;
    owner.fill("login", OWNER).await;
    owner.fill("password", "procore").await;
    owner.press(thirtyfour::Key::Enter).await;
    owner.click("Deny").await;
    owner.see("You didn't allow Ledgerboard to act for you in Procore").await;
    owner.see("Sign in to Procore").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_mapped_by_number_or_name() {
    let stage = Stage::serve().await;
    let owner = set_up(&stage).await;
    connect_office(&owner).await;
    owner.open("/projects/new").await;
    owner.fill("name", "Harbor Point Medical Office").await;
    owner.click("Create").await;
    owner.open("/projects").await;
    owner.click("Harbor Point Medical Office").await;
    owner.click("Project settings").await;
    owner.click("Procore").await;
    // The Account Owner signed in a minute ago: no second pop-up.
    owner.click_if_there("Edit").await;
    owner.pick("Procore project", "24-118").await;
    owner.click("Save").await;
    // Procore doesn't name its currency, so somebody has to. What was chosen is kept.
    owner.see("Choose it here: amounts are never converted.").await;
    owner.fill("currency", "USD").await;
    owner.click("Save").await;
    owner.see("Mapped by").await;
    owner.see("24-118 · Harbor Point Medical Office").await;
    owner.see("USD, stated by").await;

    // Changed while nothing is linked, then removed.
    owner.click("Edit").await;
    owner.pick("Procore project", "courthouse").await;
    owner.fill("currency", "USD").await;
    owner.click("Save").await;
    owner.see("York County Courthouse Annex").await;
    owner.click("Remove mapping…").await;
    owner.click_on("form.confirm button").await;
    owner.not_see("Mapped by").await;
    owner.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_a_procore_login_signs_in_first() {
    let stage = Stage::demo().await;
    let marisol = stage.signed_in(READER).await;
    marisol.click("Harbor Point Medical Office").await;
    marisol.click("Project settings").await;
    marisol.click("Procore").await;
    marisol.click("Remove mapping…").await;
    marisol.click_on("form.confirm button").await;
    marisol.sign_in_through_popup(READER).await;
    marisol.see("projects that you can see").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_with_links_warns_before_it_is_removed() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.click("Harbor Point Medical Office").await;
    daniel.click("Project settings").await;
    daniel.click("Procore").await;
    daniel.see("CORs linked to its Change Events").await;
    daniel.click("Remove mapping…").await;
    daniel.see("Nothing changes in Procore").await;
    daniel.click_on("form.confirm button").await;
    daniel.not_see("Mapped by").await;
    assert!(stage.procore.writes().is_empty(), "nothing is written to Procore");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_project_is_mapped_once_its_cors_may_be_unlinked() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.click("Harbor Point Medical Office").await;
    daniel.click("Project settings").await;
    daniel.click("Procore").await;
    daniel.click("Edit").await;
    daniel.see("are linked to Change Events of").await;
    daniel.pick("Procore project", "24-102").await;
    daniel.fill("currency", "USD").await;
    daniel.click("Save").await;
    daniel.see("or agree to unlink them").await;
    // What was chosen is still chosen: only the consent is missing.
    daniel.click_on("[name=unlink]").await;
    daniel.click("Save").await;
    daniel.see("This project is mapped to Procore.").await;
    daniel.see("24-102").await;
    daniel.not_see("linked to Change Events").await;
    daniel.open_log("Received").await;
    daniel.not_see("Up to date").await;
    assert!(stage.procore.writes().is_empty(), "nothing is written to Procore");
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_channels_asks_until_the_sign_in_has_ended() {
    const NO_CHANNELS: &str = "delete window.BroadcastChannel";
    let stage = Stage::demo().await;
    let marisol = stage.person().await;
    marisol.before_every_page(NO_CHANNELS).await;
    marisol.sign_in(READER, DEMO_PASSWORD).await;
    marisol.click("Harbor Point Medical Office").await;
    marisol.click("Project settings").await;
    marisol.click("Procore").await;
    marisol.click("Remove mapping…").await;
    marisol.click_on("form.confirm button").await;
    assert_eq!(marisol.script("return typeof BroadcastChannel", &[]).await, "undefined");
    marisol.click("Sign in to Procore").await;
    marisol
        .in_popup(async |popup| {
            popup.before_every_page(NO_CHANNELS).await;
            popup.sign_in_to_procore(READER).await;
        })
        .await;
    marisol.see("projects that you can see").await;
    marisol.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_popup_that_is_closed_without_an_answer_is_not_waited_for() {
    let stage = Stage::serve().await;
    let owner = set_up(&stage).await;
    owner.click("Settings").await;
    owner.click("Portland").await;
    owner.click("Integrations").await;
    owner.click("Enable Procore").await;
    owner.click("Sign in to Procore").await;
    owner.in_popup(async |popup| _ = popup.script("setTimeout(() => window.close(), 100)", &[]).await).await;
    owner.see("The Procore window is closed.").await;
    owner.not_see("Waiting for Procore").await;
    owner.sign_in_through_popup(OWNER).await;
    owner.see("Signed in to Procore as").await;
    owner.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_popup_signs_in_here_and_comes_back() {
    let stage = Stage::demo().await;
    let marisol = stage.person().await;
    marisol.before_every_page("window.open = () => null").await;
    marisol.sign_in(READER, DEMO_PASSWORD).await;
    push::begin(&marisol, &["Added data drops at reception"]).await;
    marisol.see("You are not signed in to Procore").await;
    let here = marisol.path().await;
    marisol.click("Sign in to Procore").await;
    marisol.sign_in_to_procore(READER).await;
    marisol.see("You are signed in to Procore as").await;
    assert_eq!(marisol.path().await, here, "the page it began at");
    marisol.see("Your permission on Change Events is Read Only").await;
    marisol.leave_content().await;
}
