//! People of a company: who adds whom, and what a role may not do.

use axum::http::StatusCode;

use crate::visitor::{PASSWORD, Page, Site, Visitor};

/// The value of the drop-down entry that says `label`.
pub fn option(page: &Page, label: &str) -> String {
    let at = page.text.find(&format!(">{label}</option>")).unwrap_or_else(|| panic!("no {label} in {}", page.text));
    let (_, value) = page.text[..at].rsplit_once("value=\"").unwrap();
    value.split('"').next().unwrap().to_owned()
}

/// Adds a person and signs them in with the password they are handed.
pub async fn hire(site: &Site, boss: &Visitor, name: &str, email: &str, role: &str, office: &str) -> Visitor {
    let page = boss.get("/settings/people").await;
    let office = option(&page, office);
    let form = [("name", name), ("email", email), ("role", role), ("office", office.as_str())];
    let page = boss.post_and_go("/settings/people", &form).await;
    let handed = page.value_of("temporary-password");
    let hired = site.signed_in(email, &handed).await;
    let own = [("old_password", handed.as_str()), ("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(hired.post("/account/password", &own).await.status, StatusCode::SEE_OTHER);
    hired
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_handed_a_password_that_is_shown_once() {
    let (site, owner) = Site::with_owner().await;
    let dana = hire(&site, &owner, "Dana Whitfield", "Dana@whitfieldsons.example", "project_manager", "Portland").await;
    assert!(dana.get("/projects").await.shows("Project Manager, Portland"));
    let page = owner.get("/settings/people").await;
    assert!(page.shows("dana@whitfieldsons.example") && !page.text.contains("temporary-password"));

    let office = option(&page, "Portland");
    let twice =
        [("name", "D"), ("email", "dana@WHITFIELDSONS.example"), ("role", "admin"), ("office", office.as_str())];
    let page = owner.post("/settings/people", &twice).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("Somebody already signs in with this e-mail."), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_rules_their_office_and_no_other() {
    let (site, owner) = Site::with_owner().await;
    owner.post("/settings/offices", &[("name", "Seattle")]).await;
    let ben = hire(&site, &owner, "Ben Ortiz", "ben@whitfieldsons.example", "admin", "Seattle").await;
    let page = ben.get("/settings/people").await;
    assert!(
        page.shows("Ben Ortiz") && !page.shows("ruth@whitfieldsons.example"),
        "another office's people are not his"
    );
    assert!(!page.text.contains(">Portland</option>") && !page.text.contains(">Account Owner</option>"));

    let offices = owner.get("/settings/people").await;
    let (portland, seattle) = (option(&offices, "Portland"), option(&offices, "Seattle"));
    let form = |office: &str, role: &str| {
        [("name", "X Y"), ("email", "x@x.example"), ("role", role), ("office", office)]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
    };
    for (office, role) in [(&portland, "field_user"), (&seattle, "account_owner")] {
        let form = form(office, role);
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let page = ben.post("/settings/people", &form).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{office} {role}");
    }
    let page = ben.post("/settings/offices", &[("name", "Boise")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.shows("Only the Account Owner can change company settings."));
    assert!(ben.get("/settings/offices").await.shows("Only the Account Owner can change company settings."), "greyed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_person_is_out_at_once() {
    let (site, owner) = Site::with_owner().await;
    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    let people = owner.get("/settings/people").await;
    let at = people.text.find(">Dana</a>").unwrap();
    let page = people.text[..at].rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().to_owned();
    assert!(owner.post_and_go(&format!("{page}/disable"), &[]).await.shows("signed out everywhere"));
    assert_eq!(dana.get("/projects").await.status, StatusCode::SEE_OTHER);

    let again = owner.post_and_go(&format!("{page}/password"), &[]).await;
    let password = again.value_of("temporary-password");
    let refused =
        site.visitor().post("/sign-in", &[("email", "dana@whitfieldsons.example"), ("password", &password)]).await;
    assert!(refused.shows("E-mail or password is wrong."));
    owner.post(&format!("{page}/enable"), &[]).await;
    site.signed_in("dana@whitfieldsons.example", &password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_account_owner_stays() {
    let (site, owner) = Site::with_owner().await;
    let people = owner.get("/settings/people").await;
    let own = people.address("/settings/people/", "");
    let office = option(&people, "Portland");
    let page = owner.post_and_go(&format!("{own}/disable"), &[]).await;
    assert!(page.shows("You can't disable yourself."), "{}", page.text);
    let demoted = [("name", "Ruth Calloway"), ("role", "admin"), ("office", office.as_str())];
    let page = owner.post_and_go(&own, &demoted).await;
    assert!(page.shows("This is the only Account Owner."), "{}", page.text);
    hire(&site, &owner, "Second", "second@whitfieldsons.example", "account_owner", "Portland").await;
    assert!(owner.post_and_go(&own, &demoted).await.shows("Ruth Calloway is saved."));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_person_is_not_found() {
    let (site, owner) = Site::with_owner().await;
    let own = owner.get("/settings/people").await.address("/settings/people/", "");
    let field = hire(&site, &owner, "Theo", "theo@whitfieldsons.example", "field_user", "Portland").await;
    for path in ["/settings/people", "/settings/offices", "/settings/tokens", own.as_str()] {
        assert_eq!(field.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let stranger = super::invitations::another_company(&site, &owner).await;
    assert_eq!(stranger.get(&own).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.post(&format!("{own}/disable"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.post(&format!("{own}/password"), &[]).await.status, StatusCode::NOT_FOUND);
    site.signed_in("ruth@whitfieldsons.example", PASSWORD).await;
}
