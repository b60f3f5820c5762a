//! Samples of a COR's page and editor.

use domain::{
    ActivityId, CompanyId, ContractId, CorId, Currency, LineItemId, LinkId, Money, Named,
    activity::EntryKind,
    cor::{Breakdown, CorNumber, LineItem, Means, Price, Recorded, Section, Status},
    procore::{Side, push_state::ProcoreState, reference::Reference},
    role::{Actor, Role},
};
use rust_decimal::Decimal;
use store::repo::{
    activity::FeedEntry,
    cor::{Cor, CorContent, CorPlace},
    link::Link,
    log::ProcoreStanding,
};

use super::{
    input::{CorInput, TotalSaid},
    pages::{
        cor_page::CorPage,
        editor_page::{Edited, EditorPage},
        posted::Posted,
        status::{AskStatus, StatusForm, question},
    },
    read_cor::{BlankCor, CorDetail, CorInProcore},
};
use crate::{
    FieldErrors,
    clock::SeededEntropy,
    contracts::samples::contract,
    gallery::{Pages, actor, at, id, put, shell},
    log::samples::{NOW, in_procore, number, standing},
    projects::samples::project,
    serving::views::{FormErrors, NavItem},
};

pub(crate) fn add(pages: &mut Pages) {
    let manager = &actor(Role::ProjectManager);
    put(pages, "cor", &page(&received(), manager, None));

    let mut approved = received();
    approved.cor.status = Status::ApprovedToProceed;
    approved.cor.recorded = recorded();
    let errors = FormErrors::one("reason", "Say why the approval is taken back. The other company reads it.");
    let ask = question(&approved, Status::ReviseAndResubmit, StatusForm::default());
    let ask = ask.map(|ask| AskStatus { errors, ..ask });
    put(pages, "cor-approval-is-taken-back", &page(&approved, manager, ask));

    let mut alone = sent(Status::InReview);
    alone.cor.receiver.name = "Harbor Point Health".into();
    alone.cor.receiver_joined = false;
    let typed = StatusForm { given_on: "2026-11-03".into(), ..StatusForm::default() };
    let ask = question(&alone, Status::ApprovedToProceed, typed);
    put(pages, "cor-approval-is-recorded", &page(&alone, manager, ask));

    let mut returned = sent(Status::ReviseAndResubmit);
    returned.cor.status_reason = "Show labor by crew, and attach the supplier's quote.".into();
    put(pages, "cor-returned", &page(&returned, manager, None));

    let mut far_off = received();
    far_off.cor.price.lines.push(lump(Section::Other, "Night shift premium", 184_055));
    put(pages, "cor-total-far-from-its-lines", &page(&far_off, manager, None));

    let mut draft = sent(Status::Draft);
    draft.cor.description.clear();
    draft.cor.price = Price { lines: Vec::new(), overtyped: None };
    draft.cor.submitted_at = None;
    draft.procore = in_procore_of(&draft.cor, None, standing(ProcoreState::NotInProcore, None));
    (draft.link, draft.activity) = (None, Vec::new());
    put(pages, "cor-draft", &page(&draft, manager, None));
    add_editor(pages);
}

fn add_editor(pages: &mut Pages) {
    let none = &FieldErrors::default();
    let blank = blank();
    let mut new = Posted::default();
    new.typed.contract = Some(blank.contracts[0].id);
    new.typed.number = blank.next_number.to_string();
    put(pages, "cor-new", &editor(Edited::New(&blank), &new, none));

    let detail = &sent(Status::InReview);
    let mut posted = Posted { typed: CorInput::from(&detail.cor), version: 3, ..Posted::default() };
    let kept = posted.typed.clone();
    posted.typed.lines[2].amount = "(25o.25)".into();
    let mut refused = FieldErrors::one("number", "COR 014 exists already in this project; 15 is the next free number.");
    refused.add("line.2", "“(25o.25)” is not an amount.");
    put(pages, "cor-edit", &editor(Edited::Stored(detail), &posted, &refused));
    posted.typed = kept;
    let overtaken = EditorPage { overtaken: true, ..editor(Edited::Stored(detail), &posted, none) };
    put(pages, "cor-edit-overtaken", &overtaken);

    let approved = &sent(Status::ApprovedToProceed);
    put(pages, "cor-edit-approved", &editor(Edited::Stored(approved), &posted, none));

    let mut doubtful = Posted { typed: CorInput::from(&detail.cor), version: 3, ..Posted::default() };
    doubtful.typed.lines[0].quantity = "77.255".into();
    doubtful.typed.said = TotalSaid::Nothing;
    put(pages, "cor-edit-total-is-asked-about", &editor(Edited::Stored(detail), &doubtful, none));
    doubtful.typed.lines.clear();
    put(pages, "cor-edit-total-without-lines", &editor(Edited::Stored(detail), &doubtful, none));
}

fn page<'a>(detail: &'a CorDetail, actor: &'a Actor, ask: Option<AskStatus>) -> CorPage<'a> {
    CorPage { shell: shell("COR 014.1", NavItem::Log), detail, actor, ask, now: at(NOW) }
}

fn editor<'a>(of: Edited<'a>, posted: &'a Posted, refused: &'a FieldErrors) -> EditorPage<'a> {
    let title = if matches!(of, Edited::New(_)) { "New COR" } else { "Edit" };
    EditorPage::new(shell(title, NavItem::Log), of, posted, refused)
}

/// What an empty editor needs.
pub(crate) fn blank() -> BlankCor {
    let contract = contract(2, "23A - Mechanical", CASCADE, 0);
    BlankCor { project: project(), contracts: vec![contract], next_number: CorNumber::from_sequence(15) }
}

const CASCADE: &str = "Cascade Mechanical, Inc.";
const WHITFIELD: &str = "Whitfield & Sons Construction";

fn recorded() -> Option<Recorded> {
    "2026-11-03".parse().ok().map(|on| Recorded { means: Means::Mail, on })
}

fn line_id(n: u128) -> LineItemId {
    LineItemId(id(n))
}

fn lump(section: Section, description: &str, minor: i64) -> LineItem {
    LineItem::lump(line_id(9), section, description, Money::minor(minor))
}

fn lines() -> Vec<LineItem> {
    let extended = |n, section, description, quantity, unit, rate| {
        LineItem::extended(line_id(n), section, description, Decimal::from(quantity), unit, rate)
            .expect("a sample's line comes to an amount")
    };
    let pipe = "6\" grooved pipe and fittings, including hangers and seismic bracing per bulletin 5";
    vec![
        extended(1, Section::Labor, "Pipefitters, straight time", 62, "h", Decimal::new(1_206_452, 4)),
        extended(2, Section::Material, pipe, 1, "lot", Decimal::new(8_120, 0)),
        lump(Section::Material, "Credit for unused 4\" pipe returned to the yard", -25_025),
        extended(3, Section::Equipment, "Scissor lift", 2, "wk", Decimal::new(550, 0)),
        lump(Section::Other, "Engineering for the added shear wall penetration", 200_000),
    ]
}

fn cor() -> Cor {
    let place = CorPlace {
        project: project().id,
        contract: Named { id: ContractId(id(2)), name: "23A - Mechanical".into() },
        sender: Named { id: CompanyId(id(2)), name: CASCADE.into() },
        receiver: Named { id: CompanyId(id(1)), name: WHITFIELD.into() },
        receiver_joined: true,
        currency: Currency::Usd,
    };
    let price = Price { lines: lines(), overtyped: Some(Money::minor(1_845_000)) };
    let content = CorContent {
        description: "Structural bulletin 5 adds a shear wall at grid line C.\nReroute the main around it; see RFI 41."
            .into(),
        customer_reference: "PCO 22".into(),
        ..CorContent::new("Reroute 6\" chilled water main around added shear wall, Level 3", price)
    };
    Cor {
        status: Status::InReview,
        revision: 4,
        priced: 4,
        submitted_at: Some(at("2026-10-28T10:01:00Z")),
        updated_at: at("2026-11-05T09:12:00Z"),
        ..Cor::begun(CorId(id(14)), place, number("014.1"), content, at("2026-10-27T16:20:00Z"))
    }
}

fn received() -> CorDetail {
    let entry = |person: &str, company: &str, moment: &str, text: &str| FeedEntry {
        id: ActivityId(id(0)),
        person: person.into(),
        company: company.into(),
        at: at(moment),
        kind: EntryKind::Edited,
        text: text.into(),
        private: false,
    };
    let link = Link {
        id: LinkId(id(0)),
        cor: cor().id,
        project: project().id,
        side: Side::Received,
        reference: Reference::fresh(&SeededEntropy::new(1)),
        event: Some(1),
        breakdown: Breakdown::LineItems,
        state: ProcoreState::UpdateNeeded,
        reason: String::new(),
        pushed: 3,
        pushed_amount: Money::minor(1_498_000).into(),
        pushed_at: Some(at("2026-11-03T14:32:00Z")),
        push: None,
    };
    CorDetail {
        cor: cor(),
        project: project(),
        side: Side::Received,
        procore: in_procore_of(&cor(), Some(&link), standing(link.state, Some(("011", "Open")))),
        activity: vec![
            entry("Luis Ortega", CASCADE, "2026-11-05T09:12:00Z", "changed the amount from 14,980.00 to 18,450.00"),
            entry("Dana Whitfield", WHITFIELD, "2026-11-03T14:32:00Z", "pushed it to CE 011: 14,980.00 on 3 lines"),
            entry("Luis Ortega", CASCADE, "2026-10-28T10:01:00Z", "sent the COR"),
        ],
        link: Some(link),
        in_procore: in_procore(),
        currency: None,
        recorded: false,
    }
}

fn in_procore_of(cor: &Cor, link: Option<&Link>, standing: ProcoreStanding) -> CorInProcore {
    CorInProcore::of(cor, link, standing, &in_procore(), None)
}

fn sent(status: Status) -> CorDetail {
    CorDetail { side: Side::Sent, cor: Cor { status, ..cor() }, ..received() }
}
