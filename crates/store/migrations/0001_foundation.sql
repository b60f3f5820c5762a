-- Companies, people and who is signed in.

CREATE TABLE company (
  id {{uuid}} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key {{text_c}} NOT NULL,              -- folded, for sorting counterparties
  claimed {{bigint}} NOT NULL CHECK (claimed IN (0, 1)), -- 0: entered by a counterparty, nobody signs in for it yet
  created_at {{bigint}} NOT NULL
) {{strict}};

CREATE TABLE office (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  name TEXT NOT NULL,
  created_at {{bigint}} NOT NULL,
  UNIQUE (company_id, name)
) {{strict}};

CREATE TABLE person (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  office_id {{uuid}} REFERENCES office (id),
  email {{text_c}} NOT NULL UNIQUE,          -- folded
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('account_owner', 'admin', 'project_manager', 'field_user')),
  password_hash TEXT NOT NULL,               -- argon2id, PHC string
  created_at {{bigint}} NOT NULL,
  disabled_at {{bigint}}
) {{strict}};
CREATE INDEX person_company ON person (company_id, name);

CREATE TABLE session (
  token_hash {{blob}} NOT NULL PRIMARY KEY,  -- SHA-256 of the cookie
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  created_at {{bigint}} NOT NULL,
  seen_at {{bigint}} NOT NULL,
  expires_at {{bigint}} NOT NULL
) {{strict}};
CREATE INDEX session_person ON session (person_id);

CREATE TABLE sign_in_throttle (
  subject {{text_c}} NOT NULL PRIMARY KEY,   -- "email:…" or "address:…"
  failures {{bigint}} NOT NULL,
  window_until {{bigint}} NOT NULL
) {{strict}};

CREATE TABLE api_token (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  name TEXT NOT NULL,
  token_hash {{blob}} NOT NULL UNIQUE,
  created_at {{bigint}} NOT NULL,
  used_at {{bigint}},
  revoked_at {{bigint}}
) {{strict}};
CREATE INDEX api_token_company ON api_token (company_id, created_at);

-- Projects, shared by companies; what is private to one of them stands in project_company.

CREATE TABLE project (
  id {{uuid}} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  currency TEXT NOT NULL,
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
  accepted_at {{bigint}},
  created_at {{bigint}} NOT NULL,
  CHECK (customer_id <> contractor_id)
) {{strict}};
CREATE INDEX contract_customer ON contract (customer_id, project_id);
CREATE INDEX contract_contractor ON contract (contractor_id, project_id);
CREATE INDEX contract_project ON contract (project_id);

-- CORs: one record that sender and receiver share.

CREATE TABLE cor (
  id {{uuid}} NOT NULL PRIMARY KEY,
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  contract_id {{uuid}} NOT NULL REFERENCES contract (id),
  sender_id {{uuid}} NOT NULL REFERENCES company (id),
  receiver_id {{uuid}} NOT NULL REFERENCES company (id),
  number TEXT NOT NULL,
  number_key {{text_c}} NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  customer_reference TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('draft', 'placeholder', 'in_review', 'revise_and_resubmit',
    'approved_to_proceed', 'approved_co_issued', 'void')),
  currency TEXT NOT NULL,
  total {{bigint}} NOT NULL,                 -- requested, minor units: overtyped, else the sum of the lines
  overtyped {{bigint}},
  revision {{bigint}} NOT NULL,              -- counts edits; an update in flight is refused when it moved
  priced {{bigint}} NOT NULL,                -- the revision that last changed what is pushed: number, title, lines, total
  submitted_at {{bigint}},
  created_at {{bigint}} NOT NULL,
  updated_at {{bigint}} NOT NULL,
  UNIQUE (project_id, sender_id, number_key)
) {{strict}};

CREATE TABLE cor_line (
  cor_id {{uuid}} NOT NULL REFERENCES cor (id) ON DELETE CASCADE,
  position {{bigint}} NOT NULL,
  id {{uuid}} NOT NULL,
  section TEXT NOT NULL CHECK (section IN ('labor', 'material', 'equipment', 'other')),
  description TEXT NOT NULL,
  quantity TEXT,                             -- exact decimals as text; NULL together: one amount
  unit TEXT,
  rate TEXT,
  amount {{bigint}} NOT NULL,
  PRIMARY KEY (cor_id, position)
) {{strict}};

-- The COR Log. A log is one company's one side of one project; its rows are what that company sees of the CORs in it.
-- Everything that can be sorted or filtered by stands in the row, NOT NULL, so that a page is one index range.

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
  cor_id {{uuid}} NOT NULL REFERENCES cor (id) ON DELETE CASCADE,
  number_key {{text_c}} NOT NULL,
  title_key {{text_c}} NOT NULL,
  counterparty_id {{uuid}} NOT NULL,
  counterparty_key {{text_c}} NOT NULL,
  reference_key {{text_c}} NOT NULL,
  status_key {{bigint}} NOT NULL,            -- position in the life of a COR, so that it sorts as people read it
  procore_key {{bigint}} NOT NULL,           -- position in the order of the filter
  currency TEXT NOT NULL,
  total {{bigint}} NOT NULL,
  submitted_key {{bigint}} NOT NULL,         -- microseconds; 0 when not submitted
  event_id {{bigint}} NOT NULL,              -- Procore's change event; 0 when none
  search {{text_c}} NOT NULL,                -- folded number, title, reference, counterparty, event number, a line each
  PRIMARY KEY (log_id, cor_id)
) {{strict}}{{clustered}};
CREATE INDEX log_row_cor ON log_row (cor_id);
CREATE INDEX log_row_number ON log_row (log_id, number_key, cor_id);
CREATE INDEX log_row_title ON log_row (log_id, title_key, cor_id);
CREATE INDEX log_row_counterparty ON log_row (log_id, counterparty_key, cor_id);
CREATE INDEX log_row_reference ON log_row (log_id, reference_key, cor_id);
CREATE INDEX log_row_status ON log_row (log_id, status_key, cor_id);
CREATE INDEX log_row_total ON log_row (log_id, total, cor_id);
CREATE INDEX log_row_submitted ON log_row (log_id, submitted_key, cor_id);
CREATE INDEX log_row_procore ON log_row (log_id, procore_key, cor_id);
CREATE INDEX log_row_event ON log_row (log_id, event_id, cor_id);
CREATE INDEX log_row_status_total ON log_row (log_id, status_key, total, cor_id);
CREATE INDEX log_row_status_submitted ON log_row (log_id, status_key, submitted_key, cor_id);

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

CREATE TABLE activity (
  id {{uuid}} NOT NULL PRIMARY KEY,
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  cor_id {{uuid}} REFERENCES cor (id) ON DELETE CASCADE,
  company_id {{uuid}} REFERENCES company (id), -- set: only this company reads it
  person_id {{uuid}} REFERENCES person (id),
  person_name TEXT NOT NULL,
  at {{bigint}} NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) {{strict}};
CREATE INDEX activity_cor ON activity (cor_id, id);
CREATE INDEX activity_project ON activity (project_id, id);

-- Change Notifications: a customer asks, contractors answer.

CREATE TABLE change_notification (
  id {{uuid}} NOT NULL PRIMARY KEY,
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  customer_id {{uuid}} NOT NULL REFERENCES company (id),
  number {{bigint}} NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  due_on TEXT,                               -- YYYY-MM-DD
  reference TEXT NOT NULL,
  created_by {{uuid}} NOT NULL REFERENCES person (id),
  created_at {{bigint}} NOT NULL,
  UNIQUE (project_id, customer_id, number)
) {{strict}};

CREATE TABLE change_notification_response (
  notification_id {{uuid}} NOT NULL REFERENCES change_notification (id),
  contract_id {{uuid}} NOT NULL REFERENCES contract (id),
  contractor_id {{uuid}} NOT NULL REFERENCES company (id),
  response TEXT NOT NULL CHECK (response IN ('waiting', 'answered', 'declined')),
  cor_id {{uuid}} REFERENCES cor (id),
  note TEXT NOT NULL,
  answered_at {{bigint}},
  PRIMARY KEY (notification_id, contract_id),
  CHECK ((response = 'answered') = (cor_id IS NOT NULL))
) {{strict}};
CREATE INDEX change_notification_response_contractor ON change_notification_response (contractor_id, notification_id);
