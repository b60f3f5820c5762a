//! Samples of the wizard's first two steps: the change event, then lines and codes.

use domain::{
    CorId, Currency, Money, ProcoreId, ProjectId,
    cor::Breakdown,
    procore::{Amount, Side, preflight::ChangeEventPermission},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{DRAFT, head, siblings};
use crate::{
    gallery::{Pages, put, shell},
    integration::reference::{BudgetCode, EventStatus, ProcoreContract, ReferenceData, TypeOrReason},
    push::{
        EventToMake,
        choose_lines::Missing,
        event_choices::{EventChoices, EventToChoose},
        line_choices::LineChoices,
        pages::{
            age::Freshness,
            event::{EventPage, NewEventForm},
            head::WizardStep,
            lines::{CodesPage, codes, contracts},
        },
        preflight::First,
        push_draft::{DraftCor, DraftLine, PushDraft},
        push_plan::MappedStatus,
    },
    serving::views::{FormErrors, NavItem},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "push-1-event", &event());
    let mut new = event();
    new.new = Some(NewEventForm { chosen: true, ..new_event() });
    new.head.errors =
        FormErrors::one("new_number", "Number 011 is taken in this project. Choose another or leave it to Procore.");
    put(pages, "push-1-new-event", &new);
    put(pages, "push-1-linked", &linked());
    put(pages, "push-2-codes", &lines());
}

fn age(text: &str) -> Freshness {
    Freshness { text: text.into(), ..Freshness::default() }
}

fn cents(text: &str) -> Money {
    text.parse::<Amount>().ok().and_then(Amount::money).expect("a constant")
}

fn event() -> EventPage {
    let row = |number: &str, title: &str, status: (&str, &str), amount: &str, note: &str| EventToChoose {
        id: number.parse().expect("a constant"),
        number: number.into(),
        title: title.into(),
        status: MappedStatus { name: status.0.into(), mapped_to: status.1.into() },
        amount: cents(amount).into(),
        notes: Some(note).filter(|note| !note.is_empty()).map(str::to_owned).into_iter().collect(),
        refused: None,
    };
    let long = "Owner-directed acceleration of the imaging suite, including overtime premium for all trades";
    let closed = "CE 007 is Closed, and Procore may refuse changes to it.";
    let void = row("005", "Alternate 2, deleted by the owner", ("Void", "void"), "22400", "");
    let events = vec![
        row("012", "Tower crane relocation and temporary power", ("Open", "open"), "0", ""),
        row("011", "Level 3 coordination", ("Open", "open"), "49184.75", "2 of 5 lines are locked in Procore"),
        row("010", long, ("Pending Owner Review", "pending"), "318220", ""),
        row("009", "VAV deletion credit", ("Open", "open"), "-12600", ""),
        row("007", "Security revisions", ("Closed", "closed"), "14155.50", closed),
        EventToChoose { refused: Some("CE 005 is Void, and costs in a void event don't count.".into()), ..void },
    ];
    EventPage {
        shell: shell("Push to Procore", NavItem::Log),
        head: head(WizardStep::Event),
        draft: DRAFT,
        target: String::new(),
        side: Side::Received,
        search: String::new(),
        preflight: None,
        choices: EventChoices { events, nameless: Vec::new(), chosen: Some(11), tied: None, first: first() },
        age: age("Change Events as of 14:02 UTC, statuses and types as of 13:40 UTC"),
        before: None,
        new: Some(new_event()),
    }
}

/// Nothing stops it.
fn first() -> First {
    First { access: ChangeEventPermission::Level("admin".into()), procore_user: None, findings: Vec::new() }
}

fn new_event() -> NewEventForm {
    let title = "Reroute 6\" chilled water main around added shear wall, Level 3".into();
    NewEventForm { event: EventToMake { title, status_id: 1, ..EventToMake::default() }, chosen: false, data: listed() }
}

fn linked() -> EventPage {
    let mut page = event();
    page.new = None;
    page.choices.tied = Some("COR 014.1 and COR 012 are linked to CE 011, so they are updated there. Moving a COR to another event is not possible yet.".into());
    for event in page.choices.events.iter_mut().filter(|event| event.number != "011") {
        event.refused = Some("These CORs are linked to CE 011.".into());
    }
    page.head.siblings = siblings();
    page
}

/// What Procore lists.
fn listed() -> ReferenceData {
    let status =
        |id, name: &str| EventStatus { id, name: name.into(), mapped_to: name.to_lowercase(), default: id == 1 };
    let choice = |name: &str| vec![TypeOrReason { id: 1, name: name.into() }];
    let code =
        |id, code: &str, description: &str| BudgetCode { id, code: code.into(), description: description.into() };
    let contract = |id, number: &str, title: &str| ProcoreContract {
        id,
        number: number.into(),
        title: title.into(),
        status: "Approved".into(),
        vendor: Some(id),
        vendor_name: String::new(),
        currency: String::new(),
    };
    let mut budget_codes = vec![
        code(1, "23-2113.L", "Hydronic piping, labor"),
        code(2, "23-2113.M", "Hydronic piping, material"),
        code(3, "23-2113.E", "Hydronic piping, equipment"),
        code(4, "23-2113.O", "Hydronic piping, other"),
        code(5, "26-0513.S", "Medium-voltage cables and temporary power distribution, subcontract"),
    ];
    budget_codes
        .extend((6..300).map(|n| code(n, &format!("{:02}-{:04}.S", n % 33 + 1, n * 7), &format!("Sample code {n}"))));
    ReferenceData {
        unread: Vec::new(),
        statuses: vec![status(1, "Open"), status(2, "Pending")],
        types: choice("Owner Change"),
        reasons: choice("Design Development"),
        budget_codes,
        codes_gone: vec![code(900, "23-2113.X", "Hydronic piping, other")],
        commitments: vec![contract(7, "SC-23-007", "Mechanical"), contract(8, "SC-26-002", "Electrical")],
        prime_contracts: Vec::new(),
        codes_read_at: Timestamp::UNIX_EPOCH,
        fetched_at: Timestamp::UNIX_EPOCH,
    }
}

fn lines() -> CodesPage {
    let line = |key: &str, description: &str, amount: &str, code: Option<i64>| DraftLine {
        key: key.into(),
        description: description.into(),
        amount: cents(amount),
        budget_code_id: code.map(ProcoreId::from),
        suggested: false,
    };
    let cor = |number: &str, counterparty: &str, contract: Option<i64>, lines: Vec<DraftLine>| DraftCor {
        id: CorId(Uuid::nil()),
        number: number.into(),
        title: String::new(),
        counterparty: counterparty.into(),
        amount: lines.iter().map(|line| line.amount).sum(),
        taken_out: false,
        contract_id: contract.map(ProcoreId::from),
        lines,
    };
    let mechanical = "Cascade Mechanical, Inc.";
    let pipe = "Material: 6\" grooved pipe and fittings, including hangers and seismic bracing";
    let crane = "Temporary power for tower crane relocation (one total, as sent)";
    let cors = vec![
        cor(
            "014.1",
            mechanical,
            Some(7),
            vec![
                line("a1", "Labor: pipefitters, 62 h ST", "7480", Some(1)),
                line("a2", pipe, "8120", Some(2)),
                line("a3", "Equipment: scissor lift, 2 weeks", "2850.25", Some(3)),
                line("a4", "Rounding", "-0.25", Some(900)),
            ],
        ),
        cor("012", mechanical, Some(7), vec![line("b1", "Overtime premium, two weeks", "27904.75", Some(1))]),
        DraftCor { taken_out: true, ..cor("011", mechanical, None, Vec::new()) },
        cor("032", "Northline Electric LLC", None, vec![line("c1", crane, "41280", None)]),
    ];
    let data = listed();
    CodesPage {
        shell: shell("Push to Procore", NavItem::Log),
        head: head(WizardStep::Codes),
        preflight: None,
        target: String::new(),
        age: Freshness { changed: true, ..age("Budget codes as of 14:02 UTC") },
        insists: false,
        contracts: contracts(Side::Received, &data),
        codes: codes(&data),
        choices: LineChoices {
            prime: None,
            about_markup: None,
            asks_revenue: true,
            first: first(),
            data,
            draft: PushDraft {
                id: DRAFT,
                project_id: ProjectId(Uuid::nil()),
                side: Side::Received,
                amount: cents("87634.75"),
                currency: Currency::Usd,
                linked_event_id: None,
                event: None,
                detail: Breakdown::LineItems,
                no_revenue_expected: false,
                cors,
                suggested: true,
                budget_code_for_all: None,
                missing: Missing { event: false, contracts: 1, budget_codes: vec!["a4".into(), "c1".into()] },
                preflight: Vec::new(),
                planned: false,
                push_id: None,
            },
        },
    }
}
