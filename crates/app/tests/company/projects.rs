//! Projects: who makes them, sees them and changes them.

use axum::http::StatusCode;

use crate::{
    people::{hire, option},
    visitor::{Site, Visitor},
};

/// Makes a project and answers its id.
pub async fn build(owner: &Visitor, title: &str) -> String {
    let office = option(&owner.get("/projects/new").await, "Portland");
    let form = [
        ("name", title),
        ("address", "1200 Harbor Way"),
        ("office", office.as_str()),
        ("currency", "USD"),
        ("time_zone", "America/New_York"),
        ("job_number", "24-118"),
    ];
    let page = owner.post("/projects/new", &form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    page.location.split('/').nth(2).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_made_listed_and_changed() {
    let (_site, owner) = Site::with_owner().await;
    assert!(owner.get("/projects").await.shows("No projects yet"));
    let project = build(&owner, "Harbor Point Medical Office").await;
    let list = owner.get("/projects").await;
    assert!(list.shows("Harbor Point Medical Office") && list.shows("24-118") && list.shows("Not mapped"));

    let settings = format!("/projects/{project}/settings");
    let office = option(&owner.get(&settings).await, "Portland");
    let nameless = [("name", " "), ("office", office.as_str()), ("currency", "EUR")];
    let page = owner.post(&settings, &nameless).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("Fill this in."));
    let zone = ("time_zone", "America/Chicago");
    let changed =
        [("name", "Harbor Point, Phase 2"), ("office", &office), ("currency", "EUR"), zone, ("job_number", "24-119")];
    let page = owner.post_and_go(&settings, &changed).await;
    assert!(page.shows("Harbor Point, Phase 2") && page.shows("24-119"));
    let now = owner.get(&settings).await.text;
    assert!(now.contains("<option value=\"America/Chicago\" selected>"), "{now}");
    assert!(now.contains(">USD</option>"), "CORs are priced in it, so the currency stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_seen_by_those_who_are_on_it() {
    let (site, owner) = Site::with_owner().await;
    let project = build(&owner, "Harbor Point").await;
    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    let theo = hire(&site, &owner, "Theo", "theo@whitfieldsons.example", "field_user", "Portland").await;
    let settings = format!("/projects/{project}/settings");
    assert_eq!(dana.get(&settings).await.status, StatusCode::NOT_FOUND, "not assigned");

    let people = format!("{settings}/people");
    let page = owner.get(&people).await;
    for label in ["Dana, Project Manager", "Theo, Field User"] {
        let person = option(&page, label);
        assert!(owner.post_and_go(&people, &[("person", person.as_str())]).await.shows("Added to the project."));
    }
    assert_eq!(dana.get(&settings).await.status, StatusCode::OK);
    let list = theo.get("/projects").await;
    assert!(list.shows(ledgerboard::projects::FIELD_USER) && list.shows("Harbor Point"), "{}", list.text);
    assert!(!dana.get("/projects").await.shows("Field User"));
    let page = theo.get(&settings).await;
    assert!(
        page.shows("can change this project.") && page.text.contains("<fieldset disabled"),
        "greyed with the reason"
    );
    let form = [("name", "Mine now"), ("office", ""), ("currency", "USD")];
    assert_eq!(theo.post(&settings, &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let office = option(&owner.get(&settings).await, "Portland");
    let form = [("name", "Mine now"), ("office", office.as_str()), ("time_zone", "America/Chicago")];
    assert_eq!(theo.post(&settings, &form).await.status, StatusCode::FORBIDDEN);
    let contracts = theo.get(&format!("{settings}/contracts")).await;
    assert_eq!(contracts.status, StatusCode::FORBIDDEN);
    assert!(contracts.shows("Field Users don't see CORs."), "{}", contracts.text);

    let page = owner.get(&people).await;
    let remove = page.address(&format!("{people}/"), "/remove");
    assert!(owner.post_and_go(&remove, &[]).await.shows("Taken off the project."));
}
