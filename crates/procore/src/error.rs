//! What can go wrong, sorted by who acts next.

use std::time::Duration;

use jiff::Timestamp;

/// Who has to do something about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The same request may be sent again later, as it is.
    RetryLater,
    /// A write may have been executed: wait until it can no longer be, read what Procore has, and only then write again.
    LookFirst,
    /// The person has to sign in to Procore again.
    SignInAgain,
    /// The person has to be told: something in the request, their rights or Procore's data must change first.
    TellUser,
    /// Neither waiting nor the person helps: configuration, or a Procore that does not behave as documented.
    WakeOperator,
}

/// Whether Procore carried out the request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Executed {
    /// Surely not.
    No,
    /// Procore refused it, but does not document that a refused write leaves nothing behind: read before writing again.
    PerhapsInPart,
    /// It may have been carried out, or may still be.
    Unknown,
}

/// One sentence of Procore's about what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The field it is about, as a dotted path (`change_items.budget_code`); absent for a general one.
    pub field: Option<String>,
    /// Procore's words. Plain text of at most 500 characters; to be escaped like any foreign text.
    pub text: String,
}

/// Why a call to Procore gave no answer to use. It never holds a token or a whole body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing reached Procore: no such host, connection refused, TLS failed.
    #[error("Procore could not be reached: {0}")]
    NotSent(String),
    /// 429: one of Procore's two limits is used up. Wait for the later of both; neither is there when Procore named none.
    #[error("Procore's rate limit is used up")]
    RateLimited {
        /// When the limit is renewed, by `X-Rate-Limit-Reset` and by `Retry-After` counted from Procore's own `Date`: on
        /// Procore's clock, which may be another than ours.
        until: Option<Timestamp>,
        /// The same as a time span from now; only `Retry-After` where Procore's clock isn't known.
        retry_after: Option<Duration>,
    },
    /// A read found no answer: 408, 5xx, a timeout or a cut connection. Reading again is harmless.
    #[error("Procore is not available: {reason}")]
    Unavailable {
        /// Procore's status; absent if the connection failed.
        status: Option<u16>,
        /// How long Procore asks us to wait.
        retry_after: Option<Duration>,
        /// For logs.
        reason: String,
    },
    /// Whether a write was executed is not known: a timeout, a cut connection, 408, any 5xx, or a 2xx nobody can read.
    /// Sending it again may double it. For a token refresh it means that the old refresh token may be used up.
    #[error("it is not known whether Procore executed the request: {reason}")]
    Uncertain {
        /// For logs.
        reason: String,
        /// How long Procore asks us to wait, which says when to look.
        look_after: Option<Duration>,
    },
    /// The login is no longer valid: 401, or a refresh token or code that is used up.
    #[error("a new sign-in to Procore is needed: {0}")]
    SignInAgain(String),
    /// 403: nobody has installed this app in the Procore company yet; the sign-in itself was fine.
    #[error("the app is not connected to this Procore company")]
    AppNotConnected,
    /// 403: this person lacks the right, or the tool is switched off in the project.
    #[error("Procore forbids this: {}", texts(.0))]
    Forbidden(Vec<Message>),
    /// 404: not there, or not visible to this person. Procore does not tell the two apart.
    #[error("Procore does not have this, or does not show it to this person")]
    NotFound,
    /// 404 with a page instead of JSON: Procore has no such path. A tool that is switched off may answer so too.
    #[error("Procore does not know this path")]
    NoSuchPath,
    /// A write was refused because another one to the same record was under way (409, 423, or a refusal that says so). Read
    /// what Procore has, and send what is missing again later.
    #[error("Procore refused ({status}), because something else was writing there: {}", texts(messages))]
    Contended {
        /// HTTP status.
        status: u16,
        /// All that Procore says about it; may be empty.
        messages: Vec<Message>,
        /// How long Procore asks us to wait.
        retry_after: Option<Duration>,
    },
    /// Procore understood the request and says no (400, 405, 406, 409, 413, 422, …).
    #[error("Procore refused ({status}): {}", texts(messages))]
    Refused {
        /// HTTP status.
        status: u16,
        /// All that Procore says about it; may be empty.
        messages: Vec<Message>,
    },
    /// A read found a record that is not as documented: what is wrong with it, in words that quote none of it.
    #[error("what Procore answered can't be read: {0}")]
    Odd(String),
    /// An answer that no document explains.
    #[error("unexpected: {0}")]
    Unexpected(String),
    /// A wrong configuration, or a use of this client that cannot work.
    #[error("misused: {0}")]
    Misused(String),
}

/// A write that gave no answer to use, with Procore's name for the exchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Failed {
    /// Why.
    pub error: Error,
    /// Procore's status; absent if no answer came.
    pub status: Option<u16>,
    /// To be quoted to Procore's support; absent if no answer came, or none was named.
    pub request_id: Option<String>,
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

/// Before anything was sent.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, status: None, request_id: None }
    }
}

impl Error {
    /// Who acts next.
    pub fn next(&self) -> Next {
        match self {
            Error::NotSent(_) | Error::RateLimited { .. } | Error::Unavailable { .. } | Error::Contended { .. } => {
                Next::RetryLater
            }
            Error::Uncertain { .. } => Next::LookFirst,
            Error::SignInAgain(_) => Next::SignInAgain,
            Error::AppNotConnected | Error::Forbidden(_) | Error::NotFound | Error::Odd(_) | Error::Refused { .. } => {
                Next::TellUser
            }
            Error::NoSuchPath | Error::Unexpected(_) | Error::Misused(_) => Next::WakeOperator,
        }
    }

    /// Whether the request was carried out all the same.
    pub fn executed(&self) -> Executed {
        match self {
            // A page may be anybody's on the way.
            Error::Uncertain { .. } | Error::NoSuchPath | Error::Unexpected(_) | Error::Misused(_) => Executed::Unknown,
            Error::Refused { .. } | Error::Contended { .. } => Executed::PerhapsInPart,
            // An `Unavailable` read has no effect that could have been executed.
            Error::NotSent(_)
            | Error::RateLimited { .. }
            | Error::Unavailable { .. }
            | Error::SignInAgain(_)
            | Error::AppNotConnected
            | Error::Forbidden(_)
            | Error::Odd(_)
            | Error::NotFound => Executed::No,
        }
    }

    /// What Procore itself says about it, for the person; empty for all that is not theirs to read.
    pub fn messages(&self) -> &[Message] {
        match self {
            Error::Forbidden(messages) | Error::Refused { messages, .. } | Error::Contended { messages, .. } => {
                messages
            }
            _ => &[],
        }
    }
}

fn texts(messages: &[Message]) -> String {
    let one = |m: &Message| m.field.as_ref().map_or_else(|| m.text.clone(), |field| format!("{field}: {}", m.text));
    messages.iter().map(one).collect::<Vec<_>>().join("; ")
}
