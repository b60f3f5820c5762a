//! Lines that became part of other documents in Procore, as most lines do: what that locks is the money of its own side.

use domain::{
    CorId, Money,
    procore::{comparison::Finding, push::Purpose, push_plan::Action, push_state::ProcoreState},
};
use emulator::{WorldAction, world::TieTo};
use ledgerboard::{comparison, integration::change_events};
use rust_decimal::Decimal;
use store::sqlite_only;

use crate::fixture::Fixture;

impl Fixture {
    /// The first line of a COR becomes part of a document in Procore, and the event is read.
    async fn tie(&self, cor: CorId, to: TieTo) {
        let line_id = self.lines_of(cor).await.iter().map(|(_, line)| line.id).min().unwrap();
        self.world.procore.world(|w| w.act(WorldAction::TieLine { line_id, to })).unwrap();
        // What is read sooner after our own write tells nothing.
        self.world.advance(5);
        change_events::refresh(&self.app, self.actor(), self.made.project).await.unwrap();
    }

    async fn findings(&self, cor: CorId) -> Vec<Finding> {
        comparison::known_now(&self.app, self.actor(), cor).await.unwrap().open()
    }

    /// What the cost of its lines adds up to in Procore.
    async fn held(&self, cor: CorId) -> Decimal {
        self.lines_of(cor).await.iter().map(|(_, line)| line.cost.amount).sum()
    }

    async fn raised(&self, cor: CorId) {
        self.edit(cor, |lines| lines[0].amount += Money::minor(12_345)).await;
    }
}

sqlite_only! {
    async fn a_line_in_a_prime_change_order_still_follows_its_cost(store: Store) {
        let fixture = Fixture::on(store).await;
            let cor = fixture.mechanical(&[9])[0];
            fixture.push(&[cor]).into_event("002").line_items().finished().await;
            for to in [TieTo::PrimeChangeOrder, TieTo::PrimePackage, TieTo::BudgetChange] {
                fixture.tie(cor, to).await;
            }
            // It can't be taken away any more, which is told, and costs nothing.
            assert!(matches!(fixture.findings(cor).await.as_slice(), [Finding::LineLocked { why, .. }] if why.contains("PCO-011")));
            assert_eq!(fixture.state(cor).await, ProcoreState::LineLocked);
            fixture.raised(cor).await;
            let (_, shown) = fixture.push(&[cor]).line_items().planned().await.unwrap();
            let lines = &shown.order.plan.cors[0].lines;
            assert!(matches!(lines[0].action, Action::Update { .. }), "{:?}", lines[0].action);
            assert!(shown.order.plan.cors[0].gap().is_zero());
            fixture.push(&[cor]).line_items().finished().await;
            assert_eq!(fixture.held(cor).await, fixture.cor(cor).await.total().to_decimal());
            fixture.assert_wire();
    }

    async fn what_changes_the_budget_keeps_a_line_from_being_removed_and_is_named(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, to, name) in [
            (fixture.mechanical(&[9])[0], TieTo::BudgetModification, "tied to budget modification BM-003 in Procore"),
            (fixture.mechanical(&[10])[0], TieTo::BudgetChange, "tied to budget change BC-007 in Procore"),
        ] {
            fixture.push(&[cor]).into_event("002").line_items().finished().await;
            fixture.tie(cor, to).await;
            let findings = fixture.findings(cor).await;
            assert!(matches!(findings.as_slice(), [Finding::LineLocked { why, .. }] if why == name), "{findings:?}");
            // Its cost is free.
            fixture.raised(cor).await;
            fixture.push(&[cor]).line_items().finished().await;
            assert_eq!(fixture.held(cor).await, fixture.cor(cor).await.total().to_decimal());
            let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Unlink).await.unwrap();
            let said = shown.hindrance().unwrap();
            assert!(said.contains(name), "{said}");
        }
    }

    async fn a_line_in_a_commitment_keeps_its_cost_and_its_vendor(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").line_items().finished().await;
        fixture.world.advance(3);
        for replaces in [false, true] {
            fixture.world.procore.switches(|s| s.confirmed_replaces_proposed = replaces);
            fixture.tie(cor, TieTo::CommitmentChangeOrder).await;
            // What is confirmed is what was proposed: nothing moved, nothing was lost.
            let findings = fixture.findings(cor).await;
            assert!(matches!(findings.as_slice(), [Finding::LineLocked { why, .. }] if why.contains("CCO-003")), "{findings:?}");
        }
        fixture.raised(cor).await;
        let (_, shown) = fixture.push(&[cor]).line_items().planned().await.unwrap();
        let plan = &shown.order.plan.cors[0];
        assert!(matches!(&plan.lines[0].action, Action::Locked { why } if why == "tied to commitment change order CCO-003 in Procore"));
        assert_eq!(plan.gap(), Money::minor(12_345));
        // Nothing of it can be removed; the other lines of the COR can.
        let removal = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Unlink).await.unwrap();
        assert!(removal.hindrance().unwrap().starts_with("1 of these lines can't be removed: tied to commitment"));
        fixture.assert_wire();
    }

    async fn a_sent_line_in_a_commitment_still_follows_its_revenue(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        fixture.push(&[cor]).sent().into_event("004").line_items().finished().await;
        fixture.tie(cor, TieTo::CommitmentChangeOrder).await;
        fixture.raised(cor).await;
        fixture.push(&[cor]).sent().line_items().finished().await;
        let (_, line) = fixture.lines_of(cor).await.remove(0);
        assert_eq!(line.revenue.amount, fixture.cor(cor).await.total().to_decimal());
        // In a prime change order it doesn't any more.
        fixture.tie(cor, TieTo::PrimeChangeOrder).await;
        fixture.raised(cor).await;
        let (_, shown) = fixture.push(&[cor]).sent().line_items().planned().await.unwrap();
        let action = &shown.order.plan.cors[0].lines[0].action;
        assert!(matches!(action, Action::Locked { why } if why.contains("prime change order PCO-011")), "{action:?}");
        fixture.assert_wire();
    }

    async fn names_on_untied_lines_lock_nothing_and_unknown_ones_are_logged_once(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.untied_lines_name_disabled_fields = true);
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").line_items().finished().await;
        let line = fixture.lines_of(cor).await[0].1.id;
        let odd = |lock: &mut emulator::world::ChangeItem| {
            let disabled_fields = vec!["spend_category".to_owned(), "latest_cost_values.uom".to_owned()];
            lock.lock = Some(emulator::world::Lock { editable: true, disabled_fields, rfq: None, ties: vec![] });
        };
        fixture.world.procore.world(|w| w.edit_line(line, odd)).unwrap();
        fixture.world.advance(3);
        assert!(fixture.app.logged_once.is_new("something else"));
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert!(!fixture.app.logged_once.is_new("spend_category"), "it was logged");
        assert!(fixture.app.logged_once.is_new("latest_cost_values.uom"), "this one is known, and nothing to log");
        fixture.raised(cor).await;
        fixture.push(&[cor]).line_items().finished().await;
        assert_eq!(fixture.held(cor).await, fixture.cor(cor).await.total().to_decimal());
    }
}
