//! The push, from the selection to what Procore holds afterwards: on both databases, against the emulator, with every
//! fault it knows, one transition at a time where it matters.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

mod adjustments;
mod amounts;
mod approvals;
mod attention;
mod audit;
mod away;
mod bounds;
mod budget;
mod changes;
mod compared;
mod contention;
mod crashes;
mod crowd;
mod currency;
mod damage;
mod decided;
mod decisions;
mod endurance;
mod events;
mod faults;
mod filled_in;
mod fixture;
mod follows_cost;
mod full_disk;
mod hidden;
mod hook_ways;
mod idempotency;
mod lagging;
mod made_up;
mod markup;
mod observed;
mod odd;
mod preflight;
mod record_pages;
mod refusals;
mod removals;
mod restored;
mod rivals;
mod sign_in;
mod silent;
mod statements;
mod steering;
mod strays;
mod ties;
mod unseen;
mod up_to_date;
mod voids;
mod webhooks;
mod wizard;
