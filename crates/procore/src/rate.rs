//! What Procore says about its limits and its clock, in headers.
//!
//! A header is written by whoever stands between Procore and us as well, so every form that was seen of a time is
//! understood, and no time is believed that lies further ahead than Procore's documents allow.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};

/// The longest wait that is kept when a server asks for one and no limit's reset says more.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// The longest window of Procore's limits, by its documents: no reset is further ahead.
pub const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// A `Date` is cut to the second and a reset may be rounded up: so much more than the longest window is still one.
const ROUNDING: SignedDuration = SignedDuration::from_mins(1);

/// Below it a number counts seconds from now; from here on it counts them since 1970 (the number is March 1973's).
const FIRST_MOMENT: f64 = 1e8;
/// From here on it counts milliseconds since 1970: in seconds it would be the year 5138.
const FIRST_MILLISECOND: f64 = 1e11;

/// The limit nearest to being used up. There are at least two (an hourly one and one for spikes) and Procore names only
/// the nearest, so figures of two answers may belong to different limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests per window.
    pub limit: u32,
    /// Requests left in this window, never more than `limit`.
    pub remaining: u32,
    /// When the window ends. Where the answer has a `Date`, at most [`LONGEST_WINDOW`] after it.
    pub reset: Timestamp,
}

/// The three `X-Rate-Limit-*` headers, if all are there. Where they are there several times, the tightest.
pub(crate) fn rate(headers: &HeaderMap) -> Option<Rate> {
    let of = |name| texts(headers, name).collect::<Vec<_>>();
    let (limits, left, resets) = (of("x-rate-limit-limit"), of("x-rate-limit-remaining"), of("x-rate-limit-reset"));
    let named = limits.iter().zip(&left).zip(&resets).filter_map(|((limit, left), reset)| {
        let limit: u32 = limit.parse().ok()?;
        // Some limiters count below zero.
        let remaining = left.parse::<i64>().ok()?.clamp(0, limit.into());
        Some(Rate { limit, remaining: u32::try_from(remaining).ok()?, reset: reset_at(headers, reset)? })
    });
    named.min_by_key(|rate| (rate.remaining, rate.reset))
}

/// Procore's own clock when it answered.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(text(headers, header::DATE.as_str())?)
}

/// `Retry-After`, however it is written, counted from Procore's own `Date` where it names a moment. The longest of
/// several. Never more than [`LONGEST_WAIT`], or until the limit's own reset if that is later.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = texts(headers, header::RETRY_AFTER.as_str()).filter_map(|value| seconds_from(headers, value)).max()?;
    let reset = reset(headers).zip(date(headers)).map(|(reset, date)| reset.duration_since(date));
    let longest = reset.unwrap_or(LONGEST_WAIT).max(LONGEST_WAIT);
    Duration::try_from(asked.clamp(SignedDuration::ZERO, longest)).ok()
}

/// When a request refused for its rate may come again. Procore's pages disagree on which header a 429 carries, so the
/// later of both counts.
pub(crate) fn limited_until(headers: &HeaderMap) -> Option<Timestamp> {
    let asked = date(headers).zip(retry_after(headers)).and_then(|(date, wait)| date.checked_add(wait).ok());
    asked.max(reset(headers))
}

/// For how long a request refused for its rate keeps away: the later of both headers again, as a time span, since
/// Procore's clock and ours may differ. Nothing where no `Date` tells what a named moment means.
pub(crate) fn limited_for(headers: &HeaderMap) -> Option<Duration> {
    let renewed = reset(headers).zip(date(headers)).map(|(reset, date)| reset.duration_since(date));
    let renewed = renewed.and_then(|wait| Duration::try_from(wait.max(SignedDuration::ZERO)).ok());
    retry_after(headers).max(renewed)
}

/// The latest of the resets that are named.
fn reset(headers: &HeaderMap) -> Option<Timestamp> {
    texts(headers, "x-rate-limit-reset").filter_map(|value| reset_at(headers, value)).max()
}

/// One reset. One that no limit can have is not believed, and still more than nothing: the other side wants us to wait.
fn reset_at(headers: &HeaderMap, value: &str) -> Option<Timestamp> {
    let date = date(headers);
    let reset = match number(value) {
        Some(seconds) if (0.0..FIRST_MOMENT).contains(&seconds) => date?.checked_add(span(seconds)?).ok()?,
        Some(seconds) if seconds >= FIRST_MOMENT => moment(seconds)?,
        // Below zero it is no time at all.
        Some(_) => return None,
        None => http_date(value)?,
    };
    let Some(date) = date else { return Some(reset) };
    match reset.duration_since(date) {
        ahead if ahead <= LONGEST_WINDOW => Some(reset),
        ahead if ahead <= LONGEST_WINDOW + ROUNDING => date.checked_add(LONGEST_WINDOW).ok(),
        _ => date.checked_add(LONGEST_WAIT).ok(),
    }
}

/// From the answer's `Date` to what `Retry-After` means; below zero for a moment that is over.
fn seconds_from(headers: &HeaderMap, value: &str) -> Option<SignedDuration> {
    match number(value) {
        Some(seconds) if seconds < FIRST_MOMENT => span(seconds),
        Some(seconds) => Some(moment(seconds)?.duration_since(date(headers)?)),
        None => Some(http_date(value)?.duration_since(date(headers)?)),
    }
}

/// A number of any length, with or without decimals.
fn number(value: &str) -> Option<f64> {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let is_number =
        digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_number.then(|| value.parse().ok())?
}

fn span(seconds: f64) -> Option<SignedDuration> {
    SignedDuration::try_from_secs_f64(seconds.ceil()).ok()
}

/// A moment that is written in seconds or in milliseconds.
fn moment(number: f64) -> Option<Timestamp> {
    let seconds = if number < FIRST_MILLISECOND { number } else { number / 1e3 };
    Timestamp::from_duration(SignedDuration::try_from_secs_f64(seconds.ceil()).ok()?).ok()
}

fn http_date(value: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(value).ok()
}

/// One header as text; the first, if it is there several times.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// All values of a header: those of several lines, and those that somebody in between joined to one, which only dates
/// have a comma of their own to be told from.
fn texts<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| {
        let is_a_date = line.contains(|c: char| c.is_ascii_alphabetic());
        line.split(move |c| c == ',' && !is_a_date).map(str::trim)
    })
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
        let waits = |pairs: &[_]| limited_for(&headers(pairs)).map(|wait| wait.as_secs());
        assert_eq!(waits(&[DATE, after, soon]), Some(30));
        assert_eq!(waits(&[DATE, after, late]), Some(784_112_000 - 784_111_777));
        assert_eq!(waits(&[DATE, late]), Some(784_112_000 - 784_111_777));
        assert_eq!(waits(&[after, late]), Some(30), "a moment on a clock nobody showed");
        assert_eq!(waits(&[late]), None);
        let far = [("date", "Thu, 01 Jan 2100 00:00:00 GMT"), after];
        assert_eq!(waits(&far), Some(30), "a clock of its own");
    }

    /// Every form in which a wait was seen, or could be, and what is made of it.
    #[test]
    fn no_header_makes_anybody_wait_for_longer_than_a_limit_can_last() {
        let quarter = 15 * 60;
        for (value, seconds) in [
            ("30", Some(30)),
            ("30.2", Some(31)),
            ("0", Some(0)),
            ("-30", Some(0)),
            ("784111807", Some(30)),
            ("784111807000", Some(30)),
            ("784111700", Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 07:00:00 GMT", Some(0)),
            ("30, 60", Some(60)),
            ("3600", Some(quarter)),
            ("1795964400", Some(quarter)),
            ("1795964400000", Some(quarter)),
            ("18446744073709551615", None),
            ("99999999999999999999999999", None),
            ("Thu, 30 Dec 9999 20:59:59 GMT", Some(quarter)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", None),
            ("Sat, 01 Jan 0000 00:00:00 GMT", Some(0)),
            ("soon", None),
            ("1e9", None),
            ("0x10", None),
            ("NaN", None),
            ("inf", None),
            ("-", None),
            ("1-2", None),
            ("", None),
        ] {
            let wait = retry_after(&headers(&[DATE, ("retry-after", value)]));
            assert_eq!(wait, seconds.map(Duration::from_secs), "{value}");
        }
        let several = headers(&[DATE, ("retry-after", "soon"), ("retry-after", "40"), ("retry-after", "7")]);
        assert_eq!(retry_after(&several), Some(Duration::from_secs(40)), "the longest of several that can be read");
        assert_eq!(retry_after(&headers(&[("retry-after", "784111807")])), None, "a moment on a clock nobody showed");
        let documented = [DATE, ("retry-after", "3000"), ("x-rate-limit-reset", "784113577")];
        assert_eq!(retry_after(&headers(&documented)), Some(Duration::from_mins(30)), "as long as the limit's window");
    }

    #[test]
    fn a_reset_is_within_the_longest_window() {
        for (value, seconds) in [
            ("784111807", Some(30)),
            ("784111807000", Some(30)),
            ("30", Some(30)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("784111700", Some(-77)),
            ("784115377", Some(3600)),
            ("784115400", Some(3600)),
            ("784119000", Some(15 * 60)),
            ("1795964400", Some(15 * 60)),
            ("-30", None),
            ("9223372036854775807", None),
            ("99999999999999999999999999", None),
            ("tomorrow", None),
        ] {
            let reset = ("x-rate-limit-reset", value);
            let named = headers(&[DATE, ("x-rate-limit-limit", "25"), ("x-rate-limit-remaining", "30"), reset]);
            let expected = seconds.map(|n| Rate { limit: 25, remaining: 25, reset: at(DATE_SECOND + n) });
            assert_eq!(rate(&named), expected, "{value}");
            assert_eq!(limited_until(&named), expected.map(|rate| rate.reset), "{value}");
        }
    }

    #[test]
    fn of_limits_that_are_named_together_the_tightest_counts() {
        let joined = [
            ("x-rate-limit-limit", "600, 25"),
            ("x-rate-limit-remaining", "400, 3"),
            ("x-rate-limit-reset", "784115377, 784111807"),
        ];
        let spike = Rate { limit: 25, remaining: 3, reset: at(784_111_807) };
        assert_eq!(rate(&headers(&joined)), Some(spike));
        let lines = joined.map(|(name, values)| values.split(", ").map(move |value| (name, value)));
        assert_eq!(rate(&headers(&lines.into_iter().flatten().collect::<Vec<_>>())), Some(spike));
    }
}
