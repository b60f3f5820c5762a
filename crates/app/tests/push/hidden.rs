//! A void COR whose event answers 404 and stands in no list: nobody knows whether it is deleted or only out of sight.

use domain::procore::{Amount, push_state::ProcoreState, reconciliation::Category};
use ledgerboard::{
    comparison,
    push::{self, ChosenEvent},
};

use crate::fixture::{Fixture, sentence};
use crate::record_pages::Reader;

/// Later than lists may lag behind, so that what they don't show isn't merely new.
const SURELY_LISTED: i64 = 4_000;
const A_DAY: i64 = 86_400;

impl Fixture {
    /// 404 by its id, and in no list.
    fn out_of_sight(&self, event: i64) -> emulator::world::ChangeEvent {
        self.world.procore.world(|w| w.change_events.remove(&event)).unwrap()
    }
}

store::sqlite_only! {
    async fn a_void_cors_money_is_not_called_gone_while_its_event_is_only_hidden(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, live, later) = (fixture.mechanical(&[9])[0], fixture.mechanical(&[10])[0], fixture.mechanical(&[11])[0]);
        fixture.push(&[cor, live, later]).into_event("002").line_items().finished().await;
        let event = fixture.event("002");
        fixture.later(SURELY_LISTED).await;
        fixture.void(cor).await;
        fixture.assert_left(cor, fixture.cor(cor).await.total()).await;
        // A line that somebody removed before stays removed.
        let removed = fixture.ids(cor).await[0];
        fixture.in_procore(|w| w.delete_line(removed).unwrap());
        fixture.later(A_DAY).await;
        let rest = Amount::of(fixture.counted(cor).await).money().unwrap();
        assert!(!rest.is_zero() && rest != fixture.cor(cor).await.total());
        fixture.assert_left(cor, rest).await;

        let hidden = fixture.out_of_sight(event);
        for _ in 0..2 {
            fixture.later(A_DAY).await;
            let (state, reason) = fixture.said(cor).await;
            assert_eq!(state, ProcoreState::UpdateNeeded, "{reason}");
            assert!(reason.contains(&rest.to_string()) && reason.contains("doesn't show"), "{reason}");
            assert!(reason.contains("unlink the COR"), "{reason}");
            let row = fixture.reconciled(cor).await;
            assert_eq!((row.category, row.there, row.gap()), (Category::ToTakeOut, rest.into(), Amount::from(-rest)));
            assert_eq!(fixture.said(live).await.0, ProcoreState::EventDeleted);
            let row = fixture.reconciled(live).await;
            assert_eq!((row.category, row.there), (Category::NotInProcore, Amount::ZERO));
        }
        // Voided while nobody sees the event.
        fixture.void(later).await;
        assert_eq!(fixture.said(later).await.0, ProcoreState::UpdateNeeded);
        assert_eq!(fixture.reconciled(later).await.there, fixture.cor(later).await.total());
        // Nobody takes out what they don't see, and the comparison says what unlinking means.
        let draft = fixture.push(&[cor]).drafts().await.unwrap()[0];
        let why = sentence(push::choose_event(&fixture.app, fixture.actor(), draft, ChosenEvent::existing(event)).await);
        assert!(why.contains("doesn't list it as deleted"), "{why}");
        let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/cors/{cor}/drift")).await.1;
        assert!(!page.contains("The lines were deleted with the Change Event") && page.contains("deleted for good"), "{page}");

        // Shown again, all is as it was.
        fixture.world.procore.world(|w| w.change_events.insert(event, hidden));
        fixture.later(A_DAY).await;
        fixture.assert_left(cor, rest).await;
        // Listed as deleted it is gone, and purged afterwards it stays that.
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        fixture.later(A_DAY).await;
        fixture.assert_nowhere(cor).await;
        fixture.out_of_sight(event);
        fixture.later(A_DAY).await;
        fixture.assert_nowhere(cor).await;
    }

    async fn a_void_cor_in_an_event_that_was_purged_is_let_go_of(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let event = fixture.event("002");
        fixture.later(SURELY_LISTED).await;
        fixture.void(cor).await;
        fixture.out_of_sight(event);
        fixture.later(A_DAY).await;
        assert_eq!(fixture.said(cor).await.0, ProcoreState::UpdateNeeded);
        let version = comparison::look(&fixture.app, fixture.actor(), cor).await.unwrap().version;
        comparison::unlink(&fixture.app, fixture.actor(), cor, &version).await.unwrap();
        let told = fixture.told(cor).await;
        assert!(told.iter().any(|text| text.contains("Procore doesn't show that event")), "{told:?}");
        assert!(told.iter().all(|text| !text.contains("went with it")), "{told:?}");
        fixture.assert_out(cor).await;
    }

    async fn nobody_is_told_that_lines_went_with_an_event_that_is_only_hidden(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let event = fixture.event("002");
        fixture.later(SURELY_LISTED).await;
        fixture.out_of_sight(event);
        fixture.later(A_DAY).await;
        assert_eq!(fixture.said(cor).await.0, ProcoreState::EventDeleted);
        let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/cors/{cor}/drift")).await.1;
        assert!(page.contains("the COR counts twice") && !page.contains("The lines were deleted with the Change Event"), "{page}");
        let version = comparison::look(&fixture.app, fixture.actor(), cor).await.unwrap().version;
        let left = comparison::unlink(&fixture.app, fixture.actor(), cor, &version).await.unwrap();
        assert_eq!(left, comparison::Unlinked::NotKnown);
    }
}

impl Fixture {
    /// The log and the reconciliation say that nothing of it is there.
    async fn assert_nowhere(&self, cor: domain::CorId) {
        assert_eq!(self.said(cor).await, (ProcoreState::NotInProcore, String::new()));
        let row = self.reconciled(cor).await;
        assert_eq!((row.category, row.there, row.gap()), (Category::NotToPush, Amount::ZERO, Amount::ZERO));
    }
}
