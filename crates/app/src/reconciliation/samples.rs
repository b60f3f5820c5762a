//! Samples of the reconciliation: one side of a project, whose sums are computed as always, and what strains it.

use std::sync::LazyLock;

use domain::{
    CorId, Currency, Money, OfficeId, ProjectId, ReconciliationId,
    cor::Status,
    procore::{
        Amount, Side,
        currency::CurrencyTrouble,
        push_state::ProcoreState,
        reconciliation::{CorRead, Counts, EventRead, ReconciliationReport, ReportSection, SectionHead, compare},
    },
    role::{Actor, Role},
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    ReconciledProject, ReconciledSide, Reconciliation, ReconciliationComparison, ReconciliationSignature,
    SignedReconciliation, SignedScope,
    pages::{
        figures::{Figures, RefusedSignature},
        moved::MovedPage,
        one_side::ReconciliationPage,
        whole_office::ReconciliationOffice,
    },
    sign_off::CHANGED,
};
use crate::{
    gallery::{Pages, actor, at, id, put, shell},
    integration::{pages::age::EventsAge, samples::mapping},
    projects::samples::project,
    serving::views::{FormErrors, NavItem},
};

pub(crate) fn add(pages: &mut Pages) {
    let sent = || section(|head, _, _| head.side = Side::Sent);
    let mut project = |name, of: Reconciliation, refused| put(pages, name, &page(&Figures::Now(Box::new(of)), refused));
    project("reconciliation", now(vec![side(), sent()]), RefusedSignature::default());
    let errors = FormErrors::one("", CHANGED);
    let refused = RefusedSignature { note: "<script>alert(1)</script>".into(), errors };
    project("reconciliation-changed-meanwhile", now(vec![side(), sent()]), refused);
    let denied = actor(Role::FieldUser).may_see_log().err();
    let settled = Reconciliation { denied, ..now(vec![settled(), sent()]) };
    project("reconciliation-nothing-missing", settled, RefusedSignature::default());
    project("reconciliation-fractions-of-a-cent", now(vec![fractions(), sent()]), RefusedSignature::default());
    project("reconciliation-in-another-currency", now(vec![apart(), sent()]), RefusedSignature::default());
    let Reconciliation { sections, scope, report, .. } = now(vec![side(), sent()]);
    let signed = SignedReconciliation { signature: signature(), intact: false, sections, scope, report };
    let signed = Figures::Signed(Box::new(signed));
    let tampered = ReconciliationPage { age: None, procore_url: None, ..page(&signed, RefusedSignature::default()) };
    put(pages, "reconciliation-signed-and-tampered-with", &tampered);
    let vancouver = || {
        section(|head, _, _| {
            head.name = "Vancouver General, Phase II West Tower Interiors".into();
            head.currency = Currency::Cad;
        })
    };
    let mut office = |name, sections| {
        let scope = SignedScope::Office(OfficeId(id(1)));
        let mut of = Reconciliation { scope, project: None, signed: Vec::new(), ..now(sections) };
        of.report.of = "Portland".into();
        let (shell, refused) = (shell("Reconciliation", NavItem::Settings), RefusedSignature::default());
        let (figures, now) = (&Figures::Now(Box::new(of)), at("2026-11-23T16:05:00Z"));
        put(pages, name, &ReconciliationOffice { shell, figures, refused, now });
    };
    office("reconciliation-office", vec![side(), sent(), vancouver()]);
    office("reconciliation-office-in-another-currency", vec![apart(), fractions(), vancouver()]);
    let shell = shell("What moved", NavItem::Reconciliation);
    put(pages, "reconciliation-compare", &MovedPage { shell, found: &compared() });
}

/// A project's figures as they are now.
fn now(sections: Vec<ReportSection>) -> Reconciliation {
    let report = ReconciliationReport { of: "Harbor Point Medical Office".into(), sections };
    Reconciliation {
        figures: String::new(),
        hindrance: report.hindrance(),
        sections: report.sections.iter().map(ReconciledSide::from).collect(),
        signed: vec![signature()],
        denied: None,
        scope: SignedScope::Project(ProjectId(Uuid::nil())),
        project: Some(ReconciledProject { project: project(), mapping: Some(mapping()), connected: true }),
        report,
    }
}

fn page(figures: &Figures, refused: RefusedSignature) -> ReconciliationPage<'_> {
    static READER: LazyLock<Actor> = LazyLock::new(|| actor(Role::AccountOwner));
    ReconciliationPage {
        shell: shell("Reconciliation", NavItem::Reconciliation),
        actor: &READER,
        figures,
        refused,
        side: figures.sides().first(),
        show: None,
        most: 2,
        procore_url: Some("https://procore.example".into()),
        age: Some(EventsAge {
            project: project().id,
            text: "Change events as of 3 min ago".into(),
            currency: None,
            stale: false,
        }),
    }
}

fn signature() -> ReconciliationSignature {
    ReconciliationSignature {
        id: ReconciliationId(Uuid::nil()),
        project_id: Some(ProjectId(Uuid::nil())),
        office_id: None,
        signed_by: "Daniel Whitfield".into(),
        signed_at: at("2026-10-31T16:20:00Z"),
        note: "October, agreed with the owner’s representative".into(),
        sha256: "803523ace222adeb13203f1736f8243edf89c47349bb14e47aebc74a93794442".into(),
    }
}

/// A COR with so much in the log and so much in Change Event 2.
fn cor(number: &str, party: &str, title: &str, [ours, there]: [i64; 2]) -> CorRead {
    CorRead {
        cor: CorId(id(number.bytes().fold(0, |sum, byte| (sum << 8) + u128::from(byte)))),
        number: number.into(),
        title: title.into(),
        party: party.into(),
        status: Status::InReview,
        state: match there {
            0 => ProcoreState::NotInProcore,
            _ if there == ours => ProcoreState::UpToDate,
            _ => ProcoreState::UpdateNeeded,
        },
        ours: Money::minor(ours),
        there: Money::minor(there).into(),
        event: (there != 0).then_some(2),
    }
}

fn event(id: i64, title: &str, status: &str, cents: i64) -> EventRead {
    EventRead {
        id,
        number: format!("{id:03}"),
        title: title.into(),
        status: status.into(),
        counts: Counts::Yes,
        trouble: None,
        amount: Money::minor(cents).into(),
        markup: Amount::ZERO,
        following: Amount::ZERO,
    }
}

/// The sample of a side, as `change` makes it.
pub(crate) fn section(change: impl FnOnce(&mut SectionHead, &mut Vec<CorRead>, &mut Vec<EventRead>)) -> ReportSection {
    let long = "Overtime to recover schedule after slab delay (premium portion only), weeks of 9/14 and 9/21";
    let (northline, ridgeway) = ("Northline Electric LLC", "Ridgeway Drywall & Acoustical Specialties of the West");
    let mut head = SectionHead {
        project: ProjectId(Uuid::nil()),
        name: "Harbor Point Medical Office".into(),
        job_number: "24-118".into(),
        side: Side::Received,
        currency: Currency::Usd,
        trouble: None,
        read_at: Some(at("2026-11-23T16:02:00Z")),
    };
    let mut cors = vec![
        cor("009", northline, "Temporary power", [8_481_042, 8_481_042]),
        cor("010", northline, "Generator annunciator", [430_000, 391_655]),
        cor("012", ridgeway, long, [2_790_475, 0]),
        cor("013", "Cascade Mechanical, Inc.", "Credit: delete VAV boxes", [-1_260_000, 0]),
        cor("014", ridgeway, "Patch and paint", [3_328_963, 0]),
        CorRead { status: Status::Draft, ..cor("015", ridgeway, "Acoustic sealant", [926_610, 0]) },
    ];
    let mut events = vec![
        event(2, "Level 2 coordination", "Open", 8_872_697),
        event(5, "Level 3 coordination", "Pending Owner Review", 1_648_807),
        EventRead { counts: Counts::Void, ..event(7, "Door hardware", "Void", -2_240_000) },
    ];
    change(&mut head, &mut cors, &mut events);
    ReportSection::new(head, cors, events)
}

pub(crate) fn side() -> ReportSection {
    section(|_, _, _| {})
}

/// Everything is in the forecast.
fn settled() -> ReportSection {
    section(|_, cors, events| {
        cors.truncate(1);
        events.truncate(1);
        events[0].amount = cors[0].there;
    })
}

/// Procore holds fractions of a cent, and other people's half of one.
fn fractions() -> ReportSection {
    section(|_, cors, events| {
        let third = Amount::of(Decimal::new(333_333, 4));
        for number in ["011", "011.1", "011.2"] {
            let whole = cor(number, "Northline Electric LLC", "Generator annunciator", [5_000, 3_333]);
            cors.push(CorRead { there: third, ..whole });
            events[0].amount += third;
        }
        events[1].amount += Amount::of(Decimal::new(5, 3));
    })
}

/// The Procore project is kept in another currency.
pub(crate) fn apart() -> ReportSection {
    section(|head, _, events| {
        let trouble = CurrencyTrouble::Differs { theirs: "CAD".into(), ours: Currency::Usd, stated: false };
        for event in events {
            (event.counts, event.trouble) = (Counts::by(Some(&trouble)), Some(trouble.clone()));
        }
        head.trouble = Some(trouble);
    })
}

/// A COR was pushed and another one was created.
fn compared() -> ReconciliationComparison {
    let report = |section| ReconciliationReport { of: String::new(), sections: vec![section] };
    let before = section(|_, cors, _| drop(cors.remove(3)));
    let after = section(|_, cors, events| {
        let pushed = cor("014", &cors[4].party, "Patch and paint", [3_328_963, 3_328_963]);
        events[0].amount += pushed.there;
        cors[4] = pushed;
    });
    ReconciliationComparison {
        before: signature(),
        after: None,
        intact: true,
        sections: compare::compare(&report(before), &report(after)),
        scope: SignedScope::Project(ProjectId(Uuid::nil())),
        name: "Harbor Point Medical Office".into(),
        signed: vec![signature()],
    }
}

#[cfg(test)]
mod tests {
    use domain::procore::{Amount, reconciliation::Category};

    use super::{apart, side};
    use crate::reconciliation::{ReconciledSide, totals::SideTotals};

    /// A total as it is shown, without what is said of those that can't be compared.
    #[derive(Debug, PartialEq)]
    struct Total {
        log: String,
        events: String,
        gap: String,
        without: usize,
        parts: Vec<(usize, String)>,
    }

    fn shown(sides: &[ReconciledSide]) -> Total {
        let total = SideTotals::by_currency(sides).pop().unwrap();
        let known = Category::ALL.into_iter().filter(|category| *category != Category::NotComparable);
        Total {
            log: total.log_total().to_string(),
            events: total.events_total().to_string(),
            gap: total.gap().to_string(),
            without: total.without,
            parts: known.map(|category| (total.count(category), total.part(category).to_string())).collect(),
        }
    }

    #[test]
    fn a_total_adds_up_the_same_projects_in_every_column_and_says_which_it_leaves_out() {
        let alone = shown(&[(&side()).into(), (&side()).into()]);
        assert_eq!((&*alone.log, &*alone.events, &*alone.gap), ("293,941.80", "210,430.08", "64,979.52"));
        let mixed = [(&side()).into(), (&apart()).into(), (&side()).into()];
        assert_eq!(shown(&mixed), Total { without: 1, ..alone });
        let total = SideTotals::by_currency(&mixed).pop().unwrap();
        assert_eq!(total.count(Category::NotComparable), 0);
    }

    #[test]
    fn a_total_of_what_nobody_can_compare_is_no_sum_and_never_nothing() {
        let none = Amount::NotComparable.to_string();
        let all = shown(&[(&apart()).into(), (&apart()).into()]);
        assert_eq!((&*all.log, all.without), ("293,941.80", 0));
        assert_eq!((&all.events, &all.gap), (&none, &none));
    }
}
