//! A process that dies, or sleeps, at any point of a pass: another one finishes the push, once.

use domain::procore::push_state::PushState;
use emulator::{Fault, FaultKind, Silence};
use ledgerboard::push;
use sync::Worker;

use crate::fixture::{EVENTS, Fixture};

/// Transitions of a pass that writes: claimed, ready, *sending* recorded, answered.
const STAGES: [usize; 4] = [0, 1, 2, 3];

store::both_databases! {
    async fn an_event_hidden_from_the_look_is_not_taken_for_one_that_holds_nothing(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        fixture.fault("PATCH", FaultKind::DropAfter);
        fixture.work().await;
        let hidden = FaultKind::Status { status: 404, retry_after: None, executed: false };
        // By its id and in the list.
        fixture.world.procore.fault(Fault::next("GET", EVENTS, hidden).times(2));
        fixture.world.advance(180);
        fixture.work().await;
        assert!(matches!(fixture.stored(push).await.state, PushState::Stopped { .. }), "nobody knows what is there");

        let elsewhere = fixture.push(&cors).into_new_event().planned().await;
        assert!(elsewhere.is_err(), "its lines may be in the event that is hidden");
        push::try_again(&fixture.app, fixture.actor(), fixture.stored(push).await.draft.unwrap()).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_new_event_is_found_though_our_clock_was_an_hour_ahead_when_it_was_made(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.fault("POST", emulator::FaultKind::DropAfter);
        fixture.work().await;
        assert_eq!(fixture.stored(push).await.state.code(), "uncertain");
        // What Procore's clock said, which we had believed to be an hour later.
        let hour = jiff::SignedDuration::from_hours(1);
        fixture.world.procore.world(|w| {
            let made = w.change_events.values_mut().max_by_key(|event| event.id).unwrap();
            made.created_at = made.created_at.checked_sub(hour).unwrap();
        });
        fixture.work_through().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn whoever_dies_at_whatever_point_each_line_is_written_once(store: Store) {
        let fixture = Fixture::on(store).await;
        let mut numbers = [1, 2, 4, 5, 7, 8, 9, 10].into_iter();
        for method in ["POST", "PATCH"] {
            for stage in STAGES {
                let cors = fixture.mechanical(&[numbers.next().unwrap()]);
                let wizard = fixture.push(&cors).line_items();
                let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
                let push = wizard.confirmed().await.unwrap();
                let (events, others) = (fixture.events_in_procore(), fixture.foreign(fixture.event("002")));
                // Carried as far as that, and dropped: nothing more happens in that process.
                drop(fixture.carry(&fixture.worker(), stage).await);

                let other = Worker::new(&fixture.world.another_process(7));
                assert!(!other.step().await.unwrap(), "its queue is held until the lease ends");
                fixture.world.advance(106);
                assert!(other.step().await.unwrap(), "after it, anybody may go on");
                fixture.work_through().await;

                assert_eq!(fixture.stored(push).await.state, PushState::Finished);
                fixture.assert_once(&cors).await;
                assert_eq!(fixture.foreign(fixture.event("002")), others);
                let made = usize::from(method == "POST");
                assert_eq!(fixture.events_in_procore(), events + made, "{method} died at stage {stage}");
                let writes = fixture.calls().iter().filter(|c| c.starts_with(method)).count();
                assert_eq!(writes, 1, "{method} died at stage {stage}: written by one of the two");
            }
        }
        fixture.assert_done().await;
    }

    async fn a_crash_after_a_request_that_is_executed_late(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, method) in [(9, "POST"), (10, "PATCH")] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            wizard.confirmed().await.unwrap();
            let events = fixture.events_in_procore();
            fixture.fault(method, FaultKind::ExecuteLate { after_seconds: 115, silence: Silence::Close });
            drop(fixture.carry(&fixture.worker(), 3).await);
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
            assert_eq!(fixture.events_in_procore(), events + usize::from(method == "POST"));
        }
        fixture.assert_done().await;
    }

    async fn a_crash_before_and_after_the_look(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, kind) in [(9, FaultKind::DropAfter), (10, FaultKind::HangBefore)] {
            let cors = fixture.mechanical(&[cor]);
            fixture.push(&cors).into_new_event().confirmed().await.unwrap();
            let events = fixture.events_in_procore();
            fixture.fault("POST", kind);
            fixture.work().await;
            fixture.world.advance(120);
            drop(fixture.carry(&fixture.worker(), 0).await);
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
            assert_eq!(fixture.events_in_procore(), events + 1);
        }
        fixture.assert_done().await;
    }

    async fn a_process_that_slept_before_sending_does_not_send(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        let slept = fixture.carry(&fixture.worker(), 2).await;
        fixture.world.advance(6);
        assert!(slept.advance().await.unwrap().is_none(), "nothing left, so it is queued again");
        assert_eq!(fixture.calls(), [""; 0]);
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn one_whose_lane_was_taken_cannot_store_what_it_found(store: Store) {
        let fixture = Fixture::on(store).await;
        for stage in STAGES {
            let cors = fixture.mechanical(&[9 + stage]);
            fixture.push(&cors).into_new_event().confirmed().await.unwrap();
            let events = fixture.events_in_procore();
            let mut slept = Some(fixture.carry(&fixture.worker(), stage).await);
            fixture.world.advance(106);
            let other = Worker::new(&fixture.world.another_process(7));
            let held = other.claim().await.unwrap().expect("the lease has ended");
            // The sleeper wakes up: it may not move the push any more, and it must not send.
            fixture.calls();
            let mut refused = false;
            while let Some(pass) = slept.take() {
                match pass.advance().await {
                    Ok(next) => slept = next,
                    Err(_) => refused = true,
                }
            }
            assert!(refused, "the fence keeps it out at stage {stage}");
            assert!(fixture.calls().iter().all(|c| c.starts_with("GET")), "nor did it send");
            let mut pass = Some(held);
            while let Some(on) = pass {
                pass = on.advance().await.unwrap();
            }
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
            assert_eq!(fixture.events_in_procore(), events + 1);
        }
        fixture.assert_done().await;
    }
}
