//! A line that makes up for a locked one is a cost like any other: it needs what every new line needs, and it is told as what it
//! is, never as a removal.

use std::collections::BTreeMap;

use domain::{
    CorId, Currency, DraftId, Money,
    audit::{AuditEvent, SharedEntry},
    cor::{Breakdown, Status},
    procore::{
        Amount,
        preflight::{Level, PreflightCheck, PreflightFinding},
        push_state::{CorOutcome, ProcoreState, PushState},
    },
};
use emulator::WorldAction;
use ledgerboard::{
    comparison,
    integration::{currency, reference},
    push::{self, Answer, ChosenEvent, ChosenLines, plan::Shown},
    record,
};
use rust_decimal::Decimal;

use crate::fixture::{Fixture, sentence};
use crate::record_pages::Reader;

impl Fixture {
    fn contract_status(&self, number: &str, status: &str) {
        let (contract_id, status) = (self.commitment(number), status.to_owned());
        self.in_procore(|w| w.act(WorldAction::SetContractStatus { contract_id, status }).unwrap());
    }

    /// Procore answers more decimals than a cent has.
    fn fine_amounts(&self) {
        self.world.procore.switches(|switches| switches.amount_decimals = 6);
    }

    fn event_status(&self, number: &str, word: &str) {
        let event = self.event(number);
        self.in_procore(|w| w.set_event_status(event, word).unwrap());
    }

    /// The plan of a COR under another contract and another code than it was pushed with, with this answer about what is locked.
    async fn replanned(&self, cor: CorId, answer: Answer) -> (DraftId, Shown) {
        let (app, actor) = (&self.app, self.actor());
        let draft = self.push(&[cor]).drafts().await.unwrap()[0];
        push::choose_event(app, actor, draft, ChosenEvent::existing(self.event("002"))).await.unwrap();
        let other = |c: &&reference::ProcoreContract| c.status == "Approved" && c.number != "SC-23-007";
        let contract = self.data.commitments.iter().find(other).unwrap().id;
        let code = self.data.budget_codes.iter().find(|c| !c.code.starts_with("23-2113.L")).unwrap().id;
        let choices = ChosenLines {
            contracts: BTreeMap::from([(cor, Some(contract).into())]),
            budget_code_for_all: Some(code.into()),
            ..ChosenLines::in_detail(Breakdown::LineItems)
        };
        push::choose_lines(app, actor, draft, choices).await.unwrap();
        let shown = push::plan(app, actor, draft).await.unwrap();
        let lines = &shown.order.plan.cors[0].lines;
        let locked = lines.iter().filter(|line| line.action.code() == "locked");
        let answers = locked.map(|line| (push::draft::slot(cor, line.key), answer)).collect();
        push::answer(app, actor, draft, answers).await.unwrap();
        (draft, push::plan(app, actor, draft).await.unwrap())
    }

    /// What both companies may read of the COR's newest entry in the record.
    async fn newest(&self, cor: CorId) -> SharedEntry {
        let newest = record::of_cor(&self.app, self.actor(), cor).await.unwrap().entries.pop().unwrap();
        match newest.entry.event().unwrap() {
            AuditEvent::Cor { told, .. } => told,
            other @ AuditEvent::Push(_) => panic!("{other:?}"),
        }
    }

    async fn result_page(&self, push: domain::PushId) -> String {
        let draft = self.stored(push).await.draft.unwrap();
        Reader::of(self, self.actor()).await.read(&format!("/push/{draft}/result")).await.1
    }
}

fn of(shown: &Shown, check: PreflightCheck) -> &PreflightFinding {
    shown.preflight.iter().find(|finding| finding.check == check).unwrap()
}

fn remedy(finding: &PreflightFinding) -> &str {
    finding.correction.as_ref().map_or("", |correction| correction.says.as_str())
}

store::sqlite_only! {
    async fn it_is_judged_by_the_contract_and_the_code_of_the_locked_line(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 30_000).await;
        let (_, shown) = fixture.replanned(cor, Answer::Adjust).await;
        assert!(shown.preflight.iter().all(|f| f.level == Level::Ok), "{:#?}", shown.preflight);

        fixture.contract_status("SC-23-007", "Void");
        let (draft, shown) = fixture.replanned(cor, Answer::Adjust).await;
        let found = of(&shown, PreflightCheck::Contract);
        assert!(found.level == Level::Stop && found.says.contains("SC-23-007") && found.says.contains("is Void"), "{found:?}");
        assert!(remedy(found).contains("locked line"), "another contract can't be chosen for it: {found:?}");
        let told = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(told.contains("nothing can be paid under it"), "{told}");
        // Left as it is, nothing is written under it.
        let (_, shown) = fixture.replanned(cor, Answer::Leave).await;
        assert_eq!(of(&shown, PreflightCheck::Contract).level, Level::Ok, "{:?}", of(&shown, PreflightCheck::Contract));
        fixture.contract_status("SC-23-007", "Approved");

        let wbs_code_id = fixture.code("23-2113.L");
        fixture.in_procore(|w| w.act(WorldAction::RemoveBudgetCode { wbs_code_id }).unwrap());
        reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let (draft, shown) = fixture.replanned(cor, Answer::Adjust).await;
        let found = of(&shown, PreflightCheck::Codes);
        assert!(found.level == Level::Stop && found.says.contains("no longer in the budget"), "{found:?}");
        assert!(remedy(found).contains("locked line"), "{found:?}");
        sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        let (_, shown) = fixture.replanned(cor, Answer::Leave).await;
        assert_eq!(of(&shown, PreflightCheck::Codes).level, Level::Ok, "{:?}", of(&shown, PreflightCheck::Codes));
        fixture.assert_wire();
    }

    async fn a_void_cor_needs_a_contract_in_force_and_a_code_only_for_what_is_made_up_for(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 0).await;
        fixture.void(cor).await;
        fixture.contract_status("SC-23-007", "Void");
        // Lines that go need none.
        let (_, shown) = fixture.push(&[cor]).planned().await.unwrap();
        assert!(shown.preflight.iter().all(|f| f.level == Level::Ok), "{:#?}", shown.preflight);
        assert_eq!(of(&shown, PreflightCheck::Contract).says, "Lines that are removed need none.");
        // One that makes up does.
        let (draft, shown) = fixture.push(&[cor]).answering(Answer::Adjust).planned().await.unwrap();
        let found = of(&shown, PreflightCheck::Contract);
        assert!(found.level == Level::Stop && found.says.contains("SC-23-007") && found.says.contains("is Void"), "{found:?}");
        assert_eq!(of(&shown, PreflightCheck::Codes).says, "1 line with a code of the budget.");
        let told = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(told.contains("nothing can be paid under it"), "{told}");
        fixture.contract_status("SC-23-007", "Approved");
        fixture.push(&[cor]).answering(Answer::Adjust).finished().await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpToDate);
        fixture.assert_done().await;
    }

    async fn it_needs_an_event_that_counts_and_a_currency_that_is_known(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 0).await;
        fixture.void(cor).await;
        fixture.push(&[cor]).finished().await;
        // All that is left is locked. Nothing in a void event counts, so there is nothing to make up for.
        fixture.event_status("002", "void");
        let (draft, shown) = fixture.push(&[cor]).answering(Answer::Adjust).planned().await.unwrap();
        let found = of(&shown, PreflightCheck::Event);
        assert!(found.level == Level::Stop && found.says.contains("costs in a void event don't count"), "{found:?}");
        assert!(remedy(found).contains("leave what is locked"), "{found:?}");
        sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        fixture.event_status("002", "open");

        // Voided after the click, the worker sees it, and writes nothing.
        let push = fixture.push(&[cor]).answering(Answer::Adjust).confirmed().await.unwrap();
        fixture.event_status("002", "void");
        fixture.work().await;
        assert_eq!(fixture.calls(), ["GET event"]);
        let CorOutcome::Changed { why } = fixture.outcome(push, cor).await else { panic!() };
        assert!(why.contains("voided in Procore meanwhile"), "{why}");
        fixture.event_status("002", "open");
        fixture.later(900).await;

        // So it does with a currency that is another by now.
        let push = fixture.push(&[cor]).answering(Answer::Adjust).confirmed().await.unwrap();
        currency::state(&fixture.app, fixture.actor(), fixture.made.project, Currency::Cad).await.unwrap();
        fixture.calls();
        fixture.work().await;
        assert_eq!(fixture.calls(), ["GET event"]);
        assert!(matches!(fixture.outcome(push, cor).await, CorOutcome::Changed { .. }));
        let (draft, shown) = fixture.push(&[cor]).answering(Answer::Adjust).planned().await.unwrap();
        assert_eq!(of(&shown, PreflightCheck::Currency).level, Level::Stop, "{:?}", of(&shown, PreflightCheck::Currency));
        sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        currency::state(&fixture.app, fixture.actor(), fixture.made.project, Currency::Usd).await.unwrap();
        fixture.push(&[cor]).answering(Answer::Adjust).finished().await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpToDate);
        fixture.assert_done().await;
    }

    async fn deleted_with_its_event_before_it_is_made_up_for_nothing_is_left(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, _) = fixture.locked(10, 0).await;
        let event = fixture.event("002");
        fixture.void(cor).await;
        let push = fixture.push(&[cor]).answering(Answer::Adjust).confirmed().await.unwrap();
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        fixture.work_through().await;
        assert!(matches!(fixture.stored(push).await.state, PushState::Changed { .. }));
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::NotInProcore);
        assert!(!fixture.calls().contains(&"PATCH event".to_owned()));
        fixture.assert_done().await;
    }

    async fn a_void_cor_that_is_made_up_for_is_told_as_that_and_not_as_removed(store: Store) {
        let fixture = Fixture::on(store).await;
        // One line of two or more is locked: the others are removed, and it is made up for, in one push.
        let (both, _) = fixture.locked(10, 0).await;
        let (total, locked) = (fixture.cor(both).await.total(), fixture.cor(both).await.price.lines[0].amount);
        let (rest, lines) = (total - locked, fixture.cor(both).await.price.lines.len() - 1);
        let lines = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
        fixture.world.advance(60);
        fixture.void(both).await;
        let push = fixture.push(&[both]).answering(Answer::Adjust).finished().await;
        let told = fixture.told(both).await;
        let [asked, did] = told.last_chunk().unwrap();
        assert!(asked.starts_with(&format!("asked to remove {rest} of it from CE 002")), "{asked}");
        assert!(asked.contains(&format!("and to make up for {locked} that is locked there, because the COR is void")), "{asked}");
        assert!(did.starts_with(&format!("removed {lines} of {rest} from Change Event 002")), "{did}");
        assert!(did.contains(&format!("and made up for {locked} that is locked there, because the COR is void")), "{did}");
        let SharedEntry::CorRemoved { amount, made_up, .. } = fixture.newest(both).await else { panic!() };
        assert_eq!((amount, made_up), (rest.into(), Amount::from(locked)));
        let page = fixture.result_page(push).await;
        assert!(page.contains(&format!("{locked} of it is locked in Procore and made up for there.")), "{page}");
        let were = if lines == "1 line" { "was" } else { "were" };
        let heading = format!("{lines} of {rest} {were} removed from Procore; {locked} is locked there and made up for");
        assert!(page.contains(&heading) && !page.contains("out of Procore"), "{page}");

        // Nothing but locked: nothing is removed.
        let (only, _) = fixture.locked(11, 0).await;
        let locked = fixture.cor(only).await.price.lines[0].amount;
        fixture.void(only).await;
        fixture.world.advance(60);
        fixture.push(&[only]).finished().await;
        fixture.world.advance(60);
        // With nothing to write somebody has to decide, and nothing is decided beforehand.
        let (draft, shown) = fixture.push(&[only]).planned().await.unwrap();
        assert_eq!((shown.order.plan.writes(), shown.undecided), (0, 1));
        let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/review")).await.1;
        let stays = format!("COR 011 is void: {locked} of it is locked in Procore and stays there unless you add a line");
        assert!(page.contains(&stays) && page.contains("1 decision is missing"), "{page}");
        assert!(!page.contains("Ready to push") && !page.contains("has these lines already"), "{page}");
        assert!(page.contains("value=\"leave\"") && !page.contains(" checked"), "{page}");
        assert!(!page.contains("stays as it is."), "said once, and not as if it were decided: {page}");
        assert!(page.contains("disabled>Push to Procore"), "{page}");
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert_eq!(why, push::confirm::UNDECIDED);
        let key = shown.order.plan.cors[0].lines.iter().find(|line| line.action.code() == "locked").unwrap().key;
        let left = BTreeMap::from([(push::draft::slot(only, key), Answer::Leave)]);
        push::answer(&fixture.app, fixture.actor(), draft, left).await.unwrap();
        let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert_eq!(shown.undecided, 0, "left as it is, because somebody said so");
        let push = fixture.push(&[only]).answering(Answer::Adjust).finished().await;
        let told = fixture.told(only).await;
        let [asked, did] = told.last_chunk().unwrap();
        for text in [asked, did] {
            assert!(!text.contains("remove"), "{text}");
        }
        assert!(asked.contains(&format!("asked to make up for {locked} of it that is locked in CE 002")), "{asked}");
        assert!(did.contains(&format!("made up for {locked} of it that is locked in Change Event 002")), "{did}");
        let told = fixture.newest(only).await;
        let SharedEntry::CorRemoved { amount, made_up, .. } = &told else { panic!() };
        assert_eq!((*amount, *made_up), (Amount::ZERO, locked.into()));
        assert!(!told.sentence().contains("removed"), "{}", told.sentence());
        let page = fixture.result_page(push).await;
        assert!(!page.contains("Removed") && !page.contains("out of Procore"), "{page}");

        // What is left locked is out of it no more than that.
        let (left, _) = fixture.locked(12, 0).await;
        let locked = fixture.cor(left).await.price.lines[0].amount;
        fixture.void(left).await;
        let push = fixture.push(&[left]).finished().await;
        let page = fixture.result_page(push).await;
        assert!(page.contains(&format!("{locked} of it is locked in Procore and stays there.")), "{page}");
        assert!(page.contains(&format!("{locked} is locked there and stays")) && !page.contains("out of Procore"), "{page}");
        for record in record::verify(&fixture.app.store).await.unwrap() {
            assert_eq!(record.flaws, [], "{}", record.name);
        }
        fixture.assert_done().await;
    }

    async fn half_a_cent_that_is_locked_settles(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.fine_amounts();
        let cor = fixture.mechanical(&[10])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let line = fixture.ids(cor).await[0];
        fixture.later(200).await;
        fixture.in_procore(|w| {
            w.edit_line(line, |l| l.cost.amount = Decimal::new(33_335, 3)).unwrap();
            w.lock_line(line).unwrap();
        });
        fixture.later(900).await;
        fixture.void(cor).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpdateNeeded);
        let push = fixture.push(&[cor]).answering(Answer::Adjust).finished().await;
        let link = fixture.link(cor).await;
        assert_eq!(link.state, ProcoreState::UpToDate, "{}", link.reason);
        assert!(link.reason.contains("made up for there"), "{}", link.reason);
        assert_eq!(fixture.outcome(push, cor).await, CorOutcome::Written);
        fixture.later(86_400).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpToDate);
        let draft = fixture.push(&[cor]).drafts().await.unwrap()[0];
        push::as_before(&fixture.app, fixture.actor(), draft).await.unwrap();
        let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert_eq!(shown.order.plan.writes(), 0);
        let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/push/{draft}/review")).await.1;
        assert!(!page.contains("stays there, because it is locked"), "{page}");
        fixture.assert_done().await;
    }

    async fn a_locked_fraction_of_a_cent_is_no_gap_of_a_live_cor(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.fine_amounts();
        for (thousandths, number) in [(5, 9), (4, 10), (-5, 11), (-4, 12)] {
            let cor = fixture.mechanical(&[number])[0];
            fixture.push(&[cor]).into_event("002").finished().await;
            let line = fixture.ids(cor).await[0];
            let total = fixture.cor(cor).await.total();
            // As shown it is what the COR asks for, but for half a cent that is rounded up to it or beyond.
            let there = total.to_decimal() - Decimal::new(thousandths, 3);
            fixture.later(200).await;
            fixture.in_procore(|w| {
                w.edit_line(line, |l| l.cost.amount = there).unwrap();
                w.lock_line(line).unwrap();
            });
            fixture.later(900).await;
            let gap = total - Amount::of(there).money().unwrap();
            let (_, shown) = fixture.push(&[cor]).planned().await.unwrap();
            assert_eq!(shown.order.plan.cors[0].gap(), gap, "what would be made up for");
            fixture.push(&[cor]).answering(Answer::Adjust).finished().await;
            let (state, reason) = (fixture.state(cor).await, fixture.link(cor).await.reason);
            assert_eq!((state, reason.as_str()), (ProcoreState::UpToDate, ""), "{there}");
            let held: Decimal = fixture.lines_of(cor).await.iter().map(|(_, line)| line.cost.amount).sum();
            assert_eq!(Amount::of(held), total, "as it is shown");
            assert_eq!(fixture.lines_of(cor).await.len(), if gap == Money::ZERO { 1 } else { 2 });
            fixture.assert_done().await;
        }
    }

    async fn voiding_what_was_approved_says_that_the_approval_goes_and_the_money_stays(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[10])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let before = fixture.cor(cor).await;
        let (by, total, now) = (before.sender.id, before.total(), fixture.app.now());
        fixture.app.store.write(move |tx| tx.of(by).set_cor_status(&before, Status::ApprovedToProceed, now)).await.unwrap();
        let page = Reader::of(&fixture, fixture.actor()).await.read(&format!("/cors/{cor}?ask=void")).await.1;
        assert!(page.contains("The approval is taken back"), "{page}");
        assert!(page.contains(&format!("{total} of it is in Procore and stays there until you push the COR again.")), "{page}");
        assert!(!page.contains("the price can be changed"), "{page}");
    }

    async fn a_void_cor_asks_for_nothing_when_its_push_begins(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.void(cors[0]).await;
        let draft = fixture.push(&cors).drafts().await.unwrap()[0];
        let opened = push::open(&fixture.app, fixture.actor(), draft).await.unwrap();
        assert_eq!(opened.body.sum, fixture.cor(cors[1]).await.total());
    }

    async fn taken_over_by_its_sender_a_locked_half_cent_leaves_nothing_to_push(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.fine_amounts();
        let cor = fixture.sent(1).await[0];
        fixture.edit(cor, |lines| lines.push(fixture.lump("More of it", 10_000))).await;
        fixture.push(&[cor]).sent().into_new_event().line_items().finished().await;
        let first = fixture.cor(cor).await.price.lines[0].id;
        let key = domain::cor::LineKey::Item(first);
        let line = fixture.link_lines(cor).await.into_iter().find(|line| line.key == key).unwrap().line.unwrap();
        fixture.later(200).await;
        fixture.in_procore(|w| {
            w.edit_line(line, |l| l.revenue.amount = Decimal::new(33_335, 3)).unwrap();
            w.lock_line(line).unwrap();
        });
        fixture.later(900).await;
        // The locked line is not asked for any more, and made up for; then the other one changes in Procore.
        fixture.edit(cor, |lines| { lines.remove(0); }).await;
        fixture.push(&[cor]).sent().line_items().answering(Answer::Adjust).finished().await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpToDate);
        let other = fixture.cor(cor).await.price.lines[0].id;
        let key = domain::cor::LineKey::Item(other);
        let line = fixture.link_lines(cor).await.into_iter().find(|line| line.key == key).unwrap().line.unwrap();
        fixture.later(200).await;
        fixture.in_procore(|w| w.edit_line(line, |l| l.revenue.amount = Decimal::from(777)).unwrap());
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::LineChanged);
        let version = comparison::look(&fixture.app, fixture.actor(), cor).await.unwrap().version;
        comparison::accept(&fixture.app, fixture.actor(), cor, &version, "").await.unwrap();
        assert_eq!(fixture.state(cor).await, ProcoreState::UpToDate, "{}", fixture.link(cor).await.reason);
        let (_, shown) = fixture.push(&[cor]).sent().line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.writes(), 0);
    }
}
