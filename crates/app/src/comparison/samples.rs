//! Samples of the comparison with Procore: everything off at once, nothing off, and a removal.

use domain::procore::push_state::ProcoreState;

use crate::{
    comparison::views::{DriftFact, DriftLine, DriftPage, RemovalLine, RemovalPage},
    gallery::{Pages, put, shell},
    log::views::cell::{EventRef, ProcoreCell},
    serving::views::{Deed, Link, NavItem},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "drift-changed", &changed());
    put(pages, "drift-calm", &calm());
    put(pages, "drift-deleted", &deleted());
    put(pages, "drift-remove", &removal());
    let why = "A line is tied to RFQ 3 in Procore";
    let locked = RemovalPage {
        stays: vec![RemovalLine { text: "Equipment: trench box".into(), amount: "450.00".into(), why: why.into() }],
        remove: Deed::MayNot(format!(
            "1 of these lines can't be removed: {why}. Free them in Procore, or unlink and keep them."
        )),
        ..removal()
    };
    put(pages, "drift-remove-locked", &locked);
    put(pages, "drift-fractions-of-a-cent", &fractions());
    let mut fractions = removal();
    fractions.lines = (1..=3)
        .map(|n| RemovalLine { text: format!("Crane time, part {n}"), amount: "33.33".into(), why: String::new() })
        .collect();
    (fractions.total, fractions.rounding) = ("100.00".into(), Some("0.01".into()));
    fractions.beside = "Rounding 0.01: Procore holds fractions of a cent".into();
    put(pages, "drift-remove-fractions-of-a-cent", &fractions);
}

fn line(text: &str, mark: &'static str, notes: &[&str], amounts: [&str; 3]) -> DriftLine {
    let amount = |text: &str| (!text.is_empty()).then(|| text.into());
    let [pushed, ours, there] = amounts;
    DriftLine {
        text: text.into(),
        mark,
        notes: notes.iter().map(|note| (*note).to_owned()).collect(),
        pushed: amount(pushed),
        ours: amount(ours),
        there: amount(there),
        changed: !mark.is_empty(),
        edited: pushed != ours,
    }
}

fn page(state: ProcoreState) -> DriftPage {
    let url = "https://procore.example/".to_owned();
    let event = EventRef { label: "CE 011 Level 3 coordination".into(), status: "Closed".into(), url };
    DriftPage {
        shell: shell("Compare with Procore", NavItem::Log),
        heading: "COR 014 · Reroute the storm drain around the new footing".into(),
        procore: ProcoreCell { event: Some(event), ..ProcoreCell::of(state) },
        read: "Procore as read 4 min ago".into(),
        read_url: "read".into(),
        currency: "USD".into(),
        calm: "Procore has what was pushed.".into(),
        version: "1.1".into(),
        id: "1".into(),
        overwrite: Deed::May("/push".into()),
        overwrite_text: ("Write ours over it", "Leads to the plan, which shows every line before anything is written."),
        unlink: Deed::May("unlink".into()),
        unlink_text: (
            "Unlink, keep the lines",
            "The lines stay in Procore and are watched no more. Pushed anew, the COR counts twice there until somebody removes them.",
        ),
        remove: Deed::May("remove".into()),
        move_elsewhere: Deed::May("remove".into()),
        back: Link::new("Back to the COR", "/cors/1"),
        ..DriftPage::default()
    }
}

fn changed() -> DriftPage {
    DriftPage {
        open: vec![
            "A line of 3,200.00 is in Procore that no push accounts for.".into(),
            "A line was changed in Procore: 12,600.00 → 11,000.00.".into(),
            "The Change Event’s status was changed: Open → Closed.".into(),
        ],
        left_alone: vec!["A line is tied to RFQ 3 in Procore now.".into()],
        facts: vec![
            DriftFact { name: "Status", was: "Open".into(), is: "Closed".into(), changed: true },
            DriftFact { name: "Prime contract", was: "PC-001".into(), is: "PC-001".into(), changed: false },
        ],
        lines: vec![
            line(
                "Labor: pipefitters, second shift",
                "changed",
                &["There it says “COR 014: Labor, agreed with R. Calloway [#7F3A9K2M.1]”.", "Another budget code was chosen there."],
                ["12,600.00", "12,900.00", "11,000.00"],
            ),
            line("Material: 12\" RCP, class III", "locked", &["A line is tied to RFQ 3 in Procore now."], ["3,200.00", "3,200.00", "3,200.00"]),
            line("Equipment: trench box", "removed", &[], ["(450.00)", "(450.00)", ""]),
            line("COR 014: Material: 12\" RCP, class III [#7F3A9K2M.2]", "too many", &[], ["", "", "3,200.00"]),
            line("Other: permit", "", &[], ["", "180.00", ""]),
        ],
        totals: ["15,350.00".into(), "15,830.00".into(), "17,400.00".into()],
        accept: Deed::May("accept".into()),
        accept_text: "Cascade Mechanical, Inc. wrote this COR, so it stays at 15,830.00. It is noted that you accept 17,400.00 in Procore."
            .into(),
        accept_note: true,
        leave: Deed::May("leave".into()),
        remove_surplus: Deed::May("remove-surplus".into()),
        surplus_button: "Remove 1 line".into(),
        ..page(ProcoreState::Surplus)
    }
}

/// Somebody changed our lines to amounts that are finer than a cent.
fn fractions() -> DriftPage {
    let third = |n: u8| line(&format!("Crane time, part {n}"), "changed", &[], ["30.00", "30.00", "33.33"]);
    DriftPage {
        open: vec!["A line was changed in Procore: 30.00 → 33.33.".into()],
        lines: vec![third(1), third(2), third(3)],
        totals: ["90.00".into(), "90.00".into(), "100.00".into()],
        rounding: Some(["0.00".into(), "0.00".into(), "0.01".into()]),
        ..page(ProcoreState::LineChanged)
    }
}

/// Somebody deleted the event.
fn deleted() -> DriftPage {
    const GONE: &str = "Deleted, or not shown any more";
    let mut page = DriftPage {
        open: vec!["The Change Event was deleted in Procore, or is not shown any more.".into()],
        facts: vec![DriftFact { name: "Status", was: "Open".into(), is: GONE.into(), changed: true }],
        lines: vec![line("Lead-lined board in X-ray 1", "", &[], ["4,210.00", "4,210.00", ""])],
        totals: ["4,210.00".into(), "4,210.00".into(), "0.00".into()],
        unlink_text: (
            "Unlink",
            "The lines went with the Change Event, and nothing of them counts. The COR can be pushed to another Change Event, and \
             counts once there. If somebody restores this one in Procore, its lines count beside it until they are removed.",
        ),
        remove: Deed::Absent,
        move_elsewhere: Deed::Absent,
        ..page(ProcoreState::EventDeleted)
    };
    if let Some(event) = &mut page.procore.event {
        event.status = GONE.into();
    }
    page
}

fn calm() -> DriftPage {
    DriftPage {
        calm:
            "Difference of (0.01): Procore has 4,210.01, and this COR asks for 4,210.00. Nothing waits for a decision."
                .into(),
        lines: vec![line("Lead-lined board in X-ray 1", "", &[], ["4,210.01", "4,210.00", "4,210.01"])],
        totals: ["4,210.01".into(), "4,210.00".into(), "4,210.01".into()],
        overwrite: Deed::MayNot("Only people who run this project push to Procore.".into()),
        ..page(ProcoreState::UpToDate)
    }
}

fn removal() -> RemovalPage {
    RemovalPage {
        shell: shell("Remove the surplus of COR 014", NavItem::Log),
        heading: "Remove the surplus of COR 014".into(),
        sentence: "These lines carry the COR’s mark and no push accounts for them. They are removed in Procore; what was pushed stays.".into(),
        event: "CE 011 · Level 3 coordination".into(),
        event_url: "https://procore.example/".into(),
        currency: "USD".into(),
        lines: vec![RemovalLine {
            text: "COR 014: Material: 12\" RCP, class III [#7F3A9K2M.2]".into(),
            amount: "3,200.00".into(),
            why: String::new(),
        }],
        stays: Vec::new(),
        total: "3,200.00".into(),
        rounding: None,
        beside: String::new(),
        whole: ["48,120.00".into(), "44,920.00".into()],
        remove: Deed::May("remove".into()),
        button: "Remove 1 line".into(),
        digest: "1:320000".into(),
        purpose: "remove_surplus",
        back_url: "/cors/1/drift".into(),
    }
}
