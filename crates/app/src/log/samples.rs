//! Samples of the COR Log.

use domain::{cor::Status, procore::push_state::ProcoreState};

use crate::{
    gallery::{Pages, put, shell},
    log::views::{
        Bucket, EventsAge, Facet, FacetOption, LogEmpty, LogPage, LogRow, Pager, SelectionBar, SortColumn,
        cell::{EventRef, ProcoreCell},
    },
    serving::{
        views::{Deed, Link, NavItem, Text},
        words,
    },
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "log-received", &received());
    put(pages, "log-filtered", &filtered());
    put(pages, "log-sent-field-user", &sent_by_field_user());
    let nothing = LogPage {
        rows: Vec::new(),
        empty: LogEmpty::NothingMatches,
        search: "<script>alert(1)</script>".into(),
        clear_url: Some("?".into()),
        summary: "0 of 60 CORs".into(),
        ..received()
    };
    put(pages, "log-search-finds-nothing", &nothing);
    let empty = LogPage {
        sent: true,
        rows: Vec::new(),
        chips: Vec::new(),
        events_age: None,
        summary: "0 CORs".into(),
        new_cor: Deed::May("new".into()),
        buckets: buckets().into_iter().map(|b| Bucket { count: "0".into(), amount: "0.00".into(), ..b }).collect(),
        empty: LogEmpty::NoneYet(
            "Write your first change order request for this project; it stays a draft until you send it.".into(),
            Deed::May("new".into()),
            "New COR".into(),
        ),
        ..received()
    };
    put(pages, "log-empty", &empty);
}

pub(crate) fn received() -> LogPage {
    LogPage {
        shell: shell("COR Log", NavItem::Log),
        sent: false,
        sent_url: "sent".into(),
        received_url: "received".into(),
        new_cor: Deed::Absent,
        currency: "USD".into(),
        buckets: buckets(),
        search: String::new(),
        search_url: "?".into(),
        kept: vec![("sort".into(), "-submitted".into())],
        facets: facets(),
        chips: vec![chip("Update needed", "3", true), chip("Not in Procore", "15", false)],
        summary: "60 CORs".into(),
        clear_url: None,
        columns: columns("Contractor", "descending"),
        rows: rows(),
        pager: Pager {
            newer_url: None,
            older_url: Some("?after=x".into()),
            showing: "1 to 11 of 60".into(),
            labels: ["Newer", "Older"],
        },
        events_age: Some(EventsAge {
            text: "Change events as of 3 min ago".into(),
            refresh_url: "events/refresh".into(),
            currency: None,
            stale: false,
            fragment_url: "events/age".into(),
        }),
        notice: None,
        selection: SelectionBar {
            push: Deed::May("/pushes".into()),
            filter: "side=received".into(),
            filter_count: 60,
            filter_blocked: 4,
            view: "sort=-total".into(),
            filter_minor: 84_981_050,
        },
        empty: LogEmpty::Rows,
    }
}

fn filtered() -> LogPage {
    let mut page = received();
    page.search = "shaft".into();
    page.kept.push(("status".into(), "in_review".into()));
    page.buckets[1].active = true;
    page.chips[0].on = true;
    page.facets[1].chosen = "In Review, Revise and Resubmit".into();
    page.facets[1].options[1].on = true;
    page.facets[0].chosen = "Ridgeway Drywall & Acoustical Specialties of the Northwest".into();
    page.clear_url = Some("?".into());
    page.summary = "3 of 60 CORs".into();
    page.rows.truncate(3);
    page.pager = Pager::default();
    page.selection.filter_count = 3;
    page.events_age =
        page.events_age.map(|age| EventsAge { text: "Change events as of 22 min ago".into(), stale: true, ..age });
    page
}

fn sent_by_field_user() -> LogPage {
    let mut page = received();
    page.sent = true;
    page.columns = columns("Customer", "");
    page.new_cor = Deed::MayNot("Field Users do not write CORs. Ask the project’s manager, Dana Whitfield.".into());
    page.selection.push =
        Deed::MayNot("Only the Account Owner, an Admin of the office or this project’s manager pushes.".into());
    page.notice = Some((
        "This project is not mapped to Procore, so nothing can be pushed yet.".into(),
        Some(Link::new("Map this project", "/projects/1/settings/procore")),
    ));
    page.events_age = None;
    for row in &mut page.rows {
        row.party = "Providence Harbor Health System".into();
        row.procore = ProcoreCell::of(ProcoreState::NotInProcore);
        row.edit_url = None;
    }
    page.rows[0].status = words::status(Status::Draft);
    page.rows[0].blocked = "Drafts cannot be pushed; send it first".into();
    page
}

fn buckets() -> Vec<Bucket> {
    let totals = [
        ("Placeholder", "1", "15,000.00"),
        ("In Review", "23", "212,480.25"),
        ("Revise and Resubmit", "2", "31,904.75"),
        ("Approved to Proceed", "9", "188,310.00"),
        ("Approved CO Issued", "21", "402,115.50"),
        ("Void", "4", "(1,250.00)"),
    ];
    let bucket = |(label, count, amount): (&str, &str, &str)| Bucket {
        label: label.into(),
        code: Status::ALL.into_iter().find(|status| status.name() == label).map_or("", Status::code),
        count: count.into(),
        minor: minor(amount),
        amount: amount.into(),
        url: "?status=x".into(),
        active: false,
    };
    totals.into_iter().map(bucket).collect()
}

fn chip(label: &str, count: &str, alert: bool) -> FacetOption {
    FacetOption { label: label.into(), count: count.into(), url: "?procore=x".into(), on: false, alert }
}

fn facet(label: &str, options: &[(&str, &str)]) -> Facet {
    let option = |(label, count): &(&str, &str)| FacetOption {
        label: (*label).into(),
        count: (*count).into(),
        url: if count.is_empty() { String::new() } else { "?x".into() },
        ..FacetOption::default()
    };
    Facet {
        label: label.into(),
        chosen: String::new(),
        options: options.iter().map(option).collect(),
        clear_url: "?".into(),
    }
}

fn facets() -> Vec<Facet> {
    vec![
        facet(
            "Contractor",
            &[("Cascade Mechanical, Inc.", "24"), ("Harbor Steel Erectors", "9"), ("Northline Electric LLC", "18")],
        ),
        facet("Status", &[("Placeholder", "1"), ("In Review", "23"), ("Revise and Resubmit", "2"), ("Void", "4")]),
        facet(
            "Procore",
            &[
                ("How it stands", ""),
                ("Not in Procore", "15"),
                ("Up to date", "39"),
                ("Update needed", "3"),
                ("Checking", "1"),
                ("Refused", "1"),
                ("Changed in Procore", "1"),
                ("The event’s status", ""),
                ("Open", "21"),
                ("Closed", "18"),
            ],
        ),
        facet("Change Event", &[("CE 011 · Level 3 coordination", "6"), ("CE 008 · Lobby finishes", "4")]),
    ]
}

fn columns(party: &str, submitted: &'static str) -> Vec<SortColumn> {
    let names = ["COR", party, "Title", "Reference", "Status", "Submitted", "Days", "Requested", "Procore"];
    let column = |name: &str| SortColumn {
        label: name.into(),
        url: format!("?sort={name}"),
        sorted: if name == "Submitted" { submitted } else { "" },
        hint: if name == "Days" {
            "Days in review: while In Review or Approved to Proceed".into()
        } else {
            String::new()
        },
    };
    names.into_iter().map(column).collect()
}

fn event(label: &str, status: &str) -> EventRef {
    EventRef { label: label.into(), status: status.into(), url: "https://procore.example/".into() }
}

fn cell(state: ProcoreState, event: Option<EventRef>) -> ProcoreCell {
    ProcoreCell { event, ..ProcoreCell::of(state) }
}

/// Number, contractor, title, reference, status, submitted, days, amount.
type Told = (&'static str, &'static str, &'static str, &'static str, Status, &'static str, &'static str, &'static str);

const MECHANICAL: &str = "Cascade Mechanical, Inc.";
const ELECTRIC: &str = "Northline Electric LLC";
const DRYWALL: &str = "Ridgeway Drywall & Acoustical Specialties of the Northwest";
const STEEL: &str = "Harbor Steel Erectors";

#[rustfmt::skip]
const TOLD: [Told; 11] = [
    ("014.1", MECHANICAL, "Reroute 6\" chilled water main around added shear wall, Level 3", "PCO 22", Status::InReview, "Oct 28", "26", "18,450.00"),
    ("013", MECHANICAL, "Credit: delete VAV boxes 3-14 through 3-19 per ASI 022", "", Status::InReview, "Oct 27", "27", "(12,600.00)"),
    ("032", ELECTRIC, "Temporary power for tower crane relocation, T&M tags EX00041–EX00047", "PCI 104", Status::ApprovedToProceed, "Oct 21", "33", "41,280.00"),
    ("031", ELECTRIC, "Added card readers at stair 2 and loading dock", "PCO 19", Status::ApprovedCoIssued, "Oct 14", "", "9,735.50"),
    ("012", MECHANICAL, "Overtime to recover schedule after slab delay (premium portion only), weeks of 9/14 and 9/21", "PCO 18", Status::ReviseAndResubmit, "Oct 12", "42", "27,904.75"),
    ("007", DRYWALL, "Soffit changes at lobby, bulletin 5", "", Status::InReview, "Oct 09", "45", "6,118.00"),
    ("006", DRYWALL, "Fire-rated shaft liner upgrade, shafts A–D", "PCO 9", Status::Void, "Oct 02", "", "0.00"),
    ("003", STEEL, "Field weld repairs at grid line C/7, third-party inspection findings", "", Status::Placeholder, "", "", "15,000.00"),
    ("011", MECHANICAL, "Hydronic pump VFD substitution", "PCO 12", Status::ApprovedCoIssued, "Sep 29", "", "1,204,420.00"),
    ("010", MECHANICAL, "Relocate roof drains", "PCO 11", Status::InReview, "Sep 28", "57", "4,420.00"),
    ("009", ELECTRIC, "Generator pad conduit", "PCO 10", Status::InReview, "Sep 27", "58", "(420.00)"),
];

/// How each of [`TOLD`] stands in Procore: every state once.
fn cells() -> [ProcoreCell; 11] {
    use ProcoreState::{
        ChangedInProcore, Checking, InProgress, NotInProcore, Refused, UpToDate, UpdateNeeded, WaitingForSignIn,
    };
    let now = "2026-11-23T14:30:00Z".parse().unwrap_or_default();
    let until = |cell| ProcoreCell {
        busy: Text::from("Checking what Procore received, next at ").clock(now, now),
        look_url: Some("/push/1/result".into()),
        ..cell
    };
    let because = |reason: &str, cell| ProcoreCell { reason: reason.into(), ..cell };
    [
        cell(UpdateNeeded, Some(event("CE 011", "Open"))),
        cell(NotInProcore, None),
        ProcoreCell {
            busy: Text::from("In progress since ").clock(now, now),
            look_url: Some("/push/2/result".into()),
            ..cell(InProgress, Some(event("CE 012", "Open")))
        },
        ProcoreCell {
            reason: "Difference of (0.01): Procore has 9,735.51, and this COR asks for 9,735.50.".into(),
            look_url: Some("/cors/31/drift".into()),
            ..cell(UpToDate, Some(event("CE 007", "Closed")))
        },
        cell(UpToDate, Some(event("CE 011", "Pending Owner Review"))),
        cell(ChangedInProcore, Some(event("CE 008", "Open"))),
        cell(UpToDate, Some(event("CE 005", "Void"))),
        cell(NotInProcore, None),
        until(cell(Checking, None)),
        because(
            "Procore refused line 3: budget code 23-2113.L was removed from the budget.",
            cell(Refused, Some(event("CE 011", "Open"))),
        ),
        cell(WaitingForSignIn, Some(event("CE 006", "Open"))),
    ]
}

fn rows() -> Vec<LogRow> {
    TOLD.into_iter().zip(cells()).map(|(told, procore)| row(told, procore)).collect()
}

fn row(told: Told, procore: ProcoreCell) -> LogRow {
    let (number, party, title, reference, status, submitted, days, amount) = told;
    LogRow {
        id: format!("cor-{number}"),
        number: number.into(),
        url: format!("/cors/{number}"),
        party: party.into(),
        title: title.into(),
        reference: reference.into(),
        status: words::status(status),
        status_mark: if status == Status::ApprovedToProceed { words::RECORDED } else { "" },
        status_code: status.code(),
        submitted: submitted.into(),
        days: days.into(),
        minor: minor(amount),
        amount: amount.into(),
        procore,
        edit_url: Some(format!("/cors/{number}/edit")),
        blocked: String::new(),
    }
}

/// The cents of a sample's amount, so that the sample adds up when somebody ticks it.
fn minor(amount: &str) -> i64 {
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    let value: i64 = digits.parse().unwrap_or(0);
    if amount.starts_with('(') { -value } else { value }
}
