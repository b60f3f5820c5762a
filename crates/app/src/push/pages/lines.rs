//! Step 2: the detail, budget codes and contracts.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    CorId, DraftId,
    cor::Breakdown,
    procore::{Side, push::Target, push_plan::Work},
};

use store::repo::change_event::EventRow;

use super::{
    age, field, fields, frame, head, label, over, prefixed,
    preflight::{Checklist, Place},
};
use crate::{
    App, Error,
    integration::{
        change_events,
        reference::{self, Contract, Kind, ReferenceData, Unseen},
    },
    push::{
        self, Answer, LineChoices, Opened,
        choose_lines::{Form, code_is_gone, missing},
        draft::slot,
        views::{CodeLine, CodesCor, CodesStep, Detail, Step},
    },
    serving::{
        flash, forms,
        session::SignedIn,
        views::{Choice, FormErrors},
        words,
    },
};

pub(crate) async fn show(State(app): State<App>, person: SignedIn, Path(id): Path<DraftId>) -> Result<Response, Error> {
    let opened = push::open(&app, &person.actor, id).await?;
    if let Some(over) = over(&opened) {
        return Ok(over);
    }
    if opened.body.target.is_none() {
        return Ok(Redirect::to(&format!("/push/{id}/event")).into_response());
    }
    forms::page(&step(&app, &person, &opened, FormErrors::default()).await?)
}

pub(crate) async fn choose(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    body: String,
) -> Result<Response, Error> {
    let fields = fields(&body);
    let choices = LineChoices {
        breakdown: Breakdown::from_code(field(&fields, "detail")).unwrap_or(Breakdown::LineItems),
        contracts: prefixed(&fields, "contract")
            // "none" takes the choice back.
            .filter_map(|(cor, contract)| Some((cor.parse::<CorId>().ok()?, contract.parse().ok())))
            .collect(),
        no_revenue: match field(&fields, "revenue") {
            "none" => Some(true),
            "procore" => Some(false),
            _ => None,
        },
        codes: prefixed(&fields, "code")
            .filter_map(|(slot, code)| Some((slot.to_owned(), code.parse().ok()?)))
            .collect(),
        code_for_all: match field(&fields, "do") {
            "apply_all" => field(&fields, "code_for_all").parse().ok(),
            _ => None,
        },
    };
    let next = field(&fields, "do") == "next";
    let used = if choices.code_for_all.is_some() { "code_for_all" } else { "used_for_all" };
    let form = Form { for_all: field(&fields, used).parse().ok(), confirmed: next };
    let missing = push::choose_in_form(&app, &person.actor, id, choices, form).await?;
    let here = format!("/push/{id}/lines");
    if field(&fields, "do") == "refresh" {
        let project = push::open(&app, &person.actor, id).await?.project.id;
        if let Err(error) = age::refresh(&app, &person, project).await {
            return Ok(flash::failed(&here, forms::notice(error)?));
        }
    }
    if !next {
        return Ok(Redirect::to(&here).into_response());
    }
    if missing.is_nothing() {
        return Ok(Redirect::to(&format!("/push/{id}/review")).into_response());
    }
    let opened = push::open(&app, &person.actor, id).await?;
    let mut step = step(&app, &person, &opened, FormErrors::one("", format!("{}.", missing.sentence()))).await?;
    for line in step.cors.iter_mut().flat_map(|c| &mut c.lines).filter(|l| missing.codes.contains(&l.key)) {
        if line.error.is_empty() {
            line.error = "Choose a budget code.".into();
        }
    }
    forms::again(&step)
}

async fn step(app: &App, person: &SignedIn, opened: &Opened, errors: FormErrors) -> Result<CodesStep, Error> {
    let id = opened.draft.id;
    let data = reference::get(app, &person.actor, opened.project.id).await?;
    let there = chosen_event(app, person, opened).await?;
    let fixed = there.as_ref().and_then(|event| event.prime_contract_id).map(|id| (id, prime_name(&data, id)));
    let mut head = head(app, person, opened, Step::Codes).await?;
    head.errors = errors;
    let first = push::preflight::first(app, &person.actor, opened).await?;
    let lacking = missing(opened, &data);
    // Of CORs that are all void nothing is made, and nothing is to be chosen.
    let asks = opened.work() != Work::TakesOut;
    // But for a line that makes up for a locked one.
    let creates = asks || opened.body.answers.values().any(|answer| *answer == Answer::Adjust);
    let hidden = data.unseen(opened.side()).contains(&Unseen::BudgetCodes);
    Ok(CodesStep {
        shell: frame(app, person, opened).await?,
        head,
        preflight: Checklist::early(Place::of(app, opened, Step::Codes), &first),
        action_url: format!("/push/{id}/lines"),
        back_url: format!("/push/{id}/event"),
        detail: match opened.body.breakdown {
            Breakdown::LineItems => Detail::LineItems,
            Breakdown::Sections => Detail::Sections,
            Breakdown::LumpSum => Detail::LumpSum,
        },
        contract_heading: match opened.side() {
            Side::Received => "Commitment".into(),
            Side::Sent => "Prime contract for markup".into(),
        },
        contract_placeholder: match opened.side() {
            Side::Received => "Choose a contract…".into(),
            Side::Sent => "No prime contract: no markup is asked for".into(),
        },
        contract_needed: opened.side() == Side::Received,
        about_markup: match opened.side() {
            Side::Received => String::new(),
            Side::Sent if !asks => String::new(),
            Side::Sent => about_markup(there.as_ref(), first.compares()),
        },
        no_revenue: (opened.side() == Side::Received && creates).then_some(opened.body.no_revenue),
        chooses: asks,
        contracts: contracts(opened.side(), &data),
        codes: data
            .budget_codes
            .iter()
            .map(|c| Choice::new(c.id.to_string(), c.name()))
            .chain(data.unread(Kind::BudgetCodes).map(Choice::unread))
            .collect(),
        cors: cors(opened, fixed.as_ref(), (!hidden).then_some(&data)),
        age: age::freshness(app, person, id, opened.project.id, false).await?,
        for_all: opened.body.for_all.map_or_else(String::new, |code| code.to_string()),
        suggested: if opened.body.suggested && !hidden {
            "Suggestions are what was chosen last for the same contract and section. Going on confirms them.".into()
        } else {
            String::new()
        },
        missing: lacking.sentence(),
        unseen: data.unseen(opened.side()).into_iter().map(Unseen::sentence).collect(),
    })
}

/// What the choice of a prime contract is for, and whom it reaches. What can't be compared with the CORs is told as no amount.
fn about_markup(there: Option<&EventRow>, compares: bool) -> String {
    let mut about = String::from(
        "The prime contract is for Procore’s markup estimates, and optional. Where one is set, Procore adds markup to the revenue \
         by that contract’s settings, on top of our price. One that is set in Procore is never changed from here.",
    );
    if let Some(event) = there.filter(|event| event.prime_contract_id.is_none() && event.lines > 0) {
        let lines = words::count(event.lines, "line", "lines");
        let revenue = match event.revenue + event.following {
            revenue if compares && revenue.is_readable() => format!(", with revenue of {revenue}"),
            _ => String::new(),
        };
        about.push_str(&format!(
            " CE {} has none. If you choose one, Procore also marks up the {lines} that are there already{revenue}.",
            event.number
        ));
    }
    about
}

fn contracts(side: Side, data: &ReferenceData) -> Vec<Choice> {
    let choice = |contract: &Contract| {
        let status = if contract.status.is_empty() { String::new() } else { format!(" ({})", contract.status) };
        let vendor =
            if contract.vendor_name.is_empty() { String::new() } else { format!(" · {}", contract.vendor_name) };
        Choice::new(contract.id.to_string(), format!("{}{vendor}{status}", contract.name()))
    };
    let none = (side == Side::Sent).then(|| Choice::new("none", "No prime contract: no markup is asked for"));
    none.into_iter()
        .chain(data.contracts(side).iter().map(choice))
        .chain(data.contracts_unread(side).map(Choice::unread))
        .collect()
}

/// The event that sent CORs go to, as last read.
async fn chosen_event(app: &App, person: &SignedIn, opened: &Opened) -> Result<Option<EventRow>, Error> {
    let (Side::Sent, Some(Target::Existing { event, .. })) = (opened.side(), &opened.body.target) else {
        return Ok(None);
    };
    change_events::one(app, &person.actor, opened.project.id, *event).await
}

fn prime_name(data: &ReferenceData, id: i64) -> String {
    data.contract(Side::Sent, id).map_or_else(|| "Set in Procore".to_owned(), Contract::name)
}

fn cors(opened: &Opened, fixed: Option<&(i64, String)>, shown: Option<&ReferenceData>) -> Vec<CodesCor> {
    let view = |cor: &store::repo::cor::Cor| CodesCor {
        id: cor.id.to_string(),
        label: label(&cor.number),
        party: opened.party(cor).to_owned(),
        amount: words::money(cor.due_in_procore()),
        nothing: if cor.status.belongs_in_procore() {
            String::new()
        } else {
            "It is void: its lines are removed, and nothing is to be chosen.".to_owned()
        },
        contract: fixed
            .map(|(id, _)| *id)
            .or_else(|| opened.body.contracts.get(&cor.id).copied())
            .map_or_else(String::new, |id| id.to_string()),
        contract_fixed: fixed.map(|(_, name)| name.clone()),
        lines: opened
            .lines(cor)
            .into_iter()
            .map(|line| {
                let key = slot(cor.id, line.key);
                let chosen = shown.and_then(|data| Some((data, *opened.body.codes.get(&key)?)));
                let gone = chosen.filter(|(data, code)| !data.has_code(*code));
                let error = gone.map_or_else(String::new, |(data, code)| code_is_gone(data, code));
                let code = chosen.filter(|_| gone.is_none()).map_or_else(String::new, |(_, code)| code.to_string());
                let (text, amount) = (line.description, words::money(line.amount));
                let suggested = !code.is_empty() && opened.body.suggestions.contains(&key);
                CodeLine { key, text, amount, code, suggested, locked: String::new(), error }
            })
            .collect(),
    };
    opened.cors.iter().map(view).collect()
}
