//! What Procore locks is made up for by a line of its own: offered with its arithmetic, written once, kept in step with
//! the COR, and gone as soon as the lock is.

use domain::{
    CorId, Money,
    cor::LineKey,
    procore::{Amount, Side, push::Purpose, push_state::ProcoreState},
};
use emulator::{FaultKind, Silence};
use ledgerboard::{
    comparison,
    push::{self, Answer},
};

use crate::fixture::{Fixture, sentence};
use crate::record_pages::Reader;

impl Fixture {
    /// A COR pushed item by item, whose first line is then locked in Procore; its sender asks for `more` cents of that
    /// one. With Procore's id of the locked line.
    pub async fn locked(&self, number: usize, more: i64) -> (CorId, i64) {
        let cor = self.mechanical(&[number])[0];
        self.push(&[cor]).into_event("002").line_items().finished().await;
        let line = self.first_line(cor).await;
        self.in_procore(|w| w.lock_line(line).unwrap());
        self.ask_for(cor, more).await;
        (cor, line)
    }

    async fn first_line(&self, cor: CorId) -> i64 {
        let first = LineKey::Item(self.cor(cor).await.price.lines[0].id);
        self.link_lines(cor).await.into_iter().find(|line| line.key == first).unwrap().line.unwrap()
    }

    async fn ask_for(&self, cor: CorId, more: i64) {
        self.edit(cor, |lines| lines[0].amount += Money::minor(more)).await;
    }

    fn unlock(&self, line: i64) {
        self.in_procore(|w| w.edit_line(line, |l| l.lock = None).unwrap());
    }

    /// Procore's id of the line that makes up for another.
    async fn adjustment(&self, cor: CorId) -> i64 {
        let [only] = <[i64; 1]>::try_from(self.adjustments(cor).await).unwrap();
        only
    }

    async fn adjustments(&self, cor: CorId) -> Vec<i64> {
        let lines = self.lines_of(cor).await;
        let makes_up = |text: &Option<String>| text.as_deref().unwrap_or_default().contains(": Adjustment, ");
        lines.into_iter().filter(|(_, line)| makes_up(&line.description)).map(|(_, line)| line.id).collect()
    }

    /// What Procore has is what the COR asks for, to the cent; every line of it is known, and the log says so.
    pub async fn assert_adds_up(&self, id: CorId) {
        let (cor, link, lines) = (self.cor(id).await, self.link(id).await, self.lines_of(id).await);
        let amount = |line: &emulator::world::ChangeItem| match link.side {
            Side::Sent => line.revenue.amount,
            Side::Received => line.cost.amount,
        };
        let held: rust_decimal::Decimal = lines.iter().map(|(_, line)| amount(line)).sum();
        assert_eq!(held, cor.total().to_decimal(), "COR {} in Procore: {lines:#?}", cor.number);
        let mut there: Vec<i64> = lines.iter().map(|(_, line)| line.id).collect();
        let mut known = self.ids(id).await;
        there.sort_unstable();
        known.sort_unstable();
        assert_eq!(there, known, "no line of COR {} is there that we don't know", cor.number);
        assert_eq!(
            (link.state, link.reason.as_str(), link.pushed, link.pushed_amount),
            (ProcoreState::UpToDate, "", cor.priced, cor.total().into()),
            "what the log says of COR {}",
            cor.number
        );
    }
}

store::both_databases! {
    async fn a_locked_lines_gap_is_offered_and_becomes_one_line_of_its_own(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, line) = fixture.locked(10, 30_000).await;
        let event = fixture.event("002");
        let (others, is) = (fixture.foreign(event), fixture.event_now(event).item(line).unwrap().clone());
        let (_, shown) = fixture.push(&[cor]).line_items().planned().await.unwrap();
        assert_eq!((shown.order.plan.writes(), shown.order.plan.cors[0].gap()), (0, Money::minor(30_000).into()));

        let (draft, shown) = fixture.push(&[cor]).line_items().answering(Answer::Adjust).planned().await.unwrap();
        let plan = &shown.order.plan;
        assert_eq!((plan.writes(), plan.cors[0].gap(), plan.totals.ours.difference()), (1, Amount::ZERO, Money::minor(30_000).into()));
        let made = plan.cors[0].lines.iter().find(|l| l.action.writes()).unwrap();
        let asked = fixture.cor(cor).await.price.lines[0].amount;
        let arithmetic = format!("Adjustment, {asked} asked for, {} locked", asked - Money::minor(30_000));
        assert!(made.wanted.as_ref().unwrap().description.contains(&arithmetic), "{made:?}");
        assert_eq!(made.after(), Money::minor(30_000));
        fixture.calls();
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.calls(), ["GET event", "PATCH event"]);
        fixture.adjustment(cor).await;
        fixture.assert_adds_up(cor).await;
        let now = fixture.event_now(event);
        assert_eq!(format!("{:?}", now.item(line).unwrap()), format!("{is:?}"), "what is locked stays as it is");
        assert_eq!((fixture.foreign(event), now.cost_total()), (others, plan.totals.whole.new.money().unwrap().to_decimal()));

        // Nothing of it is news to whoever reads the event afterwards.
        let told = fixture.told(cor).await;
        for wait in [200, 900, 86_400] {
            fixture.later(wait).await;
            fixture.assert_adds_up(cor).await;
        }
        assert_eq!(fixture.told(cor).await, told);
        fixture.assert_done().await;
    }

    async fn it_follows_the_cor_in_place_and_goes_when_nothing_is_to_be_made_up(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 30_000).await;
        fixture.push(&[cor]).line_items().answering(Answer::Adjust).finished().await;
        let made = fixture.adjustment(cor).await;
        for more in [1_250, -40_000, 17] {
            fixture.ask_for(cor, more).await;
            assert_eq!(fixture.state(cor).await, ProcoreState::UpdateNeeded);
            fixture.calls();
            fixture.push(&[cor]).line_items().finished().await;
            assert_eq!(fixture.calls(), ["GET event", "PATCH event"]);
            assert_eq!(fixture.adjustment(cor).await, made, "the same line, never a second one");
            fixture.assert_adds_up(cor).await;
        }
        fixture.ask_for(cor, 40_000 - 30_000 - 1_250 - 17).await;
        fixture.push(&[cor]).line_items().finished().await;
        assert_eq!(fixture.adjustments(cor).await, [0; 0]);
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn a_lost_answer_while_it_is_written_doubles_nothing(store: Store) {
        let fixture = Fixture::on(store).await;
        let late = |after_seconds, silence| FaultKind::ExecuteLate { after_seconds, silence };
        let failed = |executed| FaultKind::Status { status: 502, retry_after: None, executed };
        let faults = [
            FaultKind::DropAfter, FaultKind::CutBody, FaultKind::HangBefore, FaultKind::HangAfter, failed(true),
            failed(false), late(20, Silence::Close), late(115, Silence::BadGateway),
        ];
        for (fault, number) in faults.into_iter().zip([7, 8, 9, 10, 11, 12, 13, 14]) {
            let (cor, line) = fixture.locked(number, 30_000).await;
            fixture.push(&[cor]).line_items().answering(Answer::Adjust).confirmed().await.unwrap();
            fixture.fault("PATCH", fault.clone());
            fixture.work_through().await;
            let made = fixture.adjustment(cor).await;
            fixture.assert_adds_up(cor).await;

            fixture.ask_for(cor, 701).await;
            fixture.push(&[cor]).line_items().confirmed().await.unwrap();
            fixture.fault("PATCH", fault.clone());
            fixture.work_through().await;
            assert_eq!(fixture.adjustment(cor).await, made, "{fault:?}");
            fixture.assert_adds_up(cor).await;

            // Folded away by one request, and nobody knows at first whether it came through.
            fixture.unlock(line);
            fixture.push(&[cor]).line_items().confirmed().await.unwrap();
            fixture.fault("PATCH", fault.clone());
            fixture.work_through().await;
            assert_eq!(fixture.adjustments(cor).await, [0; 0], "{fault:?}");
            fixture.assert_once(&[cor]).await;
        }
        fixture.assert_done().await;
    }

    async fn once_the_lock_is_released_the_line_says_all_and_the_adjustment_goes(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, line) = fixture.locked(10, 30_000).await;
        fixture.push(&[cor]).line_items().answering(Answer::Adjust).finished().await;
        fixture.unlock(line);
        fixture.later(900).await;
        fixture.assert_adds_up(cor).await;
        fixture.calls();
        fixture.push(&[cor]).line_items().finished().await;
        assert_eq!(fixture.calls(), ["GET event", "PATCH event"], "both in one request: at no time is the money twice there");
        assert_eq!((fixture.adjustments(cor).await, fixture.first_line(cor).await), (vec![], line));
        fixture.assert_once(&[cor]).await;
        fixture.later(900).await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn a_locked_line_that_should_go_is_made_up_for_as_well(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, line) = fixture.locked(10, 0).await;
        let left = fixture.cor(cor).await.price.lines[0].amount;
        fixture.edit(cor, |lines| { lines.remove(0); }).await;
        let (_, shown) = fixture.push(&[cor]).line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.cors[0].gap(), -left, "it would be too many");
        fixture.push(&[cor]).line_items().answering(Answer::Adjust).finished().await;
        let made = fixture.adjustment(cor).await;
        fixture.assert_adds_up(cor).await;

        // In another detail it is still in the way, and still made up for.
        fixture.push(&[cor]).sections().finished().await;
        assert_eq!(fixture.adjustment(cor).await, made);
        fixture.assert_adds_up(cor).await;
        fixture.later(900).await;
        fixture.assert_adds_up(cor).await;

        fixture.unlock(line);
        fixture.push(&[cor]).sections().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn what_a_lock_keeps_out_stays_said_after_something_else_was_found_and_is_gone(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, line) = fixture.locked(10, 30_000).await;
        let event = fixture.event("002");
        // Asked for and not taken; then pushed in another detail, so that the locked line stays beside what replaces it.
        for sections in [false, true] {
            let push = fixture.push(&[cor]).answering(Answer::Leave);
            let push = if sections { push.sections() } else { push.line_items() };
            push.finished().await;
            let link = fixture.link(cor).await;
            assert_ne!(link.pushed_amount, Amount::from(fixture.cor(cor).await.total()));
            assert_eq!(link.state, ProcoreState::UpdateNeeded);
            assert!(link.reason.starts_with("1 of its lines is locked in Procore, which has "), "{}", link.reason);

            fixture.later(200).await;
            fixture.oddly(event, serde_json::json!({ "status": null }));
            fixture.later(90_000).await;
            assert_eq!(fixture.state(cor).await, ProcoreState::EventUnreadable);
            fixture.straight(event);
            fixture.later(90_000).await;
            assert_eq!(fixture.state(cor).await, ProcoreState::UpdateNeeded);
        }
        fixture.unlock(line);
        fixture.push(&[cor]).sections().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn one_that_somebody_removed_there_is_asked_about_and_never_made_again_unseen(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 30_000).await;
        fixture.push(&[cor]).line_items().answering(Answer::Adjust).finished().await;
        let made = fixture.adjustment(cor).await;
        fixture.later(200).await;
        fixture.in_procore(|w| w.delete_line(made).unwrap());
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::LineRemoved);

        let (draft, shown) = fixture.push(&[cor]).line_items().planned().await.unwrap();
        assert_eq!((shown.unanswered, shown.order.plan.writes()), (1, 0));
        assert_eq!(shown.order.plan.cors[0].gap(), Money::minor(30_000));
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(why.contains("make it again or to leave it out"), "{why}");
        fixture.push(&[cor]).line_items().answering(Answer::Leave).finished().await;
        assert_eq!(fixture.adjustments(cor).await, [0; 0]);
        assert_eq!(fixture.state(cor).await, ProcoreState::ChangedInProcore);

        fixture.push(&[cor]).line_items().answering(Answer::Recreate).finished().await;
        assert_ne!(fixture.adjustment(cor).await, made);
        fixture.assert_adds_up(cor).await;
        fixture.assert_done().await;
    }

    async fn one_that_was_taken_back_before_it_was_written_is_offered_again_and_not_made_unasked(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 30_000).await;
        let taken_back = fixture.push(&[cor]).line_items().answering(Answer::Adjust).confirmed().await.unwrap();
        let draft = fixture.stored(taken_back).await.draft.unwrap();
        push::cancel(&fixture.app, fixture.actor(), draft).await.unwrap();
        fixture.work_through().await;
        assert_eq!(fixture.adjustments(cor).await, [0; 0]);
        let (_, shown) = fixture.push(&[cor]).line_items().planned().await.unwrap();
        assert_eq!((shown.order.plan.writes(), shown.order.plan.cors[0].gap()), (0, Money::minor(30_000).into()));
        fixture.push(&[cor]).line_items().answering(Answer::Adjust).finished().await;
        fixture.adjustment(cor).await;
        fixture.assert_adds_up(cor).await;
        fixture.assert_done().await;
    }

    async fn unlinked_and_removed_it_goes_with_the_rest_once_the_lock_lets_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, line) = fixture.locked(10, 30_000).await;
        fixture.push(&[cor]).line_items().answering(Answer::Adjust).finished().await;
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Unlink).await.unwrap();
        assert_eq!(shown.plan.cors[0].change().previous, fixture.cor(cor).await.total(), "all of it is shown");
        let why = sentence(comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::Unlink, &shown.digest()).await);
        assert!(why.contains("1 of these lines can't be removed: tied to RFQ 3"), "{why}");
        fixture.assert_adds_up(cor).await;

        fixture.unlock(line);
        let reference = fixture.link(cor).await.reference;
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Unlink).await.unwrap();
        comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::Unlink, &shown.digest()).await.unwrap();
        fixture.fault("PATCH", FaultKind::DropAfter);
        fixture.work_through().await;
        assert_eq!(fixture.link_if_any(cor).await, None);
        let event = fixture.event_now(fixture.event("002"));
        let ours = |text: &Option<String>| text.as_deref().unwrap_or_default().contains(&format!("[#{}", reference.as_str()));
        assert_eq!(event.live_items().filter(|item| ours(&item.description)).count(), 0);
        fixture.push(&[cor]).into_event("004").line_items().finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn the_sender_takes_over_a_locked_line_together_with_what_makes_up_for_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        fixture.push(&[cor]).sent().into_new_event().line_items().finished().await;
        let line = fixture.first_line(cor).await;
        fixture.in_procore(|w| w.lock_line(line).unwrap());
        fixture.ask_for(cor, 30_000).await;
        fixture.push(&[cor]).sent().line_items().answering(Answer::Adjust).finished().await;
        fixture.assert_adds_up(cor).await;
        let (made, before) = (fixture.adjustment(cor).await, fixture.cor(cor).await.total());
        fixture.later(200).await;
        fixture.in_procore(|w| w.edit_line(made, |l| l.revenue.amount = Money::minor(50_000).to_decimal()).unwrap());
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::LineChanged);
        let version = comparison::look(&fixture.app, fixture.actor(), cor).await.unwrap().version;
        comparison::accept(&fixture.app, fixture.actor(), cor, &version, "").await.unwrap();
        assert_eq!(fixture.cor(cor).await.total(), before + Money::minor(20_000), "what Procore has for it in both lines");
        fixture.assert_adds_up(cor).await;
        let (_, shown) = fixture.push(&[cor]).sent().line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.totals.ours.difference(), Money::ZERO);
        fixture.push(&[cor]).sent().line_items().finished().await;
        assert_eq!(fixture.adjustment(cor).await, made);
        fixture.assert_adds_up(cor).await;
        fixture.assert_done().await;
    }

    async fn the_plans_page_shows_the_arithmetic_and_takes_the_answer(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 30_000).await;
        let (draft, shown) = fixture.push(&[cor]).line_items().planned().await.unwrap();
        let key = shown.order.plan.cors[0].lines.iter().find(|l| l.action.code() == "locked").unwrap().key;
        let (asked, page) = (fixture.cor(cor).await.price.lines[0].amount, format!("/push/{draft}/review"));
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (status, text) = reader.read(&page).await;
        let offer = format!("Add a line for the difference: {asked} − {} = 300.00", asked - Money::minor(30_000));
        assert!(status == 200 && text.contains(&offer), "{text}");
        assert!(text.contains("After this push Procore lacks 300.00"), "{text}");

        let answer = format!("answer.{}", push::draft::slot(cor, key));
        assert_eq!(reader.post(&page, &[(&answer, "adjust"), ("do", "answer")]).await, 303);
        let (_, text) = reader.read(&page).await;
        assert!(text.contains("The difference of 300.00 is a line of its own") && !text.contains("Procore lacks"), "{text}");
        // Thought better of, and asked for after all.
        for (answered, lacks) in [("leave", true), ("adjust", false)] {
            reader.post(&page, &[(&answer, answered), ("do", "answer")]).await;
            assert_eq!(reader.read(&page).await.1.contains("Procore lacks"), lacks);
        }
        let (_, text) = reader.read(&page).await;
        let version = text.split("name=\"plan\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        // Without script another answer may be chosen and *Push* be clicked at once: that plan was never shown.
        let thought_again = [(&*answer, "leave"), ("do", "push"), ("plan", &*version)];
        assert_eq!(reader.post(&page, &thought_again).await, 303);
        assert!(reader.read(&page).await.1.contains("Procore lacks"));
        assert_eq!(reader.post(&page, &[(&answer, "adjust"), ("do", "answer")]).await, 303);
        assert!(reader.read(&page).await.1.contains(&version), "the same plan as before");
        assert_eq!(reader.post(&page, &[(&answer, "adjust"), ("do", "push"), ("plan", &version)]).await, 303);
        fixture.work().await;
        fixture.adjustment(cor).await;
        fixture.assert_adds_up(cor).await;
        fixture.assert_done().await;
    }
}
