//! The record of pushes: who pushed, with which Procore login, and Procore's id of each request.
//!
//! Entries are only ever added, each sealed to the one before it ([`chain`]). An entry about a COR has two parts: one that both
//! of its companies may read, and one for the pushing company alone.

pub mod chain;
mod words;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{CorId, Entropy, PersonId, ProjectId, PushId},
    procore::{Amount, amount::exact},
};

/// Something that happened, before it is sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// When.
    pub at: Timestamp,
    /// In which project.
    pub project: ProjectId,
    /// In which push, if in one.
    pub push: Option<PushId>,
    /// What.
    pub event: AuditEvent,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditEvent {
    /// Something about a push as a whole, for the pushing company alone.
    Push(Step),
    /// Something about one COR.
    Cor {
        /// Which.
        cor: CorId,
        /// What the other company may read as well.
        told: SharedEntry,
        /// What only the pushing company may.
        kept: PrivateEntry,
    },
}

/// What Procore said about one exchange.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ProcoreResponse {
    /// Its status, when it was not a success; nothing if no answer came.
    pub status: Option<u16>,
    /// Procore's name for the exchange, to be quoted to its support.
    pub request_id: Option<String>,
    /// Procore's words, or what went wrong.
    pub message: String,
}

/// A step of a push.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// A person confirmed the plan.
    Confirmed {
        /// Who.
        by: String,
        /// Their id.
        person: PersonId,
        /// Their login in Procore.
        login: Option<String>,
        /// The Procore account.
        account: i64,
        /// The Procore project.
        project: i64,
        /// The change event, in words.
        into: String,
        /// The change event, if it exists.
        event: Option<i64>,
        /// How many CORs.
        cors: usize,
        /// How many lines the plan writes.
        writes: usize,
        /// Their planned total in Procore.
        #[serde(with = "exact")]
        planned: Amount,
        /// Their total in Procore before.
        #[serde(with = "exact")]
        before: Amount,
        /// ISO 4217.
        currency: String,
    },
    /// A request was about to leave.
    Sending {
        /// Counts the requests of the push.
        attempt: i64,
        /// As whom in Procore.
        login: Option<String>,
        /// The change event, if it exists.
        event: Option<i64>,
        /// How many CORs it is for.
        cors: usize,
    },
    /// Procore carried the request out.
    Answered {
        /// Which request.
        attempt: i64,
        /// What Procore said.
        response: ProcoreResponse,
        /// The change event.
        event: Option<i64>,
        /// Its number.
        number: String,
        /// How many CORs were settled by it.
        settled: usize,
        /// Where the push goes on.
        next: String,
    },
    /// Procore refused the request.
    Refused {
        /// Which request.
        attempt: i64,
        /// What Procore said.
        response: ProcoreResponse,
        /// How many CORs were settled by it.
        settled: usize,
        /// Where the push goes on.
        next: String,
    },
    /// Procore surely did not carry out the request; it goes again.
    NotExecuted {
        /// Which request.
        attempt: i64,
        /// What Procore said, or what went wrong.
        response: ProcoreResponse,
    },
    /// Nobody knows whether the request was carried out.
    Uncertain {
        /// Which request.
        attempt: i64,
        /// What went wrong.
        response: ProcoreResponse,
        /// When Procore will be asked.
        look_at: Timestamp,
    },
    /// We looked at what Procore holds and sent nothing.
    Looked {
        /// How many requests had been sent before.
        attempt: i64,
        /// What Procore said.
        response: ProcoreResponse,
        /// The change event, if it was found.
        event: Option<i64>,
        /// How many CORs were settled by it.
        settled: usize,
        /// Where the push goes on.
        next: String,
    },
    /// A person said that the event is not in Procore, so we don't wait for a list that may lag behind.
    SaidAbsent {
        /// Who.
        by: String,
        /// Which request.
        attempt: i64,
    },
    /// The push waits for a person.
    Parked {
        /// In words.
        why: String,
        /// Whether a request may have been carried out.
        uncertain: bool,
    },
    /// We stopped trying until a person acts.
    Stopped {
        /// In words.
        why: String,
        /// Whether a request may have been carried out.
        uncertain: bool,
    },
    /// A person paused the push.
    Paused {
        /// Whether a request may have been carried out.
        uncertain: bool,
    },
    /// A person cancelled the unwritten rest, none of which was on its way.
    Cancelled {
        /// How many CORs.
        cors: usize,
    },
    /// The push goes on after it waited for a person.
    Resumed {
        /// Whether Procore is looked at first.
        uncertain: bool,
    },
}

impl Step {
    /// The word in the database, the export and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Confirmed { .. } => "confirmed",
            Self::Sending { .. } => "sending",
            Self::Answered { .. } => "answered",
            Self::Refused { .. } => "refused",
            Self::NotExecuted { .. } => "not_executed",
            Self::Uncertain { .. } => "uncertain",
            Self::Looked { .. } => "looked",
            Self::SaidAbsent { .. } => "said_absent",
            Self::Parked { .. } => "parked",
            Self::Stopped { .. } => "stopped",
            Self::Paused { .. } => "paused",
            Self::Cancelled { .. } => "cancelled",
            Self::Resumed { .. } => "resumed",
        }
    }
}

/// The part of an entry that both companies of a COR may read. It names no budget code, contract, other COR or Procore login.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SharedEntry {
    /// A person asked to push it.
    CorAsked {
        /// The COR's number.
        number: String,
        /// Who.
        by: String,
        /// Its planned total in Procore.
        #[serde(with = "exact")]
        planned: Amount,
        /// What Procore held of it before.
        #[serde(with = "exact")]
        before: Amount,
        /// ISO 4217.
        currency: String,
    },
    /// It is in Procore.
    CorWritten {
        /// The COR's number.
        number: String,
        /// Who had asked for it.
        by: String,
        /// The number of the change event.
        event: String,
        /// What Procore holds of it.
        #[serde(with = "exact")]
        amount: Amount,
        /// What Procore held of it before.
        #[serde(with = "exact")]
        before: Amount,
        /// ISO 4217.
        currency: String,
        /// Procore's name for the exchange that wrote it, or that found it written.
        request_id: Option<String>,
    },
    /// Lines of it were removed from Procore: copies of them, or all.
    CorRemoved {
        /// The COR's number.
        number: String,
        /// Who had asked for it.
        by: String,
        /// The number of the change event.
        event: String,
        /// What went.
        #[serde(with = "exact")]
        amount: Amount,
        /// What is locked there and offset by adjustment lines instead of being removed.
        #[serde(default, skip_serializing_if = "is_nothing", with = "exact")]
        made_up: Amount,
        /// ISO 4217.
        currency: String,
        /// Procore's name for the exchange that removed it, or that found it gone.
        request_id: Option<String>,
    },
    /// Procore refused it.
    CorRefused {
        /// The COR's number.
        number: String,
        /// Who had asked for it.
        by: String,
        /// Procore's name for the exchange.
        request_id: Option<String>,
    },
    /// Its push stopped, because somebody had changed it in Procore.
    CorStopped {
        /// The COR's number.
        number: String,
        /// Who had asked for it.
        by: String,
    },
    /// A person cancelled its push before it was written.
    CorTakenBack {
        /// The COR's number.
        number: String,
        /// Who had asked for the push.
        by: String,
    },
    /// A person decided something about it, such as to unlink it.
    CorDecided {
        /// The COR's number.
        number: String,
        /// Who.
        by: String,
        /// What, in words that go on from a name: "unlinked it; its lines stay in Procore".
        decision: String,
    },
}

impl SharedEntry {
    /// The word in the database, the export and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CorAsked { .. } => "cor_asked",
            Self::CorWritten { .. } => "cor_written",
            Self::CorRemoved { .. } => "cor_removed",
            Self::CorRefused { .. } => "cor_refused",
            Self::CorStopped { .. } => "cor_stopped",
            Self::CorTakenBack { .. } => "cor_taken_back",
            Self::CorDecided { .. } => "cor_decided",
        }
    }
}

fn is_nothing(amount: &Amount) -> bool {
    *amount == Amount::ZERO
}

/// The part of an entry for the pushing company alone, beside a [`SharedEntry`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PrivateEntry {
    /// Random, so that nobody can guess this part from its hash.
    pub salt: String,
    /// As whom in Procore.
    pub login: Option<String>,
    /// The change event.
    pub event: Option<i64>,
    /// Why, in words.
    pub why: String,
    /// The lines, as Procore has them now.
    pub lines: Vec<Line>,
}

/// A line as the record keeps it: a type of its own, so that stored entries don't change with the planner.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Procore's id.
    pub id: i64,
    /// Its number within the COR's link, part of its mark.
    pub ordinal: u32,
    /// What it says; nothing when it was removed.
    #[serde(with = "exact::or_none")]
    pub amount: Option<Amount>,
    /// Procore's WBS code.
    pub budget_code: Option<i64>,
    /// The commitment.
    pub contract: Option<i64>,
}

impl PrivateEntry {
    /// With its salt, and nothing else.
    pub fn salted(entropy: &dyn Entropy) -> Self {
        let mut salt = [0u8; 16];
        entropy.fill(&mut salt);
        Self { salt: format!("{:032x}", u128::from_be_bytes(salt)), ..Self::default() }
    }
}

impl AuditEvent {
    /// The word in the database, the export and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Push(step) => step.code(),
            Self::Cor { told, .. } => told.code(),
        }
    }

    /// The COR, if it is about one.
    pub const fn cor(&self) -> Option<CorId> {
        match self {
            Self::Push(_) => None,
            Self::Cor { cor, .. } => Some(*cor),
        }
    }

    /// Both parts as JSON: what both companies may read, and what one may.
    pub fn parts(&self) -> Result<(String, String), serde_json::Error> {
        match self {
            Self::Push(step) => Ok(("{}".to_owned(), serde_json::to_string(step)?)),
            Self::Cor { told, kept, .. } => Ok((serde_json::to_string(told)?, serde_json::to_string(kept)?)),
        }
    }

    /// The event that [`AuditEvent::parts`] made these of.
    pub fn read(cor: Option<CorId>, told: &str, kept: &str) -> Result<Self, serde_json::Error> {
        match cor {
            None => Ok(Self::Push(serde_json::from_str(kept)?)),
            Some(cor) => Ok(Self::Cor { cor, told: serde_json::from_str(told)?, kept: serde_json::from_str(kept)? }),
        }
    }
}
