-- Before an event is read for a plan or a write, it is asked whether it was written to just now.
ALTER TABLE push ADD COLUMN written_at {{bigint}}; -- when the last request left, or was answered
CREATE INDEX push_written ON push (company_id, written_at);
