//! What keeps guessers out and nobody else, in a time that runs by itself.

use std::{net::Ipv4Addr, time::Duration};

use axum::http::{StatusCode, header};
use futures_util::future::join_all;
use ledgerboard::{
    Error,
    account::{
        setup,
        sign_in::{self, Entered, SignIn},
        throttle::Origin,
    },
    testing::World,
};
use store::Store;
use tokio::time::Instant;

use crate::visitor::{PASSWORD, Page, Site, Visitor};

const EMAIL: &str = "ruth@whitfieldsons.example";
const WRONG: &str = "wrong wrong wrong";

/// Somebody tries. The product's clock goes on by as long as it took.
async fn tries(site: &Site, who: &Visitor, password: &str) -> (Page, Duration) {
    let begun = Instant::now();
    let page = who.post("/sign-in", &[("email", EMAIL), ("password", password)]).await;
    site.world.advance(begun.elapsed().as_secs().try_into().unwrap());
    (page, begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn eight_wrong_passwords_delay_the_right_one_and_lock_nobody_out() {
    let (site, _owner) = Site::with_owner().await;
    let stranger = site.visitor();
    for n in 1..=8 {
        let (page, took) = tries(&site, &stranger, WRONG).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.shows("E-mail or password is wrong."), "{}", page.text);
        assert_eq!(page.shows("the next try takes"), n >= 5, "guess {n}: {}", page.text);
        assert!(took < Duration::from_secs(4), "guess {n} took {took:?}");
    }
    let (page, took) = tries(&site, &stranger, PASSWORD).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(5), "{took:?}");
    let told = stranger.get("/projects").await;
    assert!(told.shows("8 wrong passwords were tried for your e-mail before you signed in."), "{}", told.text);
    stranger.post("/sign-out", &[]).await;
    let (page, took) = tries(&site, &stranger, PASSWORD).await;
    assert_eq!((page.status, took), (StatusCode::SEE_OTHER, Duration::ZERO), "and all is forgotten");
    assert!(!stranger.get("/projects").await.shows("wrong passwords"));
}

#[tokio::test(start_paused = true)]
async fn many_guesses_at_once_are_no_faster() {
    let (site, owner) = Site::with_owner().await;
    let strangers: Vec<Visitor> = (0..40).map(|_| site.visitor()).collect();
    let begun = Instant::now();
    let pages =
        join_all(strangers.iter().map(|one| one.post("/sign-in", &[("email", EMAIL), ("password", WRONG)]))).await;
    let checked = pages.iter().filter(|page| page.status == StatusCode::UNPROCESSABLE_ENTITY).count();
    assert!(checked <= 9 && begun.elapsed() <= Duration::from_secs(10), "{checked} in {:?}", begun.elapsed());
    let refused = pages.iter().find(|page| page.status == StatusCode::TOO_MANY_REQUESTS).unwrap();
    let seconds: i64 = refused.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!(
        refused.shows(&format!("Too many wrong passwords. Wait {seconds} seconds, then try again.")),
        "{}",
        refused.text
    );
    assert!(refused.shows(EMAIL), "what was typed is kept");

    // The right one comes in when told, from anywhere.
    site.world.advance(seconds);
    assert_eq!(tries(&site, &site.visitor(), PASSWORD).await.0.status, StatusCode::SEE_OTHER);
    drop(owner);
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_is_known_does_not_wait_for_strangers() {
    let (site, owner) = Site::with_owner().await;
    owner.post("/sign-out", &[]).await;
    // Set up is not signed in: from the first sign-in on it is known.
    assert_eq!(tries(&site, &owner, PASSWORD).await.0.status, StatusCode::SEE_OTHER);
    owner.post("/sign-out", &[]).await;
    let strangers: Vec<Visitor> = (0..60).map(|_| site.visitor()).collect();
    join_all(strangers.iter().map(|one| one.post("/sign-in", &[("email", EMAIL), ("password", WRONG)]))).await;
    let (page, took) = tries(&site, &owner, PASSWORD).await;
    assert_eq!((page.status, took), (StatusCode::SEE_OTHER, Duration::ZERO), "{}", page.text);
    assert!(owner.get("/projects").await.shows("wrong passwords were tried for your e-mail"));

    // A cookie that was copied is good for no more than twenty guesses.
    let thief = site.visitor();
    thief.take("ledgerboard-browser", &owner.cookie("ledgerboard-browser").unwrap());
    let mut slowest = Duration::ZERO;
    for _ in 0..30 {
        let (page, took) = tries(&site, &thief, WRONG).await;
        assert!(!page.status.is_success());
        slowest = slowest.max(took);
        site.world.advance(1);
    }
    assert!(slowest >= Duration::from_secs(1), "{slowest:?}");
    owner.post("/sign-out", &[]).await;
    assert_eq!(tries(&site, &owner, PASSWORD).await.0.status, StatusCode::SEE_OTHER, "who knows it still comes in");
}

#[tokio::test(start_paused = true)]
async fn guesses_at_the_present_password_wait_like_sign_ins() {
    let (site, owner) = Site::with_owner().await;
    let change = |old: &'static str| {
        let form = [("old_password", old), ("password", "quite other words"), ("password_again", "quite other words")];
        let owner = &owner;
        async move { owner.post("/account/password", &form).await }
    };
    for _ in 0..6 {
        let page = change(WRONG).await;
        assert!(page.shows("This is not your current password."), "{}", page.text);
        site.world.advance(2);
    }
    let begun = Instant::now();
    assert_eq!(change(PASSWORD).await.status, StatusCode::SEE_OTHER, "and the right one is taken");
    assert!(begun.elapsed() <= Duration::from_secs(3));
}

fn from(n: u8) -> Origin {
    Origin { network: Ipv4Addr::new(192, 0, 2, n).into(), shared: false }
}

async fn at_the_door(world: &World, email: &str, password: &str, origin: Origin) -> Result<Entered, Error> {
    let input = SignIn { email: email.to_owned(), password: password.into(), origin, browser: None };
    sign_in::sign_in(&world.app, input).await
}

async fn with_ruth(store: Store) -> World {
    let world = World::on(store);
    let input = setup::Setup {
        company: "Whitfield & Sons".into(),
        office: "Portland".into(),
        name: "Ruth Calloway".into(),
        email: EMAIL.into(),
        password: PASSWORD.into(),
    };
    setup::setup(&world.app.store, &*world.app.entropy, world.app.now(), input).await.unwrap();
    world
}

/// How many rows there are, and the bytes of the largest key.
async fn counts(world: &World) -> (i64, i64) {
    let sql = "SELECT COUNT(*), COALESCE(MAX(LENGTH(subject)), 0) FROM sign_in_throttle";
    let count =
        move |tx: &mut store::Tx| tx.one(sql, &[], |row| Ok((row.get::<i64>(0)?, i64::from(row.get::<i32>(1)?))));
    world.app.store.read(count).await.unwrap().unwrap()
}

store::both_databases! {
    async fn one_network_cannot_try_many_emails(store: Store) {
        let world = with_ruth(store).await;
        for n in 0..30 {
            let told = at_the_door(&world, &format!("person{n}@whitfieldsons.example"), WRONG, from(7)).await;
            assert!(told.unwrap_err().sentence().contains("is wrong"), "{n}");
        }
        let told = at_the_door(&world, "person31@whitfieldsons.example", WRONG, from(7)).await.unwrap_err();
        assert!(matches!(told, Error::SlowDown { seconds: 10..=16, .. }), "{told:?}");
        assert!(at_the_door(&world, EMAIL, PASSWORD, from(8)).await.is_ok(), "others don't notice");
        let machine = Origin { network: Ipv4Addr::LOCALHOST.into(), shared: true };
        for n in 0..40 {
            let told = at_the_door(&world, &format!("person{n}@whitfieldsons.example"), WRONG, machine).await;
            assert!(told.unwrap_err().sentence().contains("is wrong"), "a proxy that tells nobody apart: {n}");
        }
        world.advance(16);
        assert!(at_the_door(&world, EMAIL, PASSWORD, from(7)).await.is_ok(), "nor is the network locked out");
    }

    async fn many_networks_try_one_email_slowly(store: Store) {
        let world = with_ruth(store).await;
        for n in (0..7).flat_map(|n| [n; 3]) {
            assert!(at_the_door(&world, EMAIL, WRONG, from(n)).await.unwrap_err().sentence().contains("is wrong"), "{n}");
            world.advance(6);
        }
        // Whoever failed before from where they are comes one after the other.
        let guesses = (0..7).map(|n| at_the_door(&world, EMAIL, WRONG, from(n)));
        let refused = join_all(guesses).await.into_iter().filter(|told| matches!(told, Err(Error::SlowDown { .. })));
        assert!(refused.count() >= 4);
        let entered = at_the_door(&world, EMAIL, PASSWORD, from(99)).await;
        assert!(entered.unwrap().wrong >= 21, "its owner comes in, from wherever they are");
    }

    async fn a_clock_that_was_wrong_keeps_nobody_out(store: Store) {
        let world = with_ruth(store).await;
        for _ in 0..8 {
            at_the_door(&world, EMAIL, WRONG, from(1)).await.unwrap_err();
            world.advance(20);
        }
        for damage in [
            "UPDATE sign_in_throttle SET next_at = next_at + 315360000000000, window_until = window_until + 315360000000000",
            "UPDATE sign_in_throttle SET next_at = next_at + 3600000000",
            "UPDATE sign_in_throttle SET failures = -1",
        ] {
            at_the_door(&world, EMAIL, WRONG, from(1)).await.unwrap_err();
            let done: Result<u64, store::StoreError> = world.app.store.write(move |tx| tx.exec(damage, &[])).await;
            assert!(done.unwrap() > 0);
            at_the_door(&world, EMAIL, PASSWORD, from(1)).await.unwrap();
            at_the_door(&world, EMAIL, PASSWORD, from(2)).await.unwrap();
        }
    }

    async fn an_email_with_control_characters_is_as_wrong_as_any(store: Store) {
        let world = with_ruth(store).await;
        for email in ["a\0b", "ruth@whitfieldsons.example\0", "\u{7}", "a\u{9b}b@x.example"] {
            let told = at_the_door(&world, email, WRONG, from(1)).await.unwrap_err();
            assert_eq!(told.sentence(), "E-mail or password is wrong.", "{email:?}");
        }
    }

    async fn nothing_that_was_typed_is_stored_and_rows_have_an_end(store: Store) {
        let world = with_ruth(store).await;
        let machine = Origin { network: Ipv4Addr::LOCALHOST.into(), shared: true };
        let long = format!("{}@x.example", "x".repeat(20_000));
        assert!(at_the_door(&world, &long, WRONG, machine).await.unwrap_err().sentence().contains("is wrong"));
        assert!(at_the_door(&world, EMAIL, &"x".repeat(20_000), machine).await.unwrap_err().sentence().contains("is wrong"));
        assert_eq!(counts(&world).await.0, 0, "what can't be right is not even counted");
        at_the_door(&world, &"é".repeat(100), WRONG, from(1)).await.unwrap_err();
        assert_eq!(counts(&world).await, (4, 32), "an e-mail with and without its network, the network, and the sweep");

        // As many as forty a second for a minute could leave, above the most that are kept.
        world.app.store.write(|tx| {
            let until = "2026-11-24T17:00:00Z".parse().unwrap();
            for n in 0..22_000_u32 {
                let mut subject = [0; 32];
                subject[..4].copy_from_slice(&n.to_be_bytes());
                let failures = if n == 77 { 40 } else { 1 };
                tx.keep_tries(&subject, &store::repo::throttle::Tries { failures, next_at: until, window_until: until })?;
            }
            Ok::<_, store::StoreError>(())
        }).await.unwrap();
        world.advance(61);
        at_the_door(&world, "somebody@x.example", WRONG, from(2)).await.unwrap_err();
        assert!(counts(&world).await.0 <= 20_010, "{:?}", counts(&world).await);
        let mut guessed = [0; 32];
        guessed[..4].copy_from_slice(&77_u32.to_be_bytes());
        let now = world.app.now();
        let kept = world.app.store.read(move |tx| tx.tries(&guessed, now)).await.unwrap();
        assert!(kept.is_some_and(|tries| tries.failures == 40), "who is being guessed at is not forgotten");
        world.advance(25 * 3600);
        at_the_door(&world, "somebody@x.example", WRONG, from(2)).await.unwrap_err();
        assert_eq!(counts(&world).await.0, 4, "and all of it ends");
    }

    async fn sessions_and_known_browsers_of_a_person_have_an_end(store: Store) {
        let world = with_ruth(store).await;
        for _ in 0..60 {
            at_the_door(&world, EMAIL, PASSWORD, from(1)).await.unwrap();
            world.advance(1);
        }
        let rows = async |table: &'static str| {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            let count = move |tx: &mut store::Tx| tx.one(&sql, &[], |row| row.get::<i64>(0));
            world.app.store.read(count).await.unwrap().unwrap()
        };
        assert_eq!((rows("session").await, rows("known_browser").await), (50, 20));
        let newest = at_the_door(&world, EMAIL, PASSWORD, from(1)).await.unwrap();
        assert!(sign_in::session_of(&world.app, &newest.session).await.unwrap().is_some());
    }
}

/// Three clients of many networks guess at one e-mail without a pause, and its owner has a new device and mistypes.
#[tokio::test(start_paused = true)]
async fn a_flood_from_everywhere_does_not_keep_the_owner_out() {
    let (site, _owner) = Site::with_owner().await;
    let world = &site.world;
    for n in 0..22 {
        at_the_door(world, EMAIL, WRONG, from(n)).await.unwrap_err();
    }
    let attacker = |k: u8| async move {
        let mut refused = 0;
        for n in (0..240).chain(0..240) {
            let network = Origin { network: Ipv4Addr::new(198, 19, k, n).into(), shared: false };
            let told = at_the_door(world, EMAIL, WRONG, network).await.unwrap_err();
            if matches!(told, Error::SlowDown { .. }) {
                refused += 1;
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        }
        refused
    };
    let owner = async {
        for password in [WRONG, WRONG, PASSWORD] {
            tokio::time::sleep(Duration::from_secs(20)).await;
            let begun = Instant::now();
            let entered = at_the_door(world, EMAIL, password, from(99)).await;
            assert!(begun.elapsed() <= Duration::from_secs(11), "{:?}", begun.elapsed());
            assert!(!matches!(entered, Err(Error::SlowDown { .. })), "delayed, and not refused");
            assert_eq!(entered.is_ok(), password == PASSWORD);
        }
    };
    let others = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let begun = Instant::now();
        at_the_door(world, "somebody@else.example", WRONG, from(98)).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(1), "nobody else notices");
    };
    tokio::select! {
        _ = join_all((0..3).map(attacker)) => panic!("they are not done so soon"),
        _ = async { tokio::join!(owner, others) } => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_forms_are_small() {
    let (site, owner) = Site::with_owner().await;
    let huge = "x".repeat(64 << 10);
    for path in ["/sign-in", "/setup", "/invitations/guess"] {
        let page = site.visitor().post(path, &[("email", &huge), ("password", &huge)]).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let page = site.visitor().post("/sign-in", &[("email", &huge[..20_000]), ("password", WRONG)]).await;
    assert!(page.shows("E-mail or password is wrong.") && page.text.len() < 20_000, "it is not sent back");
    assert_eq!(owner.get("/projects").await.status, StatusCode::OK);
}
