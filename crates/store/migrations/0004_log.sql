-- The COR Log. A log is one company's one side of one project; its rows are what that company sees of the CORs in it.
-- A row holds all that its page shows, and lies in the order of submission, in which people open a log. Other orders,
-- filters and text read the rows of the log.

CREATE TABLE log (
  id {{serial}} NOT NULL PRIMARY KEY,
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  side TEXT NOT NULL CHECK (side IN ('sent', 'received')),
  UNIQUE (project_id, company_id, side)
) {{strict}};
CREATE INDEX log_company ON log (company_id, project_id);

CREATE TABLE log_row (
  log_id {{bigint}} NOT NULL REFERENCES log (id),
  submitted_key {{bigint}} NOT NULL,         -- microseconds; 0 when not submitted
  cor_id {{uuid}} NOT NULL REFERENCES cor (id) ON DELETE CASCADE,
  status_key {{bigint}} NOT NULL,            -- position in the life of a COR, so that it sorts as people read it
  procore_key {{bigint}} NOT NULL,           -- position in the order of the filter
  event_id {{bigint}} NOT NULL,              -- Procore's change event; 0 when none
  total {{bigint}} NOT NULL,
  currency TEXT NOT NULL,
  counterparty_id {{uuid}} NOT NULL,
  search {{text_c}} NOT NULL,                -- folded number, title, reference, counterparty, event number, a line each
  number TEXT NOT NULL,
  number_key {{text_c}} NOT NULL,
  title TEXT NOT NULL,
  title_key {{text_c}} NOT NULL,
  reference TEXT NOT NULL,
  reference_key {{text_c}} NOT NULL,
  counterparty TEXT NOT NULL,
  counterparty_key {{text_c}} NOT NULL,
  reason TEXT NOT NULL,                      -- why it is in that state in Procore, where a person acts on it
  recorded {{bigint}} NOT NULL CHECK (recorded IN (0, 1)), -- 1: its sender recorded that approval
  PRIMARY KEY (log_id, submitted_key, cor_id),
  UNIQUE (cor_id, log_id)
) {{strict}}{{clustered}};
CREATE INDEX log_row_status ON log_row (log_id, status_key, total, cor_id);

-- Kept totals: changed in the transaction that changes a row, so a log of a million rows opens like one of a hundred.
CREATE TABLE log_total (
  log_id {{bigint}} NOT NULL REFERENCES log (id),
  status_key {{bigint}} NOT NULL,
  procore_key {{bigint}} NOT NULL,
  currency TEXT NOT NULL,
  cors {{bigint}} NOT NULL,
  amount {{bigint}} NOT NULL,
  PRIMARY KEY (log_id, status_key, procore_key, currency)
) {{strict}};

-- How many CORs of a log are in each change event: what the page's filter offers.
CREATE TABLE log_event (
  log_id {{bigint}} NOT NULL REFERENCES log (id),
  event_id {{bigint}} NOT NULL,
  cors {{bigint}} NOT NULL,
  PRIMARY KEY (log_id, event_id)
) {{strict}}{{clustered}};
