//! Samples of the security events.

use domain::security::SecurityTopic;

use super::{SecurityEventSeen, SecurityEvents, pages::SecurityPage};
use crate::{
    gallery::{Pages, at, put, settings_shell},
    serving::views::Choice,
};

pub(crate) fn add(pages: &mut Pages) {
    let events = vec![
        event(5, ("sign_in_failed", "Sign-in failed", false), "Ruth Calloway", "", "Chrome on Windows"),
        event(
            4,
            ("token_made", "API token made", true),
            "Dana Whitfield",
            "Nightly export to the accounting system",
            "Safari on Mac",
        ),
        event(
            3,
            ("role_changed", "Role changed", true),
            "Ruth Calloway",
            "Ben Ortiz: Project Manager → Admin",
            "Firefox on Linux",
        ),
        event(2, ("exported", "Exported", true), "Ruth Calloway", "Audit log", "curl/8.5.0"),
        event(1, ("password_reset", "Password reset", true), "Your operator", "Dana Whitfield", "Command line"),
    ];
    let page = |events, next: Option<&str>| SecurityPage {
        shell: settings_shell(),
        events: SecurityEvents { events, next: next.map(str::to_owned) },
        topics: SecurityTopic::ALL.into_iter().map(|topic| Choice::of(&topic.code(), topic.name(), "")).collect(),
        people: vec![Choice::new("1", "Ruth Calloway"), Choice::new("2", "Dana Whitfield")],
        failed: false,
        query: String::new(),
    };
    put(pages, "settings-security", &page(events, Some("1")));
    put(pages, "settings-security-empty", &page(Vec::new(), None));
}

fn event(
    n: i64,
    (kind, what, succeeded): (&'static str, &'static str, bool),
    who: &str,
    subject: &str,
    browser: &str,
) -> SecurityEventSeen {
    SecurityEventSeen {
        seq: n,
        at: at("2026-11-29T13:05:00Z"),
        kind,
        what,
        succeeded,
        person_id: None,
        person_name: who.to_owned(),
        subject: subject.to_owned(),
        address: if browser == "Command line" { String::new() } else { "203.0.113.24".to_owned() },
        browser: browser.to_owned(),
    }
}
