//! What Procore says about its limits and its clock, in headers.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// The limit nearest to being used up. There are at least two (an hourly one and one for spikes) and Procore names only
/// the nearest, so figures of two answers may belong to different limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests per window.
    pub limit: u32,
    /// Requests left in this window.
    pub remaining: u32,
    /// When the window ends.
    pub reset: Timestamp,
}

/// The three `X-Rate-Limit-*` headers, if all are there.
pub(crate) fn rate(headers: &HeaderMap) -> Option<Rate> {
    let limit = number(headers, "x-rate-limit-limit")?.try_into().ok()?;
    // Some limiters count below zero.
    let remaining = number(headers, "x-rate-limit-remaining")?.max(0).try_into().ok()?;
    Some(Rate { limit, remaining, reset: reset(headers)? })
}

/// Procore's own clock when it answered.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(text(headers, header::DATE.as_str())?)
}

/// `Retry-After` in either of its two forms; a date counts from Procore's own `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds = http_date(value)?.duration_since(date(headers)?).as_secs();
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// When a request refused for its rate may come again. Procore's pages disagree on which header a 429 carries, so the
/// later of both counts.
pub(crate) fn limited_until(headers: &HeaderMap) -> Option<Timestamp> {
    let asked = date(headers).zip(retry_after(headers)).and_then(|(date, wait)| date.checked_add(wait).ok());
    asked.max(reset(headers))
}

fn reset(headers: &HeaderMap) -> Option<Timestamp> {
    Timestamp::from_second(number(headers, "x-rate-limit-reset")?).ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    text(headers, name)?.parse().ok()
}

fn http_date(value: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(value).ok()
}

/// One header as text.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    const DATE: (&str, &str) = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    const DATE_SECOND: i64 = 784_111_777;

    #[test]
    fn the_three_headers_make_a_rate_and_two_do_not() {
        let (limit, left, reset) =
            (("x-rate-limit-limit", "25"), ("X-Rate-Limit-Remaining", "-1"), ("x-rate-limit-reset", "1700000000"));
        let expected = Rate { limit: 25, remaining: 0, reset: at(1_700_000_000) };
        assert_eq!(rate(&headers(&[limit, left, reset])), Some(expected));
        assert_eq!(rate(&headers(&[limit, left])), None);
        assert_eq!(rate(&headers(&[limit, ("x-rate-limit-remaining", "many"), reset])), None);
    }

    #[test]
    fn the_clock_is_procores() {
        assert_eq!(date(&headers(&[DATE])), Some(at(DATE_SECOND)));
        assert_eq!(date(&headers(&[("date", "yesterday")])), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let later = ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT");
        let earlier = ("retry-after", "Sun, 06 Nov 1994 08:40:37 GMT");
        assert_eq!(retry_after(&headers(&[("retry-after", " 30 ")])), Some(Duration::from_secs(30)));
        assert_eq!(retry_after(&headers(&[DATE, later])), Some(Duration::from_mins(1)));
        assert_eq!(retry_after(&headers(&[DATE, earlier])), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers(&[later])), None);
    }

    #[test]
    fn a_429_waits_for_the_later_of_both_headers() {
        let (soon, late) = (("x-rate-limit-reset", "784111780"), ("x-rate-limit-reset", "784112000"));
        let after = ("retry-after", "30");
        assert_eq!(limited_until(&headers(&[DATE, after, soon])), Some(at(DATE_SECOND + 30)));
        assert_eq!(limited_until(&headers(&[DATE, after, late])), Some(at(784_112_000)));
        assert_eq!(limited_until(&headers(&[late])), Some(at(784_112_000)));
        assert_eq!(limited_until(&headers(&[after])), None);
    }
}
