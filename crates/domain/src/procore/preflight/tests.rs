use super::*;
use crate::{
    money::{Currency, Money},
    procore::{Amount, Side, currency::KnownCurrency},
};

fn facts(level: &str) -> Facts {
    Facts {
        access: ChangeEventPermission::Level(level.to_owned()),
        login: "d.whitfield@whitfieldsons.example".to_owned(),
        event: None,
        currency: Currency::Usd,
        there: KnownCurrency { stated: Some(Currency::Usd), ..KnownCurrency::default() },
        codes: 3,
        codes_gone: Vec::new(),
        codes_read_at: None,
        codes_old: false,
        codes_unseen: None,
        work: Work::Writes,
        surplus: Surplus::default(),
        former: Vec::new(),
        contracts: contracts("Approved", ContractReading::Now),
        unseen: None,
        side: Side::Received,
    }
}

fn contract_facts(status: &str, currency: &str) -> ContractFacts {
    let (name, status, currency) = ("SC-23-007 Mechanical".into(), status.into(), currency.into());
    ContractFacts { name, chosen: true, status, currency, seen: ContractReading::Now }
}

fn contracts(status: &str, seen: ContractReading) -> Vec<ContractFacts> {
    vec![ContractFacts { seen, ..contract_facts(status, "") }]
}

fn existing(mapped_to: &str, own: Option<bool>) -> TargetEvent {
    TargetEvent {
        name: "CE 002".into(),
        status: "Open".into(),
        mapped_to: mapped_to.into(),
        own,
        sum: Amount::ZERO,
        unreadable: Vec::new(),
    }
}

fn unreadable() -> TargetEvent {
    let lines = vec![("Crane time".to_owned(), Amount::TooLarge), ("Rigging".to_owned(), Amount::Unreadable)];
    TargetEvent { unreadable: lines, ..existing("open", None) }
}

#[test]
fn a_surplus_is_told_with_the_event_and_stops_what_would_count_twice() {
    let says = || vec!["COR 010: A line of 100.00 is in Change Event 099 as well.".to_owned()];
    let with = |event: &str, anew| {
        let surplus = Surplus { says: says(), anew };
        let findings = preflight(&Facts { event: Some(existing(event, None)), surplus, ..facts("admin") });
        findings.into_iter().find(|finding| finding.check == PreflightCheck::Event).unwrap()
    };
    let told = with("open", false);
    assert_eq!(told.level, Level::Warn);
    assert_eq!(told.says, "CE 002 is Open. COR 010: A line of 100.00 is in Change Event 099 as well.");
    let told = with("closed", false).correction.unwrap().says;
    assert!(told.starts_with("Reopen it in Procore if the push is refused. Remove that surplus"), "{told}");
    assert_eq!((with("open", true).level, with("void", false).level), (Level::Stop, Level::Stop));
}

#[test]
fn former_lines_stop_what_would_count_twice_and_are_told_where_they_add_up_to_nothing() {
    let line = |says: &str, cents| (says.to_owned(), Amount::from(Money::minor(cents)));
    let with = |event: &str, lines: Vec<(String, Amount)>| {
        let former = vec![Former { number: "010".into(), lines }];
        let findings = preflight(&Facts { event: Some(existing(event, None)), former, ..facts("admin") });
        findings.into_iter().find(|finding| finding.check == PreflightCheck::Event).unwrap()
    };
    let told =
        with("open", vec![line("COR 010: Labor", 500), line("COR 010: Material", 250), line("COR 010: Rounding", 1)]);
    assert_eq!(told.level, Level::Stop);
    assert_eq!(
        told.says,
        "COR 010: 3 lines of 7.51 are in this Change Event from before it was unlinked (“COR 010: Labor” and 2 more), and no \
         push accounts for them."
    );
    assert_eq!(with("open", vec![line("COR 010: Labor", 500)]).level, Level::Stop);
    let told = with("closed", vec![line("COR 010: Labor", 500), line("COR 010: Labor", -500)]);
    assert_eq!(told.level, Level::Warn);
    assert!(told.says.starts_with("CE 002 is Open, and Procore may refuse"), "{}", told.says);
    assert!(told.correction.unwrap().says.ends_with("Remove these lines in Procore; this push leaves them there."));
    assert!(with("void", vec![line("COR 010: Labor", 500)]).says.contains("a void event"));
}

#[test]
fn an_amount_that_cannot_be_read_is_told_with_its_line() {
    let findings = preflight(&Facts { event: Some(unreadable()), ..facts("admin") });
    assert_eq!(
        stops(&findings),
        [
            "CE 002: the amount of “Crane time” (and 1 more) is too large to read. Correct it in Procore, then look again."
        ]
    );
}

fn level(facts: &Facts, check: PreflightCheck) -> Level {
    preflight(facts).into_iter().find(|finding| finding.check == check).unwrap().level
}

#[test]
fn everything_in_order_stops_nothing() {
    for event in [None, Some(existing("open", Some(false))), Some(existing("pending", None))] {
        let findings = preflight(&Facts { event, ..facts("admin") });
        assert_eq!(findings.iter().map(|f| f.check).collect::<Vec<_>>(), PreflightCheck::ALL);
        assert!(findings.iter().all(|f| f.level == Level::Ok && f.correction.is_none()), "{findings:#?}");
        assert!(stops(&findings).is_empty());
    }
}

#[test]
fn each_stop_says_what_to_do_and_who_can() {
    let with = |access: ChangeEventPermission| Facts { access, ..facts("admin") };
    let contract = |status: &str| contracts(status, ContractReading::Now);
    let cases = [
        (with(ChangeEventPermission::SignIn(String::new())), PreflightCheck::Connection, Who::You),
        (with(ChangeEventPermission::NoApp), PreflightCheck::App, Who::AccountAdmin),
        (with(ChangeEventPermission::NoTool), PreflightCheck::Tool, Who::ProjectAdmin),
        (with(ChangeEventPermission::NoProject), PreflightCheck::Tool, Who::ProjectAdmin),
        (facts("read_only"), PreflightCheck::Permission, Who::ProjectAdmin),
        (facts("None"), PreflightCheck::Permission, Who::ProjectAdmin),
        (
            Facts { event: Some(existing("open", Some(false))), ..facts("Standard") },
            PreflightCheck::Permission,
            Who::ProjectAdmin,
        ),
        (Facts { event: Some(existing("void", None)), ..facts("admin") }, PreflightCheck::Event, Who::You),
        (Facts { event: Some(unreadable()), ..facts("admin") }, PreflightCheck::Event, Who::You),
        (Facts { there: KnownCurrency::default(), ..facts("admin") }, PreflightCheck::Currency, Who::You),
        (
            Facts { there: KnownCurrency::default().naming(["CAD"]), ..facts("admin") },
            PreflightCheck::Currency,
            Who::You,
        ),
        (
            Facts { contracts: vec![contract_facts("Approved", "CAD")], ..facts("admin") },
            PreflightCheck::Contract,
            Who::You,
        ),
        (
            Facts { codes_gone: vec!["07-8413.S · Firestopping".to_owned()], ..facts("admin") },
            PreflightCheck::Codes,
            Who::You,
        ),
        (Facts { contracts: contract("Void"), ..facts("admin") }, PreflightCheck::Contract, Who::You),
        (Facts { contracts: contract("Terminated"), ..facts("admin") }, PreflightCheck::Contract, Who::You),
        (
            Facts { contracts: contracts("Approved", ContractReading::Gone), ..facts("admin") },
            PreflightCheck::Contract,
            Who::You,
        ),
        (
            Facts { contracts: contracts("Void", ContractReading::Unread("No answer.".into())), ..facts("admin") },
            PreflightCheck::Contract,
            Who::You,
        ),
    ];
    for (facts, check, who) in cases {
        let findings = preflight(&facts);
        let finding = findings.iter().find(|f| f.check == check).unwrap();
        assert_eq!(finding.level, Level::Stop, "{finding:?}");
        assert_eq!(finding.correction.as_ref().map(|correction| correction.who), Some(who), "{finding:?}");
        let others = findings.iter().filter(|f| f.level == Level::Stop).count();
        assert_eq!(others, 1, "one cause, one stop: {findings:#?}");
        assert_eq!(stops(&findings).len(), 1);
    }
}

#[test]
fn what_no_source_says_procore_refuses_is_a_warning() {
    let contract = |status: &str| contracts(status, ContractReading::Now);
    let cases = [
        (Facts { event: Some(existing("closed", None)), ..facts("admin") }, PreflightCheck::Event),
        (Facts { contracts: contract("Out For Signature"), ..facts("admin") }, PreflightCheck::Contract),
        (Facts { contracts: contract("Complete"), ..facts("admin") }, PreflightCheck::Contract),
        (Facts { codes_old: true, ..facts("admin") }, PreflightCheck::Codes),
    ];
    for (facts, check) in cases {
        assert_eq!(level(&facts, check), Level::Warn, "{check:?}");
        assert!(stops(&preflight(&facts)).is_empty());
    }
}

#[test]
fn a_contract_in_an_unknown_status_is_not_taken_for_one_in_force() {
    let found = |status: &str| {
        let findings = preflight(&Facts { contracts: contracts(status, ContractReading::Now), ..facts("admin") });
        findings.into_iter().find(|finding| finding.check == PreflightCheck::Contract).unwrap()
    };
    for status in ["Voided", "Cancelled", "Declined", "approved?", "3", "", " "] {
        let finding = found(status);
        assert_eq!(finding.level, Level::Unknown, "{status}");
        assert!(finding.says.contains("SC-23-007") && finding.says.contains(status.trim()), "{}", finding.says);
    }
    for (status, level) in [
        ("void ", Level::Stop),
        (" TERMINATED", Level::Stop),
        ("Out_For_Tender", Level::Warn),
        ("complete", Level::Warn),
        ("approved ", Level::Ok),
        ("Partially Received", Level::Ok),
    ] {
        assert_eq!(found(status).level, level, "{status}");
    }
    // What stops or warns is told before what is not known.
    let both = vec![contract_facts("Voided", ""), contract_facts("Void", "")];
    assert_eq!(level(&Facts { contracts: both, ..facts("admin") }, PreflightCheck::Contract), Level::Stop);
    let both = vec![contract_facts("Approved", ""), contract_facts("Voided", "")];
    assert_eq!(level(&Facts { contracts: both, ..facts("admin") }, PreflightCheck::Contract), Level::Unknown);
}

#[test]
fn an_event_whose_status_means_nothing_known_is_not_taken_for_a_live_one() {
    let found = |status: &str, mapped_to: &str| {
        let event = TargetEvent { status: status.into(), ..existing(mapped_to, None) };
        preflight(&Facts { event: Some(event), ..facts("admin") }).remove(4)
    };
    for (status, mapped_to, said) in [
        ("In Verhandlung", "", "CE 002 is “In Verhandlung”, and Procore doesn't say what that means"),
        ("Parked", "parked", "To Procore that means “parked”, which is none of"),
        ("", " ", "Procore names no status of CE 002"),
    ] {
        let finding = found(status, mapped_to);
        assert_eq!((finding.check, finding.level), (PreflightCheck::Event, Level::Unknown));
        assert!(finding.says.contains(said), "{}", finding.says);
    }
    assert_eq!(found("Void", "Void ").level, Level::Stop);
    assert_eq!(found("Closed", "CLOSED").level, Level::Warn);
    assert_eq!(found("Open", "open").level, Level::Ok);
}

#[test]
fn standard_creates_and_edits_its_own_events() {
    assert_eq!(level(&facts("Standard"), PreflightCheck::Permission), Level::Ok);
    let on = |own| Facts { event: Some(existing("open", own)), ..facts("standard") };
    assert_eq!(level(&on(Some(true)), PreflightCheck::Permission), Level::Ok);
    assert_eq!(level(&on(None), PreflightCheck::Permission), Level::Unknown);
}

#[test]
fn where_lines_are_only_removed_no_code_and_no_contract_is_asked_for_and_a_void_event_is_fine() {
    let findings = preflight(&Facts {
        event: Some(existing("void", None)),
        work: Work::TakesOut,
        codes: 0,
        codes_old: true,
        contracts: Vec::new(),
        ..facts("admin")
    });
    assert!(findings.iter().all(|f| f.level == Level::Ok), "{findings:#?}");
}

#[test]
fn a_line_that_makes_up_for_a_locked_one_needs_what_every_new_line_needs() {
    let made_up = Facts { work: Work::MakesUp, codes: 1, ..facts("admin") };
    let of_locked = |status, seen| vec![ContractFacts { chosen: false, seen, ..contract_facts(status, "") }];
    let cases = [
        (Facts { event: Some(existing("void", None)), ..made_up.clone() }, PreflightCheck::Event),
        (Facts { there: KnownCurrency::default(), ..made_up.clone() }, PreflightCheck::Currency),
        (Facts { codes_gone: vec!["07-8413.S · Firestopping".to_owned()], ..made_up.clone() }, PreflightCheck::Codes),
        (Facts { contracts: of_locked("Void", ContractReading::Now), ..made_up.clone() }, PreflightCheck::Contract),
        (Facts { contracts: of_locked("", ContractReading::Gone), ..made_up.clone() }, PreflightCheck::Contract),
    ];
    for (facts, check) in cases {
        let findings = preflight(&facts);
        assert_eq!(stops(&findings).len(), 1, "{findings:#?}");
        let finding = findings.iter().find(|finding| finding.check == check).unwrap();
        let remedy = finding.correction.clone().unwrap().says;
        assert!(finding.level == Level::Stop && !remedy.contains("hoose another"), "{finding:?}");
    }
    assert!(stops(&preflight(&made_up)).is_empty());
    // Where Procore shows no codes at all, nobody knows.
    let unseen = Facts {
        codes_gone: vec!["07-8413.S · Firestopping".to_owned()],
        codes_unseen: Some(("Not shown.", "Read Only")),
        ..made_up
    };
    assert_eq!(level(&unseen, PreflightCheck::Codes), Level::Warn);
}

#[test]
fn a_code_that_left_the_budget_is_named() {
    let told = |gone: &[&str]| {
        let codes_gone: Vec<String> = gone.iter().map(|name| (*name).to_owned()).collect();
        let facts = Facts { work: Work::MakesUp, codes: 3, codes_gone, ..facts("admin") };
        preflight(&facts).into_iter().find(|finding| finding.check == PreflightCheck::Codes).unwrap().says
    };
    let (one, other) = ("07-8413.S · Firestopping", "23-2113.L · Hydronic piping");
    assert_eq!(told(&[one]), "1 line would get 07-8413.S · Firestopping, which is no longer in the budget.");
    assert_eq!(
        told(&[other, one, one]),
        "3 lines would get codes that are no longer in the budget: 07-8413.S · Firestopping, 23-2113.L · Hydronic piping."
    );
}

#[test]
fn an_event_that_cannot_be_pushed_into_says_so_where_it_is_chosen() {
    let may = |level: &str| ChangeEventPermission::Level(level.to_owned());
    let chosen =
        |access: ChangeEventPermission, mapped: &str, own| choosable(&access, &existing(mapped, own), Work::Writes);
    assert_eq!(chosen(may("admin"), "open", Some(false)), (None, None));
    let (void, _) = chosen(may("admin"), "void", None);
    assert!(void.unwrap().contains("don't count"));
    let (refused, closed) = chosen(may("admin"), "closed", None);
    assert!(refused.is_none() && closed.unwrap().contains("may refuse changes"));
    let (theirs, _) = chosen(may("standard"), "open", Some(false));
    assert!(theirs.unwrap().contains("somebody else's"));
    let large = TargetEvent { sum: Amount::TooLarge, ..existing("open", None) };
    let (large, _) = choosable(&may("admin"), &large, Work::Writes);
    assert_eq!(large.unwrap(), "CE 002: an amount in it is too large to read.");
    assert_eq!(chosen(may("read_only"), "open", None), (None, None), "that stands in the way of every event");
    assert_eq!(
        chosen(ChangeEventPermission::Unknown("No answer.".into()), "open", None),
        (None, None),
        "not known is no refusal"
    );
    assert_eq!(choosable(&may("admin"), &existing("void", None), Work::TakesOut), (None, None), "lines may be removed");
}

#[test]
fn what_cannot_be_asked_stops_nothing() {
    let contracts = contracts("Approved", ContractReading::Unread("Procore is not answering.".into()));
    let findings = preflight(&Facts {
        access: ChangeEventPermission::Unknown("Procore is not answering.".into()),
        contracts,
        ..facts("")
    });
    assert!(findings.iter().all(|f| matches!(f.level, Level::Ok | Level::Unknown)), "{findings:#?}");
    assert_eq!(level(&facts("Wizard"), PreflightCheck::Permission), Level::Unknown, "a level of Procore's to come");
}
