//! Samples of the COR Log.

use std::collections::BTreeMap;

use domain::{
    CompanyId, CorId, Currency, Money, Named, PersonId, PushId,
    cor::{CorNumber, Status},
    procore::{
        Side,
        push_state::{ProcoreState, PushState},
    },
    role::Role,
};
use jiff::{SignedDuration, Timestamp};
use store::repo::{
    log::{Bucket, EventName, LogCursor, LogRow, LogRows, ProcoreStanding, SortBy},
    mapping::Mapping,
    push::UnderWay,
};
use uuid::Uuid;

use crate::{
    gallery::{Pages, actor, at, put, shell},
    integration::pages::age::EventsAge,
    log::{in_procore::ProcoreTies, pages::LogPage, query::LogQuery, read_log::ProjectLog},
    projects::samples::project,
    serving::views::NavItem,
};

pub(crate) fn add(pages: &mut Pages) {
    let age = |text: &str, stale| EventsAge { project: project().id, text: text.into(), currency: None, stale };
    let fresh = || Some(age("Change events as of 3 min ago", false));
    let (manager, field_user) = (&actor(Role::ProjectManager), &actor(Role::FieldUser));
    let mut put_log = |name, log: &ProjectLog, query: &str, actor, age| {
        let query = &LogQuery::parse(query);
        put(pages, name, &LogPage { shell: shell("COR Log", NavItem::Log), log, query, actor, age, now: at(NOW) });
    };
    put_log("log-received", &received(), "", manager, fresh());
    let mut few = received();
    few.page = LogRows { rows: few.page.rows.drain(..3).collect(), ..LogRows::default() };
    let query = format!(
        "q=shaft&status=in_review&status=revise_and_resubmit&procore=update_needed&party={}",
        few.counterparties[2].0
    );
    put_log("log-filtered", &few, &query, manager, Some(age("Change events as of 22 min ago", true)));
    put_log("log-sent", &ProjectLog { side: Side::Sent, ..received() }, "sort=number", manager, fresh());
    let mut sent =
        ProjectLog { side: Side::Sent, in_procore: ProcoreTies::default(), to_be_mapped: true, ..received() };
    for row in &mut sent.page.rows {
        row.counterparty.name = "Providence Harbor Health System".into();
        row.procore = standing(ProcoreState::NotInProcore, None);
    }
    sent.page.rows[0].status = Status::Draft;
    put_log("log-sent-field-user", &sent, "", field_user, None);
    let none = |log| ProjectLog { page: LogRows::default(), buckets: Vec::new(), ..log };
    put_log("log-search-finds-nothing", &none(received()), "q=<script>alert(1)</script>", manager, fresh());
    put_log("log-empty", &ProjectLog { all: 0, ..none(sent) }, "", manager, None);
}

/// When the sample log is looked at.
pub(crate) const NOW: &str = "2026-11-23T14:30:00Z";

pub(crate) fn number(text: &str) -> CorNumber {
    CorNumber::parse(text).expect("a sample has a number that is one")
}

/// The sample project in Procore, with two pushes that are not through.
pub(crate) fn in_procore() -> ProcoreTies {
    let way = |push, state| UnderWay { push: PushId(Uuid::from_u128(push)), draft: None, state, asked_at: at(NOW) };
    let under_way = BTreeMap::from([
        (cor_id("032"), way(2, PushState::Queued { due: at(NOW) })),
        (
            cor_id("011"),
            way(
                1,
                PushState::Uncertain {
                    look_at: at(NOW).saturating_add(SignedDuration::from_mins(2)).unwrap_or(at(NOW)),
                },
            ),
        ),
    ]);
    let mapping = Mapping {
        project: project().id,
        procore_company_id: 1,
        procore_project_id: 1,
        procore_project: project().name,
        procore_number: "24-118".into(),
        mapped_by: PersonId(Uuid::from_u128(1)),
        mapped_by_name: "Dana Whitfield".into(),
        mapped_at: at(NOW),
    };
    let events_url = "https://procore.example/change-events".to_owned();
    ProcoreTies { mapping: Some(mapping), events_url, connected: true, under_way, refused: BTreeMap::new() }
}

fn received() -> ProjectLog {
    let companies = [MECHANICAL, STEEL, DRYWALL, ELECTRIC];
    let counterparties = (1..).map(Uuid::from_u128).map(CompanyId).zip(companies.map(str::to_owned)).collect();
    let next = LogCursor::decode(&format!("{}.0", cor_id("009")), SortBy::Submitted);
    ProjectLog {
        to_be_mapped: false,
        project: project(),
        side: Side::Received,
        page: LogRows { rows: rows(), next, ..LogRows::default() },
        buckets: buckets(),
        all: 60,
        counterparties,
        events: Vec::new(),
        alerts_elsewhere: 0,
        in_events: BTreeMap::new(),
        in_procore: in_procore(),
        unfinished: None,
    }
}

/// Sixty CORs.
fn buckets() -> Vec<Bucket> {
    use ProcoreState::{NotInProcore, UpToDate, UpdateNeeded};
    let bucket = |(status, procore, cors, minor)| Bucket {
        status,
        procore,
        currency: Currency::Usd,
        cors,
        amount: Money::minor(minor),
    };
    let of = [
        (Status::Placeholder, NotInProcore, 1, 1_500_000),
        (Status::InReview, NotInProcore, 14, 9_000_000),
        (Status::InReview, UpdateNeeded, 3, 2_248_025),
        (Status::InReview, UpToDate, 6, 10_000_000),
        (Status::ReviseAndResubmit, ProcoreState::Refused, 2, 3_190_475),
        (Status::ApprovedToProceed, ProcoreState::InProgress, 1, 4_128_000),
        (Status::ApprovedToProceed, UpToDate, 8, 14_703_000),
        (Status::ApprovedCoIssued, UpToDate, 21, 40_211_550),
        (Status::Void, UpToDate, 4, -125_000),
    ];
    of.into_iter().map(bucket).collect()
}

/// Number, contractor, title, reference, status, submitted (a day), amount in cents.
type Told = (&'static str, &'static str, &'static str, &'static str, Status, &'static str, i64);

const MECHANICAL: &str = "Cascade Mechanical, Inc.";
const ELECTRIC: &str = "Northline Electric LLC";
const DRYWALL: &str = "Ridgeway Drywall & Acoustical Specialties of the Northwest";
const STEEL: &str = "Harbor Steel Erectors";

#[rustfmt::skip]
const TOLD: [Told; 11] = [
    ("014.1", MECHANICAL, "Reroute 6\" chilled water main around added shear wall, Level 3", "PCO 22", Status::InReview, "2026-10-28", 1_845_000),
    ("013", MECHANICAL, "Credit: delete VAV boxes 3-14 through 3-19 per ASI 022", "", Status::InReview, "2026-10-27", -1_260_000),
    ("032", ELECTRIC, "Temporary power for tower crane relocation, T&M tags EX00041–EX00047", "PCI 104", Status::ApprovedToProceed, "2026-10-21", 4_128_000),
    ("031", ELECTRIC, "Added card readers at stair 2 and loading dock", "PCO 19", Status::ApprovedCoIssued, "2026-10-14", 973_550),
    ("012", MECHANICAL, "Overtime to recover schedule after slab delay (premium portion only), weeks of 9/14 and 9/21", "PCO 18", Status::ReviseAndResubmit, "2026-10-12", 2_790_475),
    ("007", DRYWALL, "Soffit changes at lobby, bulletin 5", "", Status::InReview, "2026-10-09", 611_800),
    ("006", DRYWALL, "Fire-rated shaft liner upgrade, shafts A–D", "PCO 9", Status::Void, "2026-10-02", 0),
    ("003", STEEL, "Field weld repairs at grid line C/7, third-party inspection findings", "", Status::Placeholder, "", 1_500_000),
    ("011", MECHANICAL, "Hydronic pump VFD substitution", "PCO 12", Status::ApprovedCoIssued, "2026-09-29", 120_442_000),
    ("010", MECHANICAL, "Relocate roof drains", "PCO 11", Status::InReview, "2026-09-28", 442_000),
    ("009", ELECTRIC, "Generator pad conduit", "PCO 10", Status::InReview, "2026-09-27", -42_000),
];

/// How each of [`TOLD`] stands in Procore: every state once.
fn standings() -> [ProcoreStanding; 11] {
    use ProcoreState::{
        ChangedInProcore, Checking, InProgress, NotInProcore, Refused, UpToDate, UpdateNeeded, WaitingForSignIn,
    };
    let because = |reason: &str, standing| ProcoreStanding { reason: reason.into(), ..standing };
    [
        standing(UpdateNeeded, Some(("011", "Open"))),
        standing(NotInProcore, None),
        standing(InProgress, Some(("012", "Open"))),
        because(
            "Difference of (0.01): Procore has 9,735.51, and this COR asks for 9,735.50.",
            standing(UpToDate, Some(("007", "Closed"))),
        ),
        standing(UpToDate, Some(("011", "Pending Owner Review"))),
        standing(ChangedInProcore, Some(("008", "Open"))),
        standing(UpToDate, Some(("005", "Void"))),
        standing(NotInProcore, None),
        standing(Checking, None),
        because(
            "Procore refused line 3: budget code 23-2113.L was removed from the budget.",
            standing(Refused, Some(("011", "Open"))),
        ),
        standing(WaitingForSignIn, Some(("006", "Open"))),
    ]
}

/// A state, with number and status of a change event.
pub(crate) fn standing(state: ProcoreState, event: Option<(&str, &str)>) -> ProcoreStanding {
    let event = event.map(|(number, status)| EventName {
        id: 1.into(),
        number: number.into(),
        title: "Level 3 coordination".into(),
        status: status.into(),
        gone: false,
    });
    ProcoreStanding { state, reason: String::new(), event }
}

/// The rows of the sample log.
pub(crate) fn rows() -> Vec<LogRow> {
    TOLD.into_iter().zip(standings()).map(|(told, standing)| row(told, standing)).collect()
}

fn cor_id(number: &str) -> CorId {
    CorId(Uuid::from_u128(number.bytes().fold(0, |id, byte| id * 256 + u128::from(byte))))
}

fn row((cor, company, title, reference, status, submitted, minor): Told, procore: ProcoreStanding) -> LogRow {
    LogRow {
        id: cor_id(cor),
        number: number(cor),
        title: title.into(),
        customer_reference: reference.into(),
        counterparty: Named { id: CompanyId(Uuid::from_u128(2)), name: company.into() },
        status,
        recorded_by_sender: status == Status::ApprovedToProceed,
        amount: Money::minor(minor),
        currency: Currency::Usd,
        submitted_at: format!("{submitted}T12:00:00Z").parse::<Timestamp>().ok(),
        procore,
    }
}
