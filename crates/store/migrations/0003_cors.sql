-- CORs: one record that sender and receiver share; questions that customers ask, and what happened.

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
  status_reason TEXT NOT NULL DEFAULT '',    -- why it has its status, as whoever set it said; may be empty
  recorded_means TEXT CHECK (recorded_means IN ('signed', 'mail', 'verbal')), -- NULL: the sender recorded no approval
  recorded_on TEXT,                          -- YYYY-MM-DD, with recorded_means
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
