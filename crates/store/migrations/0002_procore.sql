-- Procore: logins, connections, mappings, and the push.

-- A person's sign-in. Refresh tokens are single use, so one refresher at a time, and its start is recorded.
CREATE TABLE procore_login (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  person_id {{uuid}} NOT NULL UNIQUE REFERENCES person (id),
  procore_user_id {{bigint}} NOT NULL,
  procore_user TEXT NOT NULL,                -- login name in Procore, for "as r.calloway@…"
  access_token {{blob}} NOT NULL,            -- encrypted
  refresh_token {{blob}} NOT NULL,           -- encrypted
  expires_at {{bigint}} NOT NULL,            -- of the access token
  generation {{bigint}} NOT NULL,            -- counts token pairs; whoever stores a pair must still hold the one before
  refreshing_since {{bigint}},               -- set before the request leaves; left over after a crash in between
  lost_because TEXT,                         -- set: only a new sign-in helps, and this says why
  signed_in_at {{bigint}} NOT NULL,
  refreshed_at {{bigint}} NOT NULL
) {{strict}};

-- A sign-in under way: the `state` of RFC 6749 §10.12 and the verifier of RFC 7636.
CREATE TABLE procore_sign_in (
  state_hash {{blob}} NOT NULL PRIMARY KEY,
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  verifier {{blob}} NOT NULL,                -- encrypted
  return_to TEXT NOT NULL,
  popup {{bigint}} NOT NULL CHECK (popup IN (0, 1)),
  expires_at {{bigint}} NOT NULL
) {{strict}};

CREATE TABLE office_integration (
  office_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES office (id),
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  procore_company_id {{bigint}} NOT NULL,
  procore_company TEXT NOT NULL,
  connected_by {{uuid}} NOT NULL REFERENCES person (id),
  connected_at {{bigint}} NOT NULL
) {{strict}};

CREATE TABLE mapping (
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  procore_company_id {{bigint}} NOT NULL,
  procore_project_id {{bigint}} NOT NULL,
  procore_project TEXT NOT NULL,
  procore_number TEXT NOT NULL,
  mapped_by {{uuid}} NOT NULL REFERENCES person (id),
  mapped_at {{bigint}} NOT NULL,
  PRIMARY KEY (project_id, company_id)
) {{strict}};

-- Reference data of a mapped project as last read: statuses, types, reasons, codes, commitments, prime contracts.
CREATE TABLE procore_reference (
  project_id {{uuid}} NOT NULL,
  company_id {{uuid}} NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,                        -- JSON of our own shape
  fetched_at {{bigint}} NOT NULL,
  PRIMARY KEY (project_id, company_id, kind)
) {{strict}};

-- The project's change events as last read, for choosing and filtering.
CREATE TABLE change_event (
  project_id {{uuid}} NOT NULL,
  company_id {{uuid}} NOT NULL,
  event_id {{bigint}} NOT NULL,
  number TEXT NOT NULL,
  number_key {{text_c}} NOT NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL,                      -- Procore's name for it, custom ones included
  mapped_status TEXT NOT NULL,               -- open, pending, closed or void
  cost {{bigint}} NOT NULL,
  revenue {{bigint}} NOT NULL,
  prime_contract_id {{bigint}},
  currency TEXT NOT NULL,                    -- ISO 4217; empty when Procore doesn't say
  gone {{bigint}} NOT NULL CHECK (gone IN (0, 1)), -- no longer listed
  read_at {{bigint}} NOT NULL,
  PRIMARY KEY (project_id, company_id, event_id)
) {{strict}};

-- The budget codes and contract last chosen, per contract and what the line stands for.
CREATE TABLE remembered_choice (
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  contract_id {{uuid}} NOT NULL REFERENCES contract (id),
  slot {{text_c}} NOT NULL,                  -- "contract", "total", "rounding" or a section
  procore_id {{bigint}} NOT NULL,
  PRIMARY KEY (company_id, contract_id, slot)
) {{strict}};

-- The wizard.
CREATE TABLE push_draft (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  side TEXT NOT NULL CHECK (side IN ('sent', 'received')),
  body TEXT NOT NULL,                        -- selection and choices, JSON of our own shape
  revision {{bigint}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  updated_at {{bigint}} NOT NULL
) {{strict}};
CREATE INDEX push_draft_company ON push_draft (company_id, created_at);

-- The tie between one COR of one company and one change event.
CREATE TABLE link (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  cor_id {{uuid}} NOT NULL REFERENCES cor (id),
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  side TEXT NOT NULL CHECK (side IN ('sent', 'received')),
  reference TEXT NOT NULL UNIQUE,
  event_id {{bigint}},                       -- NULL until the event exists
  breakdown TEXT NOT NULL,
  state TEXT NOT NULL,                       -- a ProcoreState
  reason TEXT NOT NULL,                      -- beside "refused" and "changed in Procore"
  pushed {{bigint}} NOT NULL,                -- the COR's `priced` that Procore holds; 0 before the first push
  pushed_amount {{bigint}} NOT NULL,
  pushed_at {{bigint}},
  push_id {{uuid}},                          -- the push that owns it while it is busy
  UNIQUE (company_id, cor_id)
) {{strict}};
CREATE INDEX link_event ON link (project_id, company_id, event_id);
CREATE INDEX link_push ON link (push_id);

CREATE TABLE link_line (
  link_id {{uuid}} NOT NULL REFERENCES link (id) ON DELETE CASCADE,
  line_key {{text_c}} NOT NULL,
  ordinal {{bigint}} NOT NULL,
  procore_line_id {{bigint}},                -- NULL until an answer or a look told it
  description TEXT NOT NULL,                 -- as last known in Procore
  amount {{bigint}} NOT NULL,
  budget_code_id {{bigint}},
  contract_id {{bigint}},
  vendor_id {{bigint}},
  PRIMARY KEY (link_id, line_key)
) {{strict}};

-- One confirmed push: a set of CORs into one change event.
CREATE TABLE push (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  draft_id {{uuid}},
  procore_company_id {{bigint}} NOT NULL,
  procore_project_id {{bigint}} NOT NULL,
  lane {{text_c}} NOT NULL,                  -- one writer at a time per lane: the change event, or the push itself for a new one
  event_id {{bigint}},                       -- NULL until a new event exists
  body TEXT NOT NULL,                        -- target and plan, JSON
  batches TEXT NOT NULL,                     -- what is still to be sent, JSON
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'uncertain', 'parked', 'finished', 'changed')),
  state_body TEXT NOT NULL,                  -- the state with its data, JSON
  attempt {{bigint}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  finished_at {{bigint}}
) {{strict}};
CREATE INDEX push_company ON push (company_id, created_at);
CREATE INDEX push_draft_pushes ON push (draft_id);

CREATE TABLE push_cor (
  push_id {{uuid}} NOT NULL REFERENCES push (id),
  position {{bigint}} NOT NULL,
  cor_id {{uuid}} NOT NULL REFERENCES cor (id),
  link_id {{uuid}} NOT NULL,
  priced {{bigint}} NOT NULL,                -- the COR's `priced` that the plan was made of
  previous {{bigint}} NOT NULL,
  planned {{bigint}} NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('pending', 'written', 'refused', 'changed')),
  why TEXT NOT NULL,
  PRIMARY KEY (push_id, cor_id)
) {{strict}};

-- The outbox: what a worker has to do. A row goes with the transaction that settles its push.
CREATE TABLE outbox (
  push_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES push (id),
  lane {{text_c}} NOT NULL,
  due_at {{bigint}} NOT NULL,
  parked {{bigint}} NOT NULL CHECK (parked IN (0, 1))
) {{strict}};
CREATE INDEX outbox_due ON outbox (parked, due_at);

-- One writer per lane. The fence counts holders; whoever writes a result must still be the last one.
CREATE TABLE lane_lease (
  lane {{text_c}} NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  fence {{bigint}} NOT NULL,
  until {{bigint}} NOT NULL
) {{strict}};

-- The vendor's rate limit per account, as its headers last told it.
CREATE TABLE rate_budget (
  procore_company_id {{bigint}} NOT NULL PRIMARY KEY,
  remaining {{bigint}} NOT NULL,
  resets_at {{bigint}} NOT NULL
) {{strict}};
