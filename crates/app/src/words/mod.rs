//! How the product writes days, moments and states, on pages, in messages and in answers of the API.

mod failure;
mod pill;
mod text;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub use failure::Failure;
pub use pill::{Pill, Tone, status};
pub use text::Text;

/// The note beside an approval that its sender recorded.
pub const RECORDED: &str = "recorded by sender";

/// A day: "Nov 3, 2026".
pub fn day(at: Timestamp) -> Text {
    Text::default().day(at)
}

/// A day in UTC, for text without markup: a tooltip.
pub fn day_in_utc(at: Timestamp) -> String {
    date(TimeZone::UTC.to_datetime(at).date())
}

/// A calendar day: "Nov 3, 2026".
pub fn date(date: Date) -> String {
    date.strftime("%b %-d, %Y").to_string()
}

/// Today, in UTC.
pub fn today(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

/// A moment: "Nov 5, 2026, 09:12".
pub fn moment(at: Timestamp) -> Text {
    Text::default().moment(at)
}

/// How long ago: "just now", "3 min ago", "2 h ago", "4 d ago".
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    match now.duration_since(then).as_mins() {
        ..1 => "just now".to_owned(),
        minutes @ 1..60 => format!("{minutes} min ago"),
        minutes @ 60..1440 => format!("{} h ago", minutes / 60),
        minutes => format!("{} d ago", minutes / 1440),
    }
}

/// What a change event is called: "CE 011".
pub fn event_label(number: &str) -> String {
    if number.is_empty() { "Change event".to_owned() } else { format!("CE {number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_reads_as_people_say_it() {
        let then: Timestamp = "2026-11-23T17:00:00Z".parse().unwrap();
        let told = |seconds| ago(then, then + jiff::SignedDuration::from_secs(seconds));
        assert_eq!(told(59), "just now");
        assert_eq!(told(299), "4 min ago");
        assert_eq!(told(7200), "2 h ago");
        assert_eq!(told(200_000), "2 d ago");
        assert_eq!(told(-5), "just now", "two clocks that differ");
    }

    #[test]
    fn days_read_as_the_trade_writes_them() {
        let at: Timestamp = "2026-11-03T09:05:00Z".parse().unwrap();
        assert_eq!(day_in_utc(at), "Nov 3, 2026");
    }
}
