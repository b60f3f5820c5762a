-- A row of a log holds all that its page shows, and lies in the table in the order of submission, which is the order people
-- open a log in. Other orders and filters read the rows of the log.

DROP TABLE log_block;

CREATE TABLE log_row_anew (
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
  PRIMARY KEY (log_id, submitted_key, cor_id),
  UNIQUE (cor_id, log_id)
) {{strict}}{{clustered}};

INSERT INTO log_row_anew (log_id, submitted_key, cor_id, status_key, procore_key, event_id, total, currency,
  counterparty_id, search, number, number_key, title, title_key, reference, reference_key, counterparty, counterparty_key,
  reason)
SELECT r.log_id, r.submitted_key, r.cor_id, r.status_key, r.procore_key, r.event_id, r.total, r.currency,
  r.counterparty_id, r.search, c.number, r.number_key, c.title, r.title_key, c.customer_reference, r.reference_key, o.name,
  r.counterparty_key, COALESCE(k.reason, '')
FROM log_row r JOIN log l ON l.id = r.log_id JOIN cor c ON c.id = r.cor_id JOIN company o ON o.id = r.counterparty_id
  LEFT JOIN link k ON k.company_id = l.company_id AND k.cor_id = r.cor_id;

DROP TABLE log_row;
ALTER TABLE log_row_anew RENAME TO log_row;
CREATE INDEX log_row_status ON log_row (log_id, status_key, total, cor_id);

-- How many CORs of a log are in each change event: what the page's filter offers.
CREATE TABLE log_event (
  log_id {{bigint}} NOT NULL REFERENCES log (id),
  event_id {{bigint}} NOT NULL,
  cors {{bigint}} NOT NULL,
  PRIMARY KEY (log_id, event_id)
) {{strict}}{{clustered}};
INSERT INTO log_event (log_id, event_id, cors)
SELECT log_id, event_id, COUNT(*) FROM log_row WHERE event_id > 0 GROUP BY log_id, event_id;
