//! Amounts that others wrote in Procore: added to the last digit, and where one can't be read nothing is made of it.

use domain::procore::{
    Amount, Side,
    preflight::{Level, PreflightCheck},
    push_state::ProcoreState,
    reconciliation::{Category, Counts},
};
use emulator::world::Estimate;
use jiff::SignedDuration;
use ledgerboard::{Error, comparison, integration::change_events, push, reconciliation};
use rust_decimal::Decimal;

use crate::fixture::{Fixture, sentence};
use crate::record_pages::Reader;

/// Far beyond what an amount can be, and within what a decimal holds.
fn huge() -> Decimal {
    Decimal::from_scientific("1e22").unwrap()
}

impl Fixture {
    /// Somebody adds lines to an event, to cost and to bring so much.
    fn others_write(&self, event: &str, amounts: &[Decimal]) {
        let event = self.event(event);
        for amount in amounts {
            self.in_procore(|w| {
                let line = w.add_foreign_line(event, "Crane time", *amount).unwrap();
                w.edit_line(line, |line| line.revenue = Estimate::manual(*amount)).unwrap();
            });
        }
    }

    async fn listed(&self, number: &str) -> store::repo::change_event::EventRow {
        change_events::refresh(&self.app, self.actor(), self.made.project).await.unwrap();
        let list = change_events::list(&self.app, self.actor(), self.made.project).await.unwrap();
        list.events.into_iter().find(|event| event.number == number).unwrap()
    }

    async fn section(&self, side: Side) -> domain::procore::reconciliation::ReportSection {
        let report =
            reconciliation::read(&self.app, self.actor(), reconciliation::SignedScope::Project(self.made.project))
                .await
                .unwrap();
        report.report.sections.into_iter().find(|section| section.side == side).unwrap()
    }
}

/// Procore answers more decimals than a cent has.
fn third(fixture: &Fixture) -> Decimal {
    fixture.world.procore.switches(|switches| switches.amount_decimals = 6);
    Decimal::new(333_333, 4)
}

const LINE: &str = domain::procore::footing::LINE;

/// The amounts in the cells of a column of a page, in order: a dash is nothing, and what is no amount is left out.
fn column(html: &str, label: &str) -> Vec<i64> {
    let mark = format!("data-label=\"{label}\"");
    let cells = html.split(&mark).skip(1);
    let cell = |cell: &str| {
        let shown = cell.split_once('>')?.1.split_once("</td>")?.0;
        let shown = shown.split("<small>").next()?;
        let text: String = shown.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        let digits: String = text.trim().chars().filter(char::is_ascii_digit).collect();
        match text.trim() {
            "—" => Some(0),
            text if text.contains('.') => digits.parse().ok().map(|n: i64| if text.starts_with('(') { -n } else { n }),
            _ => None,
        }
    };
    cells.filter_map(cell).collect()
}

/// The last of them is the sum of the others.
#[track_caller]
fn assert_foots(column: &[i64], what: &str) {
    let (total, parts) = column.split_last().unwrap();
    assert_eq!(parts.iter().sum::<i64>(), *total, "{what}: {column:?}");
}

store::sqlite_only! {
    async fn every_table_foots_where_procore_holds_fractions_of_a_cent(store: Store) {
        let fixture = Fixture::on(store).await;
        third(&fixture);
        let (many, one) = (fixture.mechanical(&[9])[0], fixture.mechanical(&[10])[0]);
        fixture.push(&[many]).into_event("002").line_items().finished().await;
        fixture.push(&[one]).into_event("003").finished().await;
        // Less than half a cent more on every line: nothing that shows on any of them, and a cent on their sum.
        let more = Decimal::new(4, 3);
        let lines = [fixture.lines_of(many).await, fixture.lines_of(one).await].concat();
        assert!(lines.len() > 2);
        for (_, line) in &lines {
            let cost = line.cost.amount + more;
            fixture.in_procore(|w| w.edit_line(line.id, |line| line.cost = Estimate::manual(cost)).unwrap());
        }
        for event in ["001", "002", "003"] {
            fixture.others_write(event, &[more]);
        }
        fixture.world.clock.advance(SignedDuration::from_secs(3));
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        for cor in [many, one] {
            comparison::read_now(&fixture.app, fixture.actor(), cor).await.unwrap();
        }
        let (reader, owner) = (Reader::of(&fixture, fixture.actor()).await, Reader::of(&fixture, &fixture.made.owner).await);
        let page = async |reader: &Reader, url: &str| {
            let (status, html) = reader.read(url).await;
            assert_eq!(status, 200, "{url}: {html}");
            html
        };
        let html = page(&reader, &format!("/cors/{many}/drift")).await;
        assert!(html.contains(LINE), "{html}");
        for label in ["Last pushed", "Ours now", "Procore now"] {
            assert_foots(&column(&html, label), label);
        }
        let html = page(&reader, &format!("/cors/{many}/drift/remove?purpose=unlink")).await;
        assert!(html.contains(LINE), "{html}");
        assert_foots(&column(&html, "Amount"), "removal");

        let (draft, shown) = fixture.push(&[many]).line_items().planned().await.unwrap();
        let html = page(&reader, &format!("/push/{draft}/review")).await;
        assert!(html.contains(LINE), "{html}");
        for label in ["Previous", "New", "Difference"] {
            let mut column = column(&html, label);
            column.rotate_left(1);
            assert_foots(&column, label);
        }
        let (totals, left) = (shown.totals(), shown.rounding());
        let cents = |amount: Amount| amount.money().unwrap();
        let parts = cents(totals.ours.previous) + cents(totals.others) + cents(left.previous);
        assert_eq!(parts, cents(totals.whole.previous));

        let url = format!("/projects/{}/reconciliation?side=received", fixture.made.project);
        let html = page(&reader, &url).await;
        let (sums, _) = html.split_once("id=\"log\"").unwrap();
        let there = [column(sums, "In Procore"), column(sums, "Change Events")].concat();
        assert_foots(&there, "categories and change events");
        assert_foots(&column(sums, "Gap"), "gaps");
        let html = page(&reader, &format!("{url}&show=only_in_procore")).await;
        assert!(html.contains(LINE), "{html}");
        let (_, rows) = html.split_once("id=\"log\"").unwrap();
        let whole = fixture.section(Side::Received).await.sum(Category::OnlyInProcore).there.money().unwrap().in_minor();
        assert_eq!(column(rows, "Procore").iter().sum::<i64>(), whole);

        let html = page(&owner, &format!("/offices/{}/reconciliation", fixture.made.offices[0])).await;
        let gaps = ["Amount differs", "Not in Procore", "Waiting", "Void, still in Procore", "In Procore, not here"];
        for label in gaps.into_iter().chain(["COR Log", "Draft or Void", "Matched", "Change Events", "Gap"]) {
            assert_foots(&column(&html, label), label);
        }
        // Across: the log without what is Draft or Void, less the change events, is the gap; what is rounded has a line above
        // the total.
        let labels = ["COR Log", "Draft or Void", "Change Events", "Gap"];
        let [log, apart, events, gap] = labels.map(|label| column(&html, label));
        assert!(apart.iter().any(|sum| *sum != 0), "{apart:?}");
        let misses: Vec<i64> = (0..gap.len()).map(|n| log[n] - apart[n] - events[n] - gap[n]).collect();
        let (total, lines) = misses.split_last().unwrap();
        assert_eq!(lines.iter().sum::<i64>(), *total, "{misses:?}");
        assert!(misses.iter().all(|missed| missed.abs() <= 1), "{misses:?}");
        let across = gaps.into_iter().chain(["Rounding"]).map(|label| column(&html, label));
        let gap = column(&html, "Gap");
        let sums = across.filter(|column| !column.is_empty()).fold(vec![0; gap.len()], |sums, column| {
            sums.into_iter().zip(column).map(|(sum, part)| sum + part).collect()
        });
        assert_eq!(sums, gap);
    }

    async fn lines_with_fractions_of_a_cent_add_up_to_what_procore_says(store: Store) {
        let fixture = Fixture::on(store).await;
        let third = third(&fixture);
        let before = fixture.listed("003").await;
        fixture.world.clock.advance(SignedDuration::from_secs(1));
        fixture.others_write("003", &[third, third, third, Decimal::ONE_HUNDRED]);
        let after = fixture.listed("003").await;
        let added = "200.00";
        assert_eq!((after.cost - before.cost).to_string(), added, "3 × 33.3333 + 100, not 199.99");
        assert_eq!((after.revenue - before.revenue).to_string(), added);
        // The plan, the chooser and the reconciliation say the same.
        let (draft, shown) = fixture.push(&fixture.mechanical(&[9])).into_event("003").planned().await.unwrap();
        let totals = shown.order.plan.totals;
        assert_eq!(totals.whole.previous, after.cost);
        assert_eq!(totals.others.to_string(), after.cost.to_string());
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let (status, page) = reader.read(&format!("/push/{draft}/event")).await;
        assert!(status == 200 && page.contains(&after.cost.to_string()), "{status} {page}");
        for side in [Side::Received, Side::Sent] {
            let section = fixture.section(side).await;
            let event = section.events.iter().find(|event| event.number == "003").unwrap();
            assert_eq!(event.amount, if side == Side::Received { after.cost } else { after.revenue });
            let exact: Amount = section.events.iter().filter(|e| e.counts == Counts::Yes).map(|e| e.amount).sum();
            assert_eq!(section.events_total(), exact);
        }
    }

    async fn our_line_with_a_fraction_is_told_and_written_anew(store: Store) {
        let fixture = Fixture::on(store).await;
        let third = third(&fixture);
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_event("002").line_items().finished().await;
        let lines = fixture.lines_of(cor).await;
        let (asked, count) = (fixture.cor(cor).await.total(), lines.len());
        fixture.in_procore(|w| w.edit_line(lines[0].1.id, |line| line.cost = Estimate::manual(third)).unwrap());
        fixture.world.clock.advance(SignedDuration::from_secs(3));
        comparison::read_now(&fixture.app, fixture.actor(), cor).await.unwrap();
        let link = fixture.link(cor).await;
        assert_eq!(link.state, ProcoreState::LineChanged);
        assert!(count > 1 && link.pushed_amount != asked);
        let (_, shown) = fixture.push(&[cor]).line_items().planned().await.unwrap();
        assert_eq!((shown.order.plan.writes(), shown.order.plan.cors[0].change().new), (1, asked.into()));
        fixture.push(&[cor]).line_items().finished().await;
        fixture.assert_once(&[cor]).await;
    }

    async fn an_amount_out_of_range_is_told_and_stops_what_depends_on_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let before = fixture.section(Side::Received).await;
        fixture.world.clock.advance(SignedDuration::from_secs(1));
        fixture.others_write("003", &[huge()]);
        let row = fixture.listed("003").await;
        assert_eq!((row.cost, row.revenue), (Amount::TooLarge, Amount::TooLarge), "never nothing");

        // It stops the push: that is told when it is chosen, and by the plan with the line's name.
        let draft = fixture.push(&cors[..1]).drafts().await.unwrap()[0];
        let choice = push::ChosenEvent::existing(fixture.event("003"));
        let first = push::choose_event(&fixture.app, fixture.actor(), draft, choice).await.unwrap();
        let stop = first.findings.iter().find(|finding| finding.level == Level::Stop).unwrap();
        assert_eq!(stop.says, "CE 003: an amount in it is too large to read.");
        let (draft, shown) = fixture.push(&cors[..1]).into_event("003").planned().await.unwrap();
        let stop = shown.preflight.iter().find(|finding| finding.check == PreflightCheck::Event).unwrap();
        assert_eq!(stop.level, Level::Stop);
        assert_eq!(stop.says, "CE 003: the amount of “Crane time” is too large to read.");
        assert_eq!(shown.order.plan.totals.whole.new, Amount::TooLarge);
        let refused = sentence(push::confirm(&fixture.app, fixture.actor(), draft, None).await);
        assert!(refused.contains("too large to read") && refused.contains("Correct it in Procore"), "{refused}");
        let reader = Reader::of(&fixture, fixture.actor()).await;
        for (page, text) in [("event", "too large to read"), ("review", "too large to read")] {
            let (status, html) = reader.read(&format!("/push/{draft}/{page}")).await;
            assert!(status == 200 && html.contains(text), "{page}: {status} {html}");
        }

        // The reconciliation says so where it matters, and goes on with all else.
        let section = fixture.section(Side::Received).await;
        let event = section.events.iter().find(|event| event.number == "003").unwrap();
        assert_eq!((event.amount, event.rest()), (Amount::TooLarge, Amount::TooLarge));
        assert_eq!((section.events_total(), section.gap()), (Amount::TooLarge, Amount::TooLarge));
        assert_eq!(section.log_total(), before.log_total());
        assert_eq!(section.sum(Category::NotInProcore), before.sum(Category::NotInProcore));
        let project = fixture.made.project;
        for page in [format!("/projects/{project}/reconciliation?side=received"), format!("/projects/{project}/log/received")] {
            let (status, html) = reader.read(&page).await;
            assert_eq!(status, 200, "{html}");
            assert_eq!(html.contains("too large to read"), page.contains("reconciliation"), "{html}");
        }
        let book = format!("/projects/{project}/reconciliation/workbook");
        assert_eq!(reader.bytes(&book).await.0, 200);

        // Another event takes its CORs as ever.
        fixture.push(&cors).into_event("002").finished().await;
        fixture.assert_once(&cors).await;
        // Corrected there, it is readable at once.
        let event = fixture.event("003");
        fixture.in_procore(|w| {
            let line = w.change_events[&event].items.iter().find(|item| item.cost.amount == huge()).unwrap().id;
            w.edit_line(line, |line| (line.cost, line.revenue) = (Estimate::default(), Estimate::default())).unwrap();
        });
        assert!(fixture.listed("003").await.cost.is_readable());
    }

    async fn our_own_line_out_of_range_is_a_change_and_is_never_taken_over(store: Store) {
        let fixture = Fixture::on(store).await;
        let sent = fixture.sent(1).await[0];
        fixture.push(&[sent]).sent().into_event("002").finished().await;
        let line = fixture.lines_of(sent).await[0].1.id;
        let asked = fixture.cor(sent).await.total();
        fixture.in_procore(|w| w.edit_line(line, |line| line.revenue = Estimate::manual(huge())).unwrap());
        fixture.world.clock.advance(SignedDuration::from_secs(3));
        let seen = comparison::read_now(&fixture.app, fixture.actor(), sent).await.unwrap();
        assert_eq!(fixture.link(sent).await.pushed_amount, Amount::TooLarge);
        let told: Vec<&str> = seen.open.iter().map(|found| found.text.as_str()).collect();
        assert_eq!(told, [format!("A line was changed in Procore: {asked} → too large to read.")]);
        let refused = sentence(comparison::accept(&fixture.app, fixture.actor(), sent, &seen.version, "").await);
        assert!(refused.contains("can't be read"), "{refused}");
        assert_eq!(fixture.cor(sent).await.total(), asked);
        let (status, page) = Reader::of(&fixture, fixture.actor()).await.read(&format!("/cors/{sent}/drift")).await;
        assert!(status == 200 && page.contains("too large to read"), "{status} {page}");
        let section = fixture.section(Side::Sent).await;
        let row = section.cors.iter().find(|cor| cor.cor == sent).unwrap();
        assert_eq!((row.category, row.there, row.gap()), (Category::AmountDiffers, Amount::TooLarge, Amount::TooLarge));
        let planned: Result<_, Error> = fixture.push(&[sent]).sent().planned().await;
        assert!(planned.unwrap().1.preflight.iter().any(|finding| finding.level == Level::Stop));
    }

    async fn a_credit_is_one_in_procore_on_both_sides(store: Store) {
        let fixture = Fixture::on(store).await;
        let (received, sent) = (fixture.mechanical(&[9, 10]), fixture.sent(2).await);
        for cor in received.iter().chain(&sent) {
            let lines = vec![fixture.lump("Lights that are left out", -1_234_567), fixture.lump("Handling", 2_500)];
            fixture.edit(*cor, |all| *all = lines).await;
        }
        let others = fixture.foreign(fixture.event("002"));
        fixture.push(&received[..1]).line_items().into_new_event().finished().await;
        fixture.push(&received[1..]).into_event("002").finished().await;
        fixture.push(&sent[..1]).sent().line_items().into_new_event().finished().await;
        fixture.push(&sent[1..]).sent().into_event("002").finished().await;
        for cors in [&received, &sent] {
            fixture.assert_once(cors).await;
            for cor in cors {
                // Less of a credit, and then a charge.
                for more in [500_000, 2_000_000] {
                    fixture.edit(*cor, |lines| lines.push(fixture.lump("Some are wanted all the same", more))).await;
                    let wizard = fixture.push(&[*cor]).line_items();
                    let wizard = if cors == &sent { wizard.sent() } else { wizard };
                    wizard.finished().await;
                    fixture.assert_once(&[*cor]).await;
                }
                fixture.later(900).await;
                assert_eq!(fixture.state(*cor).await, ProcoreState::UpToDate);
            }
        }
        assert_eq!(fixture.foreign(fixture.event("002")), others);
        fixture.assert_done().await;
    }
}
