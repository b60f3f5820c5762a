-- Projects, shared by companies, with what is private to one of them; contracts tie two companies.

CREATE TABLE project (
  id {{uuid}} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  currency TEXT NOT NULL,
  time_zone TEXT NOT NULL,                   -- a name of the IANA database; dates without a time are days there
  created_at {{bigint}} NOT NULL
) {{strict}};

CREATE TABLE project_company (
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  office_id {{uuid}} NOT NULL REFERENCES office (id),
  job_number TEXT NOT NULL,
  next_cor_number {{bigint}} NOT NULL DEFAULT 1,
  created_at {{bigint}} NOT NULL,
  PRIMARY KEY (project_id, company_id)
) {{strict}};
CREATE INDEX project_company_company ON project_company (company_id, project_id);

CREATE TABLE project_person (
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  PRIMARY KEY (project_id, person_id)
) {{strict}};
CREATE INDEX project_person_person ON project_person (person_id, project_id);

CREATE TABLE contract (
  id {{uuid}} NOT NULL PRIMARY KEY,
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  customer_id {{uuid}} NOT NULL REFERENCES company (id),
  contractor_id {{uuid}} NOT NULL REFERENCES company (id),
  name TEXT NOT NULL,
  value {{bigint}} NOT NULL,                 -- original value, minor units
  invited_by {{uuid}} NOT NULL REFERENCES company (id),
  invite_hash {{blob}} UNIQUE,               -- SHA-256 of the invitation's secret; NULL once accepted or for no need
  invite_email TEXT NOT NULL DEFAULT '',     -- whom the link is meant for; empty: anybody
  invite_until {{bigint}},                   -- until when it works; NULL: no end
  accepted_at {{bigint}},
  created_at {{bigint}} NOT NULL,
  CHECK (customer_id <> contractor_id)
) {{strict}};
CREATE INDEX contract_customer ON contract (customer_id, project_id);
CREATE INDEX contract_contractor ON contract (contractor_id, project_id);
CREATE INDEX contract_project ON contract (project_id);
