-- A change event that bears the marks of a push whose own event is unknown: a webhook or another reading told of it.
ALTER TABLE push ADD COLUMN seen_event_id {{bigint}};
