//! Locked lines are made up for, for any versions of a COR and any lines that are locked.

use rust_decimal::Decimal;

use super::*;

/// Plans a version of the COR into the event and has Procore carry it out. Answers the lines that are known then.
fn written(
    event: &mut EventLines,
    version: &BTreeMap<u8, (i64, u8)>,
    known_before: &[KnownLine],
    adjust: bool,
) -> Vec<KnownLine> {
    // Asked for every line: what is not locked has no adjustment for it.
    let adjust = (0u8..8).filter(|_| adjust).map(key).collect();
    let cor = WantedCor { adjust, ..wanted(version, known_before.to_vec()) };
    let plan = Plan::new(Side::Received, Some(event), &[cor], &BTreeSet::new(), &Recreate::new());
    assert_eq!(plan.cors[0].gap(), Amount::ZERO);
    apply(&plan, event);
    assert_eq!(plan.totals.ours.new, live(event));
    let settled = plan.compare(Some(event), &[COR]);
    assert!(settled.missing.is_empty() && settled.changed.is_empty(), "{settled:?}");
    // What went is forgotten, as the push forgets it.
    let gone = |line: &KnownLine| settled.done.get(&(COR, line.key)).is_some_and(|(_, values)| values.is_none());
    known(&plan, event).into_iter().filter(|line| !gone(line)).collect()
}

fn live(event: &EventLines) -> Amount {
    event.lines.iter().filter(|line| !line.deleted).map(|line| line.values.amount).sum()
}

fn total(version: &BTreeMap<u8, (i64, u8)>) -> Amount {
    version.values().map(|(amount, _)| minor(*amount)).sum()
}

proptest! {
    #[test]
    fn whatever_is_locked_the_cor_adds_up_and_unlocked_nothing_of_it_is_left(
        versions in prop::collection::vec(version(), 4),
        locked in prop::collection::vec(prop::bool::ANY, 8),
    ) {
        let mut event = EventLines { id: 1, lines: vec![] };
        let mut known = written(&mut event, &versions[0], &[], false);
        for (line, locked) in event.lines.iter_mut().zip(locked) {
            if locked {
                (line.locked, line.deletable) = (Field::ALL.into(), false);
            }
        }
        let stays: Vec<EventLine> = event.lines.iter().filter(|line| !line.deletable).cloned().collect();
        for version in &versions[1..3] {
            known = written(&mut event, version, &known, true);
            prop_assert_eq!(live(&event), total(version));
            for line in &stays {
                prop_assert!(event.lines.contains(line), "what is locked stays as it is");
            }
            // A second time nothing is to be done.
            let before = event.clone();
            known = written(&mut event, version, &known, false);
            prop_assert_eq!(&event, &before);
        }
        for line in &mut event.lines {
            (line.locked, line.deletable) = (BTreeSet::new(), true);
        }
        let known = written(&mut event, &versions[3], &known, false);
        let lines = event.lines.iter().filter(|line| !line.deleted);
        let mut there: Vec<String> = lines.map(|line| line.values.amount.to_string()).collect();
        let mut asked: Vec<String> = versions[3].values().map(|(cents, _)| minor(*cents).to_string()).collect();
        there.sort();
        asked.sort();
        prop_assert_eq!(there, asked, "line by line");
        prop_assert!(known.iter().all(|line| line.key.adjustment().is_some()));
    }
}

proptest! {
    /// Six decimals are what Procore may hold.
    #[test]
    fn whatever_fraction_is_locked_both_are_shown_as_what_is_asked_for(
        asked in -9_999_999i64..9_999_999,
        locked in -9_999_999_999i64..9_999_999_999,
        halves in prop::bool::ANY,
    ) {
        // Halves of a cent are rare among millionths.
        let locked = if halves { locked / 10_000 * 10_000 + 5_000 } else { locked };
        let locked = Amount::of(Decimal::new(locked, 6));
        for asked in [asked, 0] {
            let made = makes_up(minor(asked), locked).unwrap();
            prop_assert_eq!(made.money().map(Amount::from), Some(made), "whole cents");
            let both = locked + made;
            let half_a_cent = [both, -both].contains(&Amount::of(Decimal::new(5, 3)));
            prop_assert!(both == Money::minor(asked) || asked == 0 && half_a_cent, "{both:?}");
        }
    }
}

#[test]
fn half_a_cent_that_is_locked_is_made_up_for_once() {
    let exact = |text: &str| Amount::of(text.parse().unwrap());
    for (asked, locked, made) in [
        (0, "33.335", "-33.34"),
        (0, "-33.335", "33.34"),
        (3_334, "33.335", "0"),
        (5_000, "33.335", "16.66"),
        (-1_000, "33.335", "-43.33"),
        (1_000, "-33.335", "43.33"),
        (0, "33.334", "-33.33"),
        (100_000, "999.996", "0"),
    ] {
        assert_eq!(makes_up(minor(asked), exact(locked)), Some(exact(made)), "{asked} of {locked}");
    }
    assert_eq!(makes_up(Amount::ZERO, Amount::TooLarge), None);
    assert_eq!(makes_up(Amount::Unreadable, minor(5)), None);
}

#[test]
fn what_is_locked_is_made_up_for_by_a_line_of_its_own_and_only_if_asked() {
    let version = |cents| BTreeMap::from([(3u8, (cents, 1u8)), (4u8, (500i64, 1u8))]);
    let mut event = EventLines { id: 900, lines: Vec::new() };
    let first =
        Plan::new(Side::Received, Some(&event), &[wanted(&version(1000), vec![])], &BTreeSet::new(), &Recreate::new());
    apply(&first, &mut event);
    let locked = event.lines.iter().position(|l| l.values.amount == minor(1000)).unwrap();
    (event.lines[locked].locked, event.lines[locked].deletable) = (Field::ALL.into(), false);
    let mut known_now = known(&first, &event);
    let plan = |cents, known: &[KnownLine], adjust: &[LineKey], event: &EventLines| {
        let cor = WantedCor { adjust: adjust.iter().copied().collect(), ..wanted(&version(cents), known.to_vec()) };
        Plan::new(Side::Received, Some(event), &[cor], &BTreeSet::new(), &Recreate::new())
    };
    let sum =
        |event: &EventLines| -> Amount { event.lines.iter().filter(|l| !l.deleted).map(|l| l.values.amount).sum() };
    let unasked = plan(1300, &known_now, &[], &event);
    assert_eq!((unasked.writes(), unasked.cors[0].gap()), (0, minor(300)));
    // Asked for once; from then on it follows the COR, and goes when it is not needed.
    for (cents, adjust, lines) in [(1300, &[key(3)][..], 3), (1250, &[][..], 3), (900, &[][..], 3), (1000, &[][..], 2)]
    {
        let next = plan(cents, &known_now, adjust, &event);
        assert_eq!(next.cors[0].gap(), Amount::ZERO);
        assert_eq!(next.writes(), 1, "only the adjustment is written");
        apply(&next, &mut event);
        known_now = known(&next, &event);
        known_now.retain(|k| event.lines.iter().any(|l| Some(l.id) == k.line && !l.deleted));
        assert_eq!(sum(&event), minor(cents + 500));
        assert_eq!(event.lines.iter().filter(|l| !l.deleted).count(), lines);
        assert_eq!(event.lines[locked].values.amount, minor(1000), "what is locked stays");
    }
}

#[test]
fn a_locked_line_that_should_go_is_made_up_for_and_its_adjustment_is_never_made_again_unasked() {
    let mut event = EventLines { id: 900, lines: Vec::new() };
    let both = BTreeMap::from([(3u8, (1000, 1u8)), (4u8, (500i64, 1u8))]);
    let first = Plan::new(Side::Received, Some(&event), &[wanted(&both, vec![])], &BTreeSet::new(), &Recreate::new());
    apply(&first, &mut event);
    (event.lines[0].locked, event.lines[0].deletable) = (Field::ALL.into(), false);
    let one = BTreeMap::from([(4u8, (500, 1u8))]);
    let plan = |adjust: &[LineKey], known: &[KnownLine], event: &EventLines, recreate: &Recreate| {
        let cor = WantedCor { adjust: adjust.iter().copied().collect(), ..wanted(&one, known.to_vec()) };
        Plan::new(Side::Received, Some(event), &[cor], &BTreeSet::new(), recreate)
    };
    let none = Recreate::new();
    let before = known(&first, &event);
    let unasked = plan(&[], &before, &event, &none);
    assert_eq!((unasked.writes(), unasked.cors[0].gap()), (0, minor(-1000)), "too many");
    let asked = plan(&[key(3)], &before, &event, &none);
    assert_eq!((asked.writes(), asked.cors[0].gap()), (1, Amount::ZERO));
    // Intended, and taken back before it was written.
    let intended = known(&asked, &event);
    assert_eq!(plan(&[], &intended, &event, &none).writes(), 0, "not made unasked");
    apply(&asked, &mut event);
    let made = known(&asked, &event);
    let again = plan(&[], &made, &event, &none);
    assert_eq!((again.writes(), again.cors[0].gap(), again.totals.ours.new), (0, Amount::ZERO, minor(500)));
    // Removed there by somebody.
    event.lines.last_mut().unwrap().deleted = true;
    let asks = plan(&[], &made, &event, &none);
    assert_eq!((asks.writes(), asks.cors[0].gap()), (0, minor(-1000)));
    assert!(asks.cors[0].lines.iter().any(|line| line.action == Action::RemovedThere));
    let adjustment = key(3).adjustment().unwrap();
    assert_eq!(plan(&[], &made, &event, &Recreate::from([(COR, adjustment)])).writes(), 1);
    // Once the lock is gone, nothing of both is left.
    event.lines.last_mut().unwrap().deleted = false;
    (event.lines[0].locked, event.lines[0].deletable) = (BTreeSet::new(), true);
    let free = plan(&[], &made, &event, &none);
    assert_eq!((free.writes(), free.totals.ours.new), (2, minor(500)));
}
