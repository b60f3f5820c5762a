//! A void COR whose event answers 404 and stands in no list: nobody knows whether it is deleted or only out of sight.

use domain::procore::{Amount, push_state::ProcoreState, reconciliation::Category};
use ledgerboard::{
    comparison,
    push::{self, ChosenEvent},
};

use crate::desk::{Desk, sentence};
use crate::record_pages::Reader;

/// Later than lists may lag behind, so that what they don't show isn't merely new.
const SURELY_LISTED: i64 = 4_000;
const A_DAY: i64 = 86_400;

impl Desk {
    /// 404 by its id, and in no list.
    fn out_of_sight(&self, event: i64) -> emulator::world::ChangeEvent {
        self.world.procore.world(|w| w.change_events.remove(&event)).unwrap()
    }
}

store::sqlite_only! {
    async fn a_void_cors_money_is_not_called_gone_while_its_event_is_only_hidden(store: Store) {
        let desk = Desk::on(store).await;
        let (cor, live, later) = (desk.mechanical(&[9])[0], desk.mechanical(&[10])[0], desk.mechanical(&[11])[0]);
        desk.push(&[cor, live, later]).into_event("002").line_items().finished().await;
        let event = desk.event("002");
        desk.later(SURELY_LISTED).await;
        desk.void(cor).await;
        desk.assert_left(cor, desk.cor(cor).await.total()).await;
        // A line that somebody removed before stays removed.
        let removed = desk.ids(cor).await[0];
        desk.in_procore(|w| w.delete_line(removed).unwrap());
        desk.later(A_DAY).await;
        let rest = Amount::of(desk.counted(cor).await).money().unwrap();
        assert!(!rest.is_zero() && rest != desk.cor(cor).await.total());
        desk.assert_left(cor, rest).await;

        let hidden = desk.out_of_sight(event);
        for _ in 0..2 {
            desk.later(A_DAY).await;
            let (state, reason) = desk.said(cor).await;
            assert_eq!(state, ProcoreState::UpdateNeeded, "{reason}");
            assert!(reason.contains(&rest.to_string()) && reason.contains("doesn't show"), "{reason}");
            assert!(reason.contains("unlink the COR"), "{reason}");
            let row = desk.reconciled(cor).await;
            assert_eq!((row.category, row.there, row.gap()), (Category::ToTakeOut, rest.into(), Amount::from(-rest)));
            assert_eq!(desk.said(live).await.0, ProcoreState::EventDeleted);
            let row = desk.reconciled(live).await;
            assert_eq!((row.category, row.there), (Category::NotInProcore, Amount::ZERO));
        }
        // Voided while nobody sees the event.
        desk.void(later).await;
        assert_eq!(desk.said(later).await.0, ProcoreState::UpdateNeeded);
        assert_eq!(desk.reconciled(later).await.there, desk.cor(later).await.total());
        // Nobody takes out what they don't see, and the comparison says what unlinking means.
        let draft = desk.push(&[cor]).drafts().await.unwrap()[0];
        let why = sentence(push::choose_event(&desk.app, desk.actor(), draft, ChosenEvent::existing(event)).await);
        assert!(why.contains("doesn't list it as deleted"), "{why}");
        let page = Reader::of(&desk, desk.actor()).await.read(&format!("/cors/{cor}/drift")).await.1;
        assert!(!page.contains("The lines were deleted with the Change Event") && page.contains("deleted for good"), "{page}");

        // Shown again, all is as it was.
        desk.world.procore.world(|w| w.change_events.insert(event, hidden));
        desk.later(A_DAY).await;
        desk.assert_left(cor, rest).await;
        // Listed as deleted it is gone, and purged afterwards it stays that.
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        desk.later(A_DAY).await;
        desk.assert_nowhere(cor).await;
        desk.out_of_sight(event);
        desk.later(A_DAY).await;
        desk.assert_nowhere(cor).await;
    }

    async fn a_void_cor_in_an_event_that_was_purged_is_let_go_of(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let event = desk.event("002");
        desk.later(SURELY_LISTED).await;
        desk.void(cor).await;
        desk.out_of_sight(event);
        desk.later(A_DAY).await;
        assert_eq!(desk.said(cor).await.0, ProcoreState::UpdateNeeded);
        let version = comparison::look(&desk.app, desk.actor(), cor).await.unwrap().version;
        comparison::unlink(&desk.app, desk.actor(), cor, &version).await.unwrap();
        let told = desk.told(cor).await;
        assert!(told.iter().any(|text| text.contains("Procore doesn't show that event")), "{told:?}");
        assert!(told.iter().all(|text| !text.contains("went with it")), "{told:?}");
        desk.assert_out(cor).await;
    }

    async fn nobody_is_told_that_lines_went_with_an_event_that_is_only_hidden(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let event = desk.event("002");
        desk.later(SURELY_LISTED).await;
        desk.out_of_sight(event);
        desk.later(A_DAY).await;
        assert_eq!(desk.said(cor).await.0, ProcoreState::EventDeleted);
        let page = Reader::of(&desk, desk.actor()).await.read(&format!("/cors/{cor}/drift")).await.1;
        assert!(page.contains("the COR counts twice") && !page.contains("The lines were deleted with the Change Event"), "{page}");
        let version = comparison::look(&desk.app, desk.actor(), cor).await.unwrap().version;
        let left = comparison::unlink(&desk.app, desk.actor(), cor, &version).await.unwrap();
        assert_eq!(left, comparison::Unlinked::NotKnown);
    }
}

impl Desk {
    /// The log and the reconciliation say that nothing of it is there.
    async fn assert_nowhere(&self, cor: domain::CorId) {
        assert_eq!(self.said(cor).await, (ProcoreState::NotInProcore, String::new()));
        let row = self.reconciled(cor).await;
        assert_eq!((row.category, row.there, row.gap()), (Category::NotToPush, Amount::ZERO, Amount::ZERO));
    }
}
