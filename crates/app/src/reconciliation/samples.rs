//! Samples of the reconciliation.

use std::sync::LazyLock;

use domain::{
    CorId, Currency, Money, OfficeId, ProcoreId, ProjectId, ReconciliationId,
    cor::Status,
    procore::{
        AddedByProcore, Amount, Side,
        push_state::ProcoreState,
        reconciliation::{
            Category, Counts, ReconciliationReport, Sum,
            compare::{Became, CategoryChange, ReportChange, SectionChange, Stood},
        },
    },
    role::{Actor, Role},
};
use uuid::Uuid;

use super::{
    CategorySum, EventsSetAside, ReconciledCor, ReconciledEvent, ReconciledProject, ReconciledSide, Reconciliation,
    ReconciliationComparison, ReconciliationSignature, SignedReconciliation, SignedScope,
    pages::{
        Figures, RefusedSignature, moved::MovedPage, one_side::ReconciliationPage, whole_office::ReconciliationOffice,
    },
};
use crate::{
    gallery::{Pages, actor, at, id, put, shell},
    integration::samples::mapping,
    log::pages::EventsAge,
    projects::samples::project,
    serving::views::{FormErrors, NavItem},
};

pub(crate) fn add(pages: &mut Pages) {
    let sent = || ReconciledSide { side: Side::Sent, ..side() };
    let sides = [side(), sent()];
    let none = RefusedSignature::default();
    let mut project = |name, of: &Reconciliation, refused| put(pages, name, &page(Figures::Now(of, refused)));
    project("reconciliation", &now(&sides), &none);
    let errors =
        FormErrors::one("", "The figures changed since you opened this page. Look at them again, then sign off.");
    let refused = RefusedSignature { note: "<script>alert(1)</script>".into(), errors };
    project("reconciliation-changed-meanwhile", &now(&sides), &refused);
    let denied = actor(Role::FieldUser).may_see_log().err();
    let settled = Reconciliation { denied, ..now(&[settled(), sent()]) };
    project("reconciliation-nothing-missing", &settled, &none);
    project("reconciliation-fractions-of-a-cent", &now(&[fractions(), sent()]), &none);
    project("reconciliation-in-another-currency", &hindered(&[apart(), sent()]), &none);
    let signed = SignedReconciliation {
        signature: signature(),
        intact: false,
        sections: sides.to_vec(),
        scope: SignedScope::Project(ProjectId(Uuid::nil())),
        report: ReconciliationReport { of: String::new(), sections: Vec::new() },
    };
    let tampered = ReconciliationPage { age: None, procore_url: None, ..page(Figures::Signed(&signed)) };
    put(pages, "reconciliation-signed-and-tampered-with", &tampered);
    let vancouver = || ReconciledSide {
        project_name: "Vancouver General, Phase II West Tower Interiors".into(),
        currency: Currency::Cad,
        ..side()
    };
    let mut office = |name, of: Reconciliation| {
        let report = ReconciliationReport { of: "Portland".into(), sections: Vec::new() };
        let of = Reconciliation {
            scope: SignedScope::Office(OfficeId(id(1))),
            project: None,
            signed: Vec::new(),
            report,
            ..of
        };
        let (shell, figures) = (shell("Reconciliation", NavItem::Settings), Figures::Now(&of, &none));
        put(pages, name, &ReconciliationOffice { shell, figures, now: at("2026-11-23T16:05:00Z") });
    };
    office("reconciliation-office", now(&[side(), sent(), vancouver()]));
    office("reconciliation-office-in-another-currency", hindered(&[apart(), fractions(), vancouver()]));
    let shell = shell("What moved", NavItem::Reconciliation);
    put(pages, "reconciliation-compare", &MovedPage { shell, found: &compared() });
}

/// A project's figures as they are now.
fn now(sides: &[ReconciledSide]) -> Reconciliation {
    Reconciliation {
        figures: String::new(),
        hindrance: None,
        sections: sides.to_vec(),
        signed: vec![signature()],
        denied: None,
        scope: SignedScope::Project(ProjectId(Uuid::nil())),
        project: Some(ReconciledProject { project: project(), mapping: Some(mapping()), connected: true }),
        report: ReconciliationReport { of: "Harbor Point Medical Office".into(), sections: Vec::new() },
    }
}

fn page(figures: Figures<'_>) -> ReconciliationPage<'_> {
    static READER: LazyLock<Actor> = LazyLock::new(|| actor(Role::AccountOwner));
    ReconciliationPage {
        shell: shell("Reconciliation", NavItem::Reconciliation),
        actor: &READER,
        figures,
        side: figures.sides().first(),
        show: None,
        most: 2,
        procore_url: Some("https://procore.example".into()),
        age: Some(EventsAge {
            text: "Change events as of 3 min ago".into(),
            refresh_url: "events/refresh".into(),
            currency: None,
            stale: false,
            fragment_url: "events/age".into(),
        }),
    }
}

fn money(cents: i64) -> Amount {
    Money::minor(cents).into()
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

const DIFFERS: &str = "The Procore project is kept in CAD and these amounts are in USD. Amounts are never converted. Map this \
                       project to a Procore project that is kept in its currency.";

fn hindered(sides: &[ReconciledSide]) -> Reconciliation {
    let hindrance =
        "These figures can't be signed off: amounts of Harbor Point Medical Office can't be compared with Procore. ";
    Reconciliation { hindrance: Some(format!("{hindrance}{DIFFERS}")), ..now(sides) }
}

fn sum(category: Category, count: usize, [in_log, in_procore, gap]: [i64; 3]) -> CategorySum {
    let (in_log, in_procore, gap) = (Money::minor(in_log), money(in_procore), money(gap));
    CategorySum { category, count, in_log, in_procore, rounding: Money::ZERO, gap }
}

fn cor(
    number: &str,
    counterparty: &str,
    title: &str,
    category: Category,
    [in_log, in_procore]: [i64; 2],
) -> ReconciledCor {
    let differs = category == Category::AmountDiffers;
    ReconciledCor {
        id: CorId(Uuid::nil()),
        number: number.into(),
        title: title.into(),
        counterparty: counterparty.into(),
        status: Status::InReview,
        state: if differs { ProcoreState::UpdateNeeded } else { ProcoreState::NotInProcore },
        category,
        not_compared: None,
        event_id: differs.then_some(ProcoreId::from(2)),
        event_number: if differs { "002".into() } else { String::new() },
        in_log: Money::minor(in_log),
        in_procore: money(in_procore),
        gap: money(in_log - in_procore),
    }
}

fn event(id: i64, title: &str, status: &str, [total, of_our_cors]: [i64; 2]) -> ReconciledEvent {
    ReconciledEvent {
        id: id.into(),
        number: format!("{id:03}"),
        title: title.into(),
        status: status.into(),
        counts: Counts::Yes,
        cors: usize::from(of_our_cors != 0),
        total: money(total),
        of_our_cors: money(of_our_cors),
        only_in_procore: money(total - of_our_cors),
        added_by_procore: AddedByProcore::default(),
    }
}

fn side() -> ReconciledSide {
    use Category as C;
    let long = "Overtime to recover schedule after slab delay (premium portion only), weeks of 9/14 and 9/21";
    let ridgeway = "Ridgeway Drywall & Acoustical Specialties of the Northwest";
    let mut cors = vec![
        cor("010", "Northline Electric LLC", "Generator annunciator", C::AmountDiffers, [430_000, 391_655]),
        cor("012", ridgeway, long, C::NotInProcore, [2_790_475, 0]),
        cor("013", "Cascade Mechanical, Inc.", "Credit: delete VAV boxes", C::NotInProcore, [-1_260_000, 0]),
    ];
    let more = |n| cor(&format!("{n:03}"), ridgeway, "Patch and paint", C::NotInProcore, [3_328_963, 0]);
    cors.extend((14..54).map(more));
    ReconciledSide {
        project_id: ProjectId(Uuid::nil()),
        project_name: "Harbor Point Medical Office".into(),
        job_number: "24-118".into(),
        side: Side::Received,
        currency: Currency::Usd,
        read_at: Some(at("2026-11-23T16:02:00Z")),
        log_total: Money::minor(152_186_490),
        draft_or_void: Money::minor(3_706_440),
        draft_or_void_cors: 4,
        events_total: money(30_208_772),
        rounding: Money::ZERO,
        added_by_procore: AddedByProcore::default(),
        gap: money(118_271_278),
        not_compared: None,
        reasons: String::new(),
        categories: vec![
            sum(C::Matched, 4, [12_481_042, 12_481_042, 0]),
            sum(C::AmountDiffers, 2, [1_310_000, 1_239_655, 70_345]),
            sum(C::NotInProcore, 42, [134_689_008, 0, 134_689_008]),
            sum(C::Waiting, 0, [0, 0, 0]),
            sum(C::NotComparable, 0, [0, 0, 0]),
            sum(C::ToTakeOut, 0, [0, 0, 0]),
            sum(C::NotToPush, 4, [3_706_440, 0, 0]),
            sum(C::OnlyInProcore, 4, [0, 16_488_075, -16_488_075]),
        ],
        set_aside: vec![EventsSetAside { counts: Counts::Void, events: 1, total: money(-2_240_000) }],
        cors,
        events: vec![
            event(2, "Level 2 coordination", "Open", [391_655, 391_655]),
            event(5, "Level 3 coordination", "Pending Owner Review", [16_488_075, 0]),
        ],
    }
}

/// Everything is in the forecast.
fn settled() -> ReconciledSide {
    let mut side = side();
    for sum in &mut side.categories {
        if sum.category != Category::NotToPush {
            *sum = self::sum(sum.category, 0, [0, 0, 0]);
        }
    }
    side.categories[0] = sum(Category::Matched, 48, [148_480_050, 148_480_050, 0]);
    ReconciledSide { cors: Vec::new(), events: Vec::new(), events_total: money(148_480_050), gap: Amount::ZERO, ..side }
}

/// Procore holds fractions of a cent.
fn fractions() -> ReconciledSide {
    let mut side = side();
    let third = Amount::of(rust_decimal::Decimal::new(333_333, 4));
    for cor in &mut side.cors {
        if cor.category == Category::AmountDiffers {
            (cor.in_procore, cor.in_log) = (third, Money::minor(5_000));
            cor.gap = money(1_667);
        }
    }
    side.cors.insert(1, ReconciledCor { number: "011".into(), ..side.cors[0].clone() });
    side.cors.insert(2, ReconciledCor { number: "011.1".into(), ..side.cors[0].clone() });
    ReconciledSide { rounding: Money::minor(-1), ..side }
}

/// The Procore project is kept in another currency.
fn apart() -> ReconciledSide {
    use Category as C;
    let mut side = side();
    for sum in &mut side.categories {
        if sum.category != C::NotToPush {
            *sum = self::sum(sum.category, 0, [0, 0, 0]);
        }
    }
    let none = Amount::NotComparable;
    side.categories[4] = CategorySum { in_procore: none, gap: none, ..sum(C::NotComparable, 48, [148_480_050, 0, 0]) };
    for cor in &mut side.cors {
        (cor.category, cor.in_procore, cor.gap) = (C::NotComparable, none, none);
    }
    ReconciledSide {
        events_total: none,
        gap: none,
        not_compared: Some(DIFFERS.into()),
        reasons: "Kept in USD here and in CAD in Procore".into(),
        set_aside: vec![EventsSetAside { counts: Counts::OtherCurrency, events: 6, total: Amount::NotComparable }],
        events: Vec::new(),
        ..side
    }
}

fn compared() -> ReconciliationComparison {
    let stood = |category, ours, there| Some(Stood { category, ours: Money::minor(ours), there: money(there) });
    let change = |number: &str, became, before, after| ReportChange {
        cor: Some(CorId(Uuid::nil())),
        number: number.into(),
        title: "Reroute 6\" chilled water main around added shear wall, Level 3".into(),
        counterparty: "Cascade Mechanical, Inc.".into(),
        became,
        before,
        after,
    };
    let sum = |count, cents: i64| Sum { count, ours: Money::minor(cents), there: money(cents), gap: Amount::ZERO };
    let category = |category| CategoryChange { category, before: sum(42, 34_689_008), after: sum(39, 30_122_008) };
    ReconciliationComparison {
        before: signature(),
        after: None,
        intact: true,
        name: "Harbor Point Medical Office".into(),
        signed: vec![signature()],
        sections: vec![SectionChange {
            project_id: ProjectId(Uuid::nil()),
            project_name: "Harbor Point Medical Office".into(),
            side: Side::Received,
            currency: Currency::Usd,
            categories: Category::ALL.into_iter().map(category).collect(),
            changes: vec![
                change(
                    "014.1",
                    Became::Moved,
                    stood(Category::NotInProcore, 1_845_000, 0),
                    stood(Category::Matched, 1_845_000, 1_845_000),
                ),
                change("013", Became::New, None, stood(Category::NotInProcore, -1_260_000, 0)),
            ],
            unchanged: 41,
        }],
    }
}
