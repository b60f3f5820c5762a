//! Samples of the comparison with Procore: everything off at once, nothing off, and a removal.

use domain::{
    CorId, Currency, Money, ProcoreId, ProjectId,
    procore::{Amount, Side, push::Purpose, push_state::ProcoreState},
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    comparison::{
        ComparedLine, Comparison, Difference, EventThen, LinkedEvent, OfferedResolution, RemovalPlan, Resolution,
        Unlinked,
        look::{GONE, ThreeAmounts},
        pages::{ComparisonPage, RemovalPage},
    },
    gallery::{Pages, put, shell},
    serving::views::NavItem,
};

pub(crate) fn add(pages: &mut Pages) {
    let now = read_at() + jiff::SignedDuration::from_mins(4);
    let mut show = |name, seen: &Comparison| {
        put(pages, name, &ComparisonPage { shell: shell("Compare with Procore", NavItem::Log), seen, now });
    };
    show("drift-changed", &changed());
    show("drift-calm", &calm());
    show("drift-deleted", &deleted());
    show("drift-fractions-of-a-cent", &fractions());
    let mut show = |name, plan: &RemovalPlan| {
        put(pages, name, &RemovalPage { shell: shell("Remove the surplus of COR 014", NavItem::Log), plan });
    };
    show("drift-remove", &removal());
    let why = "A line is tied to RFQ 3 in Procore";
    let mut locked = removal();
    locked.locked_lines.push(ComparedLine { notes: vec![why.into()], ..to_remove("Equipment: trench box", "450") });
    locked.hindrance =
        Some(format!("1 of these lines can't be removed: {why}. Free them in Procore, or unlink and keep them."));
    show("drift-remove-locked", &locked);
    let mut fractions = removal();
    fractions.lines = (1..=3).map(|n| to_remove(&format!("Crane time, part {n}"), "33.3333")).collect();
    (fractions.total, fractions.rounding) = (amount("100"), Money::minor(1));
    fractions.event_after = amount("48019.99");
    show("drift-remove-fractions-of-a-cent", &fractions);
}

fn read_at() -> Timestamp {
    "2026-11-23T16:00:00Z".parse().unwrap_or_default()
}

fn amount(text: &str) -> Amount {
    text.parse::<Decimal>().map_or(Amount::Unreadable, Amount::of)
}

fn found(state: ProcoreState, text: &str) -> Difference {
    Difference { state, text: text.into() }
}

fn line(
    text: &str,
    found: Option<ProcoreState>,
    notes: &[&str],
    [pushed, in_log, in_procore]: [&str; 3],
) -> ComparedLine {
    let amount = |text: &str| (!text.is_empty()).then(|| amount(text));
    ComparedLine {
        text: text.into(),
        pushed: amount(pushed),
        in_log: amount(in_log).and_then(Amount::money),
        in_procore: amount(in_procore),
        found: found.map(|state| Difference { state, text: String::new() }).into_iter().collect(),
        notes: notes.iter().map(|note| (*note).to_owned()).collect(),
        ..ComparedLine::default()
    }
}

fn three([pushed, in_log, in_procore]: [&str; 3]) -> ThreeAmounts {
    ThreeAmounts { pushed: amount(pushed), in_log: amount(in_log), in_procore: amount(in_procore) }
}

fn offered(resolution: Resolution) -> OfferedResolution {
    OfferedResolution::of(resolution, Side::Received, Unlinked::LinesStay, false)
}

fn seen(state: ProcoreState) -> Comparison {
    Comparison {
        cor_id: CorId(Uuid::nil()),
        number: "014".into(),
        title: "Reroute the storm drain around the new footing".into(),
        project_id: ProjectId(Uuid::nil()),
        project_name: "Harbor Point Medical Office".into(),
        side: Side::Received,
        state,
        reason: String::new(),
        currency: Currency::Usd,
        currency_in_procore: None,
        not_compared: None,
        version: "1.1".into(),
        read_at: Some(read_at()),
        push_id: None,
        open: Vec::new(),
        summary: "Procore has what was pushed.".into(),
        left_alone: Vec::new(),
        event: Some(LinkedEvent {
            number: "011".into(),
            title: "Level 3 coordination".into(),
            status: "Closed".into(),
            url: Some("https://procore.example/".into()),
        }),
        event_then: None,
        event_now: None,
        added_by_procore: None,
        markup_edited: false,
        lines: Vec::new(),
        totals: ThreeAmounts::default(),
        rounding: ThreeAmounts::default(),
        resolutions: [Resolution::Overwrite, Resolution::Unlink, Resolution::UnlinkAndRemove, Resolution::Move]
            .map(offered)
            .into(),
    }
}

fn event(status: &str, gone: bool) -> EventThen {
    EventThen { status: status.into(), gone, prime_contract_id: None, prime_contract: None }
}

fn changed() -> Comparison {
    use ProcoreState as S;
    let contract = |status| EventThen {
        prime_contract_id: Some(ProcoreId::from(1)),
        prime_contract: Some("PC-001".into()),
        ..event(status, false)
    };
    let mut changed = seen(S::Surplus);
    let accepting = "Cascade Mechanical, Inc. wrote this COR, so it stays at 15,830.00. We record that you accept 17,400.00 in Procore.";
    let accept = OfferedResolution { text: accepting.into(), ..offered(Resolution::Accept) };
    changed.resolutions.splice(1..1, [accept, offered(Resolution::Leave)]);
    changed.resolutions.insert(0, offered(Resolution::RemoveSurplus));
    Comparison {
        open: vec![
            found(S::Surplus, "A line of 3,200.00 is in Procore that no push accounts for."),
            found(S::LineChanged, "A line was changed in Procore: 12,600.00 → 11,000.00."),
            found(S::EventStatusChanged, "The Change Event’s status was changed: Open → Closed."),
        ],
        left_alone: vec![found(S::LineLocked, "A line is tied to RFQ 3 in Procore now.")],
        event_then: Some(contract("Open")),
        event_now: Some(contract("Closed")),
        lines: vec![
            line(
                "Labor: pipefitters, second shift",
                Some(S::LineChanged),
                &[
                    "In Procore it says “COR 014: Labor, agreed with R. Calloway [#7F3A9K2M.1]”.",
                    "In Procore it has another budget code.",
                ],
                ["12600", "12900", "11000"],
            ),
            line(
                "Material: 12\" RCP, class III",
                Some(S::LineLocked),
                &["A line is tied to RFQ 3 in Procore now."],
                ["3200", "3200", "3200"],
            ),
            line("Equipment: trench box", Some(S::LineRemoved), &[], ["-450", "-450", ""]),
            line("COR 014: Material: 12\" RCP, class III [#7F3A9K2M.2]", Some(S::Surplus), &[], ["", "", "3200"]),
            line("Other: permit", None, &[], ["", "180", ""]),
        ],
        totals: three(["15350", "15830", "17400"]),
        ..changed
    }
}

/// Somebody changed our lines to amounts that are finer than a cent.
fn fractions() -> Comparison {
    let changed = ProcoreState::LineChanged;
    let third = |n: u8| line(&format!("Crane time, part {n}"), Some(changed), &[], ["30", "30", "33.3333"]);
    Comparison {
        open: vec![found(changed, "A line was changed in Procore: 30.00 → 33.33.")],
        lines: vec![third(1), third(2), third(3)],
        totals: three(["90", "90", "99.9999"]),
        rounding: three(["0", "0", "0.01"]),
        ..seen(changed)
    }
}

/// Somebody deleted the event.
fn deleted() -> Comparison {
    let mut seen = seen(ProcoreState::EventDeleted);
    seen.resolutions.truncate(1);
    seen.resolutions.push(OfferedResolution::of(Resolution::Unlink, Side::Received, Unlinked::LinesWent, false));
    Comparison {
        open: vec![found(
            ProcoreState::EventDeleted,
            "The Change Event was deleted in Procore, or is not shown any more.",
        )],
        event: seen.event.map(|event| LinkedEvent { status: GONE.into(), ..event }),
        event_then: Some(event("Open", false)),
        event_now: Some(event("Open", true)),
        lines: vec![line("Lead-lined board in X-ray 1", None, &[], ["4210", "4210", ""])],
        totals: three(["4210", "4210", "0"]),
        ..seen
    }
}

fn calm() -> Comparison {
    let mut seen = seen(ProcoreState::UpToDate);
    seen.resolutions[0].why_not = Some("Only people who run this project push to Procore.".into());
    Comparison {
        summary:
            "Difference of (0.01): Procore has 4,210.01, and this COR asks for 4,210.00. Nothing waits for a decision."
                .into(),
        lines: vec![line("Lead-lined board in X-ray 1", None, &[], ["4210.01", "4210", "4210.01"])],
        totals: three(["4210.01", "4210", "4210.01"]),
        ..seen
    }
}

fn to_remove(text: &str, held: &str) -> ComparedLine {
    ComparedLine { text: text.into(), in_procore: Some(amount(held)), ..ComparedLine::default() }
}

fn removal() -> RemovalPlan {
    RemovalPlan {
        purpose: Purpose::RemoveSurplus,
        cor_id: CorId(Uuid::nil()),
        number: "014".into(),
        project_id: ProjectId(Uuid::nil()),
        project_name: "Harbor Point Medical Office".into(),
        side: Side::Received,
        event_id: ProcoreId::from(1),
        event_number: "011".into(),
        event_title: "Level 3 coordination".into(),
        event_url: Some("https://procore.example/".into()),
        currency: "USD".into(),
        lines: vec![to_remove("COR 014: Material: 12\" RCP, class III [#7F3A9K2M.2]", "3200")],
        locked_lines: Vec::new(),
        total: amount("3200"),
        rounding: Money::ZERO,
        event_before: amount("48120"),
        event_after: amount("44920"),
        digest: "1:320000".into(),
        hindrance: None,
    }
}
