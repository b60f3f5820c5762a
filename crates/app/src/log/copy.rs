//! What the log says in words.

use domain::procore::{
    Side,
    push_state::{ProcoreState, PushState},
};
use jiff::Timestamp;
use store::repo::{
    log::{LogRow, LogRows},
    push::UnderWay,
};

use crate::{log::query::PAGE, words::Text};

/// What the column of days counts.
pub const DAYS: &str = "Days since the COR was submitted, while somebody still has to act: In Review, Revise and Resubmit, \
                        Approved to Proceed.";

/// The filter for all that the sign in the navigation counts.
pub const NEEDS_ATTENTION: &str = "Needs attention";

/// What else the sign counts, on the log's other side.
pub fn elsewhere(cors: i64, side: Side) -> String {
    format!("{cors} more in {}", side.name())
}

/// Why nothing of a project can be pushed yet.
pub const MAP_FIRST: &str = "Map this project to Procore first, under its settings → Procore.";

/// The status of a change event that Procore doesn't list any more.
pub const GONE: &str = "no longer listed";

/// A push that doesn't go on by itself.
pub const STOPPED: &str = "Stopped. Select Try again to continue.";

/// Why a row can't be pushed now.
pub fn blocked(row: &LogRow) -> Option<&'static str> {
    match row.procore.state {
        state if state.is_busy() => Some("It is being pushed now."),
        ProcoreState::Surplus if row.procore.event.is_none() => {
            Some("It has duplicate lines in Procore. Remove them first.")
        }
        state => row.status.keeps_out_of_procore(state != ProcoreState::NotInProcore),
    }
}

/// Which of the `count` rows are on this page; empty where all are.
pub fn showing(page: &LogRows, count: i64) -> String {
    let shown = page.rows.len();
    match (&page.previous, &page.next) {
        (None, None) => String::new(),
        (None, Some(_)) => format!("1 to {shown} of {count}"),
        (Some(_), None) => format!("the last {shown} of {count}"),
        (Some(_), Some(_)) => format!("{PAGE} of {count}"),
    }
}

/// What a running push does, and until or since when.
pub fn under_way(way: &UnderWay, connected: bool, now: Timestamp) -> Text {
    let since = |what: &str| Text::from(what).and(" since ").clock(way.asked_at, now);
    let who = if connected { "sign-in" } else { "the office" };
    match &way.state {
        PushState::Queued { due } if *due > now => Text::from("In progress, continues at ").clock(*due, now),
        PushState::Uncertain { look_at } if *look_at > now => {
            Text::from("Checking what Procore received, next at ").clock(*look_at, now)
        }
        PushState::Uncertain { .. } => Text::from("Checking what Procore received"),
        PushState::Parked { uncertain: true, .. } => {
            Text::from(format!("Check waits for {who}, requested ")).clock(way.asked_at, now)
        }
        PushState::Parked { .. } => Text::from(format!("Waiting for {who}, requested ")).clock(way.asked_at, now),
        PushState::Paused { .. } => Text::from("Paused, requested ").clock(way.asked_at, now),
        PushState::Stopped { .. } => Text::from(format!("{STOPPED} Requested ")).clock(way.asked_at, now),
        PushState::Queued { .. } | PushState::Sending { .. } => since("In progress"),
        PushState::Finished | PushState::Cancelled | PushState::Changed { .. } => Text::default(),
    }
}

#[cfg(test)]
mod tests {
    use domain::PushId;
    use uuid::Uuid;

    use super::*;

    fn said(state: PushState, connected: bool) -> String {
        let now: Timestamp = "2026-11-23T14:30:00Z".parse().unwrap();
        let asked_at = "2026-11-23T14:28:10Z".parse().unwrap();
        let way = UnderWay { push: PushId(Uuid::from_u128(7)), draft: None, state, asked_at };
        let html = under_way(&way, connected, now).to_string();
        html.split('<')
            .enumerate()
            .map(|(n, part)| if n == 0 { part } else { part.split_once('>').unwrap().1 })
            .collect()
    }

    #[test]
    fn each_busy_state_says_until_or_since_when() {
        let later = "2026-11-23T14:32:10Z".parse().unwrap();
        let past = "2026-11-23T14:29:00Z".parse().unwrap();
        let parked = |uncertain| PushState::Parked { why: String::new(), uncertain };
        assert_eq!(said(PushState::Queued { due: past }, true), "In progress since 14:28 UTC");
        assert_eq!(said(PushState::Queued { due: later }, true), "In progress, continues at 14:32 UTC");
        assert_eq!(said(PushState::Sending { since: past }, true), "In progress since 14:28 UTC");
        assert_eq!(
            said(PushState::Uncertain { look_at: later }, true),
            "Checking what Procore received, next at 14:32 UTC"
        );
        assert_eq!(said(PushState::Uncertain { look_at: past }, true), "Checking what Procore received");
        assert_eq!(said(parked(false), true), "Waiting for sign-in, requested 14:28 UTC");
        assert_eq!(said(parked(false), false), "Waiting for the office, requested 14:28 UTC");
        let (why, look_at) = (String::new(), None);
        assert_eq!(said(PushState::Paused { look_at }, true), "Paused, requested 14:28 UTC");
        assert_eq!(said(PushState::Stopped { why, look_at }, true), format!("{STOPPED} Requested 14:28 UTC"));
        assert_eq!(said(parked(true), true), "Check waits for sign-in, requested 14:28 UTC");
    }
}
