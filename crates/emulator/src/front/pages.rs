//! The pages that show the world.

use askama::Template;
use axum::Extension;
use axum::extract::{OriginalUri, Path};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use rust_decimal::Decimal;

use super::{nothing_here, render};
use crate::oauth::{signed_in, signing_in};
use crate::text::{decimal, readable, seen_of_html};
use crate::world::{ChangeEvent, ChangeItem, Level, World};
use crate::{Emulator, Exchange, Fault};

pub(crate) const EVENTS_ROUTE: &str =
    "/webclients/host/companies/{company_id}/projects/{project_id}/tools/change-events";
pub(crate) const EVENT_ROUTE: &str =
    "/webclients/host/companies/{company_id}/projects/{project_id}/tools/change-events/{id}";

struct Person {
    login: String,
    name: String,
    role: String,
}

struct CompanyRow {
    name: String,
    id: i64,
    connected: bool,
    projects: Vec<ProjectRow>,
}

struct ProjectRow {
    number: String,
    name: String,
    events: usize,
    path: String,
}

struct AppRow {
    id: String,
    name: String,
    redirects: Vec<String>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    companies: Vec<CompanyRow>,
    people: Vec<Person>,
    apps: Vec<AppRow>,
}

struct EventRow {
    number: String,
    title: String,
    status: String,
    mapped_to: String,
    scope: String,
    lines: usize,
    cost: String,
    revenue: String,
    path: String,
}

#[derive(Template)]
#[template(path = "events.html")]
struct EventsPage {
    project: String,
    company: String,
    rows: Vec<EventRow>,
    total: String,
}

struct LineRow {
    id: i64,
    description: String,
    budget_code: String,
    contract: String,
    vendor: String,
    how: String,
    cost: String,
    revenue: String,
    lock: Option<String>,
    deleted: bool,
}

#[derive(Template)]
#[template(path = "event.html")]
struct EventPage {
    project: String,
    back: String,
    number: String,
    title: String,
    description: String,
    status: String,
    mapped_to: String,
    scope: String,
    created_by: String,
    created_at: String,
    updated_at: String,
    prime: String,
    origin: String,
    lines: Vec<LineRow>,
    cost: String,
    revenue: String,
    deleted: bool,
}

#[derive(Template)]
#[template(path = "operator.html")]
struct OperatorPage {
    now: String,
    faults: Vec<String>,
    switches: String,
    late: usize,
    journal: Vec<JournalRow>,
}

struct JournalRow {
    seq: u64,
    at: String,
    method: String,
    path: String,
    login: String,
    status: String,
    fault: String,
}

pub(super) async fn css() -> Response {
    ([(http::header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../assets/emulator.css"))
        .into_response()
}

pub(super) async fn home(Extension(emulator): Extension<Emulator>) -> Response {
    let state = emulator.state();
    let world = &state.world;
    let companies = world.companies.values().map(|company| CompanyRow {
        name: company.name.clone(),
        id: company.id,
        connected: company.app_connected,
        projects: world
            .projects
            .values()
            .filter(|project| project.company_id == company.id)
            .take(40)
            .map(|project| ProjectRow {
                number: project.number.clone(),
                name: project.name.clone(),
                events: world.events_of(project.id).count(),
                path: events_path(world, project.id),
            })
            .collect(),
    });
    let people = world.users.values().filter(|user| !user.service_account).map(|user| Person {
        login: user.login.clone(),
        name: user.name.clone(),
        role: role(world, user.id),
    });
    let apps = state.oauth.clients.iter().map(|client| AppRow {
        id: client.id.clone(),
        name: client.name.clone(),
        redirects: client.redirect_uris.clone(),
    });
    render(&HomePage { companies: companies.collect(), people: people.collect(), apps: apps.collect() })
}

/// What a person may do, in a few words.
fn role(world: &World, user: i64) -> String {
    let company = |id: &i64| world.companies.get(id).map(|company| company.name.clone()).unwrap_or_default();
    let Some(user) = world.users.get(&user) else { return String::new() };
    if !user.admin_of.is_empty() {
        return format!("Admin of {}", user.admin_of.iter().map(company).collect::<Vec<_>>().join(", "));
    }
    let best = world.projects.values().filter_map(|project| project.access.get(&user.id)).max();
    let level = match best {
        Some(Level::Admin) => "Admin on change events",
        Some(Level::Standard) => "Standard on change events",
        Some(Level::ReadOnly) => "Read only",
        _ => "No projects",
    };
    format!("{level}, {}", user.companies.iter().map(company).collect::<Vec<_>>().join(", "))
}

pub(super) async fn events(
    Extension(emulator): Extension<Emulator>,
    OriginalUri(uri): OriginalUri,
    jar: CookieJar,
    Path((company_id, project_id)): Path<(i64, i64)>,
) -> Response {
    let Some(user) = signed_in(&emulator, &jar) else { return signing_in(uri.path()) };
    let state = emulator.state();
    let world = &state.world;
    let Some(project) = world.projects.get(&project_id).filter(|project| project.company_id == company_id) else {
        return nothing_here();
    };
    if world.level(user, project_id) < Level::ReadOnly {
        return nothing_here();
    }
    let rows: Vec<EventRow> = world.events_of(project_id).map(|event| row(world, event)).collect();
    let total = world.events_of(project_id).map(ChangeEvent::cost_total).sum();
    let company = world.companies.get(&company_id).map(|company| company.name.clone()).unwrap_or_default();
    render(&EventsPage { project: format!("{} {}", project.number, project.name), company, rows, total: money(total) })
}

pub(super) async fn event(
    Extension(emulator): Extension<Emulator>,
    OriginalUri(uri): OriginalUri,
    jar: CookieJar,
    Path((company_id, project_id, id)): Path<(i64, i64, i64)>,
) -> Response {
    let Some(user) = signed_in(&emulator, &jar) else { return signing_in(uri.path()) };
    let state = emulator.state();
    let world = &state.world;
    let project = world.projects.get(&project_id).filter(|project| project.company_id == company_id);
    let event = world.change_events.get(&id).filter(|event| event.project_id == project_id);
    let (Some(project), Some(event), true) = (project, event, world.level(user, project_id) >= Level::ReadOnly) else {
        return nothing_here();
    };
    let status = world.statuses.get(&event.status_id);
    let prime = event.prime_contract_id.and_then(|id| world.prime_contracts.get(&id));
    render(&EventPage {
        project: format!("{} {}", project.number, project.name),
        back: events_path(world, project_id),
        number: event.number.clone(),
        title: event.title.clone().unwrap_or_default(),
        description: match event.description.as_deref().unwrap_or_default() {
            html if state.switches.descriptions_are_html => seen_of_html(html),
            text => text.to_owned(),
        },
        status: status.map(|status| status.name.clone()).unwrap_or_default(),
        mapped_to: status.map(|status| status.mapped_to.clone()).unwrap_or_default(),
        scope: scope(&event.scope).to_owned(),
        created_by: world.users.get(&event.created_by).map(|user| user.name.clone()).unwrap_or_default(),
        created_at: readable(event.created_at),
        updated_at: readable(event.updated_at),
        prime: prime.map(|prime| format!("{} {}", prime.number, prime.title)).unwrap_or_default(),
        origin: event.external_data.as_ref().and_then(|data| data.origin_id.clone()).unwrap_or_default(),
        lines: event.items.iter().map(|item| line(world, item)).collect(),
        cost: money(event.cost_total()),
        revenue: money(event.revenue_total()),
        deleted: event.deleted_at.is_some(),
    })
}

pub(super) async fn operator(Extension(emulator): Extension<Emulator>) -> Response {
    let journal: Vec<Exchange> = emulator.journal();
    let row = |exchange: &Exchange| JournalRow {
        seq: exchange.seq,
        at: readable(exchange.at),
        method: exchange.method.clone(),
        path: exchange.path.clone(),
        login: exchange.login.clone().unwrap_or_default(),
        status: exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
        fault: exchange.fault.as_ref().map(describe).unwrap_or_default(),
    };
    let switches = emulator.switches(|switches| serde_json::to_string_pretty(switches).unwrap_or_default());
    render(&OperatorPage {
        now: readable(emulator.now()),
        faults: emulator.faults().iter().map(|fault: &Fault| describe(fault)).collect(),
        switches,
        late: emulator.late_waiting(),
        journal: journal.iter().rev().take(200).map(row).collect(),
    })
}

pub(super) fn describe(what: &impl serde::Serialize) -> String {
    serde_json::to_string(what).unwrap_or_default()
}

fn row(world: &World, event: &ChangeEvent) -> EventRow {
    let status = world.statuses.get(&event.status_id);
    EventRow {
        number: event.number.clone(),
        title: event.title.clone().unwrap_or_default(),
        status: status.map(|status| status.name.clone()).unwrap_or_default(),
        mapped_to: status.map(|status| status.mapped_to.clone()).unwrap_or_default(),
        scope: scope(&event.scope).to_owned(),
        lines: event.live_items().count(),
        cost: money(event.cost_total()),
        revenue: money(event.revenue_total()),
        path: format!("{}/{}", events_path(world, event.project_id), event.id),
    }
}

fn line(world: &World, item: &ChangeItem) -> LineRow {
    let code = item.wbs_code_id.and_then(|id| world.wbs_codes.get(&id));
    let contract = item.contract_id.and_then(|id| world.commitments.get(&id));
    let vendor = item.vendor_id.and_then(|id| world.vendors.get(&id));
    let how = match (item.cost.quantity, item.cost.unit_cost) {
        (Some(quantity), Some(unit_cost)) => {
            let unit = item.cost.unit.as_deref().unwrap_or("each");
            format!("{} {unit} × {}", quantity.normalize(), unit_cost.normalize())
        }
        _ => String::new(),
    };
    let locked = item.lock.as_ref().map(|lock| match &lock.rfq {
        Some(rfq) => format!("Locked by RFQ {}", rfq.number),
        None => "Locked".to_owned(),
    });
    LineRow {
        id: item.id,
        description: item.description.clone().unwrap_or_default(),
        budget_code: code.map_or("None".to_owned(), |code| format!("{} {}", code.flat_code, code.description)),
        contract: contract.map(|contract| format!("{} {}", contract.number, contract.title)).unwrap_or_default(),
        vendor: vendor.map(|vendor| vendor.name.clone()).unwrap_or_default(),
        how,
        cost: money(item.cost.amount),
        revenue: money(item.revenue.amount),
        lock: locked,
        deleted: item.deleted_at.is_some(),
    }
}

fn events_path(world: &World, project_id: i64) -> String {
    let company = world.projects.get(&project_id).map_or(0, |project| project.company_id);
    format!("/webclients/host/companies/{company}/projects/{project_id}/tools/change-events")
}

fn scope(scope: &str) -> &str {
    match scope {
        "in_scope" => "In scope",
        "out_of_scope" => "Out of scope",
        _ => "TBD",
    }
}

/// Dollars with separators; negatives in parentheses, as the trade writes them.
fn money(amount: Decimal) -> String {
    let plain = decimal(amount.abs(), 2);
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, "00"));
    let grouped: Vec<&str> = {
        let first = whole.len() % 3;
        let (head, tail) = whole.split_at(first);
        let thirds = tail.as_bytes().chunks(3).filter_map(|third| std::str::from_utf8(third).ok());
        std::iter::once(head).filter(|head| !head.is_empty()).chain(thirds).collect()
    };
    let text = format!("${}.{cents}", grouped.join(","));
    if amount.is_sign_negative() && !amount.is_zero() { format!("({text})") } else { text }
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn money_is_grouped_and_negatives_are_in_parentheses() {
        assert_eq!(money("1234567.5".parse().unwrap()), "$1,234,567.50");
        assert_eq!(money("-820".parse().unwrap()), "($820.00)");
        assert_eq!(money("10.005".parse().unwrap()), "$10.01", "half a cent goes away from zero");
        assert_eq!(money("0".parse().unwrap()), "$0.00");
    }
}
