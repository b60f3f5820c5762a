//! A confirmed push: its change event, its plan and its requests.

use serde::{Deserialize, Serialize};

use super::push_plan::Plan;
use crate::{cor::Breakdown, ids::CorId, money::Currency};

/// A push as a person confirmed it. It never changes afterwards.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where to.
    pub target: Target,
    /// What, line by line, as the person saw it.
    pub plan: Plan,
    /// In which detail.
    pub breakdown: Breakdown,
    /// In which currency.
    pub currency: Currency,
    /// To what end.
    #[serde(default)]
    pub purpose: Purpose,
    /// The lines that are made for received CORs say that no revenue is expected, so that none follows their cost.
    #[serde(default)]
    pub no_revenue: bool,
}

/// What a push is for. All purposes go through the same protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Purpose {
    /// The lines that its CORs ask for.
    #[default]
    Write,
    /// Copies of a COR's lines go; the link stays.
    RemoveSurplus,
    /// All lines of a COR go, and the link with them.
    Unlink,
    /// The same, because the COR moves to another event. We remove first and write there later: in between the cost is missing, and
    /// the log says so. The other way round it would count twice and look right.
    Move,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 4] = [Self::Write, Self::RemoveSurplus, Self::Unlink, Self::Move];

    /// The word in addresses and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::RemoveSurplus => "remove_surplus",
            Self::Unlink => "unlink",
            Self::Move => "move",
        }
    }

    /// Whether lines are taken away, and nothing else.
    pub const fn removes(self) -> bool {
        !matches!(self, Self::Write)
    }

    /// What a push with this purpose is called: "This removal is over".
    pub const fn noun(self) -> &'static str {
        if self.removes() { "removal" } else { "push" }
    }

    /// The purpose of a [`Purpose::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }

    /// The purpose of a [`Purpose::code`] that takes lines away.
    pub fn removing(code: &str) -> Option<Self> {
        Self::from_code(code).filter(|purpose| purpose.removes())
    }
}

/// The change event a push goes to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// One that exists.
    Existing {
        /// Procore's id.
        event: i64,
        /// Its number, for words.
        number: String,
        /// Its title, for words.
        title: String,
        /// The prime contract for markup estimates to set, where a person chose one and the event has none.
        prime_contract: Option<i64>,
    },
    /// One to be made.
    New(NewEvent),
}

impl Target {
    /// "CE 011 · Level 3 coordination", or the title of a new one.
    pub fn name(&self) -> String {
        match self {
            Self::Existing { number, title, .. } => format!("CE {number} · {title}"),
            Self::New(new) => format!("New Change Event · {}", new.title),
        }
    }
}

/// A change event to be made.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct NewEvent {
    /// Left to Procore when empty.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// Procore's status id; required there.
    pub status: i64,
    /// `tbd`, `in_scope` or `out_of_scope`; required there.
    pub scope: Scope,
    /// Its type.
    pub change_type: Option<i64>,
    /// Its reason.
    pub change_reason: Option<i64>,
    /// The prime contract for markup estimates, where a person chose one.
    pub prime_contract: Option<i64>,
}

/// Whether the change is in the scope of the contract, in Procore's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scope {
    /// To be determined.
    #[default]
    Tbd,
    /// In scope.
    InScope,
    /// Out of scope.
    OutOfScope,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Tbd, Self::InScope, Self::OutOfScope];

    /// Procore's word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Tbd => "tbd",
            Self::InScope => "in_scope",
            Self::OutOfScope => "out_of_scope",
        }
    }

    /// The name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tbd => "TBD",
            Self::InScope => "In Scope",
            Self::OutOfScope => "Out of Scope",
        }
    }

    /// The scope of a [`Scope::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// CORs that go in one request. A push works off its batches in order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Batch {
    /// Whole CORs.
    pub cors: Vec<CorId>,
    /// When its first request left, in microseconds UTC. From then on we look before we send again.
    pub first_sent: Option<i64>,
    /// When its last request left, in microseconds UTC. That is the one we look for.
    #[serde(default)]
    pub last_sent: Option<i64>,
    /// When our last look found less than all of it, in microseconds UTC.
    #[serde(default)]
    pub looked_at: Option<i64>,
    /// Whether the last request was refused. It may have made the event anyway, so we look for it.
    #[serde(default)]
    pub refused: bool,
    /// Whether a person said that none of it is in Procore, so that we don't wait for a list that may lag behind.
    #[serde(default)]
    pub said_absent: bool,
    /// Whether it is the rest after a refusal that named other CORs. If it is refused again, it is halved.
    pub resent: bool,
    /// Whether Procore refused our back-reference (`external_data`) on a new event, so that only the marks of the lines identify it.
    #[serde(default)]
    pub bare: bool,
    /// Whether the last request was refused for its token. If a new token is refused too, the person has to sign in.
    #[serde(default)]
    pub token_refused: bool,
    /// How many requests in a row got no answer and left nothing that a look could find.
    #[serde(default)]
    pub unanswered: u32,
    /// How many times in a row Procore could not be reached.
    #[serde(default)]
    pub unreached: u32,
    /// How many requests in a row were refused because something else was writing there.
    #[serde(default)]
    pub contended: u32,
    /// How many requests were refused because the event exists already, though no list shows it. *Try again* keeps this count, so
    /// that it asks again at once if that is still so.
    #[serde(default)]
    pub taken: u32,
    /// Whether a necessary read after an answer failed, such as for lack of a permit. The next attempt reads with the priority of
    /// people.
    #[serde(default)]
    pub left_unread: bool,
    /// Counts the values that its requests carry as `Idempotency-Token`.
    #[serde(default)]
    pub turn: u32,
}

impl Batch {
    /// A batch of which nothing was sent.
    pub fn fresh(cors: Vec<CorId>) -> Self {
        Self {
            cors,
            first_sent: None,
            last_sent: None,
            looked_at: None,
            refused: false,
            said_absent: false,
            resent: false,
            bare: false,
            token_refused: false,
            unanswered: 0,
            unreached: 0,
            contended: 0,
            taken: 0,
            left_unread: false,
            turn: 0,
        }
    }

    /// Whether a request of it ever left. Then we look before we send or cancel it.
    pub const fn has_left(&self) -> bool {
        self.first_sent.is_some()
    }

    /// A request of it is about to leave.
    pub fn sending(&mut self, at: i64) {
        self.first_sent.get_or_insert(at);
        (self.last_sent, self.looked_at) = (Some(at), None);
        (self.refused, self.said_absent) = (false, false);
    }

    /// The batch with only these CORs left. Counts start again after progress.
    pub fn left_with(self, cors: Vec<CorId>) -> Self {
        let progress = cors.len() < self.cors.len();
        let unanswered = if progress { 0 } else { self.unanswered };
        Self { cors, token_refused: false, left_unread: false, unreached: 0, contended: 0, unanswered, ..self }
    }

    /// A person selected *Try again*: counts start again.
    pub fn try_anew(&mut self) {
        (self.unanswered, self.unreached, self.contended, self.token_refused) = (0, 0, 0, false);
        self.left_unread = false;
        self.ask_anew();
    }

    /// A request of it was answered: earlier missing answers no longer count.
    pub fn answered(&mut self) {
        (self.unanswered, self.contended) = (0, 0);
        self.ask_anew();
    }

    /// A request of it was refused. That says little about whether a new event was made.
    pub fn refused(&mut self) {
        self.refused = true;
        self.answered();
    }

    /// A request of it was refused because something else was writing there.
    pub fn contended(&mut self) {
        (self.unanswered, self.contended) = (0, self.contended + 1);
        self.ask_anew();
    }

    /// A request of it was refused because the event exists already, though no list shows it.
    pub fn taken(&mut self) {
        self.taken += 1;
        self.refused();
    }

    /// A request of it got no answer. We repeat it once with the same token, so that Procore can recognize it; then with a new one,
    /// in case Procore stored a failure for the old token.
    pub fn unanswered(&mut self) {
        self.unanswered += 1;
        if self.unanswered.is_multiple_of(2) {
            self.ask_anew();
        }
    }

    /// Gives the next request a token of its own, so that Procore doesn't repeat its last answer.
    pub fn ask_anew(&mut self) {
        self.turn += 1;
    }

    /// Two halves, each to be tried alone. Needs two CORs or more.
    pub fn halves(&self) -> [Self; 2] {
        let (a, b) = self.cors.split_at(self.cors.len() / 2);
        let half = |cors: &[CorId]| Self { cors: cors.to_vec(), ..self.clone() };
        [half(a), half(b)]
    }
}
