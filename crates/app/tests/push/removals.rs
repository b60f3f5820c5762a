//! A removal in trouble: seen on a page of its own, and steered there like any push. Lines go exactly once, or stay.

use domain::{
    CorId, PushId,
    procore::{
        push::Purpose,
        push_state::{CorOutcome, ProcoreState, PushState},
    },
};
use emulator::{Fault, FaultKind, Silence};
use ledgerboard::{Error, company::people, push};
use store::repo::link::Link;

use crate::{
    fixture::{EVENTS, Fixture, MANAGER, OWNER, sentence},
    record_pages::Reader,
};

impl Fixture {
    /// A COR of several lines that is in CE 002.
    async fn there(&self, number: usize) -> CorId {
        let cor = self.mechanical(&[number])[0];
        self.push(&[cor]).into_event("002").line_items().finished().await;
        cor
    }

    /// The COR is not linked any more, and none of its lines is left in CE 002.
    async fn assert_gone(&self, cor: CorId) {
        assert_eq!(self.link_if_any(cor).await, None);
        let number = format!("COR {}", self.cor(cor).await.number);
        let event = self.event_now(self.event("002"));
        let ours = event.live_items().filter(|item| item.description.as_deref().unwrap_or_default().contains(&number));
        assert_eq!(ours.count(), 0, "lines of {number}");
    }

    /// The link says again what it said before, but for who had it last.
    async fn assert_as_before(&self, before: &Link) {
        let now = self.link(before.cor).await;
        assert_eq!(Link { push: before.push, ..now }, *before);
    }

    async fn state_of(&self, push: PushId) -> PushState {
        self.stored(push).await.state
    }
}

store::both_databases! {
    async fn a_removal_that_stops_is_tried_again_and_done_once(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let foreign = fixture.foreign(fixture.event("002"));
        let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
        let error = FaultKind::Status { status: 500, retry_after: None, executed: false };
        fixture.world.procore.fault(Fault::next("PATCH", EVENTS, error).times(u32::MAX));
        fixture.work_through().await;
        assert!(matches!(fixture.state_of(removal).await, PushState::Stopped { look_at: None, .. }));
        assert_eq!(fixture.state(cor).await, ProcoreState::Stopped);

        fixture.world.procore.clear_faults();
        // Anybody may who may push.
        push::try_again(&fixture.app, &fixture.made.owner, removal).await.unwrap();
        fixture.calls();
        fixture.work_through().await;
        assert_eq!(fixture.calls(), ["GET event", "PATCH event"]);
        assert_eq!(fixture.state_of(removal).await, PushState::Finished);
        fixture.assert_gone(cor).await;
        assert_eq!(fixture.foreign(fixture.event("002")), foreign);
        let told = fixture.told(cor).await.join(" ");
        assert!(told.contains("had the removal tried again."), "{told}");
        assert_eq!(told.matches("unlinked it from CE 002").count(), 1, "{told}");
        assert!(sentence(push::try_again(&fixture.app, fixture.actor(), removal).await).contains("This removal is over"));
        fixture.assert_done().await;
    }

    async fn a_paused_removal_sends_nothing_and_goes_on_when_it_is_resumed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let removal = fixture.ask_removal(cor, Purpose::Move).await;
        push::pause(&fixture.app, fixture.actor(), removal).await.unwrap();
        assert_eq!(fixture.state(cor).await, ProcoreState::Paused);
        fixture.calls();
        fixture.work_through().await;
        assert_eq!(fixture.calls(), [""; 0]);
        assert!(sentence(push::try_again(&fixture.app, fixture.actor(), removal).await).contains("This removal goes on"));
        push::resume(&fixture.app, fixture.actor(), removal).await.unwrap();
        fixture.work().await;
        let link = fixture.link(cor).await;
        assert_eq!((link.state, link.event), (ProcoreState::UpdateNeeded, None), "ready to be pushed elsewhere");
        assert!(fixture.lines_of(cor).await.is_empty());
        let told = fixture.told(cor).await.join(" ");
        assert!(told.contains("paused the removal.") && told.contains("resumed the removal."), "{told}");
        fixture.assert_done().await;
    }

    async fn cancelled_before_it_left_everything_is_as_it_was(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(10).await;
        let surplus = fixture.doubled().await;
        for (cor, purpose) in [(cor, Purpose::Unlink), (cor, Purpose::Move), (surplus, Purpose::RemoveSurplus)] {
            let before = fixture.link(cor).await;
            let (known, lines) = (fixture.link_lines(cor).await, fixture.lines_of(cor).await);
            let removal = fixture.ask_removal(cor, purpose).await;
            // Lines are read in any order, so the words are those of the moment of the click.
            let (state, reason) = fixture.outcomes(removal).await[0].before.clone();
            assert_eq!(state, before.state);
            let before = Link { reason, ..before };
            fixture.calls();
            push::cancel(&fixture.app, fixture.actor(), removal).await.unwrap();
            assert_eq!(fixture.state_of(removal).await, PushState::Cancelled);
            assert_eq!(fixture.outcome(removal, cor).await, CorOutcome::Cancelled);
            fixture.work_through().await;
            assert_eq!(fixture.calls(), [""; 0], "nothing is asked of Procore for it");
            fixture.assert_as_before(&before).await;
            assert_eq!((fixture.link_lines(cor).await, fixture.lines_of(cor).await), (known, lines));
            assert!(fixture.told(cor).await.last().unwrap().starts_with("cancelled the removal of "));
        }
        // It may be asked for again.
        fixture.ask_removal(surplus, Purpose::RemoveSurplus).await;
        fixture.work().await;
        fixture.assert_once(&[surplus]).await;
        fixture.assert_done().await;
    }

    async fn edited_while_its_removal_was_paused_a_cor_needs_an_update_afterwards(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
        push::pause(&fixture.app, fixture.actor(), removal).await.unwrap();
        fixture.edit(cor, |lines| lines.push(fixture.lump("More", 1000))).await;
        push::cancel(&fixture.app, fixture.actor(), removal).await.unwrap();
        assert_eq!(fixture.state(cor).await, ProcoreState::UpdateNeeded);
    }

    async fn what_somebody_changed_while_a_removal_was_paused_is_found_once_it_is_cancelled(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
        push::pause(&fixture.app, fixture.actor(), removal).await.unwrap();
        let line = fixture.ids(cor).await[0];
        fixture.in_procore(|w| w.delete_line(line).unwrap());
        fixture.later(1000).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::Paused, "left alone as long as the removal holds it");
        push::cancel(&fixture.app, fixture.actor(), removal).await.unwrap();
        fixture.later(300).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::LineRemoved);
    }

    async fn a_removal_in_question_is_looked_for_before_it_is_cancelled(store: Store) {
        let fixture = Fixture::on(store).await;
        for (number, kind, arrived) in [
            (9, FaultKind::DropAfter, true),
            (10, FaultKind::HangBefore, false),
            (11, FaultKind::ExecuteLate { after_seconds: 115, silence: Silence::Close }, true),
        ] {
            let cor = fixture.there(number).await;
            let (before, lines) = (fixture.link(cor).await, fixture.lines_of(cor).await);
            let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
            fixture.fault("PATCH", kind);
            fixture.work().await;
            push::cancel(&fixture.app, fixture.actor(), removal).await.unwrap();
            assert!(matches!(fixture.state_of(removal).await, PushState::Uncertain { .. }), "looked for first");
            fixture.calls();
            fixture.work_through().await;
            let calls = fixture.calls();
            assert!(calls.iter().all(|call| call == "GET event"), "{calls:?}");
            if arrived {
                assert_eq!(fixture.state_of(removal).await, PushState::Finished);
                fixture.assert_gone(cor).await;
            } else {
                assert_eq!(fixture.state_of(removal).await, PushState::Cancelled);
                fixture.assert_as_before(&before).await;
                assert_eq!(fixture.lines_of(cor).await, lines);
            }
        }
        fixture.assert_done().await;
    }

    async fn cancelled_when_some_of_its_lines_are_gone_it_tells_which_are_missing(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let line = fixture.ids(cor).await[0];
        let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
        fixture.fault("PATCH", FaultKind::HangBefore);
        fixture.work().await;
        fixture.in_procore(|w| w.delete_line(line).unwrap());
        push::cancel(&fixture.app, fixture.actor(), removal).await.unwrap();
        fixture.work_through().await;
        assert_eq!(fixture.outcome(removal, cor).await, CorOutcome::Cancelled);
        assert_eq!(fixture.state(cor).await, ProcoreState::LineRemoved);
        let told = fixture.told(cor).await;
        assert!(told.last().unwrap().ends_with("of which 1 line went before."), "{told:?}");
        fixture.assert_done().await;
    }

    async fn one_that_waits_for_a_person_who_left_is_cancelled_by_somebody_else(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let before = fixture.link(cor).await;
        let (manager, owner) = (fixture.actor(), &fixture.made.owner);
        let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
        fixture.world.procore.revoke_tokens();
        people::set_enabled(&fixture.app, owner, manager.person, false).await.unwrap();
        fixture.work().await;
        let standing = push::standing(&fixture.app, owner, removal).await.unwrap();
        assert_eq!(standing.remedy, Some(push::Remedy::SomebodySignsIn { name: manager.name.clone() }));
        push::cancel(&fixture.app, owner, removal).await.unwrap();
        fixture.assert_as_before(&before).await;
        // The COR is free again: whoever is there removes it.
        fixture.world.sign_in_to_procore(&fixture.app, owner, OWNER).await.unwrap();
        fixture.ask_removal_as(owner, cor, Purpose::Unlink).await;
        fixture.work().await;
        fixture.assert_gone(cor).await;
        fixture.assert_done().await;
    }

    async fn one_in_question_is_not_cancelled_before_its_person_can_look(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
        fixture.fault("PATCH", FaultKind::DropAfter);
        fixture.work().await;
        fixture.world.procore.revoke_tokens();
        fixture.work_through().await;
        assert!(matches!(fixture.state_of(removal).await, PushState::Parked { uncertain: true, .. }));
        push::cancel(&fixture.app, &fixture.made.owner, removal).await.unwrap();
        assert!(matches!(fixture.state_of(removal).await, PushState::Parked { .. }), "noted, and nobody looked yet");
        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
        fixture.calls();
        fixture.work_through().await;
        assert_eq!(fixture.calls(), ["GET event"]);
        fixture.assert_gone(cor).await;
        fixture.assert_done().await;
    }

    async fn somebody_elses_push_is_not_found(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
        let (app, stranger) = (&fixture.app, &fixture.made.subs[0]);
        assert!(matches!(push::standing(app, stranger, removal).await, Err(Error::NotFound)));
        for done in [
            push::pause(app, stranger, removal).await,
            push::resume(app, stranger, removal).await,
            push::cancel(app, stranger, removal).await,
            push::try_again(app, stranger, removal).await,
        ] {
            assert!(matches!(done, Err(Error::NotFound)), "{done:?}");
        }
        let page = format!("/pushes/{removal}");
        let theirs = Reader::of(&fixture, stranger).await;
        assert_eq!((theirs.read(&page).await.0, theirs.press(&page, "cancel").await.0), (404, 404));
        assert!(matches!(fixture.state_of(removal).await, PushState::Queued { .. }), "nothing came of it");
    }

    async fn the_log_and_the_cor_lead_to_the_removal_and_its_page_steers_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.there(9).await;
        let removal = fixture.ask_removal(cor, Purpose::Unlink).await;
        let (reader, page) = (Reader::of(&fixture, fixture.actor()).await, format!("/pushes/{removal}"));
        let link = format!("href=\"{page}\"");
        for from in [format!("/projects/{}/log/received", fixture.made.project), format!("/cors/{cor}"), format!("/cors/{cor}/drift")] {
            assert!(reader.read(&from).await.1.contains(&link), "{from}");
        }
        let (status, text) = reader.read(&page).await;
        assert_eq!(status, 200);
        for part in ["Unlink COR 009 and remove its lines", "Removing ", "Cancel the removal", "every 1s"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("Lines and codes"), "the wizard's steps are none of it");
        assert_eq!(reader.press(&page, "pause").await.0, 303);
        assert!(reader.read(&page).await.1.contains(push::copy::running::PAUSED));
        reader.press(&page, "resume").await;
        fixture.work().await;
        let text = reader.read(&page).await.1;
        assert!(text.contains("removed from CE 002") && text.contains("Removed") && !text.contains("every 1s"), "{text}");
        assert!(reader.press(&page, "cancel").await.0 == 303, "told why not");
        assert_eq!(reader.press(&page, "shred").await.0, 404);
    }
}
