-- What is known of Procore: who is signed in, what is mapped to what, what can be chosen, and how much may be asked.

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
CREATE INDEX procore_sign_in_person ON procore_sign_in (person_id, expires_at);
CREATE INDEX procore_sign_in_end ON procore_sign_in (expires_at);

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
  cost TEXT NOT NULL,                        -- exact, as Procore holds it, or the word for why there is none ("too large", "unreadable")
  revenue TEXT NOT NULL,                     -- the same
  following_cost TEXT NOT NULL DEFAULT '0',  -- revenue of lines that nobody priced: Procore may show the owner their cost
  markup TEXT NOT NULL DEFAULT '0',          -- what Procore adds by the prime contract for markup estimates, exact
  markup_edited {{bigint}} NOT NULL DEFAULT 0, -- somebody changed it there by hand
  line_currencies TEXT NOT NULL DEFAULT '',  -- that lines name, apart from the event's own: ISO codes
  prime_contract_id {{bigint}},
  currency TEXT NOT NULL,                    -- ISO 4217; empty when Procore doesn't say
  gone {{bigint}} NOT NULL CHECK (gone IN (0, 1)), -- no longer listed
  read_at {{bigint}} NOT NULL,
  trouble TEXT NOT NULL DEFAULT '',          -- why it could not be read the last time; empty when it could
  created_by {{bigint}},                     -- Procore's id of a person; NULL when it is not said
  lines {{bigint}} NOT NULL DEFAULT 0,
  cost_locked {{bigint}} NOT NULL DEFAULT 0, -- lines whose money nobody may change or remove
  revenue_locked {{bigint}} NOT NULL DEFAULT 0, -- the same on the other side
  PRIMARY KEY (project_id, company_id, event_id)
) {{strict}};

CREATE TABLE rate_limit (
  client_id {{text_c}} NOT NULL,
  procore_company_id {{bigint}} NOT NULL,
  allowed {{bigint}} NOT NULL,
  length {{bigint}} NOT NULL,                -- microseconds
  sent {{text}} NOT NULL,                    -- JSON: what left within the last window, [since, at, all, unanswered, pushes]
  beyond {{bigint}} NOT NULL,                -- what was used beside that, until ends_at
  ends_at {{bigint}} NOT NULL,
  known_since {{bigint}} NOT NULL,
  others {{bigint}} NOT NULL,                -- the most that others lately used at once
  others_at {{bigint}} NOT NULL,
  PRIMARY KEY (client_id, procore_company_id, allowed)
) {{strict}};

CREATE TABLE rate_account (
  client_id TEXT NOT NULL,
  procore_company_id {{bigint}} NOT NULL,
  blocked_until {{bigint}} NOT NULL,         -- 429 or Retry-After: nothing leaves before
  quiet_until {{bigint}} NOT NULL,           -- 503 with Retry-After: nothing but people's own reads leaves before
  bulk_until {{bigint}} NOT NULL,            -- nothing is left for pushes until then: their claims pass over this account
  request_us {{bigint}} NOT NULL,            -- how long a request takes, smoothed; 0 before the first
  ahead_us {{bigint}},                       -- how far the vendor's clock is ahead of ours, at least; NULL before its first answer
  PRIMARY KEY (client_id, procore_company_id)
) {{strict}};
CREATE INDEX rate_account_of ON rate_account (procore_company_id, bulk_until);
