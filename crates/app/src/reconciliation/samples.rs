//! Samples of the reconciliation.

use domain::procore::{push_state::ProcoreState, reconciliation::Category};

use crate::{
    gallery::{Pages, put, shell},
    log::views::{
        EventsAge, SelectionBar,
        cell::{EventRef, ProcoreCell},
    },
    reconciliation::views::{
        ComparedRow, ComparedSection, ComparedSum, OfficeSection, ReconciliationCompare, ReconciliationOffice,
        ReconciliationPage, ReportRow, RowGroup, SignOff, SignedRow, Stamp, SumRow,
    },
    serving::views::{Choice, Deed, FormErrors, Link, NavItem, Pill, Tone},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "reconciliation", &project());
    let mut refused = project();
    refused.sign = Some(SignOff {
        deed: Deed::May("sign-off".into()),
        hindrance: String::new(),
        figures: "3f".into(),
        note: "<script>alert(1)</script>".into(),
        errors: FormErrors::one(
            "",
            "The figures changed since you opened this page. Look at them again, then sign off.",
        ),
    });
    put(pages, "reconciliation-changed-meanwhile", &refused);
    let settled = ReconciliationPage {
        groups: Vec::new(),
        all_there: true,
        answer: "All of 48 CORs that belong in the forecast are in it, to the cent.".into(),
        none: "Nothing parts the log from Procore: every amount is there once, and nothing else is.".into(),
        sign: Some(SignOff { deed: Deed::MayNot("Only the Account Owner can.".into()), ..SignOff::default() }),
        office: Deed::MayNot("Only the Account Owner or an Admin of this office sees it.".into()),
        ..project()
    };
    put(pages, "reconciliation-nothing-missing", &settled);
    let kept = ReconciliationPage {
        stamp: Some(stamp(true)),
        age: None,
        sign: None,
        selection: None,
        selectable: false,
        read_at: "Change Events as of Oct 31, 2026, 16:02".into(),
        signed: Vec::new(),
        ..project()
    };
    put(pages, "reconciliation-signed-and-tampered-with", &kept);
    let mut fractions = project();
    fractions.sums.push(SumRow {
        url: String::new(),
        hint: domain::procore::footing::WHY.into(),
        label: domain::procore::footing::ROUNDING.into(),
        ..sum(Category::Matched, "", "", "(0.01)", "0.01")
    });
    fractions.groups[0].rounding = Some(("0.01".into(), "(0.01)".into()));
    put(pages, "reconciliation-fractions-of-a-cent", &fractions);
    put(pages, "reconciliation-in-another-currency", &apart());
    put(pages, "reconciliation-office", &office());
    put(pages, "reconciliation-office-in-another-currency", &office_apart());
    put(pages, "reconciliation-compare", &compare());
}

fn stamp(tampered: bool) -> Stamp {
    Stamp {
        by: "Daniel Whitfield, Oct 31, 2026, 16:20".into(),
        note: "October, agreed with the owner’s representative".into(),
        sha256: "803523ace222adeb13203f1736f8243edf89c47349bb14e47aebc74a93794442".into(),
        tampered,
        now_url: "now".into(),
        compare_url: "compare".into(),
    }
}

fn sum(category: Category, count: &str, ours: &str, there: &str, gap: &str) -> SumRow {
    SumRow {
        label: category.name().into(),
        hint: "What it means, in a few words".into(),
        url: "?show=x".into(),
        count: count.into(),
        ours: ours.into(),
        there: there.into(),
        gap: gap.into(),
        open: gap != "0.00",
        ..SumRow::default()
    }
}

fn row(number: &str, party: &str, title: &str, amounts: [&str; 3], cell: ProcoreCell) -> ReportRow {
    ReportRow {
        id: format!("cor-{number}"),
        number: number.into(),
        url: "/cors/1".into(),
        party: party.into(),
        title: title.into(),
        status: Some(Pill::new(Tone::Warn, "In Review")),
        procore: Some(cell),
        ours: amounts[0].into(),
        there: amounts[1].into(),
        gap: amounts[2].into(),
        minor: 1_845_000,
        ..ReportRow::default()
    }
}

fn groups() -> Vec<RowGroup> {
    let event = EventRef { label: "CE 002".into(), status: "Open".into(), url: "https://procore.example/".into() };
    let differs = ProcoreCell { event: Some(event), ..ProcoreCell::of(ProcoreState::UpdateNeeded) };
    let missing = || ProcoreCell::of(ProcoreState::NotInProcore);
    let long = "Overtime to recover schedule after slab delay (premium portion only), weeks of 9/14 and 9/21";
    let group = |label: &str, count: &str, rows| RowGroup {
        label: label.into(),
        count: count.into(),
        ours: "13,100.00".into(),
        there: "12,396.55".into(),
        gap: "703.45".into(),
        why: String::new(),
        rounding: None,
        rows,
        cut: String::new(),
    };
    let other = ReportRow {
        number: "CE 005".into(),
        url: "https://procore.example/".into(),
        outside: true,
        party: "No COR linked".into(),
        title: "Level 3 coordination".into(),
        event_status: "Pending Owner Review".into(),
        there: "164,880.75".into(),
        gap: "(164,880.75)".into(),
        ..ReportRow::default()
    };
    vec![
        group(
            "Amount differs",
            "1 COR",
            vec![row(
                "010",
                "Northline Electric LLC",
                "Generator annunciator",
                ["4,300.00", "3,916.55", "383.45"],
                differs,
            )],
        ),
        RowGroup {
            cut: "The first 2 of 42 are listed here; the Excel file has all of them.".into(),
            ..group(
                "Not in Procore",
                "42 CORs",
                vec![
                    row(
                        "012",
                        "Ridgeway Drywall & Acoustical Specialties of the Northwest",
                        long,
                        ["27,904.75", "", "27,904.75"],
                        missing(),
                    ),
                    row(
                        "013",
                        "Cascade Mechanical, Inc.",
                        "Credit: delete VAV boxes",
                        ["(12,600.00)", "", "(12,600.00)"],
                        missing(),
                    ),
                ],
            )
        },
        group("In Procore, not here", "1 Change Event", vec![other]),
    ]
}

fn project() -> ReconciliationPage {
    ReconciliationPage {
        shell: shell("Reconciliation", NavItem::Reconciliation),
        sides: vec![("Received".into(), "?side=received".into(), true), ("Sent".into(), "?side=sent".into(), false)],
        about: "Harbor Point Medical Office · 24-118 · Received · USD".into(),
        currency: "USD".into(),
        answer: "4 of 48 CORs are in the forecast as they should be; 42 not in Procore, 2 with another amount. The \
                 forecast lacks 347,593.53 of them."
            .into(),
        sums: vec![
            sum(Category::Matched, "4", "124,810.42", "124,810.42", "0.00"),
            sum(Category::AmountDiffers, "2", "13,100.00", "12,396.55", "703.45"),
            sum(Category::NotInProcore, "42", "1,346,890.08", "0.00", "1,346,890.08"),
            sum(Category::Waiting, "0", "0.00", "0.00", "0.00"),
            sum(Category::ToTakeOut, "0", "0.00", "0.00", "0.00"),
            sum(Category::NotToPush, "4", "37,064.40", "0.00", "0.00"),
            sum(Category::OnlyInProcore, "4 events", "", "164,880.75", "(164,880.75)"),
        ],
        total: SumRow {
            label: "COR Log and Change Events".into(),
            count: "52 CORs".into(),
            ours: "1,521,864.90".into(),
            there: "302,087.72".into(),
            gap: "1,182,712.78".into(),
            ..SumRow::default()
        },
        set_aside: "Not counted: 1 Change Event that is void, (22,400.00) together.".into(),
        groups: groups(),
        groups_title: "What parts the log from Procore".into(),
        age: Some(EventsAge {
            text: "Change events as of 3 min ago".into(),
            refresh_url: "events/refresh".into(),
            currency: None,
            stale: false,
            fragment_url: "events/age".into(),
        }),
        read_at: "Change Events as of Nov 23, 2026, 16:02".into(),
        workbook_url: "workbook".into(),
        office: Deed::May("office".into()),
        selection: Some(SelectionBar { push: Deed::May("/push".into()), ..SelectionBar::default() }),
        selectable: true,
        sign: Some(SignOff { deed: Deed::May("sign-off".into()), ..SignOff::default() }),
        signed: vec![SignedRow {
            when: "Oct 31, 2026, 16:20".into(),
            url: "kept".into(),
            by: "Daniel Whitfield".into(),
            note: "October, agreed with the owner’s representative".into(),
            digest: "803523ace222".into(),
            compare_url: "compare".into(),
        }],
        ..ReconciliationPage::default()
    }
}

const DIFFERS: &str = "The Procore project is kept in CAD and these amounts are in USD. Amounts are never converted. Map this \
                       project to a Procore project that is kept in its currency.";

fn hindered() -> SignOff {
    SignOff {
        hindrance: format!(
            "These figures can't be signed off: amounts of Harbor Point Medical Office can't be compared with Procore. {DIFFERS}"
        ),
        ..SignOff::default()
    }
}

/// The Procore project is kept in another currency.
fn apart() -> ReconciliationPage {
    let why = "Kept in USD here and in CAD in Procore";
    let mut apart = groups().remove(1);
    apart.label = Category::NotComparable.name().into();
    apart.why = why.into();
    (apart.there, apart.gap) = ("".into(), "".into());
    for row in &mut apart.rows {
        row.id = String::new();
        (row.there, row.gap) = ("".into(), "".into());
    }
    let mut sums: Vec<SumRow> = [Category::Matched, Category::AmountDiffers, Category::NotInProcore, Category::Waiting]
        .map(|category| sum(category, "0", "0.00", "0.00", "0.00"))
        .into();
    let hint = why.into();
    sums.push(SumRow { hint, ..sum(Category::NotComparable, "48", "1,484,800.50", "", "") });
    sums.push(sum(Category::NotToPush, "4", "37,064.40", "0.00", "0.00"));
    sums.push(sum(Category::OnlyInProcore, "0 events", "", "0.00", "0.00"));
    ReconciliationPage {
        answer: "What the forecast lacks can’t be told: amounts of 48 CORs can’t be compared with Procore’s.".into(),
        notice: Some((DIFFERS.into(), Some(Link::new("Procore settings", "procore")))),
        sums,
        total: SumRow { there: "".into(), gap: "".into(), ..project().total },
        set_aside: "Not counted: 6 Change Events that are in another currency.".into(),
        groups: vec![apart],
        selectable: false,
        sign: Some(hindered()),
        ..project()
    }
}

fn office_apart() -> ReconciliationOffice {
    let mut office = office();
    for (n, row) in office.rows.iter_mut().chain(&mut office.totals).enumerate() {
        let hit = n == 0;
        let (count, amount) = if hit { ("48 CORs", "") } else { ("0 CORs", "0.00") };
        row.parts.insert(4, (Category::NotComparable.name(), count.into(), amount.into()));
        row.parts.push((domain::procore::footing::ROUNDING, String::new(), "0.01".into()));
        if hit {
            (row.events, row.gap) = ("".into(), "".into());
        }
        if n == 3 {
            row.without = "All columns without 1 that can’t be compared".into();
        }
    }
    ReconciliationOffice { sign: Some(hindered()), ..office }
}

fn office() -> ReconciliationOffice {
    let parts = |amounts: [&str; 6]| {
        let part = |(category, amount): (Category, &str)| (category.name(), "12 CORs".to_owned(), amount.into());
        let apart = [Category::NotComparable, Category::NotToPush];
        let shown = Category::ALL.into_iter().filter(|category| !apart.contains(category));
        shown.zip(amounts).map(part).collect::<Vec<_>>()
    };
    let section = |name: &str, side: &str, currency: &str| OfficeSection {
        name: name.into(),
        url: "/projects/1/reconciliation".into(),
        side: side.into(),
        currency: currency.into(),
        read: "3 min ago".into(),
        log: "1,521,864.90".into(),
        events: "302,087.72".into(),
        draft_or_void: ("4 CORs".into(), "37,064.40".into()),
        parts: parts(["124,810.42", "703.45", "1,346,890.08", "0.00", "0.00", "(164,880.75)"]),
        gap: "1,182,712.78".into(),
        without: String::new(),
    };
    let total =
        |currency: &str| OfficeSection { url: String::new(), ..section(&format!("Total in {currency}"), "", currency) };
    ReconciliationOffice {
        shell: shell("Reconciliation", NavItem::Settings),
        heading: "Portland office".into(),
        rows: vec![
            section("Harbor Point Medical Office", "Received", "USD"),
            section("Harbor Point Medical Office", "Sent", "USD"),
            section("Vancouver General, Phase II West Tower Interiors", "Received", "CAD"),
        ],
        totals: vec![total("USD"), total("CAD")],
        workbook_url: "workbook".into(),
        sign: Some(SignOff { deed: Deed::May("sign-off".into()), ..SignOff::default() }),
        ..ReconciliationOffice::default()
    }
}

fn compare() -> ReconciliationCompare {
    let compared = |category: Category| ComparedSum {
        label: category.name().into(),
        counts: ("42".into(), "39".into()),
        amounts: ("346,890.08".into(), "301,220.08".into()),
        difference: "(45,670.00)".into(),
    };
    let change = |number: &str, became: Pill, stood| ComparedRow {
        number: number.into(),
        url: "/cors/1".into(),
        party: "Cascade Mechanical, Inc.".into(),
        title: "Reroute 6\" chilled water main around added shear wall, Level 3".into(),
        became,
        stood,
    };
    let at = |category: Category, ours: &str, there: &str| (category.name(), ours.into(), there.into());
    ReconciliationCompare {
        shell: shell("What moved", NavItem::Reconciliation),
        heading: "Harbor Point Medical Office".into(),
        action_url: "/reconciliations/compare".into(),
        from: vec![Choice::new("1", "Oct 31, 2026, 16:20 UTC, Daniel Whitfield").chosen()],
        to: vec![Choice::new("", "Now").chosen()],
        dates: ("Oct 31, 2026".into(), "Now".into()),
        tampered: false,
        sections: vec![ComparedSection {
            label: "Received".into(),
            currency: "USD".into(),
            sums: Category::ALL.into_iter().map(compared).collect(),
            rows: vec![
                change(
                    "014.1",
                    Pill::new(Tone::Info, "Moved"),
                    [at(Category::NotInProcore, "18,450.00", "0.00"), at(Category::Matched, "18,450.00", "18,450.00")],
                ),
                change(
                    "013",
                    Pill::new(Tone::Quiet, "New"),
                    [("", "".into(), "".into()), at(Category::NotInProcore, "(12,600.00)", "0.00")],
                ),
            ],
            unchanged: "41 CORs stand as they stood.".into(),
            cut: String::new(),
        }],
    }
}
