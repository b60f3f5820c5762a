//! What was typed or picked outlives an ended session and a reload.

use serde_json::json;

use crate::{
    harness::{
        Person,
        stage::{MANAGER, Stage},
    },
    push::{begin, push, with_one_code},
};

const PASSWORD: &str = ledgerboard::demo_data::PASSWORD;

/// Signs out in another window of the browser.
async fn end_session(person: &Person) {
    person.post("/sign-out").await;
}

/// Signs in where the page asks for it.
async fn sign_in_again(person: &Person) {
    person.see("with what you typed").await;
    person.fill("E-mail", MANAGER).await;
    person.fill("Password", PASSWORD).await;
    person.click("Sign in").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_when_the_session_ended_is_back_in_the_form() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    // A plain form.
    daniel.open("/projects/new").await;
    daniel.fill("name", "Pier 14 <Annex>").await;
    daniel.fill("job_number", "26-014").await;
    end_session(&daniel).await;
    daniel.click("Create project").await;
    sign_in_again(&daniel).await;
    daniel.arrive("/projects/new").await;
    daniel.see("Your session ended before this was saved").await;
    assert_eq!(daniel.value_of("[name=name]").await, "Pier 14 <Annex>");
    assert_eq!(daniel.value_of("[name=job_number]").await, "26-014");
    daniel.click("Create project").await;
    daniel.see("Pier 14 <Annex>").await;
    daniel.not_see("Your session ended").await;

    // The first step of the wizard, with a new event.
    begin(&daniel, &["Credit: delete VAV boxes"]).await;
    daniel.click("Create a new Change Event").await;
    daniel.fill("new_title", "Typed before the end").await;
    end_session(&daniel).await;
    daniel.click("Next").await;
    sign_in_again(&daniel).await;
    daniel.arrive("/event").await;
    assert_eq!(daniel.value_of("[name=new_title]").await, "Typed before the end");
    assert_eq!(daniel.script("return document.querySelector('[name=event]:checked').value", &[]).await, json!("new"));
    daniel.click("Next").await;
    daniel.arrive("/lines").await;
    // The second step: a code picked for every line, and it is not sent by itself.
    daniel.pick("Budget code for all lines", "23-2113").await;
    daniel.click("Use for all").await;
    let picked = daniel.value_of("input[name^='code.']").await;
    assert!(!picked.is_empty());
    end_session(&daniel).await;
    daniel.click("Next").await;
    sign_in_again(&daniel).await;
    daniel.arrive("/lines").await;
    assert_eq!(daniel.value_of("input[name^='code.']").await, picked);
    daniel.click("Next").await;
    daniel.arrive("/review").await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_keeps_what_was_picked_on_a_step() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    begin(&daniel, &["Credit: delete VAV boxes"]).await;
    daniel.click("Create a new Change Event").await;
    daniel.fill("new_title", "Kept over a reload").await;
    daniel.fill("new_description", "So is this").await;
    daniel.reload().await;
    assert_eq!(daniel.value_of("[name=new_title]").await, "Kept over a reload");
    assert_eq!(daniel.value_of("[name=new_description]").await, "So is this");
    assert_eq!(daniel.script("return document.querySelector('[name=event]:checked').value", &[]).await, json!("new"));
    daniel.click("Next").await;
    daniel.arrive("/lines").await;
    daniel.click("Lump sum").await;
    daniel.pick("Budget code for all lines", "23-2113").await;
    daniel.click("Use for all").await;
    let picked = daniel.value_of("input[name^='code.']").await;
    daniel.reload().await;
    assert_eq!(daniel.value_of("input[name^='code.']").await, picked);
    // Back to a step that was sent: what was sent stands there.
    daniel.click("Back").await;
    daniel.arrive("/event").await;
    assert_eq!(daniel.value_of("[name=new_title]").await, "Kept over a reload");
    // What is left knowingly is gone.
    daniel.fill("new_title", "Never mind").await;
    daniel.click_on("[data-wizard-close]").await;
    daniel.click("Leave").await;
    daniel.arrive("/log/").await;
    daniel.click("Go on with it").await;
    daniel.click("Change Event").await;
    daniel.arrive("/event").await;
    assert_eq!(daniel.value_of("[name=new_title]").await, "Kept over a reload");
    daniel.click("Next").await;
    daniel.arrive("/lines").await;
    with_one_code(&daniel, "Lump sum", "23-2113").await;
    push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    daniel.leave_content().await;
}
