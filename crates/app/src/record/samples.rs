//! Samples of the record: a long story with both companies in it, and none.

use domain::{CompanyId, CorId, Currency, Money, ProjectId, audit::Line, procore::Side};
use uuid::Uuid;

use crate::{
    gallery::{Pages, at, put, shell},
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

const HASH: &str = "9f2c61d0b7a84e53c1fd0a6be5527f90d4b8e3a1726cc95e08d4f3b21a7e6c04";

/// An entry of the reader's own company, with the login and the request at Procore where there were such.
fn entry(seq: i64, text: &str, [login, request_id]: [bool; 2]) -> CorEntry {
    let time = at("2026-11-23T09:12:00Z");
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
        kept_hash: HASH.into(),
        prev: HASH.into(),
        hash: HASH.into(),
    };
    CorEntry {
        entry,
        text: text.into(),
        login: login.then(|| "d.whitfield@whitfieldsons.example".into()),
        request_id: request_id.then(|| "3f6a1c9e-77b0-4f0e-9d7e-5b1f7a2c8e11".into()),
        lines: Vec::new(),
    }
}

fn told() -> CorRecord {
    let line = |id, cents: Option<i64>| Line {
        id,
        ordinal: 1,
        amount: cents.map(|cents| Money::minor(cents).into()),
        budget_code: cents.map(|_| 562_949_953),
        contract: None,
    };
    let theirs = "In Change Event 004: 15,830.00, before 0.00, as Noor Haddad had asked.";
    let mut theirs = entry(1847, theirs, [false, true]);
    theirs.entry.kept = None;
    let written = "In Change Event 011: 15,800.00, before 0.00, as Daniel Whitfield had asked.";
    let mut written = entry(1847, written, [true, true]);
    written.lines = vec![line(80012, Some(1_260_000)), line(80013, Some(320_000)), line(80014, None)];
    let cut = "No answer to request 1: Procore is asked before anything else is sent: connection closed before message completed.";
    let accepted =
        "Daniel Whitfield accepted what Procore has: 11,000.00. agreed on site with <script>alert(1)</script>";
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
            entry(1844, "Request 1 sent, for 1 COR.", [true, false]),
            entry(1845, cut, [false, false]),
            written,
            entry(1848, accepted, [true, false]),
            theirs,
        ],
    }
}
