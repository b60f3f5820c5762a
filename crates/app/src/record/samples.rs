//! Samples of the record: a long story with both companies in it, and none.

use domain::{CompanyId, CorId, Currency, Money, ProjectId, audit::Line, procore::Side};
use uuid::Uuid;

use crate::{
    gallery::{Pages, put, shell},
    record::{CorEntry, CorRecord, RecordEntry, pages::CorRecordPage},
    serving::views::NavItem,
};

pub(crate) fn add(pages: &mut Pages) {
    let us = "Whitfield & Sons Construction";
    let mut page = |name, record: &CorRecord| {
        put(pages, name, &CorRecordPage { shell: shell("Record", NavItem::Log), record, us });
    };
    page("record", &told());
    page("record-empty", &CorRecord { entries: Vec::new(), ..told() });
}

const LOGIN: &str = "d.whitfield@whitfieldsons.example";
const REQUEST: &str = "3f6a1c9e-77b0-4f0e-9d7e-5b1f7a2c8e11";

fn entry(seq: i64, text: &str, login: Option<&str>, request_id: Option<&str>) -> CorEntry {
    let time: jiff::Timestamp = "2026-11-23T09:12:00Z".parse().unwrap_or_default();
    let hash = "9f2c61d0b7a84e53c1fd0a6be5527f90d4b8e3a1726cc95e08d4f3b21a7e6c04";
    let entry = RecordEntry {
        company_id: CompanyId(Uuid::nil()),
        seq,
        time,
        at: time.as_microsecond() + seq,
        kind: "cor_decided".into(),
        project_id: ProjectId(Uuid::nil()),
        push_id: None,
        cor_id: None,
        told: String::new(),
        kept: Some(String::new()),
        kept_hash: hash.into(),
        prev: hash.into(),
        hash: hash.into(),
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    CorEntry { entry, text: text.into(), login: owned(login), request_id: owned(request_id), lines: Vec::new() }
}

fn told() -> CorRecord {
    let line = |id, cents: Option<i64>| Line {
        id,
        ordinal: 1,
        amount: cents.map(|cents| Money::minor(cents).into()),
        budget_code: cents.map(|_| 562_949_953),
        contract: None,
    };
    let mut theirs =
        entry(212, "In Change Event 004: 15,830.00, before 0.00, as Noor Haddad had asked.", None, Some(REQUEST));
    (theirs.entry.kept, theirs.entry.at) = (None, theirs.entry.at + 1_847 - 211);
    let mut written = entry(
        1847,
        "In Change Event 011: 15,800.00, before 0.00, as Daniel Whitfield had asked.",
        Some(LOGIN),
        Some(REQUEST),
    );
    written.lines = vec![line(80012, Some(1_260_000)), line(80013, Some(320_000)), line(80014, None)];
    CorRecord {
        cor_id: CorId(Uuid::nil()),
        number: "014".into(),
        title: "Reroute the storm drain around the new footing".into(),
        project_id: ProjectId(Uuid::nil()),
        project_name: "Harbor Point Medical Office".into(),
        side: Side::Received,
        counterparty: "Cascade Mechanical, Inc.".into(),
        currency: Currency::Usd,
        entries: vec![
            entry(
                1842,
                "Daniel Whitfield confirmed the push of 1 COR to Change Event 011: 3 lines to write, 15,800.00, before 0.00.",
                Some(LOGIN),
                None,
            ),
            entry(1843, "Daniel Whitfield asked to push it: 15,800.00, before 0.00.", None, None),
            entry(1844, "Request 1 sent, for 1 COR.", Some(LOGIN), None),
            entry(
                1845,
                "No answer to request 1: Procore is asked before anything else is sent: connection closed before message completed.",
                None,
                None,
            ),
            entry(1846, "Looked at the Change Event in Procore: 1 COR settled by it.", None, Some(REQUEST)),
            written,
            entry(
                1848,
                "Daniel Whitfield accepted what Procore has: 11,000.00; the COR asks for 12,900.00. agreed on site with <script>alert(1)</script>",
                Some(LOGIN),
                None,
            ),
            theirs,
        ],
    }
}
