//! How pages print days, moments and amounts.

use domain::Money;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::views;

/// A day: "Nov 3, 2026". Times of the product are UTC.
pub fn day(at: Timestamp) -> String {
    date(TimeZone::UTC.to_datetime(at).date())
}

/// A calendar day: "Nov 3, 2026".
pub fn date(date: Date) -> String {
    date.strftime("%b %-d, %Y").to_string()
}

/// The day it is.
pub fn today(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

/// A moment: "Nov 5, 2026, 09:12 UTC".
pub fn moment(at: Timestamp) -> String {
    at.strftime("%b %-d, %Y, %H:%M UTC").to_string()
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

/// An amount: "12,600.00", "(12,600.00)".
pub fn money(amount: Money) -> views::Money {
    views::Money::from(amount.to_string())
}

/// "1 project", "2 projects".
pub fn count(n: i64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A status as the pages show it.
pub fn status(status: domain::cor::Status) -> views::CorStatus {
    use domain::cor::Status as S;
    match status {
        S::Draft => views::CorStatus::Draft,
        S::Placeholder => views::CorStatus::Placeholder,
        S::InReview => views::CorStatus::InReview,
        S::ReviseAndResubmit => views::CorStatus::ReviseAndResubmit,
        S::ApprovedToProceed => views::CorStatus::ApprovedToProceed,
        S::ApprovedCoIssued => views::CorStatus::ApprovedCoIssued,
        S::Void => views::CorStatus::Void,
    }
}

/// A place in Procore as the pages show it.
pub fn procore_state(state: domain::procore::push_state::ProcoreState) -> views::ProcoreState {
    use domain::procore::push_state::ProcoreState as S;
    match state {
        S::NotInProcore => views::ProcoreState::NotInProcore,
        S::UpToDate => views::ProcoreState::UpToDate,
        S::UpdateNeeded => views::ProcoreState::UpdateNeeded,
        S::InProgress => views::ProcoreState::InProgress,
        S::WaitingForSignIn => views::ProcoreState::SignInNeeded,
        S::Checking => views::ProcoreState::Checking,
        S::Refused => views::ProcoreState::Refused,
        S::ChangedInProcore => views::ProcoreState::ChangedInProcore,
        S::Surplus => views::ProcoreState::Surplus,
        S::LineChanged => views::ProcoreState::LineChanged,
        S::LineRemoved => views::ProcoreState::LineRemoved,
        S::LineLocked => views::ProcoreState::LineLocked,
        S::ContractMoved => views::ProcoreState::ContractMoved,
        S::EventStatusChanged => views::ProcoreState::EventStatusChanged,
        S::EventVoided => views::ProcoreState::EventVoided,
        S::EventDeleted => views::ProcoreState::EventDeleted,
        S::EventRestored => views::ProcoreState::EventRestored,
    }
}

/// Something a person may do at `url`, or why not.
pub fn deed(allowed: Result<(), domain::role::Denied>, url: impl Into<String>) -> views::Deed {
    match allowed {
        Ok(()) => views::Deed::May(url.into()),
        Err(denied) => views::Deed::MayNot(denied.to_string()),
    }
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
    fn days_and_moments_read_as_the_trade_writes_them() {
        let at: Timestamp = "2026-11-03T09:05:00Z".parse().unwrap();
        assert_eq!(day(at), "Nov 3, 2026");
        assert_eq!(moment(at), "Nov 3, 2026, 09:05 UTC");
        assert_eq!(count(1, "project", "projects"), "1 project");
        assert_eq!(count(0, "project", "projects"), "0 projects");
    }
}
