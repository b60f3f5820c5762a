//! What a network, or a server in trouble, does to a request.

use serde::{Deserialize, Serialize};

/// How the caller learns that no answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// The connection stays open and silent until the caller gives up.
    #[default]
    Hang,
    /// The connection is closed.
    Close,
    /// A gateway in between answers 502, though the request behind it lives on.
    BadGateway,
    /// The same with 504.
    GatewayTimeout,
}

/// What happens to a request that a fault meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection is closed before the request is read. Nothing is executed.
    Refuse,
    /// Nothing is executed and nothing answered, until the caller gives up.
    HangBefore,
    /// It is executed, but nothing is answered, until the caller gives up.
    HangAfter,
    /// It is executed, then the connection is closed without an answer.
    DropAfter,
    /// Nothing of it is answered; it is executed when the emulator's clock has passed `after_seconds`, or on `run_late`.
    ExecuteLate {
        /// Seconds on the emulator's clock.
        #[serde(default)]
        after_seconds: i64,
        /// How the caller learns that no answer comes.
        #[serde(default)]
        silence: Silence,
    },
    /// This status instead of the real answer.
    Status {
        /// HTTP status: 429, 500, 502, 503, …
        status: u16,
        /// Seconds in `Retry-After`.
        #[serde(default)]
        retry_after: Option<u32>,
        /// Whether the request is executed all the same.
        #[serde(default)]
        executed: bool,
    },
    /// The answer carries these headers in place of its own of the same name; one that is given several times is there
    /// several times. With a `status` nothing is executed and this status is answered.
    Headers {
        /// HTTP status instead of the real answer; none executes the request.
        #[serde(default)]
        status: Option<u16>,
        /// Names in lower case, and values.
        #[serde(default)]
        headers: Vec<(String, String)>,
    },
    /// All access tokens expire just before the request.
    ExpireTokens,
    /// It is executed; the answer's body breaks off in the middle.
    CutBody,
}

impl FaultKind {
    /// [`FaultKind::Headers`], said shortly.
    pub fn headers(status: Option<u16>, headers: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self::Headers { status, headers: headers.iter().map(own).collect() }
    }
}

/// Which requests a fault meets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Matcher {
    /// HTTP method; none for any.
    pub method: Option<String>,
    /// A part of the path; none for any.
    pub path: Option<String>,
    /// How many matching requests pass first.
    pub skip: u32,
    /// How many requests it meets after those; none for one.
    pub times: Option<u32>,
}

/// A fault waiting for its requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which requests.
    #[serde(default, flatten)]
    pub matcher: Matcher,
    /// What happens to them.
    #[serde(flatten)]
    pub kind: FaultKind,
}

impl Fault {
    /// A fault for the next request with this method whose path contains `path`.
    pub fn next(method: &str, path: &str, kind: FaultKind) -> Self {
        Self {
            matcher: Matcher { method: Some(method.to_owned()), path: Some(path.to_owned()), skip: 0, times: None },
            kind,
        }
    }

    /// Meets `times` requests instead of one.
    pub fn times(mut self, times: u32) -> Self {
        self.matcher.times = Some(times);
        self
    }

    /// Lets `skip` matching requests pass first.
    pub fn after(mut self, skip: u32) -> Self {
        self.matcher.skip = skip;
        self
    }
}

/// The faults that wait, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct FaultQueue(pub(crate) Vec<Fault>);

impl FaultQueue {
    /// The fault that meets this request, if any; a spent fault leaves the queue.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        for index in 0..self.0.len() {
            let matcher = &mut self.0[index].matcher;
            let method_fits = matcher.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method));
            let path_fits = matcher.path.as_deref().is_none_or(|part| path.contains(part));
            if !(method_fits && path_fits) {
                continue;
            }
            if matcher.skip > 0 {
                matcher.skip -= 1;
                continue;
            }
            let left = matcher.times.unwrap_or(1).saturating_sub(1);
            matcher.times = Some(left);
            let kind = self.0[index].kind.clone();
            if left == 0 {
                self.0.remove(index);
            }
            return Some(kind);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, FaultQueue};

    #[test]
    fn a_fault_waits_for_its_request_and_is_then_spent() {
        let mut queue = FaultQueue(vec![Fault::next("PATCH", "/change_events", FaultKind::DropAfter).after(1)]);
        assert_eq!(queue.take("GET", "/rest/v1.1/change_events"), None);
        assert_eq!(queue.take("PATCH", "/rest/v1.1/change_events/1"), None, "the first one passes");
        assert_eq!(queue.take("PATCH", "/rest/v1.1/change_events/1"), Some(FaultKind::DropAfter));
        assert_eq!(queue.take("PATCH", "/rest/v1.1/change_events/1"), None);
    }

    #[test]
    fn a_fault_reads_from_json() {
        let fault: Fault = serde_json::from_str(
            r#"{"method":"POST","path":"/change_events","kind":"status","status":503,"retry_after":7}"#,
        )
        .unwrap();
        let expected = FaultKind::Status { status: 503, retry_after: Some(7), executed: false };
        assert_eq!(fault, Fault::next("POST", "/change_events", expected));
    }
}
