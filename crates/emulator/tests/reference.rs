//! Companies, projects, permissions and lists.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod support;

use axum::body::Body;
use emulator::{HiddenLists, MissingCompany, WorldAction, seed, world::Tool};
use http::Request;
use serde_json::{Value, json};
use support::{CLIENT, PM, Procore, READER, SECRET};

#[tokio::test]
async fn a_person_sees_their_companies_and_their_projects_only() {
    let mut procore = Procore::demo().await;
    let names = |list: &Value, key: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
    };
    let companies = procore.get("/rest/v1.0/companies").await;
    assert_eq!(names(&companies, "name"), ["Whitfield & Sons Construction", "Blue Heron Builders"]);

    let path = format!("/rest/v1.1/projects?company_id={}&sort=name", procore.company);
    let all = procore.get(&path).await;
    assert_eq!(all.as_array().unwrap().len(), 10, "one is inactive");
    assert!(names(&all, "project_number").contains(&"24-118".to_owned()));
    let inactive = procore.get(&format!("{path}&filters[by_status]=All")).await;
    assert_eq!(inactive.as_array().unwrap().len(), 11);
    let found = procore.get(&format!("{path}&filters[name]=harbor")).await;
    assert_eq!(names(&found, "name"), ["Harbor Point Medical Office"]);

    // A subcontractor's owner sees nothing of it, not even that it exists.
    procore.token = procore.sign_in("owner@cascademech.example").await;
    assert_eq!(procore.call("GET", &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn the_company_header_is_demanded_and_the_app_must_be_connected() {
    let procore = Procore::demo().await;
    let bare = |path: String| {
        let request = Request::get(path).header("authorization", format!("Bearer {}", procore.token));
        procore.raw(request.body(Body::empty()).unwrap())
    };
    let path = format!("/rest/v1.1/projects?company_id={}", seed::WHITFIELD);
    assert_eq!(bare(path.clone()).await.unwrap().status, 404, "as was seen");
    procore.emulator.switches(|switches| switches.missing_company = MissingCompany::BadRequest);
    let missing = bare(path.clone()).await.unwrap();
    assert_eq!(missing.status, 400);
    assert!(missing.text.contains("Missing Procore-Company-Id header!"));
    procore.emulator.switches(|switches| switches.missing_company = MissingCompany::FromRequest);
    assert_eq!(bare(path).await.unwrap().status, 200);
    assert_eq!(bare(procore.events_path()).await.unwrap().status, 400, "a project does not name its company");
    // What is tolerated is still not as documented.
    procore.emulator.clear_journal();
    assert_eq!(bare("/rest/v1.0/me".into()).await.unwrap().status, 200);
    assert_eq!(bare("/rest/v1.0/companies".into()).await.unwrap().status, 200);

    let mut procore = procore;
    procore.company = seed::BLUE_HERON;
    let path = format!("/rest/v1.1/projects?company_id={}", seed::BLUE_HERON);
    let refused = procore.call("GET", &path, Value::Null).await.expect(403);
    assert_eq!(refused, json!({ "errors": ["App is not connected to this company."] }));
    let connect = WorldAction::ConnectApp { company_id: seed::BLUE_HERON, connected: true };
    procore.emulator.world(|world| world.act(connect)).unwrap();
    assert_eq!(procore.get(&path).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn lists_page_by_link_in_v1_and_by_tens_in_v2() {
    let procore = Procore::demo().await;
    procore.emulator.world(|world| world.add_projects(seed::WHITFIELD, 400));
    let mut path = format!("/rest/v1.1/projects?company_id={}&per_page=1000", procore.company);
    let first = procore.call("GET", &path, Value::Null).await;
    assert_eq!((first.header("total"), first.header("per-page")), ("410", "300"), "300 at most");
    let mut seen = 0;
    loop {
        let answer = procore.call("GET", &path, Value::Null).await;
        let link = answer.header("link").to_owned();
        seen += answer.expect(200).as_array().unwrap().len();
        let next = link.split(", ").find(|part| part.ends_with("rel=\"next\""));
        let Some(next) = next else { break };
        path = next.split(['<', '>']).nth(1).unwrap().strip_prefix("http://procore.test").unwrap().to_owned();
    }
    assert_eq!(seen, 410);

    let path = format!("/rest/v2.0/companies/{}/projects/{}/wbs/codes", procore.company, procore.project);
    let answer = procore.call("GET", &path, Value::Null).await;
    assert_eq!((answer.header("per-page"), answer.header("total")), ("10", "67"));
    assert!(answer.body["data"][0]["id"].is_string());

    let below = format!("/rest/v1.0/projects/{}/work_breakdown_structure/wbs_codes", procore.project);
    for strict in [&path, &below] {
        let asked = format!("{strict}?per_page=1000");
        let refused = procore.call("GET", &asked, Value::Null).await.expect(400);
        assert!(refused.to_string().contains("Invalid per_page of 1000, exceeding max per_page of 100"), "{refused}");
        procore.emulator.switches(|switches| switches.large_pages_refused = false);
        assert_eq!(procore.call("GET", &asked, Value::Null).await.header("per-page"), "100");
        procore.emulator.switches(|switches| switches.large_pages_refused = true);
    }
}

#[tokio::test]
async fn budget_codes_are_searched_by_code_and_words() {
    let procore = Procore::demo().await;
    let path = format!("/rest/v1.0/projects/{}/work_breakdown_structure/wbs_codes", procore.project);
    let found = procore.get(&format!("{path}?query=hydronic")).await;
    assert_eq!(found.as_array().unwrap().len(), 3);
    let one = procore.get(&format!("{path}?query=23-2113.l&filters[status][]=active")).await;
    assert_eq!(one[0]["description"], "Hydronic piping, labor");
    assert_eq!(one[0]["flat_name"], "Hydronic piping.Labor");
    assert_eq!(procore.get(&format!("{path}?filters[status][]=inactive")).await, json!([]));
}

#[tokio::test]
async fn statuses_types_and_reasons_are_the_companys_own_in_both_versions() {
    let procore = Procore::demo().await;
    let (company, project) = (procore.company, procore.project);
    let v1 = procore.get(&format!("/rest/v1.0/change_event/statuses?project_id={project}")).await;
    assert_eq!(v1[1]["name"], "Pending Owner Review");
    assert_eq!(v1[1]["mapped_to_status"], "pending");
    let v2 = procore.get(&format!("/rest/v2.0/companies/{company}/change_events/statuses")).await;
    assert_eq!(v2["data"][1]["id"], v1[1]["id"].to_string());
    let types = procore.get(&format!("/rest/v1.0/change_types?company_id={company}")).await;
    assert_eq!(types.as_array().unwrap().len(), 5);
    let types = procore.get(&format!("/rest/v2.0/companies/{company}/change_event/types")).await;
    assert_eq!(types["data"][2]["abbreviation"], "OC");
    let reasons = procore.get(&format!("/rest/v1.0/change_order_change_reasons?company_id={company}")).await;
    assert_eq!(reasons[4]["change_reason"], "Existing Condition");
    procore.get(&format!("/rest/v2.0/companies/{company}/change_order_change_reasons")).await;
    procore.get(&format!("/rest/v2.0/companies/{company}/projects/{project}/change_event_settings")).await;
    procore.get(&format!("/rest/v1.0/line_item_types?project_id={project}")).await;

    let undocumented = format!("/rest/v1.1/change_events/statuses?project_id={project}");
    assert_eq!(procore.call("GET", &undocumented, Value::Null).await.status, 404);
    procore.emulator.switches(|switches| switches.undocumented_paths = true);
    assert_eq!(procore.get(&undocumented).await, v1);
}

#[tokio::test]
async fn contracts_show_vendors_and_hide_primes_from_those_without_the_tool() {
    let procore = Procore::demo().await;
    let (company, project) = (procore.company, procore.project);
    let path = format!("/rest/v1.0/commitments?project_id={project}");
    let bare = procore.get(&path).await;
    assert_eq!(bare[0]["vendor"].as_object().unwrap().len(), 1, "its id alone, as in live lists");
    let vendors = procore.get(&format!("/rest/v1.0/projects/{project}/vendors")).await;
    let of = |id: &Value| vendors.as_array().unwrap().iter().find(|vendor| vendor["id"] == *id).unwrap().clone();
    assert_eq!(of(&bare[0]["vendor"]["id"])["name"], "Cascade Mechanical, Inc.");
    let of_company = procore.get(&format!("/rest/v1.0/vendors?company_id={company}")).await;
    assert_eq!(
        of_company.as_array().unwrap().len() + 1,
        vendors.as_array().unwrap().len(),
        "one is the project's alone"
    );
    let one = procore.get(&format!("/rest/v1.0/commitments/{}?project_id={project}", bare[0]["id"])).await;
    assert_eq!((&one["type"], &one["grand_total"]), (&json!("WorkOrderContract"), &json!("2184000.00")));
    procore.emulator.switches(|switches| switches.commitment_vendor_id_only = false);
    assert_eq!(procore.get(&path).await[0]["vendor"]["name"], "Cascade Mechanical, Inc.");
    procore.emulator.switches(|switches| switches.commitment_vendor_id_only = true);
    let path = format!("/rest/v2.0/companies/{company}/projects/{project}/commitment_contracts");
    assert_eq!(procore.get(&path).await["data"][0]["vendor"].get("name"), None);
    let listed = procore.get(&format!("{path}?per_page=100")).await["data"].clone();
    assert!(listed.as_array().unwrap().iter().all(|one| one["grand_total"].is_string()), "each has a total");
    let without: Vec<_> = listed.as_array().unwrap().iter().filter(|one| one.get("vendor").is_none()).collect();
    assert_eq!(without.len(), 1, "one lacks even the key");
    let extended = procore.get(&format!("{path}?view=extended&filters[type]=PurchaseOrderContract")).await;
    assert_eq!(extended["data"].as_array().unwrap().len(), 2);
    assert_eq!(extended["data"][0]["vendor"]["name"], "Coastal Air Supply");

    let primes = format!("/rest/v1.0/prime_contracts?project_id={project}");
    let prime = procore.get(&primes).await[0].clone();
    assert_eq!(prime["number"], "PC-001");
    let one = format!("/rest/v1.0/prime_contract/{}?project_id={project}", prime["id"]);
    procore.get(&one).await;
    procore.get(&format!("/rest/v2.0/companies/{company}/projects/{project}/prime_contracts")).await;
    procore.get(&format!("/rest/v1.1/projects/{project}/vendors")).await;
    procore.get(&format!("/rest/v1.0/vendors?company_id={company}")).await;
    procore.emulator.world(|world| world.users.values_mut().for_each(|user| user.sees_prime_contracts = false));
    assert_eq!(procore.get(&primes).await, json!([]), "empty, not refused");
    assert_eq!(procore.call("GET", &one, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_list_of_a_tool_one_may_not_see_is_empty_or_refused() {
    let mut procore = Procore::demo().await;
    procore.token = procore.sign_in(PM).await;
    let project = procore.project;
    let lists = [
        (Tool::Commitments, format!("/rest/v1.0/commitments?project_id={project}")),
        (Tool::PrimeContracts, format!("/rest/v1.0/prime_contracts?project_id={project}")),
        (Tool::Directory, format!("/rest/v1.0/projects/{project}/vendors")),
        (Tool::Budget, format!("/rest/v1.0/projects/{project}/work_breakdown_structure/wbs_codes")),
    ];
    for (tool, path) in lists {
        let hide = |hidden| WorldAction::HideTool { login: PM.into(), tool, hidden };
        procore.emulator.world(|world| world.act(hide(true))).unwrap();
        for (hidden, status) in [(HiddenLists::Empty, 200), (HiddenLists::NotFound, 404), (HiddenLists::Forbidden, 403)]
        {
            procore.emulator.switches(|switches| switches.hidden_lists = hidden);
            let answer = procore.call("GET", &path, Value::Null).await;
            assert_eq!(answer.status, status, "{tool:?}");
            assert!(status != 200 || answer.text == "[]", "{tool:?}: {}", answer.text);
        }
        procore.emulator.world(|world| world.act(hide(false))).unwrap();
        assert_ne!(procore.get(&path).await, json!([]), "{tool:?}");
    }
}

#[tokio::test]
async fn permissions_say_what_a_push_may_do() {
    let mut procore = Procore::demo().await;
    for (login, level, can_create) in [(PM, "admin", true), (READER, "read_only", false)] {
        procore.token = procore.sign_in(login).await;
        let path = format!("/rest/v1.0/settings/permissions?project_id={}", procore.project);
        let tools = procore.get(&path).await["tools"].clone();
        let tool = tools.as_array().unwrap().iter().find(|tool| tool["name"] == "change_events").unwrap().clone();
        assert_eq!((&tool["user_access_level"]["name"], &tool["can_create"]), (&json!(level), &json!(can_create)));
    }
}

#[tokio::test]
async fn a_project_one_may_not_see_does_not_exist() {
    let mut procore = Procore::demo().await;
    let theirs = procore.emulator.world(|world| world.project_by_number("J-2407").unwrap().id);
    let path = format!("/rest/v1.1/change_events?project_id={theirs}");
    assert_eq!(procore.call("GET", &path, Value::Null).await.status, 404);
    let none = WorldAction::SetLevel {
        project_id: procore.project,
        login: READER.into(),
        level: emulator::world::Level::None,
    };
    procore.emulator.world(|world| world.act(none)).unwrap();
    procore.token = procore.sign_in(READER).await;
    assert_eq!(procore.call("GET", &procore.events_path(), Value::Null).await.status, 404);
    let v2 = format!("/rest/v2.0/companies/{}/projects/{theirs}/wbs/codes", procore.company);
    assert_eq!(procore.call("GET", &v2, Value::Null).await.expect(404)["error"]["code"], "NOT_FOUND");
    assert!(procore.call("GET", "/rest/v1.1/projects/1", Value::Null).await.text.starts_with("<!doctype html>"));
}

#[tokio::test]
async fn records_and_refusals_are_as_live_ones_were() {
    let procore = Procore::demo().await;
    let without_company = format!("/rest/v1.0/projects/{}", procore.project);
    let refused = procore.call("GET", &without_company, Value::Null).await.expect(400);
    assert_eq!(refused, json!({ "errors": ["Missing Project or Company ID"] }));
    let no_such = procore.call("GET", "/rest/v1.1/change_event_line_items", Value::Null).await;
    assert!(no_such.status == 404 && no_such.text.starts_with("<!doctype html>"), "no line has a path of its own");
    let prime = procore.emulator.world(|world| world.prime_contracts.values().next().unwrap().clone());
    let mut body = procore.new_event(json!([{
        "description": "Four valves",
        "cost_impact": { "estimate": { "quantity": 4, "unit_cost": 2.5, "unit_of_measure": "ea" } },
    }]));
    body["change_event"]["prime_contract_for_estimates"] = json!({ "id": prime.id });
    let event = procore.call("POST", &procore.events_path(), body).await.expect(201);
    assert_eq!(
        event["prime_contract_for_estimates"],
        json!({ "id": prime.id, "number": prime.number, "title": prime.title })
    );
    let line = &event["change_items"][0];
    assert_eq!(line["latest_cost_values"]["uom"]["name"], "ea");
    assert_eq!(line["latest_revenue_values"]["uom"], Value::Null, "blank, as most are");
    assert_eq!(line["revenue_impact"]["estimate"]["amount_project_currency"], "0.00");
}

#[tokio::test]
async fn a_service_account_works_where_the_app_is_installed() {
    let mut procore = Procore::demo().await;
    let ask = json!({ "grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET });
    let token = procore.token_request(ask).await.expect(200);
    procore.token = token["access_token"].as_str().unwrap().to_owned();
    let companies = procore.get("/rest/v1.0/companies").await;
    assert_eq!(companies.as_array().unwrap().len(), 2, "those that installed the app");
    let event = procore.call("POST", &procore.events_path(), procore.new_event(json!([]))).await.expect(201);
    assert_eq!(event["created_by"]["name"], "Ledgerboard service account");
    let bare = Request::get("/rest/v1.0/me").header("authorization", format!("Bearer {}", procore.token));
    assert_eq!(
        procore.raw(bare.body(Body::empty()).unwrap()).await.unwrap().status,
        404,
        "even here it needs the header"
    );
    procore.get("/rest/v1.0/me").await;
    procore.get(&format!("/rest/v1.0/app_installations?company_id={}", procore.company)).await;
    assert_eq!(procore.get("/rest/v1.0/company_base_url").await["web_base_url"], "http://procore.test");
}
