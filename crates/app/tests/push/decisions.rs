//! What a person decides about a difference: taken away exactly once, left, taken over, let go of. Each is told.

use domain::{
    CorId, Money, PushId,
    cor::Breakdown,
    procore::{
        preflight::{Level, PreflightCheck},
        push::Purpose,
        push_state::ProcoreState,
    },
    role::Actor,
};
use emulator::{FaultKind, Silence};
use jiff::SignedDuration;
use ledgerboard::{
    comparison,
    integration::{
        map_project::{self, Linked, MapTo},
        project_mapping,
    },
    push,
};
use store::both_databases;

use super::desk::{Desk, sentence};

impl Desk {
    pub async fn version(&self, cor: CorId) -> String {
        comparison::look(&self.app, self.actor(), cor).await.unwrap().version
    }

    /// Shows the removal and confirms it as shown. Nothing is sent by that.
    pub async fn ask_removal(&self, cor: CorId, purpose: Purpose) -> PushId {
        self.ask_removal_as(self.actor(), cor, purpose).await
    }

    pub async fn ask_removal_as(&self, actor: &Actor, cor: CorId, purpose: Purpose) -> PushId {
        let shown = comparison::plan(&self.app, actor, cor, purpose).await.unwrap();
        let push = comparison::remove(&self.app, actor, cor, purpose, &shown.digest()).await.unwrap();
        // So that the story sorts: entries of one millisecond do so by chance.
        self.world.clock.advance(SignedDuration::from_millis(1));
        push
    }

    /// One request of a push executes long after everybody gave up on it.
    pub async fn doubled(&self) -> CorId {
        let cor = self.mechanical(&[9])[0];
        self.fault("PATCH", FaultKind::ExecuteLate { after_seconds: 3600, silence: Silence::Close });
        self.push(&[cor]).into_event("002").line_items().confirmed().await.unwrap();
        self.work_through().await;
        self.later(4000).await;
        self.later(86_400).await;
        assert_eq!(self.state(cor).await, ProcoreState::Surplus);
        cor
    }
}

both_databases! {
    async fn a_surplus_goes_on_one_click_and_nothing_else_does(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.doubled().await;
        let (event, foreign) = (desk.event("002"), desk.foreign(desk.event("002")));
        let twice = desk.lines_of(cor).await.len();
        let shown = comparison::plan(&desk.app, desk.actor(), cor, Purpose::RemoveSurplus).await.unwrap();
        assert_eq!(shown.plan.cors[0].lines.len() * 2, twice);
        assert_eq!(shown.plan.totals.whole.difference(), -desk.cor(cor).await.total());
        // What was not shown is not removed.
        let why = sentence(comparison::remove(&desk.app, desk.actor(), cor, Purpose::RemoveSurplus, "1:2").await);
        assert!(why.contains("changed since this was shown"), "{why}");
        desk.ask_removal(cor, Purpose::RemoveSurplus).await;
        assert_eq!(desk.state(cor).await, ProcoreState::InProgress);
        desk.work().await;
        desk.assert_once(&[cor]).await;
        assert_eq!(desk.foreign(event), foreign);
        let told = desk.told(cor).await;
        assert_eq!(told.iter().filter(|text| text.starts_with("removed ")).count(), 1, "{told:?}");
        desk.later(86_400).await;
        desk.assert_once(&[cor]).await;
        desk.assert_done().await;
    }

    async fn one_click_in_the_log_removes_the_copies_that_it_told_of_and_no_others(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.doubled().await;
        let event = desk.event("002");
        let told = comparison::known_now(&desk.app, desk.actor(), cor).await.unwrap().surplus();
        // Somebody copies one of them once more, and the log doesn't know of it yet.
        desk.in_procore(|w| {
            let id = w.new_id();
            let items = &mut w.change_events.get_mut(&event).unwrap().items;
            let copy = items.iter().find(|item| told.contains(&item.id)).unwrap().clone();
            items.push(emulator::world::ChangeItem { id, ..copy });
        });
        let before = desk.lines_of(cor).await.len();
        let why = sentence(comparison::remove_surplus(&desk.app, desk.actor(), cor).await);
        assert!(why.contains("More lines of it than were known"), "{why}");
        desk.work().await;
        assert_eq!(desk.lines_of(cor).await.len(), before);
        // Now it does.
        comparison::remove_surplus(&desk.app, desk.actor(), cor).await.unwrap();
        let why = sentence(comparison::remove_surplus(&desk.app, desk.actor(), cor).await);
        assert!(why.contains("under way"), "a second click: {why}");
        desk.work().await;
        desk.assert_once(&[cor]).await;
        let why = sentence(comparison::remove_surplus(&desk.app, desk.actor(), cor).await);
        assert!(why.contains("Nothing of this COR is there"), "{why}");
        desk.assert_done().await;
    }

    async fn a_project_is_mapped_to_another_once_its_cors_may_be_unlinked(store: Store) {
        let desk = Desk::on(store).await;
        let cors = desk.mechanical(&[9, 10]);
        let project = desk.made.project;
        let choices = project_mapping::choices(&desk.app, desk.actor(), emulator::seed::WHITFIELD).await.unwrap();
        let other = choices.choices.iter().find(|p| p.number == "24-102").unwrap().id;
        let map = async |linked| {
            let to = MapTo { linked, ..MapTo::project(other).kept_in(domain::Currency::Usd) };
            map_project::map(&desk.app, desk.actor(), project, to).await
        };
        desk.push(&cors).into_event("002").confirmed().await.unwrap();
        let why = sentence(map(Linked::Unlink).await);
        assert!(why.contains("A push is running"), "{why}");
        desk.work().await;
        let there = desk.event_now(desk.event("002"));
        let why = sentence(map(Linked::Keep).await);
        assert!(why.starts_with("2 CORs are linked to Change Events"), "{why}");
        map(Linked::Unlink).await.unwrap();
        assert_eq!(desk.event_now(there.id), there, "nothing was written to Procore");
        for cor in &cors {
            assert_eq!(desk.link_if_any(*cor).await, None);
            let told = desk.told(*cor).await;
            assert!(told.iter().any(|text| text.starts_with("unlinked it from Change Event 002; ")), "{told:?}");
        }
        assert_eq!(project_mapping::look(&desk.app, desk.actor(), project).await.unwrap().links, 0);
        for cor in &cors {
            let (decided, _) = desk.decision(*cor).await;
            assert!(decided.ends_with("its lines stay there"), "{decided}");
        }
    }

    async fn a_removal_whose_answer_never_comes_is_looked_for_and_done_once(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.doubled().await;
        desk.ask_removal(cor, Purpose::RemoveSurplus).await;
        for kind in [FaultKind::Refuse, FaultKind::HangBefore, FaultKind::DropAfter] {
            desk.fault("PATCH", kind);
        }
        desk.work_through().await;
        desk.assert_once(&[cor]).await;
        desk.assert_done().await;
    }

    async fn unlinked_and_removed_it_can_be_pushed_anew(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        desk.ask_removal(cor, Purpose::Unlink).await;
        desk.fault("PATCH", FaultKind::DropAfter);
        desk.work_through().await;
        assert_eq!(desk.link_if_any(cor).await, None);
        let live = desk.event_now(desk.event("002")).live_items().filter(|i| i.description.as_deref().unwrap_or("").contains("COR 009")).count();
        assert_eq!(live, 0);
        assert!(desk.told(cor).await.last().unwrap().starts_with("unlinked it from CE 002"));
        desk.push(&[cor]).into_event("004").finished().await;
        desk.assert_once(&[cor]).await;
    }

    async fn a_plan_from_before_it_was_unlinked_is_not_carried_out(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let (draft, _) = desk.push(&[cor]).planned().await.unwrap();
        desk.ask_removal(cor, Purpose::Unlink).await;
        desk.work().await;
        let why = sentence(push::confirm(&desk.app, desk.actor(), draft, None).await);
        assert!(why.contains("was unlinked from its Change Event after this plan was made"), "{why}");
        assert_eq!(desk.link_if_any(cor).await, None);
        desk.push(&[cor]).into_event("002").finished().await;
        desk.assert_once(&[cor]).await;
        desk.later(900).await;
        desk.assert_once(&[cor]).await;
    }

    async fn moved_it_is_removed_first_and_missing_rather_than_doubled(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        desk.ask_removal(cor, Purpose::Move).await;
        desk.work().await;
        let link = desk.link(cor).await;
        assert_eq!((link.state, link.event), (ProcoreState::UpdateNeeded, None));
        assert!(link.reason.contains("Push it to the Change Event where it belongs"), "{}", link.reason);
        assert_eq!(desk.lines_of(cor).await.len(), 0);
        desk.push(&[cor]).into_event("004").finished().await;
        desk.assert_once(&[cor]).await;
        assert_eq!(desk.link(cor).await.event, Some(desk.event("004")));
    }

    async fn a_locked_line_is_not_removed_and_the_reason_is_said(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let line = desk.ids(cor).await[0];
        desk.in_procore(|w| w.lock_line(line).unwrap());
        let shown = comparison::plan(&desk.app, desk.actor(), cor, Purpose::Unlink).await.unwrap();
        let why = sentence(comparison::remove(&desk.app, desk.actor(), cor, Purpose::Unlink, &shown.digest()).await);
        assert!(why.contains("can't be removed: tied to RFQ 3"), "{why}");
        desk.assert_once(&[cor]).await;
    }

    async fn left_alone_it_alerts_again_only_when_it_changes_again(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let line = desk.ids(cor).await[0];
        let edit = |cents| desk.in_procore(move |w| w.edit_line(line, |l| l.cost.amount = Money::minor(cents).to_decimal()).unwrap());
        desk.later(200).await;
        edit(111);
        desk.later(900).await;
        let why = sentence(comparison::leave(&desk.app, desk.actor(), cor, "0.0").await);
        assert!(why.contains("since you looked"), "{why}");
        // Read once more, it is as it was shown.
        let shown = desk.version(cor).await;
        desk.later(900).await;
        comparison::leave(&desk.app, desk.actor(), cor, &shown).await.unwrap();
        let link = desk.link(cor).await;
        assert_eq!((link.state, link.pushed_amount), (ProcoreState::UpToDate, Money::minor(111).into()));
        assert!(link.reason.starts_with("Left as it is in Procore"), "{}", link.reason);
        desk.later(900).await;
        assert_eq!(desk.state(cor).await, ProcoreState::UpToDate);
        edit(222);
        desk.later(900).await;
        assert_eq!(desk.state(cor).await, ProcoreState::LineChanged);
        let why = sentence(comparison::leave(&desk.app, desk.actor(), cor, &shown).await);
        assert!(why.contains("since you looked"), "{why}");
    }

    async fn the_sender_takes_over_what_procore_has_as_a_new_version(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.sent(1).await[0];
        desk.push(&[cor]).sent().into_new_event().line_items().finished().await;
        let line = desk.ids(cor).await[0];
        desk.later(200).await;
        desk.in_procore(|w| w.edit_line(line, |l| l.revenue.amount = Money::minor(77_700).to_decimal()).unwrap());
        desk.later(900).await;
        assert_eq!(desk.state(cor).await, ProcoreState::LineChanged);
        let before = desk.cor(cor).await;
        comparison::accept(&desk.app, desk.actor(), cor, &desk.version(cor).await, "").await.unwrap();
        let after = desk.cor(cor).await;
        assert_eq!((after.total(), after.revision), (Money::minor(77_700), before.revision + 1));
        desk.assert_once(&[cor]).await;
        desk.later(900).await;
        desk.assert_once(&[cor]).await;
        // Nothing is left to be written.
        let (_, shown) = desk.push(&[cor]).sent().line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.writes(), 0);
        assert_eq!(Breakdown::LineItems, shown.order.breakdown);
    }

    async fn the_receiver_accepts_with_a_note_and_the_cor_stays(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let line = desk.ids(cor).await[0];
        desk.later(200).await;
        desk.in_procore(|w| w.edit_line(line, |l| l.cost.amount = Money::minor(5).to_decimal()).unwrap());
        desk.later(900).await;
        let total = desk.cor(cor).await.total();
        comparison::accept(&desk.app, desk.actor(), cor, &desk.version(cor).await, "agreed on site").await.unwrap();
        assert_eq!((desk.state(cor).await, desk.cor(cor).await.total()), (ProcoreState::UpToDate, total));
        let told = desk.told(cor).await;
        let noted = |text: &&String| text.contains("accepted what Procore has: 0.05") && text.contains("agreed on site");
        assert_eq!(told.iter().filter(noted).count(), 1, "{told:?}");
        desk.later(900).await;
        assert_eq!(desk.state(cor).await, ProcoreState::UpToDate);
    }

    async fn unlinked_its_lines_stay_and_are_nobodys(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_event("002").finished().await;
        let line = desk.ids(cor).await[0];
        comparison::unlink(&desk.app, desk.actor(), cor, &desk.version(cor).await).await.unwrap();
        assert_eq!(desk.link_if_any(cor).await, None);
        assert!(desk.event_now(desk.event("002")).live_items().any(|item| item.id == line));
        desk.later(86_400).await;
        assert_eq!(desk.link_if_any(cor).await, None);
    }

    async fn pushed_anew_where_its_former_lines_are_it_would_count_twice(store: Store) {
        let desk = Desk::on(store).await;
        let (cor, other) = (desk.mechanical(&[9])[0], desk.mechanical(&[10])[0]);
        desk.push(&[cor, other]).into_event("002").line_items().finished().await;
        let (event, lines, total) = (desk.event("002"), desk.ids(cor).await, desk.cor(cor).await.total());
        comparison::unlink(&desk.app, desk.actor(), cor, &desk.version(cor).await).await.unwrap();
        let (draft, shown) = desk.push(&[cor]).into_event("002").line_items().planned().await.unwrap();
        let about = |shown: &push::plan::Shown| {
            shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Event).unwrap().clone()
        };
        let told = about(&shown);
        assert_eq!(told.level, Level::Stop, "{told:?}");
        assert!(told.says.contains(&format!("{} lines of {total}", lines.len())), "{}", told.says);
        assert!(told.says.starts_with("COR 009: "), "{}", told.says);
        assert!(told.correction.unwrap().says.starts_with("Remove these lines in Procore first"));
        let why = sentence(push::confirm(&desk.app, desk.actor(), draft, None).await);
        assert!(why.contains("would count twice"), "{why}");
        // The other COR's lines are its own.
        let (_, shown) = desk.push(&[other]).planned().await.unwrap();
        assert_eq!(about(&shown).level, Level::Ok);
        // Removed there, all but one, and then that one too.
        for (gone, level) in [(&lines[1..], Level::Stop), (&lines[..1], Level::Ok)] {
            desk.world.advance(60);
            desk.in_procore(|w| gone.iter().for_each(|line| w.delete_line(*line).unwrap()));
            let shown = push::plan(&desk.app, desk.actor(), draft).await.unwrap();
            assert_eq!(about(&shown).level, level);
            assert_eq!(about(&shown).says.contains("1 line of "), level == Level::Stop);
        }
        push::confirm(&desk.app, desk.actor(), draft, None).await.unwrap();
        desk.work().await;
        desk.assert_once(&[cor, other]).await;
        // Restored, they lie beside its new ones: the log tells of it, and an update leaves them there.
        desk.in_procore(|w| {
            let items = &mut w.change_events.get_mut(&event).unwrap().items;
            items.iter_mut().filter(|item| lines.contains(&item.id)).for_each(|item| item.deleted_at = None);
        });
        desk.later(86_400).await;
        assert_eq!(desk.state(cor).await, ProcoreState::Surplus);
        desk.edit(cor, |lines| lines.push(desk.lump("More", 100))).await;
        let (_, shown) = desk.push(&[cor]).planned().await.unwrap();
        let told = about(&shown);
        assert_eq!(told.level, Level::Warn);
        assert!(told.says.contains("as well") && !told.says.contains("from before"), "told once: {}", told.says);
    }
}
