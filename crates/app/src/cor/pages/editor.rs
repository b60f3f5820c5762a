//! The editor of a new or stored COR. It keeps what was typed through every error.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use axum_extra::extract::Form;
use domain::{CorId, Money, ProjectId, activity::EntryKind, cor::Status, procore::Side};
use serde::Deserialize;
use store::repo::{activity::FeedEntry, cor::Cor};

use crate::{
    App, Error, FieldErrors,
    cor::{
        input::CorInput,
        pages::{
            editor_page::{Edited, EditorPage, SettledPrice},
            posted::Posted,
        },
        read_cor::{self, CorDetail},
        typed_price::TypedPrice,
        write::{self, EditCor},
    },
    log::pages::under_log,
    notifications,
    serving::{flash, forms, session::SignedIn, shell::shell, views::Text},
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
    let mut typed = CorInput {
        contract: answering.contract.parse().ok(),
        answers: answering.notification.parse().ok(),
        ..CorInput::default()
    };
    if let Some(asked) = typed.answers {
        let asked = notifications::open(&app, &person.actor, asked).await?.notification;
        (typed.title, typed.customer_reference) = (asked.title, asked.reference);
    }
    new_form(&app, &person, project, Posted { typed, ..Posted::default() }, None).await
}

async fn new_form(
    app: &App,
    person: &SignedIn,
    project: ProjectId,
    mut posted: Posted,
    refused: Option<&FieldErrors>,
) -> Result<Response, Error> {
    let blank = &read_cor::blank(app, &person.actor, project).await?;
    if blank.contracts.is_empty() {
        return Err(Error::Conflict("Add a customer contract before you create a COR.".to_owned()));
    }
    if refused.is_none() && posted.typed.number.is_empty() {
        posted.typed.number = blank.next_number.to_string();
    }
    let none = FieldErrors::default();
    let page = EditorPage {
        shell: shell(app, person, under_log(&blank.project, Side::Sent, "New COR")).await?,
        of: Edited::New(blank),
        price: TypedPrice::of(&posted.typed, blank.project.currency, None),
        posted: &posted,
        refused: refused.unwrap_or(&none),
        version: 0,
        overtaken: false,
        settled: None,
    };
    if refused.is_some() { forms::again(&page) } else { forms::page(&page) }
}

async fn create(
    State(app): State<App>,
    person: SignedIn,
    Path(project): Path<ProjectId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let posted = Posted::read(pairs);
    if posted.adds_to().is_some() {
        return new_form(&app, &person, project, posted, None).await;
    }
    let refused = match write::create(&app, &person.actor, project, posted.typed.clone()).await {
        Ok(cor) => return Ok(flash::done(&format!("/cors/{}", cor.id), done(&cor, posted.typed.send))),
        Err(error) => refused(error)?,
    };
    new_form(&app, &person, project, posted, Some(&refused)).await
}

/// Errors that the form shows again. Any other error is a page of its own.
fn refused(error: Error) -> Result<FieldErrors, Error> {
    match error {
        Error::Invalid(errors) => Ok(errors),
        // A colleague was faster: the form keeps what was typed.
        Error::Conflict(sentence) => Ok(FieldErrors::one("", sentence)),
        error => Err(error),
    }
}

fn done(cor: &Cor, sent: bool) -> String {
    match cor.status {
        Status::Draft => format!("COR {} was saved as a draft. Nobody else sees it until you send it.", cor.number),
        Status::InReview if sent => format!("COR {} was sent to {}.", cor.number, cor.receiver.name),
        _ => format!("COR {} was saved.", cor.number),
    }
}

async fn open(State(app): State<App>, person: SignedIn, Path(id): Path<CorId>) -> Result<Response, Error> {
    let detail = editable(&app, &person, id).await?;
    let posted = Posted { typed: CorInput::from(&detail.cor), version: detail.cor.revision, ..Posted::default() };
    forms::page(&edit_form(&app, &person, &detail, &posted, &FieldErrors::default()).await?)
}

/// A COR that the person may edit.
async fn editable(app: &App, person: &SignedIn, id: CorId) -> Result<CorDetail, Error> {
    let detail = read_cor::cor(app, &person.actor, id).await?;
    if detail.side != Side::Sent {
        return Err(Error::Conflict(format!("Only {} edits this COR; it is theirs.", detail.cor.sender.name)));
    }
    person.actor.may_edit_cors(detail.project.standing())?;
    Ok(detail)
}

async fn edit_form<'a>(
    app: &App,
    person: &SignedIn,
    detail: &'a CorDetail,
    posted: &'a Posted,
    refused: &'a FieldErrors,
) -> Result<EditorPage<'a>, Error> {
    let cor = &detail.cor;
    let frame = under_log(&detail.project, detail.side, "Edit")
        .under(format!("COR {}", cor.number), format!("/cors/{}", cor.id));
    let settles = cor.status.settles_price(cor.receiver_joined);
    // The COR was approved while somebody typed a price: the page shows both, and only the approved one counts.
    let overpriced = settles.is_some() && !write::keeps_price(app, cor, &posted.typed);
    let set = detail.activity.iter().find(|entry| entry.kind == EntryKind::Status);
    Ok(EditorPage {
        shell: shell(app, person, frame).await?,
        of: Edited::Stored(detail),
        price: TypedPrice::of(&posted.typed, cor.currency, Some(&cor.price)),
        posted,
        refused,
        version: posted.version,
        overtaken: false,
        settled: overpriced.then(|| SettledPrice {
            sentence: approval(cor.status, cor.total(), set, posted.version == cor.revision),
            rest: write::changes_besides_price(app, cor, &posted.typed).map(|changes| changes.join(", ")),
        }),
    })
}

/// Says that a COR is approved and for how much, with person and time from `set`, unless it was approved `already` when the
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
        let detail = editable(&app, &person, id).await?;
        return forms::page(&edit_form(&app, &person, &detail, &posted, &FieldErrors::default()).await?);
    }
    let revision = posted.over.unwrap_or(posted.version);
    let input = EditCor { cor: id, revision, typed: posted.typed.clone(), without_price: posted.saves_the_rest() };
    let refused = match write::edit(&app, &person.actor, input).await {
        Ok(cor) => {
            let said = if posted.saves_the_rest() {
                let (number, total) = (&cor.number, cor.total());
                format!("COR {number} was saved without the price you typed. Its price is still {total}.")
            } else {
                done(&cor, posted.typed.send)
            };
            return Ok(flash::done(&format!("/cors/{id}"), said));
        }
        Err(error) => refused(error)?,
    };
    let detail = editable(&app, &person, id).await?;
    let mut form = edit_form(&app, &person, &detail, &posted, &refused).await?;
    if form.settled.is_none() {
        // Only a version that the person has seen can be overwritten. A newer one is shown first.
        form.overtaken = detail.cor.revision != revision;
        form.version = if form.overtaken { form.version } else { revision };
    }
    forms::again(&form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_is_told_in_a_whole_sentence_whatever_is_known_of_it() {
        let set = |person: &str, company: &str| FeedEntry {
            id: domain::ActivityId(uuid::Uuid::nil()),
            person: person.into(),
            company: company.into(),
            at: "2026-11-05T09:12:00Z".parse().unwrap(),
            kind: EntryKind::Status,
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
}
