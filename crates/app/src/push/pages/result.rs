//! Step 4: progress, then what happened.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    OfficeId,
    procore::{
        push::Target,
        push_plan::{PlanCor, Work},
        push_state::{CorOutcome, PushState, Wish},
    },
};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use super::{cor_url, field, fields, frame, head, label, log_of, removal, result_url, taken_out};
use crate::{
    App, Error,
    integration::pages::sign_in::{STATUS_URL, sign_in_urls},
    push::{
        self, Remedy, Which,
        result::Standing,
        views::{Control, ResultCor, ResultEvent, ResultState, ResultStep, Step},
    },
    serving::{
        flash, forms,
        session::SignedIn,
        views::{Link, Text},
        words,
    },
};

/// By a push's draft, or by its own id.
pub(crate) async fn show<Id>(State(app): State<App>, person: SignedIn, Path(id): Path<Id>) -> Result<Response, Error>
where
    Id: Into<Which> + DeserializeOwned + Send,
{
    let which = id.into();
    let standing = push::result(&app, &person.actor, which).await?;
    let log_url = log_of(&standing.project, standing.push.order.plan.side);
    let (shell, head) = match &standing.opened {
        Some(opened) => (frame(&app, &person, opened).await?, head(&app, &person, opened, Step::Result).await?),
        None => (removal::frame(&app, &person, &standing).await?, removal::head(&standing, log_url.clone())),
    };
    let settled = standing.cors.values().filter(|c| c.outcome != CorOutcome::Pending).count();
    let running = !standing.push.state.is_at_rest();
    forms::page(&ResultStep {
        shell,
        head,
        self_url: result_url(which),
        running,
        heading: heading(&standing, running),
        settled: settled as u64,
        total: standing.cors.len() as u64,
        estimate: estimate(&standing, app.now()),
        asked_for: asked_for(&standing).to_owned(),
        controls: controls(&standing),
        events: vec![event(&app, &standing, &result_url(which))],
        log_url,
    })
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

/// What may be done with a push that is not over.
fn controls(standing: &Standing) -> Vec<Control> {
    const PAUSE: Control = Control {
        verb: "pause",
        label: "Pause",
        title: "Nothing more is sent until it is resumed. A request on its way is waited for.",
        primary: false,
    };
    const RESUME: Control =
        Control { verb: "resume", label: "Resume", title: "What was not sent is sent now.", primary: true };
    const AGAIN: Control = Control {
        verb: "try-again",
        label: "Try again",
        title: "What Procore holds is looked up before anything is sent.",
        primary: true,
    };
    const CANCEL: Control = Control {
        verb: "cancel",
        label: "Cancel what was not sent",
        title: "What Procore may have received is looked up first and kept.",
        primary: false,
    };
    const CANCEL_REMOVAL: Control = Control {
        verb: "cancel",
        label: "Cancel the removal",
        title: "Which lines Procore removed already is looked up first. The others stay.",
        primary: false,
    };
    let push = &standing.push;
    let mut controls = match (&push.state, push.wish) {
        (state, _) if state.is_at_rest() => return Vec::new(),
        (_, Some(Wish::Cancel)) => return Vec::new(),
        (PushState::Paused { .. }, _) | (_, Some(Wish::Pause)) => vec![RESUME],
        (PushState::Stopped { .. }, _) => vec![AGAIN],
        (PushState::Parked { .. }, _) => match standing.remedy {
            Some(Remedy::CheckConnection { .. }) => vec![AGAIN],
            _ => Vec::new(),
        },
        _ => vec![PAUSE],
    };
    controls.push(if removal::is_meant(standing) { CANCEL_REMOVAL } else { CANCEL });
    controls
}

/// How long it will take, if long enough to be told.
fn estimate(standing: &Standing, now: Timestamp) -> String {
    let Some(expected) = standing.expected else { return String::new() };
    let wait = expected.by.duration_since(now);
    if wait < SignedDuration::from_secs(20) {
        return String::new();
    }
    let before = match expected.before {
        0 => String::new(),
        n => format!(
            " {} to the same Procore account {} before it.",
            words::count(n, "push", "pushes"),
            if n == 1 { "is" } else { "are" }
        ),
    };
    format!("{} more, if nobody else uses up what Procore allows.{before}", about(wait))
}

fn about(wait: SignedDuration) -> String {
    let minutes = (wait.as_secs() + 59) / 60;
    match minutes {
        ..=1 => "About a minute".into(),
        2..=90 => format!("About {minutes} minutes"),
        _ => format!("About {} hours", (minutes + 30) / 60),
    }
}

fn asked_for(standing: &Standing) -> &'static str {
    match standing.push.wish {
        Some(Wish::Cancel) if removal::is_meant(standing) => {
            "It is being cancelled. Which lines Procore removed already is looked up first."
        }
        Some(Wish::Pause) => "It is paused as soon as the request on its way is answered.",
        Some(Wish::Cancel) => "It is being cancelled. What Procore may have received is looked up first and kept.",
        None => "",
    }
}

fn heading(standing: &Standing, running: bool) -> String {
    if removal::is_meant(standing) {
        return removal::heading(standing, running);
    }
    let all = standing.cors.len();
    let cors = |n: usize| words::count(i64::try_from(n).unwrap_or(0), "COR", "CORs");
    let takes_out = standing.push.order.plan.work() == Work::TakesOut;
    if standing.push.state == PushState::Cancelled {
        let what = if takes_out { "nothing was removed from Procore" } else { "nothing was written to Procore" };
        return format!("The push was cancelled; {what}");
    }
    if running && takes_out {
        let void = standing.push.order.plan.cors.iter().collect::<Vec<_>>();
        return format!("Removing {} from {}", taken_out::lines(&void), standing.push.order.target.name());
    }
    if running {
        return format!("Pushing {} to {}", cors(all), standing.push.order.target.name());
    }
    let written = || standing.cors.values().filter(|c| c.outcome == CorOutcome::Written);
    let planned = |cor: domain::CorId| standing.push.order.plan.cor(cor).filter(|planned| planned.taken_out);
    let out: Vec<&PlanCor> = written().filter_map(|c| planned(c.cor)).collect();
    let all_out = standing.push.order.plan.cors.iter().all(|cor| cor.taken_out);
    let put = written().count() - out.len();
    let asked = all - standing.push.order.plan.cors.iter().filter(|cor| cor.taken_out).count();
    let put_there = match put {
        0 => None,
        1 if asked == 1 => Some("1 COR is in Procore".to_owned()),
        n if n == asked => Some(format!("{} are in Procore", cors(n))),
        n => Some(format!("{n} of {} are in Procore", cors(asked))),
    };
    let parts: Vec<String> = put_there.into_iter().chain((!out.is_empty()).then(|| taken_out::heading(&out))).collect();
    match parts.as_slice() {
        [] if all_out => "Nothing was removed from Procore".into(),
        [] => "Nothing was written to Procore".into(),
        parts => parts.join("; "),
    }
}

fn event(app: &App, standing: &Standing, back: &str) -> ResultEvent {
    let (push, removes) = (&standing.push, removal::is_meant(standing));
    let label = match (&standing.event, &push.order.target) {
        (Some(row), _) => format!("CE {} · {}", row.number, row.title),
        (None, target @ Target::Existing { .. }) => target.name(),
        (None, Target::New(new)) => format!("New Change Event · {}", new.title),
    };
    let now = app.now();
    let (state, sentence) = match &push.state {
        PushState::Queued { due } if *due > now => {
            let contended = push.batches.first().is_some_and(|batch| batch.contended > 0);
            let why = if contended { "Something else was writing to this Change Event in Procore. " } else { "" };
            let text = Text::from(format!("{why}It is tried again at ")).clock(*due, now).and(".");
            (ResultState::Waiting, text.and(&asked_to_wait(standing)))
        }
        PushState::Queued { .. } => (ResultState::Waiting, Text::default()),
        PushState::Sending { .. } => (ResultState::Sending, Text::default()),
        PushState::Uncertain { look_at } if removes => {
            let text = Text::from("Procore's answer did not come. Which lines it removed is looked up at ");
            (ResultState::Checking, text.clock(*look_at, now).and("; nothing is sent before."))
        }
        PushState::Uncertain { look_at } => (ResultState::Checking, looking(standing, *look_at, now)),
        PushState::Parked { why, .. } => parked(standing, why),
        PushState::Changed { why } => (ResultState::ChangedInProcore, Text::from(why.as_str())),
        PushState::Stopped { why, .. } => (ResultState::Stopped, Text::from(why.as_str())),
        PushState::Paused { look_at } => {
            let first = if look_at.is_some() { " What Procore received is looked up first then." } else { "" };
            (ResultState::Paused, format!("Nothing more is sent until somebody resumes it.{first}").into())
        }
        PushState::Cancelled if removes => {
            (ResultState::Cancelled, Text::from("What was not removed stays in Procore."))
        }
        PushState::Cancelled => (ResultState::Cancelled, Text::from("What was not written was taken back.")),
        PushState::Finished => (finished(standing), Text::default()),
    };
    let signs_in = standing.remedy == Some(Remedy::SignIn);
    let urls = sign_in_urls(back);
    let office = |office: &OfficeId| format!("/settings/offices/{office}/integrations");
    let remedy = match &standing.remedy {
        Some(Remedy::SignIn) => Some(Link::new("Sign in to Procore", urls.0)),
        Some(Remedy::ConnectOffice { office: id, may: Ok(()) }) => Some(Link::new("Connect the office", office(id))),
        Some(Remedy::CheckConnection { office: id, may: Ok(()) }) => {
            Some(Link::new("Check the connection", office(id)))
        }
        Some(Remedy::EndWait { office: id, may: Ok(()) }) => Some(Link::new("See the pause", office(id))),
        _ => None,
    };
    ResultEvent {
        label,
        url: push.event.map(|event| app.event_in_procore(push.procore_company, push.procore_project, event)),
        state,
        sentence,
        choices: choices(standing, now),
        elsewhere: standing.looking.map(|_| {
            let url = app.project_in_procore(push.procore_company, push.procore_project);
            Link::new("Open the Change Events in Procore", url)
        }),
        popup: signs_in.then(|| (urls.1, STATUS_URL.to_owned())),
        remedy,
        cors: standing.members.iter().filter_map(|cor| result_cor(standing, cor, state)).collect(),
        markup: standing.added().map(|added| added.says).unwrap_or_default(),
    }
}

/// Why a push waits for a time to come, and who can have it go on sooner.
fn asked_to_wait(standing: &Standing) -> String {
    let who = match &standing.remedy {
        Some(Remedy::EndWait { may: Ok(()), .. }) => "You can end the pause under Office Integrations.",
        Some(Remedy::EndWait { .. }) => "The Account Owner or an Admin of the office can end the pause.",
        _ => return String::new(),
    };
    format!(" Procore asked for a pause, or its limit is used up. {who}")
}

/// What is done about an answer that did not come, or that says too little, and what may be done by hand.
fn looking(standing: &Standing, look_at: Timestamp, now: Timestamp) -> Text {
    let silence = Text::from("Procore's answer did not come. ");
    let Some(looking) = standing.looking else {
        return silence
            .and("What Procore received is looked up at ")
            .clock(look_at, now)
            .and("; nothing is written twice.");
    };
    let then = match looking.refused {
        _ if standing.push.wish == Some(Wish::Cancel) => "the push is cancelled",
        true => "it is sent again",
        false => "it is made again",
    };
    let so_far = if looking.refused { Text::from("Procore refused it. ") } else { silence };
    let whether = if looking.refused { "was made all the same" } else { "was made" };
    let text = match looking.looked_at {
        None => so_far.and(&format!("Whether the Change Event {whether} is looked up at ")).clock(look_at, now),
        Some(at) => so_far
            .and("At ")
            .clock(at, now)
            .and(" the Change Event was not in Procore's list. The list may lag behind, so it is looked for again at ")
            .clock(look_at, now),
    };
    let text = text.and(". If it is not there by ").clock(looking.last, now).and(&format!(", {then}."));
    if looking.may_be_said_absent(now) {
        text.and(" To have that now, look into Procore and say that it is not there.")
    } else {
        text
    }
}

/// What may be done while it is being looked for what Procore received.
fn choices(standing: &Standing, now: Timestamp) -> Vec<Control> {
    const LOOK: Control = Control {
        verb: "look-now",
        label: "Look now",
        title: "What is there is taken over at once. What is not there yet is looked for again as planned.",
        primary: false,
    };
    const AGAIN: Control = Control {
        verb: "not-there",
        label: "It is not in Procore: make it again",
        title: "Look into Procore first. If it is there after all, it would be there twice.",
        primary: false,
    };
    const CANCEL: Control = Control { label: "It is not in Procore: cancel", ..AGAIN };
    let mut choices = match standing.push.state {
        PushState::Uncertain { .. } => vec![LOOK],
        _ => return Vec::new(),
    };
    if standing.looking.is_some_and(|looking| looking.may_be_said_absent(now)) {
        choices.push(if standing.push.wish == Some(Wish::Cancel) { CANCEL } else { AGAIN });
    }
    choices
}

/// What a parked push waits for: the reader, or who else.
fn parked(standing: &Standing, why: &str) -> (ResultState, Text) {
    let push = standing.push.order.purpose.noun();
    match &standing.remedy {
        Some(Remedy::ConnectOffice { may, .. }) => {
            let who = may.as_ref().err().map(|denied| format!(" {denied}")).unwrap_or_default();
            let text = format!("The office is not connected to Procore. The {push} goes on when it is connected.{who}");
            (ResultState::OfficeNeeded, text.into())
        }
        Some(Remedy::SomebodySignsIn { name }) => (
            ResultState::SignInNeeded,
            format!("The {push} is made as {name}, who has to sign in to Procore again; it then goes on by itself.")
                .into(),
        ),
        Some(Remedy::CheckConnection { may, .. }) => {
            let who = may.as_ref().err().map(|denied| format!(" {denied}")).unwrap_or_default();
            (ResultState::OfficeNeeded, format!("{why} Check the connection then, and the {push} goes on.{who}").into())
        }
        Some(Remedy::SignIn | Remedy::EndWait { .. }) | None => (ResultState::SignInNeeded, why.into()),
    }
}

fn finished(standing: &Standing) -> ResultState {
    let any = |test: fn(&CorOutcome) -> bool| standing.cors.values().any(|c| test(&c.outcome));
    if any(|o| matches!(o, CorOutcome::Refused { .. })) {
        ResultState::Refused
    } else if any(|o| matches!(o, CorOutcome::Changed { .. })) {
        ResultState::ChangedInProcore
    } else if standing.push.order.plan.cors.iter().any(|c| !c.gap().is_zero()) {
        ResultState::DoneWithGap
    } else if any(|o| *o == CorOutcome::Cancelled) {
        ResultState::Cancelled
    } else {
        done(standing)
    }
}

fn done(standing: &Standing) -> ResultState {
    let goes = |cor: &PlanCor| cor.taken_out && cor.leaves_nothing();
    let removes = removal::is_meant(standing) || standing.push.order.plan.cors.iter().all(goes);
    if removes { ResultState::Removed } else { ResultState::Done }
}

fn result_cor(standing: &Standing, cor: &store::repo::cor::Cor, running: ResultState) -> Option<ResultCor> {
    let settled = standing.cors.get(&cor.id)?;
    let removes = removal::is_meant(standing);
    let planned = standing.push.order.plan.cor(cor.id);
    let out = !removes && planned.is_some_and(|planned| planned.taken_out);
    let gap = planned.is_some_and(|planned| !planned.gap().is_zero());
    let gone = planned.is_some_and(PlanCor::leaves_nothing);
    let (state, sentence) = match &settled.outcome {
        CorOutcome::Pending => (running, String::new()),
        CorOutcome::Written if removes => (done(standing), removal::then(standing).to_owned()),
        CorOutcome::Written if out && gap => {
            (ResultState::DoneWithGap, planned.map(taken_out::told).unwrap_or_default())
        }
        CorOutcome::Written if out && !gone => (ResultState::Done, planned.map(taken_out::told).unwrap_or_default()),
        CorOutcome::Written if out => (ResultState::Removed, planned.map(taken_out::told).unwrap_or_default()),
        CorOutcome::Written if gap => {
            (ResultState::DoneWithGap, "Some of its lines are locked or were left out.".to_owned())
        }
        CorOutcome::Written => (ResultState::Done, String::new()),
        CorOutcome::Refused { why } => (ResultState::Refused, why.clone()),
        CorOutcome::Changed { why } => (ResultState::ChangedInProcore, why.clone()),
        CorOutcome::Cancelled if out == cor.status.belongs_in_procore() => {
            let sentence = if out { "It is no longer void." } else { "It was set to Void before it was written." };
            (ResultState::Cancelled, sentence.to_owned())
        }
        CorOutcome::Cancelled => (ResultState::Cancelled, String::new()),
    };
    Some(ResultCor {
        label: label(&cor.number),
        url: cor_url(cor.id),
        title: cor.title.clone(),
        amount: words::money(if removes || out && gone { settled.previous } else { settled.planned }),
        state,
        sentence,
        remedy: None,
    })
}
