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
    desk::{Desk, EVENTS, MANAGER, OWNER, sentence},
    record_pages::Reader,
};

impl Desk {
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
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let foreign = desk.foreign(desk.event("002"));
        let removal = desk.ask_removal(cor, Purpose::Unlink).await;
        let error = FaultKind::Status { status: 500, retry_after: None, executed: false };
        desk.world.procore.fault(Fault::next("PATCH", EVENTS, error).times(u32::MAX));
        desk.work_through().await;
        assert!(matches!(desk.state_of(removal).await, PushState::Stopped { look_at: None, .. }));
        assert_eq!(desk.state(cor).await, ProcoreState::Stopped);

        desk.world.procore.clear_faults();
        // Anybody may who may push.
        push::try_again(&desk.app, &desk.made.owner, removal).await.unwrap();
        desk.calls();
        desk.work_through().await;
        assert_eq!(desk.calls(), ["GET event", "PATCH event"]);
        assert_eq!(desk.state_of(removal).await, PushState::Finished);
        desk.assert_gone(cor).await;
        assert_eq!(desk.foreign(desk.event("002")), foreign);
        let told = desk.told(cor).await.join(" ");
        assert!(told.contains("had the removal tried again."), "{told}");
        assert_eq!(told.matches("unlinked it from CE 002").count(), 1, "{told}");
        assert!(sentence(push::try_again(&desk.app, desk.actor(), removal).await).contains("This removal is over"));
        desk.assert_done().await;
    }

    async fn a_paused_removal_sends_nothing_and_goes_on_when_it_is_resumed(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let removal = desk.ask_removal(cor, Purpose::Move).await;
        push::pause(&desk.app, desk.actor(), removal).await.unwrap();
        assert_eq!(desk.state(cor).await, ProcoreState::Paused);
        desk.calls();
        desk.work_through().await;
        assert_eq!(desk.calls(), [""; 0]);
        assert!(sentence(push::try_again(&desk.app, desk.actor(), removal).await).contains("This removal goes on"));
        push::resume(&desk.app, desk.actor(), removal).await.unwrap();
        desk.work().await;
        let link = desk.link(cor).await;
        assert_eq!((link.state, link.event), (ProcoreState::UpdateNeeded, None), "ready to be pushed elsewhere");
        assert!(desk.lines_of(cor).await.is_empty());
        let told = desk.told(cor).await.join(" ");
        assert!(told.contains("paused the removal.") && told.contains("resumed the removal."), "{told}");
        desk.assert_done().await;
    }

    async fn cancelled_before_it_left_everything_is_as_it_was(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(10).await;
        let surplus = desk.doubled().await;
        for (cor, purpose) in [(cor, Purpose::Unlink), (cor, Purpose::Move), (surplus, Purpose::RemoveSurplus)] {
            let before = desk.link(cor).await;
            let (known, lines) = (desk.link_lines(cor).await, desk.lines_of(cor).await);
            let removal = desk.ask_removal(cor, purpose).await;
            // Lines are read in any order, so the words are those of the moment of the click.
            let (state, reason) = desk.outcomes(removal).await[0].before.clone();
            assert_eq!(state, before.state);
            let before = Link { reason, ..before };
            desk.calls();
            push::cancel(&desk.app, desk.actor(), removal).await.unwrap();
            assert_eq!(desk.state_of(removal).await, PushState::Cancelled);
            assert_eq!(desk.outcome(removal, cor).await, CorOutcome::Cancelled);
            desk.work_through().await;
            assert_eq!(desk.calls(), [""; 0], "nothing is asked of Procore for it");
            desk.assert_as_before(&before).await;
            assert_eq!((desk.link_lines(cor).await, desk.lines_of(cor).await), (known, lines));
            assert!(desk.told(cor).await.last().unwrap().starts_with("cancelled the removal of "));
        }
        // It may be asked for again.
        desk.ask_removal(surplus, Purpose::RemoveSurplus).await;
        desk.work().await;
        desk.assert_once(&[surplus]).await;
        desk.assert_done().await;
    }

    async fn edited_while_its_removal_was_paused_a_cor_needs_an_update_afterwards(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let removal = desk.ask_removal(cor, Purpose::Unlink).await;
        push::pause(&desk.app, desk.actor(), removal).await.unwrap();
        desk.edit(cor, |lines| lines.push(desk.lump("More", 1000))).await;
        push::cancel(&desk.app, desk.actor(), removal).await.unwrap();
        assert_eq!(desk.state(cor).await, ProcoreState::UpdateNeeded);
    }

    async fn what_somebody_changed_while_a_removal_was_paused_is_found_once_it_is_cancelled(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let removal = desk.ask_removal(cor, Purpose::Unlink).await;
        push::pause(&desk.app, desk.actor(), removal).await.unwrap();
        let line = desk.ids(cor).await[0];
        desk.in_procore(|w| w.delete_line(line).unwrap());
        desk.later(1000).await;
        assert_eq!(desk.state(cor).await, ProcoreState::Paused, "left alone as long as the removal holds it");
        push::cancel(&desk.app, desk.actor(), removal).await.unwrap();
        desk.later(300).await;
        assert_eq!(desk.state(cor).await, ProcoreState::LineRemoved);
    }

    async fn a_removal_in_question_is_looked_for_before_it_is_cancelled(store: Store) {
        let desk = Desk::on(store).await;
        for (number, kind, arrived) in [
            (9, FaultKind::DropAfter, true),
            (10, FaultKind::HangBefore, false),
            (11, FaultKind::ExecuteLate { after_seconds: 115, silence: Silence::Close }, true),
        ] {
            let cor = desk.there(number).await;
            let (before, lines) = (desk.link(cor).await, desk.lines_of(cor).await);
            let removal = desk.ask_removal(cor, Purpose::Unlink).await;
            desk.fault("PATCH", kind);
            desk.work().await;
            push::cancel(&desk.app, desk.actor(), removal).await.unwrap();
            assert!(matches!(desk.state_of(removal).await, PushState::Uncertain { .. }), "looked for first");
            desk.calls();
            desk.work_through().await;
            let calls = desk.calls();
            assert!(calls.iter().all(|call| call == "GET event"), "{calls:?}");
            if arrived {
                assert_eq!(desk.state_of(removal).await, PushState::Finished);
                desk.assert_gone(cor).await;
            } else {
                assert_eq!(desk.state_of(removal).await, PushState::Cancelled);
                desk.assert_as_before(&before).await;
                assert_eq!(desk.lines_of(cor).await, lines);
            }
        }
        desk.assert_done().await;
    }

    async fn cancelled_when_some_of_its_lines_are_gone_it_tells_which_are_missing(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let line = desk.ids(cor).await[0];
        let removal = desk.ask_removal(cor, Purpose::Unlink).await;
        desk.fault("PATCH", FaultKind::HangBefore);
        desk.work().await;
        desk.in_procore(|w| w.delete_line(line).unwrap());
        push::cancel(&desk.app, desk.actor(), removal).await.unwrap();
        desk.work_through().await;
        assert_eq!(desk.outcome(removal, cor).await, CorOutcome::Cancelled);
        assert_eq!(desk.state(cor).await, ProcoreState::LineRemoved);
        let told = desk.told(cor).await;
        assert!(told.last().unwrap().ends_with("of which 1 line went before."), "{told:?}");
        desk.assert_done().await;
    }

    async fn one_that_waits_for_a_person_who_left_is_cancelled_by_somebody_else(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let before = desk.link(cor).await;
        let (manager, owner) = (desk.actor(), &desk.made.owner);
        let removal = desk.ask_removal(cor, Purpose::Unlink).await;
        desk.world.procore.revoke_tokens();
        people::set_enabled(&desk.app, owner, manager.person, false).await.unwrap();
        desk.work().await;
        let standing = push::standing(&desk.app, owner, removal).await.unwrap();
        assert_eq!(standing.remedy, Some(push::Remedy::SomebodySignsIn { name: manager.name.clone() }));
        push::cancel(&desk.app, owner, removal).await.unwrap();
        desk.assert_as_before(&before).await;
        // The COR is free again: whoever is there removes it.
        desk.world.sign_in_to_procore(&desk.app, owner, OWNER).await.unwrap();
        desk.ask_removal_as(owner, cor, Purpose::Unlink).await;
        desk.work().await;
        desk.assert_gone(cor).await;
        desk.assert_done().await;
    }

    async fn one_in_question_is_not_cancelled_before_its_person_can_look(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let removal = desk.ask_removal(cor, Purpose::Unlink).await;
        desk.fault("PATCH", FaultKind::DropAfter);
        desk.work().await;
        desk.world.procore.revoke_tokens();
        desk.work_through().await;
        assert!(matches!(desk.state_of(removal).await, PushState::Parked { uncertain: true, .. }));
        push::cancel(&desk.app, &desk.made.owner, removal).await.unwrap();
        assert!(matches!(desk.state_of(removal).await, PushState::Parked { .. }), "noted, and nobody looked yet");
        desk.world.sign_in_to_procore(&desk.app, desk.actor(), MANAGER).await.unwrap();
        desk.calls();
        desk.work_through().await;
        assert_eq!(desk.calls(), ["GET event"]);
        desk.assert_gone(cor).await;
        desk.assert_done().await;
    }

    async fn somebody_elses_push_is_not_found(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let removal = desk.ask_removal(cor, Purpose::Unlink).await;
        let (app, stranger) = (&desk.app, &desk.made.subs[0]);
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
        let theirs = Reader::of(&desk, stranger).await;
        assert_eq!((theirs.read(&page).await.0, theirs.press(&page, "cancel").await.0), (404, 404));
        assert!(matches!(desk.state_of(removal).await, PushState::Queued { .. }), "nothing came of it");
    }

    async fn the_log_and_the_cor_lead_to_the_removal_and_its_page_steers_it(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.there(9).await;
        let removal = desk.ask_removal(cor, Purpose::Unlink).await;
        let (reader, page) = (Reader::of(&desk, desk.actor()).await, format!("/pushes/{removal}"));
        let link = format!("href=\"{page}\"");
        for from in [format!("/projects/{}/log/received", desk.made.project), format!("/cors/{cor}"), format!("/cors/{cor}/drift")] {
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
        desk.work().await;
        let text = reader.read(&page).await.1;
        assert!(text.contains("removed from CE 002") && text.contains("Removed") && !text.contains("every 1s"), "{text}");
        assert!(reader.press(&page, "cancel").await.0 == 303, "told why not");
        assert_eq!(reader.press(&page, "shred").await.0, 404);
    }
}
