//! Procore refuses a write because somebody else is writing to the same record: later it takes it.

use domain::procore::push_state::{ProcoreState, PushState};
use emulator::{ErrorShape, Fault, FaultKind};
use ledgerboard::push;
use store::both_databases;

use crate::fixture::{EVENTS, Fixture};

impl Fixture {
    /// Somebody in Procore writes to an event at this very moment, and Procore refuses the second of two writers.
    fn somebody_writes_to(&self, event: i64, status: u16) {
        self.world.procore.switches(|s| s.concurrent_writes_refused = Some(status));
        self.in_procore(|w| w.change_events.get_mut(&event).unwrap().updated_at = w.epoch);
    }
}

both_databases! {
    async fn a_second_writer_waits_and_no_cor_is_refused(store: Store) {
        let fixture = Fixture::on(store).await;
        let shapes = [ErrorShape::FieldMap, ErrorShape::Message, ErrorShape::Code];
        for ((status, shape), n) in [409, 422].into_iter().flat_map(|s| shapes.map(|shape| (s, shape))).zip(7..) {
            fixture.world.procore.switches(|s| s.error_shape = shape);
            let cors = fixture.mechanical(&[n]);
            let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
            fixture.somebody_writes_to(fixture.event("002"), status);
            fixture.work().await;
            assert!(matches!(fixture.stored(push).await.state, PushState::Queued { .. }), "{status} {shape:?}");
            assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::InProgress, "{status} {shape:?}");
            fixture.work_through().await;
            assert_eq!(fixture.stored(push).await.state, PushState::Finished);
            assert_eq!(fixture.told(cors[0]).await.len(), 2, "asked for, and pushed: {:?}", fixture.told(cors[0]).await);
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn new_events_that_come_together_are_all_made_once(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.concurrent_writes_refused = Some(409));
        let cors = fixture.mechanical(&[9, 10, 11]);
        let before = fixture.events_in_procore();
        for cor in &cors {
            fixture.push(&[*cor]).into_new_event().confirmed().await.unwrap();
        }
        fixture.work_through().await;
        assert_eq!(fixture.events_in_procore(), before + 3);
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn half_of_a_write_that_was_refused_for_another_writer_is_not_written_again(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).line_items().into_event("002").confirmed().await.unwrap();
        // Executed, and yet answered 409.
        fixture.fault("PATCH", FaultKind::Status { status: 409, retry_after: None, executed: true });
        fixture.work_through().await;
        assert_eq!(fixture.calls().iter().filter(|call| call.starts_with("PATCH")).count(), 1);
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn where_somebody_always_writes_a_person_is_asked_and_no_cor_is_refused(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        let always = FaultKind::Status { status: 409, retry_after: None, executed: false };
        fixture.world.procore.fault(Fault::next("PATCH", EVENTS, always).times(u32::MAX));
        let start = fixture.app.now();
        fixture.work_through().await;
        let PushState::Stopped { why, look_at: None } = fixture.stored(push).await.state else { panic!("it stopped") };
        assert!(why.contains("something else was writing") && why.contains("select Try again"), "{why}");
        let minutes = fixture.app.now().duration_since(start).as_mins();
        assert!((10..=40).contains(&minutes), "{minutes} minutes");
        fixture.world.procore.clear_faults();
        push::try_again(&fixture.app, fixture.actor(), push).await.unwrap();
        fixture.work_through().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }
}
