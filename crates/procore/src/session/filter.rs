//! Which change events a list holds.

use jiff::{Timestamp, Unit};

/// From one time to another, both included, to the second: a window is widened to whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The earliest.
    pub from: Timestamp,
    /// The latest.
    pub to: Timestamp,
}

/// Whether removed events are in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deleted {
    /// No.
    #[default]
    Without,
    /// Beside the others.
    With,
    /// Alone.
    Only,
}

/// What a list of change events is narrowed to. All parts must hold. By default: all that are not removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangeEventFilter {
    /// Made in this window, by Procore's clock.
    pub created_at: Option<Window>,
    /// Changed in this window, by Procore's clock.
    pub updated_at: Option<Window>,
    /// Removed ones.
    pub deleted: Deleted,
}

impl ChangeEventFilter {
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let deleted = match self.deleted {
            Deleted::Without => None,
            Deleted::With => Some("with"),
            Deleted::Only => Some("only"),
        };
        let created = self.created_at.map(|window| ("filters[created_at]", window.text()));
        let updated = self.updated_at.map(|window| ("filters[updated_at]", window.text()));
        let deleted = deleted.map(|which| ("filters[include_deleted]", which.to_owned()));
        [created, updated, deleted].into_iter().flatten()
    }
}

impl Window {
    /// Whether a time lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }

    /// `2016-09-23T16:30:00Z...2016-09-23T17:00:00Z`.
    fn text(self) -> String {
        let whole = |time: Timestamp, mode| {
            let rounding = jiff::TimestampRound::new().smallest(Unit::Second).mode(mode);
            time.round(rounding).unwrap_or(time)
        };
        format!("{}...{}", whole(self.from, jiff::RoundMode::Floor), whole(self.to, jiff::RoundMode::Ceil))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_widened_to_whole_seconds() {
        let window =
            Window { from: "2016-09-23T16:30:00.9Z".parse().unwrap(), to: "2016-09-23T16:59:59.1Z".parse().unwrap() };
        let filter = ChangeEventFilter { created_at: Some(window), deleted: Deleted::With, ..Default::default() };
        let pairs: Vec<_> = filter.pairs().collect();
        assert_eq!(
            pairs,
            [
                ("filters[created_at]", "2016-09-23T16:30:00Z...2016-09-23T17:00:00Z".to_owned()),
                ("filters[include_deleted]", "with".to_owned()),
            ]
        );
        assert_eq!(ChangeEventFilter::default().pairs().count(), 0);
    }
}
