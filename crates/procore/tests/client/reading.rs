//! Reads: whom they act for, paging, records, errors.

use procore::{
    ChangeEventFilter, Deleted, Error, Executed, Next, SendError, Window,
    model::{ChangeEventId, CompanyId, ContractId, Estimate, Figure, ProjectId, Scope, StatusKind},
};
use serde_json::json;

use crate::fake::{self, Answer, Asked, Fake, answer, ok};

const PROJECT: ProjectId = ProjectId(562_949_953_508_586);

fn amount(text: &str) -> Figure {
    Figure::Exact(text.parse().unwrap())
}

#[tokio::test]
async fn every_call_names_the_person_and_the_company() {
    let fake = Fake::new(|asked| ok(if asked.path.contains("permissions") { "{}" } else { "[]" }));
    let session = fake.session();
    session.companies().await.unwrap();
    session.projects(CompanyId(7)).await.unwrap();
    session.change_events(PROJECT, &ChangeEventFilter::default()).await.unwrap();
    session.statuses(PROJECT).await.unwrap();
    session.change_types(CompanyId(7)).await.unwrap();
    session.change_reasons(CompanyId(7)).await.unwrap();
    session.wbs_codes(PROJECT).await.unwrap();
    session.commitments(PROJECT).await.unwrap();
    session.vendors(PROJECT).await.unwrap();
    session.prime_contracts(PROJECT).await.unwrap();
    let _ = session.commitment(PROJECT, ContractId(5)).await;
    let _ = session.prime_contract(PROJECT, ContractId(7)).await;
    session.permissions(PROJECT).await.unwrap();
    let seen: Vec<_> = fake
        .all()
        .iter()
        .map(|asked| {
            assert_eq!(asked.header("authorization"), Some("Bearer the-token"));
            assert_eq!(asked.header("accept"), Some("application/json"));
            let scope = asked.param("project_id").or(asked.param("company_id")).unwrap_or("-").to_owned();
            format!("{} {scope} as {}", asked.path, asked.header("procore-company-id").unwrap())
        })
        .collect();
    let wanted = [
        "/rest/v1.0/companies - as 4264",
        "/rest/v1.1/projects 7 as 7",
        "/rest/v1.1/change_events 562949953508586 as 4264",
        "/rest/v1.0/change_event/statuses 562949953508586 as 4264",
        "/rest/v1.0/change_types 7 as 7",
        "/rest/v1.0/change_order_change_reasons 7 as 7",
        "/rest/v1.0/projects/562949953508586/work_breakdown_structure/wbs_codes - as 4264",
        "/rest/v1.0/commitments 562949953508586 as 4264",
        "/rest/v1.0/projects/562949953508586/vendors - as 4264",
        "/rest/v1.0/prime_contracts 562949953508586 as 4264",
        "/rest/v1.0/commitments/5 562949953508586 as 4264",
        "/rest/v1.0/prime_contract/7 562949953508586 as 4264",
        "/rest/v1.0/settings/permissions 562949953508586 as 4264",
    ];
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn without_a_company_only_the_first_steps_work() {
    let fake =
        Fake::new(|asked| ok(if asked.path.ends_with("me") { r#"{"id":5,"login":"pm@gc.test"}"# } else { "[]" }));
    let session = fake.procore.acting(String::from("t").into(), None);
    assert_eq!(session.me().await.unwrap().value.login, "pm@gc.test");
    session.companies().await.unwrap();
    assert!(fake.all().iter().all(|asked| asked.header("procore-company-id").is_none()));
    assert_eq!(session.statuses(PROJECT).await.unwrap_err().next(), Next::WakeOperator);
    assert_eq!(fake.all().len(), 2, "a call that cannot work is not sent");
}

/// Seven projects, two a page, on a server that calls itself by another name.
fn seven_projects(asked: &Asked) -> Answer {
    let page: i64 = asked.param("page").unwrap_or("1").parse().unwrap();
    // The third page begins with the last of the second, as if one had come in between.
    let ids: &[i64] = [&[1, 2][..], &[3, 4], &[4, 5], &[6, 7]][usize::try_from(page - 1).unwrap()];
    let body = json!(ids.iter().map(|id| json!({"id": id, "name": "P"})).collect::<Vec<_>>()).to_string();
    let link = |page: i64, rel: &str| {
        format!("<http://10.0.0.1/internal?company_id=7&per_page=300&page={page}>; rel=\"{rel}\"")
    };
    let mut links = vec![link(1, "first")];
    if page < 4 {
        links.push(link(page + 1, "next"));
    }
    links.push(link(4, "last"));
    let (date, left) = (format!("Sun, 06 Nov 1994 08:49:3{page} GMT"), (100 - page).to_string());
    let rate = [("x-rate-limit-limit", "100"), ("x-rate-limit-remaining", left.as_str()), ("x-rate-limit-reset", "9")];
    let links = links.join(", ");
    let headers = [&rate[..], &[("link", &links), ("date", &date), ("x-request-id", "q")]].concat();
    answer(200, body, &headers)
}

#[tokio::test]
async fn all_pages_are_read_and_the_token_stays_with_our_host() {
    let fake = Fake::new(seven_projects);
    let answered = fake.session().projects(CompanyId(7)).await.unwrap();
    assert_eq!(answered.value.records.iter().map(|p| p.id.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(answered.date.unwrap().as_second(), 784_111_771, "a list is as old as its first page");
    assert_eq!(answered.rate.unwrap().remaining, 96, "what is left, is left after the last");
    assert_eq!(answered.request_id.as_deref(), Some("q"));
    for asked in fake.all() {
        assert_eq!((asked.path.as_str(), asked.param("per_page")), ("/rest/v1.1/projects", Some("300")));
    }
}

#[tokio::test]
async fn a_list_without_links_is_counted_to_its_total() {
    let fake = Fake::new(|asked| match asked.param("page").unwrap_or("1") {
        "1" => answer(200, r#"[{"id":1},{"id":2}]"#, &[("total", "3"), ("per-page", "2")]),
        "2" => answer(200, r#"[{"id":3}]"#, &[("total", "3"), ("per-page", "2")]),
        other => panic!("page {other}"),
    });
    assert_eq!(fake.session().statuses(PROJECT).await.unwrap().value.len(), 3);
    assert_eq!(fake.all()[1].param("project_id"), Some("562949953508586"));
    // A total that is never reached ends with the first empty page.
    let short = Fake::new(|asked| {
        answer(200, if asked.param("page").is_none() { r#"[{"id":1}]"# } else { "[]" }, &[("total", "9")])
    });
    assert_eq!(short.session().statuses(PROJECT).await.unwrap().value.len(), 1);
    assert_eq!(short.all().len(), 2);
}

#[tokio::test]
async fn a_list_is_whole_or_an_error() {
    let endless = Fake::new(|_| answer(200, r#"[{"id":1}]"#, &[("link", "<?page=2>; rel=\"next\"")]));
    assert_eq!(endless.session().statuses(PROJECT).await.unwrap_err().next(), Next::WakeOperator);
    assert_eq!(endless.all().len(), 2, "it is not asked for again and again");
    let torn = Fake::new(|asked| match asked.param("page") {
        None => answer(200, r#"[{"id":1}]"#, &[("link", "<?page=2>; rel=\"next\"")]),
        Some(_) => answer(503, "", &[("retry-after", "5")]),
    });
    assert!(matches!(torn.session().statuses(PROJECT).await, Err(Error::Unavailable { status: Some(503), .. })));
}

#[tokio::test]
async fn links_that_lead_round_or_away_cost_a_request_at_most() {
    // There and back again.
    let round = Fake::new(|asked| {
        let (id, next) = if asked.param("page") == Some("2") { (2, 1) } else { (1, 2) };
        let link = format!("<https://api.procore.test/x?project_id=1&page={next}>; rel=\"next\"");
        answer(200, format!("[{{\"id\":{id}}}]"), &[("link", &link)])
    });
    assert!(matches!(round.session().statuses(PROJECT).await, Err(Error::Unexpected(_))));
    assert!(round.all().len() <= 3, "{}", round.all().len());
    // Ever further pages with the same records.
    let same = Fake::new(|asked| {
        let page: u32 = asked.param("page").map_or(1, |page| page.parse().unwrap());
        let link = format!("<?page={}>; rel=\"next\"", page + 1);
        answer(200, r#"[{"id":1}]"#, &[("link", &link)])
    });
    assert!(matches!(same.session().statuses(PROJECT).await, Err(Error::Unexpected(_))));
    assert_eq!(same.all().len(), 2);
    // To another host, another path, or nowhere: the token stays where it is.
    for link in
        ["<https://evil.test/rest?page=2>; rel=\"next\"", "<//evil.test?page=2>; rel=next", "<:::>; rel=next", "<>"]
    {
        let away = Fake::new(move |asked| {
            if asked.param("page").is_some() { ok("[]") } else { answer(200, r#"[{"id":1}]"#, &[("link", link)]) }
        });
        assert_eq!(away.session().statuses(PROJECT).await.unwrap().value.len(), 1, "{link}");
        for asked in away.all() {
            assert_eq!(asked.header("host").unwrap_or("api.procore.test"), "api.procore.test");
            assert_eq!(asked.path, "/rest/v1.0/change_event/statuses");
        }
    }
}

#[tokio::test]
async fn a_route_that_takes_smaller_pages_is_asked_for_those_from_then_on() {
    for (refusal, size) in [
        (r#"{"errors":"Invalid per_page of 300, exceeding max per_page of 50"}"#, "50"),
        (r#"{"errors":["Invalid per_page of 300, exceeding max per_page of 50"]}"#, "50"),
        (r#"{"error":{"code":"BAD_REQUEST","message":"per_page must be at most 20"}}"#, "20"),
        (r#"{"errors":{"per_page":["is too large"]}}"#, "100"),
    ] {
        let fake = Fake::new(move |asked| {
            let asks: usize = asked.param("per_page").unwrap().parse().unwrap();
            let most: usize = size.parse().unwrap();
            if asks > most {
                return answer(400, refusal, &[]);
            }
            let page: usize = asked.param("page").map_or(1, |page| page.parse().unwrap());
            let left = (most + 3).saturating_sub((page - 1) * most).min(most);
            let rows: Vec<_> = (0..left).map(|n| format!("{{\"id\":{}}}", page * 1000 + n)).collect();
            answer(200, format!("[{}]", rows.join(",")), &[("total", &(most + 3).to_string())])
        });
        for round in 0..2 {
            let all = fake.session().projects(CompanyId(7)).await.unwrap().value;
            assert_eq!(all.len(), size.parse::<usize>().unwrap() + 3, "{refusal}");
            let sizes: Vec<_> = fake.all().iter().map(|asked| asked.param("per_page").unwrap().to_owned()).collect();
            let wanted = if round == 0 { vec!["300", size, size] } else { vec!["300", size, size, size, size] };
            assert_eq!(sizes, wanted, "{refusal}");
        }
        // Other routes are asked as before.
        let _ = fake.session().companies().await;
        assert_eq!(fake.all().iter().filter(|asked| asked.param("per_page") == Some("300")).count(), 2);
    }
    let never = Fake::new(|_| answer(400, r#"{"errors":"Invalid per_page"}"#, &[]));
    assert!(matches!(never.session().projects(CompanyId(7)).await, Err(Error::Refused { .. })));
    assert_eq!(never.all().len(), 2, "it is no guessing game");
}

#[tokio::test]
async fn change_events_are_narrowed_and_removed_lines_come_only_when_asked_for() {
    let fake = Fake::new(|asked| ok(if asked.path.ends_with("/9") { MINIMAL } else { "[]" }));
    let window = Window { from: "2026-01-02T03:04:05Z".parse().unwrap(), to: "2026-01-02T04:00:00Z".parse().unwrap() };
    let filter = ChangeEventFilter { updated_at: Some(window), created_at: Some(window), deleted: Deleted::Only };
    fake.session().change_events(PROJECT, &filter).await.unwrap();
    let asked = fake.only();
    for name in ["filters[created_at]", "filters[updated_at]"] {
        assert_eq!(asked.param(name), Some("2026-01-02T03:04:05Z...2026-01-02T04:00:00Z"));
    }
    assert_eq!(asked.param("filters[include_deleted]"), Some("only"));
    for wanted in [false, true] {
        fake.session().change_event(PROJECT, ChangeEventId(9), wanted).await.unwrap();
        let asked = fake.all().pop().unwrap();
        assert_eq!(asked.param("include_deleted_change_event_line_items").is_some(), wanted);
    }
}

const MINIMAL: &str = r#"{"id":9,"number":"009","status":{"id":"1"}}"#;

const FULL: &str = r#"{
  "id": 562949953508586, "number": "CE 9", "title": "Rock", "description": "<p>Rock</p>", "scope": "out_of_scope",
  "status": {"id": 3, "name": "In Verhandlung", "mapped_to_status": "pending"},
  "change_type": {"id": 4, "name": "Owner Change", "abbreviation": "OC"}, "change_reason": {"id": 5, "change_reason": "Existing Condition"},
  "prime_contract_for_estimates": {"id": 6, "number": 1, "name": "Prime"}, "external_data": {"origin_id": "o", "origin_data": null},
  "created_by": {"id": 8, "login": "pm@gc.test", "name": "P. M."}, "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T04:04:05-06:00",
  "deleted_at": null, "in_recycle_bin": false, "currency_configuration": {"currency_iso_code": "USD"}, "source_of_revenue_rom": "manual",
  "notes": {"wbs": ["Budget code could not be synced"], "empty": []}, "unheard_of": {"x": [1]},
  "change_items": [
    {"id": 71, "description": null, "budget_code": {"id": 40389, "flat_code": "03-300.S", "description": "Concrete", "segment_items": []},
     "editable": false, "deletable": false, "disabled_fields": ["budget_code"], "deleted_at": null,
     "latest_cost_values": {"amount": 0.1, "quantity": "1.0"}, "latest_revenue_values": {"amount": "1e2"},
     "cost_impact": {"estimate": {"amount": "9007199254740993.01", "quantity": "3.05", "unit_cost": null, "unit_of_measure": "ea", "calculation_strategy": "manual"},
       "vendor": {"proposed": {"id": 161072, "name": "Sub"}, "confirmed": null}, "contract": {"proposed": {"id": 853215, "number": "SC-1", "title": "Concrete"}},
       "commitment": {"id": 5, "type": "potential_change_order", "number": 2, "title": "PCO", "status": "approved"},
       "request_for_quote": {"id": 6, "number": "R1", "title": "Price?", "status": "closed"}},
     "revenue_impact": {"estimate": {"amount": -76.250000}, "change_order": {"id": 7, "type": "change_order_package", "number": "3", "title": "PCCO"}, "source_of_revenue_rom": "manual"},
     "budget_impact": {"estimate": {}, "budget_change": {"id": 8, "number": 4, "title": "BC"},
       "budget_modification": {"id": 9, "number": "5", "title": "BM", "unheard_of": {}}}},
    {"id": 72, "budget_code": {"id": null}, "deleted_at": "2026-01-03T00:00:00Z",
     "cost_impact": {"estimate": null, "vendor": {"proposed": null}, "contract": null, "commitment": {}, "request_for_quote": null}, "revenue_impact": null}
  ]
}"#;

#[tokio::test]
async fn a_change_event_is_read_to_the_cent() {
    let event = Fake::new(|_| ok(FULL)).session().change_event(PROJECT, ChangeEventId(1), true).await.unwrap().value;
    assert_eq!(
        (event.id.0, event.number.as_str(), event.scope),
        (562_949_953_508_586, "CE 9", Some(Scope::OutOfScope))
    );
    assert_eq!((event.status.name.as_str(), event.status.mapped_to), ("In Verhandlung", StatusKind::Pending));
    assert_eq!(event.change_reason.unwrap().name, "Existing Condition");
    assert_eq!(event.prime_contract_for_estimates.unwrap().number, "1");
    assert_eq!(event.external_data.unwrap().origin_id, "o");
    assert_eq!(event.updated_at.unwrap().to_string(), "2026-01-02T10:04:05Z");
    assert_eq!((event.currency.as_deref(), event.deleted_at), (Some("USD"), None));
    assert_eq!(event.notes, ["Budget code could not be synced"]);

    let [line, removed] = &event.change_items[..] else { panic!("two lines") };
    assert_eq!(
        (line.editable, line.deletable, line.disabled_fields.as_slice()),
        (false, false, &["budget_code".to_owned()][..])
    );
    let cost = line.cost_estimate.as_ref().unwrap();
    // One cent more than a float can tell apart.
    assert_eq!(
        (cost.amount, cost.quantity, cost.unit_cost),
        (Some(amount("9007199254740993.01")), Some(amount("3.05")), None)
    );
    assert_eq!(line.revenue_estimate.as_ref().unwrap().amount, Some(amount("-76.25")));
    assert_eq!((line.latest_cost, line.latest_revenue), (Some(amount("0.1")), Some(amount("100"))));
    assert_eq!(line.contract_proposed.as_ref().unwrap().number, "SC-1");
    assert_eq!(line.vendor_proposed.as_ref().unwrap().id.0, 161_072);
    let locks = [
        &line.commitment,
        &line.request_for_quote,
        &line.prime_change_order,
        &line.budget_change,
        &line.budget_modification,
    ];
    let locks: Vec<_> = locks.into_iter().flatten().map(|d| format!("{} {} {}", d.kind, d.number, d.title)).collect();
    assert_eq!(locks, ["potential_change_order 2 PCO", " R1 Price?", "change_order_package 3 PCCO", " 4 BC", " 5 BM"]);

    assert!(removed.deleted_at.is_some() && removed.editable && removed.deletable && removed.budget_code.is_none());
    assert!(removed.cost_estimate.is_none() && removed.contract_proposed.is_none() && removed.commitment.is_none());
}

#[tokio::test]
async fn a_name_that_is_there_twice_is_read_once() {
    let prime = |fields: &str| FULL.replace(r#""number": 1, "name": "Prime""#, &format!(r#""number": 1, {fields}"#));
    let either = [
        r#""name": "Prime", "title": "Other""#,
        r#""title": "Other", "name": "Prime""#,
        r#""name": " ", "title": "Prime""#,
        r#""title": "Prime""#,
    ];
    for fields in either {
        let body = prime(fields);
        let event =
            Fake::new(move |_| ok(&body)).session().change_event(PROJECT, ChangeEventId(1), true).await.unwrap().value;
        assert_eq!(event.prime_contract_for_estimates.unwrap().name, "Prime", "{fields}");
    }
    let both = r#"[{"id":1,"change_type":"Owner","change_reason":"Owner","name":"Other"},
        {"id":2,"name":"Owner","change_type":"","change_reason":null}]"#;
    let session = Fake::new(move |_| ok(both)).session();
    let types = session.change_types(CompanyId(7)).await.unwrap().value;
    assert_eq!(
        (types.records.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), types.odd.len()),
        (vec!["Owner"; 2], 0)
    );
    let reasons = session.change_reasons(CompanyId(7)).await.unwrap().value;
    assert_eq!(
        (reasons.records.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), reasons.odd.len()),
        (vec!["Owner"; 2], 0)
    );
}

#[tokio::test]
async fn a_bare_change_event_is_enough() {
    let event =
        Fake::new(|_| ok(MINIMAL)).session().change_event(PROJECT, ChangeEventId(9), false).await.unwrap().value;
    assert_eq!((event.number.as_str(), event.status.id.0, event.status.mapped_to), ("009", 1, StatusKind::Unknown));
    assert!(event.change_items.is_empty() && event.scope.is_none() && event.external_data.is_none());
}

#[tokio::test]
async fn an_unreadable_id_fails_the_read_and_says_where_without_quoting_it() {
    let line =
        |line: &str| MINIMAL.replace("\"status\"", &format!("\"change_items\":[{{\"id\":1}},{line}],\"status\""));
    let odd = [
        (MINIMAL.replace("\"id\":9", "\"id\":\"secret\""), "id is a text that does not fit"),
        (MINIMAL.replace("\"id\":9,", ""), "id is missing"),
        (line(r#"{"id":1,"budget_code":{"id":"secret"}}"#), "change_items[1].budget_code is not as documented"),
        (line(r#"{"description":"secret"}"#), "change_items[1].id is missing"),
        ("[\"secret\"]".to_owned(), "[0] is a text that does not fit"),
    ];
    for (body, why) in odd {
        let fake = Fake::new(move |_| ok(body.clone()));
        let error = fake.session().change_event(PROJECT, ChangeEventId(9), false).await.unwrap_err();
        assert_eq!(error, Error::Odd(why.to_owned()));
        assert_eq!((error.next(), error.executed()), (Next::TellUser, Executed::No));
    }
    let fake = Fake::new(move |_| ok("<html>secret</html>".to_owned()));
    let error = fake.session().change_event(PROJECT, ChangeEventId(9), false).await.unwrap_err();
    assert_eq!(error.next(), Next::WakeOperator);
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn one_odd_record_stands_in_nobodys_way() {
    let event = |id: u8, rest: &str| format!(r#"{{"id":{id},"number":"0{id}","title":"T","status":{{"id":1}}{rest}}}"#);
    let body = [
        event(1, ""),
        event(2, "").replace(r#"{"id":1}"#, "null"),
        event(
            3,
            r#","scope":"half_in_scope","change_type":"odd","event_origin":{"origin_id":4},"in_recycle_bin":"no""#,
        ),
        event(4, "").replace(r#""id":4,"#, ""),
        event(5, r#","external_data":["ledger-push-5"],"change_items":[{"description":"[#7F3A9K2M.1]"}]"#),
        event(6, r#","number":{"text":"6 A"},"deleted_at":null,"currency_configuration":{"currency_iso_code":null}"#)
            .replacen(r#""number":"06","#, "", 1),
        r#""not even an object""#.to_owned(),
    ];
    let body = format!("[{}]", body.join(","));
    let fake = Fake::new(move |_| ok(body.clone()));
    let listed = fake.session().change_events(PROJECT, &ChangeEventFilter::default()).await.unwrap().value;
    let read: Vec<_> = listed.records.iter().map(|event| (event.id.0, event.number.as_str())).collect();
    assert_eq!(read, [(1, "01"), (3, "03"), (6, "6 A")]);
    assert_eq!(listed.records[1].scope, Some(Scope::Other("half_in_scope".into())), "a word is kept");
    let odd: Vec<_> = listed.odd.iter().map(|odd| (odd.id, odd.name.as_str(), odd.why.as_str())).collect();
    assert_eq!(
        odd,
        [
            (Some(2), "02 T", "status is null"),
            (None, "04 T", "id is missing"),
            (Some(5), "05 T", "change_items[0].id is missing"),
            (None, "", "the record is no object"),
        ]
    );
    assert!(listed.odd[2].mentions("ledger-push-5") && listed.odd[2].mentions("#7F3A9K2M.1"));
    assert!(!listed.odd[0].mentions("ledger-push-5"));
}

#[tokio::test]
async fn a_tool_that_cannot_be_read_is_not_one_that_is_not_there() {
    let body = r#"{"tools":[{"name":"budget","user_access_level":{"name":"Admin"},"can_create":"true"},7]}"#;
    let fake = Fake::new(move |_| ok(body.to_owned()));
    let said = fake.session().permissions(PROJECT).await.unwrap().value;
    assert!(said.tool("Budget").is_some_and(|tool| tool.can_create));
    assert!(said.tool("Change Events").is_none() && said.tools.odd.len() == 1);
}

#[tokio::test]
async fn an_amount_that_cannot_be_read_is_told_and_fails_nothing_else() {
    let line = |id: u8, estimate: &str| format!(r#"{{"id":{id},"cost_impact":{{"estimate":{estimate}}}}}"#);
    let lines = [
        line(1, r#"{"amount":"100,00"}"#),
        line(2, &format!(r#"{{"amount":{}}}"#, "7".repeat(33))),
        line(3, r#"{"amount":"1050.00","unit_of_measure":{"id":4,"name":"h"},"calculation_strategy":null}"#),
        line(4, r#"{"amount":null,"quantity":"3","unit_cost":"33.3333"}"#),
        line(5, r#"{"amount":null,"quantity":"3"}"#),
    ];
    let body = MINIMAL.replace("\"status\"", &format!("\"change_items\":[{}],\"status\"", lines.join(",")));
    let fake = Fake::new(move |_| ok(body.clone()));
    let event = fake.session().change_event(PROJECT, ChangeEventId(9), false).await.unwrap().value;
    let figures: Vec<_> =
        event.change_items.iter().map(|item| item.cost_estimate.as_ref().and_then(Estimate::figure)).collect();
    assert_eq!(
        figures,
        [Some(Figure::Odd), Some(Figure::TooLarge), Some(amount("1050")), Some(amount("99.9999")), None]
    );
    assert_eq!(event.change_items[2].cost_estimate.as_ref().unwrap().unit_of_measure.as_deref(), Some("h"));
}

#[tokio::test]
async fn reference_data_is_read() {
    let fake = Fake::new(|asked| {
        ok(match asked.path.rsplit('/').next().unwrap() {
            "statuses" => {
                r#"[{"id":1,"name":"Open","mapped_to_status":"open","default_status":true,"show_in_select":true}]"#
            }
            "change_types" => {
                r#"[{"id":2,"abbreviation":"OC","company_id":7,"change_type":"Owner Change","show_in_select":false}]"#
            }
            "change_order_change_reasons" => r#"[{"id":3,"change_reason":"Client Request"}]"#,
            "wbs_codes" => {
                r#"[{"id":4,"flat_code":"03-300.S","flat_name":"Concrete.Sub","description":null,"status":"active"}]"#
            }
            "commitments" => {
                r#"[{"id":5,"number":"SC-1","title":"Concrete","status":"Approved","executed":true,"vendor":{"id":6}}]"#
            }
            "vendors" => r#"[{"id":6,"name":"Cascade Mechanical, Inc.","is_active":true}]"#,
            "prime_contracts" => r#"[{"id":7,"number":1,"title":"Prime","status":"Approved","executed":null}]"#,
            "permissions" => {
                r#"{"tools":[{"id":1,"name":"change_events","friendly_name":"Change Events","user_access_level":{"id":3,"name":"Admin"},"can_create":true}]}"#
            }
            "projects" => {
                r#"[{"id":8,"name":"Tower","display_name":"100 Tower","project_number":"100","active":true,"time_zone":"America/Chicago"}]"#
            }
            other => panic!("{other}"),
        })
    });
    let session = fake.session();
    let status = &session.statuses(PROJECT).await.unwrap().value.records[0];
    assert_eq!((status.name.as_str(), &status.mapped_to, status.default_status), ("Open", &StatusKind::Open, true));
    let kind = &session.change_types(CompanyId(7)).await.unwrap().value.records[0];
    assert_eq!((kind.name.as_str(), kind.abbreviation.as_str(), kind.show_in_select), ("Owner Change", "OC", false));
    assert_eq!(session.change_reasons(CompanyId(7)).await.unwrap().value.records[0].name, "Client Request");
    assert_eq!(session.wbs_codes(PROJECT).await.unwrap().value.records[0].flat_code, "03-300.S");
    let commitment = &session.commitments(PROJECT).await.unwrap().value.records[0];
    assert_eq!((commitment.executed, commitment.vendor.as_ref().unwrap().id.0), (true, 6));
    assert_eq!(session.vendors(PROJECT).await.unwrap().value.records[0].name, "Cascade Mechanical, Inc.");
    assert_eq!(session.prime_contracts(PROJECT).await.unwrap().value.records[0].number, "1");
    let permissions = session.permissions(PROJECT).await.unwrap().value;
    assert_eq!(permissions.tool("Change Events").unwrap().user_access_level.as_ref().unwrap().name, "Admin");
    assert!(permissions.tool("Budget").is_none());
    let project = &session.projects(CompanyId(7)).await.unwrap().value.records[0];
    assert_eq!((project.name.as_str(), project.project_number.as_str()), ("Tower", "100"));
}

#[tokio::test]
async fn what_is_not_found_is_not_found_in_either_way_of_saying_it() {
    for (status, body) in
        [(404, ""), (404, r#"{"message":"Item not found"}"#), (200, r#"{"message":"Item not found"}"#)]
    {
        let fake = Fake::new(move |_| answer(status, body, &[]));
        let found = fake.session().change_event(PROJECT, ChangeEventId(9), false).await;
        assert_eq!(found.unwrap_err(), Error::NotFound, "{status} {body}");
    }
}

#[tokio::test]
async fn none_is_no_budget_code() {
    let codes = [
        (r#"{"id":5,"flat_code":"","description":"","segment_items":[]}"#, None),
        (r#"{"id":5,"flat_code":null,"description":null}"#, None),
        (r#"{"id":5,"flat_code":" "}"#, None),
        ("null", None),
        ("{}", None),
        (r#"{"id":5}"#, Some(5)),
        (r#"{"id":5,"flat_code":"","description":"General conditions"}"#, Some(5)),
        (r#"{"id":5,"flat_code":"03-300.S","description":""}"#, Some(5)),
    ];
    for (code, wanted) in codes {
        let line = format!(r#""change_items":[{{"id":1,"budget_code":{code}}}],"status""#);
        let body = MINIMAL.replace("\"status\"", &line);
        let fake = Fake::new(move |_| ok(body.clone()));
        let event = fake.session().change_event(PROJECT, ChangeEventId(9), false).await.unwrap().value;
        assert_eq!(event.change_items[0].budget_code.as_ref().map(|code| code.id.0), wanted, "{code}");
    }
}

#[tokio::test]
async fn a_read_that_is_lost_may_be_repeated() {
    for failure in [SendError::NotSent("refused".into()), SendError::Unknown("timed out".into())] {
        let session = fake::broken(failure).acting(String::from("t").into(), Some(CompanyId(1)));
        let error = session.statuses(PROJECT).await.unwrap_err();
        assert_eq!((error.next(), error.executed()), (Next::RetryLater, Executed::No), "{error:?}");
    }
}

#[tokio::test]
async fn a_limit_says_when_to_come_back() {
    let fake = Fake::new(|_| {
        let text = "You have surpassed the max number of requests for an hour.";
        answer(
            429,
            text,
            &[("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", "30"), ("x-rate-limit-reset", "9")],
        )
    });
    let Err(Error::RateLimited { until, retry_after }) = fake.session().statuses(PROJECT).await else { panic!() };
    assert_eq!(until.unwrap().as_second(), 784_111_777 + 30);
    assert_eq!(retry_after.unwrap().as_secs(), 30);
}

#[tokio::test]
async fn a_list_that_says_nothing_of_its_length_is_read_until_a_page_is_not_full() {
    let fake = Fake::new(|asked| {
        let page: i64 = asked.param("page").map_or(1, |page| page.parse().unwrap());
        let size = if page == 3 { 7 } else { 300 };
        let rows: Vec<_> = (0..size).map(|n| format!("{{\"id\":{}}}", page * 1000 + n)).collect();
        ok(format!("[{}]", rows.join(",")))
    });
    let all = fake.session().projects(CompanyId(4264)).await.unwrap().value;
    assert_eq!((all.len(), fake.all().len()), (607, 3));
}

#[tokio::test]
async fn a_server_that_gives_fewer_than_it_was_asked_for_is_read_to_the_end_all_the_same() {
    let fake = Fake::new(|asked| {
        let page: i64 = asked.param("page").map_or(1, |page| page.parse().unwrap());
        let size = if page == 3 { 7 } else { 100 };
        let rows: Vec<_> = (0..size).map(|n| format!("{{\"id\":{}}}", page * 1000 + n)).collect();
        ok(format!("[{}]", rows.join(",")))
    });
    let all = fake.session().projects(CompanyId(4264)).await.unwrap().value;
    assert_eq!((all.len(), fake.all().len()), (207, 3));
}

#[tokio::test]
async fn a_server_that_knows_no_pages_is_asked_for_a_second_one_at_most() {
    let fake = Fake::new(|_| {
        let rows: Vec<_> = (0..20).map(|n| format!("{{\"id\":{n}}}")).collect();
        ok(format!("[{}]", rows.join(",")))
    });
    let all = fake.session().projects(CompanyId(4264)).await.unwrap().value;
    assert_eq!((all.len(), fake.all().len()), (20, 2));
}

/// Whatever stands where a currency is named: a text names one, everything else none, and nothing of it fails.
#[tokio::test]
async fn a_currency_is_read_where_it_is_named() {
    let cases = [
        (json!({ "currency_iso_code": "USD" }), Some("USD")),
        (json!({ "currency_iso_code": " CAD " }), Some("CAD")),
        (json!({ "currency_iso_code": null }), None),
        (json!({ "currency_iso_code": "" }), None),
        (json!({ "currency_iso_code": { "code": "USD" } }), None),
        (json!({}), None),
        (json!([]), None),
        (json!("USD"), None),
        (json!(null), None),
    ];
    for (currency, wanted) in cases {
        let settings = currency.clone();
        let fake = Fake::new(move |asked| {
            let status = json!({ "id": 1, "name": "Open", "mapped_to_status": "open" });
            let line = json!({ "id": 2, "currency_configuration": currency });
            let body = match asked.path.as_str() {
                path if path.ends_with("/currency_configuration") => settings.clone(),
                path if path.ends_with("/change_events/7") => {
                    json!({ "id": 7, "status": status, "currency_configuration": currency, "change_items": [line] })
                }
                _ => json!([{ "id": 3, "currency_configuration": currency }]),
            };
            ok(body.to_string())
        });
        let session = fake.session();
        let event = session.change_event(PROJECT, ChangeEventId(7), false).await.unwrap().value;
        assert_eq!((event.currency.as_deref(), event.change_items[0].currency.as_deref()), (wanted, wanted));
        assert_eq!(session.prime_contracts(PROJECT).await.unwrap().value.records[0].currency.as_deref(), wanted);
        assert_eq!(session.projects(CompanyId(7)).await.unwrap().value.records[0].currency.as_deref(), wanted);
        let settings = session.project_currency(CompanyId(7), PROJECT).await.unwrap().value;
        assert_eq!((settings.currency.as_deref(), settings.several), (wanted, true), "taken for granted");
    }
    let fake = Fake::new(|_| ok(r#"{"data":{"currency_iso_code":"CAD","multicurrency_enabled":false}}"#));
    let settings = fake.session().company_currency(CompanyId(7)).await.unwrap().value;
    assert_eq!((settings.currency.as_deref(), settings.several), (Some("CAD"), false));
    assert_eq!(fake.all()[0].path, "/rest/v1.0/companies/7/currency_configuration");
}
