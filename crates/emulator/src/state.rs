//! Everything that changes, behind one lock.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::faults::FaultQueue;
use crate::journal::{Exchange, KEPT};
use crate::lag::Lag;
use crate::oauth::{OAuth, bearer};
use crate::rate::{RateLimits, Rates};
use crate::webhooks::Webhooks;
use crate::{Switches, World};

/// The emulator's whole memory.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) switches: Switches,
    pub(crate) limits: RateLimits,
    pub(crate) rates: Rates,
    pub(crate) faults: FaultQueue,
    pub(crate) journal: VecDeque<Exchange>,
    pub(crate) arrived: u64,
    pub(crate) oauth: OAuth,
    pub(crate) late: Vec<LateRequest>,
    pub(crate) webhooks: Webhooks,
    pub(crate) lag: Lag,
    /// First answers by `Idempotency-Token`.
    pub(crate) idempotent: HashMap<String, (u16, Value)>,
    random: Random,
}

/// A request that will be executed though its caller has gone.
#[derive(Debug, Clone)]
pub(crate) struct LateRequest {
    pub(crate) seq: u64,
    pub(crate) due: Timestamp,
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
}

impl State {
    pub(crate) fn new(world: World, switches: Switches, limits: RateLimits, oauth: OAuth, seed: u64) -> Self {
        Self {
            world,
            switches,
            limits,
            rates: Rates::default(),
            faults: FaultQueue::default(),
            journal: VecDeque::new(),
            arrived: 0,
            oauth,
            late: Vec::new(),
            webhooks: Webhooks::default(),
            lag: Lag::default(),
            idempotent: HashMap::new(),
            random: Random { seed, drawn: 0 },
        }
    }

    /// 64 hexadecimal digits that nobody can guess who doesn't know the seed.
    pub(crate) fn secret(&mut self) -> String {
        self.random.draw()
    }

    /// Under what the first answer to a request is kept; nothing where its `Idempotency-Token` is ignored, or missing.
    pub(crate) fn idempotency_key(&self, client: &str, path: &str, headers: &HeaderMap) -> Option<String> {
        let token = headers.get("idempotency-token")?.to_str().ok()?;
        self.switches.idempotency_honoured.then(|| format!("{client} {path} {token}"))
    }

    /// Keeps a server's failure as the first answer to a request, where that is switched on.
    pub(crate) fn keep_failure(&mut self, parts: &Parts, now: Timestamp, status: u16, text: &str) {
        let Ok(actor) = self.oauth.actor(bearer(&parts.headers).unwrap_or_default(), now) else { return };
        let key = self.idempotency_key(&actor.client_id, parts.uri.path(), &parts.headers);
        if let Some(key) = key.filter(|_| self.switches.idempotency_keeps_failures && status >= 500) {
            self.idempotent.entry(key).or_insert_with(|| (status, Value::String(text.to_owned())));
        }
    }

    /// Keeps an exchange, forgetting the oldest when there are too many.
    pub(crate) fn record(&mut self, exchange: Exchange) {
        if self.journal.len() == KEPT {
            self.journal.pop_front();
        }
        self.journal.push_back(exchange);
    }

    /// The recorded exchange with this number.
    pub(crate) fn exchange(&mut self, seq: u64) -> Option<&mut Exchange> {
        self.journal.iter_mut().rev().find(|exchange| exchange.seq == seq)
    }
}

/// A sequence of hashes of a seed: repeatable where the seed is given, unguessable where it is random.
#[derive(Debug, Clone)]
struct Random {
    seed: u64,
    drawn: u64,
}

impl Random {
    fn draw(&mut self) -> String {
        self.drawn += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.drawn.to_be_bytes());
        hex(&hash.finalize())
    }
}

/// Bytes as lower case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
