//! *Up to date* is earned: whatever was decided, cancelled or done in Procore meanwhile, the log says it only where it is so.

use std::collections::BTreeSet;

use domain::{
    CorId, Money, PushId,
    procore::push_state::{CorOutcome, ProcoreState, PushState},
};
use emulator::{Fault, FaultKind, world::Estimate};
use ledgerboard::{
    comparison,
    push::{self, Answer},
};
use store::both_databases;
use sync::Attempt;

use super::desk::{Desk, EVENTS, sentence};

impl Desk {
    async fn shown_version(&self, cor: CorId) -> String {
        comparison::look(&self.app, self.actor(), cor).await.unwrap().version
    }
}

impl Desk {
    /// A new event is made, its answer lost, and a line of it removed there before it is looked for: the push found the rest
    /// and waits to write what is missing.
    async fn half_created(&self, cor: CorId) -> (PushId, i64) {
        let push = self.push(&[cor]).line_items().into_new_event().confirmed().await.unwrap();
        self.fault("POST", FaultKind::DropAfter);
        self.work().await;
        let lines = self.lines_of(cor).await;
        let (event, line) = (lines[0].0, lines[0].1.id);
        self.in_procore(|w| w.delete_line(line).unwrap());
        self.world.advance(121);
        assert!(self.worker().step().await.unwrap(), "the look");
        assert!(matches!(self.stored(push).await.state, PushState::Queued { .. }));
        (push, event)
    }
}

async fn finish(pass: Attempt) {
    let mut pass = Some(pass);
    while let Some(on) = pass {
        pass = on.advance().await.unwrap();
    }
}

both_databases! {
    async fn what_is_taken_over_leaves_the_rest_to_be_pushed(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.sent(1).await[0];
        desk.push(&[cor]).sent().line_items().into_new_event().finished().await;
        let pushed = desk.cor(cor).await.total();
        desk.edit(cor, |lines| lines.push(desk.lump("More", 5_000))).await;
        desk.later(200).await;
        let line = desk.ids(cor).await[0];
        let there = pushed + Money::minor(2_000);
        desk.in_procore(|w| w.edit_line(line, |l| l.revenue = Estimate::manual(there.to_decimal())).unwrap());
        desk.later(900).await;
        comparison::accept(&desk.app, desk.actor(), cor, &desk.shown_version(cor).await, "").await.unwrap();
        let wants = there + Money::minor(5_000);
        for _ in 0..2 {
            assert_eq!((desk.cor(cor).await.total(), desk.state(cor).await), (wants, ProcoreState::UpdateNeeded));
            desk.later(900).await;
        }
        desk.push(&[cor]).sent().line_items().finished().await;
        desk.assert_once(&[cor]).await;
        desk.assert_done().await;
    }

    async fn a_line_that_was_to_be_made_again_and_never_was_is_not_forgotten(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").line_items().finished().await;
        let line = desk.ids(cor).await[0];
        desk.later(200).await;
        desk.in_procore(|w| w.delete_line(line).unwrap());
        desk.later(900).await;
        assert_eq!(desk.state(cor).await, ProcoreState::LineRemoved);
        let (draft, _) = desk.push(&[cor]).line_items().answering(Answer::Recreate).planned().await.unwrap();
        push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
        push::cancel(&desk.app, desk.actor(), draft).await.unwrap();
        desk.later(900).await;
        assert_eq!(desk.state(cor).await, ProcoreState::UpdateNeeded, "a line of it is missing");
        let told = desk.told(cor).await;
        assert!(told.iter().all(|text| !text.contains("Procore has again")), "{told:?}");
        desk.push(&[cor]).line_items().finished().await;
        desk.assert_once(&[cor]).await;
        desk.assert_done().await;
    }

    async fn nothing_is_written_into_an_event_that_was_voided_meanwhile(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        let push = desk.push(&cors[..1]).into_event("002").confirmed().await.unwrap();
        let (voided, written) = (desk.event("002"), desk.event("004"));
        desk.in_procore(|w| w.set_event_status(voided, "void").unwrap());
        desk.work().await;
        assert_eq!(desk.calls().iter().filter(|call| !call.starts_with("GET")).count(), 0);
        let CorOutcome::Changed { why } = desk.outcome(push, cors[0]).await else { panic!("it is asked about") };
        assert!(why.contains("was voided in Procore meanwhile"), "{why}");

        // What had been written before it became void is there, and counts nowhere.
        desk.push(&cors[1..]).into_event("004").confirmed().await.unwrap();
        desk.fault("PATCH", FaultKind::DropAfter);
        desk.work().await;
        desk.in_procore(|w| w.set_event_status(written, "void").unwrap());
        desk.work_through().await;
        let link = desk.link(cors[1]).await;
        assert_eq!(link.state, ProcoreState::EventVoided, "{}", link.reason);
        desk.later(900).await;
        assert_eq!(desk.state(cors[1]).await, ProcoreState::EventVoided);
        desk.assert_done().await;
    }

    async fn a_half_that_was_written_is_looked_for_before_the_rest_is_taken_back(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        let (draft, _) = desk.push(&cors).into_event("002").line_items().planned().await.unwrap();
        let push = push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
        // Refused without a name, and half of each COR is there when the event is read again.
        desk.fault("PATCH", FaultKind::Status { status: 422, retry_after: None, executed: true });
        let pass = desk.carry(&desk.worker(), 3).await;
        for cor in &cors {
            let (_, line) = desk.lines_of(*cor).await.into_iter().next().unwrap();
            desk.in_procore(|w| w.change_events.values_mut().for_each(|e| e.items.retain(|item| item.id != line.id)));
        }
        finish(pass).await;
        desk.world.advance(5);
        desk.fault("PATCH", FaultKind::Status { status: 429, retry_after: Some(60), executed: false });
        desk.worker().step().await.unwrap();
        push::cancel(&desk.app, desk.actor(), draft).await.unwrap();
        desk.work_through().await;
        assert_eq!(desk.outcome(push, cors[0]).await, CorOutcome::Cancelled);
        for cor in &cors {
            let link = desk.link(*cor).await;
            assert_eq!((link.state, link.event), (ProcoreState::UpdateNeeded, Some(desk.event("002"))), "{}", link.reason);
            assert!(!desk.lines_of(*cor).await.is_empty());
        }
        let why = sentence(desk.push(&cors[..1]).into_event("004").planned().await);
        assert!(why.contains("002"), "what is there stays where it is: {why}");
        desk.push(&cors).line_items().finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn half_a_cor_in_an_event_that_may_not_be_read_any_more_is_no_refusal(store: Store) {
        // Refused, it would be pushed anew into another event, and the half counted as well.
        let desk = Desk::on(store).await;
        for (n, status) in [(9, 422), (10, 404)] {
            let cor = desk.mechanical(&[n])[0];
            let (push, event) = desk.half_created(cor).await;
            // 404 by its id and to the list alike: a list that showed it would say that it can be read later.
            let hidden = FaultKind::Status { status, retry_after: None, executed: false };
            desk.world.procore.fault(Fault::next("GET", EVENTS, hidden).times(if status == 404 { 2 } else { 1 }));
            desk.work().await;
            let stopped = desk.stored(push).await.state;
            assert!(matches!(stopped, PushState::Stopped { .. }), "{stopped:?}");
            let why = sentence(desk.push(&[cor]).into_new_event().confirmed().await);
            assert!(why.contains("being pushed already"), "{why}");
            push::try_again(&desk.app, desk.actor(), push).await.unwrap();
            desk.work_through().await;
            desk.assert_once(&[cor]).await;
            assert_eq!(desk.link(cor).await.event, Some(event));
        }
        desk.assert_done().await;
    }

    async fn half_a_cor_in_an_event_that_was_voided_stays_tied_to_it(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        let (push, event) = desk.half_created(cor).await;
        desk.in_procore(|w| w.set_event_status(event, "void").unwrap());
        desk.work().await;
        assert!(matches!(desk.outcome(push, cor).await, CorOutcome::Changed { .. }));
        assert_eq!(desk.link(cor).await.event, Some(event), "its half is there");
        let known = desk.link_lines(cor).await.into_iter().filter_map(|line| line.line).collect::<BTreeSet<_>>();
        assert_eq!(known, desk.lines_of(cor).await.iter().map(|(_, line)| line.id).collect());
        desk.assert_done().await;
    }
}
