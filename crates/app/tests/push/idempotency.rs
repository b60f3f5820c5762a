//! The `Idempotency-Token`: with every write, and nothing rests on it.

use domain::procore::push_state::{CorOutcome, PushState};
use emulator::FaultKind;
use store::both_databases;

use crate::fixture::{EVENTS, Fixture};

/// What Procore does with the token.
const KINDS: [(&str, bool, bool); 3] =
    [("ignored", false, false), ("honoured", true, false), ("honoured, and failures are kept", true, true)];

fn procore(fixture: &Fixture, (_, honoured, kept): (&str, bool, bool)) {
    fixture.world.procore.switches(|s| (s.idempotency_honoured, s.idempotency_keeps_failures) = (honoured, kept));
}

/// The tokens of the writes so far, oldest first.
fn tokens(fixture: &Fixture, method: &str) -> Vec<String> {
    let journal = fixture.world.procore.journal();
    let writes = journal.iter().filter(|call| call.method == method && call.path.starts_with(EVENTS));
    writes.map(|call| call.headers["idempotency-token"].clone()).collect()
}

fn error(status: u16) -> FaultKind {
    FaultKind::Status { status, retry_after: None, executed: false }
}

both_databases! {
    async fn a_request_that_is_repeated_is_the_same_one_once_and_then_another(store: Store) {
        let fixture = Fixture::on(store).await;
        for (n, method) in [(9, "POST"), (10, "PATCH")] {
            let cors = fixture.mechanical(&[n]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            wizard.confirmed().await.unwrap();
            for _ in 0..3 {
                fixture.fault(method, error(500));
            }
            fixture.work_through().await;
            let [first, repeated, another, last] = &tokens(&fixture, method)[..] else { panic!("four requests") };
            assert_eq!((first, another), (repeated, last), "{method}");
            assert_ne!(first, another, "{method}");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn an_answer_is_never_asked_for_again_under_its_token(store: Store) {
        let fixture = Fixture::on(store).await;
        for (n, fault) in [(9, error(429)), (10, FaultKind::ExpireTokens), (11, error(401))] {
            let cors = fixture.mechanical(&[n]);
            fixture.push(&cors).into_event("002").confirmed().await.unwrap();
            fixture.fault("PATCH", fault.clone());
            fixture.work_through().await;
            let [first, second] = &tokens(&fixture, "PATCH")[..] else { panic!("two requests: {fault:?}") };
            assert_ne!(first, second, "{fault:?}");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn whatever_procore_makes_of_it_a_lost_write_is_there_once_in_the_end(store: Store) {
        let fixture = Fixture::on(store).await;
        let mut numbers = 7..;
        for kind in KINDS {
            procore(&fixture, kind);
            for (method, fault) in [("POST", error(500)), ("PATCH", error(502)), ("PATCH", FaultKind::DropAfter)] {
                let cors = fixture.mechanical(&[numbers.next().unwrap()]);
                let wizard = fixture.push(&cors).line_items();
                let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
                let push = wizard.confirmed().await.unwrap();
                let before = fixture.events_in_procore();
                fixture.fault(method, fault);
                fixture.work_through().await;
                assert_eq!(fixture.stored(push).await.state, PushState::Finished, "{kind:?} {method}");
                assert_eq!(fixture.events_in_procore(), before + usize::from(method == "POST"), "{kind:?}");
                fixture.assert_once(&cors).await;
            }
        }
        fixture.assert_done().await;
    }

    async fn a_refusal_that_procore_keeps_refuses_no_other_request(store: Store) {
        let fixture = Fixture::on(store).await;
        procore(&fixture, KINDS[2]);
        let cors = fixture.mechanical(&[9, 10, 11, 12]);
        let id = fixture.code("07-8413");
        let push = fixture.push(&cors).coded(cors[1], "07-8413").into_new_event().confirmed().await.unwrap();
        let code = fixture.world.procore.world(|w| w.wbs_codes.remove(&id)).unwrap();
        fixture.work_through().await;
        assert!(matches!(fixture.outcome(push, cors[1]).await, CorOutcome::Refused { .. }));
        // Mended, and pushed again with the same words.
        fixture.world.procore.world(|w| w.wbs_codes.insert(id, code));
        fixture.push(&cors[1..2]).coded(cors[1], "07-8413").into_new_event().finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }
}
