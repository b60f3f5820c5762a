-- What the lines of a COR were marked with before it was moved or unlinked. A copy of them that turns up later, in a clone of
-- the former event or written by a request that ran late, is still known as the COR's.
CREATE TABLE former_reference (
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  reference TEXT NOT NULL,
  cor_id {{uuid}} NOT NULL REFERENCES cor (id),
  PRIMARY KEY (company_id, project_id, reference)
) {{strict}};
CREATE INDEX former_reference_cor ON former_reference (cor_id, company_id);
