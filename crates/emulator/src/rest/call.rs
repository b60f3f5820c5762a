//! What all operations share: who calls, for which company, how often.

use axum::extract::RawPathParams;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Problem, RATE_LIMIT_TEXT};
use crate::exchange::{Matched, Seq, company_header};
use crate::oauth::{Actor, bearer, body_as_json};
use crate::rate::Reading;
use crate::state::State;
use crate::text::Query;
use crate::webhooks::Source;
use crate::world::{Level, Project};
use crate::{Emulator, MissingCompany, RateScope};

/// The refusal of an app that is not installed in the company.
pub(crate) const NOT_CONNECTED: &str = "App is not connected to this company.";

/// An operation: `Err` is a refusal.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Answer, Answer>;

/// One authenticated request.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) now: Timestamp,
    /// Where the world finds this emulator, without a slash at the end.
    pub(crate) base: String,
    pub(crate) path: &'a str,
    pub(crate) seq: u64,
    pub(crate) query: Query,
    pub(crate) body: Value,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) actor: Actor,
    params: Vec<(String, String)>,
    company: i64,
}

/// The largest page of a v2.0 list, and of a v1.0 list that belongs to one record.
const LARGEST_PAGE_BELOW: usize = 100;

/// A page of a list, and the headers that say which.
type Cut = (Vec<Value>, Vec<(&'static str, String)>);

/// Authenticates, counts, checks the company, runs the operation and adds what every answer carries.
pub(super) fn perform(
    handler: Handler,
    route: &'static str,
    emulator: &Emulator,
    params: &RawPathParams,
    parts: &Parts,
    body: &Bytes,
) -> Response {
    let now = emulator.now();
    let mut state = emulator.state();
    let matched = |login| Matched { route: route.to_owned(), login };
    let actor = match state.oauth.actor(bearer(&parts.headers).unwrap_or_default(), now) {
        Ok(actor) => actor,
        Err(why) => {
            let mut response = Answer::unauthorized(why).into_response();
            response.extensions_mut().insert(matched(None));
            return response;
        }
    };
    let login = state.world.users.get(&actor.user_id).map(|user| user.login.clone());
    let reading = count(&mut state, &actor, company_header(&parts.headers), now);
    let answer = if reading.refused {
        rate_limited(&state, reading, now)
    } else {
        let mut call = Call {
            now,
            base: base_url(emulator, &parts.headers),
            path: parts.uri.path(),
            seq: parts.extensions.get::<Seq>().map_or(0, |seq| seq.0),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            body: body_as_json(&parts.headers, body).unwrap_or(Value::Null),
            headers: &parts.headers,
            actor,
            params: params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            company: 0,
            state: &mut state,
        };
        let source = call.source();
        let (about_events, shape) = (is_about_events(route), call.state.switches.error_shape);
        let told = |answer: Answer| if about_events { answer.silenced(shape) } else { answer };
        let answer = call
            .check_company(route)
            .and_then(|()| handler(&mut call).map(told).map_err(told))
            .unwrap_or_else(|refusal| refusal);
        state.notice(&source, now);
        answer
    };
    let mut answer = if route.starts_with("/rest/v2") { answer.in_v2() } else { answer };
    state.world.show_oddly(&mut answer.body);
    let answer = if state.switches.rate_headers {
        answer
            .with("x-rate-limit-limit", reading.limit.to_string())
            .with("x-rate-limit-remaining", reading.remaining.to_string())
            .with("x-rate-limit-reset", reading.reset.to_string())
    } else {
        answer
    };
    let mut response = answer.into_response();
    response.extensions_mut().insert(matched(login));
    response
}

fn is_about_events(route: &str) -> bool {
    route.ends_with("/change_events") || route.contains("/change_events/{id}")
}

fn count(state: &mut State, actor: &Actor, company: Option<i64>, now: Timestamp) -> Reading {
    let key = match state.switches.rate_scope {
        RateScope::AppAndCompany => format!("{} {}", actor.client_id, company.unwrap_or_default()),
        RateScope::Token => actor.token.clone(),
    };
    let limits = state.limits;
    let spikes = state.switches.spike_window;
    state.rates.count(&key, limits, spikes, now.as_second())
}

fn rate_limited(state: &State, reading: Reading, now: Timestamp) -> Answer {
    let body =
        if state.switches.rate_limited_as_json { json!({ "errors": RATE_LIMIT_TEXT }) } else { json!(RATE_LIMIT_TEXT) };
    let answer = Answer::new(429, body);
    if state.switches.rate_limited_has_retry_after {
        answer.with("retry-after", (reading.reset - now.as_second()).max(1).to_string())
    } else {
        answer
    }
}

pub(crate) fn base_url(emulator: &Emulator, headers: &HeaderMap) -> String {
    let host = || headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    emulator.public_url().map_or_else(|| format!("http://{}", host()), str::to_owned)
}

impl Call<'_> {
    /// The person that deliveries name as the cause of this call's changes.
    fn source(&self) -> Source {
        let operation = self.headers.get("idempotency-token").and_then(|token| token.to_str().ok());
        Source {
            user: Some(self.actor.user_id),
            client: Some(self.actor.client_id.clone()),
            operation: operation.map(str::to_owned),
        }
    }

    /// The rules of `Procore-Company-Id`: present, of a company the caller belongs to, where the app is connected.
    fn check_company(&mut self, route: &str) -> Result<(), Answer> {
        let tolerant = self.state.switches.missing_company == MissingCompany::FromRequest;
        let companies = matches!(route, "/rest/v1.0/me" | "/rest/v1.0/companies");
        if companies && (tolerant || !self.actor.is_service) {
            return Ok(());
        }
        let asked = self.param("company_id").or_else(|| self.query.int("company_id"));
        let named = company_header(self.headers).or_else(|| asked.filter(|_| tolerant));
        let company = named.ok_or_else(|| self.company_missing())?;
        if asked.is_some_and(|asked| asked != company) || !self.belongs(company) {
            return Err(Answer::not_found());
        }
        if !self.state.world.companies.get(&company).is_some_and(|company| company.app_connected) {
            return Err(Answer::errors(403, NOT_CONNECTED));
        }
        self.company = company;
        Ok(())
    }

    fn company_missing(&self) -> Answer {
        match self.state.switches.missing_company {
            MissingCompany::NotFound => Answer::not_found(),
            MissingCompany::BadRequest | MissingCompany::FromRequest => {
                Answer::errors(400, "Missing Procore-Company-Id header! This is required to route the request.")
            }
        }
    }

    fn belongs(&self, company: i64) -> bool {
        let known = self.state.world.companies.contains_key(&company);
        known && (self.actor.is_service || self.state.world.belongs(self.actor.user_id, company))
    }

    /// A path parameter that is an id.
    pub(crate) fn param(&self, name: &str) -> Option<i64> {
        self.params.iter().find(|(key, _)| key == name)?.1.parse().ok()
    }

    /// The company the call is about; the check before made sure of it.
    pub(crate) fn company(&self) -> i64 {
        self.company
    }

    /// The project of path, query or body, if the caller may see it.
    pub(crate) fn project(&self) -> Result<&Project, Answer> {
        let in_body = self.body.get("project_id").and_then(|id| id.as_i64().or_else(|| id.as_str()?.parse().ok()));
        let id = self.param("project_id").or_else(|| self.query.int("project_id")).or(in_body).ok_or_else(|| {
            Answer::problems(
                self.state.switches.error_shape,
                &[Problem::malformed("project_id", "project_id is missing")],
            )
        })?;
        self.visible_project(id)
    }

    pub(crate) fn visible_project(&self, id: i64) -> Result<&Project, Answer> {
        let project = self.state.world.projects.get(&id).filter(|project| project.company_id == self.company());
        project.filter(|project| self.sees(project.id)).ok_or_else(Answer::not_found)
    }

    pub(crate) fn sees(&self, project_id: i64) -> bool {
        self.actor.is_service || self.state.world.sees_project(self.actor.user_id, project_id)
    }

    /// What the caller may do with change events there.
    pub(crate) fn level(&self, project_id: i64) -> Level {
        if self.actor.is_service { Level::Admin } else { self.state.world.level(self.actor.user_id, project_id) }
    }

    /// A page of a v1 list: a bare array with `Total`, `Per-Page` and `Link`.
    pub(crate) fn page(&self, items: Vec<Value>, default: usize, max: usize) -> Answer {
        let below = self.is_below_a_record();
        match self.cut(items, default, if below { LARGEST_PAGE_BELOW } else { max }, below) {
            Ok((page, headers)) => Answer { status: 200, body: Value::Array(page), headers },
            Err(refusal) => refusal,
        }
    }

    /// Whether the list belongs to the record that the path names: `/rest/v1.0/projects/7/…`.
    fn is_below_a_record(&self) -> bool {
        self.path.split('/').any(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// A page of a v2 list: the same in an envelope, 10 at a time unless asked, at most 100.
    pub(crate) fn page_v2(&self, items: Vec<Value>) -> Answer {
        match self.cut(items, 10, LARGEST_PAGE_BELOW, true) {
            Ok((page, headers)) => Answer { status: 200, body: json!({ "data": page }), headers },
            Err(refusal) => refusal,
        }
    }

    /// A page of at most `max`; where the route is `strict`, asking for more is refused.
    fn cut(&self, items: Vec<Value>, default: usize, max: usize, strict: bool) -> Result<Cut, Answer> {
        let total = items.len();
        let asked = |key| self.query.get(key).and_then(|n| n.parse::<usize>().ok()).filter(|n| *n > 0);
        let per_page = asked("per_page").unwrap_or(default);
        if per_page > max && strict && self.state.switches.large_pages_refused {
            let text = format!("Invalid per_page of {per_page}, exceeding max per_page of {max}");
            return Err(Answer::new(400, json!({ "errors": text })));
        }
        let per_page = per_page.min(max);
        let page = asked("page").unwrap_or(1);
        let last = total.div_ceil(per_page).max(1);
        let link = |n: usize, rel: &str| {
            format!("<{}{}?{}>; rel=\"{rel}\"", self.base, self.path, self.query.with("page", &n.to_string()))
        };
        let mut links = Vec::new();
        if page > 1 {
            links.push(link(1, "first"));
            links.push(link(page - 1, "prev"));
        }
        if page < last {
            links.push(link(page + 1, "next"));
            links.push(link(last, "last"));
        }
        let mut headers = vec![("total", total.to_string()), ("per-page", per_page.to_string())];
        if !links.is_empty() {
            headers.push(("link", links.join(", ")));
        }
        if !self.state.switches.lists_say_their_length {
            headers.clear();
        }
        let items = items.into_iter().skip((page - 1).saturating_mul(per_page)).take(per_page).collect();
        Ok((items, headers))
    }
}
