//! Any request, and its answer as it came: for finding out how Procore behaves, not for doing anything with it.

use http::{HeaderMap, Method};
use jiff::SignedDuration;
use serde_json::Value;

use super::Session;
use crate::{
    error::Error,
    problem::Effect,
    rate::{self, Rate},
    send::{Call, Reply, without_nul},
};

/// A request by its parts.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// GET, POST, PATCH or DELETE.
    pub method: Method,
    /// Below the API host, without a slash at its beginning.
    pub path: String,
    /// In this order.
    pub query: Vec<(&'static str, String)>,
    /// Sent as JSON.
    pub body: Option<Value>,
    /// Whether `Procore-Company-Id` goes along.
    pub names_company: bool,
    /// Requests with the same body and occasion carry the same `Idempotency-Token`.
    pub occasion: Option<String>,
}

/// An answer of any status.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: u16,
    /// As they came. They hold no secret of ours.
    pub headers: HeaderMap,
    /// The body, if it is JSON.
    pub json: Option<Value>,
    /// Bytes of the body.
    pub length: usize,
}

impl RawAnswer {
    /// What is left of the limits, as this answer says.
    pub fn rate(&self) -> Option<Rate> {
        rate::rate(&self.headers)
    }

    /// How far ahead the limit's reset lies, by the answer's own clock.
    pub fn reset_in(&self) -> Option<SignedDuration> {
        self.rate().zip(rate::date(&self.headers)).map(|(rate, date)| rate.reset.duration_since(date))
    }
}

impl Session {
    /// Sends it once, through the gate like any other request.
    ///
    /// # Errors
    /// Where there is no answer. An answer of any status is none.
    pub async fn ask(&self, request: RawRequest) -> Result<RawAnswer, Error> {
        const TEMPLATE: &str = "(a request of the check)";
        let query: Vec<_> = request.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (url, method) = (self.url(&request.path, &query), request.method);
        let effect = if method == Method::GET { Effect::Harmless } else { Effect::Writes };
        let mut call = Call::get(TEMPLATE, url.clone());
        if let Some(body) = &request.body {
            call = Call::json(method.clone(), TEMPLATE, url, body, request.occasion.as_deref().unwrap_or_default());
        }
        if request.occasion.is_none() {
            call.idempotency_token = None;
        }
        (call.method, call.effect) = (method, effect);
        let company = if request.names_company { self.company } else { None };
        let reply = self.procore.send(self.signed(call, company)).await?;
        Ok(RawAnswer::from(reply))
    }
}

impl From<Reply> for RawAnswer {
    fn from(reply: Reply) -> Self {
        let json = serde_json::from_slice(&without_nul(&reply.body)).ok();
        Self { status: reply.status.as_u16(), headers: reply.headers, json, length: reply.body.len() }
    }
}
