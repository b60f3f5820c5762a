//! How times and query strings are written.

use jiff::Timestamp;
use rust_decimal::{Decimal, RoundingStrategy};

/// A time as Procore writes it: `2026-03-02T14:05:00Z`.
pub(crate) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time as deliveries to hooks write it: `2026-03-02T14:05:00.123456Z`.
pub(crate) fn iso_micros(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// A time as people read it: `2 Mar 2026, 14:05 UTC`.
pub(crate) fn readable(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// A time as the `Date` header writes it.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// An amount with so many decimals, half of the last one going away from zero.
pub(crate) fn decimal(amount: Decimal, places: u32) -> String {
    let rounded = amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    format!("{rounded:.*}", places as usize)
}

/// What people see of HTML: its text. Only the entities that a client needs to write text are known.
pub(crate) fn seen_of_html(html: &str) -> String {
    let mut seen = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        seen.push_str(text);
        let opens = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
        if tag.starts_with(opens) {
            rest = tag.split_once('>').map_or("", |(_, after)| after);
        } else {
            seen.push('<');
            rest = tag;
        }
    }
    seen.push_str(rest);
    seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A query string, decoded, with its keys in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(raw: &str) -> Self {
        Self(url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect())
    }

    /// The last value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// A key's value as a number.
    pub(crate) fn int(&self, key: &str) -> Option<i64> {
        self.get(key)?.parse().ok()
    }

    /// All values of `key` and `key[]`, with comma lists and bracketed lists taken apart.
    pub(crate) fn all(&self, key: &str) -> Vec<String> {
        let array = format!("{key}[]");
        self.0
            .iter()
            .filter(|(name, _)| name == key || *name == array)
            .flat_map(|(_, value)| value.trim_matches(['[', ']']).split(','))
            .map(|part| part.trim().trim_matches('"').to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// Whether a key is there at all, with or without a value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name == key)
    }

    /// The names in it, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The same query with another value for `key`.
    pub(crate) fn with(&self, key: &str, value: &str) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, old) in self.0.iter().filter(|(name, _)| name != key) {
            out.append_pair(name, old);
        }
        out.append_pair(key, value).finish()
    }
}
