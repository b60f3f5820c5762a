//! Step 4: progress, then what happened; the same of a removal, which is asked for beside the COR and not in the wizard.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    OfficeId,
    procore::{push::Purpose, push_state::Wish},
};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use super::{
    cor_url, field, fields, frame, frame_of,
    head::{WizardHead, WizardStep},
    log_of, result_url,
};
use crate::{
    App, Error,
    integration::pages::popup::{STATUS_URL, sign_in_urls},
    push::{
        self, Remedy, Which,
        push_result::{PushResult, PushedCor, Stands, StateOfPush},
    },
    serving::{
        filters, flash, forms,
        session::SignedIn,
        views::{PageLink, Shell, Text},
    },
};

/// Step 4. While it runs, the page asks its own address again every second. A [`Control`] posts its verb as `do`.
#[derive(Debug, Template)]
#[template(path = "push/templates/result.html")]
pub(crate) struct ResultPage<'a> {
    pub shell: Shell,
    pub head: WizardHead,
    pub push: &'a PushResult,
    pub self_url: String,
    pub log_url: String,
    pub now: Timestamp,
}

/// Something that may be done with a push that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Control {
    pub verb: &'static str,
    pub label: &'static str,
    /// What it does, for the tooltip.
    pub title: &'static str,
    /// It is the one thing to do.
    pub primary: bool,
}

/// By a push's draft, or by its own id.
pub(crate) async fn show<Id>(State(app): State<App>, person: SignedIn, Path(id): Path<Id>) -> Result<Response, Error>
where
    Id: Into<Which> + DeserializeOwned + Send,
{
    let which = id.into();
    let standing = push::standing(&app, &person.actor, which).await?;
    let (project, side) = (&standing.project, standing.push.order.plan.side);
    let (push, log_url) = (standing.told(&app), log_of(project, side));
    let (shell, head) = match &standing.opened {
        Some(opened) => {
            (frame(&app, &person, opened).await?, WizardHead::of(&app, &person, opened, WizardStep::Result).await?)
        }
        None => (
            frame_of(&app, &person, project, side, "Remove lines from Procore").await?,
            head_of_removal(&push, &log_url),
        ),
    };
    forms::page(&ResultPage { shell, head, push: &push, self_url: result_url(which), log_url, now: app.now() })
}

/// The header of a removal, without the wizard's steps.
pub(crate) fn head_of_removal(push: &PushResult, close_url: &str) -> WizardHead {
    let cor = push.cors.first().map_or_else(|| "a COR".to_owned(), |cor| format!("COR {}", cor.number));
    let heading = match push.purpose {
        Purpose::Unlink => format!("Unlink {cor} and remove its lines"),
        Purpose::Move => format!("Move {cor}: remove its lines first"),
        Purpose::RemoveSurplus | Purpose::Write => format!("Remove the surplus of {cor}"),
    };
    WizardHead { heading, step: WizardStep::Result, close_url: close_url.to_owned(), ..WizardHead::default() }
}

/// Pauses, resumes, cancels, tries again, looks now, says that it is not there.
pub(crate) async fn act<Id>(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<Id>,
    body: String,
) -> Result<Response, Error>
where
    Id: Into<Which> + DeserializeOwned + Send,
{
    let (which, fields) = (id.into(), fields(&body));
    let done = match field(&fields, "do") {
        "pause" => push::pause(&app, &person.actor, which).await,
        "resume" => push::resume(&app, &person.actor, which).await,
        "cancel" => push::cancel(&app, &person.actor, which).await,
        "try-again" => push::try_again(&app, &person.actor, which).await,
        "look-now" => push::look_now(&app, &person.actor, which).await,
        "not-there" => push::not_there(&app, &person.actor, which).await,
        _ => return Err(Error::NotFound),
    };
    let back = result_url(which);
    match done {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(Error::Conflict(sentence)) => Ok(flash::failed(&back, sentence)),
        Err(other) => Err(other),
    }
}

impl ResultPage<'_> {
    fn removes(&self) -> bool {
        self.push.purpose.removes()
    }

    fn settled(&self) -> usize {
        self.push.cors.iter().filter(|cor| cor.outcome != push::push_result::OutcomeOfCor::Pending).count()
    }

    /// Whether it goes on without anybody.
    fn goes_on(&self) -> bool {
        self.controls().contains(&PAUSE)
    }

    /// What may be done with a push that is not over.
    fn controls(&self) -> Vec<Control> {
        let push = self.push;
        if push.finished || push.asked_for == Some(Wish::Cancel) {
            return Vec::new();
        }
        let go_on = match (push.state, push.asked_for) {
            (StateOfPush::Paused, _) | (_, Some(Wish::Pause)) => Some(RESUME),
            (StateOfPush::Stopped, _) => Some(TRY_AGAIN),
            (StateOfPush::Parked, _) => {
                matches!(push.remedy, Some(Remedy::CheckConnection { .. })).then_some(TRY_AGAIN)
            }
            _ => Some(PAUSE),
        };
        go_on.into_iter().chain([if self.removes() { CANCEL_REMOVAL } else { CANCEL }]).collect()
    }

    /// What may be done while it is being looked for what Procore received.
    fn choices(&self) -> Vec<Control> {
        if self.push.state != StateOfPush::Uncertain {
            return Vec::new();
        }
        let cancels = self.push.asked_for == Some(Wish::Cancel);
        let absent = self.push.may_be_said_absent.then_some(if cancels { NOT_THERE_CANCEL } else { NOT_THERE });
        [LOOK_NOW].into_iter().chain(absent).collect()
    }

    /// How long it will take, if that is long enough to say.
    fn estimate(&self) -> Option<String> {
        let wait = self.push.expected_by?.duration_since(self.now);
        let before = match self.push.pushes_before {
            0 => String::new(),
            1 => " 1 push to the same Procore account is before it.".to_owned(),
            n => format!(" {n} pushes to the same Procore account are before it."),
        };
        (wait >= SignedDuration::from_secs(20))
            .then(|| format!("{} more, if nobody else uses up what Procore allows.{before}", about(wait)))
    }

    fn asked_for(&self) -> Option<&'static str> {
        Some(match self.push.asked_for? {
            Wish::Cancel if self.removes() => {
                "It is being cancelled. First we check which lines Procore already removed."
            }
            Wish::Pause => "It pauses as soon as Procore answers the request on its way.",
            Wish::Cancel => "It is being cancelled. First we check what Procore received; that stays.",
        })
    }

    /// What happened, and what to do.
    fn says(&self) -> Text {
        let (push, now) = (self.push, self.now);
        match (push.state, push.next_at) {
            (StateOfPush::Queued, Some(due)) if due > now => {
                let why = if push.reason.is_empty() { String::new() } else { format!("{} ", push.reason) };
                let again = Text::from(format!("{why}It is tried again at ")).clock(due, now).and(".");
                again.and(&self.asked_to_wait())
            }
            (StateOfPush::Uncertain, Some(at)) if self.removes() => {
                Text::from("Procore's answer did not come. Which lines it removed is looked up at ")
                    .clock(at, now)
                    .and("; nothing is sent before.")
            }
            (StateOfPush::Uncertain, Some(at)) => self.looking(at),
            (StateOfPush::Parked, _) => self.parked().into(),
            (StateOfPush::Changed | StateOfPush::Stopped, _) => push.reason.as_str().into(),
            (StateOfPush::Paused, _) => {
                let first = if push.looks_first { " Then we first check what Procore received." } else { "" };
                format!("Nothing more is sent until somebody resumes it.{first}").into()
            }
            (StateOfPush::Cancelled, _) if self.removes() => "The lines that were not removed stay in Procore.".into(),
            (StateOfPush::Cancelled, _) => "Nothing more is written.".into(),
            _ => Text::default(),
        }
    }

    /// Why a push waits for a time to come, and who can have it go on sooner.
    fn asked_to_wait(&self) -> String {
        let who = match &self.push.remedy {
            Some(Remedy::EndWait { may: Ok(()), .. }) => "You can end the pause under Office Integrations.",
            Some(Remedy::EndWait { .. }) => "The Account Owner or an Admin of the office can end the pause.",
            _ => return String::new(),
        };
        format!(" Procore asked for a pause, or its limit is used up. {who}")
    }

    /// What is done about an answer that did not come, or that says too little, and what may be done by hand.
    fn looking(&self, look_at: Timestamp) -> Text {
        let (push, now) = (self.push, self.now);
        let silence = "Procore's answer did not come. ";
        let Some(last) = push.made_again_at else {
            return Text::from(silence)
                .and("What Procore received is looked up at ")
                .clock(look_at, now)
                .and("; nothing is written twice.");
        };
        let (so_far, whether) = if push.refused {
            ("Procore refused it. ", "Whether the Change Event was made all the same is looked up at ")
        } else {
            (silence, "Whether the Change Event was made is looked up at ")
        };
        let text = match push.looked_at {
            None => Text::from(so_far).and(whether),
            Some(at) => Text::from(so_far).and("At ").clock(at, now).and(
                " the Change Event was not in Procore's list. The list may lag behind, so it is looked for again at ",
            ),
        };
        let then = match push.asked_for {
            Some(Wish::Cancel) => "the push is cancelled",
            _ if push.refused => "it is sent again",
            _ => "it is made again",
        };
        let text = text.clock(look_at, now).and(". If it is not there by ").clock(last, now).and(&format!(", {then}."));
        if push.may_be_said_absent {
            text.and(" To have that now, look into Procore and say that it is not there.")
        } else {
            text
        }
    }

    /// What a parked push waits for: the reader, or who else.
    fn parked(&self) -> String {
        let (push, why) = (self.push.purpose.noun(), &self.push.reason);
        match &self.push.remedy {
            Some(Remedy::ConnectOffice { may, .. }) => {
                let who = may.as_ref().err().map(|denied| format!(" {denied}")).unwrap_or_default();
                format!("The office is not connected to Procore. The {push} goes on when it is connected.{who}")
            }
            Some(Remedy::SomebodySignsIn { name }) => {
                format!("The {push} is made as {name}, who has to sign in to Procore again; it then goes on by itself.")
            }
            Some(Remedy::CheckConnection { may, .. }) => {
                let who = may.as_ref().err().map(|denied| format!(" {denied}")).unwrap_or_default();
                format!("{why} Check the connection then, and the {push} goes on.{who}")
            }
            Some(Remedy::SignIn | Remedy::EndWait { .. }) | None => why.clone(),
        }
    }

    /// What to press.
    fn remedy(&self) -> Option<PageLink> {
        let on_office =
            |label, id: &OfficeId| Some(PageLink::new(label, format!("/settings/offices/{id}/integrations")));
        match self.push.remedy.as_ref()? {
            Remedy::SignIn => Some(PageLink::new("Sign in to Procore", sign_in_urls(&self.self_url).0)),
            Remedy::ConnectOffice { office, may: Ok(()) } => on_office("Connect the office", office),
            Remedy::CheckConnection { office, may: Ok(()) } => on_office("Check the connection", office),
            Remedy::EndWait { office, may: Ok(()) } => on_office("See the pause", office),
            _ => None,
        }
    }

    /// For a remedy that opens the Procore pop-up: the pop-up's address, and the one that says when it is over.
    fn popup(&self) -> Option<(String, &'static str)> {
        (self.push.remedy == Some(Remedy::SignIn)).then(|| (sign_in_urls(&self.self_url).1, STATUS_URL))
    }
}

impl PushedCor {
    /// What was written, or removed.
    fn amount(&self) -> domain::procore::Amount {
        if self.goes { self.previous } else { self.planned }
    }

    fn url(&self) -> String {
        cor_url(self.cor_id)
    }
}

impl Stands {
    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sending => "Sending",
            Self::Checking => "Checking",
            Self::InProcore => "In Procore",
            Self::Removed => "Removed",
            Self::InProcoreWithGap => "In Procore, with a gap",
            Self::Refused => "Refused",
            Self::Changed => "Changed in Procore",
            Self::SignInNeeded => "Waiting for sign-in",
            Self::OfficeNeeded => "Waiting for the office",
            Self::Stopped => "Stopped",
            Self::Paused => "Paused",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The pill's colour.
    fn class(self) -> &'static str {
        match self {
            Self::Waiting | Self::Paused | Self::Cancelled => "quiet",
            Self::Sending => "info",
            Self::Checking | Self::InProcoreWithGap => "warn",
            Self::InProcore | Self::Removed => "good",
            Self::Refused | Self::Stopped => "bad",
            Self::Changed | Self::SignInNeeded | Self::OfficeNeeded => "procore",
        }
    }
}

fn about(wait: SignedDuration) -> String {
    let minutes = (wait.as_secs() + 59) / 60;
    match minutes {
        ..=1 => "About a minute".into(),
        2..=90 => format!("About {minutes} minutes"),
        _ => format!("About {} hours", (minutes + 30) / 60),
    }
}

const PAUSE: Control = Control {
    verb: "pause",
    label: "Pause",
    title: "Stops sending until you resume. A request already on its way finishes.",
    primary: false,
};
const RESUME: Control = Control { verb: "resume", label: "Resume", title: "Sends the rest.", primary: true };
const TRY_AGAIN: Control = Control {
    verb: "try-again",
    label: "Try again",
    title: "Checks what Procore has, then sends what is missing.",
    primary: true,
};
const CANCEL: Control = Control {
    verb: "cancel",
    label: "Cancel the rest",
    title: "Checks what Procore received and keeps it. Nothing more is sent.",
    primary: false,
};
const CANCEL_REMOVAL: Control = Control {
    verb: "cancel",
    label: "Cancel the removal",
    title: "Checks which lines Procore already removed. The others stay.",
    primary: false,
};
const LOOK_NOW: Control = Control {
    verb: "look-now",
    label: "Look now",
    title: "Checks Procore now. If it isn’t there yet, the next check comes as planned.",
    primary: false,
};
const NOT_THERE: Control = Control {
    verb: "not-there",
    label: "It is not in Procore: make it again",
    title: "Check in Procore first. If it is there after all, it will be there twice.",
    primary: false,
};
const NOT_THERE_CANCEL: Control = Control { label: "It is not in Procore: cancel", ..NOT_THERE };
