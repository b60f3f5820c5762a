//! Samples of the record: a long story with both companies in it, and none.

use crate::{
    gallery::{Pages, put, shell},
    record::views::{RecordEntry, RecordLine, RecordPage},
    serving::views::{Link, NavItem},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "record", &told());
    put(pages, "record-empty", &RecordPage { entries: Vec::new(), ..told() });
}

const HASH: &str = "9f2c61d0b7a84e53c1fd0a6be5527f90d4b8e3a1726cc95e08d4f3b21a7e6c04";

fn entry(number: &str, what: &str, login: &str, request: &str) -> RecordEntry {
    RecordEntry {
        when: "Nov 23, 2026, 09:12 UTC".into(),
        company: "Whitfield & Sons Construction".into(),
        what: what.into(),
        login: login.into(),
        request_id: request.into(),
        number: number.into(),
        hash: HASH.into(),
        short: HASH.chars().take(12).collect(),
        ..RecordEntry::default()
    }
}

fn told() -> RecordPage {
    let (login, request) = ("d.whitfield@whitfieldsons.example", "3f6a1c9e-77b0-4f0e-9d7e-5b1f7a2c8e11");
    let line =
        |id: &str, amount: &str| RecordLine { id: id.into(), amount: Some(amount.into()), code: "562949953".into() };
    RecordPage {
        shell: shell("Record", NavItem::Log),
        heading: "COR 014 · Reroute the storm drain around the new footing".into(),
        party: "Cascade Mechanical, Inc.".into(),
        currency: "USD".into(),
        entries: vec![
            entry(
                "1848",
                "Daniel Whitfield accepted what Procore has: 11,000.00; the COR asks for 12,900.00. agreed on site with <script>alert(1)</script>",
                login,
                "",
            ),
            RecordEntry {
                theirs: true,
                company: "Cascade Mechanical, Inc.".into(),
                ..entry("212", "In Change Event 004: 15,830.00, before 0.00, as Noor Haddad had asked.", "", request)
            },
            RecordEntry {
                lines: vec![
                    line("80012", "12,600.00"),
                    line("80013", "3,200.00"),
                    RecordLine { amount: None, ..line("80014", "") },
                ],
                ..entry(
                    "1847",
                    "In Change Event 011: 15,800.00, before 0.00, as Daniel Whitfield had asked.",
                    login,
                    request,
                )
            },
            entry("1846", "Looked at the Change Event in Procore: 1 COR settled by it.", "", request),
            entry(
                "1845",
                "No answer to request 1: Procore is asked before anything else is sent: connection closed before message completed.",
                "",
                "",
            ),
            entry("1844", "Request 1 sent, for 1 COR.", login, ""),
            entry("1843", "Daniel Whitfield asked to push it: 15,800.00, before 0.00.", "", ""),
            entry(
                "1842",
                "Daniel Whitfield confirmed the push of 1 COR to Change Event 011: 3 lines to write, 15,800.00, before 0.00.",
                login,
                "",
            ),
        ],
        csv_url: "csv".into(),
        jsonl_url: "jsonl".into(),
        back: Link::new("Back to the COR", "/cors/1"),
    }
}
