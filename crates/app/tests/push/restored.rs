//! Lines that somebody deletes in Procore and restores there later: what no push asks for any more counts twice then, and is told.

use domain::{cor::Breakdown, procore::push_state::ProcoreState};
use ledgerboard::comparison;
use store::both_databases;

use crate::desk::Desk;

impl Desk {
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
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").line_items().finished().await;
        let items = desk.ids(cor).await;
        desk.deleted_there(&items);
        desk.push(&[cor]).finished().await;
        assert_eq!(desk.link(cor).await.breakdown, Breakdown::LumpSum);
        desk.assert_once(&[cor]).await;
        desk.later(900).await;
        desk.assert_once(&[cor]).await;
        desk.restored_there(&items);
        desk.later(86_400).await;
        desk.assert_surplus(cor).await;
        comparison::remove_surplus(&desk.app, desk.actor(), cor).await.unwrap();
        desk.work().await;
        desk.assert_once(&[cor]).await;
        // Made item by item again, nothing gets the number of one that may come back.
        desk.push(&[cor]).line_items().finished().await;
        desk.restored_there(&items);
        desk.later(86_400).await;
        desk.assert_surplus(cor).await;
        comparison::remove_surplus(&desk.app, desk.actor(), cor).await.unwrap();
        desk.work().await;
        desk.assert_once(&[cor]).await;
        desk.assert_done().await;
    }

    async fn an_item_that_its_sender_dropped_is_a_surplus_once_it_is_restored(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[10])[0];
        desk.edit(cor, |lines| lines.push(desk.lump("More", 1000))).await;
        desk.push(&[cor]).into_event("002").line_items().finished().await;
        let dropped = *desk.ids(cor).await.last().unwrap();
        desk.later(200).await;
        desk.edit(cor, |lines| drop(lines.pop())).await;
        desk.deleted_there(&[dropped]);
        desk.push(&[cor]).line_items().finished().await;
        desk.assert_once(&[cor]).await;
        desk.restored_there(&[dropped]);
        desk.later(86_400).await;
        desk.assert_surplus(cor).await;
    }

    async fn an_item_that_was_accepted_as_gone_is_a_surplus_once_it_is_restored(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[10])[0];
        desk.edit(cor, |lines| lines.push(desk.lump("More", 1000))).await;
        desk.push(&[cor]).into_event("002").line_items().finished().await;
        let (dropped, kept) = (*desk.ids(cor).await.last().unwrap(), desk.ids(cor).await[0]);
        desk.later(200).await;
        desk.edit(cor, |lines| drop(lines.pop())).await;
        desk.deleted_there(&[dropped, kept]);
        desk.later(900).await;
        comparison::accept(&desk.app, desk.actor(), cor, &desk.version(cor).await, "").await.unwrap();
        // What the COR asks for may come back.
        desk.restored_there(&[kept]);
        desk.later(900).await;
        assert_eq!(desk.state(cor).await, ProcoreState::UpToDate);
        desk.restored_there(&[dropped]);
        desk.later(86_400).await;
        desk.assert_surplus(cor).await;
    }

    async fn what_made_up_for_a_lock_is_a_surplus_once_it_is_restored(store: Store) {
        let desk = Desk::on(store).await;
        let (cor, line) = desk.locked(10, 5_000).await;
        desk.push(&[cor]).answering(ledgerboard::push::Answer::Adjust).line_items().finished().await;
        let adjustment = *desk.ids(cor).await.iter().max().unwrap();
        desk.deleted_there(&[adjustment]);
        desk.in_procore(|w| w.edit_line(line, |l| l.lock = None).unwrap());
        desk.push(&[cor]).line_items().finished().await;
        desk.assert_once(&[cor]).await;
        desk.restored_there(&[adjustment]);
        desk.later(86_400).await;
        desk.assert_surplus(cor).await;
    }
}
