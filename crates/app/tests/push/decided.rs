//! Each decision about what Procore and we disagree about is in the record, in the transaction that carries it out.

use domain::{
    CorId, Money,
    audit::{AuditEvent, PrivateEntry, SharedEntry},
    procore::push::Purpose,
};
use ledgerboard::{
    comparison,
    push::{self, Answer},
    record,
};
use store::both_databases;

use super::fixture::{Fixture, MANAGER, sentence};

impl Fixture {
    /// What the record keeps of decisions about a COR, the oldest first.
    async fn decisions(&self, cor: CorId) -> Vec<(String, PrivateEntry)> {
        let record = record::of_cor(&self.app, self.actor(), cor).await.unwrap();
        let decision = |event| match event {
            AuditEvent::Cor { told: SharedEntry::CorDecided { by, decision, .. }, kept, .. } => {
                assert_eq!(by, "Daniel Whitfield");
                Some((decision, kept))
            }
            _ => None,
        };
        let ours = record.entries.iter().filter(|said| !said.is_theirs());
        ours.filter_map(|said| decision(said.entry.event().unwrap())).collect()
    }

    /// The only decision there is: what it says, and why.
    pub async fn decision(&self, cor: CorId) -> (String, PrivateEntry) {
        let all = self.decisions(cor).await;
        let [one] = <[_; 1]>::try_from(all).unwrap();
        assert_eq!(one.1.login.as_deref(), Some(MANAGER), "as whom in Procore");
        for record in record::verify(&self.app.store).await.unwrap() {
            assert_eq!(record.flaws, [], "{}", record.name);
        }
        one
    }

    async fn now(&self, cor: CorId) -> String {
        comparison::look(&self.app, self.actor(), cor).await.unwrap().version
    }

    /// A pushed COR of which somebody changed a line in Procore, as noticed.
    async fn drifted(&self) -> CorId {
        let cor = self.mechanical(&[9])[0];
        self.push(&[cor]).into_event("002").finished().await;
        let line = self.ids(cor).await[0];
        self.later(200).await;
        self.in_procore(|w| w.edit_line(line, |l| l.cost.amount = Money::minor(111).to_decimal()).unwrap());
        self.later(900).await;
        cor
    }
}

both_databases! {
    async fn left_as_it_is(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.drifted().await;
        comparison::leave(&fixture.app, fixture.actor(), cor, "0.0").await.unwrap_err();
        assert_eq!(fixture.decisions(cor).await.len(), 0, "what was refused was not decided");
        comparison::leave(&fixture.app, fixture.actor(), cor, &fixture.now(cor).await).await.unwrap();
        let (says, kept) = fixture.decision(cor).await;
        assert_eq!(says, "left it as it is in Procore");
        assert!(kept.why.contains("→ 1.11"), "{kept:?}");
        assert_eq!(kept.event, Some(fixture.event("002")));
    }

    async fn accepted_with_a_note_that_stays_with_us(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.drifted().await;
        comparison::accept(&fixture.app, fixture.actor(), cor, &fixture.now(cor).await, "agreed on site").await.unwrap();
        let (says, kept) = fixture.decision(cor).await;
        assert_eq!(says, format!("accepted what Procore has: 1.11; the COR asks for {}", fixture.cor(cor).await.total()));
        assert_eq!(kept.why, "agreed on site");
    }

    async fn taken_over_by_its_sender(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        fixture.push(&[cor]).sent().into_new_event().line_items().finished().await;
        let (line, before) = (fixture.ids(cor).await[0], fixture.cor(cor).await.total());
        fixture.later(200).await;
        fixture.in_procore(|w| w.edit_line(line, |l| l.revenue.amount = Money::minor(77_700).to_decimal()).unwrap());
        fixture.later(900).await;
        comparison::accept(&fixture.app, fixture.actor(), cor, &fixture.now(cor).await, "").await.unwrap();
        assert_eq!(fixture.decision(cor).await.0, format!("took over what Procore has: 777.00, before {before}"));
    }

    async fn unlinked_and_the_lines_kept(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.drifted().await;
        comparison::unlink(&fixture.app, fixture.actor(), cor, &fixture.now(cor).await).await.unwrap();
        assert_eq!(fixture.decision(cor).await.0, "unlinked it from Change Event 002; its lines stay there");
    }

    async fn removals_are_decided_and_then_carried_out(store: Store) {
        let fixture = Fixture::on(store).await;
        for (n, purpose, says) in [(9, Purpose::Unlink, "asked to unlink it and to remove "), (10, Purpose::Move, "asked to move it: ")] {
            let cor = fixture.mechanical(&[n])[0];
            fixture.push(&[cor]).into_event("002").finished().await;
            let total = fixture.cor(cor).await.total();
            let shown = comparison::plan(&fixture.app, fixture.actor(), cor, purpose).await.unwrap();
            comparison::remove(&fixture.app, fixture.actor(), cor, purpose, &shown.digest()).await.unwrap();
            fixture.work().await;
            let (decided, _) = fixture.decision(cor).await;
            assert!(decided.starts_with(says) && decided.contains(&total.to_string()), "{decided}");
            let newest = record::of_cor(&fixture.app, fixture.actor(), cor).await.unwrap().entries.pop().unwrap().entry;
            let AuditEvent::Cor { told: SharedEntry::CorRemoved { amount, event, request_id, .. }, .. } = newest.event().unwrap() else {
                panic!("{newest:?}")
            };
            assert_eq!((amount, event.as_str(), request_id.is_some()), (total.into(), "002", true));
        }
    }

    async fn written_over_and_made_again_by_a_plan(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        assert_eq!(fixture.decisions(cor).await.len(), 0, "a push as such decides nothing");
        let line = fixture.ids(cor).await[0];
        fixture.later(200).await;
        fixture.in_procore(|w| w.delete_line(line).unwrap());
        fixture.later(900).await;
        fixture.push(&[cor]).answering(Answer::Recreate).finished().await;
        let (says, kept) = fixture.decision(cor).await;
        assert_eq!(says, "had ours written over what was changed in Procore; had made again: 1 line removed in Procore");
        assert!(kept.why.contains("was removed in Procore"), "{kept:?}");
    }

    async fn a_locked_line_is_made_up_for_by_one_of_its_own(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 30_000).await;
        fixture.push(&[cor]).line_items().answering(Answer::Adjust).finished().await;
        assert_eq!(fixture.decision(cor).await.0, "made up by a line of its own: 1 line locked in Procore");
        fixture.assert_adds_up(cor).await;
    }

    async fn another_event_is_refused_once_in_the_record_however_often_it_is_asked_for(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let event = fixture.event("002");
        fixture.later(200).await;
        // Purged: it is not shown, and not listed as deleted either.
        fixture.in_procore(|w| {
            w.change_events.remove(&event);
        });
        fixture.later(86_400).await;
        let (draft, wizard) = (fixture.push(&[cor]).drafts().await.unwrap()[0], fixture.push(&[cor]).into_event("004"));
        for _ in 0..2 {
            let why = sentence(wizard.planned_in(draft).await);
            assert!(why.contains("doesn't list it as deleted"), "{why}");
            push::plan(&fixture.app, fixture.actor(), draft).await.unwrap_err();
        }
        let (says, _) = fixture.decision(cor).await;
        assert!(says.contains("nobody knows whether CE 002 was deleted"), "{says}");
    }
}
