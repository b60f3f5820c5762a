//! Text with moments in it.

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};
use jiff::{Timestamp, tz::TimeZone};

/// Text that may contain moments. A moment is a `<time>` element in UTC; the script shows it in the reader's time zone, in
/// the shape that the element names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// These words and then `words`.
    pub fn and(mut self, words: &str) -> Self {
        match escape(words, Html) {
            Ok(escaped) => self.0.push_str(&escaped.to_string()),
            Err(never) => match never {},
        }
        self
    }

    /// And then a day: "Nov 3, 2026".
    pub fn day(self, at: Timestamp) -> Self {
        self.time(at, "day", "%b %-d, %Y")
    }

    /// And then a day as a column shows it: "Nov 3", with the year unless it is `now`'s.
    pub fn short_day(self, at: Timestamp, now: Timestamp) -> Self {
        let year = |at| TimeZone::UTC.to_datetime(at).year();
        self.time(at, "short-day", if year(at) == year(now) { "%b %-d" } else { "%b %-d, %Y" })
    }

    /// And then a moment: "Nov 5, 2026, 09:12 UTC".
    pub fn moment(self, at: Timestamp) -> Self {
        self.time(at, "moment", "%b %-d, %Y, %H:%M UTC")
    }

    /// And then a time: "14:32 UTC", with the day unless it is `now`'s.
    pub fn clock(self, at: Timestamp, now: Timestamp) -> Self {
        let date = |at| TimeZone::UTC.to_datetime(at).date();
        self.time(at, "clock", if date(at) == date(now) { "%H:%M UTC" } else { "%b %-d, %H:%M UTC" })
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn time(mut self, at: Timestamp, shape: &str, fallback: &str) -> Self {
        self.0.push_str(&format!("<time datetime=\"{at}\" data-as=\"{shape}\">{}</time>", at.strftime(fallback)));
        self
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::default().and(words)
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self::default().and(&words)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Words are escaped when they are added.
impl HtmlSafe for Text {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn words_are_escaped_and_moments_are_marked() {
        let said =
            Text::from("<b> & until ").clock(at("2026-11-23T14:32:10Z"), at("2026-11-23T09:00:00Z")).and("; \"so\"");
        let time = "<time datetime=\"2026-11-23T14:32:10Z\" data-as=\"clock\">14:32 UTC</time>";
        assert_eq!(said.to_string(), format!("&#60;b&#62; &#38; until {time}; &#34;so&#34;"));
    }

    #[test]
    fn what_is_far_away_says_its_day() {
        let now = at("2026-11-23T09:00:00Z");
        let told = |text: Text| text.to_string().split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert_eq!(told(Text::default().clock(at("2026-11-24T00:10:00Z"), now)), "Nov 24, 00:10 UTC");
        assert_eq!(told(Text::default().short_day(at("2026-01-03T00:10:00Z"), now)), "Jan 3");
        assert_eq!(told(Text::default().short_day(at("2025-12-31T00:10:00Z"), now)), "Dec 31, 2025");
        assert_eq!(told(Text::default().moment(now)), "Nov 23, 2026, 09:00 UTC");
    }
}
