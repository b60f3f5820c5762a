//! What everything that talks to Procore is given: the store, the clock, randomness, the client and the settings.

use std::{sync::Arc, time::Duration};

use domain::Entropy;
use jiff::{SignedDuration, Timestamp};
use procore::Procore;
use store::Store;
use url::Url;

use crate::{clock::Clock, logged_once::LoggedOnce, vault::Vault, vitals::Vitals};

/// One process of an instance, as far as it needs no pages. Clones share everything.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where random bytes come from.
    pub entropy: Arc<dyn Entropy>,
    /// The client of Procore.
    pub procore: Procore,
    /// Secrets at rest.
    pub vault: Vault,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// Told whenever an outbox row is written, so that the worker of this process need not wait for its next look.
    pub wake: Arc<tokio::sync::Notify>,
    /// How the worker of this process fares.
    pub vitals: Arc<Vitals>,
    /// What was logged once.
    pub logged_once: Arc<LoggedOnce>,
}

/// What the operator set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach this instance, and Procore delivers: the base of redirects and links, without a path.
    pub public_url: Url,
    /// Nothing is written again before so long after the attempt that has no answer was recorded. A request that Procore
    /// executes within all but eleven seconds of it is never doubled: it leaves up to five seconds after it was recorded, our
    /// clocks may be four seconds apart, and Procore may show it two seconds late.
    pub push_quarantine: SignedDuration,
    /// How much later than it was made lists of Procore may show a change event. One that we meant to make and that has no
    /// answer is not made again before.
    pub push_list_lag: SignedDuration,
    /// How often each project's change events are read for what somebody changed there.
    pub reconcile_every: SignedDuration,
    /// How long we wait for an answer of Procore; shorter than the quarantine.
    pub procore_timeout: Duration,
    /// Whether Procore is asked to tell of changes, at the public URL.
    pub webhooks: bool,
}

impl Context {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
