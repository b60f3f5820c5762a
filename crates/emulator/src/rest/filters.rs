//! Which change events a list shows.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::Call;
use crate::text::Query;
use crate::world::ChangeEvent;

/// The rich filters that are served; the reference has more.
const RICH: [&str; 10] = [
    "status",
    "scope",
    "change_reason",
    "change_type",
    "budget_code",
    "vendor",
    "contract",
    "number",
    "created_by",
    "change_event_line_item",
];

impl Call<'_> {
    /// The project's events that pass the filters, oldest first.
    pub(super) fn filtered_events(&self, project: i64) -> Vec<&ChangeEvent> {
        let query = &self.query;
        let deleted = query.get("filters[include_deleted]");
        let search = query.get("filters[search]").map(str::to_lowercase);
        let ids = query.all("filters[id]");
        let rich: Vec<(&str, Rich)> = RICH.iter().filter_map(|name| Some((*name, self.rich(name)?))).collect();
        self.state
            .world
            .change_events
            .values()
            .filter(|event| event.project_id == project)
            .filter(|event| match deleted {
                Some("only") => event.deleted_at.is_some(),
                Some("with" | "true") => true,
                _ => event.deleted_at.is_none(),
            })
            .filter(|event| self.is_listed(event))
            .filter(|event| ids.is_empty() || ids.contains(&event.id.to_string()))
            .filter(|event| within(query, "filters[created_at]", event.created_at))
            .filter(|event| within(query, "filters[updated_at]", event.updated_at))
            .filter(|event| search.as_ref().is_none_or(|part| mentions(event, part)))
            .filter(|event| rich.iter().all(|(name, filter)| filter.admits(&values(event, name))))
            .collect()
    }

    /// Whether lists show an event already, and still.
    fn is_listed(&self, event: &ChangeEvent) -> bool {
        let switches = &self.state.switches;
        let mut live = event.live_items().peekable();
        let locked = live.peek().is_some() && live.all(|item| item.lock.is_some());
        let executed = locked && event.deleted_at.is_none();
        self.is_older(event, switches.new_events_unlisted_seconds) && !(executed && switches.executed_events_unlisted)
    }

    /// Whether an event was made so many seconds ago.
    pub(super) fn is_older(&self, event: &ChangeEvent, seconds: i64) -> bool {
        self.now.duration_since(event.created_at).as_secs() >= seconds
    }

    /// A rich filter from the JSON body of the GET, or from the query string where that is switched on.
    fn rich(&self, name: &str) -> Option<Rich> {
        if let Some(filter) = self.body.get("filters").and_then(|filters| filters.get(name)) {
            let ids = filter.get("id")?.as_array()?.iter().map(plain).collect();
            return Some(Rich { ids, excludes: filter.get("operator").is_some_and(|op| op == "excludes") });
        }
        if !self.state.switches.rich_filters_in_query {
            return None;
        }
        let ids: BTreeSet<String> = self.query.all(&format!("filters[{name}][id]")).into_iter().collect();
        let excludes = self.query.get(&format!("filters[{name}][operator]")) == Some("excludes");
        (!ids.is_empty()).then_some(Rich { ids, excludes })
    }
}

struct Rich {
    ids: BTreeSet<String>,
    excludes: bool,
}

impl Rich {
    fn admits(&self, values: &[String]) -> bool {
        values.iter().any(|value| self.ids.contains(value)) != self.excludes
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What an event offers to a rich filter.
fn values(event: &ChangeEvent, name: &str) -> Vec<String> {
    let one = |id: Option<i64>| id.map(|id| id.to_string()).into_iter().collect();
    let of_lines = |pick: fn(&crate::world::ChangeItem) -> Option<i64>| {
        event.live_items().filter_map(pick).map(|id| id.to_string()).collect()
    };
    match name {
        "status" => one(Some(event.status_id)),
        "scope" => vec![event.scope.clone()],
        "change_reason" => one(event.change_reason_id),
        "change_type" => one(event.change_type_id),
        "created_by" => one(Some(event.created_by)),
        "number" => one(Some(event.id)),
        "budget_code" => of_lines(|item| item.wbs_code_id),
        "vendor" => of_lines(|item| item.vendor_id),
        "contract" => of_lines(|item| item.contract_id),
        "change_event_line_item" => of_lines(|item| Some(item.id)),
        _ => Vec::new(),
    }
}

fn mentions(event: &ChangeEvent, part: &str) -> bool {
    [Some(&event.number), event.title.as_ref(), event.description.as_ref()]
        .into_iter()
        .flatten()
        .any(|text| text.to_lowercase().contains(part))
}

/// Whether a time lies in `filters[…]=from...to`; three dots, either end may be left out.
fn within(query: &Query, key: &str, at: Timestamp) -> bool {
    let Some(range) = query.get(key) else { return true };
    let (from, to) = range.trim_matches('"').split_once("...").unwrap_or((range, ""));
    // Answers have whole seconds, so whole seconds are compared.
    let second = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_second);
    second(from).is_none_or(|from| at.as_second() >= from) && second(to).is_none_or(|to| at.as_second() <= to)
}
