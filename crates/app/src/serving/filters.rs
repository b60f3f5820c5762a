//! Template filters that print values: `{{ cor.total|money }}`, `{{ sent_at|day }}`, `{{ lines|count("line", "lines") }}`.
//!
//! Every file with a template needs `use crate::serving::filters;`.

#![allow(
    missing_docs,
    clippy::inline_always,
    reason = "the attribute makes a struct of each filter, beside the function that is described"
)]

use std::fmt;

use askama::{Values, filter_fn, filters::HtmlSafe};
use domain::{Money, cor::Status, procore::Amount};
use jiff::{Timestamp, civil::Date};

use super::{
    views::{Pill, Text},
    words,
};

/// An amount: `12,600.00`, or `(12,600.00)` in color if negative. `—` stands for no amount and for one that can't be
/// compared; the table says why.
#[filter_fn]
pub fn money(amount: impl Printed<Option<Amount>>, _: &dyn Values) -> askama::Result<Figure> {
    Ok(Figure { amount: amount.printed(), signed: false })
}

/// A difference: `+3,470.00`, `(12,600.00)`; `—` for none.
#[filter_fn]
pub fn signed(amount: impl Printed<Option<Amount>>, _: &dyn Values) -> askama::Result<Figure> {
    Ok(Figure { amount: amount.printed().filter(|amount| !amount.is_zero()), signed: true })
}

/// A day: "Nov 3, 2026".
#[filter_fn]
pub fn day(at: impl Printed<Timestamp>, _: &dyn Values) -> askama::Result<Text> {
    Ok(Text::default().day(at.printed()))
}

/// A moment: "Nov 5, 2026, 09:12".
#[filter_fn]
pub fn moment(at: impl Printed<Timestamp>, _: &dyn Values) -> askama::Result<Text> {
    Ok(words::moment(at.printed()))
}

/// A clock: "14:32 UTC", with the day when it is another one than `now`'s.
#[filter_fn]
pub fn clock(at: impl Printed<Timestamp>, _: &dyn Values, now: &Timestamp) -> askama::Result<Text> {
    Ok(Text::default().clock(at.printed(), *now))
}

/// How long ago: "3 min ago".
#[filter_fn]
pub fn ago(at: impl Printed<Timestamp>, _: &dyn Values, now: &Timestamp) -> askama::Result<String> {
    Ok(words::ago(at.printed(), *now))
}

/// A calendar day, which no time zone moves: "Nov 3, 2026".
#[filter_fn]
pub fn date(date: &Date, _: &dyn Values) -> askama::Result<String> {
    Ok(words::date(*date))
}

/// "1 line", "2 lines".
#[filter_fn]
pub fn count(n: impl Printed<i64>, _: &dyn Values, one: &str, many: &str) -> askama::Result<String> {
    Ok(domain::text::counted(n.printed(), one, many))
}

/// A COR's status as a colored word: `{% call p::pill(cor.status|status) %}`.
#[filter_fn]
pub fn status(status: &Status, _: &dyn Values) -> askama::Result<Pill> {
    Ok(words::status(*status))
}

/// An amount, drawn.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    amount: Option<Amount>,
    signed: bool,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.amount.filter(|amount| *amount != Amount::NotComparable);
        let Some(amount) = known else { return f.write_str("—") };
        let text = if self.signed { amount.signed() } else { amount.to_string() };
        // Always an element, so that styles can place it in a flex row.
        let class = if text.starts_with('(') { " class=\"neg\"" } else { "" };
        write!(f, "<span{class}>{text}</span>")
    }
}

// Digits, separators and words of ours.
impl HtmlSafe for Figure {}

/// A value that the filters print as a `T`, through any number of references.
pub trait Printed<T> {
    /// What they print.
    fn printed(&self) -> T;
}

/// No amount is a dash.
impl Printed<Option<Amount>> for Money {
    fn printed(&self) -> Option<Amount> {
        Some((*self).into())
    }
}

impl Printed<Option<Amount>> for Amount {
    fn printed(&self) -> Option<Amount> {
        Some(*self)
    }
}

impl<P: Printed<Option<Amount>>> Printed<Option<Amount>> for Option<P> {
    fn printed(&self) -> Option<Amount> {
        self.as_ref().and_then(Printed::printed)
    }
}

impl Printed<Timestamp> for Timestamp {
    fn printed(&self) -> Timestamp {
        *self
    }
}

impl Printed<i64> for i64 {
    fn printed(&self) -> i64 {
        *self
    }
}

impl Printed<i64> for usize {
    fn printed(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl<T, P: Printed<T> + ?Sized> Printed<T> for &P {
    fn printed(&self) -> T {
        (**self).printed()
    }
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::*;
    use crate::serving::filters;

    #[derive(Template)]
    #[template(
        source = "{{ due|money }} {{ back|money }} {{ none|money }} {{ of.0|money }} {{ due|signed }} {{ back|signed }} {{ zero|signed }} {{ lines.len()|count(\"line\", \"lines\") }} \
                  {{ at|day }} {{ on|date }}",
        ext = "html"
    )]
    struct Sample<'a> {
        due: Money,
        back: Money,
        none: Option<Amount>,
        of: &'a (Amount,),
        zero: Money,
        lines: Vec<u8>,
        at: Timestamp,
        on: Date,
    }

    #[test]
    fn values_are_printed_as_the_trade_writes_them() {
        let at = "2026-11-03T09:05:00Z".parse().unwrap();
        let (due, back) = (Money::minor(1_260_000), Money::minor(-5));
        let of = &(Amount::NotComparable,);
        let page = Sample {
            due,
            back,
            none: None,
            of,
            zero: Money::ZERO,
            lines: vec![1],
            at,
            on: jiff::civil::date(2026, 11, 3),
        };
        let time = "<time datetime=\"2026-11-03T09:05:00Z\" data-as=\"day\">Nov 3, 2026</time>";
        let (due, more) = ("<span>12,600.00</span>", "<span>+12,600.00</span>");
        let neg = "<span class=\"neg\">(0.05)</span>";
        assert_eq!(page.render().unwrap(), format!("{due} {neg} — — {more} {neg} — 1 line {time} Nov 3, 2026"));
    }
}
