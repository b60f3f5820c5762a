//! Reference data and the list of change events.

use domain::procore::{
    Amount,
    budget::{AnsweredLimits, RateHeaders},
};
use emulator::{Fault, FaultKind, WorldAction, seed::HARBOR_POINT};
use jiff::SignedDuration;
use ledgerboard::{
    Error,
    integration::{change_events, reference},
};
use store::{both_databases, repo::rate::Account, testing::TestDb};

use crate::cast::{Cast, sentence};

both_databases! {
    async fn reference_data_is_read_once_cold_and_not_at_all_warm(store: Store) {
        let cast = Cast::mapped(store).await;
        let (app, owner) = (&cast.world.app, &cast.owner);
        cast.calls();
        let cold = reference::get(app, owner, cast.project).await.unwrap();
        let harbor = cast.procore_project(HARBOR_POINT);
        let mut calls = cast.calls();
        calls.sort();
        let codes = format!("GET /rest/v1.0/projects/{harbor}/work_breakdown_structure/wbs_codes");
        let vendors = format!("GET /rest/v1.0/projects/{harbor}/vendors");
        assert_eq!(
            calls.iter().map(String::as_str).collect::<Vec<_>>(),
            [
                "GET /rest/v1.0/change_event/statuses",
                "GET /rest/v1.0/change_order_change_reasons",
                "GET /rest/v1.0/change_types",
                "GET /rest/v1.0/commitments",
                "GET /rest/v1.0/prime_contracts",
                vendors.as_str(),
                codes.as_str(),
            ]
        );
        assert_eq!(cold.statuses.iter().map(|s| s.mapped_to.as_str()).collect::<Vec<_>>(), ["open", "pending", "closed", "void"]);
        assert_eq!(cold.statuses.iter().filter(|s| s.default).count(), 1);
        assert!(cold.budget_codes.len() > 40 && cold.budget_codes.iter().any(|c| c.code == "23-2113.L"));
        assert!(cold.commitments.iter().any(|c| c.number == "SC-23-007" && c.vendor_name == "Cascade Mechanical, Inc."));
        assert_eq!(cold.prime_contracts[0].number, "PC-001");
        assert!(!cold.types.is_empty() && !cold.reasons.is_empty());
        assert_eq!(cold.fetched_at, app.now());

        cast.world.advance(3599);
        assert!(!reference::refresh_if_stale(app, owner, cast.project).await.unwrap());
        assert_eq!(cast.calls(), [""; 0], "warm: nothing before the hour");
        cast.world.advance(1);
        assert_eq!(reference::get(app, owner, cast.project).await.unwrap(), cold);
        assert_eq!(cast.calls(), [""; 0], "what is stored is shown at once, however old");
        let changed = reference::refresh_if_stale(app, owner, cast.project).await.unwrap();
        let mut behind = cast.calls();
        behind.sort();
        assert_eq!((changed, behind), (false, calls), "behind it each kind once");
        let void = WorldAction::SetContractStatus { contract_id: cold.commitments[0].id, status: "Void".to_owned() };
        cast.world.procore.world(|world| world.act(void)).unwrap();
        cast.world.advance(3600);
        assert!(reference::refresh_if_stale(app, owner, cast.project).await.unwrap(), "and it says that something changed");
        cast.calls();
        let anew = reference::refresh(app, owner, cast.project).await.unwrap();
        assert_eq!((anew.fetched_at, anew.budget_codes), (app.now(), cold.budget_codes));
        assert_eq!(cast.calls().len(), 7);
    }

    async fn the_list_of_change_events_is_one_call_and_is_kept(store: Store) {
        let cast = Cast::mapped(store).await;
        let (app, owner, project) = (&cast.world.app, &cast.owner, cast.project);
        cast.calls();
        let age = change_events::age(app, owner, project).await.unwrap().unwrap();
        assert_eq!((age.read_at, age.stale), (None, true));
        change_events::refresh_if_stale(app, owner, project).await.unwrap();
        assert_eq!(cast.calls(), ["GET /rest/v1.1/change_events"]);
        cast.world.advance(299);
        change_events::refresh_if_stale(app, owner, project).await.unwrap();
        assert_eq!(cast.calls(), [""; 0]);

        let list = change_events::list(app, owner, project).await.unwrap();
        assert_eq!(list.events.iter().map(|e| e.number.as_str()).collect::<Vec<_>>(), ["005", "004", "003", "002", "001"]);
        let harbor = cast.procore_project(HARBOR_POINT);
        for event in &list.events {
            let (cost, status) = cast.world.procore.world(|world| {
                let there = &world.change_events[&event.event_id];
                let live = there.items.iter().filter(|item| item.deleted_at.is_none());
                let cost: rust_decimal::Decimal = live.map(|item| item.cost.amount).sum();
                (cost, world.statuses[&there.status_id].name.clone())
            });
            assert_eq!((event.cost, &event.status), (Amount::of(cost), &status), "{}", event.number);
        }

        let (first, second) = cast.world.procore.world(|world| {
            let id = |number| world.event_by_number(harbor, number).unwrap().id;
            (id("001"), id("002"))
        });
        cast.world.procore.world(|world| {
            world.act(WorldAction::DeleteEvent { event_id: first }).unwrap();
            world.change_events.get_mut(&second).unwrap().number = "CE-2".to_owned();
        });
        cast.world.advance(1);
        change_events::refresh_if_stale(app, owner, project).await.unwrap();
        let numbers: Vec<_> =
            change_events::list(app, owner, project).await.unwrap().events.into_iter().map(|e| e.number).collect();
        assert_eq!(numbers.len(), 4);
        assert!(numbers.contains(&"CE-2".to_owned()), "{numbers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_of_contracts_is_not_believed_for_long() {
    let db = TestDb::sqlite().await;
    let cast = Cast::mapped(db.store()).await;
    let (app, owner) = (&cast.world.app, &cast.owner);
    let see = |sees: bool| {
        cast.world.procore.world(|world| world.users.values_mut().for_each(|user| user.sees_prime_contracts = sees));
    };
    see(false);
    assert!(reference::get(app, owner, cast.project).await.unwrap().prime_contracts.is_empty());
    see(true);
    cast.calls();
    cast.world.advance(601);
    assert!(!reference::get(app, owner, cast.project).await.unwrap().prime_contracts.is_empty());
    assert_eq!(cast.calls(), ["GET /rest/v1.0/prime_contracts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_mapped_or_not_shown_is_not_read() {
    let db = TestDb::sqlite().await;
    let cast = Cast::connected(db.store()).await;
    let app = &cast.world.app;
    cast.calls();
    let said = sentence(reference::get(app, &cast.owner, cast.project).await);
    assert!(said.contains("not mapped to a Procore project yet"), "{said}");
    assert_eq!(change_events::age(app, &cast.owner, cast.project).await.unwrap(), None);
    change_events::refresh_if_stale(app, &cast.owner, cast.project).await.unwrap();
    cast.map(HARBOR_POINT).await.unwrap();
    cast.calls();
    assert!(matches!(reference::get(app, &cast.field_user, cast.project).await, Err(Error::Denied(_))));
    assert!(matches!(change_events::list(app, &cast.field_user, cast.project).await, Err(Error::Denied(_))));
    assert_eq!(cast.calls(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_when_the_limit_is_known_to_be_used_up() {
    let db = TestDb::sqlite().await;
    let cast = Cast::mapped(db.store()).await;
    let app = &cast.world.app;
    change_events::refresh(app, &cast.owner, cast.project).await.unwrap();
    let account = emulator::seed::WHITFIELD;
    let now = app.now();
    let limits = Account { client: "test-client".to_owned(), procore_company: account };
    let of = limits.clone();
    let left = app.store.read(move |tx| tx.rate_left(&of, now)).await.unwrap();
    assert!(left.is_some_and(|left| left.remaining > 0), "what the headers said is noted: {left:?}");

    let said = RateHeaders { allowed: 25, remaining: 0, resets_at: now + SignedDuration::from_secs(8) };
    let heard = AnsweredLimits { said: Some(said), ..AnsweredLimits::default() };
    app.store.write(move |tx| tx.hear_request(&limits, heard, now, now)).await.unwrap();
    cast.calls();
    let error = change_events::refresh(app, &cast.owner, cast.project).await.unwrap_err();
    assert!(matches!(&error, Error::ProcoreUnavailable(said) if said.contains("until 17:00:08 UTC")), "{error:?}");
    assert_eq!(cast.calls(), [""; 0]);
    cast.world.advance(9);
    change_events::refresh(app, &cast.owner, cast.project).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_no_document_explains_is_procores_and_no_failure_of_ours() {
    let db = TestDb::sqlite().await;
    let cast = Cast::mapped(db.store()).await;
    let app = &cast.world.app;
    for status in [202, 204, 301, 302, 303, 304, 307, 308, 418, 451] {
        cast.world.procore.fault(Fault::next("GET", "/change_events", FaultKind::headers(Some(status), &[])));
        let error = change_events::refresh(app, &cast.owner, cast.project).await.unwrap_err();
        assert_eq!(error.status().as_u16(), 502, "{status}: {error:?}");
        let told = error.sentence();
        assert!(
            told.contains("Procore's answer could not be understood") && told.contains(&status.to_string()),
            "{told}"
        );
    }
    for status in [200, 201, 207] {
        cast.world.procore.fault(Fault::next("GET", "/change_events", FaultKind::headers(Some(status), &[])));
        let error = change_events::refresh(app, &cast.owner, cast.project).await.unwrap_err();
        assert_eq!(error.status().as_u16(), 502, "{status}: {error:?}");
        assert!(error.sentence().contains("Procore"), "{error:?}");
    }
    change_events::refresh(app, &cast.owner, cast.project).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_that_is_told_is_the_wait_that_is_kept() {
    let absurd: [&[(&str, &str)]; 5] = [
        &[("date", "Fri, 31 Dec 9999 23:59:59 GMT"), ("x-rate-limit-reset", "253402300799")],
        &[("date", "Fri, 31 Dec 9999 23:59:59 GMT"), ("retry-after", "0"), ("x-rate-limit-reset", "253402300799")],
        &[("retry-after", "1795964400"), ("x-rate-limit-reset", "soon")],
        &[("date", "soon"), ("retry-after", "-1"), ("x-rate-limit-reset", "99999999999")],
        &[("date", "soon"), ("retry-after", "12"), ("x-rate-limit-reset", "99999999999")],
    ];
    for headers in absurd {
        let db = TestDb::sqlite().await;
        let cast = Cast::mapped(db.store()).await;
        let app = &cast.world.app;
        cast.calls();
        cast.world.procore.fault(Fault::next("GET", "/change_events", FaultKind::headers(Some(429), headers)));
        let first = sentence(change_events::refresh(app, &cast.owner, cast.project).await);
        assert_eq!(cast.calls().len(), 1, "{headers:?}");
        let again = sentence(change_events::refresh(app, &cast.owner, cast.project).await);
        assert_eq!(cast.calls(), [""; 0], "kept: {headers:?}");
        assert_eq!(first, again, "{headers:?}");
        assert!(first.contains("used up until"), "{first}");
    }
}
