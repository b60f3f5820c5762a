//! A COR's page: what it says, where it stands, what happened to it.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use domain::{
    CorId,
    cor::{Pricing, Section, Status},
    procore::{Side, push_state::ProcoreState},
};
use serde::Deserialize;

use crate::{
    App, Error,
    cor::{
        pages::status,
        read_cor::{self, CorSeen},
        set_status,
        views::{Activity, CorLine, CorPage, CorSection},
        write,
    },
    log::{
        pages::{
            days, log_url,
            procore_cell::{self, Known},
        },
        views::cell::{EventRef, ProcoreCell},
    },
    push, record,
    serving::{
        flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Deed, NavItem, Text},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/cors/{cor}", get(page))
        .route("/cors/{cor}/send", post(send))
        .route("/cors/{cor}/delete", post(delete))
}

#[derive(Deserialize)]
struct Asking {
    /// The status that was chosen and is asked about before it is set.
    #[serde(default)]
    ask: String,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Query(asking): Query<Asking>,
) -> Result<Response, Error> {
    let seen = read_cor::cor(&app, &person.actor, id).await?;
    let page = shown(&app, &person, &seen).await?;
    let ask = Status::from_code(&asking.ask).filter(|_| page.set_status.url().is_some());
    forms::page(&CorPage { ask: ask.and_then(|status| status::ask(&seen, status)), ..page })
}

/// The page of a COR, nothing asked.
pub(crate) async fn shown(app: &App, person: &SignedIn, seen: &CorSeen) -> Result<CorPage, Error> {
    let log = log_url(seen.project.id, seen.side, "");
    let frame = Page::new(format!("COR {}", seen.cor.number), NavItem::Log)
        .of(seen.project.id)
        .under("Projects", "/projects")
        .under(&seen.project.name, format!("/projects/{}", seen.project.id))
        .under("COR Log", log);
    let shell = shell(app, person, frame).await?;
    Ok(view(app, person, seen, shell))
}

fn view(app: &App, person: &SignedIn, seen: &CorSeen, shell: crate::serving::views::Shell) -> CorPage {
    let (cor, url) = (&seen.cor, format!("/cors/{}", seen.cor.id));
    let may_edit = person.actor.may_edit_cors(seen.project.standing());
    let draft = cor.status == Status::Draft;
    let ours = seen.side == Side::Sent;
    let only_if = |shown: bool, deed: Deed| if shown { deed } else { Deed::Absent };
    let (statuses, statuses_note) = status::offered(seen);
    let set_status = status::deed(&statuses, &statuses_note, words::deed(may_edit, format!("{url}/status")));
    let returned = cor.status == Status::ReviseAndResubmit && !cor.status_reason.is_empty();
    let rounding = cor.price.rounding();
    CorPage {
        shell,
        label: format!("COR {}", cor.number),
        title: cor.title.clone(),
        status: words::status(cor.status),
        revision: cor.revision,
        statuses_note: if draft || set_status.url().is_none() { String::new() } else { statuses_note },
        set_status: only_if(!draft, set_status),
        statuses,
        status_mark: if cor.recorded.is_some() { words::RECORDED } else { "" },
        returned: if returned { format!("Returned for revision: “{}”", cor.status_reason) } else { String::new() },
        ask: None,
        send: only_if(draft && ours, words::deed(may_edit, format!("{url}/send"))),
        delete: only_if(draft && ours && may_edit.is_ok(), Deed::May(format!("{url}/delete"))),
        edit: only_if(ours, words::deed(may_edit, format!("{url}/edit"))),
        push: to_procore(person, seen),
        id: cor.id.to_string(),
        details: details(app, seen),
        description: cor.description.clone(),
        currency: cor.currency.code().to_owned(),
        sections: sections(seen),
        rounding: (!rounding.is_zero() && !cor.price.lines.is_empty()).then(|| words::money(rounding)),
        rounding_warning: cor.price.totals().warning().unwrap_or_default(),
        total: words::money(cor.total()),
        procore: procore(app, person, seen),
        procore_facts: procore_facts(seen),
        procore_links: procore_links(seen),
        activity: seen
            .feed
            .iter()
            .map(|entry| Activity {
                when: words::moment(entry.at),
                who: match (entry.person.as_str(), entry.company.as_str()) {
                    ("", _) => "Ledgerboard".to_owned(),
                    (who, "") => who.to_owned(),
                    (who, company) => format!("{who}, {company}"),
                },
                what: entry.text.clone(),
            })
            .collect(),
    }
}

fn to_procore(person: &SignedIn, seen: &CorSeen) -> Deed {
    if let Err(denied) = person.actor.may_push(seen.project.standing()) {
        return Deed::MayNot(denied.to_string());
    }
    if seen.mapping.is_none() {
        return Deed::MayNot("Map this project to Procore first, under its settings → Procore.".to_owned());
    }
    match push::pushable(&seen.cor, seen.link.as_ref()) {
        Err(why) => Deed::MayNot(why.sentence()),
        Ok(()) => Deed::May(format!("/push?project={}&side={}", seen.project.id, seen.side.code())),
    }
}

fn details(app: &App, seen: &CorSeen) -> Vec<(String, Text)> {
    let cor = &seen.cor;
    let other = match seen.side {
        Side::Sent => &cor.receiver_name,
        Side::Received => &cor.sender_name,
    };
    let pair = |name: &str, value: &str| (name.to_owned(), Text::from(value));
    let approval = cor.recorded.map_or_else(String::new, |recorded| {
        format!("{}, {}, recorded by {}", recorded.means.name(), words::date(recorded.on), cor.sender_name)
    });
    let reason = if cor.status == Status::ReviseAndResubmit { "" } else { &cor.status_reason };
    vec![
        pair(seen.side.counterparty(), other),
        pair("Approval", &approval),
        pair("Reason for the status", reason),
        pair("Contract", &cor.contract_name),
        pair("Project", &seen.project.name),
        pair("My job number", &seen.project.job_number),
        pair("Customer reference", &cor.customer_reference),
        ("Submitted".to_owned(), cor.submitted_at.map(words::day).unwrap_or_default()),
        pair("Days in review", &days(cor.status, cor.submitted_at, app.now())),
    ]
}

fn sections(seen: &CorSeen) -> Vec<CorSection> {
    let lines = |section| seen.cor.price.lines.iter().filter(move |line| line.section == section);
    let used = Section::ALL.into_iter().filter(|section| lines(*section).next().is_some());
    used.map(|section| CorSection {
        key: section.code(),
        name: section.name(),
        lines: lines(section).map(line).collect(),
        subtotal: words::money(seen.cor.price.section_total(section)),
    })
    .collect()
}

/// A line as it is stored.
pub(crate) fn line(line: &domain::cor::LineItem) -> CorLine {
    let (quantity, unit, rate) = match &line.pricing {
        Pricing::Extended { quantity, unit, rate } => (quantity.to_string(), unit.clone(), with_cents(*rate)),
        Pricing::Lump => Default::default(),
    };
    CorLine {
        id: line.id.to_string(),
        description: line.description.clone(),
        quantity,
        unit,
        rate,
        amount: words::money(line.amount),
        computed: false,
        error: String::new(),
    }
}

/// A rate with two decimals at the least: "92.10", "0.0825".
fn with_cents(rate: rust_decimal::Decimal) -> String {
    let mut rate = rate.normalize();
    rate.rescale(rate.scale().max(2));
    rate.to_string()
}

/// How a COR that is listed elsewhere stands in the reader's Procore; a row has room for the number of the event alone.
pub(crate) async fn in_procore(app: &App, person: &SignedIn, id: CorId) -> Result<ProcoreCell, Error> {
    let seen = read_cor::cor(app, &person.actor, id).await?;
    let mut cell = procore(app, person, &seen);
    if let (Some(shown), Some(event)) = (&mut cell.event, &seen.event) {
        shown.label = format!("CE {}", event.number);
    }
    Ok(cell)
}

fn procore(app: &App, person: &SignedIn, seen: &CorSeen) -> ProcoreCell {
    let state = seen.link.as_ref().map_or(ProcoreState::NotInProcore, |link| link.state);
    let event = seen.link.as_ref().and_then(|link| link.event).map(|id| {
        let known = seen.event.as_ref();
        EventRef {
            label: known
                .map_or_else(|| "Change event".to_owned(), |event| format!("CE {} {}", event.number, event.title)),
            status: known.map(|event| event.status.clone()).unwrap_or_default(),
            url: seen
                .mapping
                .as_ref()
                .map(|m| app.event_in_procore(m.procore_company_id, m.procore_project_id, id))
                .unwrap_or_default(),
        }
    });
    let known = Known {
        state,
        reason: seen.link.as_ref().map_or("", |link| link.reason.as_str()),
        status: seen.cor.status,
        // The page says of every COR how it stands.
        mapped: true,
        connected: seen.connected,
        under_way: seen.under_way.as_ref(),
        may_push: person.actor.may_push(seen.project.standing()).is_ok(),
        event,
        cor: seen.cor.id,
    };
    procore_cell::cell(known, app.now())
}

fn procore_facts(seen: &CorSeen) -> Vec<(String, Text)> {
    let Some(link) = seen.link.as_ref().filter(|link| link.was_pushed()) else { return Vec::new() };
    let there = match &seen.currency {
        Ok(()) => link.pushed_amount.to_string(),
        Err(trouble) => format!("{}, {}", link.pushed_amount, trouble.theirs()),
    };
    let mut facts =
        vec![("In Procore".to_owned(), there.into()), ("Written as".to_owned(), link.breakdown.name().into())];
    let difference = seen.difference(link);
    if !difference.is_zero() {
        let told = match &seen.currency {
            Ok(()) => difference.signed(),
            Err(trouble) => format!("{difference}: {}", trouble.reason()),
        };
        facts.push(("Difference".to_owned(), told.into()));
    }
    facts.extend(link.pushed_at.map(|at| ("Last push".to_owned(), words::moment(at))));
    facts
}

fn procore_links(seen: &CorSeen) -> Vec<crate::serving::views::Link> {
    let mut links = Vec::new();
    if seen.link.as_ref().is_some_and(store::repo::link::Link::was_pushed) {
        links.push(crate::serving::views::Link::new("Compare with Procore", format!("/cors/{}/drift", seen.cor.id)));
    }
    if seen.recorded {
        links.push(crate::serving::views::Link::new("Record", record::pages::url_of(seen.cor.id)));
    }
    if seen.mapping.is_none() {
        let url = format!("/projects/{}/settings/procore", seen.project.id);
        links.push(crate::serving::views::Link::new("Map this project", url));
    }
    links
}

async fn send(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    let url = format!("/cors/{id}");
    match set_status::send(&app, &person.actor, id).await {
        Ok(cor) => Ok(flash::done(&url, format!("COR {} was sent to {}.", cor.number, cor.receiver_name))),
        Err(error) => Ok(flash::failed(&url, forms::notice(error)?)),
    }
}

async fn delete(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    match write::delete_draft(&app, &person.actor, id).await {
        Ok(project) => Ok(flash::done(&log_url(project, Side::Sent, ""), "The draft was deleted.")),
        Err(error) => Ok(flash::failed(&format!("/cors/{id}"), forms::notice(error)?)),
    }
}
