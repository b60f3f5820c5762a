//! Numbers as people type them, and as programs write them. One reader each: what could mean two numbers is refused
//! with the numbers it could mean.

use std::fmt;

use rust_decimal::Decimal;

use crate::{money::Currency, text::shortened};

/// The longest text that is looked at: no number here has more characters, separators and marks included.
const LONGEST: usize = 60;

/// Why a number was refused, with what it would have been taken for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NumberError {
    /// Nothing in it can be meant as one number.
    #[error("“{0}” is not a number. Type one such as 1,250.00 or (500.00).")]
    NotANumber(String),
    /// It could be meant in another way, or in several.
    #[error("“{typed}” is not clear. {}", Type(.would_be))]
    Unclear {
        /// What was typed, shortened.
        typed: String,
        /// What it could mean, the likeliest first; one or two.
        would_be: Vec<Decimal>,
    },
    /// It is marked as money of another currency.
    #[error("“{typed}” is not in {}. Type the amount in {}, without “{mark}”.", .wanted.code(), .wanted.code())]
    OtherCurrency {
        /// What was typed, shortened.
        typed: String,
        /// The mark that doesn't belong there.
        mark: String,
        /// The currency that is asked for.
        wanted: Currency,
    },
    /// A program sent something else than a plain decimal.
    #[error("“{sent}” is not a plain decimal such as 1250.00 or -500.{}", Send(.would_be))]
    NotPlain {
        /// What was sent, shortened.
        sent: String,
        /// What a person could have meant by it; may be empty.
        would_be: Vec<Decimal>,
    },
    /// More digits than a number can have here.
    #[error("This number has too many digits.")]
    TooLong,
}

impl NumberError {
    /// What the refused text would be taken for, the likeliest first; empty when nothing comes to mind.
    pub fn would_be(&self) -> &[Decimal] {
        match self {
            Self::Unclear { would_be, .. } | Self::NotPlain { would_be, .. } => would_be,
            Self::NotANumber(_) | Self::OtherCurrency { .. } | Self::TooLong => &[],
        }
    }
}

/// Reads a number without a currency that a person typed, or that a spreadsheet holds as text: `1,234.5`, `.5`, `-500`,
/// `500-`, `(500)`. A comma stands between thousands only, and no minus behind a point.
pub fn typed(text: &str) -> Result<Decimal, NumberError> {
    read(text, None)
}

/// The same for money, where the currency may stand beside the number: `$1,234.50`, `-$5`, `5 USD`.
pub fn typed_in(text: &str, currency: Currency) -> Result<Decimal, NumberError> {
    read(text, Some(currency))
}

/// Reads a number that a program sent: digits, a point between digits, a minus before them. Nothing else.
pub fn plain(text: &str) -> Result<Decimal, NumberError> {
    if text.len() > LONGEST {
        return Err(NumberError::TooLong);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    if !whole.is_empty() && !decimals.is_empty() && all_digits(whole) && all_digits(decimals) {
        return exact(text).ok_or(NumberError::TooLong);
    }
    let would_be = match typed(text) {
        Ok(number) => vec![number],
        Err(error) => error.would_be().to_vec(),
    };
    Err(NumberError::NotPlain { sent: shortened(text, 40), would_be })
}

fn read(text: &str, currency: Option<Currency>) -> Result<Decimal, NumberError> {
    let text = text.trim_matches(is_blank);
    let shown = shortened(text, 40);
    if text.chars().nth(LONGEST).is_some() {
        return Err(NumberError::TooLong);
    }
    let (core, around) = Around::peel(text);
    for mark in &around.marks {
        match currency {
            Some(wanted) if is_mark_of(wanted, mark) => {}
            Some(wanted) if is_mark(mark) => {
                return Err(NumberError::OtherCurrency { typed: shown, mark: (*mark).to_owned(), wanted });
            }
            None if is_mark(mark) => {}
            _ => return Err(NumberError::NotANumber(shown)),
        }
    }
    // `100.-` is a price in round figures to many, and less than nothing to others.
    let round = around.trailing && core.ends_with(['.', ',']);
    if parts_thousands_only(core) && around.is_clear(currency.is_some()) && !round {
        let number = joined(core).ok_or(NumberError::TooLong)?;
        return Ok(if around.is_negative() { negative(number) } else { number });
    }
    let signed = |number: Decimal| match (around.is_signed_once(), around.is_negative()) {
        (true, true) if round => vec![number, negative(number)],
        (true, false) => vec![number],
        (true, true) => vec![negative(number)],
        (false, _) => vec![negative(number), number],
    };
    let mut would_be: Vec<_> = could_mean(core).into_iter().flat_map(signed).collect();
    would_be.dedup();
    would_be.truncate(2);
    if would_be.is_empty() {
        return Err(NumberError::NotANumber(shown));
    }
    Err(NumberError::Unclear { typed: shown, would_be })
}

/// White space, and the invisible marks that a copied number brings along.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// A minus as keyboards and word processors write it.
fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}' | '\u{2212}')
}

/// What stands around the digits.
#[derive(Default)]
struct Around<'a> {
    minus: usize,
    /// One of them stands behind the digits.
    trailing: bool,
    plus: usize,
    opened: usize,
    closed: usize,
    marks: Vec<&'a str>,
}

impl<'a> Around<'a> {
    /// The digits with their separators, and what stood around them.
    fn peel(mut text: &'a str) -> (&'a str, Self) {
        let mut around = Self::default();
        loop {
            text = text.trim_matches(is_blank);
            let rest = if let Some(rest) = text.strip_prefix('(') {
                around.opened += 1;
                rest
            } else if let Some(rest) = text.strip_suffix(')') {
                around.closed += 1;
                rest
            } else if let Some(rest) = text.strip_prefix(is_minus) {
                around.minus += 1;
                rest
            } else if let Some(rest) = text.strip_suffix(is_minus) {
                around.minus += 1;
                around.trailing = true;
                rest
            } else if let Some(rest) = text.strip_prefix('+') {
                around.plus += 1;
                rest
            } else if text.starts_with(in_mark) {
                let rest = text.trim_start_matches(in_mark);
                around.marks.push(&text[..text.len() - rest.len()]);
                rest
            } else if text.ends_with(in_mark) {
                let rest = text.trim_end_matches(in_mark);
                around.marks.push(&text[rest.len()..]);
                rest
            } else {
                return (text, around);
            };
            text = rest;
        }
    }

    fn is_signed_once(&self) -> bool {
        self.opened == self.closed && self.opened + self.minus + self.plus <= 1
    }

    fn is_negative(&self) -> bool {
        self.opened + self.closed + self.minus > 0
    }

    /// One sign at the most, and of a currency each mark once.
    fn is_clear(&self, of_a_currency: bool) -> bool {
        let marked = match self.marks.as_slice() {
            [] => true,
            [_] => of_a_currency,
            [one, other] => of_a_currency && one != other,
            _ => false,
        };
        marked && self.is_signed_once()
    }
}

/// A character of a currency's name or sign.
fn in_mark(c: char) -> bool {
    c.is_alphabetic() || is_sign(c)
}

fn is_sign(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '¢' | '₱' | '₩' | '₹' | '₽')
}

fn is_mark_of(currency: Currency, mark: &str) -> bool {
    currency.marks().iter().any(|known| known.eq_ignore_ascii_case(mark))
}

/// A mark of whichever currency.
fn is_mark(mark: &str) -> bool {
    Currency::ALL.into_iter().any(|currency| is_mark_of(currency, mark)) || mark.chars().all(is_sign)
}

/// Digits with a point at the most, and commas nowhere but between thousands: `1234.5`, `.5`, `1,234.50`. What begins with
/// a zero has no thousands.
fn parts_thousands_only(core: &str) -> bool {
    let (whole, decimals) = core.split_once('.').unwrap_or((core, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let in_threes = matches!(first.len(), 1..=3) && !first.starts_with('0') && groups.clone().all(|g| g.len() == 3);
    all_digits(decimals)
        && all_digits(first)
        && groups.clone().all(all_digits)
        && (in_threes || groups.next().is_none())
        && core != "."
        && !core.is_empty()
}

/// What digits can mean whose separators are not as they should be: the likeliest first, two at the most.
fn could_mean(core: &str) -> Vec<Decimal> {
    if parts_thousands_only(core) {
        return joined(core).into_iter().collect();
    }
    let separators: Vec<char> = core.chars().filter(|c| !c.is_ascii_digit()).collect();
    let is_separator = |c: &char| matches!(c, '.' | ',' | '\'' | '’') || is_blank(*c);
    let last = match separators.last() {
        Some(last) if separators.iter().all(is_separator) && core.contains(|c: char| c.is_ascii_digit()) => *last,
        _ => return Vec::new(),
    };
    let (commas, points) = (count(&separators, ','), count(&separators, '.'));
    let (before, after) = core.rsplit_once(last).unwrap_or((core, ""));
    let groups: Vec<_> = core.split(|c: char| !c.is_ascii_digit()).collect();
    let threes = |groups: &[&str]| groups.iter().all(|group| group.len() == 3);
    let as_decimals = || joined(&format!("{}.{after}", digits(before)));
    let as_whole = || joined(&digits(core));
    let (first, second) = if commas == separators.len() {
        // A comma where a point belongs, or one too many.
        ((commas == 1 || after.len() != 3).then(as_decimals).flatten(), as_whole())
    } else if commas + points == 0 {
        (as_whole(), None)
    } else if last == ',' && commas == 1 && threes(&groups[1..groups.len() - 1]) || last == '.' && points == 1 {
        (as_decimals(), None)
    } else if points == separators.len() && threes(&groups[1..]) {
        (as_whole(), None)
    } else {
        (None, None)
    };
    let second = second.filter(|second| Some(*second) != first);
    first.into_iter().chain(second).collect()
}

fn count(separators: &[char], wanted: char) -> usize {
    separators.iter().filter(|c| **c == wanted).count()
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The number of these digits, commas left out.
fn joined(core: &str) -> Option<Decimal> {
    exact(format!("0{}", core.replace(',', "")).trim_end_matches('.'))
}

/// Exactly this number; nothing when it has too many digits to be kept exactly. There is no minus nothing.
fn exact(text: &str) -> Option<Decimal> {
    let number = Decimal::from_str_exact(text).ok()?;
    Some(if number.is_zero() { number.abs() } else { number })
}

fn negative(number: Decimal) -> Decimal {
    if number.is_zero() { number } else { -number }
}

/// "Type 7.50, or 750 if you mean that."
struct Type<'a>(&'a [Decimal]);

impl fmt::Display for Type<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().map(|number| grouped(*number)).collect();
        match shown.as_slice() {
            [first, second, ..] => write!(f, "Type {first}, or {second} if you mean that."),
            [only] => write!(f, "Type {only} if you mean that."),
            [] => Ok(()),
        }
    }
}

/// " Send 7.50, or 750 if you mean that."
struct Send<'a>(&'a [Decimal]);

impl fmt::Display for Send<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [first, second, ..] => write!(f, " Send {first}, or {second} if you mean that."),
            [only] => write!(f, " Send {only} if you mean that."),
            [] => Ok(()),
        }
    }
}

/// With commas between thousands, as people read it.
fn grouped(number: Decimal) -> String {
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(whole, decimals)| (whole, Some(decimals)));
    let mut grouped = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    decimals.map_or(grouped.clone(), |decimals| format!("{grouped}.{decimals}"))
}
