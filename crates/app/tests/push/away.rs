//! Procore and the way to it fail on each step of the wizard: the step stays, says why, and loses nothing.

use emulator::{Fault, FaultKind, Matcher};
use jiff::SignedDuration;
use ledgerboard::{
    integration::map_project,
    push::{
        copy::plan::{KEPT, TRY_AGAIN},
        draft::version,
    },
};

use crate::{
    fixture::{Fixture, MANAGER},
    record_pages::Reader,
};

/// What Procore and the network do in place of an answer, by name.
fn faults() -> Vec<(&'static str, FaultKind)> {
    let status = |status| FaultKind::Status { status, retry_after: None, executed: false };
    vec![
        ("401", status(401)),
        ("403", status(403)),
        ("404", status(404)),
        ("429", FaultKind::Status { status: 429, retry_after: Some(30), executed: false }),
        ("500", status(500)),
        ("502 as HTML", FaultKind::headers(Some(502), &[("content-type", "text/html")])),
        ("503", status(503)),
        ("no answer", FaultKind::HangBefore),
        ("an answer too late", FaultKind::HangAfter),
        ("connection refused", FaultKind::Refuse),
        ("cut off", FaultKind::CutBody),
        ("tokens ran out", FaultKind::ExpireTokens),
    ]
}

/// What a person does on a step. `cold`: nothing was ever read of the project in Procore.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    OpenEvent { cold: bool },
    ChooseEvent,
    RefreshEvents,
    OpenLines { cold: bool },
    ChooseLines,
    RefreshLines,
    OpenReview,
    Answer,
    Push,
    OpenResult,
}

const DEEDS: [Deed; 12] = [
    Deed::OpenEvent { cold: true },
    Deed::OpenEvent { cold: false },
    Deed::ChooseEvent,
    Deed::RefreshEvents,
    Deed::OpenLines { cold: true },
    Deed::OpenLines { cold: false },
    Deed::ChooseLines,
    Deed::RefreshLines,
    Deed::OpenReview,
    Deed::Answer,
    Deed::Push,
    Deed::OpenResult,
];

store::sqlite_only! {
    async fn every_step_stays_whatever_procore_answers(store: Store) {
        let fixture = Fixture::patient(store).await;
        let cors = fixture.mechanical(&[9]);
        let (event, contract) = (fixture.event("002").to_string(), fixture.commitment("SC-23-007").to_string());
        let of = format!("contract.{}", cors[0]);
        let mut wrong = Vec::new();
        for (name, kind) in faults() {
            for deed in DEEDS {
                // What an earlier fault did is over.
                fixture.world.clock.advance(SignedDuration::from_hours(2));
                fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
                let reader = Reader::of(&fixture, fixture.actor()).await;
                let (draft, shown) = fixture.push(&cors).into_event("002").line_items().planned().await.unwrap();
                let fresh = fixture.push(&cors).drafts().await.unwrap()[0];
                let (first, on) = (format!("/push/{fresh}/event"), |step: &str| format!("/push/{draft}/{step}"));
                let plan = version(&shown.order);
                if matches!(deed, Deed::OpenEvent { cold: true } | Deed::OpenLines { cold: true }) {
                    forget_lists(&fixture).await;
                }
                let matcher = Matcher { times: Some(500), ..Matcher::default() };
                fixture.world.procore.fault(Fault { matcher, kind: kind.clone() });
                let lines = |verb| [("do", verb), ("detail", "line_items"), (of.as_str(), contract.as_str())];
                let push = [("do", "push"), ("plan", plan.as_str())];
                let typed = [("event", "new"), ("new_title", "Typed here"), ("do", "refresh")];
                let (status, page, at) = match deed {
                    Deed::OpenEvent { .. } => reader.walk(&first, None).await,
                    Deed::ChooseEvent => reader.walk(&first, Some(&[("event", &event), ("target", "")])).await,
                    Deed::RefreshEvents => reader.walk(&first, Some(&typed)).await,
                    Deed::OpenLines { .. } => reader.walk(&on("lines"), None).await,
                    Deed::ChooseLines => reader.walk(&on("lines"), Some(&lines("next"))).await,
                    Deed::RefreshLines => reader.walk(&on("lines"), Some(&lines("refresh"))).await,
                    Deed::OpenReview => reader.walk(&on("review"), None).await,
                    Deed::Answer => reader.walk(&on("review"), Some(&[("do", "answer")])).await,
                    Deed::Push => reader.walk(&on("review"), Some(&push)).await,
                    Deed::OpenResult => {
                        reader.walk(&on("review"), Some(&push)).await;
                        reader.walk(&on("result"), None).await
                    }
                };
                fixture.world.procore.clear_faults();
                let stays = (status == 200 || status == 422) && page.contains("data-wizard");
                let again = !page.contains(KEPT) || page.contains(TRY_AGAIN);
                let typed_is_there = deed != Deed::RefreshEvents || page.contains("Typed here");
                if !stays || !again || !typed_is_there {
                    let text = page.split("<main").nth(1).unwrap_or(&page).chars().take(700).collect::<String>();
                    wrong.push(format!("{name}, {deed:?}: {status} {at} {text}"));
                }
                if matches!(deed, Deed::Push | Deed::OpenResult) {
                    reader.press(&on("result"), "cancel").await;
                    fixture.work_through().await;
                } else {
                    // What was chosen before is still there, and the step can be shown once Procore answers.
                    fixture.world.clock.advance(SignedDuration::from_hours(1));
                    fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
                    let (status, page) = Reader::of(&fixture, fixture.actor()).await.read(&on("review")).await;
                    if status != 200 || page.contains(KEPT) {
                        wrong.push(format!("{name}, {deed:?}, afterwards: {status} {page}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    }
}

/// Nothing is known of the project in Procore, as on the day it was mapped.
async fn forget_lists(fixture: &Fixture) {
    let harbor = fixture.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
    map_project::unmap(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
    let to = map_project::MapTo::project(harbor).kept_in(domain::Currency::Usd);
    map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to).await.unwrap();
}
