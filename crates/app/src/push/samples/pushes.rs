//! Samples of the wizard's last step: under way, done, and every trouble; the same of a removal.

use domain::{
    CorId, Currency, PushId,
    procore::{Amount, push::Purpose},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::head;
use crate::{
    gallery::{Pages, put, shell},
    push::{
        Remedy,
        copy::choices::BACK_TO_LOG,
        pages::{
            head::WizardStep,
            result::{ResultPage, head_of_removal},
        },
        push_result::{OutcomeOfCor, PushResult, PushedCor, PushedEvent, Stands, StateOfPush},
        target::EventTarget,
    },
    serving::views::{NavItem, PageLink},
};

const RISER: &str = "Reroute 6\" chilled water main around added shear wall, Level 3";
const CRANE: &str = "Temporary power for tower crane relocation";
const LOG: &str = "/projects/1/log/received";

pub(crate) fn add(pages: &mut Pages) {
    let pushes = [
        ("push-4-running", running()),
        ("push-4-paused", paused()),
        ("push-4-stopped", stopped()),
        ("push-4-looking", looking()),
        ("push-4-done", done()),
        ("push-4-troubles", troubles()),
        ("push-4-sign-in", sign_in()),
    ];
    for (name, push) in pushes {
        put(pages, name, &page(&push));
    }
    put(pages, "removal-done", &removal(&done_removal()));
}

fn page(push: &PushResult) -> ResultPage<'_> {
    ResultPage {
        shell: shell("Push to Procore", NavItem::Log),
        head: head(WizardStep::Result),
        push,
        self_url: "result".into(),
        back: PageLink::new(BACK_TO_LOG, LOG),
        now: at("14:40"),
    }
}

fn removal(push: &PushResult) -> ResultPage<'_> {
    ResultPage {
        shell: shell("Remove lines from Procore", NavItem::Log),
        head: head_of_removal(push, PageLink::new(BACK_TO_LOG, LOG)),
        ..page(push)
    }
}

fn at(clock: &str) -> Timestamp {
    format!("2026-11-23T{clock}:00Z").parse().expect("a constant")
}

fn cor(number: &str, title: &str, amount: &str, stands: Stands, reason: &str) -> PushedCor {
    let amount: Amount = amount.parse().expect("a constant");
    PushedCor {
        cor_id: CorId(Uuid::nil()),
        number: number.into(),
        title: title.into(),
        previous: amount,
        planned: amount,
        gap: Amount::ZERO,
        goes: false,
        outcome: match stands {
            Stands::InProcore | Stands::InProcoreWithGap | Stands::Removed => OutcomeOfCor::Written,
            Stands::Refused => OutcomeOfCor::Refused,
            Stands::Changed => OutcomeOfCor::Changed,
            Stands::Cancelled => OutcomeOfCor::Cancelled,
            _ => OutcomeOfCor::Pending,
        },
        stands,
        reason: reason.into(),
    }
}

/// A push into CE 011.
fn pushed(heading: &str, state: StateOfPush, stands: Stands, cors: Vec<PushedCor>) -> PushResult {
    let target = EventTarget { id: Some(1.into()), number: "011".into(), title: "Level 3 coordination".into() };
    PushResult {
        draft_id: None,
        push_id: PushId(Uuid::nil()),
        purpose: Purpose::Write,
        confirmed_at: at("14:30"),
        heading: heading.into(),
        state,
        stands,
        finished: state == StateOfPush::Finished,
        next_at: None,
        expected_by: None,
        pushes_before: 0,
        made_again_at: None,
        looked_at: None,
        refused: false,
        may_be_said_absent: false,
        looks_first: false,
        reason: String::new(),
        asked_for: None,
        currency: Currency::Usd,
        event: PushedEvent {
            target,
            url: None,
            project_url: "https://procore.example/".into(),
            added_by_procore: None,
            says: String::new(),
        },
        cors,
        remedy: None,
    }
}

fn running() -> PushResult {
    let cors = vec![cor("014.1", RISER, "18450", Stands::Sending, ""), cor("032", CRANE, "41280", Stands::Waiting, "")];
    PushResult {
        expected_by: Some(at("14:43")),
        pushes_before: 41,
        ..pushed("Pushing 2 CORs to CE 011", StateOfPush::Sending, Stands::Sending, cors)
    }
}

fn paused() -> PushResult {
    let cors = vec![
        cor("014.1", RISER, "18450", Stands::InProcore, ""),
        cor("032", CRANE, "41280", Stands::Paused, ""),
        cor("033", "Fire watch during riser tie-in", "3960", Stands::Paused, ""),
    ];
    pushed("Pushing 3 CORs to CE 011", StateOfPush::Paused, Stands::Paused, cors)
}

fn stopped() -> PushResult {
    let cors = vec![cor("032", CRANE, "41280", Stands::Stopped, "")];
    PushResult {
        reason: sync::words::UNANSWERED.into(),
        ..pushed("Pushing 1 COR to CE 011", StateOfPush::Stopped, Stands::Stopped, cors)
    }
}

fn done() -> PushResult {
    let gap = "One line is locked in Procore (tied to RFQ 3): 1,200.00 of 29,104.75 are missing there.";
    let overtime = "Overtime to recover schedule after slab delay (premium portion only)";
    let cors = vec![
        cor("014.1", RISER, "18450", Stands::InProcore, ""),
        cor("012", overtime, "27904.75", Stands::InProcoreWithGap, gap),
        cor("013", "Credit: delete VAV boxes 3-14 through 3-19", "-12600", Stands::InProcore, ""),
    ];
    let mut done = pushed("3 CORs are in Procore", StateOfPush::Finished, Stands::InProcore, cors);
    done.event.url = Some("https://procore.example/".into());
    done
}

/// A new event whose answer was lost, ten minutes on.
fn looking() -> PushResult {
    let cors = vec![cor("032", CRANE, "41280", Stands::Checking, "")];
    let heading = "Pushing 1 COR to New Change Event · Tower crane relocation";
    let mut looking = PushResult {
        next_at: Some(at("14:47")),
        looked_at: Some(at("14:37")),
        made_again_at: Some(at("15:32")),
        may_be_said_absent: true,
        ..pushed(heading, StateOfPush::Uncertain, Stands::Checking, cors)
    };
    looking.event.target = EventTarget { title: "Tower crane relocation".into(), ..EventTarget::default() };
    looking
}

fn troubles() -> PushResult {
    let refused = "Procore refused line 3: budget code 23-2113.L was removed from the budget. Choose another code and push again.";
    let changed = "Somebody changed our lines in CE 011 after the plan was made. Nothing was written.";
    let cors = vec![
        cor("014.1", RISER, "18450", Stands::InProcore, ""),
        cor("010", "Relocate roof drains", "4420", Stands::Refused, refused),
        cor("007", "Soffit changes at lobby, bulletin 5", "6118", Stands::Changed, changed),
        cor("009", "Generator pad conduit", "-420", Stands::Cancelled, "It was set to Void before it was written."),
    ];
    let mut troubles = pushed("1 of 4 CORs are in Procore", StateOfPush::Finished, Stands::Refused, cors);
    troubles.event.url = Some("https://procore.example/".into());
    troubles
}

fn sign_in() -> PushResult {
    let cors = vec![cor("009", "Generator pad conduit", "-420", Stands::SignInNeeded, "")];
    PushResult {
        reason: "Your Procore sign-in has ended. Sign in again and this push goes on by itself.".into(),
        remedy: Some(Remedy::SignIn),
        ..pushed("Pushing 1 COR to CE 011", StateOfPush::Parked, Stands::SignInNeeded, cors)
    }
}

fn done_removal() -> PushResult {
    let then = "Now push it to the Change Event where it belongs.";
    let cors = vec![cor("032", CRANE, "41280", Stands::Removed, then)];
    let heading = "3 lines were removed from CE 011 · Level 3 coordination";
    PushResult { purpose: Purpose::Move, ..pushed(heading, StateOfPush::Finished, Stands::Removed, cors) }
}
