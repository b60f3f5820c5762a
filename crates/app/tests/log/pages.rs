//! The log: its address is the view.

use axum::http::StatusCode;
use domain::procore::Side;

use crate::{Scene, rows};

#[tokio::test(flavor = "multi_thread")]
async fn a_project_opens_on_the_side_where_its_cors_are() {
    let scene = Scene::begin().await;
    let open = format!("/projects/{}", scene.made.project);
    assert!(scene.gc.get(&open).await.location.ends_with("/log/received"));
    assert!(scene.sub.get(&open).await.location.ends_with("/log/sent"));
    let log = scene.sub.get(&scene.log(Side::Sent, "")).await;
    assert!(log.shows("Whitfield & Sons Construction") && log.shows("+ New COR") && log.shows("Draft"));
    let received = scene.gc.get(&scene.log(Side::Received, "")).await;
    assert!(received.shows("Cascade Mechanical, Inc.") && !received.shows("+ New COR"));
    assert_eq!(
        scene.gc.get(&scene.log(Side::Received, "").replace("received", "both")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn filter_and_order_stand_in_the_address_and_totals_follow() {
    let scene = Scene::begin().await;
    let all = scene.gc.get(&scene.log(Side::Received, "")).await;
    assert_eq!(rows(&all).len(), 50, "a page");
    let older = all.address("/projects/", "").replace("&#38;", "&");
    assert!(!older.is_empty());
    let next = all.text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let second = scene.gc.get(&next).await;
    assert!(rows(&second).iter().all(|row| !rows(&all).contains(row)) && !rows(&second).is_empty());
    assert!(second.shows("Newer") && !second.shows("Older"));

    let void = scene.gc.get(&scene.log(Side::Received, "status=void&sort=-total")).await;
    let count = rows(&void).len();
    assert!(count > 0 && count < 50);
    assert!(void.shows(&format!("{count} of ")) && void.text.contains("aria-sort=\"descending\""));
    assert!(
        void.text.contains("data-filter-count=\"") && void.text.contains(&format!("data-filter-count=\"{count}\""))
    );

    let found = scene.gc.get(&scene.log(Side::Received, "q=chilled+water")).await;
    assert!(!rows(&found).is_empty() && found.shows("Reroute 6\" chilled water"));
    let nothing = scene.gc.get(&scene.log(Side::Received, "q=%3Cscript%3E&status=void")).await;
    assert!(nothing.shows("No COR matches") && !nothing.text.contains("value=\"<script>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_misses_void_cors_and_drafts_in_procore() {
    let scene = Scene::begin().await;
    for (visitor, side) in [(&scene.gc, Side::Received), (&scene.sub, Side::Sent)] {
        let missing = visitor.get(&scene.log(side, "procore=not_in_procore")).await;
        assert!(!rows(&missing).is_empty());
        for status in ["void", "draft"] {
            assert!(!missing.text.contains(&format!("data-status=\"{status}\"")), "{status}");
        }
        // Whoever asks for void ones gets them.
        let void = visitor.get(&scene.log(side, "procore=not_in_procore&status=void")).await;
        assert!(!rows(&void).is_empty());
        let count =
            |page: &str| page.split("data-filter-count=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let all = visitor.get(&scene.log(side, "procore=not_in_procore&sort=number")).await;
        assert_eq!(count(&all.text), count(&missing.text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_can_map_a_project_and_have_a_use_for_it_are_asked_to() {
    let scene = Scene::begin().await;
    let asked = "This project is not mapped to Procore";
    let received = scene.gc.get(&scene.log(Side::Received, "")).await;
    assert!(received.shows(asked) && received.shows("Map this project"), "{}", received.text);
    let sent = scene.sub.get(&scene.log(Side::Sent, "")).await;
    assert!(!sent.shows(asked) && !rows(&sent).is_empty(), "the contractor has no Procore: {}", sent.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_user_and_a_stranger_see_no_log() {
    let scene = Scene::begin().await;
    let field = scene.site.signed_in("l.ferreira@whitfieldsons.example", ledgerboard::demo_data::PASSWORD).await;
    let page = field.get(&scene.log(Side::Received, "")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.shows("Field Users don't see CORs."));
    let (_other, stranger) = crate::visitor::Site::with_owner().await;
    assert_eq!(stranger.get(&scene.log(Side::Received, "")).await.status, StatusCode::NOT_FOUND);
    let signed_out = scene.site.visitor().get(&scene.log(Side::Received, "")).await;
    assert!(signed_out.location.starts_with("/sign-in"));
}
