//! What comes from outside is bounded: no header, however absurd, holds anybody back for longer than a limit of Procore's can
//! last, and what an earlier version stored of longer waits is put right by the first worker that meets it.

use domain::procore::push_state::PushState;
use emulator::{Fault, FaultKind, Silence};
use jiff::{SignedDuration, Timestamp};
use ledgerboard::{
    Error,
    integration::{change_events, connect},
    push::{self, Remedy},
};
use store::{StoreError, Val};
use sync::Worker;

use crate::fixture::{EVENTS, Fixture};

/// Headers that were seen, or could be: an epoch where seconds belong, numbers beyond all types, times at both ends.
const ABSURD: [&[(&str, &str)]; 12] = [
    &[("retry-after", "1795964400")],
    &[("retry-after", "1795964400000")],
    &[("retry-after", "18446744073709551615")],
    &[("retry-after", "9223372036854775807")],
    &[("retry-after", "-1")],
    &[("retry-after", "soon")],
    &[("retry-after", "Thu, 30 Dec 9999 20:00:00 GMT")],
    &[("retry-after", "7"), ("retry-after", "100000000")],
    &[("x-rate-limit-limit", "25"), ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "3600000000")],
    &[("x-rate-limit-limit", "25"), ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "9223372036854775807")],
    &[("x-rate-limit-limit", "4294967295"), ("x-rate-limit-remaining", "-9"), ("x-rate-limit-reset", "1795964400000")],
    &[("date", "Thu, 30 Dec 9999 20:00:00 GMT"), ("retry-after", "1795964400"), ("x-rate-limit-reset", "0")],
];

/// How far ahead the next push is due.
async fn wait(fixture: &Fixture) -> SignedDuration {
    let due = fixture.app.store.read(store::Tx::next_due).await.unwrap();
    due.map_or(SignedDuration::ZERO, |due| due.duration_since(fixture.app.now()))
}

/// A statement on the database that the product never makes.
async fn sql(fixture: &Fixture, sql: &'static str, params: Vec<Val>) -> u64 {
    let done: Result<u64, StoreError> = fixture.app.store.write(move |tx| tx.exec(sql, &params)).await;
    done.unwrap()
}

store::both_databases! {
    async fn wizards_that_were_never_finished_are_forgotten_beyond_a_thousand(store: Store) {
        let fixture = Fixture::on(store).await;
        let count = async || {
            let stored: Result<Option<i64>, StoreError> =
                fixture.app.store.read(|tx| tx.one("SELECT count(*) FROM push_draft", &[], |row| row.get(0))).await;
            stored.unwrap().unwrap()
        };
        let pushed = fixture.mechanical(&[9]);
        fixture.push(&pushed).into_new_event().finished().await;
        let cors = fixture.mechanical(&[10]);
        let first = fixture.push(&cors).drafts().await.unwrap()[0];
        for _ in 0..1_010 {
            fixture.world.advance(1);
            fixture.push(&cors).drafts().await.unwrap();
        }
        assert_eq!(count().await, 1_002, "a thousand, the newest, and the one that became a push");
        let gone = push::open(&fixture.app, fixture.actor(), first).await;
        assert!(matches!(gone, Err(Error::NotFound)), "the one left alone for longest went first: {gone:?}");
        // What is left alone for a season goes as well.
        fixture.world.advance(100 * 24 * 3600);
        fixture.push(&cors).drafts().await.unwrap();
        assert_eq!(count().await, 2);
    }

    async fn no_header_holds_an_account_for_longer_than_a_limit_can_last(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(ABSURD.len() * 4).await;
        let mut next = cors.iter();
        for headers in ABSURD {
            for (method, status) in [("POST", Some(429)), ("POST", Some(503)), ("GET", Some(429)), ("GET", Some(503))] {
                let cor = *next.next().unwrap();
                let wizard = fixture.push(&[cor]).sent();
                let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
                wizard.confirmed().await.unwrap();
                fixture.fault(method, FaultKind::headers(status, headers));
                fixture.work().await;
                let what = format!("{method} {status:?} {headers:?}");
                assert!(wait(&fixture).await <= SignedDuration::from_hours(1), "{what}");
                fixture.world.clock.advance(SignedDuration::from_hours(1));
                change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.expect(&what);
                fixture.work_through().await;
                fixture.assert_once(&[cor]).await;
            }
        }
        fixture.assert_done().await;
    }

    async fn an_answer_with_absurd_headers_is_an_answer(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(ABSURD.len()).await;
        for (cor, headers) in cors.iter().zip(ABSURD) {
            fixture.world.procore.fault(Fault::next("POST", EVENTS, FaultKind::headers(None, headers)));
            fixture.push(&[*cor]).sent().into_new_event().confirmed().await.unwrap();
            fixture.work().await;
            fixture.assert_once(&[*cor]).await;
            fixture.world.clock.advance(SignedDuration::from_hours(1));
            fixture.work().await;
        }
        fixture.assert_done().await;
    }

    async fn an_outbox_that_an_earlier_version_poisoned_heals(store: Store) {
        let fixture = Fixture::on(store).await;
        // As the last instant was stored, which can't be read back, and as an epoch was added to the present.
        let far = [Timestamp::MAX.as_microsecond(), "2083-09-19T00:00:00Z".parse::<Timestamp>().unwrap().as_microsecond()];
        let cors = fixture.sent(far.len() * 2 + 1).await;
        // Something is in Procore already, and read again.
        fixture.push(&cors[..1]).sent().into_new_event().finished().await;
        for (cors, far) in cors[1..].chunks(2).zip(far) {
            let lost = fixture.push(&cors[1..]).sent().into_new_event().confirmed().await.unwrap();
            fixture.fault("POST", FaultKind::ExecuteLate { after_seconds: 60, silence: Silence::Close });
            fixture.work().await;
            let waiting = fixture.push(&cors[..1]).sent().into_new_event().confirmed().await.unwrap();
            let at = Timestamp::from_microsecond(far).unwrap_or(Timestamp::MAX);
            for (push, state) in [(waiting, PushState::Queued { due: at }), (lost, PushState::Uncertain { look_at: at })] {
                let body = serde_json::to_string(&state).unwrap();
                sql(&fixture, "UPDATE push SET state_body = $2 WHERE id = $1", vec![push.into(), body.into()]).await;
            }
            for poison in [
                "UPDATE outbox SET due_at = $1",
                "UPDATE rate_account SET blocked_until = $1, quiet_until = $1, bulk_until = $1",
                "UPDATE rate_limit SET ends_at = $1, beyond = allowed",
                "UPDATE watch SET due_at = $1, scheduled_at = $1, lease_until = $1",
                "UPDATE watch_event SET due_at = $1 WHERE due_at = (SELECT MAX(due_at) FROM watch_event)",
                "UPDATE webhook SET due_at = $1, lease_until = $1",
            ] {
                sql(&fixture, poison, vec![far.into()]).await;
            }
            sql(
                &fixture,
                "INSERT INTO queue_lease (queue, holder, push_id, fence, until) SELECT queue, 'x', push_id, 0, $1 FROM outbox",
                vec![far.into()],
            ).await;

            // The new version is started.
            let worker = Worker::new(&fixture.world.another_process(7));
            assert!(worker.observe().await.unwrap(), "projects are read again");
            worker.run_until_idle().await.unwrap();
            fixture.assert_once(&cors[..1]).await;
            change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
            assert!(fixture.stored(lost).await.state.code() == "uncertain", "whatever left may still be executed");
            fixture.world.clock.advance(SignedDuration::from_secs(120));
            worker.run_until_idle().await.unwrap();
            fixture.assert_once(cors).await;
            sync::Listener::new(&fixture.app).run_until_idle().await.unwrap();
            let read = fixture.app.store.read(|tx| {
                Ok::<_, StoreError>((tx.next_due()?, tx.next_watch()?, tx.backlog()?))
            });
            let (due, watch, _) = read.await.unwrap();
            assert_eq!(due, None);
            assert!(watch.is_some_and(|at| at.duration_since(fixture.app.now()) <= SignedDuration::from_hours(24)), "{watch:?}");
            // The day's reading after the push comes, and is not read for ever.
            fixture.world.clock.advance(SignedDuration::from_hours(25));
            while worker.observe().await.unwrap() {}
        }
        fixture.assert_done().await;
    }

    async fn a_wait_that_procore_asked_for_is_told_and_ended_by_who_may(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.sent(2).await;
        let (owner, manager, office) = (&fixture.made.owner, &fixture.made.manager, fixture.made.offices[0]);
        assert_eq!(connect::look(&fixture.app, owner, office).await.unwrap().held_until, None);
        let lost = fixture.push(&cors[1..]).sent().into_new_event().confirmed().await.unwrap();
        fixture.fault("POST", FaultKind::DropAfter);
        fixture.work().await;
        let (draft, _) = fixture.push(&cors[..1]).sent().into_new_event().planned().await.unwrap();
        push::confirm(&fixture.app, manager, draft, None).await.unwrap();
        fixture.fault("POST", FaultKind::headers(Some(429), &[("retry-after", "1795964400")]));
        fixture.work().await;
        let quarter = fixture.app.now() + SignedDuration::from_mins(15);
        let page = connect::look(&fixture.app, owner, office).await.unwrap();
        assert_eq!((page.held_until, page.denied.as_str()), (Some(quarter), ""));
        let told = push::standing(&fixture.app, manager, draft).await.unwrap();
        assert!(matches!(told.remedy, Some(Remedy::EndWait { may: Err(_), .. })), "{:?}", told.remedy);
        assert!(matches!(connect::end_wait(&fixture.app, manager, office).await, Err(Error::Denied(_))));
        let told = push::standing(&fixture.app, owner, draft).await.unwrap();
        assert_eq!(told.remedy, Some(Remedy::EndWait { office, may: Ok(()) }));

        assert_eq!(connect::end_wait(&fixture.app, owner, office).await.unwrap(), 1);
        fixture.work().await;
        fixture.assert_once(&cors[..1]).await;
        assert_eq!(fixture.stored(lost).await.state.code(), "uncertain", "its quarantine is nobody's to end");
        assert_eq!(connect::look(&fixture.app, owner, office).await.unwrap().held_until, None);
        assert_eq!(connect::end_wait(&fixture.app, owner, office).await.unwrap(), 0, "there is none");
        fixture.work_through().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }
}
