//! Contracts, and the links that bring the other company in.

use axum::http::StatusCode;

use crate::{
    people::{hire, option},
    projects::build,
    visitor::{PASSWORD, Site, Visitor},
};

/// Adds a contract with a company that is not here; answers the path of its invitation.
pub async fn invite(owner: &Visitor, project: &str, party: &str, company: &str, name: &str) -> String {
    let contracts = format!("/projects/{project}/settings/contracts");
    let form = [("name", name), ("party", party), ("company", company), ("value", "2,418,000")];
    let page = owner.post_and_go(&contracts, &form).await;
    let link = page.value_of("invitation-");
    link.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
}

/// Accepts as a company that begins with it.
pub async fn begin(site: &Site, invitation: &str, company: &str, email: &str) -> Visitor {
    let visitor = site.visitor();
    let form = [
        ("company", company),
        ("office", "Main"),
        ("name", "Luis Ortega"),
        ("email", email),
        ("password", PASSWORD),
        ("job_number", "7-31"),
    ];
    let page = visitor.post(invitation, &form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    assert!(visitor.get("/projects").await.shows("Luis Ortega"), "signed in");
    visitor
}

/// A company that has nothing to do with what the owner keeps to themselves.
pub async fn another_company(site: &Site, owner: &Visitor) -> Visitor {
    let project = build(owner, "Shared").await;
    let link = invite(owner, &project, "customer", "Cascade Mechanical, Inc.", "23A - Mechanical").await;
    begin(site, &link, "Cascade Mechanical, Inc.", "luis@cascademech.example").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_company_begins_with_an_invitation() {
    let (site, owner) = Site::with_owner().await;
    let project = build(&owner, "Harbor Point").await;
    let link = invite(&owner, &project, "customer", "Cascade", "23A - Mechanical").await;
    let contracts = format!("/projects/{project}/settings/contracts");
    let page = owner.get(&contracts).await;
    assert!(page.shows("Cascade") && page.shows("Invited") && page.shows("2,418,000.00"));
    assert!(!page.text.contains(&link), "the link is shown once");

    let page = site.visitor().get(&link).await;
    assert!(
        page.shows("Whitfield & Sons Construction invites you to send your change order requests for"),
        "{}",
        page.text
    );
    let weak = [
        ("company", "Cascade Mechanical, Inc."),
        ("office", "Main"),
        ("name", "Luis"),
        ("email", "ruth@whitfieldsons.example"),
        ("password", "short"),
    ];
    let page = site.visitor().post(&link, &weak).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("at least 10"), "{}", page.text);
    let taken = weak.map(|(name, value)| (name, if name == "password" { PASSWORD } else { value }));
    let page = site.visitor().post(&link, &taken).await;
    assert!(page.shows("Somebody already signs in with this e-mail."), "{}", page.text);

    let luis = begin(&site, &link, "Cascade Mechanical, Inc.", "luis@cascademech.example").await;
    let list = luis.get("/projects").await;
    assert!(
        list.shows("Harbor Point") && list.shows("7-31") && !list.shows("24-118"),
        "job numbers are each company's own"
    );
    let page = owner.get(&contracts).await;
    assert!(page.shows("Cascade Mechanical, Inc.") && page.shows("Connected"), "{}", page.text);
    assert!(page.shows("added the contract") || !page.shows("Invited"));

    let used = site.visitor().get(&link).await;
    assert!(used.shows("This link was used already"), "{}", used.text);
    assert_eq!(site.visitor().post(&link, &taken).await.status, StatusCode::SEE_OTHER, "back to where it says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_is_here_takes_the_placeholders_place() {
    let (site, owner) = Site::with_owner().await;
    let luis = another_company(&site, &owner).await;
    let project = build(&owner, "Willamette Bridge").await;
    let link = invite(&owner, &project, "customer", "Cascade (bridge)", "05A - Bearings").await;

    let own = owner.get(&link).await;
    assert!(own.shows("This link is for the other company."), "{}", own.text);
    let page = luis.get(&link).await;
    assert!(page.shows("Luis Ortega, Cascade Mechanical, Inc."), "{}", page.text);
    let office = option(&page, "Main");
    let theirs = option(&owner.get("/projects/new").await, "Portland");
    let wrong = luis.post(&link, &[("office", theirs.as_str())]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "another's office is no choice");
    let page = luis.post(&link, &[("office", office.as_str()), ("job_number", "7-32")]).await;
    assert_eq!(page.location, format!("/projects/{project}"), "{}", page.text);
    assert!(luis.get("/projects").await.shows("Willamette Bridge"));
    let page = owner.get(&format!("/projects/{project}/settings/contracts")).await;
    assert!(page.shows("Cascade Mechanical, Inc.") && !page.shows("Cascade (bridge)"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_link_ends_the_old_one_and_an_unaccepted_contract_may_go() {
    let (site, owner) = Site::with_owner().await;
    let project = build(&owner, "Harbor Point").await;
    let old = invite(&owner, &project, "contractor", "Providence Health", "Prime").await;
    assert!(site.visitor().get(&old).await.shows("receive the change order requests of"));
    let contracts = format!("/projects/{project}/settings/contracts");
    let again = owner.get(&contracts).await.address(&format!("{contracts}/"), "/invite");
    let new = owner.post_and_go(&again, &[]).await.value_of("invitation-");
    assert!(site.visitor().get(&old).await.shows("This invitation is over"));
    assert!(
        !site.visitor().get(new.strip_prefix("http://127.0.0.1:8080").unwrap()).await.shows("This invitation is over")
    );

    let field = hire(&site, &owner, "Theo", "theo@whitfieldsons.example", "field_user", "Portland").await;
    let delete = again.replace("/invite", "/delete");
    assert_eq!(field.post(&delete, &[]).await.status, StatusCode::NOT_FOUND);
    assert!(owner.post_and_go(&delete, &[]).await.shows("The contract is deleted."));
    assert!(owner.get(&contracts).await.shows("No contracts yet"));

    let kept = invite(&owner, &project, "customer", "Cascade", "23A").await;
    begin(&site, &kept, "Cascade Mechanical, Inc.", "luis@cascademech.example").await;
    assert!(!owner.get(&contracts).await.text.contains("/delete"), "accepted ones stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_answers_under_its_own_project_alone() {
    let (site, owner) = Site::with_owner().await;
    let (harbor, bridge) = (build(&owner, "Harbor Point").await, build(&owner, "Willamette Bridge").await);
    let link = invite(&owner, &harbor, "customer", "Cascade", "23A").await;
    let contracts = format!("/projects/{harbor}/settings/contracts");
    let renew = owner.get(&contracts).await.address(&format!("{contracts}/"), "/invite");
    for verb in ["/invite", "/delete"] {
        let elsewhere = renew.replace(&harbor, &bridge).replace("/invite", verb);
        assert_eq!(owner.post(&elsewhere, &[]).await.status, StatusCode::NOT_FOUND);
    }
    assert!(owner.get(&contracts).await.shows("23A"), "nothing was deleted");
    begin(&site, &link, "Cascade Mechanical, Inc.", "luis@cascademech.example").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_contract_with_a_known_company_needs_no_link() {
    let (site, owner) = Site::with_owner().await;
    let project = build(&owner, "Harbor Point").await;
    let link = invite(&owner, &project, "customer", "Cascade", "23A").await;
    begin(&site, &link, "Cascade Mechanical, Inc.", "luis@cascademech.example").await;
    let contracts = format!("/projects/{project}/settings/contracts");
    let known = option(&owner.get(&contracts).await, "Cascade Mechanical, Inc.");
    let form = [("name", "23B"), ("party", "customer"), ("known", known.as_str()), ("value", "")];
    assert!(owner.post_and_go(&contracts, &form).await.shows("23B is added."));
    let own = owner.get("/settings/people").await.address("/settings/people/", "");
    let unknown = [("name", "23C"), ("party", "customer"), ("known", own.rsplit('/').next().unwrap())];
    assert_eq!(owner.post(&contracts, &unknown).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(owner.get("/contracts").await.shows("23B"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_could_be_two_numbers_is_asked_about() {
    let (_site, owner) = Site::with_owner().await;
    let project = build(&owner, "Harbor Point").await;
    let contracts = format!("/projects/{project}/settings/contracts");
    let form = |value| [("name", "23A"), ("party", "customer"), ("company", "Cascade"), ("value", value)];
    for (value, says) in [
        ("2418,50", "“2418,50” is not clear. Type 2,418.50, or 241,850 if you mean that."),
        ("€2,418", "“€2,418” is not in USD."),
        ("2,418,000.001", "two decimals at the most: 2418000.00 rather than"),
    ] {
        let page = owner.post(&contracts, &form(value)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.shows(says) && page.shows(value), "{}", page.text);
    }
    let page = owner.post_and_go(&contracts, &form("$2,418,000.50")).await;
    assert!(page.shows("2,418,000.50"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_meant_for_somebody_lets_nobody_else_in() {
    let (site, owner) = Site::with_owner().await;
    let luis = another_company(&site, &owner).await;
    let project = build(&owner, "Willamette Bridge").await;
    let contracts = format!("/projects/{project}/settings/contracts");
    let form = |email| [("name", "05A"), ("party", "customer"), ("company", "Bearings Co"), ("email", email)];
    let page = owner.post(&contracts, &form("no address")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows(ledgerboard::typed::NOT_AN_EMAIL) && page.shows("Bearings Co"), "{}", page.text);

    let page = owner.post_and_go(&contracts, &form("Mara@bearings.example")).await;
    assert!(page.shows("for mara@bearings.example, until "), "{}", page.text);
    let link = page.value_of("invitation-");
    let link = link.strip_prefix("http://127.0.0.1:8080").unwrap();

    let refused = luis.get(link).await;
    assert!(refused.shows("This invitation is meant for an address that begins with “mar”"), "{}", refused.text);
    let office = option(&luis.get("/projects/new").await, "Main");
    assert!(
        luis.post(link, &[("office", office.as_str())]).await.shows("is meant for an address that begins with “mar”")
    );
    let other = [
        ("company", "Bearings"),
        ("office", "Main"),
        ("name", "Eve"),
        ("email", "eve@bearings.example"),
        ("password", PASSWORD),
    ];
    let page = site.visitor().post(link, &other).await;
    assert!(page.shows("Sign up with that address."), "{}", page.text);
    for shown in [&refused.text, &page.text, &site.visitor().get(link).await.text] {
        assert!(!shown.contains("mara"), "whoever finds the link learns no address: {shown}");
    }
    begin(&site, link, "Bearings Co", "MARA@bearings.example").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_after_two_weeks_and_a_new_one_works() {
    let (site, owner) = Site::with_owner().await;
    let project = build(&owner, "Harbor Point").await;
    let link = invite(&owner, &project, "customer", "Cascade", "23A").await;
    site.world.advance(14 * 24 * 3600 - 1);
    assert!(!site.visitor().get(&link).await.shows("This link has expired"));
    site.world.advance(1);
    let late = site.visitor().get(&link).await;
    assert!(late.shows("This link has expired. Ask "), "{}", late.text);
    let form = [("company", "C"), ("office", "O"), ("name", "L"), ("email", "l@c.example"), ("password", PASSWORD)];
    assert!(site.visitor().post(&link, &form).await.shows("This link has expired"), "not by its form either");

    let owner = site.signed_in("ruth@whitfieldsons.example", PASSWORD).await;
    let contracts = format!("/projects/{project}/settings/contracts");
    let page = owner.get(&contracts).await;
    assert!(page.shows("; ended "), "{}", page.text);
    let again =
        owner.post_and_go(&page.address(&format!("{contracts}/"), "/invite"), &[]).await.value_of("invitation-");
    begin(&site, again.strip_prefix("http://127.0.0.1:8080").unwrap(), "Cascade", "luis@cascademech.example").await;
}
