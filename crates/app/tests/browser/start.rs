//! Setting up, signing in and out, and what a role may not do.

use ledgerboard::words::Failure;
use url::Url;

use crate::harness::{
    stage::{FIELD, MANAGER, OWNER, READER, Stage},
    wire,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_instance_is_set_up_in_the_browser() {
    let stage = Stage::serve().await;
    let dana = stage.person().await;
    dana.open("/").await;
    dana.see("Set up your company").await;
    dana.fill("company", "Whitfield & Sons Construction").await;
    dana.fill("office", "Portland").await;
    dana.fill("name", "Dana Whitfield").await;
    dana.fill("email", "dana@whitfield.example").await;
    dana.fill("password", "correct horse battery").await;
    dana.fill("password_again", "correct horse battery").await;
    dana.click("Create the company and sign in").await;
    dana.see("No projects yet").await;

    // Nobody sets up a second time.
    let late = stage.person().await;
    late.open("/setup").await;
    late.not_see("Set up your company").await;

    dana.click("Sign out").await;
    dana.see("E-mail").await;
    dana.sign_in("dana@whitfield.example", "correct horse battery").await;
    dana.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_added_with_a_role_and_a_password_shown_once() {
    let stage = Stage::demo().await;
    let owner = stage.signed_in(OWNER).await;
    owner.open("/settings/people").await;
    owner.fill("name", "Priya Raman").await;
    owner.fill("email", "p.raman@whitfieldsons.example").await;
    owner.fill("role", "Field User").await;
    owner.click("Add person").await;
    owner.see("Priya Raman is added").await;
    let password = owner.value_of("#temporary-password").await;
    owner.open("/settings/people").await;
    owner.see_row(&["Priya Raman", "Field User"]).await;
    owner.not_see("temporary password").await;

    let priya = stage.person().await;
    priya.sign_in("p.raman@whitfieldsons.example", &password).await;
    priya.see("Priya Raman").await;
    priya.see("Your password was made by somebody else").await;
    priya.fill("Current password", &password).await;
    priya.fill("password", "four words of hers").await;
    priya.fill("password_again", "four words of hers").await;
    priya.click("Change password").await;
    priya.see("Your password is changed").await;
    let again = stage.person().await;
    again.sign_in("p.raman@whitfieldsons.example", "four words of hers").await;
    again.not_see("made by somebody else").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_do_is_refused_by_the_server_too() {
    let stage = Stage::demo().await;
    let luis = stage.signed_in(FIELD).await;
    luis.see("Harbor Point Medical Office").await;
    luis.click("Harbor Point Medical Office").await;
    luis.not_see("Requested").await;
    luis.see("can change this project").await;
    luis.open("/settings/offices").await;
    luis.see(Failure::of(404).title).await;

    let marisol = stage.signed_in(READER).await;
    marisol.open("/settings/offices").await;
    marisol.click("Portland").await;
    marisol.click("Integrations").await;
    marisol.not_see("Disconnect…").await;
    // The form that is greyed, posted all the same.
    let path = marisol.path().await;
    let status = marisol.post(&format!("{path}/disconnect")).await;
    assert!(status == 403 || status == 404, "{status}");
    marisol.open(&path).await;
    marisol.see("Connected by").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_are_told_plainly_and_lock_nobody_out() {
    let stage = Stage::demo().await;
    let someone = stage.person().await;
    let tried = async |password: &str| {
        someone.open("/sign-in").await;
        someone.fill("E-mail", MANAGER).await;
        someone.fill("Password", password).await;
        someone.press(thirtyfour::Key::Enter).await;
    };
    for _ in 0..5 {
        tried("not the password").await;
        someone.see("E-mail or password is wrong.").await;
    }
    someone.see("the next try takes 1 second").await;
    tried(crate::harness::stage::DEMO_PASSWORD).await;
    someone.see("5 wrong passwords were tried for your e-mail before you signed in.").await;
}

/// A page of another site posts a form of ours, with the person's cookie if the browser sends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_posted_by_another_site_is_refused() {
    let stage = Stage::demo().await;
    let owner = stage.signed_in(OWNER).await;
    owner.open_url(&stage.procore.url).await;
    let target = stage.url.join("/sign-out").expect("a path");
    owner.post_from_here(&target).await;
    owner.open("/projects").await;
    owner.see("Renee Calloway").await;

    // What browsers say of such a request, said by hand: with either header it is refused, with neither it is not.
    let refused = |headers: &[(&str, &str)]| post(&stage.url, headers);
    let other = stage.procore.url.origin().ascii_serialization();
    assert_eq!(refused(&[("Sec-Fetch-Site", "cross-site")]), 403);
    assert_eq!(refused(&[("Origin", other.as_str())]), 403);
    assert_eq!(refused(&[("Origin", "null")]), 403);
    let own = stage.url.origin().ascii_serialization();
    assert_ne!(refused(&[("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")]), 403);
}

fn post(base: &Url, headers: &[(&str, &str)]) -> u16 {
    let url = base.join("/sign-in").expect("a path");
    let headers = [headers, &[("Content-Type", "application/x-www-form-urlencoded")]].concat();
    wire::send("POST", &url, &headers, "email=a%40b.example&password=x&next=%2F").map_or(0, |answer| answer.status)
}
