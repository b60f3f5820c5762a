//! Step 3: every line that will be written, and three totals.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    DraftId,
    procore::{Amount, footing, push_plan::AmountChange},
};
use sync::connection::tokens::{self, SignInHealth};

use super::{
    confirmed_elsewhere,
    event::status_tone,
    field, fields, frame,
    head::{WizardHead, WizardStep},
    over, prefixed,
    preflight::{self, Checklist},
    pushed_elsewhere,
};
use crate::{
    App, Error,
    push::{
        self, Answer, beside,
        push_plan::{LineAction, PlannedChange, PushPlan},
    },
    serving::{
        filters, flash, forms,
        session::SignedIn,
        views::{Pill, Shell, Tone},
    },
};

/// Step 3. Posts `do=push` and `plan`, with `answer.<line key>` (`recreate`, `leave`, `adjust`) for lines somebody removed in
/// Procore or that are locked there; `do=answer` only stores the answers and shows the plan anew.
#[derive(Debug, Template)]
#[template(path = "push/templates/review.html")]
pub(crate) struct ReviewPage<'a> {
    pub shell: Shell,
    pub head: WizardHead,
    pub plan: &'a PushPlan,
    pub preflight: Checklist,
    /// Whose Procore sign-in the push uses.
    pub pushes_as: String,
}

pub(crate) async fn show(State(app): State<App>, person: SignedIn, Path(id): Path<DraftId>) -> Result<Response, Error> {
    let opened = push::open(&app, &person.actor, id).await?;
    if let Some(elsewhere) = over(&opened).or_else(|| pushed_elsewhere(&opened)) {
        return Ok(elsewhere);
    }
    let plan = match push::review(&app, &person.actor, id).await {
        Ok(plan) => plan,
        Err(Error::Conflict(sentence)) => {
            let step = if opened.body.target.is_none() { "event" } else { "lines" };
            return Ok(flash::failed(&format!("/push/{id}/{step}"), sentence));
        }
        Err(other) => return preflight::or_why(&app, &person, id, WizardStep::Review, Err(other)).await,
    };
    let pushes_as = match tokens::health(&app, person.actor.company, person.actor.person).await? {
        SignInHealth::Live { user, .. } => user,
        _ => person.actor.name.clone(),
    };
    forms::page(&ReviewPage {
        shell: frame(&app, &person, &opened).await?,
        head: WizardHead::of(&app, &person, &opened, WizardStep::Review).await?,
        preflight: Checklist {
            undecided: plan.unanswered,
            ..Checklist::of(&app, &opened, WizardStep::Review, &plan.preflight)
        },
        plan: &plan,
        pushes_as,
    })
}

pub(crate) async fn act(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<DraftId>,
    body: String,
) -> Result<Response, Error> {
    let fields = fields(&body);
    let answers: BTreeMap<String, Answer> = prefixed(&fields, "answer")
        .filter_map(|(slot, answer)| Some((slot.to_owned(), Answer::from_code(answer)?)))
        .collect();
    let page = format!("/push/{id}/review");
    let opened = push::open(&app, &person.actor, id).await?;
    if let Some(first) = pushed_elsewhere(&opened) {
        return Ok(first);
    }
    if field(&fields, "do") == "answer"
        && let Some(over) = confirmed_elsewhere(&opened)
    {
        return Ok(over);
    }
    if field(&fields, "do") == "answer" {
        return match push::answer(&app, &person.actor, id, answers).await {
            Ok(()) => Ok(Redirect::to(&page).into_response()),
            Err(Error::Invalid(_)) => {
                Ok(flash::failed(&page, "The lines have changed in the meantime. Look at them again."))
            }
            Err(other) => preflight::or_why(&app, &person, id, WizardStep::Review, Err(other)).await,
        };
    }
    // Without script an answer may be chosen and *Push* be clicked at once: the plan with that answer was never shown.
    let is_new = |(slot, answer): (&String, &Answer)| opened.body.answers.get(slot) != Some(answer);
    let shown = field(&fields, "plan").to_owned();
    if opened.body.push.is_none() && answers.iter().any(is_new) {
        push::answer(&app, &person.actor, id, answers).await?;
        return Ok(flash::failed(&page, push::confirm::ANOTHER_PLAN));
    }
    match push::confirm(&app, &person.actor, id, Some(shown)).await {
        Ok(_) => Ok(Redirect::to(&format!("/push/{id}/result")).into_response()),
        Err(Error::Conflict(sentence)) => Ok(flash::failed(&page, sentence)),
        Err(other) => preflight::or_why(&app, &person, id, WizardStep::Review, Err(other)).await,
    }
}

impl ReviewPage<'_> {
    fn status(&self) -> Pill {
        match &self.plan.event_status {
            Some(status) => Pill::new(status_tone(&status.mapped_to), status.name.as_str()),
            None => Pill::new(Tone::Info, "New"),
        }
    }

    /// Procore's own latest amount, where quotes or commitments make it another one.
    fn latest(&self) -> Option<Amount> {
        let totals = &self.plan.totals;
        let same = totals.latest == totals.whole.previous + totals.revenue_that_follows_cost;
        (self.plan.event.id.is_some() && !same).then_some(totals.latest)
    }

    /// "+ markup by Procore 1,234.00": beside the amounts, and in none of them.
    fn markup(&self) -> String {
        beside::by_procore(self.plan.markup.as_ref().map_or(Amount::ZERO, |markup| markup.there))
    }

    fn told(rounding: &PlannedChange) -> String {
        footing::told(AmountChange { previous: rounding.previous, new: rounding.new })
    }
}

impl LineAction {
    fn class(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Remove => "remove",
            Self::Unchanged => "same",
            Self::Locked => "locked",
            Self::RemovedThere => "asked",
        }
    }
}
