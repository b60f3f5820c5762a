-- The record of what was pushed, a chain of hashes a company, only ever added to; and reconciliations that were signed off.

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

CREATE TABLE reconciliation (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  project_id {{uuid}} REFERENCES project (id), -- of one project,
  office_id {{uuid}} REFERENCES office (id), -- or of all projects of an office
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  person_name TEXT NOT NULL,                 -- as it was then
  signed_at {{bigint}} NOT NULL,
  note TEXT NOT NULL,
  body TEXT NOT NULL,                        -- who, when, the note and all figures, JSON
  sha256 {{text_c}} NOT NULL,                -- of body, hexadecimal
  CHECK ((project_id IS NULL) <> (office_id IS NULL))
) {{strict}};
CREATE INDEX reconciliation_project ON reconciliation (company_id, project_id, signed_at);
CREATE INDEX reconciliation_office ON reconciliation (company_id, office_id, signed_at);
