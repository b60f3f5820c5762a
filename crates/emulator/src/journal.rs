//! The record of every request, for tests to count and operators to read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::FaultKind;

/// The journal forgets the oldest requests beyond this many.
pub(crate) const KEPT: usize = 5_000;

/// One request and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// Its place in the order of arrival, from 1.
    pub seq: u64,
    /// When it arrived, on the emulator's clock.
    pub at: Timestamp,
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Query string as sent.
    pub query: String,
    /// The route it matched, such as `/rest/v1.1/change_events/{id}`.
    pub route: Option<String>,
    /// Headers of note, lower case: company, content type, idempotency token, user agent.
    pub headers: BTreeMap<String, String>,
    /// The body: JSON as it was, a form as an object; client secrets are masked.
    pub body: Value,
    /// The `Procore-Company-Id` sent.
    pub company_id: Option<i64>,
    /// Who asked, by the access token.
    pub login: Option<String>,
    /// Whether the request was executed (perhaps later than it was sent).
    pub executed: bool,
    /// The status answered; none where no answer was given.
    pub status: Option<u16>,
    /// The JSON answered, or that would have been had the answer not been lost.
    pub answer: Value,
    /// The fault that met it.
    pub fault: Option<FaultKind>,
}

impl Exchange {
    /// Whether this was a REST or OAuth call (not a page of the HTML front).
    pub fn is_call(&self) -> bool {
        self.path.starts_with("/rest/") || self.path.starts_with("/oauth/token") || self.path == "/oauth/revoke"
    }

    /// Whether this call writes change events.
    pub fn writes_change_event(&self) -> bool {
        self.method != "GET" && self.path.starts_with("/rest/") && self.path.contains("/change_events")
    }
}
