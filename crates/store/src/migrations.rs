//! The product's migrations, in order. A file that was released is never changed: write the next one.

use crate::migrate::Migration;

/// All of them; add `Migration::both("NNNN_name", include_str!("../migrations/NNNN_name.sql"))` at the end.
pub const ALL: &[Migration] = &[
    Migration::both("0001_foundation", include_str!("../migrations/0001_foundation.sql")),
    Migration::both("0002_procore", include_str!("../migrations/0002_procore.sql")),
    Migration::both("0003_search", include_str!("../migrations/0003_search.sql")),
    Migration::both("0004_observation", include_str!("../migrations/0004_observation.sql")),
    Migration::both("0005_webhooks", include_str!("../migrations/0005_webhooks.sql")),
    Migration {
        name: "0006_audit",
        sqlite: include_str!("../migrations/0006_audit.sqlite.sql"),
        postgres: include_str!("../migrations/0006_audit.postgres.sql"),
    },
    Migration::both("0007_endurance", include_str!("../migrations/0007_endurance.sql")),
    Migration::both("0008_reconciliation", include_str!("../migrations/0008_reconciliation.sql")),
    Migration::both("0009_doors", include_str!("../migrations/0009_doors.sql")),
    Migration::both("0011_budget", include_str!("../migrations/0011_budget.sql")),
    Migration::both("0012_digests", include_str!("../migrations/0012_digests.sql")),
    Migration::both("0013_former_reference", include_str!("../migrations/0013_former_reference.sql")),
    Migration::both("0014_confirmed_as", include_str!("../migrations/0014_confirmed_as.sql")),
    Migration::both("0017_exact_amounts", include_str!("../migrations/0017_exact_amounts.sql")),
    Migration::both("0018_currency", include_str!("../migrations/0018_currency.sql")),
    Migration::both("0019_set_aside", include_str!("../migrations/0019_set_aside.sql")),
    Migration::both("0020_seen_event", include_str!("../migrations/0020_seen_event.sql")),
    Migration::both("0021_doors_and_load", include_str!("../migrations/0021_doors_and_load.sql")),
    Migration::both("0022_log_rows", include_str!("../migrations/0022_log_rows.sql")),
    Migration::both("0023_approvals", include_str!("../migrations/0023_approvals.sql")),
    Migration::both("0027_odd_records", include_str!("../migrations/0027_odd_records.sql")),
    Migration::both("0028_event_choice", include_str!("../migrations/0028_event_choice.sql")),
    Migration::both("0030_markup", include_str!("../migrations/0030_markup.sql")),
    Migration::both("0031_line_currencies", include_str!("../migrations/0031_line_currencies.sql")),
    Migration::both("0034_following_cost", include_str!("../migrations/0034_following_cost.sql")),
    Migration::both("0035_rolling_windows", include_str!("../migrations/0035_rolling_windows.sql")),
    Migration::both("0036_written_at", include_str!("../migrations/0036_written_at.sql")),
];
