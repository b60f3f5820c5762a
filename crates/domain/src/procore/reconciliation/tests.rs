use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{compare::Became, *};
use crate::{cor::Status, ids::CorId, procore::push_state::ProcoreState};

fn head() -> SectionHead {
    SectionHead {
        project: ProjectId(Uuid::from_u128(1)),
        name: "Harbor Point".into(),
        job_number: "24-118".into(),
        side: Side::Received,
        currency: Currency::Usd,
        trouble: None,
        read_at: None,
    }
}

fn differs() -> CurrencyTrouble {
    CurrencyTrouble::Differs { theirs: "CAD".into(), ours: Currency::Usd, stated: false }
}

fn cor(id: u128, state: ProcoreState, ours: i64, there: i64, event: Option<i64>) -> CorRead {
    CorRead {
        cor: CorId(Uuid::from_u128(id)),
        number: format!("{id:03}"),
        title: "Reroute the main".into(),
        party: "Cascade Mechanical, Inc.".into(),
        status: Status::InReview,
        state,
        ours: Money::minor(ours),
        there: Money::minor(there).into(),
        event,
    }
}

fn event(id: i64, amount: i64, counts: Counts) -> EventRead {
    EventRead {
        id,
        number: format!("{id:03}"),
        title: "Level 3 coordination".into(),
        status: "Open".into(),
        counts,
        trouble: match counts {
            Counts::OtherCurrency => Some(differs()),
            Counts::UnknownCurrency => Some(CurrencyTrouble::Unknown),
            Counts::Yes | Counts::Void | Counts::Gone => None,
        },
        amount: Money::minor(amount).into(),
        markup: Money::minor(amount / 10).into(),
        following: Money::minor(amount / 5).into(),
    }
}

#[test]
fn markup_and_revenue_that_follows_cost_stand_beside_the_figures_and_in_none_of_them() {
    let events = vec![event(7, 500, Counts::Yes), event(8, 900, Counts::Void)];
    let section = ReportSection::new(head(), vec![cor(1, ProcoreState::UpToDate, 500, 500, Some(7))], events);
    assert_eq!(section.markup(), Money::minor(50), "of events that count");
    assert_eq!(section.following(), Money::minor(100), "of events that count");
    assert_eq!((section.events_total(), section.gap()), (Money::minor(500).into(), Amount::ZERO));
    let signed = serde_json::to_string(&section.events[0]).unwrap();
    assert_eq!(serde_json::from_str::<ReportEvent>(&signed).unwrap(), section.events[0]);
    let before = signed.replace(r#","markup":"0.5","following":"1""#, "");
    assert_ne!(before, signed, "{signed}");
    assert_eq!(
        serde_json::from_str::<ReportEvent>(&before).unwrap().markup,
        Amount::ZERO,
        "signed off before there was any"
    );
}

fn category_of(state: ProcoreState, there: i64, linked: Option<EventRead>) -> Category {
    let id = linked.as_ref().map(|event| event.id);
    ReportSection::new(head(), vec![cor(1, state, 500, there, id)], linked.into_iter().collect()).cors[0].category
}

#[test]
fn each_state_has_its_category() {
    use ProcoreState as S;
    let counted = || Some(event(7, 900, Counts::Yes));
    for state in S::ALL {
        let (same, other) = match state {
            S::NotInProcore | S::EventVoided | S::EventDeleted => (Category::NotInProcore, Category::NotInProcore),
            S::InProgress | S::WaitingForSignIn | S::Stopped | S::Paused | S::Checking => {
                (Category::Waiting, Category::Waiting)
            }
            _ => (Category::Matched, Category::AmountDiffers),
        };
        assert_eq!(category_of(state, 500, counted()), same, "{state:?}");
        assert_eq!(category_of(state, 501, counted()), other, "{state:?}");
    }
    assert_eq!(category_of(S::Refused, 0, None), Category::NotInProcore);
}

#[test]
fn what_lies_in_an_event_that_does_not_count_is_in_no_forecast() {
    for counts in [Counts::Void, Counts::Gone] {
        let cors = vec![cor(1, ProcoreState::UpToDate, 500, 500, Some(7))];
        let section = ReportSection::new(head(), cors, vec![event(7, 900, counts)]);
        assert_eq!(section.sum(Category::NotInProcore).gap, Money::minor(500), "{counts:?}");
        assert_eq!((section.events_total(), section.sum(Category::OnlyInProcore).count), (Amount::ZERO, 0));
    }
}

#[test]
fn what_lies_in_another_currency_is_in_a_group_of_its_own_and_in_no_gap() {
    use Category as C;
    let cors = || {
        vec![
            cor(1, ProcoreState::OtherCurrency, 500, 500, Some(7)),
            cor(2, ProcoreState::InProgress, 20, 0, Some(7)),
            cor(3, ProcoreState::NotInProcore, 80, 0, None),
            cor(4, ProcoreState::UpToDate, 9, 9, Some(8)),
            CorRead { status: Status::Void, ..cor(5, ProcoreState::OtherCurrency, 30, 30, Some(7)) },
            CorRead { status: Status::Void, ..cor(6, ProcoreState::NotInProcore, 30, 0, None) },
        ]
    };
    let placed = |section: &ReportSection| section.cors.iter().map(|cor| cor.category).collect::<Vec<_>>();
    for counts in [Counts::OtherCurrency, Counts::UnknownCurrency] {
        // One event among others.
        let section = ReportSection::new(head(), cors(), vec![event(7, 900, counts), event(8, 9, Counts::Yes)]);
        let apart = C::NotComparable;
        assert_eq!(placed(&section), [apart, apart, C::NotInProcore, C::Matched, apart, C::NotToPush], "{counts:?}");
        let sum = section.sum(apart);
        assert_eq!(
            (sum.count, sum.ours, sum.there, sum.gap),
            (3, Money::minor(550), Amount::NotComparable, Amount::NotComparable)
        );
        assert_eq!(section.sum(C::NotInProcore).gap, Money::minor(80));
        assert_eq!((section.events_total(), section.gap()), (Amount::from(Money::minor(9)), Amount::NotComparable));
        assert_eq!(section.log_total(), Money::minor(669), "the log is in one currency");
        // The whole project: what was never pushed can't be compared either, and what has no place in Procore needn't be.
        let trouble = section.trouble().cloned();
        let events = vec![event(7, 900, counts), event(8, 9, counts)];
        let section = ReportSection::new(SectionHead { trouble, ..head() }, cors(), events);
        assert_eq!(placed(&section), [apart, apart, apart, apart, apart, C::NotToPush]);
        assert_eq!((section.events_total(), section.gap()), (Amount::NotComparable, Amount::NotComparable));
        let told = ReconciliationReport { of: "Portland".into(), sections: vec![section] }.hindrance().unwrap();
        assert!(told.contains("amounts of Harbor Point can't be compared"), "{told}");
    }
}

#[test]
fn a_gap_that_nobody_can_compare_is_never_signed_off() {
    let kept_out = |status| CorRead { status, ..cor(1, ProcoreState::NotInProcore, 30, 0, None) };
    for counts in [Counts::OtherCurrency, Counts::UnknownCurrency] {
        for cors in [vec![], vec![kept_out(Status::Draft)], vec![kept_out(Status::Void)]] {
            let section = ReportSection::new(head(), cors, vec![event(7, 900, counts), event(8, 5, Counts::Void)]);
            assert_eq!((section.events_total(), section.gap()), (Amount::NotComparable, Amount::NotComparable));
            let event_trouble = section.events[0].trouble.clone();
            assert_eq!(section.trouble().cloned(), event_trouble, "{counts:?}");
            let told = ReconciliationReport { of: "Portland".into(), sections: vec![section] }.hindrance().unwrap();
            assert!(told.contains("amounts of Harbor Point can't be compared"), "{told}");
        }
    }
    // Beside one that counts, another currency's is set aside, and the gap is a number.
    let events = vec![event(7, 900, Counts::OtherCurrency), event(8, 5, Counts::Yes)];
    let section = ReportSection::new(head(), vec![kept_out(Status::Draft)], events);
    assert_eq!((section.trouble(), section.gap()), (None, Amount::from(-Money::minor(5))));
    assert_eq!(ReconciliationReport { of: "Portland".into(), sections: vec![section] }.hindrance(), None);
    // Nor is one that nobody can read.
    for odd in [Amount::Unreadable, Amount::TooLarge] {
        let section = ReportSection::new(head(), vec![], vec![EventRead { amount: odd, ..event(7, 0, Counts::Yes) }]);
        assert_eq!((section.trouble(), section.gap()), (None, odd));
        let told = ReconciliationReport { of: "Portland".into(), sections: vec![section] }.hindrance().unwrap();
        assert!(
            told.ends_with("amounts of Harbor Point can't be read in Procore. Correct them there first."),
            "{told}"
        );
    }
}

#[test]
fn a_signed_report_without_reasons_is_read_as_it_was() {
    let section =
        ReportSection::new(head(), vec![cor(1, ProcoreState::UpToDate, 5, 5, Some(7))], vec![event(7, 5, Counts::Yes)]);
    let text = serde_json::to_string(&section).unwrap();
    assert!(!text.contains("trouble"), "{text}");
    assert_eq!(serde_json::from_str::<ReportSection>(&text).unwrap(), section);
}

#[test]
fn a_void_cor_that_procore_still_counts_is_a_gap_the_other_way() {
    let void = |id, state, there, event| CorRead { status: Status::Void, ..cor(id, state, 500, there, event) };
    let cors = vec![
        void(1, ProcoreState::UpdateNeeded, 500, Some(7)),
        void(2, ProcoreState::InProgress, 120, Some(7)),
        void(3, ProcoreState::NotInProcore, 0, None),
        void(4, ProcoreState::UpToDate, 0, Some(7)),
    ];
    let section = ReportSection::new(head(), cors, vec![event(7, 620, Counts::Yes)]);
    let sum = section.sum(Category::ToTakeOut);
    let there = Amount::from(Money::minor(620));
    assert_eq!((sum.count, sum.ours, sum.there), (2, Money::minor(1000), there));
    assert_eq!((sum.gap, section.gap()), (-there, -there));
    let never = section.sum(Category::NotToPush);
    assert_eq!((never.count, never.there, never.gap), (2, Amount::ZERO, Amount::ZERO));
}

#[test]
fn others_lines_and_events_without_a_cor_are_told_apart_from_ours() {
    let cors = vec![cor(1, ProcoreState::UpToDate, 500, 500, Some(7)), cor(2, ProcoreState::NotInProcore, 80, 0, None)];
    let section = ReportSection::new(head(), cors, vec![event(7, 620, Counts::Yes), event(8, 30, Counts::Yes)]);
    let rests: Vec<_> = section.only_in_procore().map(|e| (e.id, e.cors, e.rest().to_string())).collect();
    assert_eq!(rests, [(7, 1, "1.20".to_owned()), (8, 0, "0.30".to_owned())]);
    assert_eq!(section.gap(), Money::minor(80 - 150));
}

#[test]
fn fractions_of_a_cent_are_added_before_they_are_rounded() {
    let exact = |text: &str| Amount::of(text.parse().unwrap());
    let third = |id| EventRead { amount: exact("33.3333"), ..event(id, 0, Counts::Yes) };
    let cors = vec![CorRead { there: exact("100.0033"), ..cor(1, ProcoreState::UpToDate, 10_000, 0, Some(7)) }];
    let whole = EventRead { amount: exact("100.0033"), ..event(7, 0, Counts::Yes) };
    let section = ReportSection::new(head(), cors, vec![whole, third(8), third(9), third(10)]);
    assert_eq!(section.cors[0].category, Category::Matched, "to the cent");
    assert_eq!(section.sum(Category::OnlyInProcore).there, Money::minor(10_000), "99.9999");
    assert_eq!(section.events_total(), Money::minor(20_000), "200.0032");
}

#[test]
fn an_amount_that_cannot_be_read_is_told_and_stops_only_what_depends_on_it() {
    for broken in [Amount::TooLarge, Amount::Unreadable] {
        let events = vec![event(7, 500, Counts::Yes), EventRead { amount: broken, ..event(8, 0, Counts::Yes) }];
        let cors = vec![cor(1, ProcoreState::UpToDate, 500, 500, Some(7))];
        let section = ReportSection::new(head(), cors, events);
        assert_eq!(section.only_in_procore().map(|e| (e.id, e.rest())).collect::<Vec<_>>(), [(8, broken)]);
        assert_eq!((section.events_total(), section.gap()), (broken, broken), "never a sum without it");
        assert_eq!(section.sum(Category::Matched).there, Money::minor(500));
        assert_eq!(section.log_total(), Money::minor(500));
    }
}

#[test]
fn what_moved_since_last_month_is_told() {
    let report = |cors, events| ReconciliationReport {
        of: "Harbor Point".into(),
        sections: vec![ReportSection::new(head(), cors, events)],
    };
    let october = report(
        vec![
            cor(1, ProcoreState::NotInProcore, 500, 0, None),
            cor(2, ProcoreState::UpToDate, 80, 80, Some(7)),
            cor(3, ProcoreState::UpToDate, 9, 9, Some(7)),
        ],
        vec![event(7, 89, Counts::Yes), event(8, 30, Counts::Yes)],
    );
    let november = report(
        vec![
            cor(1, ProcoreState::UpToDate, 500, 500, Some(7)),
            cor(2, ProcoreState::UpToDate, 95, 95, Some(7)),
            cor(3, ProcoreState::UpToDate, 9, 9, Some(7)),
            cor(4, ProcoreState::NotInProcore, 11, 0, None),
        ],
        vec![event(7, 604, Counts::Yes)],
    );
    let [section] = &compare::compare(&october, &november)[..] else { panic!("one section") };
    let told: Vec<_> = section.changes.iter().map(|c| (c.number.as_str(), c.became)).collect();
    assert_eq!(
        told,
        [("001", Became::Moved), ("002", Became::AmountChanged), ("004", Became::New), ("008", Became::Gone)]
    );
    assert_eq!(section.unchanged, 1);
    assert!(compare::compare(&november, &november)[0].changes.is_empty());
}

fn any_cor(id: u128) -> impl Strategy<Value = CorRead> {
    let state = proptest::sample::select(ProcoreState::ALL.to_vec());
    let status = proptest::sample::select(Status::ALL.to_vec());
    let linked = proptest::option::of(1..6_i64);
    (state, status, -9_999..9_999_i64, -9_999..9_999_i64, linked)
        .prop_map(move |(state, status, ours, there, link)| CorRead { status, ..cor(id, state, ours, there, link) })
}

#[test]
fn what_an_event_holds_that_cannot_be_read_is_not_known() {
    let odd = EventRead { amount: Amount::Unreadable, ..event(7, 0, Counts::Yes) };
    let section = ReportSection::new(head(), vec![cor(1, ProcoreState::EventUnreadable, 500, 500, Some(7))], vec![odd]);
    assert_eq!((section.cors[0].category, section.cors[0].there), (Category::AmountDiffers, Amount::Unreadable));
    assert_eq!((section.events_total(), section.gap()), (Amount::Unreadable, Amount::Unreadable));
}

proptest! {
    /// Whatever fractions Procore holds: what is shown of categories and rows adds up, down and across, and the change events'
    /// total is their exact sum, rounded.
    #[test]
    fn fractions_of_a_cent_foot(
        cors in proptest::collection::vec((-9_999..9_999_i64, -9_999_999..9_999_999_i64, 0..4_i64), 0..12),
        events in proptest::collection::vec(-99_999_999..99_999_999_i64, 3..6),
    ) {
        let parts = |n: i64| Amount::of(Decimal::new(n, 5));
        let events: Vec<_> =
            (1..).zip(&events).map(|(id, n)| EventRead { amount: parts(*n), ..event(id, 0, Counts::Yes) }).collect();
        let exact: Amount = events.iter().map(|event| event.amount).sum();
        // And many that hold less than a cent.
        let events: Vec<_> = events
            .into_iter()
            .chain((100..140).map(|id| EventRead { amount: parts(400), ..event(id, 0, Counts::Yes) }))
            .collect();
        let exact: Amount = exact + (0..40).map(|_| parts(400)).sum();
        let cors = (1..).zip(&cors).map(|(id, (ours, there, event))| {
            let linked = (*event > 0).then_some(*event);
            CorRead { there: parts(*there), ..cor(id, ProcoreState::UpToDate, *ours, 0, linked) }
        });
        let section = ReportSection::new(head(), cors.collect(), events);
        prop_assert_eq!(section.events_total(), exact);
        let money = |amount: Amount| amount.money().unwrap();
        let sums = Category::ALL.map(|category| section.sum(category));
        let (there, gap): (Vec<Money>, Vec<Money>) = sums.iter().map(|sum| (money(sum.there), money(sum.gap))).unzip();
        prop_assert_eq!(there.into_iter().sum::<Money>() + section.rounding(), money(section.events_total()));
        prop_assert_eq!(gap.into_iter().sum::<Money>() - section.rounding(), money(section.gap()));
        prop_assert_eq!(money(section.gap()), section.log_total() - money(section.events_total()));
        for category in Category::ALL {
            let (sum, left) = (section.sum(category), section.rounding_in(category));
            prop_assert_eq!(money(sum.gap), money(category.asks_for(sum.ours)) - money(sum.there));
            let rows = section.of(category).map(|cor| (money(cor.there), money(cor.gap())));
            let only = section.only_in_procore().filter(|_| category == Category::OnlyInProcore);
            let only = only.map(|event| (money(event.rest()), money(-event.rest())));
            let (there, gap): (Vec<Money>, Vec<Money>) = rows.chain(only).unzip();
            prop_assert_eq!(there.into_iter().sum::<Money>() + left, money(sum.there));
            prop_assert_eq!(gap.into_iter().sum::<Money>() - left, money(sum.gap));
        }
    }

    /// Whatever is in the log and in Procore: the categories add up to both totals, and the gaps to what parts them.
    #[test]
    fn categories_add_up_to_both_totals(
        cors in (0..12_u128).prop_flat_map(|n| (0..n).map(any_cor).collect::<Vec<_>>()),
        amounts in proptest::collection::vec((-9_999..9_999_i64, 0..5_usize), 0..6),
    ) {
        let counts = Counts::ALL;
        let events: Vec<_> = (1..).zip(&amounts).map(|(id, (amount, c))| event(id, *amount, counts[*c])).collect();
        let listed: Amount = events.iter().filter(|e| e.counts == Counts::Yes).map(|e| e.amount).sum();
        let log: Money = cors.iter().map(|c| c.ours).sum();
        // What a COR that has no place in Procore had in an event that isn't shown any more.
        let keeps = |c: &CorRead, event: &EventRead| {
            event.counts == Counts::Gone && !c.status.belongs_in_procore() && c.state != ProcoreState::NotInProcore
        };
        let outside: Amount = cors
            .iter()
            .filter(|c| c.event.is_some_and(|id| events.iter().find(|e| e.id == id).is_none_or(|e| keeps(c, e))))
            .map(|c| c.there)
            .sum();
        let kept_out: Money =
            cors.iter().filter(|c| matches!(c.status, Status::Draft | Status::Void)).map(|c| c.ours).sum();
        let section = ReportSection::new(head(), cors, events);
        let apart = section.sum(Category::NotComparable);
        let known = Category::ALL.into_iter().filter(|category| *category != Category::NotComparable);
        let total = known.fold(Sum::default(), |mut total, category| {
            total += section.sum(category);
            total
        });
        prop_assert_eq!(total.ours + apart.ours, log);
        prop_assert_eq!(section.log_total(), log);
        prop_assert_eq!(section.draft_or_void().1, kept_out);
        prop_assert_eq!(section.gap().is_readable(), section.trouble().is_none());
        if section.events_total() == Amount::NotComparable {
            prop_assert_eq!(section.sum(Category::OnlyInProcore).there, Amount::NotComparable);
            return Ok(());
        }
        prop_assert_eq!(total.there, listed + outside);
        prop_assert_eq!(section.events_total(), listed + outside);
        prop_assert_eq!(section.sum(Category::Matched).gap, Money::ZERO);
        prop_assert_eq!(section.rounding(), Money::ZERO, "whole cents");
        if section.trouble().is_none() {
            prop_assert_eq!(apart, Sum::default());
            prop_assert_eq!(total.gap, Amount::from(log - kept_out) - total.there);
            prop_assert_eq!(section.gap(), total.gap);
            let (_, kept_out) = section.draft_or_void();
            prop_assert_eq!(section.gap(), Amount::from(section.log_total() - kept_out) - section.events_total());
        } else {
            prop_assert_eq!(section.gap(), Amount::NotComparable);
        }
    }
}

#[test]
fn what_a_void_cor_has_in_an_event_that_is_not_shown_any_more_is_counted() {
    let void = |id, state, there| CorRead { status: Status::Void, ..cor(id, state, 500, there, Some(7)) };
    let live = cor(1, ProcoreState::EventDeleted, 300, 0, Some(7));
    let events = || vec![event(7, 800, Counts::Gone)];
    let section = ReportSection::new(head(), vec![live.clone(), void(2, ProcoreState::UpdateNeeded, 500)], events());
    assert_eq!(section.cors[1].category, Category::ToTakeOut);
    assert_eq!(section.cors[1].there, Money::minor(500));
    assert_eq!(section.cors[0].category, Category::NotInProcore);
    assert_eq!(section.events_total(), Money::minor(500), "of what else is in it nobody knows");
    assert_eq!(section.sum(Category::OnlyInProcore).there, Amount::ZERO);
    assert_eq!(section.gap(), Money::minor(300 - 500));
    // It went with the event.
    let section = ReportSection::new(head(), vec![live, void(2, ProcoreState::NotInProcore, 0)], events());
    assert_eq!((section.events_total(), section.gap()), (Amount::ZERO, Money::minor(300).into()));
}
