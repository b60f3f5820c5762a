//! The reconciliation as people meet it: pages, the Excel file, signing off, comparing.

use axum::http::{Method, StatusCode};

use crate::Scene;

fn field(page: &crate::visitor::Page, name: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_or_sees_more_than_they_may() {
    let scene = Scene::begin().await;
    let url = format!("/projects/{}/reconciliation", scene.made.project);
    let field = scene.site.signed_in("l.ferreira@whitfieldsons.example", ledgerboard::demo_data::PASSWORD).await;
    assert_eq!(field.get(&url).await.status, StatusCode::FORBIDDEN);
    assert_eq!(field.get(&format!("{url}/workbook")).await.status, StatusCode::FORBIDDEN);
    let office = format!("/offices/{}/reconciliation", scene.made.offices[0]);
    let denied = scene.gc.get(&office).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert!(denied.shows("Only the Account Owner or an Admin of this office"));
    assert!(
        scene.gc.get(&url).await.shows("Only the Account Owner or an Admin of this office"),
        "greyed, with the reason"
    );
    assert_eq!(scene.sub.get(&office).await.status, StatusCode::NOT_FOUND);
    let (_other, stranger) = crate::visitor::Site::with_owner().await;
    assert_eq!(stranger.get(&url).await.status, StatusCode::NOT_FOUND);
    let changed = scene.gc.post(&format!("{url}/sign-off"), &[("figures", "old"), ("note", "My \"note\"")]).await;
    assert_eq!(changed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(changed.shows("The figures changed since you opened this page.") && changed.shows("My \"note\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_signed_off_shown_again_and_compared() {
    let scene = Scene::begin().await;
    let url = format!("/projects/{}/reconciliation", scene.made.project);
    let page = scene.gc.get(&url).await;
    assert!(page.shows("This project is not mapped to Procore") && page.shows("not in Procore"));
    assert!(page.text.contains(&format!("/push?project={}", scene.made.project)) || page.shows("Map this project"));
    assert!(page.text.contains("name=\"cor\""), "what is missing can be ticked");
    let void = scene.gc.get(&format!("{url}?side=received&show=not_to_push")).await;
    assert!(void.shows("Void") && !void.text.contains("name=\"cor\""), "what is not to be pushed can't");

    let form = [("figures", field(&page, "figures")), ("note", "October".to_owned())];
    let form = form.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
    let kept = scene.gc.post(&format!("{url}/sign-off"), &form).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    let signed = scene.gc.get(&kept.location).await;
    assert!(signed.shows("Daniel Whitfield") && signed.shows("“October”") && signed.shows("SHA-256"));
    assert!(!signed.shows("These figures were changed after they were signed") && !signed.shows("Sign off…"));
    assert!(!signed.text.contains("name=\"cor\""), "nothing is pushed from the past");
    assert_eq!(scene.sub.get(&kept.location).await.status, StatusCode::NOT_FOUND);

    scene.write("", "Reroute the main", "125.00", "send").await;
    let compare = scene.gc.get(&signed.address("/reconciliations/compare?", "")).await;
    assert!(compare.shows("Reroute the main") && compare.shows("New") && compare.shows("+125.00"), "{}", compare.text);
    assert!(scene.gc.get(&url).await.shows("Signed off before"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_draft_or_void_is_said_wherever_the_gap_leaves_it_out() {
    let scene = Scene::begin().await;
    let owner = scene.site.signed_in("r.calloway@whitfieldsons.example", ledgerboard::demo_data::PASSWORD).await;
    let project = scene.gc.get(&format!("/projects/{}/reconciliation?side=received", scene.made.project)).await;
    let office = owner.get(&format!("/offices/{}/reconciliation", scene.made.offices[0])).await;
    // The cell that starts with the label, without its markup.
    let cell = |text: &str, label: &str| {
        let (_, rest) = text.split_once(&format!("data-label=\"{label}\"")).unwrap();
        let cell = rest.split_once('>').unwrap().1.split("<small>").next().unwrap().split("</td>").next().unwrap();
        cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<String>()
    };
    let cents = |text: &str| {
        let digits: i64 = text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
        if text.contains('(') { -digits } else { digits }
    };
    let [log, apart, events, gap] =
        ["COR Log", "Draft or Void", "Change Events", "Gap"].map(|label| cell(&office.text, label));
    assert_ne!(cents(&apart), 0);
    assert_eq!(cents(&log) - cents(&apart) - cents(&events), cents(&gap), "{log} {apart} {events} {gap}");
    assert!(office.shows("The gap is the COR Log, excluding Draft and Void, less the Change Events."));
    let said = project.text.split_once("The gap excludes ").unwrap().1.split_once('<').unwrap().0;
    assert!(
        said.trim_end().ends_with(&format!("Draft or Void, {}", apart.trim())),
        "the project's page says the same: {said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_excel_file_has_real_numbers() {
    let scene = Scene::begin().await;
    let owner = scene.site.signed_in("r.calloway@whitfieldsons.example", ledgerboard::demo_data::PASSWORD).await;
    let office = format!("/offices/{}/reconciliation", scene.made.offices[0]);
    assert!(owner.get(&office).await.shows("Total in USD"));
    for url in [format!("/projects/{}/reconciliation", scene.made.project), office] {
        let request = owner.request(Method::GET, &format!("{url}/workbook"), &[]);
        let response =
            tower::ServiceExt::oneshot(ledgerboard::pages::router(&scene.site.world.app), request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let named = response.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(named.starts_with("attachment; filename=\"Reconciliation-") && named.ends_with(".xlsx\""), "{named}");
        let bytes = axum::body::to_bytes(response.into_body(), 8 << 20).await.unwrap();
        assert!(bytes.starts_with(b"PK"), "a zip archive");
    }
}
