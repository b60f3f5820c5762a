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

use crate::desk::{Desk, EVENTS, sentence};

store::both_databases! {
    async fn an_edited_cor_updates_its_own_lines_in_place(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10, 11]);
        desk.push(&cors).into_event("002").line_items().finished().await;
        let before = desk.lines_of(cors[0]).await;
        desk.edit(cors[0], |lines| {
            lines[0].amount += Money::minor(123);
            lines.remove(1);
            lines.push(desk.lump("Night shift", 45000));
        }).await;
        assert_eq!(desk.link(cors[0]).await.state, ProcoreState::UpdateNeeded);
        assert_eq!(desk.link(cors[1]).await.state, ProcoreState::UpToDate);

        let event = desk.event("002");
        let (draft, shown) = desk.push(&cors[..1]).line_items().planned().await.unwrap();
        let totals = shown.order.plan.totals;
        assert_eq!(totals.whole.previous, Amount::of(desk.event_now(event).cost_total()));
        desk.calls();
        push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
        desk.work().await;
        assert_eq!(desk.calls(), ["GET event", "PATCH event"]);
        assert_eq!(totals.whole.new, Amount::of(desk.event_now(event).cost_total()));
        desk.assert_once(&cors).await;
        let after = desk.lines_of(cors[0]).await;
        let kept = after.iter().filter(|(_, line)| before.iter().any(|(_, old)| old.id == line.id)).count();
        assert_eq!((kept, after.len()), (before.len() - 1, before.len()), "no second set");
        desk.assert_done().await;
    }

    async fn another_detail_replaces_the_lines_of_the_old_one(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10, 14]);
        desk.push(&cors).into_event("002").line_items().finished().await;
        desk.assert_once(&cors).await;
        for wizard in [desk.push(&cors), desk.push(&cors).sections(), desk.push(&cors).line_items(), desk.push(&cors)] {
            desk.calls();
            wizard.finished().await;
            assert_eq!(desk.calls(), ["GET event", "PATCH event"]);
            desk.assert_once(&cors).await;
        }
        desk.assert_done().await;
    }

    async fn a_push_without_a_change_writes_nothing(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        desk.push(&cors).into_event("002").finished().await;
        desk.calls();
        desk.push(&cors).finished().await;
        assert_eq!(desk.calls(), ["GET event"]);
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_locked_line_stays_and_its_gap_is_told(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        desk.push(&cors).into_event("002").line_items().finished().await;
        let line = desk.lines_of(cors[0]).await[0].1.clone();
        desk.world.procore.world(|w| w.lock_line(line.id)).unwrap();
        desk.edit(cors[0], |lines| lines.iter_mut().for_each(|l| l.amount += Money::minor(10000))).await;

        let (_, shown) = desk.push(&cors).line_items().planned().await.unwrap();
        let plan = shown.order.plan.cor(cors[0]).unwrap();
        assert_eq!(plan.gap(), Money::minor(10000));
        let locked: Vec<_> = plan.lines.iter().filter(|l| l.action.code() == "locked").collect();
        assert_eq!(locked.len(), 1);
        assert!(format!("{:?}", locked[0].action).contains("RFQ 3"));
        desk.push(&cors).line_items().finished().await;

        let (cor, lines) = (desk.cor(cors[0]).await, desk.lines_of(cors[0]).await);
        let held: rust_decimal::Decimal = lines.iter().map(|(_, l)| l.cost.amount).sum();
        assert_eq!(held, (cor.total() - Money::minor(10000)).to_decimal(), "the others were written");
        let still = &lines.iter().find(|(_, l)| l.id == line.id).unwrap().1;
        assert_eq!((still.cost.amount, &still.description), (line.cost.amount, &line.description));
        let link = desk.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::UpdateNeeded);
        assert!(link.reason.contains("1 of its lines is locked"), "{}", link.reason);
        assert_eq!(link.pushed_amount, cor.total() - Money::minor(10000));

        // Planning again yields only the lock; once it is gone, only the line.
        let (_, shown) = desk.push(&cors).line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.writes(), 0);
        desk.world.procore.world(|w| w.edit_line(line.id, |l| l.lock = None)).unwrap();
        let (_, shown) = desk.push(&cors).line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.writes(), 1);
        desk.push(&cors).line_items().finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn what_was_not_shown_is_not_pushed(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        let (draft, first) = desk.push(&cors).into_event("002").planned().await.unwrap();
        // The sender raises it, and somebody else looks at the plan.
        desk.edit(cors[0], |lines| lines.push(desk.lump("Night shift", 45000))).await;
        let second = push::plan(&desk.app, desk.actor(), draft).await.unwrap();
        let confirm = |shown: &Shown| push::confirm(&desk.app, desk.actor(), draft, Some(version(&shown.order)));
        assert_eq!(sentence(confirm(&first).await), push::confirm::ANOTHER_PLAN);
        assert!(desk.calls().iter().all(|call| call.starts_with("GET")));
        let push = confirm(&second).await.unwrap();
        assert_eq!(confirm(&first).await.unwrap(), push, "a click after the push answers the push");
        desk.work().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_line_removed_there_is_asked_about_and_left_out(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        desk.push(&cors).into_event("002").line_items().finished().await;
        let lines = desk.lines_of(cors[0]).await;
        desk.world.procore.world(|w| w.delete_line(lines[0].1.id)).unwrap();

        let (draft, shown) = desk.push(&cors).line_items().planned().await.unwrap();
        assert_eq!((shown.unanswered, shown.order.plan.writes()), (1, 0));
        let why = sentence(push::confirm(&desk.app, desk.actor(), draft, None).await);
        assert!(why.contains("make it again or to leave it out"), "{why}");

        desk.push(&cors).line_items().answering(Answer::Leave).finished().await;
        assert_eq!(desk.lines_of(cors[0]).await.len(), lines.len() - 1);
        let link = desk.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::ChangedInProcore);
        assert!(link.reason.contains("1 of its lines were removed in Procore"), "{}", link.reason);

        // Made again when a person says so: one line, with a number of its own.
        desk.push(&cors).line_items().answering(Answer::Recreate).finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn an_edit_there_after_the_plan_stops_the_push_and_asks(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10, 11]);
        desk.push(&cors).into_event("002").finished().await;
        for cor in &cors {
            desk.edit(*cor, |lines| lines[0].amount += Money::minor(500)).await;
        }
        let push = desk.push(&cors).confirmed().await.unwrap();
        let line = desk.lines_of(cors[0]).await[0].1.id;
        let theirs = Money::minor(7777).to_decimal();
        desk.world.procore.world(|w| w.edit_line(line, |l| l.cost.amount = theirs)).unwrap();
        desk.work().await;
        // Read, found changed; the other COR is not held up by it.
        assert_eq!(desk.calls(), ["GET event", "GET event", "PATCH event"]);
        assert_eq!(desk.lines_of(cors[0]).await[0].1.cost.amount, theirs, "nothing is written over it");
        assert!(matches!(desk.outcome(push, cors[0]).await, CorOutcome::Changed { .. }));
        assert_eq!(desk.link(cors[0]).await.state, ProcoreState::ChangedInProcore);
        desk.assert_once(&cors[1..]).await;

        // Shown again with what is there now, a person decides for ours.
        let (_, shown) = desk.push(&cors[..1]).planned().await.unwrap();
        assert_eq!(shown.order.plan.cors[0].change().previous, Money::minor(7777));
        desk.push(&cors[..1]).finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn lines_of_others_may_change_at_any_time(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        let event = desk.event("002");
        desk.push(&cors).into_event("002").confirmed().await.unwrap();
        let foreign = desk.event_now(event).items[0].id;
        desk.world.procore.world(|w| {
            w.edit_line(foreign, |l| l.cost.amount = Money::minor(999).to_decimal()).unwrap();
            w.add_foreign_line(event, "Permit", Money::minor(12000).to_decimal()).unwrap();
        });
        let others = desk.foreign(event);
        desk.work().await;
        desk.assert_once(&cors).await;
        assert_eq!(desk.foreign(event), others);
        desk.assert_done().await;
    }

    async fn a_cor_edited_after_the_plan_is_not_pushed_unseen(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        let (draft, _) = desk.push(&cors).into_new_event().planned().await.unwrap();
        desk.edit(cors[0], |lines| lines.push(desk.lump("More", 100))).await;
        let why = sentence(push::confirm(&desk.app, desk.actor(), draft, None).await);
        assert!(why.contains("was changed after this plan was made"), "{why}");
        assert_eq!(desk.link_if_any(cors[0]).await, None);
        desk.assert_done().await;
    }

    async fn a_cor_edited_while_it_is_pushed_needs_an_update(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        desk.push(&cors).into_new_event().confirmed().await.unwrap();
        let worker = desk.worker();
        let pass = desk.carry(&worker, 2).await;
        desk.edit(cors[0], |lines| lines.push(desk.lump("More", 100))).await;
        assert_eq!(desk.link(cors[0]).await.state, ProcoreState::InProgress);
        let pass = pass.advance().await.unwrap().unwrap();
        assert!(pass.advance().await.unwrap().is_none());
        let (cor, link) = (desk.cor(cors[0]).await, desk.link(cors[0]).await);
        assert_eq!(link.state, ProcoreState::UpdateNeeded);
        assert_eq!(link.pushed_amount, cor.total() - Money::minor(100), "what was planned, not what is wanted now");
        desk.push(&cors).finished().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_plan_made_before_another_push_of_the_cor_is_not_confirmed(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        desk.push(&cors).into_event("002").finished().await;
        let (late, _) = desk.push(&cors).sections().planned().await.unwrap();
        desk.push(&cors).line_items().finished().await;
        let why = sentence(push::confirm(&desk.app, desk.actor(), late, None).await);
        assert!(why.contains("Look at the plan again"), "{why}");
        desk.work().await;
        desk.assert_once(&cors).await;
        desk.assert_done().await;
    }

    async fn a_cor_whose_event_was_deleted_can_go_to_another(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        desk.push(&cors).into_event("002").finished().await;
        desk.edit(cors[0], |lines| lines.push(desk.lump("More", 100))).await;
        let push = desk.push(&cors).confirmed().await.unwrap();
        let (event, now) = (desk.event("002"), desk.app.now());
        desk.world.procore.world(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(now));
        desk.work().await;
        assert!(matches!(desk.outcome(push, cors[0]).await, CorOutcome::Changed { .. }));
        let link = desk.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::ChangedInProcore);
        assert!(link.reason.contains("Choose another one"), "{}", link.reason);

        desk.push(&cors).into_new_event().answering(Answer::Recreate).finished().await;
        desk.assert_once(&cors).await;
        assert_ne!(desk.link(cors[0]).await.event, Some(event));
        desk.assert_done().await;
    }

    async fn a_cor_whose_event_is_only_hidden_stays_where_it_is(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[10]);
        desk.push(&cors).into_event("002").finished().await;
        let event = desk.event("002");
        let hidden = FaultKind::Status { status: 404, retry_after: None, executed: false };
        let by_its_id = Fault::next("GET", &format!("{EVENTS}/{event}"), hidden.clone());

        // The list shows it: that is no hidden event, and it is read again later.
        desk.edit(cors[0], |lines| lines.push(desk.lump("More", 100))).await;
        let push = desk.push(&cors).confirmed().await.unwrap();
        desk.world.procore.fault(by_its_id.clone());
        desk.work_through().await;
        assert_eq!(desk.outcome(push, cors[0]).await, CorOutcome::Written);

        // So long after it was written to, no list lags behind any more.
        desk.later(3_800).await;
        desk.edit(cors[0], |lines| lines.push(desk.lump("Yet more", 100))).await;
        let push = desk.push(&cors).confirmed().await.unwrap();
        desk.world.procore.fault(by_its_id);
        desk.world.procore.fault(Fault::next("GET", EVENTS, hidden));
        desk.work().await;
        assert!(matches!(desk.outcome(push, cors[0]).await, CorOutcome::Changed { .. }));

        let why = sentence(desk.push(&cors).into_new_event().answering(Answer::Recreate).planned().await);
        assert!(why.contains("the money would be counted twice"), "{why}");
        assert_eq!(desk.link(cors[0]).await.event, Some(event));
    }
}
