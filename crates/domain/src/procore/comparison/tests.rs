//! Whatever people do in Procore is found, once and under its own name; what nobody touched is not.

use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{ids::LineItemId, money::Money};

fn reference() -> Reference {
    Reference::stored("7F3A9K2M".into())
}

fn values(text: &str, ordinal: u32, cents: i64) -> Values {
    Values {
        description: reference().signed(text, ordinal),
        amount: Money::minor(cents).into(),
        budget_code: Some(7),
        contract: Some(500),
        vendor: Some(60),
    }
}

fn there(id: i64, values: Values) -> EventLine {
    EventLine {
        id,
        latest: values.amount,
        values,
        locked: BTreeSet::new(),
        tied_to: None,
        deletable: true,
        deleted: false,
        currency: String::new(),
        follows_cost: false,
    }
}

fn open() -> EventFacts {
    EventFacts {
        status: "Open".into(),
        meaning: "open".into(),
        gone: false,
        hidden: false,
        prime_contract: Some(11),
        currency: String::new(),
    }
}

/// A link of as many lines as there are amounts, and the event as it was written, among somebody else's lines.
fn written(amounts: &[i64]) -> (LastPushed, EventLines) {
    let mut event =
        EventLines { id: 900, lines: vec![there(1, Values { description: "Theirs".into(), ..values("x", 1, 5) })] };
    let mut lines = Vec::new();
    for (n, cents) in amounts.iter().enumerate() {
        let ordinal = u32::try_from(n + 1).unwrap();
        let (id, values) = (i64::from(ordinal) + 100, values("COR 014: Labor", ordinal, *cents));
        event.lines.push(there(id, values.clone()));
        let key = LineKey::Item(LineItemId(Uuid::from_u128(u128::from(ordinal))));
        lines.push(KnownLine { key, ordinal, line: Some(id), values });
    }
    (
        LastPushed {
            reference: reference(),
            side: Side::Sent,
            currency: Currency::Usd,
            event: Some(open()),
            lines,
            locks: BTreeMap::new(),
            found_before: Vec::new(),
        },
        event,
    )
}

#[derive(Clone, Debug, PartialEq)]
enum ProcoreEdit {
    Nothing,
    Amount(i64),
    Text,
    Contract,
    Remove,
    RemoveForGood,
    Tie,
    Copy,
}

fn edit() -> impl Strategy<Value = ProcoreEdit> {
    prop_oneof![
        3 => Just(ProcoreEdit::Nothing),
        1 => (1i64..9999).prop_map(ProcoreEdit::Amount),
        1 => Just(ProcoreEdit::Text),
        1 => Just(ProcoreEdit::Contract),
        1 => Just(ProcoreEdit::Remove),
        1 => Just(ProcoreEdit::RemoveForGood),
        1 => Just(ProcoreEdit::Tie),
        1 => Just(ProcoreEdit::Copy),
    ]
}

fn done(edit: &ProcoreEdit, event: &mut EventLines, id: i64) {
    let at = event.lines.iter().position(|l| l.id == id).unwrap();
    let line = &mut event.lines[at];
    match edit {
        ProcoreEdit::Nothing => {}
        ProcoreEdit::Amount(more) => line.values.amount += Money::minor(*more).into(),
        ProcoreEdit::Text => line.values.description = "somebody rewrote all of it".into(),
        ProcoreEdit::Contract => (line.values.contract, line.values.vendor) = (Some(501), Some(61)),
        ProcoreEdit::Remove => line.deleted = true,
        ProcoreEdit::RemoveForGood => {
            event.lines.remove(at);
        }
        ProcoreEdit::Tie => {
            (line.tied_to, line.locked) = (Some("tied to RFQ 3 in Procore".into()), Field::ALL.into());
        }
        ProcoreEdit::Copy => {
            let copy = there(id + 5000, line.values.clone());
            event.lines.push(copy);
        }
    }
}

proptest! {
    #[test]
    fn each_edit_is_found_under_its_own_name_and_nothing_else(
        edits in prop::collection::vec((-99_999i64..99_999, edit()), 0..8),
    ) {
        let (left, mut event) = written(&edits.iter().map(|(cents, _)| *cents).collect::<Vec<_>>());
        let mut wanted: Vec<ProcoreState> = Vec::new();
        let mut gap = Amount::ZERO;
        for (line, (cents, edit)) in left.lines.iter().zip(&edits) {
            done(edit, &mut event, line.line.unwrap());
            wanted.extend(match edit {
                ProcoreEdit::Nothing => None,
                ProcoreEdit::Amount(_) | ProcoreEdit::Text => Some(ProcoreState::LineChanged),
                ProcoreEdit::Contract => Some(ProcoreState::ContractMoved),
                ProcoreEdit::Remove | ProcoreEdit::RemoveForGood => Some(ProcoreState::LineRemoved),
                ProcoreEdit::Tie => Some(ProcoreState::LineLocked),
                ProcoreEdit::Copy => Some(ProcoreState::Surplus),
            });
            gap += match edit {
                ProcoreEdit::Amount(more) => Money::minor(*more).into(),
                ProcoreEdit::Remove | ProcoreEdit::RemoveForGood => -Amount::from(Money::minor(*cents)),
                ProcoreEdit::Copy => Money::minor(*cents).into(),
                _ => Amount::ZERO,
            };
        }
        let findings = compare(&left, &open(), Some(&event));
        let mut found: Vec<ProcoreState> = findings.iter().map(Finding::state).collect();
        found.sort();
        wanted.sort();
        prop_assert_eq!(found, wanted);
        let wrote: Amount = left.lines.iter().map(|l| l.values.amount).sum();
        prop_assert_eq!(held(&left, Some(&event)), wrote + gap);
    }

    #[test]
    fn what_was_taken_over_is_not_found_again(edits in prop::collection::vec((-99_999i64..99_999, edit()), 0..8)) {
        let (mut left, mut event) = written(&edits.iter().map(|(cents, _)| *cents).collect::<Vec<_>>());
        for (line, (_, edit)) in left.lines.clone().iter().zip(&edits) {
            done(edit, &mut event, line.line.unwrap());
        }
        let before = compare(&left, &open(), Some(&event));
        let live = |id: i64| event.lines.iter().find(|l| l.id == id && !l.deleted);
        left.lines.retain(|line| live(line.line.unwrap()).is_some());
        for line in &mut left.lines {
            let now = live(line.line.unwrap()).unwrap();
            line.values = now.values.clone();
            left.locks.extend(now.lock().map(|why| (now.id, why)));
        }
        let after = compare(&left, &open(), Some(&event));
        // Money that is there twice stays until it is removed: nobody can take it over.
        prop_assert!(after.iter().all(|f| matches!(f, Finding::Surplus { .. })), "{:?}", after);
        let copies = |all: &[Finding]| all.iter().filter(|f| matches!(f, Finding::Surplus { .. })).count();
        prop_assert_eq!(copies(&after), copies(&before));
    }
}

fn states(findings: &[Finding]) -> Vec<ProcoreState> {
    findings.iter().map(Finding::state).collect()
}

#[test]
fn the_events_own_life_is_told_and_the_worst_comes_first() {
    let (left, mut event) = written(&[100, 200]);
    let with = |status: &str, meaning: &str| EventFacts { status: status.into(), meaning: meaning.into(), ..open() };
    let closed = compare(&left, &with("Closed", "closed"), Some(&event));
    assert_eq!(states(&closed), [ProcoreState::EventStatusChanged]);
    done(&ProcoreEdit::Remove, &mut event, 101);
    let void = compare(&left, &with("Void", "void"), Some(&event));
    assert_eq!(states(&void), [ProcoreState::EventVoided, ProcoreState::LineRemoved]);
    assert_eq!(worst(&void).unwrap().state(), ProcoreState::EventVoided);
    let moved = compare(&left, &EventFacts { prime_contract: Some(12), ..open() }, Some(&event));
    assert_eq!(states(&moved), [ProcoreState::LineRemoved, ProcoreState::ContractMoved]);
    // Procore adds markup to revenue alone.
    let paid = LastPushed { side: Side::Received, ..left };
    let moved = compare(&paid, &EventFacts { prime_contract: Some(12), ..open() }, Some(&event));
    assert_eq!(states(&moved), [ProcoreState::LineRemoved]);
}

#[test]
fn a_deleted_event_hides_its_lines_and_one_that_comes_back_says_so_until_somebody_saw_it() {
    let (mut left, event) = written(&[100]);
    let gone = EventFacts { gone: true, ..open() };
    for now in [None, Some(&event)] {
        assert_eq!(states(&compare(&left, &gone, now)), [ProcoreState::EventDeleted]);
    }
    left.found_before = compare(&left, &gone, None);
    let back = compare(&left, &open(), Some(&event));
    assert_eq!(states(&back), [ProcoreState::EventRestored]);
    left.found_before = back;
    assert_eq!(states(&compare(&left, &open(), Some(&event))), [ProcoreState::EventRestored]);
    left.found_before = Vec::new();
    assert_eq!(compare(&left, &open(), Some(&event)), []);
}

#[test]
fn a_line_that_no_push_confirmed_is_a_surplus_and_so_is_one_we_had_removed() {
    let (mut left, event) = written(&[100, 200]);
    left.lines[0].line = None;
    left.lines.remove(1);
    let found = compare(&left, &open(), Some(&event));
    assert_eq!(states(&found), [ProcoreState::Surplus, ProcoreState::Surplus]);
    assert_eq!(found[1], Finding::Surplus { line: 102, is: event.lines[2].values.clone() });
}

#[test]
fn a_lock_that_was_there_when_we_left_is_nobodys_news() {
    let (mut left, mut event) = written(&[100]);
    done(&ProcoreEdit::Tie, &mut event, 101);
    assert_eq!(states(&compare(&left, &open(), Some(&event))), [ProcoreState::LineLocked]);
    left.locks.extend(event.lines[1].lock().map(|why| (101, why)));
    assert_eq!(compare(&left, &open(), Some(&event)), []);
    let elsewhere = LastPushed { reference: Reference::stored("AAAAAAAA".into()), lines: Vec::new(), ..left };
    assert_eq!(compare(&elsewhere, &open(), Some(&event)), []);
}

/// A currency that nobody names is no finding; whoever names another one is, the event and a line of ours alike.
#[test]
fn another_currency_is_told_whoever_names_it() {
    let (left, event) = written(&[500]);
    let named = |of_event: &str, of_line: &str, of_others: &str| {
        let facts = EventFacts { currency: of_event.into(), ..open() };
        let mut event = event.clone();
        event.lines[0].currency = of_others.into();
        event.lines[1].currency = of_line.into();
        compare(&left, &facts, Some(&event))
    };
    let other = |is: &str| vec![Finding::OtherCurrency { is: is.into() }];
    assert_eq!(named("", "", ""), []);
    assert_eq!(named("USD", "usd", "CAD"), [], "somebody else's line is in whatever they like");
    assert_eq!(named("CAD", "", ""), other("CAD"));
    assert_eq!(named("USD", "CAD", ""), other("CAD"));
    assert_eq!(named("JPY", "JPY", ""), other("JPY"));
    assert_eq!(other("CAD")[0].state(), ProcoreState::OtherCurrency);
}
