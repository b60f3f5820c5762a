//! A worker that meets trouble without end: it slows down, stops at a bound, asks a person, and goes on for the others.

use domain::procore::push_state::{CorOutcome, ProcoreState, PushState};
use emulator::{Fault, FaultKind};
use ledgerboard::{integration::connect, push};

use crate::fixture::{EVENTS, Fixture, MANAGER, sentence};

fn always(fixture: &Fixture, method: &str, kind: FaultKind) {
    fixture.world.procore.fault(Fault::next(method, EVENTS, kind).times(u32::MAX));
}

fn error(status: u16) -> FaultKind {
    FaultKind::Status { status, retry_after: None, executed: false }
}

store::both_databases! {
    async fn a_write_that_is_always_answered_with_an_error_slows_down_and_stops(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, method) in [(9, "POST"), (10, "PATCH")] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            let (draft, _) = wizard.planned().await.unwrap();
            let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
            always(&fixture, method, error(500));
            fixture.world.procore.clear_journal();
            fixture.work_through().await;
            let PushState::Stopped { why, look_at: None } = fixture.stored(push).await.state else { panic!("it stopped") };
            assert_eq!(why, sync::words::UNANSWERED);
            let link = fixture.link(cors[0]).await;
            assert_eq!((link.state, link.reason.as_str()), (ProcoreState::Stopped, why.as_str()));
            let writes = |c: &&emulator::Exchange| c.method == method && c.path.starts_with(EVENTS);
            let sent: Vec<_> = fixture.world.procore.journal().iter().filter(writes).map(|c| c.at).collect();
            assert_eq!(sent.len(), 5, "a bounded number of attempts");
            let pauses: Vec<_> = sent.windows(2).map(|at| at[1].duration_since(at[0]).as_secs()).collect();
            assert!(pauses.windows(2).all(|p| p[1] >= p[0]) && pauses[3] > pauses[0], "each pause is longer: {pauses:?}");
            fixture.world.advance(86_400);
            fixture.calls();
            fixture.work_through().await;
            assert_eq!(fixture.calls(), [""; 0], "it waits for a person");

            fixture.world.procore.clear_faults();
            push::try_again(&fixture.app, fixture.actor(), draft).await.unwrap();
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_look_that_is_not_allowed_stops_until_somebody_has_mended_it(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, method) in [(9, "POST"), (10, "PATCH")] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            let (draft, _) = wizard.planned().await.unwrap();
            let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
            fixture.fault(method, FaultKind::DropAfter);
            fixture.work().await;
            always(&fixture, "GET", error(403));
            fixture.work_through().await;
            let PushState::Stopped { why, look_at: Some(_) } = fixture.stored(push).await.state else { panic!("it stopped") };
            assert!(why.contains("permission on Change Events") && !why.contains("Sign in"), "{why}");
            assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::Stopped);
            // Signing in again doesn't help, and doesn't pretend to.
            fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
            assert_eq!(fixture.stored(push).await.state.code(), "stopped");
            fixture.world.procore.clear_faults();
            push::try_again(&fixture.app, fixture.actor(), draft).await.unwrap();
            fixture.calls();
            fixture.work_through().await;
            assert!(fixture.calls().iter().all(|c| c.starts_with("GET")), "it is there already");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_procore_out_of_reach_is_asked_ever_less_often_and_is_found_when_it_is_back(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        fixture.world.procore.fault(Fault::next("GET", EVENTS, error(502)).times(30));
        fixture.world.procore.clear_journal();
        fixture.work_through().await;
        let tries: Vec<_> = fixture.world.procore.journal().iter().map(|c| c.at).collect();
        let last = tries[30].duration_since(tries[29]).as_secs();
        assert!((450..=900).contains(&last), "at most a quarter of an hour, and not all at once: {last} s");
        assert_eq!(fixture.stored(push).await.state, PushState::Finished);
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_procore_that_stays_away_is_given_up_and_kept(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let (draft, _) = fixture.push(&cors).into_event("002").planned().await.unwrap();
        let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        always(&fixture, "GET", error(502));
        let start = fixture.app.now();
        fixture.work_through().await;
        assert_eq!(fixture.stored(push).await.state.code(), "stopped");
        let hours = fixture.app.now().duration_since(start).as_hours();
        assert!((6..=12).contains(&hours), "{hours} h");
        // Connecting the office again is a way to have it tried again, too.
        fixture.world.procore.clear_faults();
        connect::check(&fixture.app, &fixture.made.owner, fixture.made.offices[0]).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        let _ = draft;
        fixture.assert_done().await;
    }

    async fn a_push_that_cant_be_read_is_set_aside_and_the_others_go_on(store: Store) {
        let fixture = Fixture::on(store).await;
        let (broken, fine) = (fixture.mechanical(&[9]), fixture.mechanical(&[10]));
        let (draft, _) = fixture.push(&broken).into_event("002").planned().await.unwrap();
        let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.push(&fine).into_event("002").confirmed().await.unwrap();
        let body = fixture.app.store.write(move |tx| {
            let body: Option<String> = tx.one("SELECT body FROM push WHERE id = $1", &[push.into()], |row| row.get(0))?;
            tx.exec_one("UPDATE push SET body = '{' WHERE id = $1", &[push.into()])?;
            Ok::<_, store::StoreError>(body.unwrap())
        });
        let body = body.await.unwrap();
        fixture.work().await;
        fixture.assert_once(&fine).await;
        let link = fixture.link(broken[0]).await;
        assert_eq!(link.state, ProcoreState::Stopped);
        assert!(link.reason.contains("looks after this installation"), "{}", link.reason);
        assert!(sentence(push::standing(&fixture.app, fixture.actor(), draft).await).contains("looks after this installation"));
        let (backlog, aside) =
            fixture.app.store.read(|tx| Ok::<_, store::StoreError>((tx.backlog()?, tx.set_asides()?))).await.unwrap();
        assert_eq!((backlog.waiting, backlog.broken), (0, 1));
        assert!(aside[0].id == push.to_string() && aside[0].because.contains("push.body"), "{aside:?}");

        // Mended and put back, it is carried out.
        let mended = fixture.app.store.write(move |tx| {
            tx.exec_one("UPDATE push SET body = $2 WHERE id = $1", &[push.into(), (&body).into()])?;
            tx.put_back(&push.to_string())
        });
        assert!(mended.await.unwrap());
        fixture.work().await;
        assert_eq!(fixture.outcome(push, broken[0]).await, CorOutcome::Written);
        fixture.assert_once(&broken).await;
        fixture.assert_done().await;
    }
}
