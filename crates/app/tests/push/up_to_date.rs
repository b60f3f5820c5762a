//! The log says *up to date* only where it is so, whatever was decided, cancelled or done in Procore meanwhile.

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

use super::fixture::{EVENTS, Fixture, sentence};

impl Fixture {
    async fn shown_version(&self, cor: CorId) -> String {
        comparison::look(&self.app, self.actor(), cor).await.unwrap().version
    }
}

impl Fixture {
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
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        fixture.push(&[cor]).sent().line_items().into_new_event().finished().await;
        let pushed = fixture.cor(cor).await.total();
        fixture.edit(cor, |lines| lines.push(fixture.lump("More", 5_000))).await;
        fixture.later(200).await;
        let line = fixture.ids(cor).await[0];
        let there = pushed + Money::minor(2_000);
        fixture.in_procore(|w| w.edit_line(line, |l| l.revenue = Estimate::manual(there.to_decimal())).unwrap());
        fixture.later(900).await;
        comparison::accept(&fixture.app, fixture.actor(), cor, &fixture.shown_version(cor).await, "").await.unwrap();
        let wants = there + Money::minor(5_000);
        for _ in 0..2 {
            assert_eq!((fixture.cor(cor).await.total(), fixture.state(cor).await), (wants, ProcoreState::UpdateNeeded));
            fixture.later(900).await;
        }
        fixture.push(&[cor]).sent().line_items().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn a_line_that_was_to_be_made_again_and_never_was_is_not_forgotten(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").line_items().finished().await;
        let line = fixture.ids(cor).await[0];
        fixture.later(200).await;
        fixture.in_procore(|w| w.delete_line(line).unwrap());
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::LineRemoved);
        let (draft, _) = fixture.push(&[cor]).line_items().answering(Answer::Recreate).planned().await.unwrap();
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        push::cancel(&fixture.app, fixture.actor(), draft).await.unwrap();
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpdateNeeded, "a line of it is missing");
        let told = fixture.told(cor).await;
        assert!(told.iter().all(|text| !text.contains("Procore has again")), "{told:?}");
        fixture.push(&[cor]).line_items().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn nothing_is_written_into_an_event_that_was_voided_meanwhile(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let push = fixture.push(&cors[..1]).into_event("002").confirmed().await.unwrap();
        let (voided, written) = (fixture.event("002"), fixture.event("004"));
        fixture.in_procore(|w| w.set_event_status(voided, "void").unwrap());
        fixture.work().await;
        assert_eq!(fixture.calls().iter().filter(|call| !call.starts_with("GET")).count(), 0);
        let CorOutcome::Changed { why } = fixture.outcome(push, cors[0]).await else { panic!("it is asked about") };
        assert!(why.contains("was voided in Procore meanwhile"), "{why}");

        // What had been written before it became void is there, and counts nowhere.
        fixture.push(&cors[1..]).into_event("004").confirmed().await.unwrap();
        fixture.fault("PATCH", FaultKind::DropAfter);
        fixture.work().await;
        fixture.in_procore(|w| w.set_event_status(written, "void").unwrap());
        fixture.work_through().await;
        let link = fixture.link(cors[1]).await;
        assert_eq!(link.state, ProcoreState::EventVoided, "{}", link.reason);
        fixture.later(900).await;
        assert_eq!(fixture.state(cors[1]).await, ProcoreState::EventVoided);
        fixture.assert_done().await;
    }

    async fn a_half_that_was_written_is_looked_for_before_the_rest_is_taken_back(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let (draft, _) = fixture.push(&cors).into_event("002").line_items().planned().await.unwrap();
        let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        // Refused without a name, and half of each COR is there when the event is read again.
        fixture.fault("PATCH", FaultKind::Status { status: 422, retry_after: None, executed: true });
        let pass = fixture.carry(&fixture.worker(), 3).await;
        for cor in &cors {
            let (_, line) = fixture.lines_of(*cor).await.into_iter().next().unwrap();
            fixture.in_procore(|w| w.change_events.values_mut().for_each(|e| e.items.retain(|item| item.id != line.id)));
        }
        finish(pass).await;
        fixture.world.advance(5);
        fixture.fault("PATCH", FaultKind::Status { status: 429, retry_after: Some(60), executed: false });
        fixture.worker().step().await.unwrap();
        push::cancel(&fixture.app, fixture.actor(), draft).await.unwrap();
        fixture.work_through().await;
        assert_eq!(fixture.outcome(push, cors[0]).await, CorOutcome::Cancelled);
        for cor in &cors {
            let link = fixture.link(*cor).await;
            assert_eq!((link.state, link.event), (ProcoreState::UpdateNeeded, Some(fixture.event("002"))), "{}", link.reason);
            assert!(!fixture.lines_of(*cor).await.is_empty());
        }
        let why = sentence(fixture.push(&cors[..1]).into_event("004").planned().await);
        assert!(why.contains("002"), "what is there stays where it is: {why}");
        fixture.push(&cors).line_items().finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn half_a_cor_in_an_event_that_may_not_be_read_any_more_is_no_refusal(store: Store) {
        // Refused, it would be pushed anew into another event, and the half counted as well.
        let fixture = Fixture::on(store).await;
        for (n, status) in [(9, 422), (10, 404)] {
            let cor = fixture.mechanical(&[n])[0];
            let (push, event) = fixture.half_created(cor).await;
            // 404 by its id and to the list alike: a list that showed it would say that it can be read later.
            let hidden = FaultKind::Status { status, retry_after: None, executed: false };
            fixture.world.procore.fault(Fault::next("GET", EVENTS, hidden).times(if status == 404 { 2 } else { 1 }));
            fixture.work().await;
            let stopped = fixture.stored(push).await.state;
            assert!(matches!(stopped, PushState::Stopped { .. }), "{stopped:?}");
            let why = sentence(fixture.push(&[cor]).into_new_event().confirmed().await);
            assert!(why.contains("being pushed already"), "{why}");
            push::try_again(&fixture.app, fixture.actor(), push).await.unwrap();
            fixture.work_through().await;
            fixture.assert_once(&[cor]).await;
            assert_eq!(fixture.link(cor).await.event, Some(event));
        }
        fixture.assert_done().await;
    }

    async fn half_a_cor_in_an_event_that_was_voided_stays_tied_to_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        let (push, event) = fixture.half_created(cor).await;
        fixture.in_procore(|w| w.set_event_status(event, "void").unwrap());
        fixture.work().await;
        assert!(matches!(fixture.outcome(push, cor).await, CorOutcome::Changed { .. }));
        assert_eq!(fixture.link(cor).await.event, Some(event), "its half is there");
        let known = fixture.link_lines(cor).await.into_iter().filter_map(|line| line.line).collect::<BTreeSet<_>>();
        assert_eq!(known, fixture.lines_of(cor).await.iter().map(|(_, line)| line.id).collect());
        fixture.assert_done().await;
    }
}
