-- Whose word an approval is, and why one was taken back.
ALTER TABLE cor ADD COLUMN status_reason TEXT NOT NULL DEFAULT ''; -- why it has its status, as whoever set it said; may be empty
ALTER TABLE cor ADD COLUMN recorded_means TEXT CHECK (recorded_means IN ('signed', 'mail', 'verbal')); -- NULL: the sender recorded no approval
ALTER TABLE cor ADD COLUMN recorded_on TEXT; -- YYYY-MM-DD, with recorded_means
ALTER TABLE log_row ADD COLUMN recorded {{bigint}} NOT NULL DEFAULT 0 CHECK (recorded IN (0, 1)); -- 1: its sender recorded that approval
