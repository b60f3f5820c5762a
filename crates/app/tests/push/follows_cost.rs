//! Revenue that follows cost: in events that are out of scope Procore may show the owner what lines cost as revenue, where
//! nobody gave one.

use domain::procore::{Amount, Side, push_state::ProcoreState};
use ledgerboard::{comparison, integration::change_events, push, reconciliation};

use emulator::world::Estimate;

use crate::{fixture::Fixture, record_pages::Reader};

impl Fixture {
    /// The sources of revenue that the live lines of an event name.
    fn sources(&self, event: i64) -> Vec<Option<String>> {
        self.event_now(event).live_items().map(|item| item.source_of_revenue_rom.clone()).collect()
    }

    async fn following(&self, event: i64) -> Amount {
        change_events::refresh(&self.app, self.actor(), self.made.project).await.unwrap();
        change_events::one(&self.app, self.actor(), self.made.project, event).await.unwrap().unwrap().following
    }
}

store::sqlite_only! {
    async fn revenue_that_follows_cost_is_told_and_is_no_drift(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, actor, project) = (&fixture.app, fixture.actor(), fixture.made.project);
        for (follows, cor) in [(true, fixture.mechanical(&[9])), (false, fixture.mechanical(&[10]))] {
            fixture.world.procore.switches(|switches| switches.revenue_follows_cost = follows);
            let reader = Reader::of(&fixture, actor).await;
            let wizard = fixture.push(&cor).into_new_event();
            let (draft, shown) = wizard.planned().await.unwrap();
            assert!(shown.owner_sees().unwrap().contains("is out of scope: Procore may show the owner"));
            let (_, page) = reader.read(&format!("/push/{draft}/review")).await;
            assert!(page.contains("may show the owner the cost of these lines"), "{page}");
            push::confirm(app, actor, draft, None).await.unwrap();
            fixture.work().await;
            fixture.assert_once(&cor).await;
            let event = fixture.link(cor[0]).await.event.unwrap();
            assert_eq!(fixture.sources(event), [None], "nothing is told of lines unless somebody chose it");
            let cost: Amount = fixture.event_now(event).live_items().map(|item| Amount::of(item.cost.amount)).sum();
            let wanted = if follows { cost } else { Amount::ZERO };
            assert_eq!(fixture.following(event).await, wanted);
            for wait in [200, 900, 86_400] {
                fixture.later(wait).await;
                assert_eq!(fixture.state(cor[0]).await, ProcoreState::UpToDate);
            }
            let said = format!("+ revenue by Procore {wanted}");
            // A day went by, and the first sign-in with it.
            let reader = Reader::of(&fixture, actor).await;
            let (_, page) = reader.read(&format!("/push/{draft}/result")).await;
            assert_eq!(page.contains(&said), follows, "{page}");
            comparison::read_now(app, actor, cor[0]).await.unwrap();
            let (_, page) = reader.read(&format!("/cors/{}/drift", cor[0])).await;
            assert_eq!(page.contains("follows cost"), follows, "{page}");
            let report = reconciliation::read(app, actor, reconciliation::SignedScope::Project(project)).await.unwrap().report;
            let sent = report.sections.iter().find(|section| section.side == Side::Sent);
            let row = sent.and_then(|section| section.events.iter().find(|row| row.id == event));
            assert!(row.is_none(), "nobody gave that event a revenue: {row:?}");
            let (_, shown) = fixture.push(&fixture.sent(1).await).sent().into_event(&fixture.event_now(event).number).planned().await.unwrap();
            assert_eq!(shown.order.plan.totals.following, wanted, "said beside others' lines");
        }
    }

    async fn a_revenue_that_we_gave_follows_no_cost_whatever_it_equals(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, actor, project) = (&fixture.app, fixture.actor(), fixture.made.project);
        fixture.world.procore.switches(|switches| switches.revenue_source_named = false);
        let cors = fixture.sent(2).await;
        fixture.push(&cors[..1]).sent().without_prime().into_event("002").finished().await;
        let event = fixture.event("002");
        // Somebody types the cost of our line, the same as its revenue, and of a line of theirs as well. Procore names a source for
        // the event alone.
        let (ours, theirs) = (fixture.lines_of(cors[0]).await[0].1.id, fixture.event_now(event).items[0].id);
        fixture.in_procore(|w| {
            let found = w.change_events.get_mut(&event).unwrap();
            (found.scope, found.source_of_revenue_rom) = ("out_of_scope".to_owned(), Some("automatic".to_owned()));
            w.edit_line(ours, |line| line.cost = line.revenue.clone()).unwrap();
            w.edit_line(theirs, |line| {
                line.cost = Estimate::manual("300".parse().unwrap());
                line.revenue = line.cost.clone();
            }).unwrap();
            for line in [ours, theirs] {
                w.edit_line(line, |line| line.source_of_revenue_rom = None).unwrap();
            }
        });
        let agree = async |ours: Amount, theirs: Amount| {
            let row = change_events::one(app, actor, project, event).await.unwrap().unwrap();
            assert_eq!((row.revenue, row.following), (ours, theirs));
            let (_, shown) = fixture.push(&cors[1..]).sent().without_prime().into_event("002").planned().await.unwrap();
            let totals = shown.order.plan.totals;
            assert_eq!((totals.ours.previous, totals.whole.previous, totals.following), (ours, ours, theirs));
            let report = reconciliation::read(app, actor, reconciliation::SignedScope::Project(project)).await.unwrap().report;
            let sent = report.sections.iter().find(|section| section.side == Side::Sent).unwrap();
            let row = sent.events.iter().find(|row| row.id == event).unwrap();
            assert_eq!((row.amount, row.ours, row.rest(), row.following), (ours, ours, Amount::ZERO, theirs));
            assert!(sent.only_in_procore().all(|row| row.id != event));
        };
        let total = async |cors: &[domain::CorId]| {
            let mut sum = Amount::ZERO;
            for cor in cors {
                sum += fixture.cor(*cor).await.total().into();
            }
            sum
        };
        let (first, theirs) = (total(&cors[..1]).await, domain::Money::minor(30_000).into());
        change_events::refresh(app, actor, project).await.unwrap();
        agree(first, theirs).await;
        // The same where the mark is gone and only the id is known.
        fixture.in_procore(|w| w.edit_line(ours, |line| line.description = Some("Crane time".into())).unwrap());
        change_events::refresh(app, actor, project).await.unwrap();
        agree(first, theirs).await;
        // The answer to a push tells the list the same, before anybody reads it.
        fixture.push(&cors[1..]).sent().without_prime().into_event("002").finished().await;
        let row = change_events::one(app, actor, project, event).await.unwrap().unwrap();
        assert_eq!((row.revenue, row.following), (total(&cors).await, theirs));
        let second = fixture.lines_of(cors[1]).await[0].1.id;
        fixture.in_procore(|w| w.edit_line(second, |line| {
            line.cost = line.revenue.clone();
            line.source_of_revenue_rom = None;
        }).unwrap());
        fixture.later(86_400).await;
        change_events::refresh(app, actor, project).await.unwrap();
        let row = change_events::one(app, actor, project, event).await.unwrap().unwrap();
        assert_eq!((row.revenue, row.following), (total(&cors).await, theirs));
    }

    async fn lines_that_are_created_say_that_no_revenue_is_expected_if_chosen(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|switches| switches.revenue_follows_cost = true);
        let cor = fixture.mechanical(&[9]);
        let others = fixture.event("002");
        let before = fixture.following(others).await;
        assert!(!before.is_zero(), "others' lines follow their cost");
        let (draft, shown) = fixture.push(&cor).without_revenue().into_event("002").planned().await.unwrap();
        assert!(shown.owner_sees().unwrap().contains("say that no revenue is expected"));
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cor).await;
        assert_eq!(fixture.following(others).await, before, "ours follows nothing, others' lines do as before");
        let told = fixture.sources(others).into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(told, ["no_revenue_expected"], "our line, and no other one");
        assert_eq!(fixture.event_now(others).source_of_revenue_rom, None, "nor the event");
        // Once it is void, nothing is made of it: nobody speaks of new lines, and nothing of them is to be chosen.
        let void = fixture.mechanical(&[12]);
        fixture.push(&void).with_revenue().into_event("002").line_items().finished().await;
        let (total, lines) = (fixture.cor(void[0]).await.total(), fixture.lines_of(void[0]).await.len());
        fixture.world.advance(60);
        fixture.void(void[0]).await;
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (draft, shown) = fixture.push(&void).without_revenue().planned().await.unwrap();
        assert_eq!(shown.owner_sees(), None);
        for step in ["lines", "review"] {
            let (_, page) = reader.read(&format!("/push/{draft}/{step}")).await;
            for new in ["Lines that are created", "lines that are created", "new lines", "name=\"revenue\"", "One budget code"] {
                assert!(!page.contains(new), "{step} speaks of {new}: {page}");
            }
        }
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        let (_, page) = reader.read(&format!("/push/{draft}/result")).await;
        let removed = format!("{lines} lines of {total} were removed from Procore");
        let removed = if lines == 1 { removed.replace("1 lines", "1 line").replace("were", "was") } else { removed };
        assert!(page.contains(&removed) && !page.contains("out of Procore") && !page.contains("is in Procore"), "{page}");
        // Remembered for the contract, and a line that is there already keeps what it says.
        fixture.edit(cor[0], |lines| lines[0].amount = domain::Money::minor(77_700)).await;
        let drafts = push::begin(&fixture.app, fixture.actor(), fixture.made.project, Side::Received, fixture.mechanical(&[10])).await.unwrap();
        assert!(push::open(&fixture.app, fixture.actor(), drafts[0]).await.unwrap().body.no_revenue);
        fixture.push(&cor).with_revenue().finished().await;
        fixture.assert_once(&cor).await;
        assert_eq!(fixture.sources(others).into_iter().flatten().collect::<Vec<_>>(), ["no_revenue_expected"]);
        let drafts = push::begin(&fixture.app, fixture.actor(), fixture.made.project, Side::Received, fixture.mechanical(&[11])).await.unwrap();
        assert!(!push::open(&fixture.app, fixture.actor(), drafts[0]).await.unwrap().body.no_revenue, "and so is the other");
    }
}
