//! The life of a push, and what the log says about a COR's place in Procore. Drawn in `docs/push-states.md`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the log shows in its Procore column: one word for each state a person may have to act on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum ProcoreState {
    /// Never pushed, or unlinked.
    NotInProcore,
    /// What we last wrote is what the COR says now.
    UpToDate,
    /// The COR changed since it was pushed.
    UpdateNeeded,
    /// A push is queued or being sent.
    InProgress,
    /// A push waits for its person to sign in to Procore again, or for the office to be connected.
    WaitingForSignIn,
    /// A push was tried often enough, or may not look: a person mends the cause and has it tried again.
    Stopped,
    /// A person paused the push.
    Paused,
    /// The answer never came; we look at what Procore received before anything else is sent.
    Checking,
    /// Procore refused the last push.
    Refused,
    /// A push stopped: what it would have touched was changed in Procore; a person decides.
    ChangedInProcore,
    /// Procore holds more lines with our marks than we know of: money counted twice until they are removed.
    Surplus,
    /// Procore names another currency than the COR's for what we wrote at par.
    OtherCurrency,
    /// Somebody edited a line of ours in Procore.
    LineChanged,
    /// Somebody removed a line of ours in Procore.
    LineRemoved,
    /// A line of ours was tied to something in Procore and can no longer be changed from outside.
    LineLocked,
    /// Somebody moved our money to another contract.
    ContractMoved,
    /// The change event has another status than when we last looked.
    EventStatusChanged,
    /// The change event was voided.
    EventVoided,
    /// The change event was deleted.
    EventDeleted,
    /// The change event had been deleted, and is there again.
    EventRestored,
    /// The change event is there and could not be read: nobody can tell what it holds.
    EventUnreadable,
}

impl ProcoreState {
    /// All states in the order of the filter.
    pub const ALL: [Self; 21] = [
        Self::NotInProcore,
        Self::UpToDate,
        Self::UpdateNeeded,
        Self::InProgress,
        Self::WaitingForSignIn,
        Self::Stopped,
        Self::Paused,
        Self::Checking,
        Self::Refused,
        Self::ChangedInProcore,
        Self::Surplus,
        Self::OtherCurrency,
        Self::LineChanged,
        Self::LineRemoved,
        Self::LineLocked,
        Self::ContractMoved,
        Self::EventStatusChanged,
        Self::EventVoided,
        Self::EventDeleted,
        Self::EventRestored,
        Self::EventUnreadable,
    ];

    /// The words on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotInProcore => "Not in Procore",
            Self::UpToDate => "Up to date",
            Self::UpdateNeeded => "Update needed",
            Self::InProgress => "In progress",
            Self::WaitingForSignIn => "Waiting for sign-in",
            Self::Stopped => "Stopped",
            Self::Paused => "Paused",
            Self::Checking => "Checking",
            Self::Refused => "Refused",
            Self::ChangedInProcore => "Changed in Procore",
            Self::Surplus => "Surplus in Procore",
            Self::OtherCurrency => "Other currency",
            Self::LineChanged => "Line changed",
            Self::LineRemoved => "Line removed",
            Self::LineLocked => "Line locked",
            Self::ContractMoved => "Contract moved",
            Self::EventStatusChanged => "Event status changed",
            Self::EventVoided => "Event voided",
            Self::EventDeleted => "Event deleted",
            Self::EventRestored => "Event restored",
            Self::EventUnreadable => "Event can’t be read",
        }
    }

    /// The word in the database, URLs and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotInProcore => "not_in_procore",
            Self::UpToDate => "up_to_date",
            Self::UpdateNeeded => "update_needed",
            Self::InProgress => "in_progress",
            Self::WaitingForSignIn => "waiting_for_sign_in",
            Self::Stopped => "stopped",
            Self::Paused => "paused",
            Self::Checking => "checking",
            Self::Refused => "refused",
            Self::ChangedInProcore => "changed_in_procore",
            Self::Surplus => "surplus",
            Self::OtherCurrency => "other_currency",
            Self::LineChanged => "line_changed",
            Self::LineRemoved => "line_removed",
            Self::LineLocked => "line_locked",
            Self::ContractMoved => "contract_moved",
            Self::EventStatusChanged => "event_status_changed",
            Self::EventVoided => "event_voided",
            Self::EventDeleted => "event_deleted",
            Self::EventRestored => "event_restored",
            Self::EventUnreadable => "event_unreadable",
        }
    }

    /// The state of a [`ProcoreState::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The states for which the log raises an alert.
    pub fn alerts() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|state| state.needs_attention())
    }

    /// Whether the log raises an alert for it.
    pub const fn needs_attention(self) -> bool {
        matches!(
            self,
            Self::UpdateNeeded
                | Self::WaitingForSignIn
                | Self::Stopped
                | Self::Paused
                | Self::Refused
                | Self::ChangedInProcore
                | Self::EventRestored
                | Self::EventUnreadable
        ) || self.is_disagreement()
    }

    /// Whether Procore and we say something different about the money. Nothing is silently overwritten then: a person
    /// decides, and an edit of the COR doesn't hide it.
    pub const fn is_disagreement(self) -> bool {
        matches!(
            self,
            Self::Surplus
                | Self::OtherCurrency
                | Self::LineChanged
                | Self::LineRemoved
                | Self::ContractMoved
                | Self::EventVoided
                | Self::EventDeleted
        )
    }

    /// Whether it tells of something somebody did in Procore, as found by reading it again.
    pub const fn is_drift(self) -> bool {
        matches!(self, Self::LineLocked | Self::EventStatusChanged | Self::EventRestored | Self::EventUnreadable)
            || self.is_disagreement()
    }

    /// Whether a push owns the link, so that no other may begin.
    pub const fn is_busy(self) -> bool {
        matches!(self, Self::InProgress | Self::WaitingForSignIn | Self::Stopped | Self::Paused | Self::Checking)
    }
}

/// Where a push is. A state is a type with its data; a worker moves it one transition at a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PushState {
    /// To be sent, not before `due`. Nothing of the current batch has left, or what had left was found not executed.
    Queued {
        /// Not before then.
        due: Timestamp,
    },
    /// Recorded before the first byte leaves: after a crash here nobody knows what Procore received.
    Sending {
        /// When this attempt began.
        since: Timestamp,
    },
    /// The answer is unknown. Nothing is written before a look, and no look before the longest life of a request ended.
    Uncertain {
        /// Look at what Procore received then.
        look_at: Timestamp,
    },
    /// Waits for a person: to sign in to Procore again, or to connect the office again.
    Parked {
        /// In words.
        why: String,
        /// Whether the current batch may have been sent, so that a look comes first.
        uncertain: bool,
    },
    /// Trying again by itself has no end in sight: a person mends the cause and asks for another try.
    Stopped {
        /// In words.
        why: String,
        /// Set when the current batch may have been sent: a look comes first, not before then.
        look_at: Option<Timestamp>,
    },
    /// A person paused it between two requests.
    Paused {
        /// Set when the current batch may have been sent: a look comes first, not before then.
        look_at: Option<Timestamp>,
    },
    /// Every COR of it was written or refused.
    Finished,
    /// A person took back what was not written yet.
    Cancelled,
    /// Stopped: what it would have touched was changed in Procore meanwhile.
    Changed {
        /// In words.
        why: String,
    },
}

impl PushState {
    /// The word in the database and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Queued { .. } => "queued",
            Self::Sending { .. } => "sending",
            Self::Uncertain { .. } => "uncertain",
            Self::Parked { .. } => "parked",
            Self::Stopped { .. } => "stopped",
            Self::Paused { .. } => "paused",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Changed { .. } => "changed",
        }
    }

    /// Whether no worker will touch it again.
    pub const fn is_at_rest(&self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Changed { .. })
    }

    /// Whether no worker touches it until a person has acted.
    pub const fn waits_for_a_person(&self) -> bool {
        matches!(self, Self::Parked { .. } | Self::Stopped { .. } | Self::Paused { .. })
    }

    /// Whether something of the current batch may have been sent of which nobody knows what became.
    pub const fn is_in_question(&self) -> bool {
        matches!(
            self,
            Self::Sending { .. }
                | Self::Uncertain { .. }
                | Self::Parked { uncertain: true, .. }
                | Self::Stopped { look_at: Some(_), .. }
                | Self::Paused { look_at: Some(_) }
        )
    }

    /// What the log says of the CORs that this push has not settled yet.
    pub const fn shown_as(&self) -> ProcoreState {
        match self {
            Self::Queued { .. } | Self::Sending { .. } => ProcoreState::InProgress,
            Self::Uncertain { .. } | Self::Parked { uncertain: true, .. } => ProcoreState::Checking,
            Self::Parked { .. } => ProcoreState::WaitingForSignIn,
            Self::Stopped { .. } => ProcoreState::Stopped,
            Self::Paused { .. } => ProcoreState::Paused,
            Self::Finished => ProcoreState::UpToDate,
            Self::Cancelled => ProcoreState::NotInProcore,
            Self::Changed { .. } => ProcoreState::ChangedInProcore,
        }
    }

    /// Whether the state machine has this arrow. The store refuses any other.
    pub fn may_become(&self, next: &Self) -> bool {
        use PushState as S;
        match self {
            S::Queued { .. } => match next {
                S::Stopped { look_at, .. } | S::Paused { look_at } => look_at.is_none(),
                S::Uncertain { .. } => false,
                _ => true,
            },
            S::Sending { .. } => !matches!(next, S::Sending { .. }),
            S::Uncertain { .. } => !matches!(next, S::Sending { .. }),
            // What may have been sent is looked for before anything else, taking it back included.
            S::Parked { uncertain: true, .. }
            | S::Stopped { look_at: Some(_), .. }
            | S::Paused { look_at: Some(_) } => {
                matches!(next, S::Uncertain { .. })
            }
            S::Parked { .. } | S::Stopped { .. } | S::Paused { .. } => {
                matches!(next, S::Queued { .. } | S::Cancelled | S::Finished)
            }
            S::Finished | S::Cancelled | S::Changed { .. } => false,
        }
    }
}

/// What a person asks of a push that is under way. It is carried out between two requests, never during one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestedAction {
    /// Nothing more is sent until somebody resumes it.
    Pause,
    /// What was not written is taken back.
    Cancel,
}

impl RequestedAction {
    /// Both actions.
    pub const ALL: [Self; 2] = [Self::Pause, Self::Cancel];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Cancel => "cancel",
        }
    }

    /// The action of a [`RequestedAction::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.code() == code)
    }
}

/// How one COR of a push ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum CorOutcome {
    /// Not settled yet.
    Pending,
    /// In Procore as planned.
    Written,
    /// Refused, with what to do.
    Refused {
        /// In words.
        why: String,
    },
    /// Not written because something was changed in Procore meanwhile.
    Changed {
        /// In words.
        why: String,
    },
    /// Taken back by a person before it was written.
    Cancelled,
}

impl CorOutcome {
    /// The word in the database and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Written => "written",
            Self::Refused { .. } => "refused",
            Self::Changed { .. } => "changed",
            Self::Cancelled => "cancelled",
        }
    }
}
