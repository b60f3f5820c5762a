//! Which CORs are in Procore's forecast: read, pushed from, signed off and compared, on both databases.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod figures;
#[path = "../push/fixture.rs"]
#[allow(dead_code, reason = "written for another suite, which uses more of it")]
mod fixture;
mod signed;

use std::collections::BTreeSet;

use domain::{
    Money,
    procore::{
        Amount, Side,
        reconciliation::{Category, ReportSection},
    },
};
use fixture::Fixture;
use ledgerboard::{
    integration::change_events,
    reconciliation::{self, Reconciliation, SignedScope},
};
use store::repo::log::LogFilter;

/// The manager's report, after reading the change events again.
async fn read(fixture: &Fixture) -> Reconciliation {
    change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
    reconciliation::read(&fixture.app, fixture.actor(), SignedScope::Project(fixture.made.project)).await.unwrap()
}

fn side(report: &Reconciliation, side: Side) -> &ReportSection {
    report.report.sections.iter().find(|section| section.side == side).unwrap()
}

fn numbers(section: &ReportSection, category: Category) -> BTreeSet<&str> {
    section.of(category).map(|cor| cor.number.as_str()).collect()
}

/// The report adds up to the log's kept totals and to what Procore holds, on both sides.
async fn assert_adds_up(fixture: &Fixture, report: &Reconciliation) {
    for section in &report.report.sections {
        let (company, project, side) = (fixture.actor().company, fixture.made.project, section.side);
        let kept = fixture.app.store.read(move |tx| tx.of(company).log_buckets(project, side, &LogFilter::default()));
        let kept: Money = kept.await.unwrap().into_iter().map(|bucket| bucket.amount).sum();
        let sums = Category::ALL.map(|category| section.sum(category));
        assert_eq!(sums.iter().map(|sum| sum.ours).sum::<Money>(), kept, "the log, {side:?}");
        let there: rust_decimal::Decimal = fixture.world.procore.world(|w| {
            let harbor = w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id;
            let void = |id: i64| w.statuses.get(&id).is_some_and(|status| status.mapped_to == "void");
            let events = w.events_of(harbor).filter(|e| e.deleted_at.is_none() && !void(e.status_id));
            events.map(|e| if side == Side::Received { e.cost_total() } else { e.revenue_total() }).sum()
        });
        let told: Amount = sums.iter().map(|sum| sum.there).sum();
        assert_eq!(told, Amount::of(there), "Procore, {side:?}");
    }
}
