-- What Procore adds to the revenue of an event's lines by its prime contract for markup estimates, as exact as the amounts
-- beside it, and whether somebody changed it there by hand.
ALTER TABLE change_event ADD COLUMN markup TEXT NOT NULL DEFAULT '0';
ALTER TABLE change_event ADD COLUMN markup_edited {{bigint}} NOT NULL DEFAULT 0;
