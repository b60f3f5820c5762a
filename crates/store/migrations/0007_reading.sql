-- What somebody changed in Procore since we last wrote, when it is read again, and being told by webhooks.

-- One row a link that was written, or whose event was read.
CREATE TABLE observation (
  link_id {{uuid}} NOT NULL PRIMARY KEY REFERENCES link (id) ON DELETE CASCADE,
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  baseline TEXT NOT NULL,                    -- the event and the locks of its lines as we left them, JSON
  baseline_at {{bigint}} NOT NULL,           -- a reading that began before it says nothing
  found TEXT NOT NULL,                       -- every difference that was found, JSON
  left_alone TEXT NOT NULL,                  -- those that a person left as they are, JSON
  seen TEXT,                                 -- the event and our lines in it as last read, JSON; NULL: never read
  seen_at {{bigint}}
) {{strict}};
CREATE INDEX observation_company ON observation (company_id);

-- When a mapped project is read again. A row only where CORs are linked.
CREATE TABLE watch (
  project_id {{uuid}} NOT NULL,
  company_id {{uuid}} NOT NULL,
  due_at {{bigint}} NOT NULL,                -- the earliest of what follows and of watch_event
  scheduled_at {{bigint}} NOT NULL,          -- the next read of everything that changed
  read_to {{bigint}},                        -- what Procore changed before it has been seen; NULL: never read
  read_at {{bigint}},                        -- when everything that changed was last read
  whole_at {{bigint}},                       -- when the whole list was last read
  trouble TEXT NOT NULL,                     -- why it could not be read, in words; empty when it could
  fence {{bigint}} NOT NULL,                 -- counts holders
  lease_until {{bigint}} NOT NULL,
  broken TEXT NOT NULL DEFAULT '',           -- why it was set aside when it can't be read; else empty
  PRIMARY KEY (project_id, company_id),
  FOREIGN KEY (project_id, company_id) REFERENCES project_company (project_id, company_id)
) {{strict}};
CREATE INDEX watch_due ON watch (due_at);

-- Single events to be read sooner: after a push, a day later, and when a webhook says so.
CREATE TABLE watch_event (
  project_id {{uuid}} NOT NULL,
  company_id {{uuid}} NOT NULL,
  event_id {{bigint}} NOT NULL,
  due_at {{bigint}} NOT NULL,
  PRIMARY KEY (project_id, company_id, event_id, due_at)
) {{strict}};
CREATE INDEX watch_event_due ON watch_event (project_id, company_id, due_at);

-- One row a mapped project that Procore is to tell us of, and one a hook that is still to be removed there.
CREATE TABLE webhook (
  id {{uuid}} NOT NULL PRIMARY KEY,          -- stands in the address that Procore delivers to
  company_id {{uuid}} NOT NULL REFERENCES company (id),
  project_id {{uuid}} NOT NULL REFERENCES project (id),
  procore_company_id {{bigint}} NOT NULL,
  procore_project_id {{bigint}} NOT NULL,
  base TEXT NOT NULL,                        -- the address without the id
  secret {{blob}} NOT NULL,                  -- encrypted; what Procore sends as Authorization
  state TEXT NOT NULL CHECK (state IN ('wanted', 'live', 'going')),
  trouble TEXT NOT NULL,                     -- why it is not as it should be, in words; empty when it is
  due_at {{bigint}} NOT NULL,                -- when it is looked after again
  fence {{bigint}} NOT NULL,                 -- counts holders
  lease_until {{bigint}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  verified_at {{bigint}},                    -- when Procore last showed it as it should be
  delivered_at {{bigint}},                   -- when something last came through it
  failing {{bigint}} NOT NULL,               -- deliveries that Procore could not bring, when it was last asked
  broken TEXT NOT NULL DEFAULT ''            -- the same
) {{strict}};
CREATE UNIQUE INDEX webhook_one ON webhook (company_id, project_id) WHERE state <> 'going';
CREATE INDEX webhook_due ON webhook (due_at);

-- What was delivered, once each, and what came of it. Kept for some days, because a delivery may come again.
CREATE TABLE webhook_inbox (
  webhook_id {{uuid}} NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  delivery_id {{text_c}} NOT NULL,           -- Procore's, the same in every repetition
  company_id {{uuid}} NOT NULL,
  project_id {{uuid}} NOT NULL,
  event_id {{bigint}},                       -- the change event, where the delivery names it
  line_id {{bigint}},                        -- the line, where it is about one
  application TEXT NOT NULL,                 -- the app that caused it; empty when Procore does not say
  user_id {{bigint}},                        -- the login that caused it
  happened_at {{bigint}},                    -- by Procore's clock
  received_at {{bigint}} NOT NULL,
  handled_at {{bigint}},
  outcome TEXT NOT NULL CHECK (outcome IN ('waiting', 'looked at', 'ours', 'not linked')),
  broken TEXT NOT NULL DEFAULT '',           -- the same
  PRIMARY KEY (webhook_id, delivery_id)
) {{strict}};
CREATE INDEX webhook_inbox_waiting ON webhook_inbox (outcome, received_at);
