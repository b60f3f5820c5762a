-- Before an event is read for a plan or a write, it is asked whether it was written to just now.
CREATE INDEX push_finished ON push (company_id, finished_at);
