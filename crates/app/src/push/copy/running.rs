//! What a confirmed push says of itself: what happened, what comes next, and what to do.

use domain::procore::{push::Purpose, push_state::RequestedAction};
use jiff::{SignedDuration, Timestamp};

use crate::{
    push::{
        Control, Remedy,
        push_result::{PushResult, Stands, StateOfPush},
    },
    words::Text,
};

/// Procore did not answer a request.
pub const NO_ANSWER: &str = "Procore's answer did not come.";
/// Procore refused a request, and may have carried it out anyway.
pub const REFUSED: &str = "Procore refused it.";
/// Before the time of the next try.
pub const TRIED_AGAIN: &str = "We try again at ";
/// Of a paused push.
pub const PAUSED: &str = "We send nothing more until somebody resumes it.";
/// Before the time of a look for a change event that Procore may have made.
pub const EVENT_IS_CHECKED: &str = "We check whether Procore made the Change Event at ";
/// What follows where Procore refused a change event and no list shows it.
pub const SENT_AGAIN: &str = "we send it again";

impl PushResult {
    /// What happened, and what to do.
    pub fn says(&self, now: Timestamp) -> Text {
        match (self.state, self.next_at) {
            (StateOfPush::Queued, Some(due)) if due > now => {
                let why = if self.reason.is_empty() { String::new() } else { format!("{} ", self.reason) };
                Text::from(why).and(TRIED_AGAIN).clock(due, now).and(".").and(&self.asked_to_wait())
            }
            (StateOfPush::Uncertain, Some(at)) if self.purpose.removes() => Text::from(NO_ANSWER)
                .and(" We check which lines it removed at ")
                .clock(at, now)
                .and(" and send nothing before that."),
            (StateOfPush::Uncertain, Some(at)) => self.looking(at, now),
            (StateOfPush::Parked, _) => self.parked().into(),
            (StateOfPush::Changed | StateOfPush::Stopped, _) => self.reason.as_str().into(),
            (StateOfPush::Paused, _) => {
                let first = if self.looks_first { " Then we first check what Procore received." } else { "" };
                Text::from(PAUSED).and(first)
            }
            (StateOfPush::Cancelled, _) if self.purpose.removes() => {
                "The lines that were not removed stay in Procore.".into()
            }
            (StateOfPush::Cancelled, _) => "We send nothing more.".into(),
            _ => Text::default(),
        }
    }

    /// Why a push waits for a time to come, and who can have it go on sooner.
    fn asked_to_wait(&self) -> String {
        let who = match &self.remedy {
            Some(Remedy::EndWait { may: Ok(()), .. }) => "You can end the pause under Office Integrations.",
            Some(Remedy::EndWait { .. }) => "The Account Owner or an Admin of the office can end the pause.",
            _ => return String::new(),
        };
        format!(" Procore asked for a pause, or its limit is used up. {who}")
    }

    /// What we do about an answer that did not come, or that says too little, and what a person may do.
    fn looking(&self, look_at: Timestamp, now: Timestamp) -> Text {
        let why = if self.refused { REFUSED } else { NO_ANSWER };
        let text = Text::from(format!("{why} "));
        let Some(last) = self.made_again_at else {
            return text
                .and("We check what Procore received at ")
                .clock(look_at, now)
                .and("; nothing is written twice.");
        };
        let text = match self.looked_at {
            None => text.and(EVENT_IS_CHECKED),
            Some(at) => text
                .and("At ")
                .clock(at, now)
                .and(" Procore's list did not show the Change Event. The list may lag behind, so we check again at "),
        };
        let then = match self.asked_for {
            Some(RequestedAction::Cancel) => "we cancel the push",
            _ if self.refused => SENT_AGAIN,
            _ => "we make it again",
        };
        let text = text.clock(look_at, now).and(". If it is not there by ").clock(last, now).and(&format!(", {then}."));
        if self.may_be_said_absent {
            text.and(" To do that now, check in Procore, then confirm that it is not there.")
        } else {
            text
        }
    }

    /// What a parked push waits for: the reader, or who else.
    fn parked(&self) -> String {
        let (push, why) = (self.purpose.noun(), &self.reason);
        match &self.remedy {
            Some(Remedy::ConnectOffice { may: Ok(()), .. }) => {
                format!("The office is not connected to Procore. Connect it, and the {push} continues.")
            }
            Some(Remedy::ConnectOffice { may: Err(denied), .. }) => {
                format!("The office is not connected to Procore. The {push} continues once it is connected. {denied}")
            }
            Some(Remedy::SomebodySignsIn { name }) => {
                format!(
                    "{name} started this {push} and must sign in to Procore again. Then the {push} continues by itself."
                )
            }
            Some(Remedy::CheckConnection { may, .. }) => {
                let who = may.as_ref().err().map(|denied| format!(" {denied}")).unwrap_or_default();
                format!("{why} Then check the connection, and the {push} continues.{who}")
            }
            Some(Remedy::SignIn | Remedy::EndWait { .. }) | None => why.clone(),
        }
    }

    /// What somebody asked for that we have not carried out yet.
    pub fn asked_for_in_words(&self) -> Option<&'static str> {
        Some(match self.asked_for? {
            RequestedAction::Cancel if self.purpose.removes() => {
                "We are cancelling this removal. First we check which lines Procore already removed."
            }
            RequestedAction::Cancel => "We are cancelling this push. First we check what Procore received; that stays.",
            RequestedAction::Pause => "The pause begins as soon as Procore answers the request on its way.",
        })
    }

    /// How long it will take, if that is long enough to say.
    pub fn estimate(&self, now: Timestamp) -> Option<String> {
        let wait = self.expected_by?.duration_since(now);
        let before = match self.pushes_before {
            0 => String::new(),
            1 => " 1 push to the same Procore account goes first.".to_owned(),
            n => format!(" {n} pushes to the same Procore account go first."),
        };
        (wait >= SignedDuration::from_secs(20))
            .then(|| format!("{} more, unless others use up what Procore allows.{before}", about(wait)))
    }

    /// What the page of a removal is called.
    pub fn removal_title(&self) -> String {
        let cor = self.cors.first().map_or_else(|| "a COR".to_owned(), |cor| format!("COR {}", cor.number));
        match self.purpose {
            Purpose::Unlink => format!("Unlink {cor} and remove its lines"),
            Purpose::Move => format!("Move {cor}: remove its lines first"),
            Purpose::RemoveSurplus | Purpose::Write => format!("Remove the surplus of {cor}"),
        }
    }
}

impl Control {
    /// What it is called.
    pub fn label(self, push: &PushResult) -> &'static str {
        match self {
            Self::Pause => "Pause",
            Self::Resume => "Resume",
            Self::TryAgain => "Try again",
            Self::Cancel if push.purpose.removes() => "Cancel the removal",
            Self::Cancel => "Cancel the rest",
            Self::LookNow => "Look now",
            Self::NotThere if push.asked_for == Some(RequestedAction::Cancel) => "It is not in Procore: cancel",
            Self::NotThere => "It is not in Procore: make it again",
        }
    }

    /// What it does.
    pub fn title(self, push: &PushResult) -> &'static str {
        match self {
            Self::Pause => "Stops sending until you resume. A request already on its way finishes.",
            Self::Resume => "Sends the rest.",
            Self::TryAgain => "Checks what Procore has, then sends what is missing.",
            Self::Cancel if push.purpose.removes() => "Checks which lines Procore already removed. The others stay.",
            Self::Cancel => "Checks what Procore received and keeps it. Nothing more is sent.",
            Self::LookNow => "Checks Procore now. If it isn’t there yet, the next check comes as planned.",
            Self::NotThere => "Check in Procore first. If it is there after all, it will be there twice.",
        }
    }
}

impl Stands {
    /// In a word or two.
    pub fn name(self) -> &'static str {
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
}

fn about(wait: SignedDuration) -> String {
    let minutes = (wait.as_secs() + 59) / 60;
    match minutes {
        ..=1 => "About a minute".into(),
        2..=90 => format!("About {minutes} minutes"),
        _ => format!("About {} hours", (minutes + 30) / 60),
    }
}
