//! What Procore fills in of a line, by a setting of its project.

use super::*;

fn lines(code: Option<i64>, contract: Option<i64>, vendor: Option<i64>) -> WantedCor {
    let cor = wanted(&BTreeMap::from([(3, (100, 1)), (4, (200, 1))]), vec![]);
    let budget_codes = cor.lines.iter().filter_map(|line| Some((line.key, code?))).collect();
    WantedCor { budget_codes, contract, vendor, ..cor }
}

fn plan(event: &EventLines, cor: WantedCor, known: Vec<KnownLine>) -> Plan {
    let cor = WantedCor { known, ..cor };
    Plan::new(Side::Received, Some(event), &[cor], &BTreeSet::new(), &Recreate::new())
}

/// Code, contract and vendor where a line has none.
fn fill_in(event: &mut EventLines) {
    for line in &mut event.lines {
        line.values.budget_code = line.values.budget_code.or(Some(1));
        line.values.contract = line.values.contract.or(Some(500));
        line.values.vendor = line.values.vendor.or(Some(7));
    }
}

/// An event with two lines that leave everything open, and what is known of them.
fn open() -> (EventLines, Vec<KnownLine>) {
    let mut event = EventLines { id: 1, lines: vec![] };
    let pushed = plan(&event, lines(None, None, None), vec![]);
    apply(&pushed, &mut event);
    let known = known(&pushed, &event);
    (event, known)
}

fn dearer(mut cor: WantedCor) -> WantedCor {
    cor.lines[0].amount = Money::minor(900);
    cor
}

#[test]
fn what_a_new_line_left_open_comes_back_filled_and_is_wanted_otherwise_by_nobody() {
    let (mut event, known) = open();
    fill_in(&mut event);
    assert_eq!(plan(&event, lines(None, None, None), known.clone()).writes(), 0, "nothing to change back");
    let dearer = plan(&event, dearer(lines(None, None, None)), known);
    let actions: Vec<&Action> = dearer.cors[0].lines.iter().map(|line| &line.action).collect();
    let amount = Action::Update { fields: [Field::Amount].into(), withheld: BTreeSet::new(), why: None };
    assert_eq!(actions, [&amount, &Action::Unchanged]);
}

#[test]
fn an_update_that_comes_back_filled_is_done_and_so_is_what_it_did_not_name() {
    let (mut event, known) = open();
    let dearer = plan(&event, dearer(lines(None, None, None)), known);
    apply(&dearer, &mut event);
    fill_in(&mut event);
    let settled = dearer.compare(Some(&event), &[COR]);
    assert!(settled.is_done(COR), "{settled:?}");
    let kept = settled.done.values().all(|(_, values)| values.as_ref().is_some_and(|said| said.vendor == Some(7)));
    assert!(kept, "as it is there, so that it is no drift: {settled:?}");
}

#[test]
fn what_was_filled_in_since_the_plan_stops_neither_an_update_nor_a_removal() {
    let (mut event, known) = open();
    let dearer = plan(&event, dearer(lines(None, None, None)), known.clone());
    let gone = plan(&event, wanted(&BTreeMap::new(), vec![]), known);
    fill_in(&mut event);
    let settled = dearer.compare(Some(&event), &[COR]);
    assert_eq!((settled.missing.len(), settled.done.len(), settled.changed.len()), (1, 1, 0));
    let settled = gone.compare(Some(&event), &[COR]);
    assert_eq!((settled.missing.len(), settled.changed.len()), (2, 0));
}

#[test]
fn a_field_that_the_plan_sets_is_asked_about_when_somebody_sets_it_meanwhile() {
    let (mut event, known) = open();
    let other = plan(&event, lines(Some(2), Some(600), Some(8)), known);
    fill_in(&mut event);
    assert_eq!(other.compare(Some(&event), &[COR]).changed.len(), 2, "never written over unasked");
}

#[test]
fn a_person_who_changes_what_is_set_changes_it() {
    let mut event = EventLines { id: 1, lines: vec![] };
    let set = lines(Some(1), Some(500), Some(7));
    let pushed = plan(&event, set.clone(), vec![]);
    apply(&pushed, &mut event);
    let known = known(&pushed, &event);
    let dearer = plan(&event, dearer(set), known);
    for change in [
        (|values: &mut Values| values.budget_code = Some(9)) as fn(&mut Values),
        |values| values.contract = Some(501),
        |values| values.vendor = Some(8),
        |values| values.vendor = None,
    ] {
        let mut event = event.clone();
        event.lines.iter_mut().for_each(|line| change(&mut line.values));
        assert_eq!(dearer.compare(Some(&event), &[COR]).changed.len(), 2);
        apply(&dearer, &mut event);
        change(&mut event.lines[0].values);
        assert_eq!(dearer.compare(Some(&event), &[COR]).changed.len(), 2, "after it was written too");
    }
}

#[test]
fn the_vendor_may_come_with_a_contract_that_is_named_without_one() {
    let mut event = EventLines { id: 1, lines: vec![] };
    let pushed = plan(&event, lines(Some(1), Some(500), Some(7)), vec![]);
    apply(&pushed, &mut event);
    let known = known(&pushed, &event);
    let moved = plan(&event, lines(Some(1), Some(600), None), known);
    apply(&moved, &mut event);
    assert!(moved.compare(Some(&event), &[COR]).is_done(COR));
    event.lines.iter_mut().for_each(|line| line.values.vendor = Some(8));
    assert!(moved.compare(Some(&event), &[COR]).is_done(COR));
}
