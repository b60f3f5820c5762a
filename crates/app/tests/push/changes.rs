//! What was pushed is changed: by its sender, by the person who pushes, by others in Procore.

use domain::{
    Money,
    procore::{
        Amount,
        push_state::{CorOutcome, ProcoreState},
    },
};
use emulator::{Fault, FaultKind};
use ledgerboard::push::{self, Answer, draft::version, plan::Shown};

use crate::fixture::{EVENTS, Fixture, sentence};

store::both_databases! {
    async fn an_edited_cor_updates_its_own_lines_in_place(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10, 11]);
        fixture.push(&cors).into_event("002").line_items().finished().await;
        let before = fixture.lines_of(cors[0]).await;
        fixture.edit(cors[0], |lines| {
            lines[0].amount += Money::minor(123);
            lines.remove(1);
            lines.push(fixture.lump("Night shift", 45000));
        }).await;
        assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::UpdateNeeded);
        assert_eq!(fixture.link(cors[1]).await.state, ProcoreState::UpToDate);

        let event = fixture.event("002");
        let (draft, shown) = fixture.push(&cors[..1]).line_items().planned().await.unwrap();
        let totals = shown.order.plan.totals;
        assert_eq!(totals.whole.previous, Amount::of(fixture.event_now(event).cost_total()));
        fixture.calls();
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.calls(), ["GET event", "PATCH event"]);
        assert_eq!(totals.whole.new, Amount::of(fixture.event_now(event).cost_total()));
        fixture.assert_once(&cors).await;
        let after = fixture.lines_of(cors[0]).await;
        let kept = after.iter().filter(|(_, line)| before.iter().any(|(_, old)| old.id == line.id)).count();
        assert_eq!((kept, after.len()), (before.len() - 1, before.len()), "no second set");
        fixture.assert_done().await;
    }

    async fn another_detail_replaces_the_lines_of_the_old_one(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10, 14]);
        fixture.push(&cors).into_event("002").line_items().finished().await;
        fixture.assert_once(&cors).await;
        for wizard in [fixture.push(&cors), fixture.push(&cors).sections(), fixture.push(&cors).line_items(), fixture.push(&cors)] {
            fixture.calls();
            wizard.finished().await;
            assert_eq!(fixture.calls(), ["GET event", "PATCH event"]);
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_push_without_a_change_writes_nothing(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.calls();
        fixture.push(&cors).finished().await;
        assert_eq!(fixture.calls(), ["GET event"]);
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_locked_line_stays_and_its_gap_is_told(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        fixture.push(&cors).into_event("002").line_items().finished().await;
        let line = fixture.lines_of(cors[0]).await[0].1.clone();
        fixture.world.procore.world(|w| w.lock_line(line.id)).unwrap();
        fixture.edit(cors[0], |lines| lines.iter_mut().for_each(|l| l.amount += Money::minor(10000))).await;

        let (_, shown) = fixture.push(&cors).line_items().planned().await.unwrap();
        let plan = shown.order.plan.cor(cors[0]).unwrap();
        assert_eq!(plan.gap(), Money::minor(10000));
        let locked: Vec<_> = plan.lines.iter().filter(|l| l.action.code() == "locked").collect();
        assert_eq!(locked.len(), 1);
        assert!(format!("{:?}", locked[0].action).contains("RFQ 3"));
        fixture.push(&cors).line_items().finished().await;

        let (cor, lines) = (fixture.cor(cors[0]).await, fixture.lines_of(cors[0]).await);
        let held: rust_decimal::Decimal = lines.iter().map(|(_, l)| l.cost.amount).sum();
        assert_eq!(held, (cor.total() - Money::minor(10000)).to_decimal(), "the others were written");
        let still = &lines.iter().find(|(_, l)| l.id == line.id).unwrap().1;
        assert_eq!((still.cost.amount, &still.description), (line.cost.amount, &line.description));
        let link = fixture.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::UpdateNeeded);
        assert!(link.reason.contains("1 of its lines is locked"), "{}", link.reason);
        assert_eq!(link.pushed_amount, cor.total() - Money::minor(10000));

        // Planning again yields only the lock; once it is gone, only the line.
        let (_, shown) = fixture.push(&cors).line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.writes(), 0);
        fixture.world.procore.world(|w| w.edit_line(line.id, |l| l.lock = None)).unwrap();
        let (_, shown) = fixture.push(&cors).line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.writes(), 1);
        fixture.push(&cors).line_items().finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn what_was_not_shown_is_not_pushed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        let (draft, first) = fixture.push(&cors).into_event("002").planned().await.unwrap();
        // The sender raises it, and somebody else looks at the plan.
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("Night shift", 45000))).await;
        let second = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        let confirm = |shown: &Shown| push::confirm(&fixture.app, fixture.actor(), draft, Some(version(&shown.order)));
        assert_eq!(sentence(confirm(&first).await), push::confirm::ANOTHER_PLAN);
        assert!(fixture.calls().iter().all(|call| call.starts_with("GET")));
        let push = confirm(&second).await.unwrap();
        assert_eq!(confirm(&first).await.unwrap(), push, "a click after the push answers the push");
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_line_removed_there_is_asked_about_and_left_out(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        fixture.push(&cors).into_event("002").line_items().finished().await;
        let lines = fixture.lines_of(cors[0]).await;
        fixture.world.procore.world(|w| w.delete_line(lines[0].1.id)).unwrap();

        let (draft, shown) = fixture.push(&cors).line_items().planned().await.unwrap();
        assert_eq!((shown.unanswered, shown.order.plan.writes()), (1, 0));
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(why.contains("make it again or to leave it out"), "{why}");

        fixture.push(&cors).line_items().answering(Answer::Leave).finished().await;
        assert_eq!(fixture.lines_of(cors[0]).await.len(), lines.len() - 1);
        let link = fixture.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::ChangedInProcore);
        assert!(link.reason.contains("1 of its lines were removed in Procore"), "{}", link.reason);

        // Made again when a person says so: one line, with a number of its own.
        fixture.push(&cors).line_items().answering(Answer::Recreate).finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn an_edit_there_after_the_plan_stops_the_push_and_asks(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10, 11]);
        fixture.push(&cors).into_event("002").finished().await;
        for cor in &cors {
            fixture.edit(*cor, |lines| lines[0].amount += Money::minor(500)).await;
        }
        let push = fixture.push(&cors).confirmed().await.unwrap();
        let line = fixture.lines_of(cors[0]).await[0].1.id;
        let theirs = Money::minor(7777).to_decimal();
        fixture.world.procore.world(|w| w.edit_line(line, |l| l.cost.amount = theirs)).unwrap();
        fixture.work().await;
        // Read, found changed; the other COR is not held up by it.
        assert_eq!(fixture.calls(), ["GET event", "GET event", "PATCH event"]);
        assert_eq!(fixture.lines_of(cors[0]).await[0].1.cost.amount, theirs, "nothing is written over it");
        assert!(matches!(fixture.outcome(push, cors[0]).await, CorOutcome::Changed { .. }));
        assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::ChangedInProcore);
        fixture.assert_once(&cors[1..]).await;

        // Shown again with what is there now, a person decides for ours.
        let (_, shown) = fixture.push(&cors[..1]).planned().await.unwrap();
        assert_eq!(shown.order.plan.cors[0].change().previous, Money::minor(7777));
        fixture.push(&cors[..1]).finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn lines_of_others_may_change_at_any_time(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        let event = fixture.event("002");
        fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        let foreign = fixture.event_now(event).items[0].id;
        fixture.world.procore.world(|w| {
            w.edit_line(foreign, |l| l.cost.amount = Money::minor(999).to_decimal()).unwrap();
            w.add_foreign_line(event, "Permit", Money::minor(12000).to_decimal()).unwrap();
        });
        let others = fixture.foreign(event);
        fixture.work().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.foreign(event), others);
        fixture.assert_done().await;
    }

    async fn a_cor_edited_after_the_plan_is_not_pushed_unseen(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("More", 100))).await;
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(why.contains("was changed after this plan was made"), "{why}");
        assert_eq!(fixture.link_if_any(cors[0]).await, None);
        fixture.assert_done().await;
    }

    async fn a_cor_edited_while_it_is_pushed_needs_an_update(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        let worker = fixture.worker();
        let pass = fixture.carry(&worker, 2).await;
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("More", 100))).await;
        assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::InProgress);
        let pass = pass.advance().await.unwrap().unwrap();
        assert!(pass.advance().await.unwrap().is_none());
        let (cor, link) = (fixture.cor(cors[0]).await, fixture.link(cors[0]).await);
        assert_eq!(link.state, ProcoreState::UpdateNeeded);
        assert_eq!(link.pushed_amount, cor.total() - Money::minor(100), "what was planned, not what is wanted now");
        fixture.push(&cors).finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_plan_made_before_another_push_of_the_cor_is_not_confirmed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        fixture.push(&cors).into_event("002").finished().await;
        let (late, _) = fixture.push(&cors).sections().planned().await.unwrap();
        fixture.push(&cors).line_items().finished().await;
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), late, None).await);
        assert!(why.contains("Look at the plan again"), "{why}");
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_cor_whose_event_was_deleted_can_go_to_another(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("More", 100))).await;
        let push = fixture.push(&cors).confirmed().await.unwrap();
        let (event, now) = (fixture.event("002"), fixture.app.now());
        fixture.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(now));
        fixture.work().await;
        assert!(matches!(fixture.outcome(push, cors[0]).await, CorOutcome::Changed { .. }));
        let link = fixture.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::ChangedInProcore);
        assert!(link.reason.contains("Choose another one"), "{}", link.reason);

        fixture.push(&cors).into_new_event().answering(Answer::Recreate).finished().await;
        fixture.assert_once(&cors).await;
        assert_ne!(fixture.link(cors[0]).await.event, Some(event));
        fixture.assert_done().await;
    }

    async fn a_cor_whose_event_is_only_hidden_stays_where_it_is(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[10]);
        fixture.push(&cors).into_event("002").finished().await;
        let event = fixture.event("002");
        let hidden = FaultKind::Status { status: 404, retry_after: None, executed: false };
        let by_its_id = Fault::next("GET", &format!("{EVENTS}/{event}"), hidden.clone());

        // The list shows it: that is no hidden event, and it is read again later.
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("More", 100))).await;
        let push = fixture.push(&cors).confirmed().await.unwrap();
        fixture.world.procore.fault(by_its_id.clone());
        fixture.work_through().await;
        assert_eq!(fixture.outcome(push, cors[0]).await, CorOutcome::Written);

        // So long after it was written to, no list lags behind any more.
        fixture.later(3_800).await;
        fixture.edit(cors[0], |lines| lines.push(fixture.lump("Yet more", 100))).await;
        let push = fixture.push(&cors).confirmed().await.unwrap();
        fixture.world.procore.fault(by_its_id);
        fixture.world.procore.fault(Fault::next("GET", EVENTS, hidden));
        fixture.work().await;
        assert!(matches!(fixture.outcome(push, cors[0]).await, CorOutcome::Changed { .. }));

        let why = sentence(fixture.push(&cors).into_new_event().answering(Answer::Recreate).planned().await);
        assert!(why.contains("the money would be counted twice"), "{why}");
        assert_eq!(fixture.link(cors[0]).await.event, Some(event));
    }
}
