//! The pop-up's way to Procore and back.

use emulator::seed::CASCADE;
use ledgerboard::{
    Error,
    integration::{
        connect,
        oauth::{begin, finish},
    },
    testing::callback,
};
use store::{both_databases, testing::TestDb};
use sync::connection::tokens::{self, SignInHealth};

use crate::cast::{ADMIN, Cast, sentence};

both_databases! {
    async fn a_sign_in_comes_back_once_and_to_who_began_it(store: Store) {
        let cast = Cast::on(store).await;
        let app = &cast.world.app;
        let authorize = begin(app, &cast.manager, "/projects?side=sent", true).await.unwrap();
        let back = cast.world.allow(&authorize, ADMIN).await;
        assert!(back.as_str().starts_with("http://127.0.0.1:8080/procore/callback?"), "{back}");

        cast.calls();
        let stolen = finish(app, &cast.owner, callback(&back)).await;
        assert!(matches!(stolen, Err(Error::Conflict(_))), "{stolen:?}");
        assert_eq!(cast.calls(), [""; 0], "the code of another's sign-in is not exchanged");

        let returned = finish(app, &cast.manager, callback(&back)).await.unwrap();
        assert_eq!((returned.return_to.as_str(), returned.popup), ("/projects?side=sent", true));
        assert_eq!(returned.outcome.unwrap(), ADMIN);
        let health = tokens::health(app, cast.manager.company, cast.manager.person).await.unwrap();
        assert!(matches!(health, SignInHealth::Live { user, .. } if user == ADMIN));

        let again = finish(app, &cast.manager, callback(&back)).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    }

    async fn whoever_connects_offices_signs_in_to_a_second_account_while_nothing_is_under_way(store: Store) {
        const CASCADES: &str = "owner@cascademech.example";
        let cast = Cast::connected(store).await;
        let app = &cast.world.app;
        let refused = sentence(cast.world.sign_in_to_procore(app, &cast.manager, CASCADES).await);
        assert!(refused.contains("is not in the account Whitfield"), "who connects nothing can't use it: {refused}");

        cast.sign_in(&cast.owner, CASCADES).await;
        let action = emulator::WorldAction::ConnectApp { company_id: CASCADE, connected: true };
        cast.world.procore.world(|world| world.act(action)).unwrap();
        connect::connect(app, &cast.owner, cast.branch, CASCADE).await.unwrap();
        // And then everybody may who works there.
        cast.sign_in(&cast.manager, CASCADES).await;
    }
}

async fn cast() -> (Cast, TestDb) {
    let db = TestDb::sqlite().await;
    (Cast::on(db.store()).await, db)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_took_too_long_is_begun_again() {
    let (cast, _db) = cast().await;
    let authorize = begin(&cast.world.app, &cast.owner, "/", false).await.unwrap();
    let back = cast.world.allow(&authorize, ADMIN).await;
    cast.world.advance(601);
    let late = finish(&cast.world.app, &cast.owner, callback(&back)).await;
    assert!(matches!(&late, Err(Error::Conflict(why)) if why.contains("took too long")), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn declining_at_procore_is_told_and_leads_back() {
    let (cast, _db) = cast().await;
    let authorize = begin(&cast.world.app, &cast.owner, "/settings", true).await.unwrap();
    let back = cast.world.deny(&authorize, ADMIN).await;
    let returned = finish(&cast.world.app, &cast.owner, callback(&back)).await.unwrap();
    assert_eq!(returned.return_to, "/settings");
    assert!(returned.outcome.unwrap_err().sentence().contains("didn't allow Ledgerboard to act"));
    let health = tokens::health(&cast.world.app, cast.owner.company, cast.owner.person).await.unwrap();
    assert_eq!(health, SignInHealth::None);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_whether_or_not_procore_checks_pkce() {
    for checked in [false, true] {
        let (cast, _db) = cast().await;
        cast.world.procore.switches(|switches| switches.pkce_checked = checked);
        cast.sign_in(&cast.owner, ADMIN).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_learns_the_state_or_the_verifier() {
    let (cast, _db) = cast().await;
    let one = begin(&cast.world.app, &cast.owner, "/", false).await.unwrap();
    let two = begin(&cast.world.app, &cast.owner, "/", false).await.unwrap();
    let value = |url: &url::Url, name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
    };
    assert_ne!(value(&one, "state"), value(&two, "state"));
    assert_ne!(value(&one, "code_challenge"), value(&two, "code_challenge"));
    assert_eq!(value(&one, "code_challenge_method"), "S256");
    assert_eq!(value(&one, "state").len(), 43, "256 bits");
}
