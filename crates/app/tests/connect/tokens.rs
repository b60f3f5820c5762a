//! Refresh tokens are single use.

use std::{collections::BTreeSet, sync::Arc};

use emulator::{Fault, FaultKind};
use jiff::SignedDuration;
use ledgerboard::{Error, integration::connect};
use procore::{Hosts, Procore, SendError};
use secrecy::ExposeSecret as _;
use store::both_databases;
use sync::connection::tokens::{self, SignInHealth};
use tower::{service_fn, util::BoxCloneSyncService};

use crate::cast::{ADMIN, Cast, sentence};

/// Long enough for the access token to be due.
const NEARLY_DEAD: i64 = 5400 - 200;
const TOKEN: &str = "POST /oauth/token";

both_databases! {
    async fn refreshes_at_once_in_two_processes_send_the_token_once(store: Store) {
        let cast = Cast::on(store).await;
        cast.sign_in(&cast.owner, ADMIN).await;
        let processes = [cast.world.app.clone(), cast.world.another_process(2)];
        for round in 0..2 {
            cast.world.advance(NEARLY_DEAD);
            cast.calls();
            let wanted: Vec<_> = (0..8)
                .map(|n| {
                    let (app, owner) = (processes[n % 2].clone(), cast.owner.clone());
                    tokio::spawn(async move { tokens::access(&app, owner.company, owner.person).await })
                })
                .collect();
            let mut tokens = BTreeSet::new();
            for access in wanted {
                tokens.insert(access.await.unwrap().unwrap().token.expose_secret().to_owned());
            }
            assert_eq!(tokens.len(), 1, "everybody got the same new token");
            assert_eq!(cast.calls(), [TOKEN], "round {round}");
        }
        assert_eq!(connect::accounts(&processes[1], &cast.owner).await.unwrap().choices.len(), 2, "and it works");
    }

    async fn a_crash_between_refresh_and_store_is_found_and_explained(store: Store) {
        let cast = Cast::on(store).await;
        cast.sign_in(&cast.owner, ADMIN).await;
        cast.world.advance(NEARLY_DEAD);
        // What a process leaves behind that dies after its request left: the claim, and a dead refresh token.
        let (app, owner) = (&cast.world.app, cast.owner.clone());
        let now = app.now();
        app.store
            .write(move |tx| {
                let mut us = tx.of(owner.company);
                let login = us.login_of(owner.person)?.unwrap();
                us.begin_refresh(login.id, login.generation, now)
            })
            .await
            .unwrap();
        cast.calls();
        cast.world.advance(61);
        let owner = &cast.owner;
        let SignInHealth::Lost { why, .. } = tokens::health(app, owner.company, owner.person).await.unwrap() else {
            panic!("it must not look alive");
        };
        assert!(why.contains("was cut off"), "{why}");
        let error: Error = tokens::access(app, owner.company, owner.person).await.unwrap_err().into();
        assert!(matches!(&error, Error::SignInToProcore(said) if *said == why), "{error:?}");
        assert_eq!(cast.calls(), [""; 0], "the used token is not tried again");

        cast.sign_in(owner, ADMIN).await;
        assert!(tokens::health(app, owner.company, owner.person).await.unwrap().is_live());
    }
}

both_databases! {
    async fn a_sign_in_that_cannot_be_opened_is_lost_and_a_new_one_takes_its_place(store: Store) {
        let cast = Cast::on(store).await;
        let (app, owner) = (&cast.world.app, &cast.owner);
        for damage in ["access_token = $1", "refresh_token = $1, expires_at = 0"] {
            cast.sign_in(owner, ADMIN).await;
            let sql = format!("UPDATE procore_login SET {damage}");
            let done: Result<u64, store::StoreError> =
                app.store.write(move |tx| tx.exec(&sql, &[[1u8, 2].as_slice().into()])).await;
            assert_eq!(done.unwrap(), 1);
            assert!(!app.store.read(store::Tx::secrets).await.unwrap().is_empty(), "the operator can open what is in use");
            cast.calls();
            for _ in 0..2 {
                let error = connect::accounts(app, owner).await.unwrap_err();
                let told = "can't be read any more. Sign in to Procore again.";
                assert!(matches!(&error, Error::SignInToProcore(said) if said.contains(told)), "{damage}: {error:?}");
            }
            assert_eq!(cast.calls(), [""; 0], "{damage}");
            let health = tokens::health(app, owner.company, owner.person).await.unwrap();
            assert!(matches!(health, SignInHealth::Lost { .. }), "{damage}: {health:?}");
            cast.sign_in(owner, ADMIN).await;
            connect::accounts(app, owner).await.unwrap();
        }
        if store::Dialect::Sqlite == app.store.dialect() {
            let garbled = "UPDATE procore_login SET procore_user = CAST(x'ff' AS TEXT)";
            let done: Result<u64, store::StoreError> = app.store.write(move |tx| tx.exec(garbled, &[])).await;
            assert_eq!(done.unwrap(), 1);
            let error = connect::accounts(app, owner).await.unwrap_err();
            assert!(matches!(&error, Error::SignInToProcore(said) if said.contains("can't be read")), "{error:?}");
            cast.sign_in(owner, ADMIN).await;
            connect::accounts(app, owner).await.unwrap();
        }
    }

    async fn a_token_that_lives_shortly_is_used_for_most_of_its_life(store: Store) {
        let cast = Cast::on(store).await;
        for life in [300, 60, 5, 1_000_000_000] {
            cast.world.procore.set_access_token_seconds(life);
            cast.sign_in(&cast.owner, ADMIN).await;
            cast.calls();
            let believed = life.min(86_400);
            for _ in 0..2 {
                connect::accounts(&cast.world.app, &cast.owner).await.unwrap();
                cast.world.advance(believed / 4);
            }
            assert_eq!(cast.calls(), ["GET /rest/v1.0/companies"; 2], "{life}: it is used");
            cast.world.advance(believed / 2);
            let processes = [cast.world.app.clone(), cast.world.another_process(2)];
            let wanted: Vec<_> = (0..6)
                .map(|n| {
                    let (app, owner) = (processes[n % 2].clone(), cast.owner.clone());
                    tokio::spawn(async move { tokens::access(&app, owner.company, owner.person).await })
                })
                .collect();
            for access in wanted {
                access.await.unwrap().unwrap();
            }
            assert_eq!(cast.calls(), [TOKEN], "{life}: renewed once, before its end");
        }
    }

    async fn a_token_that_is_dead_when_it_comes_is_renewed_once_an_answer(store: Store) {
        let cast = Cast::on(store).await;
        for life in [0, -60] {
            cast.world.procore.set_access_token_seconds(5400);
            cast.sign_in(&cast.owner, ADMIN).await;
            cast.world.procore.set_access_token_seconds(life);
            cast.world.advance(NEARLY_DEAD);
            cast.calls();
            let said = sentence(connect::accounts(&cast.world.app, &cast.owner).await);
            assert!(said.contains("Sign in to Procore again"), "{said}");
            let get = "GET /rest/v1.0/companies";
            assert_eq!(cast.calls(), [TOKEN, get, TOKEN, get], "{life}");
            connect::accounts(&cast.world.app, &cast.owner).await.unwrap_err();
            assert_eq!(cast.calls(), [""; 0], "{life}: nobody asks again");
        }
    }
}

async fn cast() -> (Cast, store::testing::TestDb) {
    let db = store::testing::TestDb::sqlite().await;
    let cast = Cast::on(db.store()).await;
    cast.sign_in(&cast.owner, ADMIN).await;
    (cast, db)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_without_an_answer_is_explained_and_not_tried_again() {
    for fault in [FaultKind::DropAfter, FaultKind::CutBody, FaultKind::HangAfter] {
        let (cast, _db) = cast().await;
        cast.world.advance(NEARLY_DEAD);
        cast.calls();
        cast.world.procore.fault(Fault::next("POST", "/oauth/token", fault.clone()));
        let (app, owner) = (&cast.world.app, &cast.owner);
        for _ in 0..2 {
            let said = sentence(tokens::access(app, owner.company, owner.person).await);
            assert!(said.contains("never came"), "{fault:?}: {said}");
        }
        assert_eq!(cast.calls(), [TOKEN], "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_token_costs_no_request() {
    let (cast, _db) = cast().await;
    cast.calls();
    cast.world.advance(NEARLY_DEAD - 200);
    tokens::access(&cast.world.app, cast.owner.company, cast.owner.person).await.unwrap();
    assert_eq!(cast.calls(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_did_not_leave_costs_nothing() {
    let (cast, _db) = cast().await;
    cast.world.advance(NEARLY_DEAD);
    let mut offline = cast.world.app.clone();
    let refuse = service_fn(|_| async { Err::<http::Response<bytes::Bytes>, _>(SendError::NotSent("refused".into())) });
    let credentials = procore::App {
        client_id: "test-client".into(),
        client_secret: "test-secret".to_owned().into(),
        redirect_uri: String::new(),
    };
    let base = "http://procore.test".parse().unwrap();
    offline.context.procore = Procore::new(Hosts::at(&base), credentials, BoxCloneSyncService::new(refuse));
    let owner = &cast.owner;
    let error: Error = tokens::access(&offline, owner.company, owner.person).await.unwrap_err().into();
    assert!(matches!(error, Error::ProcoreUnavailable(_)), "{error:?}");
    tokens::access(&cast.world.app, owner.company, owner.person).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_to_a_refresh_does_not_cost_the_login() {
    let (cast, _db) = cast().await;
    cast.world.advance(NEARLY_DEAD);
    let limited = FaultKind::Status { status: 429, retry_after: Some(5), executed: false };
    cast.world.procore.fault(Fault::next("POST", "/oauth/token", limited));
    let owner = &cast.owner;
    let error: Error = tokens::access(&cast.world.app, owner.company, owner.person).await.unwrap_err().into();
    assert!(matches!(error, Error::ProcoreUnavailable(_)), "{error:?}");
    tokens::access(&cast.world.app, owner.company, owner.person).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_refused_before_its_time_is_refreshed_once() {
    let (cast, _db) = cast().await;
    cast.calls();
    cast.world.procore.expire_tokens();
    connect::accounts(&cast.world.app, &cast.owner).await.unwrap();
    assert_eq!(cast.calls(), ["GET /rest/v1.0/companies", TOKEN, "GET /rest/v1.0/companies"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_was_removed_in_procore_asks_for_a_new_sign_in() {
    for status in [400, 401] {
        let (cast, _db) = cast().await;
        cast.world.procore.switches(|switches| switches.token_error_status = status);
        cast.world.procore.revoke_tokens();
        let error = connect::accounts(&cast.world.app, &cast.owner).await.unwrap_err();
        assert!(matches!(&error, Error::SignInToProcore(why) if why.contains("no longer accepts")), "{error:?}");
        let owner = &cast.owner;
        let health = tokens::health(&cast.world.app, owner.company, owner.person).await.unwrap();
        assert!(matches!(health, SignInHealth::Lost { .. }), "{health:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_stored_sealed() {
    let (cast, _db) = cast().await;
    let owner = cast.owner.clone();
    let access = tokens::access(&cast.world.app, owner.company, owner.person).await.unwrap();
    let login =
        cast.world.app.store.read(move |tx| tx.of(owner.company).login_of(owner.person)).await.unwrap().unwrap();
    let token = access.token.expose_secret().as_bytes();
    assert!(!login.access_token.windows(token.len()).any(|window| window == token));
    assert!(cast.world.app.vault.open("procore_login/elsewhere/access_token", &login.access_token).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_nobody_wants_any_more_is_revoked() {
    let (cast, _db) = cast().await;
    cast.world.advance(NEARLY_DEAD);
    let owner = cast.owner.clone();
    let (app, world) = (cast.world.app.clone(), Arc::new(cast.world.clone()));
    // The person signs in again while the refresh is on its way.
    let meanwhile = app.clone();
    let transport = {
        let (world, owner) = (world.clone(), owner.clone());
        let inner = world.procore.service();
        BoxCloneSyncService::new(service_fn(move |request: http::Request<bytes::Bytes>| {
            let (world, owner, meanwhile, inner) = (world.clone(), owner.clone(), meanwhile.clone(), inner.clone());
            async move {
                let refresh = request.uri().path() == "/oauth/token";
                let answer = tower::ServiceExt::oneshot(inner, request.map(axum::body::Body::from)).await;
                let (head, body) = answer.map_err(|e| SendError::Unknown(e.to_string()))?.into_parts();
                let body = axum::body::to_bytes(body, 1 << 20).await.map_err(|e| SendError::Unknown(e.to_string()))?;
                if refresh {
                    world.sign_in_to_procore(&meanwhile, &owner, ADMIN).await.expect("signs in again");
                }
                Ok(http::Response::from_parts(head, body))
            }
        }))
    };
    let mut slow = app.clone();
    let credentials = procore::App {
        client_id: "test-client".into(),
        client_secret: "test-secret".to_owned().into(),
        redirect_uri: String::new(),
    };
    let base = "http://procore.test".parse().unwrap();
    slow.context.procore = Procore::new(Hosts::at(&base), credentials, transport);
    cast.calls();
    let access = tokens::access(&slow, owner.company, owner.person).await.unwrap();
    assert_eq!(access.generation, 1, "the pair of the new sign-in is the one in use");
    assert!(cast.calls().contains(&"POST /oauth/revoke".to_owned()));
    cast.world.clock.advance(SignedDuration::from_secs(1));
    connect::accounts(&app, &owner).await.unwrap();
}
