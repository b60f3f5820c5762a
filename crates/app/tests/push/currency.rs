//! Amounts are never converted: what is pushed is in the currency that the Procore project is kept in, and where nobody knows
//! that, nothing is pushed.

use domain::{
    Currency, ProjectId,
    procore::{
        Amount,
        comparison::Finding,
        preflight::{Level, PreflightCheck},
        push::Purpose,
        push_state::{CorOutcome, ProcoreState},
    },
};
use emulator::{
    Fault, FaultKind, WorldAction,
    seed::{HARBOR_POINT, WHITFIELD},
};
use ledgerboard::{
    Error, comparison,
    integration::{
        change_events, currency,
        map_project::{self, MapTo},
        project_mapping,
    },
    push, reconciliation,
};
use serde_json::json;
use store::sqlite_only;

use crate::fixture::{Fixture, Wizard, sentence};
use crate::record_pages::{Program, Reader};

impl Fixture {
    /// The project mapped anew, without anybody's word on its currency.
    async fn unanswered(store: store::Store) -> Self {
        let fixture = Self::on(store).await;
        map_project::unmap(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let to = MapTo::project(fixture.harbor_point());
        map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to).await.unwrap();
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        fixture
    }

    fn harbor_point(&self) -> i64 {
        self.world.procore.world(|w| w.project_by_number(HARBOR_POINT).unwrap().id)
    }

    async fn stated(&self, currency: Currency) -> Result<(), Error> {
        currency::state(&self.app, self.actor(), self.made.project, currency).await
    }

    /// Procore names currencies from now on, and Harbor Point is kept in this one.
    fn procore_names(&self, currency: &str) {
        self.world.procore.switches(|switches| switches.currency_named = true);
        let (project_id, currency) = (self.harbor_point(), currency.to_owned());
        self.world.procore.world(|w| w.act(WorldAction::SetProjectCurrency { project_id, currency })).unwrap();
    }

    /// Only the settings name currencies from now on, and Harbor Point is kept in this one.
    fn settings_name(&self, currency: &str) {
        self.procore_names(currency);
        self.world.procore.switches(|s| (s.currency_named, s.currency_settings_named) = (false, true));
    }

    /// The next reads of these settings, part of a path, are answered with this status.
    fn settings_fail(&self, of: &str, status: u16) {
        self.world.procore.clear_faults();
        let kind = FaultKind::Status { status, retry_after: None, executed: false };
        self.world.procore.fault(Fault::next("GET", &format!("{of}/currency_configuration"), kind).times(2));
    }

    async fn mapped(&self, to: MapTo) -> Result<(), Error> {
        map_project::map(&self.app, self.actor(), self.made.project, to).await
    }

    async fn mapping(&self) -> project_mapping::ProjectMapping {
        project_mapping::look(&self.app, self.actor(), self.made.project).await.unwrap()
    }
}

/// The plan is shown and not confirmed because of `check`; what the person reads.
async fn stopped(wizard: &Wizard<'_>, check: PreflightCheck) -> String {
    let (draft, shown) = wizard.planned().await.unwrap();
    let finding = shown.preflight.iter().find(|finding| finding.check == check).unwrap();
    assert_eq!(finding.level, Level::Stop, "{:#?}", shown.preflight);
    let told = sentence(push::confirm(&wizard.fixture.app, wizard.fixture.actor(), draft, None).await);
    assert!(told.contains(&finding.says) && told.contains(&finding.correction.as_ref().unwrap().says), "{told}");
    told
}

sqlite_only! {
    async fn nothing_is_pushed_before_the_currency_is_known(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        let (new, existing) = (fixture.mechanical(&[9]), fixture.mechanical(&[10]));
        for wizard in [fixture.push(&new).into_new_event(), fixture.push(&existing).into_event("002")] {
            let told = stopped(&wizard, PreflightCheck::Currency).await;
            assert!(told.contains("nobody has stated it yet") && told.contains("settings → Procore"), "{told}");
        }
        fixture.stated(Currency::Usd).await.unwrap();
        fixture.push(&new).into_new_event().finished().await;
        fixture.push(&existing).into_event("002").finished().await;
        fixture.assert_once(&[new, existing].concat()).await;
        fixture.assert_done().await;
    }

    async fn cad_is_not_written_at_par_into_usd(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        fixture.stated(Currency::Cad).await.unwrap();
        let cors = fixture.mechanical(&[9]);
        for wizard in [fixture.push(&cors).into_new_event(), fixture.push(&cors).into_event("002")] {
            let told = stopped(&wizard, PreflightCheck::Currency).await;
            assert!(told.contains("kept in CAD") && told.contains("are in USD"), "{told}");
        }
        // What is there and what the COR asks for are neither added nor compared.
        let (draft, shown) = fixture.push(&cors).into_event("002").planned().await.unwrap();
        let (plan, none) = (&shown.order.plan, Amount::NotComparable);
        assert!(!plan.totals.whole.previous.is_zero());
        let totals = shown.totals();
        assert_eq!((totals.whole.previous, totals.whole.new, totals.ours.new, totals.others), (none, none, none, none));
        assert_eq!(shown.cor_change(&plan.cors[0]), plan.cors[0].change(), "all of its lines are new");
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (status, html) = reader.read(&format!("/push/{draft}/review")).await;
        let mixed = plan.totals.whole.new.to_string();
        assert!(status == 200 && !html.contains(&mixed), "{mixed} in {html}");
        // It is told before anybody codes a line.
        let draft = fixture.push(&cors).drafts().await.unwrap()[0];
        let choice = push::ChosenEvent::existing(fixture.event("002"));
        let first = push::choose_event(&fixture.app, fixture.actor(), draft, choice).await.unwrap();
        let stop = first.findings.iter().find(|finding| finding.level == Level::Stop).unwrap();
        assert_eq!((first.stops(), stop.check), (true, PreflightCheck::Currency));
        // It was a slip.
        fixture.stated(Currency::Usd).await.unwrap();
        fixture.push(&cors).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
    }

    async fn markup_in_another_currency_is_told_as_no_amount(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        fixture.stated(Currency::Usd).await.unwrap();
        fixture.world.procore.switches(|switches| switches.revenue_follows_cost = true);
        let cors = fixture.sent(3).await;
        let number = fixture.with_prime();
        fixture.push(&cors[..1]).sent().into_event(&number).finished().await;
        let event = fixture.event(&number);
        let there = fixture.markup_of(event).await;
        assert!(there.is_readable() && !there.is_zero());
        fixture.stated(Currency::Cad).await.unwrap();
        let (draft, shown) = fixture.push(&cors[1..2]).sent().into_event(&number).planned().await.unwrap();
        let (markup, none) = (shown.markup().unwrap(), Amount::NotComparable);
        assert_eq!((markup.there, markup.revenue, markup.other_revenue), (none, none, none));
        let (reader, program) = (Reader::of(&fixture, fixture.actor()).await, Program::of(&fixture, fixture.actor()).await);
        let plan = program.call("POST", &format!("/push-drafts/{draft}/plan")).await;
        assert_eq!((&plan["markup"]["there"], &plan["markup"]["other_revenue"]), (&json!(null), &json!(null)), "{plan}");
        let (_, page) = reader.read(&format!("/push/{draft}/review")).await;
        assert!(page.contains("+ markup by Procore, which can’t be compared"), "{page}");
        assert!(page.contains("Procore adds revenue that follows cost"), "{page}");
        assert!(!page.contains(&there.to_string()) && !page.contains("adds can"), "{there} in {page}");
        // The choice of a contract tells no revenue that it marks up.
        let wizard = fixture.push(&cors[2..]).sent().into_event("002");
        let (draft, _) = wizard.planned().await.unwrap();
        let (_, page) = reader.read(&format!("/push/{draft}/lines")).await;
        assert!(page.contains("CE 002 has none.") && !page.contains("with revenue of"), "{page}");
        // In ours they are amounts, and one where nothing is added says so in each currency.
        fixture.stated(Currency::Usd).await.unwrap();
        let (_, shown) = fixture.push(&cors[1..2]).sent().into_event(&number).planned().await.unwrap();
        assert_eq!(shown.markup().unwrap().there, there);
        let (_, page) = reader.read(&format!("/push/{draft}/lines")).await;
        assert!(page.contains("with revenue of"), "{page}");
    }

    async fn what_procore_names_needs_nobodys_word(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        for (settings, currency) in [(false, "CAD"), (true, "CAD"), (true, "USD"), (false, "USD")] {
            fixture.procore_names(currency);
            fixture.world.procore.switches(|s| (s.currency_named, s.currency_settings_named) = (!settings, settings));
            map_project::unmap(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
            let to = MapTo { asks_currency: true, ..MapTo::project(fixture.harbor_point()) };
            map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to).await.unwrap();
            assert_eq!(fixture.mapping().await.known.named, [currency], "named by settings: {settings}");
            assert_eq!(fixture.mapping().await.currency.stated, None);
            let wizard = fixture.push(&cors).into_new_event();
            if currency == "CAD" {
                assert!(stopped(&wizard, PreflightCheck::Currency).await.contains("kept in CAD"));
            } else {
                assert!(wizard.planned().await.unwrap().1.preflight.iter().all(|f| f.level != Level::Stop));
            }
        }
        fixture.push(&cors).into_new_event().finished().await;
        fixture.assert_once(&cors).await;
    }

    async fn what_procore_named_is_replaced_by_its_answers_alone(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        let (own, all) = (format!("/projects/{}", fixture.harbor_point()), format!("/companies/{WHITFIELD}"));
        let here = MapTo::project(fixture.harbor_point());
        for (failing, status) in [("", 503), ("", 403), (own.as_str(), 503), (&own, 403), (&all, 503), (&all, 403)] {
            fixture.world.procore.clear_faults();
            fixture.settings_name("CAD");
            fixture.mapped(here).await.unwrap();
            assert_eq!(fixture.mapping().await.known.named, ["CAD"]);
            // Where the project alone can't be asked, its company says that all are kept in USD; where the company can't,
            // the project names none.
            fixture.settings_name("USD");
            fixture.world.procore.switches(|s| s.currency_settings_named = failing != all);
            fixture.settings_fail(failing, status);
            let told = sentence(fixture.stated(Currency::Usd).await);
            assert!(told.contains("Procore names CAD"), "{failing} {status}: {told}");
            fixture.settings_fail(failing, status);
            fixture.mapped(here).await.unwrap();
            assert_eq!(fixture.mapping().await.known.named, ["CAD"], "{failing} {status}");
            fixture.settings_fail(failing, status);
            let told = sentence(fixture.mapped(here.kept_in(Currency::Usd)).await);
            assert!(told.contains("Procore names CAD"), "{failing} {status}: {told}");
        }
        // Pre-flight asks each time, with the event and with the plan, and what can't be read replaces nothing.
        fixture.settings_fail(&all, 503);
        assert!(stopped(&fixture.push(&fixture.mechanical(&[9])).into_new_event(), PreflightCheck::Currency).await.contains("in CAD"));
        // Procore answers that it is kept in USD now.
        fixture.world.procore.clear_faults();
        fixture.settings_name("USD");
        fixture.stated(Currency::Usd).await.unwrap();
        assert_eq!(fixture.mapping().await.known.named, ["USD"]);
    }

    async fn what_no_answer_named_stays_unnamed(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        let here = MapTo::project(fixture.harbor_point());
        for status in [503, 403] {
            map_project::unmap(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
            fixture.settings_name("CAD");
            fixture.settings_fail("", status);
            let told = sentence(fixture.mapped(MapTo { asks_currency: true, ..here }).await);
            assert!(told.contains("Choose it here"), "{told}");
            fixture.settings_fail("", status);
            fixture.mapped(here).await.unwrap();
            assert_eq!(fixture.mapping().await.known.named, [""; 0]);
            // The project's own can't be read, and its company has the same for all.
            fixture.settings_name("USD");
            fixture.settings_fail(&format!("/projects/{}", fixture.harbor_point()), status);
            assert!(sentence(fixture.stated(Currency::Cad).await).contains("Procore names USD"));
        }
    }

    async fn nobodys_word_stands_against_procores(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        fixture.stated(Currency::Usd).await.unwrap();
        let cors = fixture.mechanical(&[9]);
        fixture.procore_names("CAD");
        // An event is read for its plan, and names what nobody knew.
        let told = stopped(&fixture.push(&cors).into_event("002"), PreflightCheck::Currency).await;
        assert!(told.contains("Procore names CAD") && told.contains("USD was stated"), "{told}");
        // From then on it is told everywhere, also where Procore isn't asked.
        assert!(stopped(&fixture.push(&cors).into_new_event(), PreflightCheck::Currency).await.contains("Procore names CAD"));
        assert!(fixture.mapping().await.currency_trouble().unwrap().sentence().contains("Procore names CAD"));
        let told = sentence(fixture.stated(Currency::Eur).await);
        assert!(told.contains("Procore names CAD"), "{told}");
        let to = MapTo::project(fixture.harbor_point()).kept_in(Currency::Usd);
        let told = sentence(map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to).await);
        assert!(told.contains("Procore names CAD"), "{told}");
        // Mended in Procore, and read again.
        fixture.procore_names("USD");
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        fixture.push(&cors).into_event("002").finished().await;
        fixture.assert_once(&cors).await;
    }

    async fn a_currency_corrected_in_procore_is_read_when_it_is_saved_or_checked(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        fixture.stated(Currency::Usd).await.unwrap();
        let cors = fixture.mechanical(&[9]);
        let here = || MapTo::project(fixture.harbor_point());
        for (settings, way) in [false, true].into_iter().flat_map(|s| ["mapped", "stated", "checked"].map(|way| (s, way))) {
            let names = |currency: &str| {
                if settings { fixture.settings_name(currency) } else { fixture.procore_names(currency) }
            };
            names("CAD");
            fixture.mapped(here()).await.unwrap();
            change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
            assert!(sentence(fixture.mapped(here().kept_in(Currency::Usd)).await).contains("Procore names CAD"));
            assert!(sentence(fixture.stated(Currency::Eur).await).contains("Procore names CAD"));
            stopped(&fixture.push(&cors).into_new_event(), PreflightCheck::Currency).await;
            names("USD");
            match way {
                "mapped" => fixture.mapped(here().kept_in(Currency::Usd)).await.unwrap(),
                "stated" => fixture.stated(Currency::Usd).await.unwrap(),
                _ => {}
            }
            if way != "checked" {
                assert_eq!(fixture.mapping().await.currency_trouble(), None, "{settings} {way}");
            }
            let (_, shown) = fixture.push(&cors).into_new_event().planned().await.unwrap();
            let found = shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Currency).unwrap();
            assert_eq!(found.level, Level::Ok, "{settings} {way}: {found:?}");
            assert_eq!(fixture.mapping().await.currency_trouble(), None, "{settings} {way}");
        }
    }

    async fn what_becomes_known_after_the_click_still_stops_the_request(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        fixture.procore_names("CAD");
        fixture.work().await;
        assert_eq!(fixture.calls(), ["GET event"], "read, and not written");
        let CorOutcome::Changed { why } = fixture.outcome(push, cors[0]).await else { panic!("it went on") };
        assert!(why.contains("Procore names CAD"), "{why}");
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::ChangedInProcore);

        // The same where somebody's word changes meanwhile, and nothing is read.
        let cors = fixture.mechanical(&[10]);
        fixture.procore_names("USD");
        fixture.world.procore.switches(|switches| switches.currency_named = false);
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.stated(Currency::Cad).await.unwrap();
        fixture.calls();
        fixture.work().await;
        assert_eq!(fixture.calls(), [""; 0]);
        assert_eq!(fixture.lines_of(cors[0]).await.len(), 0);
        fixture.assert_done().await;
    }

    async fn money_that_lies_there_in_another_currency_is_told_and_taken_out(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").finished().await;
        fixture.procore_names("CAD");
        fixture.world.advance(3);
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert_eq!(fixture.state(cor).await, ProcoreState::OtherCurrency);
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (_, html) = reader.read(&format!("/cors/{cor}")).await;
        let reason = "can&#39;t be compared: Procore names CAD, and USD was stated";
        assert!(html.contains(reason), "{html}");
        let (_, html) = reader.read(&format!("/cors/{cor}/drift")).await;
        assert!(html.contains("Procore now, CAD"), "{html}");
        let seen = comparison::known_now(&fixture.app, fixture.actor(), cor).await.unwrap();
        assert_eq!(seen.open(), [Finding::OtherCurrency { is: "CAD".into() }]);
        // It is no difference that somebody may let stand, and its amounts are nobody's to take over.
        let version = seen.version();
        let told = sentence(comparison::leave(&fixture.app, fixture.actor(), cor, &version).await);
        assert!(told.contains("There is nothing left to decide"), "{told}");
        let told = sentence(comparison::accept(&fixture.app, fixture.actor(), cor, &version, "").await);
        assert!(told.contains("Procore names CAD"), "{told}");
        let shown = comparison::plan(&fixture.app, fixture.actor(), cor, Purpose::Move).await.unwrap();
        assert!(shown.hindrance().unwrap().contains("couldn't be pushed to another"), "{:?}", shown.hindrance());
        fixture.ask_removal(cor, Purpose::Unlink).await;
        fixture.work().await;
        assert_eq!((fixture.link_if_any(cor).await, fixture.lines_of(cor).await.len()), (None, 0));
    }

    async fn an_answer_that_names_another_currency_is_no_success(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_new_event().confirmed().await.unwrap();
        fixture.procore_names("CAD");
        fixture.work().await;
        assert_eq!(fixture.calls(), ["POST events"]);
        assert_eq!(fixture.state(cor).await, ProcoreState::OtherCurrency);
    }

    async fn a_contract_in_another_currency_is_not_chosen(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.procore_names("USD");
        let (contract_id, currency) = (fixture.data.prime_contracts[0].id, "CAD".to_owned());
        fixture.world.procore.world(|w| w.act(WorldAction::SetContractCurrency { contract_id, currency })).unwrap();
        ledgerboard::integration::reference::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        let cors = fixture.sent(1).await;
        let told = stopped(&fixture.push(&cors).sent().into_new_event(), PreflightCheck::Contract).await;
        assert!(told.contains("is kept in CAD"), "{told}");
        // Commitments don't name theirs in the list; their lines do once they are there.
        let (contract_id, currency) = (fixture.commitment("SC-23-007"), "CAD".to_owned());
        fixture.world.procore.world(|w| w.act(WorldAction::SetContractCurrency { contract_id, currency })).unwrap();
        let cor = fixture.mechanical(&[9])[0];
        let push = fixture.push(&[cor]).into_event("001").done().await;
        assert_eq!(fixture.outcome(push, cor).await, CorOutcome::Written);
        assert_eq!(fixture.state(cor).await, ProcoreState::OtherCurrency);
        // A line of somebody else's in another currency is no business of the next COR's.
        let other = fixture.made.cors[1][0];
        fixture.push(&[other]).into_event("001").finished().await;
        fixture.assert_once(&[other]).await;
    }

    async fn a_lines_currency_is_its_contracts_and_not_the_projects(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        // The event names no currency, and a line of somebody else's in it is kept in its contract's.
        let event = fixture.event("002");
        let id = fixture.world.procore.world(|w| w.change_events[&event].live_items().next().unwrap().id);
        let fields = json!({ "currency_configuration": { "currency_iso_code": "EUR" } });
        let fields = serde_json::from_value(fields).unwrap();
        fixture.world.procore.world(|w| w.act(WorldAction::ShowOddly { id, fields })).unwrap();
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert_eq!(fixture.mapping().await.known.named, [""; 0]);
        fixture.stated(Currency::Usd).await.unwrap();
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.assert_once(&cors).await;
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert_eq!(fixture.state(cors[0]).await, ProcoreState::UpToDate);
        // What the event adds up to is in two currencies, and compared with nothing.
        let seen = reconciliation::read(&fixture.app, fixture.actor(), reconciliation::SignedScope::Project(fixture.made.project)).await.unwrap();
        assert!(seen.report.sections[0].trouble().is_some());
    }

    async fn a_reconciliation_compares_no_amounts_of_an_unknown_currency(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, actor, project): (_, _, ProjectId) = (&fixture.app, fixture.actor(), fixture.made.project);
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").finished().await;
        change_events::refresh(app, actor, project).await.unwrap();
        let read = async || reconciliation::read(app, actor, reconciliation::SignedScope::Project(project)).await.unwrap();
        let total = |seen: &reconciliation::Reconciliation| seen.report.sections[0].events_total();
        assert!(!total(&read().await).is_zero());
        map_project::unmap(app, actor, project).await.unwrap();
        map_project::map(app, actor, project, MapTo::project(fixture.harbor_point())).await.unwrap();
        change_events::refresh(app, actor, project).await.unwrap();
        let seen = read().await;
        assert!(seen.report.sections[0].trouble().is_some());
        assert_eq!(total(&seen), Amount::NotComparable, "and not nothing");
        let typed = reconciliation::NewSignature { figures: seen.figures.clone(), note: String::new() };
        let told = sentence(reconciliation::sign_off(app, actor, reconciliation::SignedScope::Project(project), typed).await);
        assert!(told.contains("can't be signed off") && told.contains("nobody has stated it yet"), "{told}");
        fixture.stated(Currency::Usd).await.unwrap();
        let seen = read().await;
        assert!(!total(&seen).is_zero());
        let typed = reconciliation::NewSignature { figures: seen.figures.clone(), note: String::new() };
        reconciliation::sign_off(app, actor, reconciliation::SignedScope::Project(project), typed).await.unwrap();
    }

    async fn pages_offer_no_signing_off_and_no_gap_of_what_cannot_be_compared(store: Store) {
        let fixture = Fixture::unanswered(store).await;
        let page = format!("/projects/{}/reconciliation", fixture.made.project);
        let office = format!("/offices/{}/reconciliation", fixture.made.offices[0]);
        let (manager, owner) = (Reader::of(&fixture, fixture.actor()).await, Reader::of(&fixture, &fixture.made.owner).await);
        let shown = async |reader: &Reader, url: &str| {
            let (status, html) = reader.read(url).await;
            assert_eq!(status, 200, "{html}");
            html.replace("&#39;", "'")
        };
        let told = [(None, "currency is not stated"), (Some(Currency::Cad), "Kept in USD here and in CAD in Procore")];
        for (stated, reason) in told {
            if let Some(currency) = stated {
                fixture.stated(currency).await.unwrap();
            }
            let html = shown(&manager, &page).await;
            assert!(html.contains("Can't be compared") && html.contains(reason), "{html}");
            assert!(html.contains("These figures can't be signed off") && !html.contains("Sign off"), "{html}");
            assert!(!html.contains("name=\"cor\""), "none can be ticked to be pushed");
            let apart = shown(&manager, &format!("{page}?side=received&show=not_comparable")).await;
            assert!(apart.contains("Cascade Mechanical") && apart.contains(reason), "{apart}");
            let html = shown(&owner, &office).await;
            assert!(html.contains("Can't be compared"), "{html}");
            assert!(html.contains("These figures can't be signed off") && !html.contains("Sign off"), "{html}");
            for url in [&page, &office] {
                assert_eq!(owner.bytes(&format!("{url}/workbook")).await.0, 200);
            }
        }
        fixture.stated(Currency::Usd).await.unwrap();
        for html in [shown(&manager, &page).await, shown(&owner, &office).await] {
            assert!(!html.contains("can't be compared") && !html.contains("Can't be compared"), "{html}");
            assert!(html.contains("Sign off"), "{html}");
        }
    }
}
