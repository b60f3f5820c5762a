//! The editor of a COR, new or not: what was typed is kept through every mistake.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use axum_extra::extract::Form;
use domain::{
    ChangeNotificationId, CorId, Currency, Money, ProjectId,
    activity::Kind,
    cor::{Price, Section, Status, Totals},
};
use serde::Deserialize;
use store::repo::{activity::FeedEntry, contract::Contract, cor::Cor};

use crate::{
    App, Error, FieldErrors,
    cor::{
        form::{CorTyped, LineTyped, TotalSaid},
        pages::posted::Posted,
        read_cor::{self, CorSeen},
        views::{CorForm, CorLine, CorSection, Overtaken, SettledPrice},
        write::{self, CreateCor, EditCor},
    },
    log::pages::log_url,
    notifications,
    serving::{
        flash, forms,
        session::SignedIn,
        shell::{Page, shell},
        views::{Choice, FormErrors, NavItem, Shell, Text},
        words,
    },
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/projects/{project}/cors/new", get(blank).post(create))
        .route("/cors/{cor}/edit", get(open).post(save))
}

#[derive(Deserialize, Default)]
struct Answering {
    #[serde(default)]
    notification: String,
    #[serde(default)]
    contract: String,
}

async fn blank(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Query(answering): Query<Answering>,
) -> Result<Response, Error> {
    let mut posted = Posted { contract: answering.contract, notification: answering.notification, ..Posted::default() };
    if let Ok(asked) = posted.notification.parse() {
        let asked = notifications::open(&app, &person.actor, asked).await?.notification;
        (posted.typed.title, posted.typed.customer_reference) = (asked.title, asked.reference);
    }
    forms::page(&new_form(&app, &person, project, posted, None).await?)
}

async fn new_form(
    app: &App,
    person: &SignedIn,
    project: ProjectId,
    mut posted: Posted,
    errors: Option<&FieldErrors>,
) -> Result<CorForm, Error> {
    let blank = read_cor::blank(app, &person.actor, project).await?;
    if blank.contracts.is_empty() {
        return Err(Error::Conflict("A COR changes a contract. Add the contract with your customer first.".to_owned()));
    }
    let frame = Page::new("New COR", NavItem::Log)
        .of(project)
        .under("Projects", "/projects")
        .under(&blank.project.name, format!("/projects/{project}"))
        .under("COR Log", log_url(project, domain::procore::Side::Sent, ""));
    if errors.is_none() && posted.typed.number.is_empty() {
        posted.typed.number = blank.next_number.to_string();
    }
    let form = CorForm {
        heading: "New COR".to_owned(),
        action_url: format!("/projects/{project}/cors/new"),
        cancel_url: log_url(project, domain::procore::Side::Sent, ""),
        contracts: contracts(&blank.contracts, &posted.contract),
        draft: true,
        ..filled(&posted, blank.project.currency, None, errors)
    };
    Ok(CorForm { shell: shell(app, person, frame).await?, ..form })
}

fn contracts(offered: &[Contract], chosen: &str) -> Vec<Choice> {
    let choice = |contract: &Contract| Choice {
        hint: contract.customer.name.clone(),
        selected: contract.id.to_string() == chosen,
        ..Choice::new(contract.id.to_string(), format!("{} ({})", contract.name, contract.customer.name))
    };
    offered.iter().map(choice).collect()
}

async fn create(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let posted = Posted::read(pairs);
    if posted.adds_to().is_some() {
        return forms::page(&new_form(&app, &person, project, posted, None).await?);
    }
    let made = match posted.contract.parse() {
        Ok(contract) => {
            let answers = posted.notification.parse::<ChangeNotificationId>().ok();
            let input = CreateCor { project, contract, typed: posted.typed.clone(), send: posted.sends(), answers };
            write::create(&app, &person.actor, input).await
        }
        Err(_) => Err(Error::invalid("contract", "Choose the contract that this COR changes.")),
    };
    match made {
        Ok(cor) => Ok(flash::done(&format!("/cors/{}", cor.id), said(&cor, posted.sends()))),
        Err(Error::Invalid(errors)) => forms::again(&new_form(&app, &person, project, posted, Some(&errors)).await?),
        Err(Error::Conflict(sentence)) => {
            let errors = FieldErrors::one("", sentence);
            forms::again(&new_form(&app, &person, project, posted, Some(&errors)).await?)
        }
        Err(error) => Err(error),
    }
}

fn said(cor: &Cor, sent: bool) -> String {
    match cor.status {
        Status::Draft => format!("COR {} is kept as a draft. Nobody else sees it until you send it.", cor.number),
        Status::InReview if sent => format!("COR {} was sent to {}.", cor.number, cor.receiver_name),
        _ => format!("COR {} was saved.", cor.number),
    }
}

fn said_of_the_rest(cor: &Cor) -> String {
    format!("COR {} was saved without the price that you typed: it stays {}.", cor.number, cor.total())
}

async fn open(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    let seen = editable(&app, &person, id).await?;
    let cor = &seen.cor;
    let posted = Posted { typed: CorTyped::from(cor), version: cor.revision, ..Posted::default() };
    forms::page(&edit_form(&app, &person, &seen, &posted, None).await?)
}

/// A COR that the person may edit.
async fn editable(app: &App, person: &SignedIn, id: CorId) -> Result<CorSeen, Error> {
    let seen = read_cor::cor(app, &person.actor, id).await?;
    if seen.cor.sender != person.actor.company {
        return Err(Error::Conflict(format!("Only {} edits this COR; it is theirs.", seen.cor.sender_name)));
    }
    person.actor.may_edit_cors(seen.project.standing())?;
    Ok(seen)
}

async fn edit_form(
    app: &App,
    person: &SignedIn,
    seen: &CorSeen,
    posted: &Posted,
    errors: Option<&FieldErrors>,
) -> Result<CorForm, Error> {
    let (cor, url) = (&seen.cor, format!("/cors/{}", seen.cor.id));
    let frame = Page::new("Edit", NavItem::Log)
        .of(seen.project.id)
        .under("Projects", "/projects")
        .under(&seen.project.name, format!("/projects/{}", seen.project.id))
        .under("COR Log", log_url(seen.project.id, seen.side, ""))
        .under(format!("COR {}", cor.number), &url);
    let linked = seen.link.as_ref().filter(|link| link.was_pushed());
    let event = seen.event.as_ref().map_or_else(|| "a change event".to_owned(), |event| format!("CE {}", event.number));
    let settles = cor.status.settles_price(cor.receiver_joined);
    // An approval may have overtaken what is typed: it is shown beside the settled price, to be kept and not to be saved.
    let overpriced = settles.filter(|_| !write::keeps_price(app, cor, &posted.typed));
    let mut filled = filled(posted, cor.currency, Some(&cor.price), errors);
    filled.doubtful &= settles.is_none();
    filled.far_off &= settles.is_none();
    if overpriced.is_some() {
        // What is typed here is saved nowhere, so nothing rounds it; what is approved stands beside it as it is.
        filled.rounding = None;
    }
    if settles.is_some() {
        // Nothing is added, so there is nothing empty to fill.
        filled.sections.iter_mut().for_each(|section| section.lines.retain(|line| !line.is_empty()));
        filled.sections.retain(|section| !section.lines.is_empty());
    }
    let total = if settles.is_some() && filled.total.is_empty() {
        if overpriced.is_some() { filled.computed.to_string() } else { words::money(cor.total()).to_string() }
    } else {
        filled.total.clone()
    };
    let form = CorForm {
        heading: format!("Edit COR {}", cor.number),
        action_url: format!("{url}/edit"),
        cancel_url: url,
        version: posted.version.to_string(),
        contracts: vec![
            Choice::new(cor.contract.to_string(), format!("{} ({})", cor.contract_name, cor.receiver_name)).chosen(),
        ],
        draft: cor.status == Status::Draft,
        notice: linked
            .map(|_| format!("This COR is in {event}. A change of number, title or price marks it “Update needed”."))
            .unwrap_or_default(),
        mark: Some(words::status(cor.status)),
        locked: settles.is_some(),
        locked_why: settles.filter(|_| overpriced.is_none()).unwrap_or_default(),
        settled_price: overpriced.map(|what_to_do| {
            let typed = Money::typed(&total, cor.currency).map_or_else(|_| total.clone(), |typed| typed.to_string());
            settled_price(app, seen, posted, typed, what_to_do)
        }),
        total,
        ..filled
    };
    Ok(CorForm { shell: shell(app, person, frame).await?, ..form })
}

/// An approval beside which a typed price can't be saved: whose, when, what can be saved and what to do about the price.
fn settled_price(app: &App, seen: &CorSeen, posted: &Posted, typed: String, what_to_do: &str) -> SettledPrice {
    let cor = &seen.cor;
    let set = seen.feed.iter().find(|entry| entry.kind == Kind::Status);
    SettledPrice {
        sentence: approval(cor.status, cor.total(), set, posted.version == cor.revision),
        what_to_do: what_to_do.to_owned(),
        url: format!("/cors/{}", cor.id),
        version: cor.revision.to_string(),
        price: words::money(cor.total()),
        typed,
        rest: write::changes_besides_price(app, cor, &posted.typed).map(|changes| changes.join(", ")),
    }
}

/// That a COR is approved, and for how much; by whom and when as far as `set` tells, unless it was so `already` when the
/// form was opened.
fn approval(status: Status, total: Money, set: Option<&FeedEntry>, already: bool) -> Text {
    let what = format!("{} for {total}", status.name());
    if already {
        return format!("This COR was {what} already when you opened this form.").into();
    }
    let Some(set) = set else { return format!("This COR is {what} now.").into() };
    let told = match (set.person.as_str(), set.company.as_str()) {
        ("", "") => format!("This COR was set to {what}, "),
        ("", company) => format!("Somebody of {company} set this COR to {what}, "),
        (person, "") => format!("{person} set this COR to {what}, "),
        (person, company) => format!("{person} of {company} set this COR to {what}, "),
    };
    Text::from(told).moment(set.at).and(".")
}

async fn save(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<CorId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let posted = Posted::read(pairs);
    if posted.adds_to().is_some() {
        let seen = editable(&app, &person, id).await?;
        return forms::page(&edit_form(&app, &person, &seen, &posted, None).await?);
    }
    let revision = posted.over.unwrap_or(posted.version);
    let input = EditCor {
        cor: id,
        revision,
        typed: posted.typed.clone(),
        send: posted.sends(),
        without_price: posted.saves_the_rest(),
    };
    let refused = match write::edit(&app, &person.actor, input).await {
        Ok(cor) if posted.saves_the_rest() => return Ok(flash::done(&format!("/cors/{id}"), said_of_the_rest(&cor))),
        Ok(cor) => return Ok(flash::done(&format!("/cors/{id}"), said(&cor, posted.sends()))),
        Err(Error::Invalid(errors)) => errors,
        // What was typed is not lost to a colleague who was faster.
        Err(Error::Conflict(sentence)) => FieldErrors::one("", sentence),
        Err(error) => return Err(error),
    };
    let seen = editable(&app, &person, id).await?;
    let form = edit_form(&app, &person, &seen, &posted, Some(&refused)).await?;
    if form.settled_price.is_some() {
        // What happened is said there, with all that can be done about it.
        let errors = if refused.0.contains_key("") { FormErrors::default() } else { form.errors.clone() };
        return forms::again(&CorForm { errors, ..form });
    }
    // Only a version that was looked at can be saved over: whoever comes in between is told of again.
    if seen.cor.revision == revision {
        return forms::again(&CorForm { version: revision.to_string(), ..form });
    }
    forms::again(&CorForm { overtaken: Some(overtaken(&seen.cor)), errors: FormErrors::default(), ..form })
}

/// What the COR became while it was edited here.
fn overtaken(now: &Cor) -> Overtaken {
    Overtaken {
        sentence: format!(
            "Somebody changed this COR in the meantime. It is {} for {} now.",
            now.status.name(),
            now.total()
        ),
        url: format!("/cors/{}", now.id),
        version: now.revision.to_string(),
    }
}

/// The form with what was typed in it, and one empty line a section. `before` is the price as it is stored.
fn filled(posted: &Posted, currency: Currency, before: Option<&Price>, errors: Option<&FieldErrors>) -> CorForm {
    let typed = &posted.typed;
    let none = FieldErrors::default();
    let errors = errors.unwrap_or(&none);
    let amounts: Vec<Option<Money>> = typed.lines.iter().map(|line| line.amount_so_far(currency)).collect();
    let sections = Section::ALL
        .into_iter()
        .map(|section| {
            let of_section = |n: &usize| typed.lines[*n].section == section.code() && !typed.lines[*n].is_blank();
            let places: Vec<usize> = (0..typed.lines.len()).filter(of_section).collect();
            let mut lines: Vec<CorLine> =
                places.iter().map(|n| typed_view(&typed.lines[*n], currency, *n, errors)).collect();
            lines.push(CorLine { amount: "".into(), ..CorLine::default() });
            if posted.adds_to() == Some(section) {
                lines.push(CorLine { amount: "".into(), ..CorLine::default() });
            }
            let subtotal = sum(places.iter().map(|n| amounts[*n]).sum());
            CorSection { key: section.code(), name: section.name(), lines, subtotal }
        })
        .collect();
    // While a line can't be read nobody knows what they add up to: no sum leaves it out, and nothing is asked.
    let computed: Option<Money> = amounts.iter().copied().sum();
    let has_lines = typed.lines.iter().any(|line| !line.is_blank());
    let totals = Totals {
        sum: computed.filter(|_| has_lines),
        typed: Money::typed(&typed.total, currency).ok().filter(|_| !typed.total.trim().is_empty()),
    };
    let known = computed.is_some();
    let before = before.map(Price::totals);
    let doubtful = known && totals.is_doubtful(before);
    let rounding = Some(totals.rounding()).filter(|rounding| !rounding.is_zero());
    let minor = |money: Option<Money>| money.map_or_else(String::new, |money| money.in_minor().to_string());
    CorForm {
        shell: Shell::default(),
        number: typed.number.clone(),
        title: typed.title.clone(),
        description: typed.description.clone(),
        reference: typed.customer_reference.clone(),
        currency: currency.code().to_owned(),
        marks: currency.marks().join(" "),
        sections,
        computed: sum(computed),
        unclear: !known,
        total: typed.total.clone(),
        typed_total: totals.typed.map(words::money).unwrap_or_default(),
        rounding: rounding.map(words::money),
        far_off: known && totals.is_far_off(),
        doubtful,
        lost_its_lines: known && totals.has_lost_its_lines(before),
        counts: match typed.said {
            TotalSaid::Which { keep, sum } if sum == totals.sum => {
                if keep {
                    "total"
                } else {
                    "lines"
                }
            }
            _ => "",
        },
        counts_for: totals.sum.map_or_else(String::new, |sum| sum.to_decimal().to_string()),
        settled: before.map_or_else(Default::default, |before| (minor(before.typed), minor(before.sum))),
        errors: shown(errors, doubtful),
        notification: posted.notification.clone(),
        ..CorForm::default()
    }
}

/// A sum; none while one of its lines comes to no amount.
fn sum(known: Option<Money>) -> crate::serving::views::Money {
    known.map_or_else(|| "—".into(), words::money)
}

/// Sentences about lines stand beside the lines, and a question about the total stands with its answers below it.
fn shown(errors: &FieldErrors, doubtful: bool) -> FormErrors {
    let mut top = errors.clone();
    if let Some(question) = doubtful.then(|| top.0.remove("total")).flatten() {
        top.add("", question);
    }
    top.0.retain(|field, _| !field.starts_with("line."));
    if top.0.len() < errors.0.len() {
        top.add("", "Some lines need your attention.");
    }
    forms::errors(&top)
}

fn typed_view(line: &LineTyped, currency: Currency, place: usize, errors: &FieldErrors) -> CorLine {
    let computed = line.computed(currency);
    CorLine {
        id: line.id.clone(),
        description: line.description.clone(),
        quantity: line.quantity.clone(),
        unit: line.unit.clone(),
        rate: line.rate.clone(),
        amount: computed.map_or_else(|| line.amount.clone().into(), words::money),
        computed: computed.is_some(),
        error: errors.get(&format!("line.{place}")).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(body: &[(&str, &str)]) -> Posted {
        Posted::read(body.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn an_approval_is_told_in_a_whole_sentence_whatever_is_known_of_it() {
        let set = |person: &str, company: &str| FeedEntry {
            id: domain::ActivityId(uuid::Uuid::nil()),
            person: person.into(),
            company: company.into(),
            at: "2026-11-05T09:12:00Z".parse().unwrap(),
            kind: Kind::Status,
            text: String::new(),
            private: false,
        };
        let told = |set: Option<FeedEntry>, already| {
            let told = approval(Status::ApprovedToProceed, Money::minor(2_252_500), set.as_ref(), already).to_string();
            // What is left of a moment without its markup.
            let start = |part: &str| part.rsplit_once('>').map_or(part.to_owned(), |(_, words)| words.to_owned());
            told.split('<').map(start).collect::<String>()
        };
        let (what, when) = ("Approved to Proceed for 22,525.00", "Nov 5, 2026, 09:12 UTC");
        let by = |who: &str| format!("{who} set this COR to {what}, {when}.");
        assert_eq!(told(Some(set("Daniel Whitfield", "Whitfield")), false), by("Daniel Whitfield of Whitfield"));
        assert_eq!(told(Some(set("Daniel Whitfield", "")), false), by("Daniel Whitfield"));
        assert_eq!(told(Some(set("", "Whitfield")), false), by("Somebody of Whitfield"));
        assert_eq!(told(Some(set("", "")), false), format!("This COR was set to {what}, {when}."));
        assert_eq!(told(None, false), format!("This COR is {what} now."));
        for set in [None, Some(set("Daniel Whitfield", "Whitfield"))] {
            assert_eq!(told(set, true), format!("This COR was {what} already when you opened this form."));
        }
    }

    #[test]
    fn what_was_typed_is_shown_again_with_one_empty_line_a_section() {
        let posted = posted(&[
            ("total", "120"),
            ("line_section", "labor"),
            ("line_description", "Pipefitter"),
            ("line_quantity", "2"),
            ("line_rate", "x"),
            ("line_section", "labor"),
            ("line_description", ""),
            ("line_quantity", ""),
            ("line_rate", ""),
            ("line_section", "other"),
            ("line_description", "Permit"),
            ("line_amount", ""),
            ("line_amount", ""),
            ("line_amount", "100"),
        ]);
        let form = filled(&posted, Currency::Usd, None, Some(&FieldErrors::one("line.0", "Not a number.")));
        assert_eq!(form.sections.iter().map(|section| section.lines.len()).collect::<Vec<_>>(), [2, 1, 1, 2]);
        assert_eq!(form.sections[0].lines[0].error, "Not a number.");
        assert_eq!(form.sections[0].lines[0].rate, "x");
        assert_eq!((form.computed.to_string(), form.sections[0].subtotal.to_string()), ("—".into(), "—".into()));
        assert_eq!(form.sections[3].subtotal, "100.00".into());
        assert_eq!((form.unclear, form.rounding, form.doubtful, form.far_off), (true, None, false, false));
        assert!(form.errors.sentences().any(|sentence| sentence == "Some lines need your attention."));
    }
}
