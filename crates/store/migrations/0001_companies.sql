-- Companies, their people, and who is signed in.

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
  disabled_at {{bigint}},
  password_temporary {{bigint}} NOT NULL DEFAULT 0 -- somebody else made it: its owner is to change it
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
CREATE INDEX session_end ON session (expires_at);

-- A browser that a person signed in with: strangers' wrong passwords don't make it wait.
CREATE TABLE known_browser (
  token_hash {{blob}} NOT NULL,              -- SHA-256 of the browser's cookie
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  used_at {{bigint}} NOT NULL,
  PRIMARY KEY (token_hash, person_id)
) {{strict}}{{clustered}};
CREATE INDEX known_browser_person ON known_browser (person_id, used_at);
CREATE INDEX known_browser_used ON known_browser (used_at);

-- A form that was sent when its session had ended: for the same person in the same browser, for some hours.
CREATE TABLE unsent_form (
  token_hash {{blob}} NOT NULL PRIMARY KEY,  -- SHA-256 of the browser's cookie
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  page TEXT NOT NULL,                        -- where it was filled in
  url TEXT NOT NULL,                         -- where it was sent
  fields TEXT NOT NULL,                      -- what it held but its secrets, as JSON
  kept_until {{bigint}} NOT NULL
) {{strict}}{{clustered}};
CREATE INDEX unsent_form_person ON unsent_form (person_id, kept_until);
CREATE INDEX unsent_form_end ON unsent_form (kept_until);

CREATE TABLE sign_in_throttle (
  subject {{blob}} NOT NULL PRIMARY KEY,     -- SHA-256 of what attempts are counted by
  failures {{bigint}} NOT NULL,
  next_at {{bigint}} NOT NULL,               -- when the next attempt is let through
  window_until {{bigint}} NOT NULL           -- when the count ends
) {{strict}}{{clustered}};
CREATE INDEX sign_in_throttle_end ON sign_in_throttle (window_until);
CREATE INDEX sign_in_throttle_least ON sign_in_throttle (failures, window_until);

CREATE TABLE api_token (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  name TEXT NOT NULL,
  token_hash {{blob}} NOT NULL UNIQUE,
  created_at {{bigint}} NOT NULL,
  used_at {{bigint}},
  revoked_at {{bigint}},
  expires_at {{bigint}} NOT NULL,            -- a year after it was made at the latest
  reads_only {{bigint}} NOT NULL             -- it may do nothing but read
) {{strict}};
CREATE INDEX api_token_company ON api_token (company_id, created_at);
CREATE INDEX api_token_person ON api_token (person_id);

-- The answer to a call that made something, for the same call sent again with the same Idempotency-Key.
CREATE TABLE kept_answer (
  token_id {{uuid}} NOT NULL REFERENCES api_token (id),
  idempotency_key {{text_c}} NOT NULL,       -- as the program sent it
  digest {{blob}} NOT NULL,                  -- SHA-256 of what was asked
  at {{bigint}} NOT NULL,
  status {{bigint}} NOT NULL,                -- 0 within the transaction that makes it
  location TEXT,
  body {{blob}} NOT NULL,
  PRIMARY KEY (token_id, idempotency_key)
) {{strict}};
CREATE INDEX kept_answer_at ON kept_answer (at);

-- What happened to who may get in, and what left the company. Rows are only ever added; those that are too old go.
CREATE TABLE security_event (
  seq {{serial}} NOT NULL PRIMARY KEY,       -- in the order they were stored
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  at {{bigint}} NOT NULL,
  kind TEXT NOT NULL,
  succeeded {{bigint}} NOT NULL CHECK (succeeded IN (0, 1)),
  person_id {{uuid}} REFERENCES person (id), -- NULL: the operator, or somebody of another company
  person_name TEXT NOT NULL,
  subject TEXT NOT NULL,
  address TEXT NOT NULL,
  browser TEXT NOT NULL
) {{strict}};
CREATE INDEX security_event_company ON security_event (company_id, seq);
CREATE INDEX security_event_at ON security_event (company_id, at);
CREATE INDEX security_event_person ON security_event (person_id, at);

-- The answer to a form that made something, for the same form posted again.
CREATE TABLE posted_form (
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  form {{blob}} NOT NULL,                    -- SHA-256 of what was posted, with a random text of the form's own
  at {{bigint}} NOT NULL,
  location TEXT NOT NULL,                    -- empty within the transaction that makes it
  notice TEXT NOT NULL,
  PRIMARY KEY (company_id, person_id, form)
) {{strict}};
CREATE INDEX posted_form_at ON posted_form (company_id, at);
