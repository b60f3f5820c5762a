//! Step 1: the change event, or a new one.

use domain::{
    DraftId,
    procore::push::{NewEvent, Target},
    role::Actor,
};

use super::draft::{Body, open, save};
use crate::{App, Error, FieldErrors, actions::reference};

/// What was chosen.
#[derive(Debug, Clone)]
pub enum EventChoice {
    /// An event of the mapped project.
    Existing(i64),
    /// A new one.
    New(NewEvent),
}

/// Stores the choice.
pub async fn choose_event(app: &App, actor: &Actor, id: DraftId, choice: EventChoice) -> Result<(), Error> {
    actor.may_write()?;
    let opened = open(app, actor, id).await?;
    let target = match choice {
        EventChoice::Existing(event) => {
            if let Some(tied) = opened.body.tied.filter(|tied| *tied != event) {
                return Err(Error::Conflict(tied_sentence(app, actor, &opened, tied).await?));
            }
            let (company, project) = (actor.company, opened.project.id);
            let row = app.store.read(move |tx| tx.of(company).change_event(project, event)).await?;
            let row = row.filter(|r| !r.gone).ok_or_else(|| {
                Error::invalid("event", "This Change Event is no longer in Procore. Choose another one.")
            })?;
            if !row.trouble.is_empty() {
                let why = &row.trouble;
                let sentence =
                    format!("This Change Event could not be read: {why}. Correct it in Procore, then refresh.");
                return Err(Error::invalid("event", sentence));
            }
            Target::Existing { event, number: row.number, title: row.title, prime_contract: None, under: None }
        }
        EventChoice::New(_) if opened.body.tied.is_some() => {
            let tied = opened.body.tied.unwrap_or_default();
            return Err(Error::Conflict(tied_sentence(app, actor, &opened, tied).await?));
        }
        EventChoice::New(new) => {
            let data = reference::get(app, actor, opened.project.id).await?;
            checked(&new, &data)?;
            Target::New(new)
        }
    };
    let body = Body { target: Some(target), planned: None, ..opened.body.clone() };
    save(app, actor, &opened, &body).await
}

/// Why another event cannot be chosen.
pub async fn tied_sentence(app: &App, actor: &Actor, opened: &super::Opened, tied: i64) -> Result<String, Error> {
    let (company, project) = (actor.company, opened.project.id);
    let row = app.store.read(move |tx| tx.of(company).change_event(project, tied)).await?;
    let number = row.map_or_else(|| "its Change Event".to_owned(), |r| format!("CE {}", r.number));
    let who = match opened.cors.as_slice() {
        [one] => format!("COR {} is", one.number),
        many => format!("These {} CORs are", many.len()),
    };
    Ok(format!("{who} already in {number}, and a COR has one Change Event. An update goes to the same one."))
}

fn checked(new: &NewEvent, data: &reference::ReferenceData) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    if new.title.trim().is_empty() {
        errors.add("new_title", "Give the Change Event a title.");
    } else if new.title.chars().count() > 255 {
        errors.add("new_title", "A title has 255 characters at the most.");
    }
    if new.number.chars().count() > 32 {
        errors.add("new_number", "A number has 32 characters at the most.");
    }
    if new.description.chars().count() > 10_000 {
        errors.add("new_description", "A description has 10,000 characters at the most.");
    }
    if !data.statuses.iter().any(|s| s.id == new.status) {
        errors.add("new_status", "Choose a status.");
    }
    if new.change_type.is_some_and(|id| !data.types.iter().any(|t| t.id == id)) {
        errors.add("new_type", "Choose one of the types.");
    }
    if new.change_reason.is_some_and(|id| !data.reasons.iter().any(|r| r.id == id)) {
        errors.add("new_reason", "Choose one of the reasons.");
    }
    errors.check()
}
