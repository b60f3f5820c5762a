//! Pausing, resuming and cancelling: between two requests, never during one, and nothing uncertain without a look.

use domain::procore::push_state::{CorOutcome, ProcoreState, PushState};
use emulator::{FaultKind, Silence};
use ledgerboard::push;
use sync::Attempt;

use crate::fixture::{Fixture, sentence};

/// Carries a pass to its end.
async fn finish(pass: Attempt) {
    let mut pass = Some(pass);
    while let Some(on) = pass {
        pass = on.advance().await.unwrap();
    }
}

store::both_databases! {
    async fn a_paused_push_sends_nothing_until_it_is_resumed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
        let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        push::pause(&fixture.app, fixture.actor(), draft).await.unwrap();
        fixture.calls();
        fixture.work_through().await;
        fixture.world.advance(86_400);
        fixture.work_through().await;
        assert_eq!(fixture.calls(), [""; 0], "nothing leaves, however long it takes");
        assert_eq!(fixture.stored(push).await.state, PushState::Paused { look_at: None });
        assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::Paused);
        // Twice is once, and what belongs to another state is refused with a reason.
        push::pause(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert!(sentence(push::try_again(&fixture.app, fixture.actor(), draft).await).contains("goes on by itself"));
        push::resume(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::InProgress);
        fixture.work().await;
        fixture.assert_once(&cors).await;
        let told = fixture.told(cors[0]).await.join(" ");
        assert!(told.contains("paused the push.") && told.contains("resumed the push."), "{told}");
        assert!(sentence(push::pause(&fixture.app, fixture.actor(), draft).await).contains("This push is over"));
        fixture.assert_done().await;
    }

    async fn a_pause_waits_for_the_request_that_is_on_its_way(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.max_lines_per_call = Some(2));
        // Claimed, ready, *sending* recorded, answered: wherever the pause comes, what has left is waited for.
        for (stage, numbers) in [(0, [1, 2, 4]), (1, [5, 7, 8]), (2, [9, 10, 11]), (3, [12, 13, 14])] {
            let cors = fixture.mechanical(&numbers);
            let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
            fixture.calls();
            let pass = fixture.carry(&fixture.worker(), stage).await;
            push::pause(&fixture.app, fixture.actor(), draft).await.unwrap();
            assert!(fixture.stored(push).await.requested.is_some(), "noted, since a worker holds it");
            finish(pass).await;
            fixture.work_through().await;
            let writes = fixture.calls().iter().filter(|c| !c.starts_with("GET")).count();
            assert_eq!(writes, usize::from(stage >= 2), "stage {stage}: at most what had left");
            assert!(matches!(fixture.stored(push).await.state, PushState::Paused { look_at: None }), "stage {stage}");
            push::resume(&fixture.app, fixture.actor(), draft).await.unwrap();
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_push_in_question_is_paused_and_looked_at_when_it_is_resumed(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, kind) in [(9, FaultKind::DropAfter), (10, FaultKind::ExecuteLate { after_seconds: 110, silence: Silence::Close })] {
            let cors = fixture.mechanical(&[cor]);
            let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
            let events = fixture.events_in_procore();
            fixture.fault("POST", kind);
            fixture.work().await;
            push::pause(&fixture.app, fixture.actor(), draft).await.unwrap();
            assert!(matches!(fixture.stored(push).await.state, PushState::Paused { look_at: Some(_) }));
            push::resume(&fixture.app, fixture.actor(), draft).await.unwrap();
            fixture.calls();
            fixture.work().await;
            assert_eq!(fixture.calls(), [""; 0], "a pause does not shorten the quarantine");
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
            assert_eq!(fixture.events_in_procore(), events + 1);
        }
        fixture.assert_done().await;
    }

    async fn what_never_left_is_taken_back_at_once_and_the_log_says_what_it_said_before(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors[..1]).into_event("002").finished().await;
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("More", 1000))).await;
        for new in [false, true] {
            let selected = if new { &cors[1..] } else { &cors[..1] };
            let before = fixture.link_if_any(selected[0]).await;
            let wizard = fixture.push(selected);
            let wizard = if new { wizard.into_new_event() } else { wizard };
            let (draft, _) = wizard.planned().await.unwrap();
            let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
            fixture.calls();
            push::cancel(&fixture.app, fixture.actor(), draft).await.unwrap();
            assert_eq!(fixture.stored(push).await.state, PushState::Cancelled);
            assert_eq!(fixture.outcome(push, selected[0]).await, CorOutcome::Cancelled);
            let state = before.map_or(ProcoreState::NotInProcore, |link| link.state);
            assert_eq!(fixture.link(selected[0]).await.state, state);
            assert_eq!(state, if new { ProcoreState::NotInProcore } else { ProcoreState::UpdateNeeded });
            assert_eq!(fixture.outbox().await, 0);
            fixture.work_through().await;
            assert_eq!(fixture.calls(), [""; 0], "nothing is asked of Procore for it");
            assert!(sentence(push::cancel(&fixture.app, fixture.actor(), draft).await).contains("over"));
        }
        // Both can be pushed again.
        fixture.push(&cors[..1]).finished().await;
        fixture.push(&cors[1..]).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn nothing_uncertain_is_cancelled_without_a_look(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, kind, arrived) in [
            (9, FaultKind::DropAfter, true),
            (10, FaultKind::HangBefore, false),
            (11, FaultKind::ExecuteLate { after_seconds: 115, silence: Silence::Close }, true),
        ] {
            let cors = fixture.mechanical(&[cor]);
            let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
            fixture.fault("POST", kind);
            fixture.work().await;
            push::cancel(&fixture.app, fixture.actor(), draft).await.unwrap();
            assert!(matches!(fixture.stored(push).await.state, PushState::Uncertain { .. }), "looked for first");
            fixture.calls();
            fixture.work_through().await;
            let calls = fixture.calls();
            assert!(!calls.is_empty() && calls.iter().all(|c| c.starts_with("GET")), "{calls:?}");
            if arrived {
                assert_eq!(fixture.stored(push).await.state, PushState::Finished);
                fixture.assert_once(&cors).await;
            } else {
                assert_eq!(fixture.stored(push).await.state, PushState::Cancelled);
                assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::NotInProcore);
                assert!(fixture.lines_of(cors[0]).await.is_empty());
            }
        }
        fixture.assert_done().await;
    }

    async fn of_a_long_push_what_is_written_stays_and_the_rest_is_taken_back(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.max_lines_per_call = Some(2));
        for (stage, numbers) in [(2, [1, 2, 4, 5]), (3, [7, 8, 9, 10])] {
            let cors = fixture.mechanical(&numbers);
            let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
            // Refused for its size, halved; then the first half is under way.
            fixture.worker().step().await.unwrap();
            let pass = fixture.carry(&fixture.worker(), stage).await;
            push::cancel(&fixture.app, fixture.actor(), draft).await.unwrap();
            finish(pass).await;
            fixture.work_through().await;
            assert_eq!(fixture.stored(push).await.state, PushState::Finished, "part of it was written");
            fixture.assert_once(&cors[..2]).await;
            for cor in &cors[2..] {
                assert_eq!(fixture.outcome(push, *cor).await, CorOutcome::Cancelled);
                assert_eq!(fixture.link(*cor).await.state, ProcoreState::NotInProcore);
                assert!(fixture.lines_of(*cor).await.is_empty());
            }
            fixture.push(&cors[2..]).into_event(&fixture.event_now(fixture.link(cors[0]).await.event.unwrap()).number).finished().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_crash_forgets_no_wish(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, cancel) in [(9, true), (10, false)] {
            let cors = fixture.mechanical(&[cor]);
            let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
            let pass = fixture.carry(&fixture.worker(), 3).await;
            if cancel {
                push::cancel(&fixture.app, fixture.actor(), draft).await.unwrap();
            } else {
                push::pause(&fixture.app, fixture.actor(), draft).await.unwrap();
            }
            // It was sent and executed, and the process died before it stored the answer.
            drop(pass);
            fixture.work_through().await;
            if !cancel {
                assert!(matches!(fixture.stored(push).await.state, PushState::Paused { look_at: Some(_) }));
                push::resume(&fixture.app, fixture.actor(), draft).await.unwrap();
                fixture.work_through().await;
            }
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_push_that_waits_for_a_sign_in_can_be_cancelled(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
        let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.world.procore.revoke_tokens();
        fixture.work().await;
        assert_eq!(fixture.stored(push).await.state.code(), "parked");
        assert!(sentence(push::pause(&fixture.app, fixture.actor(), draft).await).contains("waits for a person already"));
        push::cancel(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert_eq!(fixture.stored(push).await.state, PushState::Cancelled);
        fixture.assert_done().await;
    }
}
