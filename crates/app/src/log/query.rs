//! A view of the log as text: what stands in the address of the page, in a selection and in the API's query.

use std::collections::BTreeSet;

use domain::{CompanyId, cor::Status, procore::push_state::ProcoreState};
use store::repo::log::{LogCursor, LogFilter, PageWanted, Position, Sort, SortBy};
use url::form_urlencoded;

/// Rows of a page.
pub const PAGE: usize = 50;
/// The longest text that is searched for, in characters.
pub const SEARCH: usize = 120;
/// The most values of one kind in a filter, because each is part of every link of the page.
const MOST_VALUES: usize = 50;
/// The longest name of a status in Procore, in bytes.
const LONGEST_STATUS: usize = 100;

/// All states that need attention, in an address.
const ATTENTION: &str = "attention";

/// Filter, order and place. Unknown values are left out, so that an old bookmark still works.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogQuery {
    /// The rows.
    pub filter: LogFilter,
    /// Their order.
    pub sort: Sort,
    /// `after=` or `before=` as given.
    place: Option<(Towards, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Towards {
    After,
    Before,
}

impl LogQuery {
    /// Reads `q`, `status`, `party`, `procore`, `event`, `event_status`, `sort` (`-` before it: the greatest first),
    /// `after` and `before`; sets are given by repeating the name.
    pub fn parse(query: &str) -> Self {
        let mut found = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            found.take(&name, &value);
        }
        found
    }

    fn take(&mut self, name: &str, value: &str) {
        let filter = &mut self.filter;
        match name {
            "q" => {
                let text = value.replace(|c: char| c.is_control(), " ");
                filter.text = domain::text::cut(text.trim(), SEARCH).to_owned();
            }
            "status" => filter.statuses.extend(Status::from_code(value)),
            "party" if filter.counterparties.len() < MOST_VALUES => {
                filter.counterparties.extend(value.parse::<CompanyId>().ok());
            }
            "procore" if value == ATTENTION => filter.procore.extend(ProcoreState::alerts()),
            "procore" => filter.procore.extend(ProcoreState::from_code(value)),
            "event" => filter.event = value.parse().ok().filter(|id| *id > 0),
            "event_status"
                if !value.is_empty()
                    && value.len() <= LONGEST_STATUS
                    && !value.contains('\0')
                    && filter.event_statuses.len() < MOST_VALUES =>
            {
                filter.event_statuses.insert(value.to_owned());
            }
            "sort" => {
                let (descending, code) = value.strip_prefix('-').map_or((false, value), |code| (true, code));
                if let Some(by) = SortBy::from_code(code) {
                    self.sort = Sort { by, descending };
                }
            }
            "after" => self.place = Some((Towards::After, value.to_owned())),
            "before" => self.place = Some((Towards::Before, value.to_owned())),
            _ => {}
        }
    }

    /// The page it asks for; the first where the place does not fit the order.
    pub fn wanted(&self) -> PageWanted {
        let position = self.place.as_ref().and_then(|(towards, text)| {
            let cursor = LogCursor::decode(text, self.sort.by)?;
            Some(match towards {
                Towards::After => Position::After(cursor),
                Towards::Before => Position::Before(cursor),
            })
        });
        PageWanted { filter: self.filter.clone(), sort: self.sort, position: position.unwrap_or_default(), rows: PAGE }
    }

    /// The same view from its beginning.
    pub fn from_the_beginning(&self) -> Self {
        Self { place: None, ..self.clone() }
    }

    /// The same view from its beginning, with something else in it.
    pub fn with(&self, change: impl FnOnce(&mut LogFilter)) -> Self {
        let mut other = self.from_the_beginning();
        change(&mut other.filter);
        other
    }

    /// The same rows by a column, or in reverse where they are sorted by that column already.
    pub fn sorted_by(&self, by: SortBy, first_descending: bool) -> Self {
        let descending = if self.sort.by == by { !self.sort.descending } else { first_descending };
        Self { sort: Sort { by, descending }, ..self.from_the_beginning() }
    }

    /// The page after a row.
    pub fn after(&self, cursor: &LogCursor) -> Self {
        Self { place: Some((Towards::After, cursor.encode())), ..self.clone() }
    }

    /// The page before a row.
    pub fn before(&self, cursor: &LogCursor) -> Self {
        Self { place: Some((Towards::Before, cursor.encode())), ..self.clone() }
    }

    /// The names and values of the filter alone, in a fixed order.
    pub fn filter_pairs(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let mut pairs = Vec::new();
        if !filter.text.is_empty() {
            pairs.push(("q", filter.text.clone()));
        }
        pairs.extend(filter.statuses.iter().map(|status| ("status", status.code().to_owned())));
        pairs.extend(filter.counterparties.iter().map(|company| ("party", company.to_string())));
        let attention = ProcoreState::alerts().all(|state| filter.procore.contains(&state));
        pairs.extend(attention.then(|| ("procore", ATTENTION.to_owned())));
        let named = filter.procore.iter().filter(|state| !attention || !state.needs_attention());
        pairs.extend(named.map(|state| ("procore", state.code().to_owned())));
        pairs.extend(filter.event.map(|event| ("event", event.to_string())));
        pairs.extend(filter.event_statuses.iter().map(|status| ("event_status", status.clone())));
        pairs
    }

    /// The filter as a query string, for a selection of everything under it.
    pub fn filter_string(&self) -> String {
        encode(self.filter_pairs())
    }

    /// Everything as a query string, empty for the log as it opens.
    pub fn encode(&self) -> String {
        let mut pairs = self.filter_pairs();
        if self.sort != Sort::default() {
            pairs.push(("sort", self.sort_code()));
        }
        if let Some((towards, cursor)) = &self.place {
            let name = if *towards == Towards::After { "after" } else { "before" };
            pairs.push((name, cursor.clone()));
        }
        encode(pairs)
    }

    /// The order as it stands in the address.
    pub fn sort_code(&self) -> String {
        format!("{}{}", if self.sort.descending { "-" } else { "" }, self.sort.by.code())
    }
}

fn encode(pairs: Vec<(&'static str, String)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Puts `value` in, or takes it out if it is there. Answers whether it is in now.
pub fn toggle<T: Ord>(set: &mut BTreeSet<T>, value: T) -> bool {
    !set.remove(&value) && set.insert(value)
}

/// Whether a text can be searched for: at most [`SEARCH`] characters, all of them printed.
pub(crate) fn searchable(text: &str) -> bool {
    text.chars().count() <= SEARCH && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_read_back_from_its_address() {
        let text = "q=CE+9+%26+14&status=in_review&status=void&party=00000000-0000-0000-0000-000000000007&procore=refused\
                    &event=12&event_status=Under+T%26M&sort=-total";
        let query = LogQuery::parse(text);
        assert_eq!(query.encode(), text);
        assert_eq!(LogQuery::parse(&query.encode()), query);
        assert!(query.filter.statuses.contains(&Status::Void));
        assert_eq!(LogQuery::default().encode(), "");
    }

    #[test]
    fn all_that_needs_attention_is_one_word() {
        let query = LogQuery::parse("procore=attention&procore=up_to_date");
        assert_eq!(query.filter.procore.len(), ProcoreState::alerts().count() + 1);
        assert_eq!(query.encode(), "procore=attention&procore=up_to_date");
    }

    #[test]
    fn nonsense_in_an_address_is_left_out() {
        let query =
            LogQuery::parse("status=gone&party=x&procore=&event=-1&sort=nothing&after=nonsense&utm=1&event_status=");
        assert!(query.filter.is_empty());
        assert_eq!(query.wanted().position, Position::First);
    }

    #[test]
    fn a_new_filter_or_order_begins_at_the_first_page() {
        let query = LogQuery::parse("status=void&after=00000000-0000-0000-0000-000000000007.5");
        assert_ne!(query.wanted().position, Position::First);
        assert_eq!(query.with(|filter| _ = toggle(&mut filter.statuses, Status::Void)).encode(), "");
        let sorted = query.sorted_by(SortBy::Number, false);
        assert_eq!(sorted.encode(), "status=void&sort=number");
    }
}
