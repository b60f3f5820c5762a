-- Reconciliations that were signed off: rows are added, never changed.

CREATE TABLE reconciliation (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  project_id {{uuid}} REFERENCES project (id),   -- of one project,
  office_id {{uuid}} REFERENCES office (id),     -- or of all projects of an office
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
