//! Which currency money is in: named everywhere, by settings alone, or nowhere.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as tests do")]

mod support;

use emulator::WorldAction;
use serde_json::{Value, json};
use support::Procore;

#[tokio::test]
async fn a_currency_is_named_everywhere_or_nowhere() {
    for (named, code) in [(false, Value::Null), (true, json!("USD"))] {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.currency_named = named);
        let event = procore.get(&procore.event_path(&json!(procore.event("002")))).await;
        assert_eq!(event["currency_configuration"]["currency_iso_code"], code);
        assert_eq!(event["change_items"][0]["currency_configuration"]["currency_iso_code"], code);
        let path = format!("/rest/v1.0/projects/{}?company_id={}", procore.project, procore.company);
        let project = procore.get(&path).await;
        assert_eq!(project["currency_configuration"]["currency_iso_code"], code);
        let primes = procore.get(&format!("/rest/v1.0/prime_contracts?project_id={}", procore.project)).await;
        assert_eq!(primes[0]["currency_configuration"]["currency_iso_code"], code);
    }
}

#[tokio::test]
async fn a_line_names_the_currency_of_its_contract() {
    let procore = Procore::demo().await;
    procore.emulator.switches(|switches| switches.currency_named = true);
    let event = procore.event("002");
    let line = procore.emulator.world(|world| world.change_events[&event].items[0].id);
    let contract_id = procore.emulator.world(|w| w.change_events[&event].item(line).unwrap().contract_id.unwrap());
    let currency = "CAD".to_owned();
    procore.emulator.world(|w| w.act(WorldAction::SetContractCurrency { contract_id, currency })).unwrap();
    let event = procore.get(&procore.event_path(&json!(event))).await;
    let code = |of: &Value| of["currency_configuration"]["currency_iso_code"].clone();
    let found = event["change_items"].as_array().unwrap().iter().find(|item| item["id"] == line).unwrap();
    assert_eq!((code(&event), code(found)), (json!("USD"), json!("CAD")));
}

#[tokio::test]
async fn the_currency_settings_name_one_or_none() {
    for (named, [of_project, of_company]) in [(false, [Value::Null, Value::Null]), (true, [json!("CAD"), json!("USD")])]
    {
        let procore = Procore::demo().await;
        procore.emulator.switches(|switches| switches.currency_settings_named = named);
        let (project_id, currency) = (procore.project, "CAD".to_owned());
        procore.emulator.world(|w| w.act(WorldAction::SetProjectCurrency { project_id, currency })).unwrap();
        let company = format!("/rest/v1.0/companies/{}", procore.company);
        let project = procore.get(&format!("{company}/projects/{project_id}/currency_configuration")).await;
        assert_eq!(project["currency_iso_code"], of_project);
        let company = procore.get(&format!("{company}/currency_configuration")).await;
        assert_eq!(company["currency_iso_code"], of_company);
        assert_eq!(company["multicurrency_enabled"], true, "one of its projects is kept in another");
    }
}
