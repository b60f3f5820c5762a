//! The table: headings that sort, and rows.

use domain::{
    cor::Status,
    procore::{Side, push_state::ProcoreState},
};
use jiff::Timestamp;
use store::repo::{
    log::{EventOfRow, LogLine, Sort, SortBy},
    mapping::Mapping,
};

use super::Asked;
use crate::{
    App,
    log::{
        pages::procore_cell::{self, Known},
        views::{
            LogRow, SortColumn,
            cell::{EventRef, ProcoreCell},
        },
    },
    serving::{views::Text, words},
};

/// The headings, in the order of the table.
pub(crate) fn columns(asked: &Asked<'_>) -> Vec<SortColumn> {
    let days = "Days since the COR was submitted, while somebody still has to act: In Review, Revise and Resubmit, \
                Approved to Proceed.";
    let column = |label: &str, by: SortBy, first_descending: bool| {
        let sort = asked.query.sort;
        let now = sort.by == by;
        let descending = if now { !sort.descending } else { first_descending };
        SortColumn {
            label: label.to_owned(),
            url: asked.url(&asked.query.sorted(Sort { by, descending })),
            sorted: match (now, sort.descending) {
                (false, _) => "",
                (true, true) => "descending",
                (true, false) => "ascending",
            },
            hint: String::new(),
        }
    };
    vec![
        column("COR", SortBy::Number, false),
        column(asked.side.counterparty(), SortBy::Counterparty, false),
        column("Title", SortBy::Title, false),
        column("Reference", SortBy::Reference, false),
        column("Status", SortBy::Status, false),
        column("Submitted", SortBy::Submitted, true),
        // The longest waiting first is the oldest first.
        SortColumn { sorted: "", hint: days.to_owned(), ..column("Days", SortBy::Submitted, false) },
        column("Requested", SortBy::Total, true),
        column("Procore", SortBy::Procore, true),
    ]
}

/// One page of rows.
pub(crate) fn rows(asked: &Asked<'_>) -> Vec<LogRow> {
    asked.seen.page.lines.iter().map(|line| row(asked, line)).collect()
}

fn row(asked: &Asked<'_>, line: &LogLine) -> LogRow {
    let may_edit = asked.person.actor.may_edit_cors(asked.seen.project.standing()).is_ok();
    let url = format!("/cors/{}", line.cor);
    LogRow {
        id: line.cor.to_string(),
        number: line.number.to_string(),
        party: line.counterparty_name.clone(),
        title: line.title.clone(),
        reference: line.customer_reference.clone(),
        status: words::status(line.status),
        status_mark: if line.recorded { words::RECORDED } else { "" },
        status_code: line.status.code(),
        submitted: line.submitted_at.map(|at| Text::default().short_day(at, asked.app.now())).unwrap_or_default(),
        days: days(line.status, line.submitted_at, asked.app.now()),
        amount: line.total.to_string().into(),
        minor: line.total.in_minor(),
        procore: cell(asked, line),
        edit_url: (asked.side == Side::Sent && may_edit).then(|| format!("{url}/edit")),
        blocked: blocked(line),
        url,
    }
}

/// Why a row cannot be pushed now; empty when it can.
fn blocked(line: &LogLine) -> String {
    if line.procore.is_busy() {
        return "A push of it is under way.".to_owned();
    }
    if line.procore == ProcoreState::Surplus && line.event.is_none() {
        return "Lines of it are too many in Procore. Remove that surplus first.".to_owned();
    }
    line.status.keeps_out_of_procore(line.procore != ProcoreState::NotInProcore).unwrap_or_default().to_owned()
}

fn cell(asked: &Asked<'_>, line: &LogLine) -> ProcoreCell {
    let seen = &asked.seen;
    let mapping = seen.mapping.as_ref();
    let known = Known {
        state: line.procore,
        reason: &line.reason,
        status: line.status,
        mapped: mapping.is_some(),
        connected: seen.connected,
        under_way: seen.under_way.get(&line.cor),
        may_push: asked.person.actor.may_push(seen.project.standing()).is_ok(),
        event: line.event.as_ref().map(|event| event_ref(asked.app, mapping, event)),
        cor: line.cor,
    };
    procore_cell::cell(known, asked.app.now())
}

fn event_ref(app: &App, mapping: Option<&Mapping>, event: &EventOfRow) -> EventRef {
    let label = if event.number.is_empty() { "Change event".to_owned() } else { format!("CE {}", event.number) };
    let url = mapping.map(|m| app.event_in_procore(m.procore_company_id, m.procore_project_id, event.id));
    let status = if event.gone { "no longer listed".to_owned() } else { event.status.clone() };
    EventRef { label, status, url: url.unwrap_or_default() }
}

/// Whole days in review; empty when the clock does not run.
pub(crate) fn days(status: Status, submitted_at: Option<Timestamp>, now: Timestamp) -> String {
    match submitted_at {
        Some(at) if status.counts_days() => (now.duration_since(at).as_hours() / 24).max(0).to_string(),
        _ => String::new(),
    }
}
