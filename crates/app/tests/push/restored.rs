//! Lines that somebody deletes in Procore and restores there later: what no push asks for any more counts twice then, and is told.

use domain::{cor::Breakdown, procore::push_state::ProcoreState};
use ledgerboard::comparison;
use store::both_databases;

use crate::fixture::Fixture;

impl Fixture {
    fn deleted_there(&self, lines: &[i64]) {
        self.in_procore(|w| lines.iter().for_each(|line| w.delete_line(*line).unwrap()));
    }

    fn restored_there(&self, lines: &[i64]) {
        self.in_procore(|w| lines.iter().for_each(|line| w.edit_line(*line, |l| l.deleted_at = None).unwrap()));
    }

    async fn assert_surplus(&self, cor: domain::CorId) {
        let (link, told) = (self.link(cor).await, self.told(cor).await);
        assert_eq!(link.state, ProcoreState::Surplus, "{} {told:?}", link.reason);
        assert!(told.last().unwrap().contains("no push accounts for"), "{told:?}");
    }
}

both_databases! {
    async fn what_another_detail_replaced_is_a_surplus_once_it_is_restored(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").line_items().finished().await;
        let items = fixture.ids(cor).await;
        fixture.deleted_there(&items);
        fixture.push(&[cor]).finished().await;
        assert_eq!(fixture.link(cor).await.breakdown, Breakdown::LumpSum);
        fixture.assert_once(&[cor]).await;
        fixture.later(900).await;
        fixture.assert_once(&[cor]).await;
        fixture.restored_there(&items);
        fixture.later(86_400).await;
        fixture.assert_surplus(cor).await;
        comparison::remove_surplus(&fixture.app, fixture.actor(), cor).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&[cor]).await;
        // Made item by item again, nothing gets the number of one that may come back.
        fixture.push(&[cor]).line_items().finished().await;
        fixture.restored_there(&items);
        fixture.later(86_400).await;
        fixture.assert_surplus(cor).await;
        comparison::remove_surplus(&fixture.app, fixture.actor(), cor).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn an_item_that_its_sender_dropped_is_a_surplus_once_it_is_restored(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[10])[0];
        fixture.edit(cor, |lines| lines.push(fixture.lump("More", 1000))).await;
        fixture.push(&[cor]).into_event("002").line_items().finished().await;
        let dropped = *fixture.ids(cor).await.last().unwrap();
        fixture.later(200).await;
        fixture.edit(cor, |lines| drop(lines.pop())).await;
        fixture.deleted_there(&[dropped]);
        fixture.push(&[cor]).line_items().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.restored_there(&[dropped]);
        fixture.later(86_400).await;
        fixture.assert_surplus(cor).await;
    }

    async fn an_item_that_was_accepted_as_gone_is_a_surplus_once_it_is_restored(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[10])[0];
        fixture.edit(cor, |lines| lines.push(fixture.lump("More", 1000))).await;
        fixture.push(&[cor]).into_event("002").line_items().finished().await;
        let (dropped, kept) = (*fixture.ids(cor).await.last().unwrap(), fixture.ids(cor).await[0]);
        fixture.later(200).await;
        fixture.edit(cor, |lines| drop(lines.pop())).await;
        fixture.deleted_there(&[dropped, kept]);
        fixture.later(900).await;
        comparison::accept(&fixture.app, fixture.actor(), cor, &fixture.version(cor).await, "").await.unwrap();
        // What the COR asks for may come back.
        fixture.restored_there(&[kept]);
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpToDate);
        fixture.restored_there(&[dropped]);
        fixture.later(86_400).await;
        fixture.assert_surplus(cor).await;
    }

    async fn what_made_up_for_a_lock_is_a_surplus_once_it_is_restored(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, line) = fixture.locked(10, 5_000).await;
        fixture.push(&[cor]).answering(ledgerboard::push::Answer::Adjust).line_items().finished().await;
        let adjustment = *fixture.ids(cor).await.iter().max().unwrap();
        fixture.deleted_there(&[adjustment]);
        fixture.in_procore(|w| w.edit_line(line, |l| l.lock = None).unwrap());
        fixture.push(&[cor]).line_items().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.restored_there(&[adjustment]);
        fixture.later(86_400).await;
        fixture.assert_surplus(cor).await;
    }
}
