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

use super::fixture::{Fixture, sentence};

impl Fixture {
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
        let fixture = Fixture::on(store).await;
        let cor = fixture.doubled().await;
        let (event, foreign) = (fixture.event("002"), fixture.foreign(fixture.event("002")));
        let twice = fixture.lines_of(cor).await.len();
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::RemoveSurplus).await.unwrap();
        assert_eq!(shown.plan.cors[0].lines.len() * 2, twice);
        assert_eq!(shown.plan.totals.whole.difference(), -fixture.cor(cor).await.total());
        // What was not shown is not removed.
        let why = sentence(comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::RemoveSurplus, "1:2").await);
        assert!(why.contains("changed since this was shown"), "{why}");
        fixture.ask_removal(cor, Purpose::RemoveSurplus).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::InProgress);
        fixture.work().await;
        fixture.assert_once(&[cor]).await;
        assert_eq!(fixture.foreign(event), foreign);
        let told = fixture.told(cor).await;
        assert_eq!(told.iter().filter(|text| text.starts_with("removed ")).count(), 1, "{told:?}");
        fixture.later(86_400).await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn one_click_in_the_log_removes_the_copies_that_it_told_of_and_no_others(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.doubled().await;
        let event = fixture.event("002");
        let told = comparison::known_now(&fixture.app, fixture.actor(), cor).await.unwrap().surplus();
        // Somebody copies one of them once more, and the log doesn't know of it yet.
        fixture.in_procore(|w| {
            let id = w.new_id();
            let items = &mut w.change_events.get_mut(&event).unwrap().items;
            let copy = items.iter().find(|item| told.contains(&item.id)).unwrap().clone();
            items.push(emulator::world::ChangeItem { id, ..copy });
        });
        let before = fixture.lines_of(cor).await.len();
        let why = sentence(comparison::remove_surplus(&fixture.app, fixture.actor(), cor).await);
        assert!(why.contains("More lines of it than were known"), "{why}");
        fixture.work().await;
        assert_eq!(fixture.lines_of(cor).await.len(), before);
        // Now it does.
        comparison::remove_surplus(&fixture.app, fixture.actor(), cor).await.unwrap();
        let why = sentence(comparison::remove_surplus(&fixture.app, fixture.actor(), cor).await);
        assert!(why.contains("under way"), "a second click: {why}");
        fixture.work().await;
        fixture.assert_once(&[cor]).await;
        let why = sentence(comparison::remove_surplus(&fixture.app, fixture.actor(), cor).await);
        assert!(why.contains("Nothing of this COR is there"), "{why}");
        fixture.assert_done().await;
    }

    async fn a_project_is_mapped_to_another_once_its_cors_may_be_unlinked(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let project = fixture.made.project;
        let choices = project_mapping::choices(&fixture.app, fixture.actor(), emulator::seed::WHITFIELD).await.unwrap();
        let other = choices.choices.iter().find(|p| p.number == "24-102").unwrap().id;
        let map = async |linked| {
            let to = MapTo { linked, ..MapTo::project(other).kept_in(domain::Currency::Usd) };
            map_project::map(&fixture.app, fixture.actor(), project, to).await
        };
        fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        let why = sentence(map(Linked::Unlink).await);
        assert!(why.contains("A push is running"), "{why}");
        fixture.work().await;
        let there = fixture.event_now(fixture.event("002"));
        let why = sentence(map(Linked::Keep).await);
        assert!(why.starts_with("2 CORs are linked to Change Events"), "{why}");
        map(Linked::Unlink).await.unwrap();
        assert_eq!(fixture.event_now(there.id), there, "nothing was written to Procore");
        for cor in &cors {
            assert_eq!(fixture.link_if_any(*cor).await, None);
            let told = fixture.told(*cor).await;
            assert!(told.iter().any(|text| text.starts_with("unlinked it from Change Event 002; ")), "{told:?}");
        }
        assert_eq!(project_mapping::look(&fixture.app, fixture.actor(), project).await.unwrap().links, 0);
        for cor in &cors {
            let (decided, _) = fixture.decision(*cor).await;
            assert!(decided.ends_with("its lines stay there"), "{decided}");
        }
    }

    async fn a_removal_whose_answer_never_comes_is_looked_for_and_done_once(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.doubled().await;
        fixture.ask_removal(cor, Purpose::RemoveSurplus).await;
        for kind in [FaultKind::Refuse, FaultKind::HangBefore, FaultKind::DropAfter] {
            fixture.fault("PATCH", kind);
        }
        fixture.work_through().await;
        fixture.assert_once(&[cor]).await;
        fixture.assert_done().await;
    }

    async fn unlinked_and_removed_it_can_be_pushed_anew(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        fixture.ask_removal(cor, Purpose::Unlink).await;
        fixture.fault("PATCH", FaultKind::DropAfter);
        fixture.work_through().await;
        assert_eq!(fixture.link_if_any(cor).await, None);
        let live = fixture.event_now(fixture.event("002")).live_items().filter(|i| i.description.as_deref().unwrap_or("").contains("COR 009")).count();
        assert_eq!(live, 0);
        assert!(fixture.told(cor).await.last().unwrap().starts_with("unlinked it from CE 002"));
        fixture.push(&[cor]).into_event("004").finished().await;
        fixture.assert_once(&[cor]).await;
    }

    async fn a_plan_from_before_it_was_unlinked_is_not_carried_out(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let (draft, _) = fixture.push(&[cor]).planned().await.unwrap();
        fixture.ask_removal(cor, Purpose::Unlink).await;
        fixture.work().await;
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(why.contains("was unlinked from its Change Event after this plan was made"), "{why}");
        assert_eq!(fixture.link_if_any(cor).await, None);
        fixture.push(&[cor]).into_event("002").finished().await;
        fixture.assert_once(&[cor]).await;
        fixture.later(900).await;
        fixture.assert_once(&[cor]).await;
    }

    async fn moved_it_is_removed_first_and_missing_rather_than_doubled(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        fixture.ask_removal(cor, Purpose::Move).await;
        fixture.work().await;
        let link = fixture.link(cor).await;
        assert_eq!((link.state, link.event), (ProcoreState::UpdateNeeded, None));
        assert!(link.reason.contains("Push it to the Change Event where it belongs"), "{}", link.reason);
        assert_eq!(fixture.lines_of(cor).await.len(), 0);
        fixture.push(&[cor]).into_event("004").finished().await;
        fixture.assert_once(&[cor]).await;
        assert_eq!(fixture.link(cor).await.event, Some(fixture.event("004")));
    }

    async fn a_locked_line_is_not_removed_and_the_reason_is_said(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let line = fixture.ids(cor).await[0];
        fixture.in_procore(|w| w.lock_line(line).unwrap());
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Unlink).await.unwrap();
        let why = sentence(comparison::remove(&fixture.app, fixture.actor(), cor, Purpose::Unlink, &shown.digest()).await);
        assert!(why.contains("can't be removed: tied to RFQ 3"), "{why}");
        fixture.assert_once(&[cor]).await;
    }

    async fn left_alone_it_alerts_again_only_when_it_changes_again(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let line = fixture.ids(cor).await[0];
        let edit = |cents| fixture.in_procore(move |w| w.edit_line(line, |l| l.cost.amount = Money::minor(cents).to_decimal()).unwrap());
        fixture.later(200).await;
        edit(111);
        fixture.later(900).await;
        let why = sentence(comparison::leave(&fixture.app, fixture.actor(), cor, "0.0").await);
        assert!(why.contains("since you looked"), "{why}");
        // Read once more, it is as it was shown.
        let shown = fixture.version(cor).await;
        fixture.later(900).await;
        comparison::leave(&fixture.app, fixture.actor(), cor, &shown).await.unwrap();
        let link = fixture.link(cor).await;
        assert_eq!((link.state, link.pushed_amount), (ProcoreState::UpToDate, Money::minor(111).into()));
        assert!(link.reason.starts_with("Left as it is in Procore"), "{}", link.reason);
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpToDate);
        edit(222);
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::LineChanged);
        let why = sentence(comparison::leave(&fixture.app, fixture.actor(), cor, &shown).await);
        assert!(why.contains("since you looked"), "{why}");
    }

    async fn the_sender_takes_over_what_procore_has_as_a_new_version(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        fixture.push(&[cor]).sent().into_new_event().line_items().finished().await;
        let line = fixture.ids(cor).await[0];
        fixture.later(200).await;
        fixture.in_procore(|w| w.edit_line(line, |l| l.revenue.amount = Money::minor(77_700).to_decimal()).unwrap());
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::LineChanged);
        let before = fixture.cor(cor).await;
        comparison::accept(&fixture.app, fixture.actor(), cor, &fixture.version(cor).await, "").await.unwrap();
        let after = fixture.cor(cor).await;
        assert_eq!((after.total(), after.revision), (Money::minor(77_700), before.revision + 1));
        fixture.assert_once(&[cor]).await;
        fixture.later(900).await;
        fixture.assert_once(&[cor]).await;
        // Nothing is left to be written.
        let (_, shown) = fixture.push(&[cor]).sent().line_items().planned().await.unwrap();
        assert_eq!(shown.order.plan.writes(), 0);
        assert_eq!(Breakdown::LineItems, shown.order.breakdown);
    }

    async fn the_receiver_accepts_with_a_note_and_the_cor_stays(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let line = fixture.ids(cor).await[0];
        fixture.later(200).await;
        fixture.in_procore(|w| w.edit_line(line, |l| l.cost.amount = Money::minor(5).to_decimal()).unwrap());
        fixture.later(900).await;
        let total = fixture.cor(cor).await.total();
        comparison::accept(&fixture.app, fixture.actor(), cor, &fixture.version(cor).await, "agreed on site").await.unwrap();
        assert_eq!((fixture.state(cor).await, fixture.cor(cor).await.total()), (ProcoreState::UpToDate, total));
        let told = fixture.told(cor).await;
        let noted = |text: &&String| text.contains("accepted what Procore has: 0.05") && text.contains("agreed on site");
        assert_eq!(told.iter().filter(noted).count(), 1, "{told:?}");
        fixture.later(900).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::UpToDate);
    }

    async fn unlinked_its_lines_stay_and_are_nobodys(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        let line = fixture.ids(cor).await[0];
        comparison::unlink(&fixture.app, fixture.actor(), cor, &fixture.version(cor).await).await.unwrap();
        assert_eq!(fixture.link_if_any(cor).await, None);
        assert!(fixture.event_now(fixture.event("002")).live_items().any(|item| item.id == line));
        fixture.later(86_400).await;
        assert_eq!(fixture.link_if_any(cor).await, None);
    }

    async fn pushed_anew_where_its_former_lines_are_it_would_count_twice(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, other) = (fixture.mechanical(&[9])[0], fixture.mechanical(&[10])[0]);
        fixture.push(&[cor, other]).into_event("002").line_items().finished().await;
        let (event, lines, total) = (fixture.event("002"), fixture.ids(cor).await, fixture.cor(cor).await.total());
        comparison::unlink(&fixture.app, fixture.actor(), cor, &fixture.version(cor).await).await.unwrap();
        let (draft, shown) = fixture.push(&[cor]).into_event("002").line_items().planned().await.unwrap();
        let about = |shown: &push::plan::Shown| {
            shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Event).unwrap().clone()
        };
        let told = about(&shown);
        assert_eq!(told.level, Level::Stop, "{told:?}");
        assert!(told.says.contains(&format!("{} lines of {total}", lines.len())), "{}", told.says);
        assert!(told.says.starts_with("COR 009: "), "{}", told.says);
        assert!(told.correction.unwrap().says.starts_with("Remove these lines in Procore first"));
        let why = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(why.contains("would count twice"), "{why}");
        // The other COR's lines are its own.
        let (_, shown) = fixture.push(&[other]).planned().await.unwrap();
        assert_eq!(about(&shown).level, Level::Ok);
        // Removed there, all but one, and then that one too.
        for (gone, level) in [(&lines[1..], Level::Stop), (&lines[..1], Level::Ok)] {
            fixture.world.advance(60);
            fixture.in_procore(|w| gone.iter().for_each(|line| w.delete_line(*line).unwrap()));
            let shown = push::plan(&fixture.app, fixture.actor(), draft).await.unwrap();
            assert_eq!(about(&shown).level, level);
            assert_eq!(about(&shown).says.contains("1 line of "), level == Level::Stop);
        }
        push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&[cor, other]).await;
        // Restored, they lie beside its new ones: the log tells of it, and an update leaves them there.
        fixture.in_procore(|w| {
            let items = &mut w.change_events.get_mut(&event).unwrap().items;
            items.iter_mut().filter(|item| lines.contains(&item.id)).for_each(|item| item.deleted_at = None);
        });
        fixture.later(86_400).await;
        assert_eq!(fixture.state(cor).await, ProcoreState::Surplus);
        fixture.edit(cor, |lines| lines.push(fixture.lump("More", 100))).await;
        let (_, shown) = fixture.push(&[cor]).planned().await.unwrap();
        let told = about(&shown);
        assert_eq!(told.level, Level::Warn);
        assert!(told.says.contains("as well") && !told.says.contains("from before"), "told once: {}", told.says);
    }
}
