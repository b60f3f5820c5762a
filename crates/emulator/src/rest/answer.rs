//! What an operation answers, and the shapes of refusals.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::ErrorShape;

/// The sentence of a 429, the same for both limits.
pub(crate) const RATE_LIMIT_TEXT: &str =
    "You have surpassed the max number of requests for an hour. Please wait until your limit resets.";

/// The body of an answer, kept beside the response for the journal.
#[derive(Debug, Clone)]
pub(crate) struct AnswerBody(pub(crate) Value);

/// An answer before it becomes HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `{"errors":["…"]}`, the shape of company-wide refusals.
    pub(crate) fn errors(status: u16, text: &str) -> Self {
        Self::new(status, json!({ "errors": [text] }))
    }

    /// What one may not see does not exist.
    pub(crate) fn not_found() -> Self {
        Self::new(404, json!({ "message": "Item not found" }))
    }

    pub(crate) fn forbidden() -> Self {
        Self::errors(403, "You do not have permission to perform this action.")
    }

    /// 401 as OAuth resource servers write it.
    pub(crate) fn unauthorized(why: &str) -> Self {
        let challenge = format!("Bearer realm=\"Procore\", error=\"invalid_token\", error_description=\"{why}\"");
        Self::new(401, json!({ "errors": why })).with("www-authenticate", challenge)
    }

    /// Problems of a change event call, in the shape that is switched on.
    pub(crate) fn problems(shape: ErrorShape, problems: &[Problem]) -> Self {
        let status = problems.iter().map(|problem| problem.status).min().unwrap_or(422);
        let all = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>();
        let body = match shape {
            ErrorShape::FieldMap => {
                let mut fields = serde_json::Map::new();
                for problem in problems {
                    let list = fields.entry(problem.field).or_insert_with(|| json!([]));
                    if let Some(list) = list.as_array_mut() {
                        list.push(json!(problem.message));
                    }
                }
                json!({ "errors": fields })
            }
            ErrorShape::List => json!({ "errors": all }),
            ErrorShape::Text => json!({ "errors": all.join(", ") }),
            ErrorShape::Message => json!({ "message": all.join(", ") }),
            ErrorShape::Code => {
                let fields = problems.iter().map(|problem| problem.field).collect::<Vec<_>>().join(",");
                json!({ "code": status, "message": all.join(", "), "fields": fields, "reason": "Validation failed" })
            }
            ErrorShape::Empty | ErrorShape::EmptyErrors => Value::Null,
        };
        Self::new(status, body).silenced(shape)
    }

    /// A refusal that says nothing, where that is switched on.
    pub(crate) fn silenced(self, shape: ErrorShape) -> Self {
        let body = match shape {
            _ if self.status < 400 => return self,
            ErrorShape::Empty => Value::Null,
            ErrorShape::EmptyErrors => json!({ "errors": {} }),
            _ => return self,
        };
        Self { body, ..self }
    }

    /// The v2 shape of a refusal.
    pub(crate) fn in_v2(self) -> Self {
        if self.status < 400 || self.status == 429 {
            return self;
        }
        let message = match &self.body {
            Value::Object(map) => map.values().next().map(plain).unwrap_or_default(),
            other => plain(other),
        };
        // The refusal of an app that is not connected was seen in one shape only.
        if message == super::call::NOT_CONNECTED {
            return self;
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let code = status.canonical_reason().unwrap_or("Error").to_uppercase().replace([' ', '-'], "_");
        let details = json!([{ "reason_code": code, "message": message, "source": "request" }]);
        Self { body: json!({ "error": { "code": code, "message": message, "details": details } }), ..self }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(map) => map.values().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match (&self.body, status) {
            (Value::Null, StatusCode::NO_CONTENT) => status.into_response(),
            (Value::Null, refused) if refused.is_client_error() => status.into_response(),
            // A plain sentence, as old 429 bodies were.
            (Value::String(text), _) => (status, text.clone()).into_response(),
            (body, _) => (status, axum::Json(body.clone())).into_response(),
        };
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response.extensions_mut().insert(AnswerBody(self.body));
        response
    }
}

/// One thing that is wrong with a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

impl Problem {
    /// Malformed or missing: 400.
    pub(crate) fn malformed(field: &'static str, message: impl Into<String>) -> Self {
        Self { status: 400, field, message: message.into() }
    }

    /// Understood and refused: 422.
    pub(crate) fn refused(field: &'static str, message: impl Into<String>) -> Self {
        Self { status: 422, field, message: message.into() }
    }
}
