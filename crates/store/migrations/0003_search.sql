-- The rows of a log once more, packed: what is searched, sorted, filtered and added up by of about a dozen rows lies in one
-- row here. Whatever no index answers (text, above all) reads a log of fifty thousand CORs as four thousand rows.

CREATE TABLE log_block (
  log_id {{bigint}} NOT NULL REFERENCES log (id),
  block {{bigint}} NOT NULL,                 -- from 1
  body {{blob}} NOT NULL,                    -- packed rows, one after the other; a copy of what log_row says
  PRIMARY KEY (log_id, block)
) {{strict}};

ALTER TABLE log_row ADD COLUMN block {{bigint}} NOT NULL DEFAULT 0; -- where its copy lies; 0: nowhere yet
CREATE INDEX log_row_unpacked ON log_row (log_id) WHERE block = 0;
