//! Bearer tokens of the API.

use axum::http::StatusCode;
use ledgerboard::actions::api_tokens::bearer;

use crate::{people::hire, visitor::Site};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_speaks_for_who_made_it_until_it_is_revoked() {
    let (site, owner) = Site::with_owner().await;
    let app = &site.world.app;
    let page = owner.post("/settings/tokens", &[("name", "Nightly export")]).await;
    let token = page.value_of("new-token");
    assert!(token.starts_with("lb_") && token.len() > 40, "{token}");
    assert_eq!(bearer(app, &token).await.unwrap().unwrap().name, "Ruth Calloway");
    assert!(bearer(app, "lb_guess").await.unwrap().is_none());
    let list = owner.get("/settings/tokens").await;
    assert!(list.shows("Nightly export") && !list.text.contains(&token), "shown once");
    assert!(list.shows("Nov 23, 2026"), "its use is noted");

    let revoke = list.address("/settings/tokens/", "/revoke");
    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    assert_eq!(dana.post(&revoke, &[]).await.status, StatusCode::NOT_FOUND, "another's token");
    assert!(owner.post_and_go(&revoke, &[]).await.shows("The token is revoked."));
    assert!(bearer(app, &token).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_persons_tokens_are_dead() {
    let (site, owner) = Site::with_owner().await;
    let dana = hire(&site, &owner, "Dana", "dana@whitfieldsons.example", "project_manager", "Portland").await;
    let token = dana.post("/settings/tokens", &[("name", "x")]).await.value_of("new-token");
    assert!(bearer(&site.world.app, &token).await.unwrap().is_some());
    let people = owner.get("/settings/people").await;
    let at = people.text.find(">Dana</a>").unwrap();
    let page = people.text[..at].rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().to_owned();
    owner.post(&format!("{page}/disable"), &[]).await;
    assert!(bearer(&site.world.app, &token).await.unwrap().is_none());
    owner.post(&format!("{page}/enable"), &[]).await;
    assert!(bearer(&site.world.app, &token).await.unwrap().is_none(), "revoked, not only asleep");
}
