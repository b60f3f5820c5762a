//! The product's migrations, in order. A file that was released is never changed: write the next one.

use crate::migrate::Migration;

/// All of them; add `Migration::both("NNNN_name", include_str!("../migrations/NNNN_name.sql"))` at the end.
pub const ALL: &[Migration] = &[
    Migration::both("0001_companies", include_str!("../migrations/0001_companies.sql")),
    Migration::both("0002_projects", include_str!("../migrations/0002_projects.sql")),
    Migration::both("0003_cors", include_str!("../migrations/0003_cors.sql")),
    Migration::both("0004_log", include_str!("../migrations/0004_log.sql")),
    Migration::both("0005_procore", include_str!("../migrations/0005_procore.sql")),
    Migration::both("0006_push", include_str!("../migrations/0006_push.sql")),
    Migration::both("0007_reading", include_str!("../migrations/0007_reading.sql")),
    Migration::both("0008_record", include_str!("../migrations/0008_record.sql")),
    Migration {
        name: "0009_record_stays",
        sqlite: include_str!("../migrations/0009_record_stays.sqlite.sql"),
        postgres: include_str!("../migrations/0009_record_stays.postgres.sql"),
    },
];
