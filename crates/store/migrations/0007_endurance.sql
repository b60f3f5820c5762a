-- Pushes that a person can stop and that stop by themselves, an outbox that serves companies in turn, and the budget of
-- requests that all processes share.

-- A state may be one of the new ones: the type keeps what is allowed, as it does for links.
ALTER TABLE push ADD COLUMN state_code TEXT NOT NULL DEFAULT 'queued';
UPDATE push SET state_code = state;
ALTER TABLE push DROP COLUMN state;
ALTER TABLE push RENAME COLUMN state_code TO state;
-- What a person wants of a push in progress: 'pause' or 'cancel', obeyed between two requests.
ALTER TABLE push ADD COLUMN wish TEXT;

ALTER TABLE push_cor ADD COLUMN outcome_code TEXT NOT NULL DEFAULT 'pending';
UPDATE push_cor SET outcome_code = outcome;
ALTER TABLE push_cor DROP COLUMN outcome;
ALTER TABLE push_cor RENAME COLUMN outcome_code TO outcome;
-- What the log said of the COR before the push: said again when it is taken back.
ALTER TABLE push_cor ADD COLUMN state_before TEXT NOT NULL DEFAULT 'not_in_procore';
ALTER TABLE push_cor ADD COLUMN reason_before TEXT NOT NULL DEFAULT '';

-- The outbox, with whose and where to, so that a claim can choose between companies and pass over accounts.
CREATE TABLE outbox_rows (
  push_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES push (id),
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  procore_company_id {{bigint}} NOT NULL,
  lane {{text_c}} NOT NULL,
  due_at {{bigint}} NOT NULL,
  parked {{bigint}} NOT NULL CHECK (parked IN (0, 1)),
  claims {{bigint}} NOT NULL,                -- counts holders of this push; never begins anew
  broken TEXT NOT NULL                       -- why it was set aside, when it can't be read; else empty
) {{strict}};
INSERT INTO outbox_rows (push_id, company_id, procore_company_id, lane, due_at, parked, claims, broken)
  SELECT o.push_id, p.company_id, p.procore_company_id, o.lane, o.due_at, o.parked,
    COALESCE((SELECT l.fence FROM lane_lease l WHERE l.lane = o.lane), 0), ''
  FROM outbox o JOIN push p ON p.id = o.push_id;
DROP TABLE outbox;
ALTER TABLE outbox_rows RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (parked, company_id, due_at);

-- Whose turn it is: the company that was served longest ago comes first.
CREATE TABLE outbox_turn (
  company_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES company (id),
  turn {{bigint}} NOT NULL
) {{strict}};

-- One writer per lane. A row lives as long as somebody holds the lane, so the holder is named by the push and its claim,
-- which are never given a second time.
DROP TABLE lane_lease;
CREATE TABLE lane_lease (
  lane {{text_c}} NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  push_id {{uuid}} NOT NULL,
  fence {{bigint}} NOT NULL,                 -- the push's claim
  until {{bigint}} NOT NULL
) {{strict}};

-- The vendor's limits of one app in one account. Each is known by how many requests it allows, which is how headers name it.
CREATE TABLE rate_limit (
  client_id TEXT NOT NULL,
  procore_company_id {{bigint}} NOT NULL,
  allowed {{bigint}} NOT NULL,               -- requests in a window
  left_over {{bigint}} NOT NULL,             -- that may still be sent in this window
  unanswered {{bigint}} NOT NULL,            -- permits of this window whose request is not answered yet
  opened_at {{bigint}} NOT NULL,
  ends_at {{bigint}} NOT NULL,
  length {{bigint}} NOT NULL,                -- of a window, in microseconds, as far as headers have shown
  told {{bigint}} NOT NULL CHECK (told IN (0, 1)), -- whether a header told where this window ends
  PRIMARY KEY (client_id, procore_company_id, allowed)
) {{strict}};

CREATE TABLE rate_account (
  client_id TEXT NOT NULL,
  procore_company_id {{bigint}} NOT NULL,
  blocked_until {{bigint}} NOT NULL,         -- 429 or Retry-After: nothing leaves before
  quiet_until {{bigint}} NOT NULL,           -- 503 with Retry-After: nothing but people's own reads leaves before
  bulk_until {{bigint}} NOT NULL,            -- nothing is left for pushes until then: their claims pass over this account
  request_us {{bigint}} NOT NULL,            -- how long a request takes, smoothed; 0 before the first
  PRIMARY KEY (client_id, procore_company_id)
) {{strict}};
