//! Samples of a COR's page and editor, and of Change Notifications.

use domain::{
    cor::{Means, Status},
    procore::push_state::ProcoreState,
};

use crate::{
    cor::views::{Activity, AskReason, AskRecord, AskStatus, CorForm, CorLine, CorPage, CorSection, Overtaken},
    gallery::{Pages, put, shell},
    log::views::cell::{EventRef, ProcoreCell},
    notifications::views::{
        NotificationForm, NotificationList, NotificationPage, NotificationRow, RespondPage, ResponseCor, ResponseRow,
    },
    serving::{
        views::{Choice, Deed, FormErrors, Link, NavItem, Pill, Text, Tone},
        words,
    },
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "cor", &page());
    let ask = AskStatus {
        question: "Set COR 014.1 for 18,450.00 to Void?".into(),
        consequence: "It counts among the Void ones from then on. Cascade Mechanical, Inc. sees it at once.".into(),
        status: Status::Void.code(),
        button: "Set to Void".into(),
        class: "danger",
        url: "status".into(),
        cancel_url: "/cors/1".into(),
        ..AskStatus::default()
    };
    let returning = AskStatus {
        question: "Set COR 014.1 for 18,450.00 to Revise and Resubmit?".into(),
        consequence:
            "Its approval is taken back, and its price can be changed. Cascade Mechanical, Inc. sees it at once.".into(),
        status: Status::ReviseAndResubmit.code(),
        button: "Set to Revise and Resubmit".into(),
        class: "primary",
        reason: Some(AskReason { label: "What has to change", required: true, typed: String::new() }),
        errors: FormErrors::one("reason", "Say why the approval is taken back. The other company reads it."),
        ..ask.clone()
    };
    let approved = CorPage { status: words::status(Status::ApprovedToProceed), status_mark: words::RECORDED, ..page() };
    put(pages, "cor-approval-is-taken-back", &CorPage { ask: Some(returning), ..approved });
    let recording = AskStatus {
        question: "Set COR 014.1 for 18,450.00 to Approved to Proceed?".into(),
        consequence: "Harbor Point Health hasn't joined, so you record the approval that you were given.".into(),
        status: Status::ApprovedToProceed.code(),
        button: "Set to Approved to Proceed".into(),
        class: "primary",
        record: Some(AskRecord {
            means: Means::ALL.into_iter().map(|m| Choice::new(m.code(), m.name())).collect(),
            given_on: "2026-11-03".into(),
        }),
        ..ask.clone()
    };
    put(pages, "cor-approval-is-recorded", &CorPage { ask: Some(recording), ..page() });
    let returned = CorPage {
        status: words::status(Status::ReviseAndResubmit),
        returned: "Returned for revision: “Show labor by crew, and attach the supplier's quote.”".into(),
        set_status: Deed::MayNot("Only the company that receives this COR can approve it.".into()),
        ..page()
    };
    put(pages, "cor-returned", &returned);
    put(pages, "cor-void-is-asked", &CorPage { ask: Some(ask), ..page() });
    let far_off = CorPage {
        rounding: Some("(1,840.30)".into()),
        rounding_warning: "The total was typed: 18,450.00. The lines add up to 20,290.30.".into(),
        ..page()
    };
    put(pages, "cor-total-far-from-its-lines", &far_off);
    let draft = CorPage {
        status: words::status(Status::Draft),
        set_status: Deed::Absent,
        send: Deed::May("send".into()),
        push: Deed::MayNot("Drafts cannot be pushed. Send it first.".into()),
        description: String::new(),
        sections: Vec::new(),
        rounding: None,
        total: "0.00".into(),
        procore: ProcoreCell::default(),
        procore_facts: Vec::new(),
        procore_links: Vec::new(),
        activity: Vec::new(),
        ..page()
    };
    put(pages, "cor-draft", &draft);
    put(pages, "cor-new", &new_form());
    put(pages, "cor-edit", &edit_form());
    put(pages, "cor-edit-overtaken", &overtaken_form());
    put(pages, "cor-edit-approved", &locked_form());
    let doubtful = CorForm {
        errors: FormErrors::default(),
        computed: "20,290.30".into(),
        typed_total: "18,450.00".into(),
        rounding: Some("(1,840.30)".into()),
        far_off: true,
        doubtful: true,
        ..edit_form()
    };
    put(pages, "cor-edit-total-is-asked-about", &doubtful);
    let alone = CorForm {
        sections: new_form().sections,
        computed: "0.00".into(),
        rounding: None,
        far_off: false,
        lost_its_lines: true,
        settled: ("1845000".into(), "1844975".into()),
        ..doubtful
    };
    put(pages, "cor-edit-total-without-lines", &alone);
    add_notifications(pages);
}

fn line(description: &str, quantity: &str, unit: &str, rate: &str, amount: &str) -> CorLine {
    CorLine {
        id: "1".into(),
        description: description.into(),
        quantity: quantity.into(),
        unit: unit.into(),
        rate: rate.into(),
        amount: amount.into(),
        computed: !quantity.is_empty(),
        error: String::new(),
    }
}

fn section(key: &'static str, name: &'static str, subtotal: &str, lines: Vec<CorLine>) -> CorSection {
    CorSection { key, name, lines, subtotal: subtotal.into() }
}

fn sections() -> Vec<CorSection> {
    vec![
        section(
            "labor",
            "Labor",
            "7,480.00",
            vec![line("Pipefitters, straight time", "62", "h", "120.645161", "7,480.00")],
        ),
        section(
            "material",
            "Material",
            "7,869.75",
            vec![
                line(
                    "6\" grooved pipe and fittings, including hangers and seismic bracing per bulletin 5",
                    "1",
                    "lot",
                    "8,120.00",
                    "8,120.00",
                ),
                line("Credit for unused 4\" pipe returned to the yard", "", "", "", "(250.25)"),
            ],
        ),
        section("equipment", "Equipment", "1,100.00", vec![line("Scissor lift", "2", "wk", "550.00", "1,100.00")]),
        section(
            "other",
            "Other",
            "2,000.00",
            vec![line("Engineering for the added shear wall penetration", "", "", "", "2,000.00")],
        ),
    ]
}

fn page() -> CorPage {
    let activity =
        |who: &str, when: &str, what: &str| Activity { when: when.into(), who: who.into(), what: what.into() };
    let fact = |name: &str, value: &str| (name.to_owned(), Text::from(value));
    CorPage {
        revision: 4,
        shell: shell("COR 014.1", NavItem::Log),
        label: "COR 014.1".into(),
        title: "Reroute 6\" chilled water main around added shear wall, Level 3".into(),
        status: words::status(Status::InReview),
        set_status: Deed::May("status".into()),
        statuses: Status::ALL[1..].iter().copied().map(choice).collect(),
        statuses_note: String::new(),
        status_mark: "",
        returned: String::new(),
        ask: None,
        send: Deed::Absent,
        delete: Deed::Absent,
        edit: Deed::May("edit".into()),
        push: Deed::May("/pushes".into()),
        id: "cor-014.1".into(),
        details: vec![
            fact("Contractor", "Cascade Mechanical, Inc."),
            fact("Contract", "23A - Mechanical"),
            fact("Submitted", "Oct 28, 2026"),
            fact("Days in review", "26"),
            fact("Customer reference", "PCO 22"),
            fact("My job number", ""),
        ],
        description: "Structural bulletin 5 adds a shear wall at grid line C.\nReroute the main around it; see RFI 41."
            .into(),
        currency: "USD".into(),
        sections: sections(),
        rounding: Some("0.25".into()),
        rounding_warning: String::new(),
        total: "18,450.00".into(),
        procore: ProcoreCell {
            event: Some(EventRef {
                label: "CE 011".into(),
                status: "Open".into(),
                url: "https://procore.example/".into(),
            }),
            ..ProcoreCell::of(ProcoreState::UpdateNeeded)
        },
        procore_facts: vec![
            fact("Event", "Level 3 coordination"),
            fact("In Procore", "14,980.00"),
            fact("Here", "18,450.00"),
            fact("Last push", "Nov 3, 14:32 by Dana Whitfield, line items"),
        ],
        procore_links: vec![Link::new("Compare with Procore", "/cors/1/drift")],
        activity: vec![
            activity("Luis Ortega", "Nov 5, 09:12", "changed the total from 14,980.00 to 18,450.00"),
            activity("Dana Whitfield", "Nov 3, 14:32", "pushed it to CE 011: 14,980.00 on 3 lines"),
            activity("Luis Ortega", "Oct 28, 10:01", "sent it"),
        ],
    }
}

fn choice(status: Status) -> Choice {
    let choice = Choice::new(status.code(), status.name());
    if status == Status::InReview { choice.chosen() } else { choice }
}

fn empty_line() -> CorLine {
    CorLine::default()
}

fn new_form() -> CorForm {
    let names = [("labor", "Labor"), ("material", "Material"), ("equipment", "Equipment"), ("other", "Other")];
    CorForm {
        shell: shell("New COR", NavItem::Log),
        heading: "New COR".into(),
        action_url: "new".into(),
        cancel_url: "/projects/1/log/sent".into(),
        number: "15".into(),
        contracts: vec![Choice::new("1", "23A - Mechanical").chosen()],
        currency: "USD".into(),
        sections: names.into_iter().map(|(key, name)| section(key, name, "0.00", vec![empty_line()])).collect(),
        computed: "0.00".into(),
        draft: true,
        ..CorForm::default()
    }
}

fn locked_form() -> CorForm {
    let mut locked = CorForm {
        errors: FormErrors::default(),
        locked: true,
        locked_why: Status::ApprovedToProceed.settles_price(true).unwrap_or_default(),
        ..edit_form()
    };
    // As the page does it: nothing is added, and what is approved could be read.
    for section in &mut locked.sections {
        section.lines.retain(|line| !line.is_empty());
        section.lines.iter_mut().for_each(|line| line.error.clear());
    }
    locked
}

fn edit_form() -> CorForm {
    let mut sections = sections();
    for section in &mut sections {
        section.lines.push(empty_line());
    }
    sections[1].lines[1].error = "“(25o.25)” is not an amount.".into();
    let mut errors = FormErrors::one("number", "COR 014 exists already in this project; 15 is the next free number.");
    errors.add("", "One line has no amount that could be read.");
    CorForm {
        heading: "Edit COR 014.1".into(),
        version: "3".into(),
        number: "014".into(),
        title: "Reroute 6\" chilled water main around added shear wall, Level 3".into(),
        description: "Structural bulletin 5 adds a shear wall at grid line C.".into(),
        reference: "PCO 22".into(),
        sections,
        computed: "18,449.75".into(),
        total: "18,450.00".into(),
        rounding: Some("0.25".into()),
        draft: false,
        notice: "This COR is in CE 011. Saving a change marks it Update needed until it is pushed again.".into(),
        errors,
        mark: Some(Pill::new(Tone::Warn, "In Review")),
        ..new_form()
    }
}

/// A colleague was faster.
fn overtaken_form() -> CorForm {
    CorForm {
        errors: FormErrors::default(),
        overtaken: Some(Overtaken {
            sentence: "Somebody changed this COR in the meantime. It is In Review for 19,200.00 now.".into(),
            url: "/cors/1".into(),
            version: "4".into(),
        }),
        ..edit_form()
    }
}

fn add_notifications(pages: &mut Pages) {
    let row = |number: &str, title: &str, due: &str, overdue: bool, responded: &str, state: Pill| NotificationRow {
        number: number.into(),
        url: "/notifications/4".into(),
        title: title.into(),
        reference: "PCO 24".into(),
        sent: "Nov 3".into(),
        due: due.into(),
        overdue,
        responded: responded.into(),
        state,
    };
    let list = NotificationList {
        shell: shell("Change Notifications", NavItem::Notifications),
        sent: true,
        sent_url: "sent".into(),
        received_url: "received".into(),
        add: Deed::May("new".into()),
        rows: vec![
            row(
                "CN 4",
                "Added card readers at stair 2, loading dock and the new medication room on Level 3",
                "Nov 17",
                true,
                "2 of 3",
                Pill::new(Tone::Warn, "Open"),
            ),
            row("CN 3", "Lobby soffit, bulletin 5", "Nov 10", false, "1 of 1", Pill::new(Tone::Good, "All answered")),
        ],
    };
    let received = NotificationList {
        sent: false,
        add: Deed::Absent,
        rows: vec![
            row(
                "CN 4",
                "Added card readers at stair 2",
                "Nov 17",
                true,
                "Whitfield & Sons Construction",
                Pill::new(Tone::Warn, "Waits for you"),
            ),
            row(
                "CN 3",
                "Lobby soffit, bulletin 5",
                "",
                false,
                "Whitfield & Sons Construction",
                Pill::new(Tone::Good, "Answered with COR 033"),
            ),
        ],
        ..list.clone()
    };
    put(pages, "notifications-sent", &list);
    put(pages, "notifications-received", &received);
    put(pages, "notifications-empty", &NotificationList { rows: Vec::new(), ..list });
    let form = NotificationForm {
        shell: shell("New Change Notification", NavItem::Notifications),
        action_url: "new".into(),
        cancel_url: "list".into(),
        due: "2026-12-04".into(),
        contracts: vec![
            Choice { hint: "26A - Electrical".into(), ..Choice::new("1", "Northline Electric LLC").chosen() },
            Choice { hint: "23A - Mechanical".into(), ..Choice::new("2", "Cascade Mechanical, Inc.") },
        ],
        ..NotificationForm::default()
    };
    put(pages, "notification-new", &form);
    put(pages, "notification-responses", &responses());
    put(pages, "notification-respond", &respond(false));
    put(pages, "notification-responded", &respond(true));
}

fn details() -> Vec<(String, Text)> {
    let fact = |name: &str, value: &str| (name.to_owned(), Text::from(value));
    vec![
        fact("From", "Whitfield & Sons Construction"),
        fact("Sent", "Nov 3, 2026"),
        fact("Price due", "Nov 17, 2026"),
        fact("Reference", "PCO 24"),
    ]
}

const ASKED: &str = "Add card readers at stair 2 and the loading dock.\nInclude power, data and the door hardware interface; see ASI 31.";

fn response_cor(state: Option<ProcoreState>) -> ResponseCor {
    ResponseCor {
        id: "cor-033".into(),
        label: "COR 033".into(),
        url: "/cors/033".into(),
        title: "Card readers at stair 2 and loading dock, with power and data".into(),
        status: words::status(Status::InReview),
        amount: "9,735.50".into(),
        procore: ProcoreCell { state, ..ProcoreCell::default() },
        selected: true,
    }
}

fn response(contractor: &str, state: Pill, when: &str, note: &str, cors: Vec<ResponseCor>) -> ResponseRow {
    ResponseRow { contractor: contractor.into(), state, when: when.into(), note: note.into(), cors }
}

fn responses() -> NotificationPage {
    NotificationPage {
        shell: shell("CN 4", NavItem::Notifications),
        heading: "CN 4 · Added card readers".into(),
        details: details(),
        description: ASKED.into(),
        responded: "2 of 3 contractors responded".into(),
        responses: vec![
            response(
                "Northline Electric LLC · 26A - Electrical",
                Pill::new(Tone::Good, "Responded"),
                "Nov 5, 09:12",
                "",
                vec![response_cor(Some(ProcoreState::NotInProcore))],
            ),
            response(
                "Cascade Mechanical, Inc. · 23A - Mechanical",
                Pill::new(Tone::Quiet, "Declined"),
                "Nov 6, 16:40",
                "No cost: nothing of ours is affected.",
                vec![],
            ),
            response(
                "Ridgeway Drywall & Acoustical Specialties of the Northwest · 09B - Drywall",
                Pill::new(Tone::Warn, "No answer yet"),
                "",
                "",
                vec![],
            ),
        ],
        push: Deed::May("/pushes".into()),
    }
}

fn respond(answered: bool) -> RespondPage {
    let answer = response("", Pill::new(Tone::Good, "Responded"), "Nov 5, 09:12", "", vec![response_cor(None)]);
    RespondPage {
        shell: shell("CN 4", NavItem::Notifications),
        heading: "CN 4 · Added card readers".into(),
        details: details(),
        description: ASKED.into(),
        answered: answered.then_some(answer),
        respond: Deed::May("respond".into()),
        no_decline: if answered { crate::notifications::ANSWERED_WITH_A_COR } else { "" },
        create_url: "/cors/new?notification=4".into(),
        cors: vec![
            Choice::new("1", "COR 033 · Card readers at stair 2 · 9,735.50"),
            Choice::new("2", "COR 034 · Conduit at roof · 1,200.00"),
        ],
        errors: FormErrors::default(),
    }
}
