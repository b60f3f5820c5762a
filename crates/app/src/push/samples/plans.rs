//! Samples of the review step: a believable plan, and what can be odd about one.

use std::collections::BTreeSet;

use domain::{
    CorId, Currency, ProjectId,
    cor::Breakdown,
    procore::{
        Amount, Side,
        preflight::{Correction, Level, PreflightCheck, PreflightFinding, Who},
        push_plan::AmountChange,
    },
};

use super::{DRAFT, head};
use crate::{
    gallery::{Pages, at, id, put, shell},
    push::{
        copy,
        notes::Note,
        pages::{
            head::WizardStep,
            preflight::{Checklist, StoppedPage},
            review::ReviewPage,
        },
        push_plan::{
            LineAction, MappedStatus, PlannedChange, PlannedCor, PlannedLine, PlannedTotals, PushPlan, Requests,
        },
        target::EventTarget,
    },
    serving::views::{NavItem, PageLink},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "push-3-review", &page(&plan()));
    let mut fractions = plan();
    fractions.totals.rounding = change("0.01", "0");
    fractions.cors[0].rounding = change("0.01", "0");
    put(pages, "push-3-review-fractions-of-a-cent", &page(&fractions));
    let mut asked = plan();
    asked.cors[0].lines.push(PlannedLine {
        reason: "Someone removed this line in Procore after our last push.".into(),
        ..line(LineAction::RemovedThere, "Other: freight", "23-2113.O", "0", "0")
    });
    asked.unanswered = 1;
    asked.blocked = Some(copy::plan::unanswered(1));
    put(pages, "push-3-asked", &page(&asked));
    let blocked = Some(copy::plan::STOPPED.into());
    put(pages, "push-3-stopped", &page(&PushPlan { preflight: troubled(), blocked, ..plan() }));
    let instead = StoppedPage {
        shell: shell("Push to Procore", NavItem::Log),
        head: head(WizardStep::Review),
        back: PageLink::new("Back", "codes"),
        preflight: Some(checklist(troubled(), 0)),
        again: None,
    };
    put(pages, "push-3-no-plan", &instead);
}

fn page(plan: &PushPlan) -> ReviewPage<'_> {
    ReviewPage {
        shell: shell("Push to Procore", NavItem::Log),
        head: head(WizardStep::Review),
        plan,
        preflight: checklist(plan.preflight.clone(), plan.unanswered),
        pushes_as: "Dana Whitfield".into(),
    }
}

fn checklist(findings: Vec<PreflightFinding>, undecided: usize) -> Checklist {
    let (now, project) = (at("2026-11-23T14:05:00Z"), ProjectId(id(0)));
    Checklist { draft: DRAFT, project, step: WizardStep::Review, now, findings, undecided }
}

fn change(previous: &str, new: &str) -> PlannedChange {
    AmountChange { previous: amount(previous), new: amount(new) }.into()
}

fn amount(text: &str) -> Amount {
    text.parse().expect("a constant")
}

fn line(action: LineAction, description: &str, code: &str, previous: &str, new: &str) -> PlannedLine {
    PlannedLine {
        key: "a1".into(),
        action,
        line_id: None,
        description: description.into(),
        budget_code_id: Some(1.into()),
        budget_code: Some(code.into()),
        contract_id: None,
        change: change(previous, new),
        gap: Amount::ZERO,
        fields: BTreeSet::default(),
        withheld: BTreeSet::default(),
        reason: String::new(),
        adjustment: None,
        answer: None,
    }
}

fn cor(number: &str, counterparty: &str, contract: &str, lines: Vec<PlannedLine>) -> PlannedCor {
    let sum = lines.iter().map(|line| AmountChange { previous: line.change.previous, new: line.change.new });
    PlannedCor {
        cor_id: CorId(id(0)),
        number: number.into(),
        counterparty: counterparty.into(),
        contract: Some(contract.into()),
        change: sum.fold(AmountChange::default(), AmountChange::plus).into(),
        taken_out: false,
        gap: Amount::ZERO,
        rounding: change("0", "0"),
        lines,
    }
}

/// Three CORs into one event: one changes, one is locked, one is new.
fn plan() -> PushPlan {
    use LineAction::{Create, Locked, Remove, Unchanged, Update};
    let locked = PlannedLine {
        reason: "Tied to RFQ 3 in Procore; wanted 29,104.75, so 1,200.00 stay missing there.".into(),
        ..line(Locked, "Lump sum: overtime premium", "23-0500.L", "27904.75", "27904.75")
    };
    let crane = "Lump sum: temporary power for tower crane relocation";
    PushPlan {
        draft_id: DRAFT,
        version: "bM5kq0c1Yw7nZf2s".into(),
        side: Side::Received,
        currency: Currency::Usd,
        detail: Breakdown::LineItems,
        event: EventTarget { id: Some(1.into()), number: "011".into(), title: "Level 3 coordination".into() },
        event_status: Some(MappedStatus { name: "Open".into(), mapped_to: "open".into() }),
        url: Some("https://procore.example/".into()),
        cors: vec![
            cor(
                "014.1",
                "Cascade Mechanical",
                "SC-23-007 Mechanical",
                vec![
                    line(Update, "Labor: pipefitters, 62 h ST", "23-2113.L", "5890", "7480"),
                    line(Update, "Material: 6\" grooved pipe and fittings", "23-2113.M", "7340", "8120"),
                    line(Create, "Equipment: scissor lift, 2 weeks", "23-2113.E", "0", "1100"),
                    line(Unchanged, "Fee agreed for this change", "23-2113.O", "1750", "1750"),
                    line(Remove, "Other: permit, replaced by the owner’s own", "23-2113.O", "310", "0"),
                ],
            ),
            cor("012", "Cascade Mechanical", "SC-23-007 Mechanical", vec![locked]),
            cor(
                "032",
                "Northline Electric",
                "SC-26-002 Electrical",
                vec![line(Create, crane, "26-0513.S", "0", "41280")],
            ),
        ],
        totals: PlannedTotals {
            ours: change("42884.75", "87634.75"),
            rounding_in_ours: change("0", "0"),
            others: amount("6300"),
            others_count: 2,
            whole: change("49184.75", "93934.75"),
            rounding: change("0", "0"),
            revenue_that_follows_cost: Amount::ZERO,
            latest: amount("51900"),
        },
        markup: None,
        owner_sees: None,
        notes: vec![Note {
            says: "One line is locked in Procore (tied to RFQ 3) and stays as it is.".into(),
            warns: true,
        }],
        writes: 5,
        requests: Requests { reads: 1, writes: 1 },
        preflight: ready(),
        unanswered: 0,
        blocked: None,
    }
}

fn found(check: PreflightCheck, level: Level, says: &str) -> PreflightFinding {
    PreflightFinding { check, level, says: says.into(), correction: None, as_of: None }
}

fn correction(says: &str, who: Who) -> Correction {
    Correction { says: says.into(), who, link: None }
}

/// The checklist with nothing to say.
fn ready() -> Vec<PreflightFinding> {
    let ok = |check, says| found(check, Level::Ok, says);
    let read_at = at("2026-11-23T14:02:00Z");
    vec![
        ok(PreflightCheck::Connection, "Signed in as d.whitfield@whitfieldsons.example."),
        ok(PreflightCheck::App, "Installed in the account."),
        ok(PreflightCheck::Tool, "Turned on in the project."),
        ok(PreflightCheck::Permission, "Admin: you may create and edit any Change Event."),
        ok(PreflightCheck::Event, "CE 011 is Open."),
        PreflightFinding { as_of: Some(read_at), ..ok(PreflightCheck::Codes, "7 lines with a code of the budget.") },
        ok(PreflightCheck::Contract, "SC-23-007 Mechanical is Approved."),
    ]
}

/// With one of each.
fn troubled() -> Vec<PreflightFinding> {
    let mut findings = ready();
    let says =
        "With Standard permission you may edit only Change Events that you created; this one is somebody else's.";
    let remedy = "Give you Admin permission on Change Events, or create a new event.";
    findings[3] = PreflightFinding {
        correction: Some(correction(remedy, Who::ProjectAdmin)),
        ..found(PreflightCheck::Permission, Level::Stop, says)
    };
    let says = "CE 011 is Closed, and Procore may refuse changes to it.";
    findings[4] = PreflightFinding {
        correction: Some(correction("Reopen it in Procore if the push is refused.", Who::You)),
        ..found(PreflightCheck::Event, Level::Warn, says)
    };
    let says = "Procore shows no commitments. There are none, or you can't see them.";
    findings[6] = found(PreflightCheck::Contract, Level::Unknown, says);
    findings
}
