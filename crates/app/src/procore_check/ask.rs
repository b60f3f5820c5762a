//! Sends requests and notes the answers.

use http::Method;
use procore::{RawAnswer, RawRequest};
use serde_json::Value;

use super::{CheckFinding, CheckReport, CheckSubject, Held};

/// How often to send a request that was refused for its rate.
const TRIES: u32 = 5;

/// The running check.
pub struct Protocol {
    pub check: CheckSubject,
    pub report: CheckReport,
}

/// The question of a finding, and the emulator's switch for it.
#[derive(Clone, Copy)]
pub struct Question(pub &'static str, pub Option<&'static str>);

impl Protocol {
    pub fn new(check: CheckSubject) -> Self {
        Self { check, report: CheckReport::default() }
    }

    /// Sends a request, again if Procore refuses it for its rate: Procore promises not to have executed it.
    pub async fn send(&mut self, request: RawRequest) -> Result<RawAnswer, procore::Error> {
        let mut tries = 0;
        loop {
            self.report.requests += 1;
            let answer = self.check.session.ask(request.clone()).await?;
            tries += 1;
            if answer.status != 429 || tries == TRIES {
                return Ok(answer);
            }
            let retry_after = answer.headers.contains_key(http::header::RETRY_AFTER);
            self.note(
                Question("Does a refusal for the rate carry Retry-After?", Some("rate_limited_has_retry_after")),
                if retry_after { "yes" } else { "no" },
                Held::Noted,
            );
            tokio::time::sleep(self.check.patience).await;
        }
    }

    /// Reads a path with the company's header. Notes the question as open if there is no answer.
    pub async fn read(&mut self, question: Question, path: &str, query: &[(&'static str, &str)]) -> Option<RawAnswer> {
        let answer = self.send(get(path, query)).await;
        self.answered(question, answer)
    }

    /// The answer, or a finding that there was none.
    pub fn answered(&mut self, question: Question, answer: Result<RawAnswer, procore::Error>) -> Option<RawAnswer> {
        answer.map_err(|_| self.note(question, "no answer", Held::Open)).ok()
    }

    /// A success, or a finding that it was refused.
    pub fn taken(&mut self, question: Question, answer: Option<RawAnswer>) -> Option<Value> {
        let answer = answer?;
        match (answer.status, answer.json) {
            (200..300, Some(value)) => Some(value),
            (status, _) => {
                self.note(question, format!("refused with {status}"), Held::Open);
                None
            }
        }
    }

    pub fn note(&mut self, question: Question, answer: impl Into<String>, held: Held) {
        let Question(question, switch) = question;
        let finding = CheckFinding { question, answer: answer.into(), held, switch };
        if !self.report.findings.contains(&finding) {
            self.report.findings.push(finding);
        }
    }

    /// Notes whether the answer is the `expected` one.
    pub fn judge(&mut self, question: Question, answer: impl Into<String>, expected: bool) {
        self.note(question, answer, if expected { Held::AsExpected } else { Held::Otherwise });
    }
}

/// A read with the company's header.
pub fn get(path: &str, query: &[(&'static str, &str)]) -> RawRequest {
    RawRequest {
        method: Method::GET,
        path: path.to_owned(),
        query: query.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        body: None,
        names_company: true,
        occasion: None,
    }
}

/// The records of a list; v2.0 wraps them in `data`.
pub fn records(value: &Value) -> &[Value] {
    value.as_array().or_else(|| value["data"].as_array()).map_or(&[], Vec::as_slice)
}

/// `n of m`.
pub fn share<'a>(of: impl IntoIterator<Item = &'a Value>, which: impl Fn(&Value) -> bool) -> (usize, usize, String) {
    let (mut some, mut all) = (0, 0);
    for value in of {
        all += 1;
        some += usize::from(which(value));
    }
    (some, all, format!("{some} of {all}"))
}

/// Null or blank text.
pub fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Whether a line is in the recycle bin.
pub fn is_removed(line: &Value) -> bool {
    line["in_recycle_bin"] == true || !line["deleted_at"].is_null()
}
