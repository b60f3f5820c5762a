//! For any two versions of a COR and any state of the event, applying the plan yields exactly the wanted lines.

mod adjustments;
mod filled_in;
mod taken_out;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    cor::{BrokenDown, LineKey, Section},
    ids::LineItemId,
    money::Money,
    procore::reference::Mark,
};

const COR: CorId = CorId(Uuid::from_u128(7));

fn reference() -> Reference {
    Reference::stored("7F3A9K2M".into())
}

fn key(n: u8) -> LineKey {
    match n {
        0 => LineKey::Total,
        1 => LineKey::Rounding,
        2 => LineKey::Section(Section::Labor),
        n => LineKey::Item(LineItemId(Uuid::from_u128(u128::from(n)))),
    }
}

fn minor(cents: i64) -> Amount {
    Money::minor(cents).into()
}

fn wanted(lines: &BTreeMap<u8, (i64, u8)>, known: Vec<KnownLine>) -> WantedCor {
    let line = |n: u8, cents| BrokenDown { key: key(n), description: format!("line {n}"), amount: Money::minor(cents) };
    WantedCor {
        cor: COR,
        link: LinkId(Uuid::from_u128(8)),
        number: "014".into(),
        reference: reference(),
        taken_out: false,
        lines: lines.iter().map(|(n, (cents, _))| line(*n, *cents)).collect(),
        budget_codes: lines.iter().map(|(n, (_, code))| (key(*n), i64::from(*code))).collect(),
        contract: Some(500),
        vendor: None,
        known,
        adjust: BTreeSet::new(),
    }
}

/// What Procore does with a request: the planner's opposite, written for this test only.
fn apply(plan: &Plan, event: &mut EventLines) {
    let mut next = event.lines.iter().map(|l| l.id).max().unwrap_or(9000) + 1;
    for line in &plan.cors[0].lines {
        let there = line.line.and_then(|id| event.lines.iter_mut().find(|l| l.id == id));
        match (&line.action, there) {
            (Action::Create, _) => {
                let values = line.target().unwrap();
                event.lines.push(event_line(next, values));
                next += 1;
            }
            (Action::Update { .. }, Some(there)) => there.values = line.target().unwrap(),
            (Action::Remove, Some(there)) => there.deleted = true,
            _ => {}
        }
    }
}

fn event_line(id: i64, values: Values) -> EventLine {
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

fn known(plan: &Plan, event: &EventLines) -> Vec<KnownLine> {
    let settled = plan.compare(Some(event), &[COR]);
    let known = |l: &PlanLine| {
        let done = settled.done.get(&(COR, l.key));
        let values = done.and_then(|(_, values)| values.clone());
        KnownLine {
            key: l.key,
            ordinal: l.ordinal,
            line: done.map(|(id, _)| *id).or(l.line),
            values: values.or_else(|| l.wanted.clone()).or_else(|| l.before.clone()).unwrap(),
        }
    };
    plan.cors[0].lines.iter().map(known).collect()
}

#[derive(Clone, Debug)]
enum LineEdit {
    Edit(i64),
    Remove,
    LockAll,
    LockCode,
    Nothing,
}

fn line_edit() -> impl Strategy<Value = LineEdit> {
    prop_oneof![
        1 => (-9999i64..9999).prop_map(LineEdit::Edit),
        1 => Just(LineEdit::Remove),
        1 => Just(LineEdit::LockAll),
        1 => Just(LineEdit::LockCode),
        3 => Just(LineEdit::Nothing),
    ]
}

fn version() -> impl Strategy<Value = BTreeMap<u8, (i64, u8)>> {
    prop::collection::btree_map(0u8..8, (-9_999_999i64..9_999_999, 1u8..4), 1..7)
}

proptest! {
    #[test]
    fn applying_a_plan_yields_the_wanted_lines(
        first in version(),
        second in version(),
        edits in prop::collection::vec(line_edit(), 8),
        foreign in prop::collection::vec(-99_999i64..99_999, 0..4),
    ) {
        let none = BTreeSet::new();
        let mut event = EventLines { id: 1, lines: vec![] };
        for (i, cents) in foreign.iter().enumerate() {
            let values = Values {
                description: "somebody else's".into(), amount: minor(*cents),
                budget_code: None, contract: None, vendor: None,
            };
            event.lines.push(event_line(100 + i64::try_from(i).unwrap(), values));
        }
        let theirs = event.lines.clone();

        let plan = Plan::new(Side::Received, Some(&event), &[wanted(&first, vec![])], &none, &Recreate::new());
        apply(&plan, &mut event);
        let lines = known(&plan, &event);
        for (line, edit) in event.lines.iter_mut().filter(|l| l.id >= 9000 || l.id > 103).zip(&edits) {
            match edit {
                LineEdit::Edit(cents) => line.values.amount = minor(*cents),
                LineEdit::Remove => line.deleted = true,
                LineEdit::LockAll => { line.locked = Field::ALL.into(); line.deletable = false; }
                LineEdit::LockCode => { line.locked = [Field::BudgetCode, Field::Contract].into(); }
                LineEdit::Nothing => {}
            }
        }

        let plan = Plan::new(Side::Received, Some(&event), &[wanted(&second, lines.clone())], &none, &Recreate::new());
        let totals = plan.totals;
        apply(&plan, &mut event);

        // Foreign lines are as they were.
        prop_assert_eq!(&event.lines[..theirs.len()], &theirs[..]);
        // Every wanted line is there once, as wanted, except locked and removed ones.
        let live: Vec<&EventLine> = event.lines[theirs.len()..].iter().filter(|l| !l.deleted).collect();
        for line in &plan.cors[0].lines {
            let there: Vec<_> = live.iter().filter(|l| Mark::find(&l.values.description).is_some_and(|m| m.ordinal == line.ordinal)).collect();
            match &line.action {
                Action::RemovedThere => prop_assert!(there.is_empty()),
                Action::Remove => prop_assert!(there.is_empty()),
                Action::Locked { .. } => prop_assert_eq!(there.len(), 1),
                Action::Update { withheld, .. } if !withheld.is_empty() => {
                    prop_assert_eq!(there.len(), 1);
                    prop_assert_eq!(there[0].values.amount, line.wanted.as_ref().unwrap().amount);
                }
                _ => {
                    prop_assert_eq!(there.len(), 1);
                    prop_assert_eq!(Some(&there[0].values), line.wanted.as_ref());
                }
            }
        }
        prop_assert_eq!(live.len(), plan.cors[0].lines.iter().filter(|l| !matches!(l.action, Action::RemovedThere | Action::Remove)).count());
        // The totals that were shown are what is there now, and the gap is exactly what is missing.
        let ours: Amount = live.iter().map(|l| l.values.amount).sum();
        prop_assert_eq!(totals.ours.new, ours);
        prop_assert_eq!(totals.whole.new, ours + theirs.iter().map(|l| l.values.amount).sum::<Amount>());
        let total: Amount = second.values().map(|(c, _)| minor(*c)).sum();
        prop_assert_eq!(plan.cors[0].gap(), total - ours);

        // Planning again yields only the locked and the removed ones.
        let settled = plan.compare(Some(&event), &[COR]);
        prop_assert!(settled.missing.is_empty() && settled.changed.is_empty(), "{:?}", settled);
        let again = Plan::new(Side::Received, Some(&event), &[wanted(&second, known(&plan, &event))], &none, &Recreate::new());
        for line in &again.cors[0].lines {
            let allowed = matches!(line.action, Action::Unchanged | Action::Locked { .. } | Action::RemovedThere);
            prop_assert!(allowed, "{:?}", line);
        }

        // Whoever answers "make it again" gets every removed line once.
        let recreate: Recreate = again.cors[0].lines.iter().filter(|l| l.action == Action::RemovedThere).map(|l| (COR, l.key)).collect();
        let remade = Plan::new(Side::Received, Some(&event), &[wanted(&second, known(&plan, &event))], &none, &recreate);
        prop_assert!(!remade.cors[0].lines.iter().any(|l| l.action == Action::RemovedThere));
        prop_assert_eq!(remade.writes(), recreate.len());
    }

    #[test]
    fn batches_hold_whole_cors(sizes in prop::collection::vec(0usize..9, 0..20), limit in 1usize..12) {
        let cors: Vec<PlanCor> = sizes.iter().enumerate().map(|(i, size)| {
            let lines: BTreeMap<u8, (i64, u8)> = (0..u8::try_from(*size).unwrap()).map(|n| (n + 3, (1, 1))).collect();
            let mut cor = wanted(&lines, vec![]);
            cor.cor = CorId(Uuid::from_u128(u128::try_from(i).unwrap()));
            Plan::new(Side::Sent, None, &[cor], &BTreeSet::new(), &Recreate::new()).cors.remove(0)
        }).collect();
        let plan = Plan { side: Side::Sent, event: None, cors, totals: EventTotals::default() };
        let batches = plan.batches(limit);
        let all: Vec<CorId> = batches.iter().flatten().copied().collect();
        let expected: Vec<CorId> = plan.cors.iter().filter(|c| c.writes() > 0).map(|c| c.cor).collect();
        prop_assert_eq!(all, expected, "every COR that writes, once, in order");
        for batch in &batches {
            let size: usize = batch.iter().map(|c| plan.cor(*c).unwrap().writes()).sum();
            prop_assert!(size <= limit || batch.len() == 1);
        }
    }
}

#[test]
fn an_answer_that_never_came_is_found_by_its_mark() {
    let version = BTreeMap::from([(3, (100, 1)), (4, (200, 1))]);
    let mut event = EventLines { id: 1, lines: vec![] };
    let plan = Plan::new(Side::Received, Some(&event), &[wanted(&version, vec![])], &BTreeSet::new(), &Recreate::new());
    assert_eq!(plan.compare(Some(&event), &[COR]).missing.len(), 2);
    apply(&plan, &mut event);
    event.lines[0].values.amount = minor(-1);
    event.lines[1].deleted = true;
    let settled = plan.compare(Some(&event), &[COR]);
    assert_eq!(settled.done.len(), 1, "matched by mark, never by amount");
    assert_eq!(settled.missing.len(), 1);
}

#[test]
fn the_number_of_a_removed_line_is_not_given_to_another() {
    let plan = |event: &EventLines, version: &BTreeMap<u8, (i64, u8)>, known| {
        Plan::new(Side::Received, Some(event), &[wanted(version, known)], &BTreeSet::new(), &Recreate::new())
    };
    let mut event = EventLines { id: 1, lines: vec![] };
    let first = plan(&event, &BTreeMap::from([(3, (100, 1)), (4, (200, 1))]), vec![]);
    apply(&first, &mut event);
    // Both are removed, by us or by somebody else, and forgotten.
    event.lines.iter_mut().for_each(|line| line.deleted = true);
    let again = plan(&event, &BTreeMap::from([(5, (300, 1))]), vec![]);
    assert_eq!(again.cors[0].lines[0].ordinal, 3, "restored, they must be told from it");
    // A number that nobody gave is no reason to count on from there.
    let absurd = Values { description: reference().signed("typed", u32::MAX), ..event.lines[0].values.clone() };
    event.lines.push(event_line(50, absurd));
    let again = plan(&event, &BTreeMap::from([(5, (300, 1))]), vec![]);
    assert_eq!(again.cors[0].lines[0].ordinal, 3);
}

#[test]
fn a_copy_of_our_line_is_reported_and_left_alone() {
    let version = BTreeMap::from([(3, (100, 1))]);
    let mut event = EventLines { id: 1, lines: vec![] };
    let plan = Plan::new(Side::Received, Some(&event), &[wanted(&version, vec![])], &BTreeSet::new(), &Recreate::new());
    apply(&plan, &mut event);
    let lines = known(&plan, &event);
    let copy = EventLine { id: 9999, ..event.lines[0].clone() };
    event.lines.push(copy);
    let again = Plan::new(Side::Received, Some(&event), &[wanted(&version, lines)], &BTreeSet::new(), &Recreate::new());
    assert_eq!(again.cors[0].surplus, [9999]);
    assert_eq!(again.writes(), 0);
    assert_eq!(again.totals.others, minor(100), "until a person says otherwise it is not ours");
}

#[test]
fn fractions_of_a_cent_are_added_before_they_are_rounded() {
    let line = |id, amount: &str| {
        let amount = Amount::of(amount.parse().unwrap());
        let values = Values { description: "theirs".into(), amount, budget_code: None, contract: None, vendor: None };
        EventLine { latest: amount, ..event_line(id, values) }
    };
    let event =
        EventLines { id: 1, lines: vec![line(1, "33.3333"), line(2, "33.3333"), line(3, "33.3333"), line(4, "100")] };
    let cor = wanted(&BTreeMap::from([(3, (1050, 1))]), vec![]);
    let totals = Plan::new(Side::Received, Some(&event), &[cor], &BTreeSet::new(), &Recreate::new()).totals;
    assert_eq!((totals.others.to_string(), totals.latest.to_string()), ("200.00".into(), "200.00".into()));
    assert_eq!((totals.whole.previous.to_string(), totals.whole.new.to_string()), ("200.00".into(), "210.50".into()));
}

#[test]
fn revenue_that_follows_cost_is_in_no_total_but_the_latest() {
    let line = |id, cents| {
        let amount = minor(cents);
        event_line(id, Values { description: "theirs".into(), amount, budget_code: None, contract: None, vendor: None })
    };
    let event = EventLines { id: 1, lines: vec![line(1, 10_000), EventLine { follows_cost: true, ..line(2, 500) }] };
    let cor = wanted(&BTreeMap::from([(3, (1050, 1))]), vec![]);
    let totals = Plan::new(Side::Sent, Some(&event), &[cor], &BTreeSet::new(), &Recreate::new()).totals;
    assert_eq!((totals.others, totals.others_count, totals.following), (minor(10_000), 2, minor(500)));
    assert_eq!((totals.whole.previous, totals.whole.new), (minor(10_000), minor(11_050)));
    assert_eq!(totals.latest, minor(10_500), "what Procore shows");
}

#[test]
fn our_line_with_a_fraction_of_a_cent_is_written_anew() {
    let version = BTreeMap::from([(3, (3333, 1)), (4, (3333, 1)), (5, (3333, 1))]);
    let mut event = EventLines { id: 1, lines: vec![] };
    let plan = Plan::new(Side::Received, Some(&event), &[wanted(&version, vec![])], &BTreeSet::new(), &Recreate::new());
    apply(&plan, &mut event);
    let lines = known(&plan, &event);
    for line in &mut event.lines {
        line.values.amount = Amount::of("33.3333".parse().unwrap());
    }
    let again = Plan::new(Side::Received, Some(&event), &[wanted(&version, lines)], &BTreeSet::new(), &Recreate::new());
    assert_eq!((again.writes(), again.cors[0].gap()), (3, Amount::ZERO));
    let change = again.cors[0].change();
    assert_eq!((change.previous.to_string(), change.new.to_string()), ("100.00".into(), "99.99".into()));
}

#[test]
fn an_amount_that_cannot_be_read_is_in_every_total_that_holds_it() {
    let values = Values {
        description: "theirs".into(),
        amount: Amount::TooLarge,
        budget_code: None,
        contract: None,
        vendor: None,
    };
    let event = EventLines { id: 1, lines: vec![event_line(1, values)] };
    let cor = wanted(&BTreeMap::from([(3, (1050, 1))]), vec![]);
    let totals = Plan::new(Side::Received, Some(&event), &[cor], &BTreeSet::new(), &Recreate::new()).totals;
    assert_eq!(
        (totals.others, totals.whole.previous, totals.whole.new),
        (Amount::TooLarge, Amount::TooLarge, Amount::TooLarge)
    );
    assert_eq!(totals.ours.new, minor(1050));
}

#[test]
fn a_refusal_that_names_a_budget_code_blames_its_cors_only() {
    let good = wanted(&BTreeMap::from([(3, (100, 1))]), vec![]);
    let mut bad = good.clone();
    bad.cor = CorId(Uuid::from_u128(9));
    bad.budget_codes.insert(bad.lines[0].key, 562_949_953_508_586);
    let plan = Plan::new(Side::Received, None, &[good, bad.clone()], &BTreeSet::new(), &Recreate::new());
    let all = [COR, bad.cor];
    let messages = ["Wbs Code with ID 562949953508586 not found".to_owned()];
    assert_eq!(blame(&plan, &all, &messages), BTreeSet::from([bad.cor]));
    assert!(blame(&plan, &all, &["something is wrong".to_owned()]).is_empty());
}

#[test]
fn sent_cors_carry_no_commitment() {
    let plan = Plan::new(
        Side::Sent,
        None,
        &[wanted(&BTreeMap::from([(0, (1, 1))]), vec![])],
        &BTreeSet::new(),
        &Recreate::new(),
    );
    assert_eq!(plan.cors[0].lines[0].wanted.as_ref().unwrap().contract, None);
}
