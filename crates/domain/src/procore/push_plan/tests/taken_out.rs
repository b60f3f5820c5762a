//! A COR that has no place in Procore any more: what of it is there goes, and what is locked can be made up for.

use super::*;

fn void(known: Vec<KnownLine>, adjust: BTreeSet<LineKey>) -> WantedCor {
    WantedCor { taken_out: true, adjust, ..wanted(&BTreeMap::new(), known) }
}

fn plan(event: &EventLines, cor: WantedCor) -> Plan {
    Plan::new(Side::Received, Some(event), &[cor], &BTreeSet::new(), &Recreate::new())
}

fn held(event: &EventLines) -> Amount {
    event.lines.iter().filter(|line| !line.deleted).map(|line| line.values.amount).sum()
}

proptest! {
    /// Whatever was pushed and whatever somebody made of it: every line goes that may go, each other one stays and is told,
    /// and with an adjustment for each of those nothing of the COR counts any more.
    #[test]
    fn whatever_of_it_is_there_goes_or_is_made_up_for(
        version in version(),
        edits in prop::collection::vec(line_edit(), 8),
    ) {
        let mut event = EventLines { id: 1, lines: vec![] };
        let pushed = Plan::new(Side::Received, Some(&event), &[wanted(&version, vec![])], &BTreeSet::new(), &Recreate::new());
        apply(&pushed, &mut event);
        let lines = known(&pushed, &event);
        for (line, edit) in event.lines.iter_mut().zip(&edits) {
            match edit {
                LineEdit::Edit(cents) => line.values.amount = Money::minor(*cents).into(),
                LineEdit::Remove => line.deleted = true,
                LineEdit::LockAll => { line.locked = Field::ALL.into(); line.deletable = false; }
                LineEdit::LockCode => { line.locked = [Field::BudgetCode, Field::Contract].into(); }
                LineEdit::Nothing => {}
            }
        }
        let before = held(&event);
        let locked: BTreeSet<LineKey> = lines
            .iter()
            .filter(|known| event.lines.iter().any(|l| Some(l.id) == known.line && !l.deleted && l.stays().is_some()))
            .map(|known| known.key)
            .collect();

        let mut left = event.clone();
        let out = plan(&left, void(lines.clone(), BTreeSet::new()));
        prop_assert!(out.cors[0].taken_out);
        prop_assert_eq!(out.cors[0].change().previous, before);
        apply(&out, &mut left);
        prop_assert_eq!(out.cors[0].change().new, held(&left));
        prop_assert_eq!(out.cors[0].gap(), -held(&left), "what stays is too much");
        let stay: BTreeSet<LineKey> = out.cors[0].lines.iter().filter(|l| !l.action.writes()).map(|l| l.key).collect();
        prop_assert_eq!(stay, locked.clone());

        let out = plan(&event, void(lines.clone(), locked));
        apply(&out, &mut event);
        prop_assert_eq!(held(&event), Amount::ZERO, "what is locked is made up for");
        let known: Vec<KnownLine> = known(&out, &event);
        let again = plan(&event, void(known.clone(), BTreeSet::new()));
        prop_assert_eq!(again.writes(), 0, "{:?}", again.cors[0].lines);

        // Taken back, it asks for all of it again, and has each line once.
        let back = Plan::new(Side::Received, Some(&event), &[wanted(&version, known)], &BTreeSet::new(), &Recreate::new());
        apply(&back, &mut event);
        let asked_for: Money = version.values().map(|(cents, _)| Money::minor(*cents)).sum();
        prop_assert_eq!(held(&event) + back.cors[0].gap(), asked_for);
    }
}
