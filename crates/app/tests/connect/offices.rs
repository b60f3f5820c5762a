//! Connecting an office to a Procore account.

use emulator::seed::{BLUE_HERON, CASCADE, WHITFIELD};
use ledgerboard::{
    Error,
    integration::{
        connect::{self, Disconnected},
        map_project, project_mapping,
    },
};
use store::{both_databases, testing::TestDb};
use sync::connection::tokens::SignInHealth;

use crate::cast::{ADMIN, Cast, STANDARD, sentence};

both_databases! {
    async fn an_office_is_connected_to_an_account_and_disconnected(store: Store) {
        let cast = Cast::on(store).await;
        let (app, owner, office) = (&cast.world.app, &cast.owner, cast.office);
        assert!(matches!(connect::accounts(app, owner).await, Err(Error::SignInToProcore(_))));
        cast.sign_in(owner, ADMIN).await;
        let names: Vec<_> = connect::accounts(app, owner).await.unwrap().choices.into_iter().map(|a| a.name).collect();
        assert_eq!(names, ["Blue Heron Builders", "Whitfield & Sons Construction"]);

        connect::connect(app, owner, office, WHITFIELD).await.unwrap();
        let page = connect::look(app, owner, office).await.unwrap();
        let integration = page.integration.unwrap();
        assert_eq!(integration.procore_company, "Whitfield & Sons Construction");
        assert_eq!((integration.connected_by, integration.connected_at), (owner.person, app.now()));
        assert!(page.connector.is_live() && page.denied.is_empty());

        cast.calls();
        let done = connect::disconnect(app, owner, office).await.unwrap();
        assert_eq!(done, Disconnected { parked: 0, ended: 1, revoked: 1 });
        assert_eq!(cast.calls(), ["POST /oauth/revoke"]);
        let page = connect::look(app, owner, office).await.unwrap();
        assert_eq!((page.integration, page.own), (None, SignInHealth::None));
    }
}

async fn db() -> TestDb {
    TestDb::sqlite().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_the_app_says_what_to_do() {
    let db = db().await;
    let cast = Cast::on(db.store()).await;
    cast.sign_in(&cast.owner, ADMIN).await;
    let said = sentence(connect::connect(&cast.world.app, &cast.owner, cast.office, BLUE_HERON).await);
    assert!(said.contains("Company Admin → App Management"), "{said}");
    assert!(connect::look(&cast.world.app, &cast.owner, cast.office).await.unwrap().integration.is_none());
    let said = sentence(connect::connect(&cast.world.app, &cast.owner, cast.office, CASCADE).await);
    assert!(said.contains("Choose one of your Procore accounts"), "an account of somebody else's: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_manager_sees_the_connection_but_does_not_change_it() {
    let db = db().await;
    let cast = Cast::connected(db.store()).await;
    let (app, manager) = (&cast.world.app, &cast.manager);
    cast.sign_in(manager, STANDARD).await;
    let page = connect::look(app, manager, cast.office).await.unwrap();
    assert!(page.denied.contains("Only the Account Owner or an Admin of this office"));
    assert!(matches!(connect::connect(app, manager, cast.office, WHITFIELD).await, Err(Error::Denied(_))));
    assert!(matches!(connect::disconnect(app, manager, cast.office).await, Err(Error::Denied(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_another_office_uses_is_not_revoked() {
    let db = db().await;
    let cast = Cast::connected(db.store()).await;
    let (app, owner) = (&cast.world.app, &cast.owner);
    cast.sign_in(&cast.manager, STANDARD).await;
    connect::connect(app, owner, cast.branch, WHITFIELD).await.unwrap();
    let done = connect::disconnect(app, owner, cast.office).await.unwrap();
    assert_eq!((done.ended, done.revoked), (1, 1), "the manager's only");
    let page = connect::look(app, owner, cast.branch).await.unwrap();
    assert!(page.integration.is_some() && page.own.is_live());
    connect::accounts(app, owner).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnect_goes_through_when_procore_does_not_answer() {
    let db = db().await;
    let cast = Cast::connected(db.store()).await;
    let fault = emulator::Fault::next("POST", "/oauth/revoke", emulator::FaultKind::HangBefore);
    cast.world.procore.fault(fault);
    let done = connect::disconnect(&cast.world.app, &cast.owner, cast.office).await.unwrap();
    assert_eq!((done.ended, done.revoked), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn mappings_outlive_a_disconnect_but_not_a_change_of_account() {
    let db = db().await;
    let cast = Cast::mapped(db.store()).await;
    let (app, owner) = (&cast.world.app, &cast.owner);
    connect::disconnect(app, owner, cast.office).await.unwrap();
    let page = project_mapping::look(app, owner, cast.project).await.unwrap();
    assert!(page.mapping.is_some() && page.integration.is_none());
    cast.sign_in(owner, ADMIN).await;
    connect::connect(app, owner, cast.office, WHITFIELD).await.unwrap();

    let action = emulator::WorldAction::ConnectApp { company_id: BLUE_HERON, connected: true };
    cast.world.procore.world(|world| world.act(action)).unwrap();
    let said = sentence(connect::connect(app, owner, cast.office, BLUE_HERON).await);
    assert!(said.contains("1 of this office's projects are mapped to Whitfield"), "{said}");
    map_project::unmap(app, owner, cast.project).await.unwrap();
    connect::connect(app, owner, cast.office, BLUE_HERON).await.unwrap();
}
