-- The push: the wizard's drafts, the tie of a COR to its lines, confirmed pushes and the outbox.

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
CREATE INDEX push_draft_person ON push_draft (person_id, updated_at);

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
  pushed_at {{bigint}},
  push_id {{uuid}},                          -- the push that owns it while it is busy
  pushed_amount TEXT NOT NULL,               -- exact
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
  budget_code_id {{bigint}},
  contract_id {{bigint}},
  vendor_id {{bigint}},
  amount TEXT NOT NULL,                      -- exact, as last known in Procore
  PRIMARY KEY (link_id, line_key)
) {{strict}};

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

-- One confirmed push: a set of CORs into one change event.
CREATE TABLE push (
  id {{uuid}} NOT NULL PRIMARY KEY,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  draft_id {{uuid}},
  procore_company_id {{bigint}} NOT NULL,
  procore_project_id {{bigint}} NOT NULL,
  queue {{text_c}} NOT NULL,                 -- one writer at a time per queue: the change event, or the push itself for a new one
  event_id {{bigint}},                       -- NULL until a new event exists
  body TEXT NOT NULL,                        -- target and plan, JSON
  batches TEXT NOT NULL,                     -- what is still to be sent, JSON
  state_body TEXT NOT NULL,                  -- the state with its data, JSON
  attempt {{bigint}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  finished_at {{bigint}},
  state TEXT NOT NULL,                       -- the code of the state that state_body holds
  requested_action TEXT,                     -- what a person asked of it while it runs, carried out between two requests: pause or cancel
  procore_user_id {{bigint}},                -- NULL until its person is signed in
  procore_user TEXT,
  seen_event_id {{bigint}},                  -- an event that bears the marks of a push whose own event is unknown
  written_at {{bigint}}                      -- when the last request left, or was answered
) {{strict}};
CREATE INDEX push_company ON push (company_id, created_at);
CREATE INDEX push_draft_pushes ON push (draft_id);
CREATE INDEX push_written ON push (company_id, written_at);

CREATE TABLE push_cor (
  push_id {{uuid}} NOT NULL REFERENCES push (id),
  position {{bigint}} NOT NULL,
  cor_id {{uuid}} NOT NULL REFERENCES cor (id),
  link_id {{uuid}} NOT NULL,
  priced {{bigint}} NOT NULL,                -- the COR's `priced` that the plan was made of
  why TEXT NOT NULL,
  outcome TEXT NOT NULL,                     -- pending, written, refused or changed
  state_before TEXT NOT NULL DEFAULT 'not_in_procore', -- what the log said before the push: said again when it is taken back
  reason_before TEXT NOT NULL DEFAULT '',
  previous TEXT NOT NULL,
  planned TEXT NOT NULL,
  PRIMARY KEY (push_id, cor_id)
) {{strict}};

-- The outbox: what a worker has to do, with whose and where to, so that a claim can choose between companies and pass over
-- accounts. A row goes with the transaction that settles its push.
CREATE TABLE outbox (
  push_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES push (id),
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  procore_company_id {{bigint}} NOT NULL,
  queue {{text_c}} NOT NULL,
  due_at {{bigint}} NOT NULL,
  parked {{bigint}} NOT NULL CHECK (parked IN (0, 1)),
  claims {{bigint}} NOT NULL,                -- counts holders of this push; never begins anew
  broken TEXT NOT NULL                       -- why it was set aside, when it can't be read; else empty
) {{strict}};
CREATE INDEX outbox_due ON outbox (parked, company_id, due_at);

-- Whose turn it is: the company that was served longest ago comes first.
CREATE TABLE outbox_turn (
  company_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES company (id),
  turn {{bigint}} NOT NULL
) {{strict}};

CREATE TABLE queue_lease (
  queue {{text_c}} NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  push_id {{uuid}} NOT NULL,
  fence {{bigint}} NOT NULL,                 -- the push's claim
  until {{bigint}} NOT NULL
) {{strict}};
