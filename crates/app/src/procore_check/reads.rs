//! The questions of the sandbox check that only read.

use std::collections::BTreeSet;

use procore::{PAYLOAD_VERSION, RawAnswer};
use serde_json::Value;

use super::{
    Held, Stopped,
    ask::{Protocol, Question, get, is_blank, is_removed, records, share},
};

/// Reads the projects, and returns the tested one's name.
pub async fn projects(protocol: &mut Protocol) -> Result<String, Stopped> {
    let (company, project) = (protocol.check.company.to_string(), protocol.check.project);
    let list = get("rest/v1.1/projects", &[("company_id", &company), ("per_page", "300")]);
    let answer = protocol.send(list.clone()).await?;
    let all = answer.json.as_ref().map(records).unwrap_or_default();
    let id = |value: &Value| value["id"].as_i64().map(|id| id.to_string()) == Some(project.to_string());
    let found = all.iter().find(|one| id(one));
    let name = found.and_then(|one| one["name"].as_str()).ok_or(Stopped::NoSuchProject(project))?.to_owned();
    headers(protocol, &answer);

    let question = Question("What does a call without Procore-Company-Id get?", Some("missing_company"));
    let mut unnamed = list;
    unnamed.names_company = false;
    let answer = protocol.send(unnamed).await;
    if let Some(answer) = protocol.answered(question, answer) {
        protocol.judge(question, answer.status.to_string(), answer.status == 400 || answer.status == 404);
    }
    Ok(name)
}

fn headers(protocol: &mut Protocol, answer: &RawAnswer) {
    let question = Question("Do lists say their length?", Some("lists_say_their_length"));
    let said = ["link", "per-page", "total"].map(|name| answer.headers.contains_key(name));
    let [link, page, total] = said;
    protocol.judge(question, format!("Link {link}, Per-Page {page}, Total {total}"), page && total);
    let question = Question("Which limit do the headers name, and when does it end?", Some("rate_headers"));
    match (answer.rate(), answer.reset_in()) {
        (Some(rate), Some(ahead)) => {
            let said = format!("{} requests, the reset {} s ahead", rate.limit, ahead.as_secs());
            protocol.judge(question, said, true);
        }
        (Some(rate), None) => protocol.judge(question, format!("{} requests, no date", rate.limit), true),
        (None, _) => protocol.judge(question, "none", false),
    }
}

/// The other reads.
pub async fn all(protocol: &mut Protocol) {
    let project = protocol.check.project.to_string();
    let company = protocol.check.company.to_string();
    pages(protocol, &project, &company).await;
    codes(protocol, &project).await;
    events(protocol, &project).await;
    contracts(protocol, &project, &company).await;
    doors(protocol, &project, &company).await;
}

/// Which page sizes Procore accepts, and where statuses are.
async fn pages(protocol: &mut Protocol, project: &str, company: &str) {
    let question = Question("Does the list of statuses take a page of 1,000?", None);
    let query = [("project_id", project), ("per_page", "1000")];
    if let Some(answer) = protocol.read(question, "rest/v1.0/change_event/statuses", &query).await {
        protocol.note(question, answer.status.to_string(), Held::Noted);
    }
    let question = Question("Are statuses at the path that only code shows?", Some("undocumented_paths"));
    if let Some(answer) = protocol.read(question, "rest/v1.1/change_events/statuses", &query[..1]).await {
        protocol.judge(question, answer.status.to_string(), answer.status != 200);
    }
    let question = Question("Are change types listed for the company?", None);
    let answer = protocol.read(question, "rest/v1.0/change_types", &[("company_id", company)]).await;
    if let Some(types) = protocol.taken(question, answer) {
        protocol.note(question, format!("{} of them", records(&types).len()), Held::Noted);
    }
    let question = Question("Does an unknown event answer 404 with JSON?", None);
    let answer = protocol.read(question, "rest/v1.1/change_events/1", &query[..1]).await;
    if let Some(answer) = answer {
        let shape = answer.json.as_ref().map_or_else(|| format!("{} bytes, no JSON", answer.length), shape);
        protocol.judge(question, format!("{}: {shape}", answer.status), answer.status == 404 && answer.json.is_some());
    }
}

async fn codes(protocol: &mut Protocol, project: &str) {
    let question = Question("Does the list of budget codes hold a blank one?", Some("none_is_a_code"));
    let path = format!("rest/v1.0/projects/{project}/work_breakdown_structure/wbs_codes");
    let answer = protocol.read(question, &path, &[("per_page", "1000")]).await;
    let size = Question("Does the list of budget codes take a page of 1,000?", None);
    if let Some(answer) = &answer {
        protocol.note(size, answer.status.to_string(), Held::Noted);
    }
    // If Procore refuses 1,000, ask again with a size that every list accepts.
    let answer = match answer {
        Some(answer) if answer.status == 400 => protocol.read(question, &path, &[("per_page", "100")]).await,
        answer => answer,
    };
    if let Some(codes) = protocol.taken(question, answer) {
        let (blank, all, said) = share(records(&codes), |code| is_blank(&code["flat_code"]));
        let held = if all == 0 { Held::Open } else { Held::Noted };
        protocol.note(question, if blank == 0 { format!("no, of {all}") } else { said }, held);
    }
}

/// The list of change events answers most questions.
async fn events(protocol: &mut Protocol, project: &str) {
    let question = Question("Can change events be listed with their lines?", None);
    let answer =
        protocol.read(question, "rest/v1.1/change_events", &[("project_id", project), ("per_page", "100")]).await;
    let Some(list) = protocol.taken(question, answer) else { return };
    let events = records(&list);
    let lines = || events.iter().flat_map(|event| event["change_items"].as_array().into_iter().flatten());
    let markups = || events.iter().flat_map(|event| event["markup_items"].as_array().into_iter().flatten());
    protocol.note(question, format!("{} events, {} lines", events.len(), lines().count()), Held::Noted);
    if events.is_empty() {
        return;
    }
    let (_, _, said) = share(events, |event| !is_blank(&event["currency_configuration"]["currency_iso_code"]));
    protocol.note(Question("Is the currency of events named?", Some("currency_named")), said, Held::Noted);
    let (_, _, said) = share(events, |event| event["prime_contract_for_estimates"].is_object());
    let carried = Question("How many events carry a prime contract for markup?", Some("default_prime_contract"));
    protocol.note(carried, said, Held::Noted);
    let marked = Question("Does Procore add markup of its own?", Some("prime_contract_markup"));
    protocol.note(marked, format!("{} markup items", markups().count()), Held::Noted);
    let (blank, all, _) = share(lines(), |line| is_blank(&line["budget_code"]["flat_code"]));
    let (objects, ..) =
        share(lines(), |line| line["budget_code"].is_object() && is_blank(&line["budget_code"]["flat_code"]));
    let none = Question("How is a line without a budget code written?", Some("none_is_a_code"));
    protocol.note(none, format!("{blank} of {all} have none; {objects} of them as an object"), Held::Noted);
    let names: BTreeSet<&str> =
        lines().flat_map(|line| line["disabled_fields"].as_array().into_iter().flatten()).filter_map(field).collect();
    let (_, _, said) = share(lines(), |line| line["disabled_fields"].as_array().is_some_and(|names| !names.is_empty()));
    let names: Vec<&str> = names.into_iter().take(60).collect();
    let locked = Question("Which fields of lines are disabled?", None);
    protocol.note(locked, format!("on {said} lines: {}", names.join(", ")), Held::Noted);
    let decimals: BTreeSet<String> = lines()
        .map(|line| written(&line["cost_impact"]["estimate"]["amount"]))
        .filter(|said| !said.is_empty())
        .collect();
    let amounts = Question("How are amounts written?", Some("amount_decimals"));
    protocol.note(amounts, decimals.into_iter().collect::<Vec<_>>().join(", "), Held::Noted);
    one_event(protocol, project, &events[0]).await;
}

/// A field's name, never text that somebody typed.
fn field(name: &Value) -> Option<&str> {
    let is_name =
        |text: &&str| text.len() <= 80 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.[]".contains(c));
    name.as_str().filter(is_name)
}

/// How an amount is written, without the amount.
fn written(amount: &Value) -> String {
    match amount {
        Value::Number(_) => "as a number".to_owned(),
        Value::String(text) => match text.rsplit_once('.') {
            Some((_, decimals)) => format!("as text with {} decimals", decimals.len().min(20)),
            None => "as text without decimals".to_owned(),
        },
        _ => String::new(),
    }
}

async fn one_event(protocol: &mut Protocol, project: &str, event: &Value) {
    let Some(id) = event["id"].as_i64() else { return };
    let question = Question("Are removed lines shown to who asks for them?", Some("deleted_lines_shown"));
    let query = [("project_id", project), ("include_deleted_change_event_line_items", "true")];
    let answer = protocol.read(question, &format!("rest/v1.1/change_events/{id}"), &query).await;
    if let Some(event) = protocol.taken(question, answer) {
        let removed = share(event["change_items"].as_array().into_iter().flatten(), is_removed);
        let held = if removed.0 == 0 { Held::Open } else { Held::AsExpected };
        protocol.note(question, format!("{} lines of the first event are removed ones", removed.2), held);
    }
    let question = Question("Can events be asked for by the time they were made?", None);
    let query = [("project_id", project), ("filters[created_at]", "2000-01-01T00:00:00Z...2000-01-02T00:00:00Z")];
    let answer = protocol.read(question, "rest/v1.1/change_events", &query).await;
    if let Some(list) = protocol.taken(question, answer) {
        let found = records(&list).len();
        protocol.judge(question, format!("{found} events of a day without any"), found == 0);
    }
}

async fn contracts(protocol: &mut Protocol, project: &str, company: &str) {
    let question = Question("Do commitments (v1.0) name their vendor?", Some("commitment_vendor_id_only"));
    let answer =
        protocol.read(question, "rest/v1.0/commitments", &[("project_id", project), ("per_page", "100")]).await;
    if let Some(list) = protocol.taken(question, answer) {
        let (named, all, said) = share(records(&list), |one| !is_blank(&one["vendor"]["name"]));
        let held = if all == 0 {
            Held::Open
        } else if named == 0 {
            Held::AsExpected
        } else {
            Held::Otherwise
        };
        protocol.note(question, format!("{said} with a name"), held);
    }
    let question = Question("Do commitments (v2.0) have a vendor and a total?", None);
    let path = format!("rest/v2.0/companies/{company}/projects/{project}/commitment_contracts");
    let answer = protocol.read(question, &path, &[("per_page", "100")]).await;
    if let Some(list) = protocol.taken(question, answer) {
        let (_, _, vendors) = share(records(&list), |one| one["vendor"].is_object());
        let (_, _, totals) = share(records(&list), |one| !is_blank(&one["grand_total"]));
        protocol.note(question, format!("vendor {vendors}, grand_total {totals}"), Held::Noted);
    }
    let question = Question("Does v2.0 take a page of 1,000?", None);
    if let Some(answer) = protocol.read(question, &path, &[("per_page", "1000")]).await {
        protocol.note(question, answer.status.to_string(), Held::Noted);
    }
    for (path, version) in [("v1.0", "Are the project's vendors listed (v1.0)?"), ("v1.1", "Are they (v1.1)?")] {
        let question = Question(version, None);
        let path = format!("rest/{path}/projects/{project}/vendors");
        if let Some(answer) = protocol.read(question, &path, &[("per_page", "100")]).await {
            let count = answer.json.as_ref().map_or(0, |list| records(list).len());
            protocol.note(question, format!("{}, {count} of them", answer.status), Held::Noted);
        }
    }
    let question = Question("How many prime contracts does this person see?", None);
    let answer = protocol.read(question, "rest/v1.0/prime_contracts", &[("project_id", project)]).await;
    if let Some(answer) = answer {
        let count = answer.json.as_ref().map_or(0, |list| records(list).len());
        protocol.note(question, format!("{}, {count} of them", answer.status), Held::Noted);
    }
}

async fn doors(protocol: &mut Protocol, project: &str, company: &str) {
    let question = Question("Which level has this person for change events?", None);
    let answer = protocol.read(question, "rest/v1.0/settings/permissions", &[("project_id", project)]).await;
    if let Some(said) = protocol.taken(question, answer) {
        protocol.note(question, shape(&said), Held::Noted);
    }
    let hooks = format!("rest/v2.0/companies/{company}/projects/{project}/webhooks");
    let question = Question("Do webhooks v2.0 list their resources?", None);
    let answer = protocol.read(question, &format!("{hooks}/resources"), &[("payload_version", PAYLOAD_VERSION)]).await;
    if let Some(list) = protocol.taken(question, answer) {
        let named = |name: &str| records(&list).iter().any(|one| one["name"] == name);
        let (events, lines) = (named("Change Events"), named("Change Event Line Items"));
        protocol.judge(question, format!("Change Events {events}, Change Event Line Items {lines}"), events && lines);
    }
    let question = Question("Do webhooks v2.0 list a project's hooks?", None);
    if let Some(answer) = protocol.read(question, &format!("{hooks}/hooks"), &[]).await {
        protocol.judge(question, answer.status.to_string(), answer.status == 200);
    }
    let question = Question("Do webhooks v1.0 list a project's hooks?", None);
    if let Some(answer) = protocol.read(question, "rest/v1.0/webhooks/hooks", &[("project_id", project)]).await {
        protocol.note(question, answer.status.to_string(), Held::Noted);
    }
}

/// The names of the fields at the top, and nothing they hold.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(fields) => fields
            .keys()
            .filter_map(|name| field(&Value::from(name.as_str())).map(str::to_owned))
            .take(12)
            .collect::<Vec<_>>()
            .join(", "),
        Value::Array(all) => format!("a list of {}", all.len()),
        _ => "a bare value".to_owned(),
    }
}
