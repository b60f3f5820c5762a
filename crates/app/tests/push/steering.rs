//! Pausing, resuming and cancelling: between two requests, never during one, and nothing uncertain without a look.

use domain::procore::push_state::{CorOutcome, ProcoreState, PushState};
use emulator::{FaultKind, Silence};
use ledgerboard::push;
use sync::Attempt;

use crate::desk::{Desk, sentence};

/// Carries a pass to its end.
async fn finish(pass: Attempt) {
    let mut pass = Some(pass);
    while let Some(on) = pass {
        pass = on.advance().await.unwrap();
    }
}

store::both_databases! {
    async fn a_paused_push_sends_nothing_until_it_is_resumed(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let (draft, _) = desk.push(&cors).into_new_event().planned().await.unwrap();
        let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
        push::pause(&desk.app, desk.actor(), draft).await.unwrap();
        desk.calls();
        desk.work_through().await;
        desk.world.advance(86_400);
        desk.work_through().await;
        assert_eq!(desk.calls(), [""; 0], "nothing leaves, however long it takes");
        assert_eq!(desk.stored(push).await.state, PushState::Paused { look_at: None });
        assert_eq!(desk.link(cors[0]).await.state, ProcoreState::Paused);
        // Twice is once, and what belongs to another state is refused with a reason.
        push::pause(&desk.app, desk.actor(), draft).await.unwrap();
        assert!(sentence(push::try_again(&desk.app, desk.actor(), draft).await).contains("goes on by itself"));
        push::resume(&desk.app, desk.actor(), draft).await.unwrap();
        assert_eq!(desk.link(cors[0]).await.state, ProcoreState::InProgress);
        desk.work().await;
        desk.assert_once(&cors).await;
        let told = desk.told(cors[0]).await.join(" ");
        assert!(told.contains("paused the push.") && told.contains("resumed the push."), "{told}");
        assert!(sentence(push::pause(&desk.app, desk.actor(), draft).await).contains("This push is over"));
        desk.assert_done().await;
    }

    async fn a_pause_waits_for_the_request_that_is_on_its_way(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.max_lines_per_call = Some(2));
        // Claimed, ready, *sending* recorded, answered: wherever the pause comes, what has left is waited for.
        for (stage, numbers) in [(0, [1, 2, 4]), (1, [5, 7, 8]), (2, [9, 10, 11]), (3, [12, 13, 14])] {
            let cors = desk.mechanical(&numbers);
            let (draft, _) = desk.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
            desk.calls();
            let pass = desk.carry(&desk.worker(), stage).await;
            push::pause(&desk.app, desk.actor(), draft).await.unwrap();
            assert!(desk.stored(push).await.requested.is_some(), "noted, since a worker holds it");
            finish(pass).await;
            desk.work_through().await;
            let writes = desk.calls().iter().filter(|c| !c.starts_with("GET")).count();
            assert_eq!(writes, usize::from(stage >= 2), "stage {stage}: at most what had left");
            assert!(matches!(desk.stored(push).await.state, PushState::Paused { look_at: None }), "stage {stage}");
            push::resume(&desk.app, desk.actor(), draft).await.unwrap();
            desk.work_through().await;
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn a_push_in_question_is_paused_and_looked_at_when_it_is_resumed(store: Store) {
        let desk = Desk::on(store).await;
        for (cor, kind) in [(9, FaultKind::DropAfter), (10, FaultKind::ExecuteLate { after_seconds: 110, silence: Silence::Close })] {
            let cors = desk.mechanical(&[cor]);
            let (draft, _) = desk.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
            let events = desk.events_in_procore();
            desk.fault("POST", kind);
            desk.work().await;
            push::pause(&desk.app, desk.actor(), draft).await.unwrap();
            assert!(matches!(desk.stored(push).await.state, PushState::Paused { look_at: Some(_) }));
            push::resume(&desk.app, desk.actor(), draft).await.unwrap();
            desk.calls();
            desk.work().await;
            assert_eq!(desk.calls(), [""; 0], "a pause does not shorten the quarantine");
            desk.work_through().await;
            desk.assert_once(&cors).await;
            assert_eq!(desk.events_in_procore(), events + 1);
        }
        desk.assert_done().await;
    }

    async fn what_never_left_is_taken_back_at_once_and_the_log_says_what_it_said_before(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        desk.push(&cors[..1]).into_event("002").finished().await;
        desk.edit(cors[0], |lines| lines.push(desk.lump("More", 1000))).await;
        for new in [false, true] {
            let selected = if new { &cors[1..] } else { &cors[..1] };
            let before = desk.link_if_any(selected[0]).await;
            let wizard = desk.push(selected);
            let wizard = if new { wizard.into_new_event() } else { wizard };
            let (draft, _) = wizard.planned().await.unwrap();
            let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
            desk.calls();
            push::cancel(&desk.app, desk.actor(), draft).await.unwrap();
            assert_eq!(desk.stored(push).await.state, PushState::Cancelled);
            assert_eq!(desk.outcome(push, selected[0]).await, CorOutcome::Cancelled);
            let state = before.map_or(ProcoreState::NotInProcore, |link| link.state);
            assert_eq!(desk.link(selected[0]).await.state, state);
            assert_eq!(state, if new { ProcoreState::NotInProcore } else { ProcoreState::UpdateNeeded });
            assert_eq!(desk.outbox().await, 0);
            desk.work_through().await;
            assert_eq!(desk.calls(), [""; 0], "nothing is asked of Procore for it");
            assert!(sentence(push::cancel(&desk.app, desk.actor(), draft).await).contains("over"));
        }
        // Both can be pushed again.
        desk.push(&cors[..1]).finished().await;
        desk.push(&cors[1..]).into_new_event().finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn nothing_uncertain_is_cancelled_without_a_look(store: Store) {
        let desk = Desk::on(store).await;
        for (cor, kind, arrived) in [
            (9, FaultKind::DropAfter, true),
            (10, FaultKind::HangBefore, false),
            (11, FaultKind::ExecuteLate { after_seconds: 115, silence: Silence::Close }, true),
        ] {
            let cors = desk.mechanical(&[cor]);
            let (draft, _) = desk.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
            desk.fault("POST", kind);
            desk.work().await;
            push::cancel(&desk.app, desk.actor(), draft).await.unwrap();
            assert!(matches!(desk.stored(push).await.state, PushState::Uncertain { .. }), "looked for first");
            desk.calls();
            desk.work_through().await;
            let calls = desk.calls();
            assert!(!calls.is_empty() && calls.iter().all(|c| c.starts_with("GET")), "{calls:?}");
            if arrived {
                assert_eq!(desk.stored(push).await.state, PushState::Finished);
                desk.assert_once(&cors).await;
            } else {
                assert_eq!(desk.stored(push).await.state, PushState::Cancelled);
                assert_eq!(desk.link(cors[0]).await.state, ProcoreState::NotInProcore);
                assert!(desk.lines_of(cors[0]).await.is_empty());
            }
        }
        desk.assert_done().await;
    }

    async fn of_a_long_push_what_is_written_stays_and_the_rest_is_taken_back(store: Store) {
        let desk = Desk::on(store).await;
        desk.world.procore.switches(|s| s.max_lines_per_call = Some(2));
        for (stage, numbers) in [(2, [1, 2, 4, 5]), (3, [7, 8, 9, 10])] {
            let cors = desk.mechanical(&numbers);
            let (draft, _) = desk.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
            // Refused for its size, halved; then the first half is under way.
            desk.worker().step().await.unwrap();
            let pass = desk.carry(&desk.worker(), stage).await;
            push::cancel(&desk.app, desk.actor(), draft).await.unwrap();
            finish(pass).await;
            desk.work_through().await;
            assert_eq!(desk.stored(push).await.state, PushState::Finished, "part of it was written");
            desk.assert_once(&cors[..2]).await;
            for cor in &cors[2..] {
                assert_eq!(desk.outcome(push, *cor).await, CorOutcome::Cancelled);
                assert_eq!(desk.link(*cor).await.state, ProcoreState::NotInProcore);
                assert!(desk.lines_of(*cor).await.is_empty());
            }
            desk.push(&cors[2..]).into_event(&desk.event_now(desk.link(cors[0]).await.event.unwrap()).number).finished().await;
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn a_crash_forgets_no_wish(store: Store) {
        let desk = Desk::on(store).await;
        for (cor, cancel) in [(9, true), (10, false)] {
            let cors = desk.mechanical(&[cor]);
            let (draft, _) = desk.push(&cors).into_new_event().planned().await.unwrap();
            let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
            let pass = desk.carry(&desk.worker(), 3).await;
            if cancel {
                push::cancel(&desk.app, desk.actor(), draft).await.unwrap();
            } else {
                push::pause(&desk.app, desk.actor(), draft).await.unwrap();
            }
            // It was sent and executed, and the process died before it stored the answer.
            drop(pass);
            desk.work_through().await;
            if !cancel {
                assert!(matches!(desk.stored(push).await.state, PushState::Paused { look_at: Some(_) }));
                push::resume(&desk.app, desk.actor(), draft).await.unwrap();
                desk.work_through().await;
            }
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn a_push_that_waits_for_a_sign_in_can_be_cancelled(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9]);
        let (draft, _) = desk.push(&cors).into_new_event().planned().await.unwrap();
        let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
        desk.world.procore.revoke_tokens();
        desk.work().await;
        assert_eq!(desk.stored(push).await.state.code(), "parked");
        assert!(sentence(push::pause(&desk.app, desk.actor(), draft).await).contains("waits for a person already"));
        push::cancel(&desk.app, desk.actor(), draft).await.unwrap();
        assert_eq!(desk.stored(push).await.state, PushState::Cancelled);
        desk.assert_done().await;
    }
}
