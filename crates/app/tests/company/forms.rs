//! What a form answers: a redirect to a page that says what was done, so that a reload does nothing again.

use std::{collections::BTreeSet, fs, path::Path};

use axum::http::StatusCode;

use crate::{
    people::option,
    projects::build,
    visitor::{PASSWORD, Page, Site, Visitor},
};

/// The rooms whose forms need Procore, with stories of their own, and one that has forms in its tests alone.
const OTHERS: [&str; 6] = ["listen", "push", "comparison", "reconciliation", "integration", "log"];

/// The addresses that a room's pages post to, as its routes say.
fn posted_to(room: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(room).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("api") {
            posted_to(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let of_address = |name: &str| text.split_once(&format!("const {name}: &str = \"")).map(|(_, rest)| rest);
            for route in text.split(".route(").skip(1).map(|rest| rest.lines().next().unwrap()) {
                if !route.contains("post(") {
                    continue;
                }
                let address = route.strip_prefix('"').or_else(|| of_address(route.split(',').next().unwrap()));
                into.extend(address.map(|rest| rest.split('"').next().unwrap().to_owned()));
            }
        }
    }
}

/// Posts, and follows to the page that says `said`; a reload of it posts nothing and says nothing.
struct Walk<'a>(&'a Visitor, BTreeSet<String>);

impl Walk<'_> {
    async fn posts(&mut self, route: &str, url: &str, form: &[(&str, &str)], said: &str) -> String {
        self.1.insert(route.to_owned());
        let answer = self.0.post(url, form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{url}: {}", answer.text);
        let page = self.0.get(&answer.location).await;
        assert!(page.shows(said), "{url} leads to {}, which doesn't say {said:?}: {}", answer.location, page.text);
        let again = self.0.get(&answer.location).await;
        assert!(!again.shows(said), "a reload of {} says it again", answer.location);
        answer.location
    }
}

/// The value of a field that nobody sees.
fn hidden<'a>(page: &'a Page, name: &str) -> &'a str {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split('"').next().unwrap()
}

/// Fills the form of a page: its hidden fields and `typed`.
fn filled<'a>(page: &'a Page, typed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("once", hidden(page, "once"))], typed].concat()
}

/// How often a page shows something.
fn times(page: &Page, shown: &str) -> usize {
    page.text.matches(shown).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_posted_twice_makes_one_thing() {
    let (site, owner) = Site::with_owner().await;
    let office = option(&owner.get("/projects/new").await, "Portland");
    let project = build(&owner, "Harbor Point").await;
    let contracts = format!("/projects/{project}/settings/contracts");
    let cases = [
        (
            "/projects/new".to_owned(),
            "/projects".to_owned(),
            "Depot",
            vec![("name", "Depot"), ("office", &*office), ("currency", "USD"), ("time_zone", "America/New_York")],
        ),
        (
            contracts.clone(),
            contracts.clone(),
            "<span class=\"strong\">26A - Electrical</span>",
            vec![("name", "26A - Electrical"), ("party", "customer"), ("company", "Northline"), ("value", "1")],
        ),
        (
            "/settings/tokens".into(),
            "/settings/tokens".into(),
            "Nightly export",
            vec![("name", "Nightly export"), ("days", "30")],
        ),
        ("/settings/offices".into(), "/settings/offices".into(), "Seattle", vec![("name", "Seattle")]),
    ];
    for (form, list, made, typed) in cases {
        let before = times(&owner.get(&list).await, made);
        let page = owner.get(&form).await;
        let body = filled(&page, &typed);
        let (one, two) = tokio::join!(owner.post(&form, &body), owner.post(&form, &body));
        let late = owner.post(&form, &body).await;
        for answer in [&one, &two, &late] {
            assert_eq!(
                (answer.status, &answer.location),
                (StatusCode::SEE_OTHER, &one.location),
                "{form} {}",
                answer.text
            );
        }
        owner.get("/projects").await;
        assert_eq!(times(&owner.get(&list).await, made), before + 1, "{form}: one, however often it is posted");
    }
    // Changed on the way back it is another form, which is refused where it would make the same thing.
    let page = owner.get(&contracts).await;
    let again = [("name", "26a – electrical"), ("party", "customer"), ("company", " northline "), ("value", "2")];
    let refused = owner.post(&contracts, &filled(&page, &again)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows(ledgerboard::contracts::THERE_ALREADY), "{}", refused.text);
    drop(site);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_makes_nothing_is_carried_out_each_time() {
    let (_site, owner) = Site::with_owner().await;
    let project = build(&owner, "Harbor Point").await;
    let settings = format!("/projects/{project}/settings");
    let office = option(&owner.get(&settings).await, "Portland");
    // A text of its own makes no difference to a change, or the third one would be taken for the first.
    for name in ["Harbor Point West", "Harbor Point East", "Harbor Point West"] {
        let form = [
            ("once", "a-text-of-its-own"),
            ("name", name),
            ("office", office.as_str()),
            ("time_zone", "America/New_York"),
            ("job_number", ""),
        ];
        assert_eq!(owner.post(&settings, &form).await.status, StatusCode::SEE_OTHER);
        assert!(owner.get("/projects").await.shows(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_leads_to_a_page_that_says_what_was_done() {
    let (site, owner) = Site::with_owner().await;
    let mut walk = Walk(&owner, BTreeSet::new());
    let office = option(&owner.get("/projects/new").await, "Portland");
    let at = [("office", office.as_str()), ("currency", "USD"), ("time_zone", "America/New_York")];
    let project = [&[("name", "Harbor Point")], &at[..]].concat();
    let made = walk.posts("/projects/new", "/projects/new", &project, "Harbor Point is created.").await;
    let project = made.trim_end_matches("/settings/contracts").to_owned();
    let settings = format!("{project}/settings");
    let changed = [&[("name", "Harbor Point 2")], &at[..]].concat();
    walk.posts("/projects/{project}/settings", &settings, &changed, "details are saved").await;

    let contract = [("name", "26A"), ("party", "contractor"), ("company", "Northline"), ("value", "1")];
    let contracts = format!("{settings}/contracts");
    let route = "/projects/{project}/settings/contracts";
    walk.posts(route, &contracts, &contract, "26A is added. Copy its invitation link now").await;
    let invite = owner.get(&contracts).await.address(&format!("{contracts}/"), "/invite");
    walk.posts(&format!("{route}/{{contract}}/invite"), &invite, &[], "has a new link").await;

    let cor = [
        ("number", "001"),
        ("title", "Readers"),
        ("contract", invite.rsplit('/').nth(1).unwrap()),
        ("line_section", "labor"),
        ("line_description", "Electrician"),
        ("line_quantity", "1"),
        ("line_unit", "h"),
        ("line_rate", "90"),
    ];
    let route = "/projects/{project}/cors/new";
    let drafted = walk.posts(route, &format!("{project}/cors/new"), &cor, "was saved as a draft").await;
    let editor = owner.get(&format!("{drafted}/edit")).await;
    let edited = [&[("version", hidden(&editor, "version"))], &cor[..]].concat();
    walk.posts("/cors/{cor}/edit", &format!("{drafted}/edit"), &edited, "was saved").await;
    walk.posts("/cors/{cor}/delete", &format!("{drafted}/delete"), &[], "The draft was deleted.").await;
    let sent = owner.post(&format!("{project}/cors/new"), &cor).await.location;
    walk.posts("/cors/{cor}/send", &format!("{sent}/send"), &[], "was sent to").await;
    let shown = owner.get(&sent).await;
    let revision = hidden(&shown, "revision");
    walk.posts(
        "/cors/{cor}/status",
        &format!("{sent}/status"),
        &[("status", "void"), ("revision", revision)],
        "is Void now",
    )
    .await;

    walk.posts("/settings/offices", "/settings/offices", &[("name", "Seattle")], "Seattle is added.").await;
    let route = "/settings/offices/{office}";
    let seattle = owner.get("/settings/offices").await.address("/settings/offices/", "");
    walk.posts(route, &seattle, &[("name", "Salem")], "The office is saved.").await;
    let token = [("name", "Export"), ("days", "30")];
    walk.posts("/settings/tokens", "/settings/tokens", &token, "The token is made.").await;
    let revoke = owner.get("/settings/tokens").await.address("/settings/tokens/", "/revoke");
    walk.posts("/settings/tokens/{token}/revoke", &revoke, &[], "The token is revoked.").await;

    let dana = [("name", "Dana"), ("email", "dana@x.example"), ("role", "field_user"), ("office", office.as_str())];
    walk.posts("/settings/people", "/settings/people", &dana, "Dana is added.").await;
    let people = owner.get("/settings/people").await;
    let at = people.text.find(">Dana</a>").unwrap();
    let person = people.text[..at].rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let route = "/settings/people/{person}";
    walk.posts(route, &person, &dana, "Dana is saved.").await;
    walk.posts(&format!("{route}/password"), &format!("{person}/password"), &[], "password is made").await;
    walk.posts(&format!("{route}/disable"), &format!("{person}/disable"), &[], "signed out everywhere").await;
    walk.posts(&format!("{route}/enable"), &format!("{person}/enable"), &[], "can sign in again").await;
    let on_it = [("person", person.rsplit('/').next().unwrap())];
    let members = format!("{settings}/people");
    let route = "/projects/{project}/settings/people";
    walk.posts(route, &members, &on_it, "Added to the project.").await;
    let removal = format!("{members}/{}/remove", on_it[0].1);
    walk.posts(&format!("{route}/{{person}}/remove"), &removal, &[], "Taken off the project.").await;

    // The doors: they lead to a page that greets, and the stories of the doors look at it.
    let own = [("old_password", PASSWORD), ("password", "quite other words"), ("password_again", "quite other words")];
    assert_eq!(owner.post("/account/password", &own).await.status, StatusCode::SEE_OTHER);
    assert_eq!(owner.post("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    for door in ["/account/password", "/sign-out", "/sign-in", "/setup", "/invitations/{link}"] {
        walk.1.insert(door.to_owned());
    }
    // A contract that nobody uses goes, and a notification is sent and answered, in stories of their own.
    for told in [
        "/projects/{project}/settings/contracts/{contract}/delete",
        "/change-notifications/new",
        "/change-notifications/{id}/respond",
    ] {
        walk.1.insert(told.to_owned());
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = BTreeSet::new();
    for room in fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        if !OTHERS.contains(&room.file_name().unwrap().to_str().unwrap()) {
            posted_to(&room, &mut all);
        }
    }
    let left: Vec<_> = all.difference(&walk.1).collect();
    assert!(left.is_empty() && all.len() > 20, "not walked: {left:?} of {all:?}");
    drop(site);
}
