//! What a person may do with a push that is not over.

use domain::{procore::push_state::RequestedAction, role::Actor};

use super::{
    Remedy, Which, looking,
    push_result::{PushResult, StateOfPush},
    steer,
};
use crate::{App, Error};

/// A verb that steers a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    Pause,
    Resume,
    TryAgain,
    Cancel,
    /// Look now for what Procore received.
    LookNow,
    /// Say that what we look for is not in Procore.
    NotThere,
}

impl Control {
    const ALL: [Self; 6] = [Self::Pause, Self::Resume, Self::TryAgain, Self::Cancel, Self::LookNow, Self::NotThere];

    /// Its name in forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::TryAgain => "try-again",
            Self::Cancel => "cancel",
            Self::LookNow => "look-now",
            Self::NotThere => "not-there",
        }
    }

    /// The control of a [`Control::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|control| control.code() == code)
    }

    /// Whether it is the one thing to do.
    pub const fn is_primary(self) -> bool {
        matches!(self, Self::Resume | Self::TryAgain)
    }

    /// Does it.
    pub async fn carry_out(self, app: &App, actor: &Actor, which: Which) -> Result<(), Error> {
        match self {
            Self::Pause => steer::pause(app, actor, which).await,
            Self::Resume => steer::resume(app, actor, which).await,
            Self::TryAgain => steer::try_again(app, actor, which).await,
            Self::Cancel => steer::cancel(app, actor, which).await,
            Self::LookNow => looking::look_now(app, actor, which).await,
            Self::NotThere => looking::not_there(app, actor, which).await,
        }
    }
}

impl PushResult {
    /// What may be done with it while it is not over.
    pub fn controls(&self) -> Vec<Control> {
        if self.finished || self.asked_for == Some(RequestedAction::Cancel) {
            return Vec::new();
        }
        let go_on = match (self.state, self.asked_for) {
            (StateOfPush::Paused, _) | (_, Some(RequestedAction::Pause)) => Some(Control::Resume),
            (StateOfPush::Stopped, _) => Some(Control::TryAgain),
            (StateOfPush::Parked, _) => {
                matches!(self.remedy, Some(Remedy::CheckConnection { .. })).then_some(Control::TryAgain)
            }
            _ => Some(Control::Pause),
        };
        go_on.into_iter().chain([Control::Cancel]).collect()
    }

    /// What may be done beside that while we look for what Procore received.
    pub fn while_looking(&self) -> Vec<Control> {
        if self.state != StateOfPush::Uncertain {
            return Vec::new();
        }
        [Control::LookNow].into_iter().chain(self.may_be_said_absent.then_some(Control::NotThere)).collect()
    }
}
