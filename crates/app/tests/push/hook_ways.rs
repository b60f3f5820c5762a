//! How hooks come about where Procore refuses one way or another, and what a delivery that is too fast leads to.

use domain::{Money, procore::push_state::ProcoreState};
use emulator::Switches;
use jiff::SignedDuration;
use ledgerboard::integration::{connect, map_project};
use store::testing::TestDb;

use crate::fixture::Fixture;

/// Says no with a status to one way of asking.
type Refuse = fn(&mut Switches, Option<u16>);

impl Fixture {
    /// How many requests of a method went to paths that end so.
    fn asked(&self, method: &str, end: &str) -> usize {
        let journal = self.world.procore.journal();
        journal.iter().filter(|exchange| exchange.method == method && exchange.path.ends_with(end)).count()
    }

    async fn trouble(&self) -> (i64, String) {
        let shown = connect::look(&self.app, &self.made.owner, self.made.offices[0]).await.unwrap();
        let Some(hooks) = shown.hooks else { panic!("it is asked to tell") };
        (hooks.live, hooks.trouble)
    }

    /// A change in Procore leads to a look at its event.
    async fn assert_told(&self) {
        let event = self.pushed().await;
        self.world.procore.world(|w| w.set_event_status(event, "closed")).unwrap();
        assert_eq!(self.deliver().await.accepted, 1);
        self.listen().await;
        assert_eq!(self.watched().await, [event]);
    }
}

store::sqlite_only! {
    async fn where_one_way_is_refused_the_next_is_taken(store: Store) {
        let fixture = Fixture::on(store).await;
        let harbor = fixture.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        let bulk: Refuse = |switches, status| switches.bulk_triggers_refused = status;
        let newer: Refuse = |switches, status| switches.hooks_v2_refused = status;
        let older: Refuse = |switches, status| switches.hooks_v1_refused = status;
        let single = "/triggers";
        for (refuse, statuses, singles, old_hooks) in [
            (bulk, &[400, 403, 404][..], 6, 0),
            (newer, &[400, 403, 404], 6, 1),
            (older, &[403, 404], 0, 0),
        ] {
            for status in statuses {
                fixture.world.procore.switches(|switches| refuse(switches, Some(*status)));
                fixture.world.procore.clear_journal();
                fixture.listen().await;
                let hooks = fixture.world.procore.hooks();
                assert_eq!((hooks.len(), hooks[0].triggers.len()), (1, 6), "{status}");
                assert_eq!(fixture.asked("POST", single), singles, "{status}");
                assert_eq!(fixture.asked("POST", "/rest/v1.0/webhooks/hooks"), old_hooks, "{status}");
                assert_eq!(fixture.trouble().await, (1, String::new()));
                // Looked at a day later, it is as it should be.
                fixture.world.procore.clear_journal();
                fixture.listen_after(SignedDuration::from_hours(25)).await;
                assert_eq!(fixture.asked("POST", "/hooks") + fixture.asked("POST", "/triggers"), 0, "{status}");
                assert_eq!(fixture.world.procore.hooks().len(), 1);
                fixture.assert_wire();
                map_project::unmap(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
                fixture.listen().await;
                assert_eq!(fixture.world.procore.hooks().len(), 0, "{status}");
                let to = map_project::MapTo::project(harbor).kept_in(domain::Currency::Usd);
                map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to).await.unwrap();
            }
            fixture.world.procore.switches(|switches| refuse(switches, None));
        }
    }

    async fn a_hook_of_the_older_version_is_told_as_well_as_one_of_the_newer(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|switches| switches.hooks_v2_refused = Some(403));
        fixture.assert_told().await;
        // The newer one opens: the same hook serves, and no second one is made.
        fixture.world.procore.switches(|switches| switches.hooks_v2_refused = None);
        let hook = fixture.world.procore.hooks()[0].id;
        fixture.listen_after(SignedDuration::from_hours(25)).await;
        assert_eq!(fixture.world.procore.hooks().iter().map(|hook| hook.id).collect::<Vec<_>>(), [hook]);
    }

    async fn no_way_at_all_is_told_and_tried_again(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| (s.hooks_v2_refused, s.hooks_v1_refused) = (Some(403), Some(404)));
        fixture.listen().await;
        let (live, trouble) = fixture.trouble().await;
        assert!(live == 0 && trouble.contains("Webhooks are not available here"), "{trouble}");
        fixture.world.procore.switches(|s| s.hooks_v1_refused = None);
        fixture.listen_after(SignedDuration::from_mins(61)).await;
        assert_eq!(fixture.trouble().await, (1, String::new()));
        fixture.assert_told().await;
    }
}

/// A delivery can be faster than the record it tells of.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_too_early_is_read_once_more_soon() {
    let db = TestDb::sqlite().await;
    let fixture = Fixture::on(db.store()).await;
    let cor = fixture.mechanical(&[10])[0];
    fixture.listen().await;
    fixture.push(&[cor]).into_event("002").finished().await;
    fixture.deliver().await;
    fixture.listen().await;
    fixture.later(200).await;
    fixture.later(15 * 60).await;
    let line = fixture.ids(cor).await[0];
    // What was seen was behind by a second and a half or so; this is far longer, and right soon all the same.
    for (lag, after) in [(1_500, 10), (15_000, 30)] {
        fixture.world.procore.switches(|switches| switches.reads_lag_ms = lag);
        let amount = lag / 10;
        fixture.in_procore(|w| w.edit_line(line, |l| l.cost.amount = amount.into()).unwrap());
        fixture.deliver().await;
        fixture.listen().await;
        fixture.later(10).await;
        let seen = fixture.link(cor).await.pushed_amount == Money::minor(amount * 100);
        assert_eq!(seen, after == 10, "behind by {lag} ms");
        fixture.later(20).await;
        assert_eq!(fixture.link(cor).await.pushed_amount, Money::minor(amount * 100), "behind by {lag} ms");
        assert_eq!(fixture.state(cor).await, ProcoreState::LineChanged);
        fixture.later(15 * 60).await;
    }
}
