//! Identifiers: one type per noun, so that an office can never be taken for a project.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where random bytes come from. The product passes the operating system's generator, tests a seeded one.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random data.
    fn fill(&self, bytes: &mut [u8]);
}

/// A fresh UUID version 7 (RFC 9562 §5.7): its bytes sort by the time it was made, on both databases.
pub fn fresh_uuid(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0u8; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier, made at `now`.
            pub fn fresh(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(fresh_uuid(now, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

id! {
    /// A company: a contractor when it sends CORs, a customer when it receives them.
    CompanyId,
    /// An office of a company; it owns the Procore integration.
    OfficeId,
    /// A person who signs in.
    PersonId,
    /// A project, shared by the companies that work on it.
    ProjectId,
    /// A contract between a customer and a contractor on a project.
    ContractId,
    /// A change order request.
    CorId,
    /// One line item of a COR.
    LineItemId,
    /// A request for pricing that a customer sends to contractors.
    ChangeNotificationId,
    /// A person's sign-in to Procore.
    LoginId,
    /// The tie between one COR of one company and one change event.
    LinkId,
    /// The wizard's stored draft of a push.
    DraftId,
    /// One confirmed push: a set of CORs into one change event.
    PushId,
    /// An entry of the activity feed.
    ActivityId,
    /// A hook of ours at Procore, through which it tells of changes.
    WebhookId,
    /// A bearer token for the JSON API.
    ApiTokenId,
    /// A reconciliation that was signed off.
    ReconciliationId,
}
