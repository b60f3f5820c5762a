//! A COR beside its lines in Procore, and what a person decides about a difference.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::Form;
use domain::{
    CorId, LineItemId, Money,
    procore::{
        Amount, Side,
        currency::CurrencyTrouble,
        difference,
        drift::{EventFacts, Finding},
        footing,
        push::Purpose,
        push_plan::{Action, Field, PlanLine},
        push_state::ProcoreState,
    },
    role::Denied,
};
use serde::Deserialize;

use super::views::{DriftFact, DriftLine, DriftPage, RemovalLine, RemovalPage};
use crate::{
    App, Error,
    comparison::{self, Drift, NotTaken, RemovalShown, Row, Unlinked},
    error::UNREADABLE,
    integration::reference::Names,
    log::{
        pages::log_url,
        views::cell::{EventRef, ProcoreCell},
    },
    push::pages::result_url,
    serving::{
        flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Deed, Link, NavItem},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/cors/{cor}/drift", get(page))
        .route("/cors/{cor}/drift/read", post(read))
        .route("/cors/{cor}/drift/leave", post(leave))
        .route("/cors/{cor}/drift/accept", post(accept))
        .route("/cors/{cor}/drift/unlink", post(unlink))
        .route("/cors/{cor}/drift/remove", get(removal).post(remove))
        .route("/cors/{cor}/drift/remove-surplus", post(remove_surplus))
}

/// Where a COR is compared with Procore.
pub(crate) fn url_of(cor: CorId) -> String {
    format!("/cors/{cor}/drift")
}

/// Where the copies of a COR's lines are removed.
pub(crate) fn surplus_url(cor: CorId) -> String {
    format!("/cors/{cor}/drift/remove-surplus")
}

/// Where the lines are shown before they are removed.
fn removal_url(cor: CorId, purpose: Purpose) -> String {
    format!("/cors/{cor}/drift/remove?purpose={}", purpose.code())
}

fn frame(seen: &Drift, title: &str) -> Page {
    Page::new(title, NavItem::Log)
        .of(seen.project.id)
        .under("Projects", "/projects")
        .under(&seen.project.name, format!("/projects/{}", seen.project.id))
        .under("COR Log", log_url(seen.project.id, seen.side, ""))
        .under(format!("COR {}", seen.cor.number), format!("/cors/{}", seen.cor.id))
}

async fn page(State(app): State<App>, person: SignedIn, Path(cor): Path<CorId>) -> Result<Response, Error> {
    let seen = comparison::look(&app, &person.actor, cor).await?;
    let shell = shell(&app, &person, frame(&seen, "Compare with Procore")).await?;
    let url = url_of(cor);
    let open = seen.open();
    let busy = seen.link.state.is_busy();
    let may = person.actor.may_push(seen.project.standing());
    let tied = seen.link.event.is_some();
    let gone = seen.is_gone();
    let only_if = |shown: bool, deed: Deed| if shown && !busy { deed } else { Deed::Absent };
    let deed = |path: &str| words::deed(may, format!("{url}/{path}"));
    let leads = |purpose: Purpose| words::deed(may, removal_url(cor, purpose));
    let stopped = seen.link.state == ProcoreState::ChangedInProcore;
    let out = seen.is_out().is_some();
    let settleable = !out && (stopped || open.iter().any(Finding::may_stay));
    // What the log says of a void COR is no finding: it follows from its status.
    let told = stopped || out && seen.link.state == ProcoreState::UpdateNeeded;
    let in_currency = |deed: Deed| match &seen.currency {
        Err(trouble) if !out && deed.url().is_some() => Deed::MayNot(trouble.with_remedy()),
        _ => deed,
    };
    let (accept_text, accept) = accepting(&seen, &person, may);
    let currency_told = out || open.iter().any(|finding| matches!(finding, Finding::OtherCurrency { .. }));
    let currency = seen.currency.as_ref().err().filter(|_| !currency_told).map(CurrencyTrouble::with_remedy);
    forms::page(&DriftPage {
        shell,
        heading: format!("COR {} · {}", seen.cor.number, seen.cor.title),
        procore: cell(&app, &seen),
        open: told
            .then(|| seen.link.reason.clone())
            .into_iter()
            .chain(open.iter().map(Finding::sentence))
            .chain(currency)
            .chain(seen.unreadable.then(|| UNREADABLE.to_owned()))
            .collect(),
        calm: calm(&seen),
        left_alone: seen.observation.iter().flat_map(|o| &o.left_alone).map(Finding::sentence).collect(),
        busy: if busy {
            "A push of this COR is under way. What follows from it is shown when it has ended.".into()
        } else {
            String::new()
        },
        look: seen
            .link
            .push
            .filter(|_| busy && may.is_ok())
            .map(|push| Link::new("Look at it", result_url(push.into()))),
        read: match seen.observation.as_ref().and_then(|o| o.seen_at) {
            Some(at) => format!("Procore as read {}", words::ago(at, app.now())),
            None => "Procore as it answered the last push".to_owned(),
        },
        read_url: format!("{url}/read"),
        currency: seen.cor.currency.code().to_owned(),
        currency_there: seen.currency.as_ref().err().map(|trouble| trouble.theirs().to_owned()).unwrap_or_default(),
        facts: facts(&seen),
        lines: seen.rows.iter().map(|row| line(&seen.names, row)).collect(),
        totals: totals(&seen),
        rounding: rounding(&seen),
        version: seen.version(),
        overwrite: only_if(
            true,
            in_currency(words::deed(may, format!("/push?project={}&side={}", seen.project.id, seen.side.code()))),
        ),
        overwrite_text: if out {
            ("Have its lines removed", "Leads to the plan, which shows every line before it is removed.")
        } else {
            ("Write ours over it", "Leads to the plan, which shows every line before anything is written.")
        },
        id: cor.to_string(),
        accept: only_if(settleable && !gone, in_currency(accept)),
        accept_text,
        accept_note: seen.side == Side::Received,
        leave: only_if(settleable, deed("leave")),
        unlink: only_if(tied, seen.stays_linked().filter(|_| may.is_ok()).map_or_else(|| deed("unlink"), Deed::MayNot)),
        unlink_text: unlinking((&seen).into()),
        remove_surplus: only_if(!seen.surplus().is_empty(), words::deed(may, surplus_url(cor))),
        surplus_button: match seen.surplus().len() {
            1 => "Remove 1 line".to_owned(),
            many => format!("Remove {many} lines"),
        },
        remove: only_if(tied && !gone, leads(Purpose::Unlink)),
        move_elsewhere: only_if(tied && !gone && !out, in_currency(leads(Purpose::Move))),
        back: Link::new("Back to the COR", format!("/cors/{cor}")),
    })
}

/// What unlinking does, and what it is called.
const fn unlinking(lines: Unlinked) -> (&'static str, &'static str) {
    match lines {
        Unlinked::NotKnown => (
            "Unlink",
            "Procore doesn’t show the Change Event, and doesn’t list it as deleted either. If it was deleted for good, nothing of \
             the COR is there. If it is only hidden from you, the lines stay in Procore and are watched no more, and they count \
             there until somebody removes them: pushed to another Change Event, the COR counts twice.",
        ),
        Unlinked::LinesWent => (
            "Unlink",
            "The lines went with the Change Event, and nothing of them counts. The COR can be pushed to another Change Event, and \
             counts once there. If somebody restores this one in Procore, its lines count beside it until they are removed.",
        ),
        Unlinked::LinesStay => (
            "Unlink, keep the lines",
            "The lines stay in Procore and are watched no more. Pushed to another Change Event, the COR counts twice until somebody \
             removes them; a push to this one waits for that.",
        ),
    }
}

/// What is said where nothing waits for a decision: as in the log, where what is there is not what the COR asks for.
fn calm(seen: &Drift) -> String {
    let left = seen.observation.iter().any(|o| !o.left_alone.is_empty());
    let told = difference::told(seen.cor.due_in_procore(), seen.link.pushed_amount, "");
    if seen.link.state == ProcoreState::UpToDate && seen.currency.is_ok() && difference::words(&told).is_some() {
        format!("{told} Nothing waits for a decision.")
    } else if left {
        "Nothing waits for a decision.".to_owned()
    } else {
        "Procore has what was pushed.".to_owned()
    }
}

/// What a COR becomes that takes over what Procore has; what of it was never pushed stays.
fn becoming(seen: &Drift) -> String {
    let price = match seen.taken_over(|| LineItemId(uuid::Uuid::nil())) {
        Ok(price) => price,
        Err(why) => return why.to_string(),
    };
    let (before, after) = (seen.cor.total(), price.total());
    let rest = if seen.link.pushed_amount == after {
        ""
    } else {
        " What was changed here and not pushed yet stays, and waits to be pushed."
    };
    format!("The COR becomes {after}, before {before}, as a new version that the receiver sees.{rest}")
}

fn accepting(seen: &Drift, person: &SignedIn, may: Result<(), Denied>) -> (String, Deed) {
    if let Err(trouble) = &seen.currency {
        // An amount of another currency is not named as one of ours.
        return (String::new(), Deed::MayNot(trouble.with_remedy()));
    }
    if !seen.link.pushed_amount.is_readable() {
        return (String::new(), Deed::MayNot(NotTaken::Unreadable.to_string()));
    }
    let accept = |may| words::deed(may, format!("{}/accept", url_of(seen.cor.id)));
    let has = seen.link.pushed_amount;
    match seen.side {
        Side::Sent => match seen.settled() {
            Some(settled) => (settled.to_owned(), Deed::MayNot(settled.to_owned())),
            None => (becoming(seen), accept(may.and(person.actor.may_edit_cors(seen.project.standing())))),
        },
        Side::Received => (
            format!(
                "{} wrote this COR, so it stays at {}. It is noted that you accept {has} in Procore.",
                seen.cor.sender_name,
                seen.cor.total()
            ),
            accept(may),
        ),
    }
}

fn cell(app: &App, seen: &Drift) -> ProcoreCell {
    let event = seen.event.as_ref().map(|event| EventRef {
        label: format!("CE {} {}", event.number, event.title),
        status: if seen.is_gone() || event.gone { GONE.to_owned() } else { event.status.clone() },
        url: seen
            .mapping
            .as_ref()
            .map(|m| app.event_in_procore(m.procore_company_id, m.procore_project_id, event.event_id))
            .unwrap_or_default(),
    });
    ProcoreCell { event, reason: seen.link.reason.clone(), ..ProcoreCell::of(seen.link.state) }
}

/// A contract that no list names.
const UNNAMED: &str = "one that Procore’s list doesn’t show";

/// The status of an event that is gone.
const GONE: &str = "Deleted, or not shown any more";

fn facts(seen: &Drift) -> Vec<DriftFact> {
    let (Some(was), Some(is)) = seen.event_facts() else { return Vec::new() };
    let fact = |name, was: String, is: String| DriftFact { name, changed: was != is, was, is };
    let status = |facts: &EventFacts| if facts.gone { GONE.to_owned() } else { facts.status.clone() };
    let contract = |facts: &EventFacts| match facts.prime_contract {
        None => "none".to_owned(),
        Some(id) => seen.names.contract(id).map_or_else(|| UNNAMED.to_owned(), str::to_owned),
    };
    let mut all = vec![fact("Status", status(was), status(is))];
    if seen.side == Side::Sent && !is.gone {
        let changed = was.prime_contract != is.prime_contract;
        all.push(DriftFact { changed, ..fact("Prime contract for markup", contract(was), contract(is)) });
    }
    // Procore's own doing, and no line of ours: nothing that anybody has to decide on.
    let added = |name, is: String| DriftFact { name, was: "in no figure here".into(), is, changed: false };
    let (markup, following) = seen.added_by_procore().unwrap_or_default();
    if seen.side == Side::Sent && !markup.is_zero() {
        let edited = seen.event.as_ref().is_some_and(|event| event.markup_edited);
        let edited = if edited { ", changed by hand" } else { "" };
        all.push(added("+ markup by Procore", format!("{markup}{edited}")));
    }
    if !following.is_zero() {
        all.push(added("+ revenue by Procore", format!("{following}, follows cost")));
    }
    all
}

fn line(names: &Names, row: &Row) -> DriftLine {
    let there = row.there.as_ref().map(|line| &line.values);
    let mut notes = Vec::new();
    if let (Some(was), Some(is)) = (&row.pushed, there) {
        let fields = was.differing(is);
        if fields.contains(&Field::Description) {
            notes.push(format!("There it says “{}”.", is.description));
        }
        for field in [Field::BudgetCode, Field::Contract, Field::Vendor].iter().filter(|f| fields.contains(f)) {
            let named = match field {
                Field::BudgetCode => is.budget_code.and_then(|id| names.code(id)),
                Field::Contract => is.contract.and_then(|id| names.contract(id)),
                _ => None,
            };
            let named = named.map(|name| format!(": {name}")).unwrap_or_default();
            notes.push(format!("Another {} was chosen there{named}.", field.name()));
        }
    }
    let locks = row.findings.iter().filter(|f| matches!(f, Finding::LineLocked { .. }));
    notes.extend(locks.map(Finding::sentence));
    let pushed = row.pushed.as_ref().map(|v| v.amount);
    let now = there.map(|v| v.amount);
    if let (Some(pushed), Some(now)) = (pushed, now)
        && pushed != now
        && pushed.same(now)
    {
        notes.push(format!("There it is {}.", now.told_beside(pushed)));
    }
    DriftLine {
        text: row.text.clone(),
        mark: row.findings.first().map_or("", mark),
        notes,
        pushed: pushed.map(words::money),
        ours: row.ours.map(words::money),
        there: now.map(words::money),
        changed: !row.findings.is_empty(),
        edited: row.ours.map(Amount::from) != pushed,
    }
}

const fn mark(finding: &Finding) -> &'static str {
    match finding.state() {
        ProcoreState::Surplus => "too many",
        ProcoreState::LineRemoved => "removed",
        ProcoreState::LineLocked => "locked",
        ProcoreState::ContractMoved => "moved",
        _ => "changed",
    }
}

/// The three columns, each as amounts.
fn columns(seen: &Drift) -> [Vec<Amount>; 3] {
    let column = |amount: fn(&Row) -> Option<Amount>| seen.rows.iter().filter_map(amount).collect();
    [
        column(|row| row.pushed.as_ref().map(|v| v.amount)),
        column(|row| row.ours.map(Amount::from)),
        column(|row| row.there.as_ref().map(|line| line.values.amount)),
    ]
}

fn totals(seen: &Drift) -> [crate::serving::views::Money; 3] {
    columns(seen).map(|column| words::money(column.into_iter().sum::<Amount>()))
}

/// The cents by which the rounded lines miss the totals.
fn rounding(seen: &Drift) -> Option<[crate::serving::views::Money; 3]> {
    let left = columns(seen).map(|column| footing::rounding(column.clone(), column.into_iter().sum()));
    left.iter().any(|left| !left.is_zero()).then(|| left.map(words::money))
}

async fn read(State(app): State<App>, person: SignedIn, Path(cor): Path<CorId>) -> Result<Response, Error> {
    answer(cor, comparison::read_now(&app, &person.actor, cor).await.map(|_| "Procore was read just now."))
}

#[derive(Deserialize)]
struct Decided {
    #[serde(default)]
    version: String,
    #[serde(default)]
    note: String,
}

async fn leave(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Form(decided): Form<Decided>,
) -> Result<Response, Error> {
    let done = comparison::leave(&app, &person.actor, cor, &decided.version).await;
    answer(cor, done.map(|()| "It is left as it is. The log alerts again when it changes again."))
}

async fn accept(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Form(decided): Form<Decided>,
) -> Result<Response, Error> {
    let done = comparison::accept(&app, &person.actor, cor, &decided.version, &decided.note).await;
    answer(cor, done.map(|()| "What Procore has is taken as it is."))
}

async fn unlink(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Form(decided): Form<Decided>,
) -> Result<Response, Error> {
    match comparison::unlink(&app, &person.actor, cor, &decided.version).await {
        Ok(Unlinked::LinesStay) => {
            Ok(flash::done(&format!("/cors/{cor}"), "It is unlinked. Its lines stay in Procore."))
        }
        Ok(Unlinked::NotKnown) => Ok(flash::done(
            &format!("/cors/{cor}"),
            "It is unlinked. Procore doesn’t show its Change Event, so nobody knows whether its lines are there still.",
        )),
        Ok(Unlinked::LinesWent) => Ok(flash::done(
            &format!("/cors/{cor}"),
            "It is unlinked. Its lines went with the Change Event that was deleted in Procore.",
        )),
        Err(error) => Ok(flash::failed(&url_of(cor), forms::notice(error)?)),
    }
}

fn answer(cor: CorId, done: Result<&str, Error>) -> Result<Response, Error> {
    Ok(match done {
        Ok(text) => flash::done(&url_of(cor), text),
        Err(error) => flash::failed(&url_of(cor), forms::notice(error)?),
    })
}

#[derive(Deserialize)]
struct Wanted {
    purpose: String,
}

async fn removal(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    let purpose = Purpose::removing(&wanted.purpose).ok_or(Error::NotFound)?;
    let shown = match comparison::plan(&app, &person.actor, cor, purpose).await {
        Ok(shown) => shown,
        Err(error) => return Ok(flash::failed(&url_of(cor), forms::notice(error)?)),
    };
    let number = &shown.drift.cor.number;
    let (heading, sentence) = match purpose {
        Purpose::RemoveSurplus | Purpose::Write => (
            format!("Remove the surplus of COR {number}"),
            "These lines carry the COR’s mark and no push accounts for them. They are removed in Procore; what was pushed stays.",
        ),
        Purpose::Unlink => (
            format!("Unlink COR {number} and remove its lines"),
            "These lines are removed in Procore, and the COR is no longer linked to the Change Event.",
        ),
        Purpose::Move => (
            format!("Move COR {number} to another Change Event"),
            "First these lines are removed here. Then you push the COR to the other Change Event. Between the two the money is in \
             neither, and the log says so; the other way round it would be counted twice.",
        ),
    };
    let shell = shell(&app, &person, frame(&shown.drift, &heading)).await?;
    forms::page(&removal_page(&app, shell, heading, sentence, &shown))
}

fn removal_page(
    app: &App,
    shell: crate::serving::views::Shell,
    heading: String,
    sentence: &str,
    shown: &RemovalShown,
) -> RemovalPage {
    let cor = shown.drift.cor.id;
    let lines = || {
        // Procore answers lines in no particular order.
        let mut lines: Vec<_> = shown.plan.cors.iter().flat_map(|cor| &cor.lines).collect();
        lines.sort_by_key(|line| (line.ordinal, line.line));
        lines.into_iter()
    };
    let locked = |line: &&PlanLine| matches!(line.action, Action::Locked { .. });
    let count = lines().filter(|line| !locked(line)).count();
    let url = |m: &store::repo::mapping::Mapping| {
        app.event_in_procore(m.procore_company_id, m.procore_project_id, shown.event.id.0)
    };
    let whole = shown.plan.totals.whole;
    let going = lines().filter(|line| !locked(line)).map(PlanLine::previous);
    let total: Amount = going.clone().sum();
    let left = footing::rounding(going, total);
    // As much more or less than what is removed the whole event goes down by.
    let beside = whole.previous.shown() - whole.new.shown() - total.shown();
    RemovalPage {
        shell,
        heading,
        sentence: sentence.to_owned(),
        event: format!("CE {} · {}", shown.event.number, shown.event.title),
        event_url: shown.drift.mapping.as_ref().map(url).unwrap_or_default(),
        currency: match &shown.drift.currency {
            Ok(()) => shown.drift.cor.currency.code().to_owned(),
            Err(trouble) => trouble.theirs().to_owned(),
        },
        lines: lines().filter(|line| !locked(line)).map(removal_line).collect(),
        stays: lines().filter(locked).map(removal_line).collect(),
        total: words::money(total),
        rounding: (!left.is_zero()).then(|| words::money(left)),
        beside: if beside.money().is_none_or(Money::is_zero) {
            String::new()
        } else {
            format!("{} {beside}: {}", footing::ROUNDING, footing::WHY)
        },
        whole: [words::money(whole.previous), words::money(whole.new)],
        remove: match shown.hindrance() {
            Some(why) => Deed::MayNot(why),
            None => Deed::May(format!("{}/remove", url_of(cor))),
        },
        button: match count {
            0 => "Remove the lines".to_owned(),
            1 => "Remove 1 line".to_owned(),
            _ => format!("Remove {count} lines"),
        },
        digest: shown.digest(),
        purpose: shown.purpose.code(),
        back_url: url_of(cor),
    }
}

fn removal_line(line: &PlanLine) -> RemovalLine {
    RemovalLine {
        text: line.before.as_ref().map(|v| v.description.clone()).unwrap_or_default(),
        amount: words::money(line.previous()),
        why: match &line.action {
            Action::Locked { why } => why.clone(),
            _ => String::new(),
        },
    }
}

#[derive(Deserialize)]
struct Confirmed {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    digest: String,
}

async fn remove(
    State(app): State<App>,
    person: SignedIn,
    Path(cor): Path<CorId>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, Error> {
    let purpose = Purpose::removing(&confirmed.purpose).ok_or(Error::NotFound)?;
    match comparison::remove(&app, &person.actor, cor, purpose, &confirmed.digest).await {
        Ok(push) => Ok(Redirect::to(&result_url(push.into())).into_response()),
        Err(error) => Ok(flash::failed(&url_of(cor), forms::notice(error)?)),
    }
}

async fn remove_surplus(State(app): State<App>, person: SignedIn, Path(cor): Path<CorId>) -> Result<Response, Error> {
    match comparison::remove_surplus(&app, &person.actor, cor).await {
        Ok(push) => Ok(Redirect::to(&result_url(push.into())).into_response()),
        Err(error) => Ok(flash::failed(&url_of(cor), forms::notice(error)?)),
    }
}
