//! Failures as problem documents (RFC 9457): what happened, and who acts next. Internals go only to the log.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Error, words::Failure};

/// The media type of problems.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What a handler of the API answers.
pub type ApiResult<T> = Result<Json<T>, Problem>;

/// A failure, as RFC 9457 describes one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// The kind of failure, for programs. It never changes.
    #[serde(rename = "type")]
    #[schema(example = "urn:ledgerboard:problem:invalid")]
    kind: &'static str,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened this time and what to do, for people.
    detail: String,
    /// Each place that needs to be corrected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Mending>,
}

/// One place that needs to be corrected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Mending {
    /// Its errors.
    detail: String,
    /// Where in the body, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "#/lines/0")]
    pointer: Option<String>,
    /// Which parameter of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
}

impl Problem {
    /// The problem of a bare status.
    pub fn of(status: StatusCode) -> Self {
        let Failure { kind, title, program, .. } = Failure::of(status.as_u16());
        Self { kind, title, status: status.as_u16(), detail: program.to_owned(), errors: Vec::new() }
    }

    /// It doesn't exist, or the caller may not see it.
    pub fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND)
    }

    /// The same problem with another sentence.
    pub fn saying(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// An invalid parameter of the query.
    pub fn parameter(name: &str, sentence: impl Into<String>) -> Self {
        Self::mending(Mending { detail: sentence.into(), pointer: None, parameter: Some(name.to_owned()) })
    }

    /// An invalid field of the body.
    pub fn field(pointer: &str, sentence: impl Into<String>) -> Self {
        Self::mending(Mending { detail: sentence.into(), pointer: Some(format!("#/{pointer}")), parameter: None })
    }

    fn mending(mending: Mending) -> Self {
        Self { errors: vec![mending], ..Self::of(StatusCode::UNPROCESSABLE_ENTITY) }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if let Error::Internal(_) | Error::Unreadable(_) | Error::Storage(..) = &error {
            tracing::error!(%error, "a call of the API failed");
        }
        let problem = Self::of(error.status()).saying(error.sentence());
        match error {
            Error::Invalid(fields) => {
                let mending =
                    |(name, detail): (String, _)| Mending { detail, pointer: Some(pointer(&name)), parameter: None };
                Self { errors: fields.0.into_iter().map(mending).collect(), ..problem }
            }
            Error::SignInToProcore(_) => {
                Self { kind: "urn:ledgerboard:problem:procore-sign-in", title: "Sign in to Procore first", ..problem }
            }
            Error::Storage(..) => {
                Self { kind: "urn:ledgerboard:problem:storage", title: "The database can't store this now", ..problem }
            }
            _ => problem,
        }
    }
}

/// The JSON pointer of a form's field.
fn pointer(field: &str) -> String {
    let path = match field {
        "" => return "#".to_owned(),
        "contract" => "contract_id".to_owned(),
        "reference" => "customer_reference".to_owned(),
        "event" => "event_id".to_owned(),
        "project" => "procore_project_id".to_owned(),
        "new_status" | "new_type" | "new_reason" => field.replacen("new_", "new/", 1) + "_id",
        "means" => "approval/means".to_owned(),
        "given_on" => "approval/on".to_owned(),
        "code_for_all" => "budget_code_for_all".to_owned(),
        other => within(other).unwrap_or_else(|| other.to_owned()),
    };
    format!("#/{path}")
}

/// A field of a part: `line.3`, `new_title`, `code.<COR>/<line>`. A slash in a name is escaped (RFC 6901).
fn within(field: &str) -> Option<String> {
    let parts = [
        ("line.", "lines"),
        ("new_", "new"),
        ("code.", "budget_codes"),
        ("contract.", "contracts"),
        ("answers.", "answers"),
    ];
    let (part, name) = parts.iter().find_map(|(prefix, part)| Some((part, field.strip_prefix(prefix)?)))?;
    Some(format!("{part}/{}", name.replace('~', "~0").replace('/', "~1")))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_forms_have_their_names_here() {
        let cases = [
            ("", "#"),
            ("title", "#/title"),
            ("line.3", "#/lines/3"),
            ("reference", "#/customer_reference"),
            ("new_status", "#/new/status_id"),
            ("new_title", "#/new/title"),
            ("project", "#/procore_project_id"),
            ("code.7/total", "#/budget_codes/7~1total"),
        ];
        for (field, expected) in cases {
            assert_eq!(pointer(field), expected, "{field}");
        }
    }

    #[test]
    fn internals_stay_inside() {
        let problem = Problem::from(Error::internal("no such table: cor"));
        assert_eq!(problem.status, 500);
        assert!(!serde_json::to_string(&problem).unwrap().contains("table"), "{problem:?}");
    }
}
