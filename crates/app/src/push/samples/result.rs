//! Samples of the wizard's last step: under way, done, and every trouble; the same of a removal.

use crate::{
    gallery::{Pages, put, shell},
    push::{
        samples::head,
        views::{Control, ResultCor, ResultEvent, ResultState, ResultStep, Step, WizardHead},
    },
    serving::views::{Link, NavItem, Text},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "push-4-running", &running());
    put(pages, "push-4-paused", &paused());
    put(pages, "push-4-stopped", &stopped());
    put(pages, "push-4-looking", &looking());
    put(pages, "push-4-done", &done());
    put(pages, "push-4-troubles", &troubles());
    put(pages, "removal-stopped", &removal_stopped());
    put(pages, "removal-done", &removal_done());
}

fn cor(label: &str, title: &str, amount: &str, state: ResultState, sentence: &str) -> ResultCor {
    ResultCor {
        label: label.into(),
        url: "/cors/1".into(),
        title: title.into(),
        amount: amount.into(),
        state,
        sentence: sentence.into(),
        remedy: None,
    }
}

fn result(heading: &str, events: Vec<ResultEvent>) -> ResultStep {
    ResultStep {
        shell: shell("Push to Procore", NavItem::Log),
        head: head(Step::Result),
        self_url: "result".into(),
        running: false,
        heading: heading.into(),
        settled: 1,
        total: 3,
        estimate: String::new(),
        asked_for: String::new(),
        controls: Vec::new(),
        events,
        log_url: "/projects/1/log/received".into(),
    }
}

fn result_event(label: &str, state: ResultState, sentence: &str, cors: Vec<ResultCor>) -> ResultEvent {
    ResultEvent { label: label.into(), state, sentence: sentence.into(), cors, ..ResultEvent::default() }
}

fn running() -> ResultStep {
    let cors = vec![
        cor(
            "COR 014.1",
            "Reroute 6\" chilled water main around added shear wall, Level 3",
            "18,450.00",
            ResultState::Sending,
            "",
        ),
        cor("COR 032", "Temporary power for tower crane relocation", "41,280.00", ResultState::Waiting, ""),
    ];
    let mut page = result(
        "Pushing 2 CORs to CE 011",
        vec![result_event("CE 011 · Level 3 coordination", ResultState::Sending, "", cors)],
    );
    page.running = true;
    page.estimate = "About 3 minutes more, if nobody else uses up what Procore allows. 41 pushes to the same Procore account are before it.".to_owned();
    page.controls = controls(&[("pause", "Pause", false), ("cancel", "Cancel what was not sent", false)]);
    page
}

fn controls(of: &[(&'static str, &'static str, bool)]) -> Vec<Control> {
    of.iter().map(|&(verb, label, primary)| Control { verb, label, title: "", primary }).collect()
}

fn paused() -> ResultStep {
    let cors = vec![
        cor(
            "COR 014.1",
            "Reroute 6\" chilled water main around added shear wall, Level 3",
            "18,450.00",
            ResultState::Done,
            "",
        ),
        cor("COR 032", "Temporary power for tower crane relocation", "41,280.00", ResultState::Paused, ""),
        cor("COR 033", "Fire watch during riser tie-in", "3,960.00", ResultState::Paused, ""),
    ];
    let mut page = result(
        "Pushing 3 CORs to CE 011",
        vec![result_event(
            "CE 011 · Level 3 coordination",
            ResultState::Paused,
            "Daniel Whitfield paused it. Nothing more is sent until somebody resumes it.",
            cors,
        )],
    );
    page.running = true;
    page.controls = controls(&[("resume", "Resume", true), ("cancel", "Cancel what was not sent", false)]);
    page
}

fn stopped() -> ResultStep {
    let cors =
        vec![cor("COR 032", "Temporary power for tower crane relocation", "41,280.00", ResultState::Stopped, "")];
    let mut page = result(
        "Pushing 1 COR to CE 011",
        vec![result_event("CE 011 · Level 3 coordination", ResultState::Stopped, sync::words::UNANSWERED, cors)],
    );
    (page.running, page.settled, page.total) = (true, 0, 1);
    page.controls = controls(&[("try-again", "Try again", true), ("cancel", "Cancel what was not sent", false)]);
    page
}

fn done() -> ResultStep {
    let cors = vec![
        cor(
            "COR 014.1",
            "Reroute 6\" chilled water main around added shear wall, Level 3",
            "18,450.00",
            ResultState::Done,
            "",
        ),
        cor(
            "COR 012",
            "Overtime to recover schedule after slab delay (premium portion only)",
            "27,904.75",
            ResultState::DoneWithGap,
            "One line is locked in Procore (tied to RFQ 3): 1,200.00 of 29,104.75 are missing there.",
        ),
        cor("COR 013", "Credit: delete VAV boxes 3-14 through 3-19", "(12,600.00)", ResultState::Done, ""),
    ];
    let mut event = result_event("CE 011 · Level 3 coordination", ResultState::Done, "", cors);
    event.url = Some("https://procore.example/".into());
    result("3 CORs are in Procore", vec![event])
}

/// A new event whose answer was lost, ten minutes on.
fn looking() -> ResultStep {
    let at = |clock: &str| format!("2026-11-23T{clock}:00Z").parse().expect("a constant");
    let now = at("14:40");
    let said = Text::from("Procore's answer did not come. At ")
        .clock(at("14:37"), now)
        .and(" the Change Event was not in Procore's list. The list may lag behind, so it is looked for again at ")
        .clock(at("14:47"), now)
        .and(". If it is not there by ")
        .clock(at("15:32"), now)
        .and(", it is made again. To have that now, look into Procore and say that it is not there.");
    let cors =
        vec![cor("COR 032", "Temporary power for tower crane relocation", "41,280.00", ResultState::Checking, "")];
    let event = ResultEvent {
        label: "New Change Event · Tower crane relocation".into(),
        state: ResultState::Checking,
        sentence: said,
        choices: controls(&[
            ("look-now", "Look now", false),
            ("not-there", "It is not in Procore: make it again", false),
        ]),
        elsewhere: Some(Link::new("Open the Change Events in Procore", "https://procore.example/")),
        cors,
        ..ResultEvent::default()
    };
    let mut page = result("Pushing 1 COR to New Change Event · Tower crane relocation", vec![event]);
    (page.running, page.settled, page.total) = (true, 0, 1);
    page.controls = controls(&[("pause", "Pause", false), ("cancel", "Cancel what was not sent", false)]);
    page
}

fn troubles() -> ResultStep {
    let refused = ResultCor {
        remedy: Some(Link::new("Choose another code", "codes")),
        ..cor(
            "COR 010",
            "Relocate roof drains",
            "4,420.00",
            ResultState::Refused,
            "Procore refused line 3: budget code 23-2113.L was removed from the budget. Choose another code and push again.",
        )
    };
    let first = ResultEvent {
        url: Some("https://procore.example/".into()),
        ..result_event(
            "CE 011 · Level 3 coordination",
            ResultState::Refused,
            "1 of 2 CORs is in Procore; the other was refused.",
            vec![cor("COR 014.1", "Reroute 6\" chilled water main", "18,450.00", ResultState::Done, ""), refused],
        )
    };
    let checking = result_event(
        "New Change Event · Tower crane relocation",
        ResultState::Checking,
        "Procore did not answer in time. What it received is looked up at 14:32; until then nothing is sent again, so nothing is doubled.",
        vec![cor("COR 032", "Temporary power for tower crane relocation", "41,280.00", ResultState::Checking, "")],
    );
    let parked = ResultEvent {
        remedy: Some(Link::new("Sign in to Procore", "/procore/sign-in")),
        popup: Some(("/procore/sign-in?popup=1".into(), "/procore/sign-in/status".into())),
        ..result_event(
            "CE 006 · Generator",
            ResultState::SignInNeeded,
            "Your Procore sign-in has ended. Sign in again and this push goes on by itself.",
            vec![cor("COR 009", "Generator pad conduit", "(420.00)", ResultState::SignInNeeded, "")],
        )
    };
    let changed = ResultEvent {
        remedy: Some(Link::new("Look at the new plan", "review")),
        ..result_event(
            "CE 008 · Lobby finishes",
            ResultState::ChangedInProcore,
            "Somebody changed our lines in CE 008 after the plan was made. Nothing was written.",
            vec![cor("COR 007", "Soffit changes at lobby, bulletin 5", "6,118.00", ResultState::ChangedInProcore, "")],
        )
    };
    result("One COR is in Procore, four need you or wait", vec![first, checking, parked, changed])
}

fn removal(heading: &str, state: ResultState, said: &str, then: &str) -> ResultStep {
    let cor = cor("COR 032", "Temporary power for tower crane relocation", "41,280.00", state, then);
    let event = result_event("CE 011 · Level 3 coordination", state, said, vec![cor]);
    let mut page = result(heading, vec![event]);
    page.shell = shell("Remove lines from Procore", NavItem::Log);
    page.head = WizardHead {
        heading: "Move COR 032: remove its lines first".into(),
        stepless: true,
        close_url: page.log_url.clone(),
        ..WizardHead::default()
    };
    (page.settled, page.total) = (1, 1);
    page
}

fn removal_stopped() -> ResultStep {
    let heading = "Removing 3 lines from CE 011 · Level 3 coordination";
    let mut page = removal(heading, ResultState::Stopped, sync::words::UNANSWERED, "");
    (page.running, page.settled) = (true, 0);
    page.controls = controls(&[("try-again", "Try again", true), ("cancel", "Cancel the removal", false)]);
    page
}

fn removal_done() -> ResultStep {
    let heading = "3 lines were removed from CE 011 · Level 3 coordination";
    removal(heading, ResultState::Removed, "", "Now push it to the Change Event where it belongs.")
}
