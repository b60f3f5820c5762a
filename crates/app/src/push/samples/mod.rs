//! Samples of the push wizard.

pub mod result;
pub mod review;

use crate::{
    gallery::{Pages, put, shell},
    push::views::{
        CodeLine, CodesCor, CodesStep, Detail, EventRow, EventStep, Freshness, Group, NewEvent, Step, WizardHead,
    },
    serving::views::{Choice, FormErrors, NavItem, Pill, Tone},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "push-1-event", &event_step());
    let mut new = event_step();
    new.events[1].selected = false;
    if let Some(form) = &mut new.new {
        form.selected = true;
    }
    new.head.errors =
        FormErrors::one("new_number", "Number 011 is taken in this project. Choose another or leave it to Procore.");
    put(pages, "push-1-new-event", &new);
    put(pages, "push-1-linked", &linked());
    put(pages, "push-2-codes", &codes_step());
    review::add(pages);
}

pub(crate) fn head(step: Step) -> WizardHead {
    let urls = ["event", "codes", "review", "result"];
    let reached = |place: usize| (place <= step as usize).then(|| urls[place].to_owned());
    WizardHead {
        heading: "Push 3 CORs to Procore".into(),
        step,
        step_urls: std::array::from_fn(reached),
        close_url: "/projects/1/log/received".into(),
        ..WizardHead::default()
    }
}

fn event_step() -> EventStep {
    let row = |number: &str, title: &str, status: (Tone, &str), total: &str, note: &str| EventRow {
        value: format!("59813{number}"),
        number: number.into(),
        title: title.into(),
        status: Pill::new(status.0, status.1),
        total: total.into(),
        note: note.into(),
        ..EventRow::default()
    };
    let mut events = vec![
        row("012", "Tower crane relocation and temporary power", (Tone::Good, "Open"), "0.00", ""),
        row("011", "Level 3 coordination", (Tone::Good, "Open"), "49,184.75", "2 of 5 lines are locked in Procore"),
        row(
            "010",
            "Owner-directed acceleration of the imaging suite, including overtime premium for all trades",
            (Tone::Warn, "Pending Owner Review"),
            "318,220.00",
            "",
        ),
        row("009", "VAV deletion credit", (Tone::Good, "Open"), "(12,600.00)", ""),
        row(
            "007",
            "Security revisions",
            (Tone::Good, "Closed"),
            "14,155.50",
            "CE 007 is Closed, and Procore may refuse changes to it.",
        ),
        row("005", "Alternate 2, deleted by the owner", (Tone::Quiet, "Void"), "22,400.00", ""),
    ];
    events[5].refused = "CE 005 is Void, and costs in a void event don't count.".into();
    events[1].selected = true;
    EventStep {
        amount_heading: "Cost",
        shell: shell("Push to Procore", NavItem::Log),
        head: head(Step::Event),
        action_url: "event".into(),
        search_url: "event".into(),
        events,
        age: age("Change Events as of 14:02 UTC, statuses and types as of 13:40 UTC"),
        new: Some(new_event()),
        ..EventStep::default()
    }
}

fn new_event() -> NewEvent {
    NewEvent {
        title: "Reroute 6\" chilled water main around added shear wall, Level 3".into(),
        scopes: vec![
            Choice::new("tbd", "TBD").chosen(),
            Choice::new("in_scope", "In Scope"),
            Choice::new("out_of_scope", "Out of Scope"),
        ],
        statuses: vec![Choice::new("1", "Open").chosen(), Choice::new("2", "Pending")],
        types: vec![Choice::new("", "None"), Choice::new("1", "Owner Change")],
        reasons: vec![Choice::new("", "None"), Choice::new("1", "Design Development")],
        ..NewEvent::default()
    }
}

fn linked() -> EventStep {
    let mut step = event_step();
    step.new = None;
    step.tied = Some("COR 014.1 and COR 012 are linked to CE 011, so they are updated there. Moving a COR to another event is not possible yet.".into());
    for row in &mut step.events {
        if row.number != "011" {
            row.refused = "These CORs are linked to CE 011.".into();
        }
    }
    let group =
        |label: &str, current: bool, done: bool| Group { label: label.into(), url: "?group=1".into(), current, done };
    step.head.groups = vec![
        group("CE 011 · 2 CORs", true, false),
        group("CE 008 · 1 COR", false, true),
        group("Not yet in Procore · 1 COR", false, false),
    ];
    step
}

fn budget_codes() -> Vec<Choice> {
    let code = |value: &str, label: &str| Choice::new(value, label);
    let mut codes = vec![
        code("1", "23-2113.L · Hydronic piping, labor"),
        code("2", "23-2113.M · Hydronic piping, material"),
        code("3", "23-2113.E · Hydronic piping, equipment"),
        code("4", "23-2113.O · Hydronic piping, other"),
        code("5", "26-0513.S · Medium-voltage cables and temporary power distribution, subcontract"),
    ];
    codes
        .extend((6..300).map(|n| code(&n.to_string(), &format!("{:02}-{:04}.S · Sample code {n}", n % 33 + 1, n * 7))));
    codes
}

fn codes_step() -> CodesStep {
    let line = |key: &str, text: &str, amount: &str, code: &str| CodeLine {
        key: key.into(),
        text: text.into(),
        amount: amount.into(),
        code: code.into(),
        ..CodeLine::default()
    };
    let mut rounding = line("a4", "Rounding", "(0.25)", "");
    rounding.error =
        "23-2113.X · Hydronic piping, other is not in the project's budget any more. Choose another one.".into();
    let mut locked = line("b1", "Overtime premium, two weeks", "27,904.75", "1");
    locked.locked = "Locked in Procore: tied to RFQ 3".into();
    CodesStep {
        chooses: true,
        shell: shell("Push to Procore", NavItem::Log),
        head: head(Step::Codes),
        action_url: "codes".into(),
        back_url: "event".into(),
        age: Freshness { changed: true, ..age("Budget codes as of 14:02 UTC") },
        preflight: None,
        detail: Detail::LineItems,
        for_all: String::new(),
        contract_heading: "Commitment".into(),
        contract_placeholder: "Choose a contract…".into(),
        contract_needed: true,
        about_markup: String::new(),
        no_revenue: Some(false),
        contracts: vec![
            Choice::new("7", "SC-23-007 · Mechanical (Approved)"),
            Choice::new("8", "SC-26-002 · Electrical (Approved)"),
        ],
        codes: budget_codes(),
        unseen: vec![
            "Procore doesn't show the names of some vendors. Ask a Procore Admin for Read Only permission on the Directory.".into(),
        ],
        cors: vec![
            CodesCor {
                id: "1".into(),
                label: "COR 014.1".into(),
                party: "Cascade Mechanical, Inc.".into(),
                amount: "18,450.00".into(),
                contract: "7".into(),
                contract_fixed: None,
                nothing: String::new(),
                lines: vec![
                    line("a1", "Labor: pipefitters, 62 h ST", "7,480.00", "1"),
                    line(
                        "a2",
                        "Material: 6\" grooved pipe and fittings, including hangers and seismic bracing",
                        "8,120.00",
                        "2",
                    ),
                    line("a3", "Equipment: scissor lift, 2 weeks", "2,850.25", "3"),
                    rounding,
                ],
            },
            CodesCor {
                id: "2".into(),
                label: "COR 012".into(),
                party: "Cascade Mechanical, Inc.".into(),
                amount: "27,904.75".into(),
                contract: "7".into(),
                contract_fixed: Some("SC-23-007 · Mechanical (Approved)".into()),
                nothing: String::new(),
                lines: vec![locked],
            },
            CodesCor {
                id: "4".into(),
                label: "COR 011".into(),
                party: "Cascade Mechanical, Inc.".into(),
                amount: "0.00".into(),
                nothing: "It is void: its lines are removed, and nothing is to be chosen.".into(),
                ..CodesCor::default()
            },
            CodesCor {
                id: "3".into(),
                label: "COR 032".into(),
                party: "Northline Electric LLC".into(),
                amount: "41,280.00".into(),
                contract: String::new(),
                contract_fixed: None,
                nothing: String::new(),
                lines: vec![line(
                    "c1",
                    "Temporary power for tower crane relocation (one total, as sent)",
                    "41,280.00",
                    "",
                )],
            },
        ],
        suggested: "Codes were suggested from the last push of the same contract.".into(),
        missing: "2 lines still need a budget code, 1 COR a contract".into(),
    }
}

fn age(text: &str) -> Freshness {
    Freshness { text: text.into(), ..Freshness::default() }
}
