-- The currency of the Procore project that a project is mapped to. Events that name one say so themselves.
CREATE TABLE procore_currency (
  project_id {{uuid}} NOT NULL,
  company_id {{uuid}} NOT NULL,
  named TEXT NOT NULL,                       -- ISO 4217, as Procore's settings name it; empty when they don't
  stated TEXT,                               -- ISO 4217, by a person
  stated_by {{uuid}} REFERENCES person (id),
  stated_at {{bigint}},
  PRIMARY KEY (project_id, company_id)
) {{strict}};
