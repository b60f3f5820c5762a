//! The pages people look at.
#![allow(clippy::unwrap_used, clippy::similar_names, reason = "a helper of tests fails as tests do")]

mod support;

use axum::body::Body;
use emulator::World;
use http::Request;
use support::{Procore, READER};

async fn page(procore: &Procore, path: &str, cookie: &str) -> support::Answer {
    procore.raw(Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_front_page_says_what_is_seeded() {
    let procore = Procore::demo().await;
    let home = page(&procore, "/", "").await.text;
    for word in
        ["Whitfield &#38; Sons Construction", "Blue Heron Builders", "App not connected", READER, support::CLIENT]
    {
        assert!(home.contains(word), "{word}");
    }
    assert!(page(&procore, "/assets/emulator.css", "").await.text.contains("tabular-nums"));
}

#[tokio::test]
async fn a_person_sees_what_arrived() {
    let procore = Procore::demo().await;
    let list =
        format!("/webclients/host/companies/{}/projects/{}/tools/change-events", procore.company, procore.project);
    assert!(page(&procore, &list, "").await.header("location").starts_with("/login?next="));

    let form = format!("login={READER}&password=procore&next={list}");
    let answer = procore.form("/login", &form, None).await.unwrap();
    assert_eq!(answer.header("location"), list);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let events = page(&procore, &list, &cookie).await.text;
    assert!(events.contains("Bulletin 7: imaging suite power"));
    assert!(events.contains("($22,400.00)"), "a credit stands in parentheses");

    let id = procore.event("001");
    let event = page(&procore, &format!("{list}/{id}"), &cookie).await.text;
    for word in ["Reroute 4 in. chilled water around beam", "Locked by RFQ 3", "$30,405.50", "SC-23-007 Mechanical"] {
        assert!(event.contains(word), "{word}");
    }
    let elsewhere = format!("/webclients/host/companies/{}/projects/1/tools/change-events", procore.company);
    assert_eq!(page(&procore, &elsewhere, &cookie).await.status, 404);
    assert!(page(&procore, "/_emulator", &cookie).await.text.contains("lines_shuffled"));
}

#[tokio::test]
async fn a_description_is_seen_as_html_or_to_the_letter() {
    let procore = Procore::demo().await;
    let list =
        format!("/webclients/host/companies/{}/projects/{}/tools/change-events", procore.company, procore.project);
    let form = format!("login={READER}&password=procore&next={list}");
    let cookie =
        procore.form("/login", &form, None).await.unwrap().header("set-cookie").split(';').next().unwrap().to_owned();
    let mut event = procore.new_event(serde_json::json!([]));
    event["change_event"]["description"] = "<p>gap &lt; 3 in < 4</p>".into();
    let id = procore.call("POST", &procore.events_path(), event).await.expect(201)["id"].as_i64().unwrap();
    for (html, seen) in [(true, "gap &#60; 3 in &#60; 4"), (false, "&#60;p&#62;gap &#38;lt; 3 in &#60; 4&#60;/p&#62;")]
    {
        procore.emulator.switches(|switches| switches.descriptions_are_html = html);
        let page = page(&procore, &format!("{list}/{id}"), &cookie).await.text;
        assert!(page.contains(&format!(">{seen}<")), "{page}");
    }
}

#[tokio::test]
async fn a_world_goes_to_json_and_back() {
    let procore = Procore::demo().await;
    let dumped = page(&procore, "/_emulator/world", "").await;
    let world: World = serde_json::from_str(&dumped.text).unwrap();
    let again = serde_json::to_value(&world).unwrap();
    assert_eq!(again, dumped.body);
    assert_eq!(world.change_events.len(), 5);
}
