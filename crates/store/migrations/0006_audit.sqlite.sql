-- The record of what was pushed: a chain of hashes a company, only ever added to.

CREATE TABLE audit_record (
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  seq {{bigint}} NOT NULL,                   -- counts the company's entries from 1
  at {{bigint}} NOT NULL,
  kind TEXT NOT NULL,
  project_id {{uuid}} NOT NULL,
  push_id {{uuid}},
  cor_id {{uuid}},
  told TEXT NOT NULL,                        -- JSON that both companies of the COR may read
  kept TEXT NOT NULL,                        -- JSON that this company alone may read
  prev {{blob}} NOT NULL,                    -- hash of the entry before
  hash {{blob}} NOT NULL,
  PRIMARY KEY (company_id, seq)
) {{strict}};
CREATE INDEX audit_record_cor ON audit_record (cor_id);
CREATE INDEX audit_record_push ON audit_record (push_id);

-- Where each company's record ends.
CREATE TABLE audit_head (
  company_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES company (id),
  seq {{bigint}} NOT NULL,
  hash {{blob}} NOT NULL
) {{strict}};

-- A mistake in a program must not reach it; who writes SQL by hand is found by the hashes.
CREATE TRIGGER audit_record_stays BEFORE UPDATE ON audit_record
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
CREATE TRIGGER audit_record_keeps BEFORE DELETE ON audit_record
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
