//! Procore says no and nothing else: an empty body, or errors without one. The status sorts it, and a person is told what to do.

use domain::procore::push_state::{CorOutcome, ProcoreState, PushState};
use emulator::{ErrorShape, Fault, FaultKind, WorldAction, world::Level};
use ledgerboard::integration::change_events;

use crate::fixture::{EVENTS, Fixture, MANAGER, sentence};

const SILENT: [ErrorShape; 2] = [ErrorShape::Empty, ErrorShape::EmptyErrors];

impl Fixture {
    async fn silent(store: store::Store) -> Self {
        let fixture = Self::on(store).await;
        fixture.says_nothing(SILENT[0]);
        fixture
    }

    fn says_nothing(&self, shape: ErrorShape) {
        self.world.procore.switches(|switches| switches.error_shape = shape);
    }

    /// Requests that write, since the last click; tokens are renewed meanwhile.
    fn writes(&self) -> usize {
        self.calls().iter().filter(|call| !call.starts_with("GET") && !call.contains("token")).count()
    }
}

fn why(outcome: &CorOutcome) -> &str {
    match outcome {
        CorOutcome::Refused { why } => why,
        other => panic!("{other:?}"),
    }
}

store::both_databases! {
    async fn where_our_reference_is_refused_without_a_word_the_marks_serve_alone(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|switches| switches.external_data_refused = true);
        for (shape, cors) in SILENT.into_iter().zip([fixture.mechanical(&[9, 10]), fixture.mechanical(&[11])]) {
            fixture.says_nothing(shape);
            let push = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
            fixture.work_through().await;
            assert_eq!((fixture.stored(push).await.state, fixture.writes()), (PushState::Finished, 2), "{shape:?}");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn only_the_cor_that_is_wrong_is_refused_and_its_person_told_what_to_look_at(store: Store) {
        let fixture = Fixture::silent(store).await;
        let cors = fixture.mechanical(&[9, 10, 11]);
        for (shape, to) in SILENT.into_iter().zip([None, Some("002")]) {
            fixture.says_nothing(shape);
            let code = if to.is_none() { "07-8413" } else { "09-2116.M" };
            let some = if to.is_none() { &cors[..2] } else { &cors[1..] };
            let wizard = fixture.push(some).coded(cors[1], code);
            let push = match to {
                Some(number) => wizard.into_event(number),
                None => wizard.into_new_event(),
            };
            let push = push.confirmed().await.unwrap();
            let gone = fixture.code(code);
            fixture.world.procore.world(|w| w.wbs_codes.remove(&gone)).unwrap();
            fixture.work_through().await;
            assert_eq!(fixture.stored(push).await.state, PushState::Finished, "{shape:?}");
            let refused = fixture.outcome(push, cors[1]).await;
            let said = why(&refused);
            assert!(said.contains("without saying why") && said.contains("budget codes") && said.contains("push again"), "{said}");
            assert_eq!(fixture.state(cors[1]).await, ProcoreState::Refused);
            assert!(fixture.writes() <= 5, "{:?}", fixture.calls());
            fixture.assert_once(&[*some.iter().find(|cor| **cor != cors[1]).unwrap()]).await;
            assert!(fixture.lines_of(cors[1]).await.is_empty());
        }
        fixture.assert_done().await;
    }

    async fn half_a_new_event_that_no_list_shows_yet_is_not_made_twice(store: Store) {
        let fixture = Fixture::silent(store).await;
        fixture.world.procore.switches(|switches| {
            (switches.refusal_is_atomic, switches.new_events_unlisted_seconds) = (false, 600);
        });
        let cors = fixture.mechanical(&[9, 10, 11]);
        let push = fixture.push(&cors).line_items().coded(cors[1], "07-8413").into_new_event().confirmed().await.unwrap();
        let before = fixture.events_in_procore();
        let gone = fixture.code("07-8413");
        fixture.world.procore.world(|w| w.wbs_codes.remove(&gone)).unwrap();
        fixture.work_through().await;
        assert_eq!(fixture.events_in_procore(), before + 1, "{:?}", fixture.calls());
        assert!(why(&fixture.outcome(push, cors[1]).await).contains("without saying why"));
        fixture.assert_once(&[cors[0], cors[2]]).await;
        fixture.assert_done().await;
    }

    async fn what_passes_is_taken_a_little_later(store: Store) {
        let fixture = Fixture::silent(store).await;
        fixture.world.procore.switches(|switches| switches.concurrent_writes_refused = Some(422));
        for (shape, n) in SILENT.into_iter().zip(9..) {
            fixture.says_nothing(shape);
            let cors = fixture.mechanical(&[n]);
            let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
            let event = fixture.event("002");
            fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().updated_at = w.epoch);
            fixture.work_through().await;
            assert_eq!((fixture.stored(push).await.state, fixture.writes()), (PushState::Finished, 2), "{shape:?}");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn an_event_that_was_made_without_an_answer_is_not_made_twice(store: Store) {
        let fixture = Fixture::silent(store).await;
        // No list ever shows it within the time that lists may lag.
        fixture.world.procore.switches(|switches| switches.new_events_unlisted_seconds = 24 * 3_600);
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        let before = fixture.events_in_procore();
        fixture.world.procore.fault(Fault::next("POST", EVENTS, FaultKind::DropAfter));
        fixture.work_through().await;
        assert_eq!(fixture.events_in_procore(), before + 1, "our reference is taken, and goes with every try: {:?}", fixture.calls());
        assert!(matches!(fixture.outcome(push, cors[0]).await, CorOutcome::Refused { .. }));
        // It is found when it is listed.
        fixture.later(25 * 3_600).await;
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::Surplus);
    }

    async fn no_permission_and_no_event_are_told_by_the_status(store: Store) {
        let fixture = Fixture::silent(store).await;
        let project_id = fixture.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        let level = |level| {
            let act = WorldAction::SetLevel { project_id, login: MANAGER.into(), level };
            fixture.world.procore.world(|w| w.act(act)).unwrap();
        };
        for (shape, n) in SILENT.into_iter().zip(9..) {
            fixture.says_nothing(shape);
            let cors = fixture.mechanical(&[n]);
            let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
            level(Level::ReadOnly);
            fixture.work().await;
            let refused = fixture.outcome(push, cors[0]).await;
            assert!(why(&refused).contains("Standard permission on Change Events"), "{refused:?}");
            assert!(why(&refused).contains("The app needs as much"), "{refused:?}");
            level(Level::Admin);
            fixture.push(&cors).into_event("002").finished().await;
            fixture.assert_once(&cors).await;
        }
        // A page that reads says as much.
        fixture.world.procore.world(|w| w.projects.get_mut(&project_id).unwrap().settings.change_events_off = true);
        let said = sentence(change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await);
        assert!(said.contains("Ask a Procore administrator"), "{said}");
        fixture.world.procore.world(|w| w.projects.get_mut(&project_id).unwrap().settings.change_events_off = false);

        // An event that is closed takes nothing, and says nothing of it.
        fixture.world.procore.switches(|switches| switches.closed_events_refuse_edits = true);
        let cors = fixture.mechanical(&[11]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        let event = fixture.event("002");
        fixture.in_procore(|w| w.set_event_status(event, "closed").unwrap());
        fixture.work_through().await;
        let refused = fixture.outcome(push, cors[0]).await;
        assert!(why(&refused).contains("whether the Change Event can be edited"), "{refused:?}");
        fixture.assert_done().await;
    }
}
