//! Step 4: progress, then what happened.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    DraftId,
    procore::{
        push::Target,
        push_state::{CorOutcome, PushState},
    },
};

use super::{cor_url, frame, head, label, log_url};
use crate::{
    App, Error,
    actions::push::{self, result::Standing},
    web::{
        forms,
        procore_sign_in::sign_in_urls,
        session::SignedIn,
        views::{Deed, Link, ResultCor, ResultEvent, ResultState, ResultStep, Step},
        words,
    },
};

pub(super) async fn show(State(app): State<App>, person: SignedIn, Path(id): Path<DraftId>) -> Result<Response, Error> {
    let standing = push::result(&app, &person.actor, id).await?;
    let settled = standing.cors.values().filter(|c| c.outcome != CorOutcome::Pending).count();
    let running = !standing.push.state.is_at_rest();
    forms::page(&ResultStep {
        shell: frame(&app, &person, &standing.opened).await?,
        head: head(&app, &person, &standing.opened, Step::Result).await?,
        self_url: format!("/push/{id}/result"),
        running,
        heading: heading(&standing, running),
        settled: settled as u64,
        total: standing.cors.len() as u64,
        cancel: Deed::Absent,
        events: vec![event(&app, &standing)],
        log_url: log_url(&standing.opened),
    })
}

fn heading(standing: &Standing, running: bool) -> String {
    let all = standing.cors.len();
    let cors = |n: usize| words::count(i64::try_from(n).unwrap_or(0), "COR", "CORs");
    if running {
        return format!("Pushing {} to {}", cors(all), standing.push.order.target.name());
    }
    let written = standing.cors.values().filter(|c| c.outcome == CorOutcome::Written).count();
    match written {
        0 => "Nothing was written to Procore".into(),
        n if n == all && n == 1 => "1 COR is in Procore".into(),
        n if n == all => format!("{} are in Procore", cors(n)),
        n => format!("{n} of {} are in Procore", cors(all)),
    }
}

fn event(app: &App, standing: &Standing) -> ResultEvent {
    let push = &standing.push;
    let label = match (&standing.event, &push.order.target) {
        (Some(row), _) => format!("CE {} · {}", row.number, row.title),
        (None, target @ Target::Existing { .. }) => target.name(),
        (None, Target::New(new)) => format!("New Change Event · {}", new.title),
    };
    let back = format!("/push/{}/result", standing.opened.draft.id);
    let (state, sentence, remedy) = match &push.state {
        PushState::Queued { due } if *due > app.now() => {
            (ResultState::Waiting, format!("It is tried again at {}.", clock(*due)), None)
        }
        PushState::Queued { .. } => (ResultState::Waiting, String::new(), None),
        PushState::Sending { .. } => (ResultState::Sending, String::new(), None),
        PushState::Uncertain { look_at } => {
            let text = format!(
                "Procore's answer did not come. Checking what Procore received until {}; nothing is written twice.",
                clock(*look_at)
            );
            (ResultState::Checking, text, None)
        }
        PushState::Parked { why, .. } => {
            let (sign_in, _) = sign_in_urls(&back);
            (ResultState::SignInNeeded, why.clone(), Some(Link::new("Sign in to Procore", sign_in)))
        }
        PushState::Changed { why } => (ResultState::ChangedInProcore, why.clone(), None),
        PushState::Finished => (finished(standing), String::new(), None),
    };
    ResultEvent {
        label,
        url: push.event.map(|event| app.event_in_procore(push.procore_company, push.procore_project, event)),
        state,
        sentence,
        popup: remedy.as_ref().map(|_| (sign_in_urls(&back).1, "/procore/sign-in/status".to_owned())),
        remedy,
        cors: standing.opened.cors.iter().filter_map(|cor| result_cor(standing, cor, state)).collect(),
    }
}

/// A moment's clock, in UTC as all times of the product.
fn clock(at: jiff::Timestamp) -> String {
    at.strftime("%H:%M:%S UTC").to_string()
}

fn finished(standing: &Standing) -> ResultState {
    let any = |test: fn(&CorOutcome) -> bool| standing.cors.values().any(|c| test(&c.outcome));
    if any(|o| matches!(o, CorOutcome::Refused { .. })) {
        ResultState::Refused
    } else if any(|o| matches!(o, CorOutcome::Changed { .. })) {
        ResultState::ChangedInProcore
    } else if standing.push.order.plan.cors.iter().any(|c| !c.gap().is_zero()) {
        ResultState::DoneWithGap
    } else {
        ResultState::Done
    }
}

fn result_cor(standing: &Standing, cor: &store::repo::cor::Cor, running: ResultState) -> Option<ResultCor> {
    let settled = standing.cors.get(&cor.id)?;
    let gap = standing.push.order.plan.cor(cor.id).is_some_and(|c| !c.gap().is_zero());
    let (state, sentence) = match &settled.outcome {
        CorOutcome::Pending => (running, String::new()),
        CorOutcome::Written if gap => {
            (ResultState::DoneWithGap, "Some of its lines are locked or were left out.".to_owned())
        }
        CorOutcome::Written => (ResultState::Done, String::new()),
        CorOutcome::Refused { why } => (ResultState::Refused, why.clone()),
        CorOutcome::Changed { why } => (ResultState::ChangedInProcore, why.clone()),
    };
    Some(ResultCor {
        label: label(&cor.number),
        url: cor_url(cor.id),
        title: cor.title.clone(),
        amount: words::money(settled.planned),
        state,
        sentence,
        remedy: None,
    })
}
