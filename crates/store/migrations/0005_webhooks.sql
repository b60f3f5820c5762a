-- Being told of changes in Procore: our hooks there, and what they delivered.

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
  failing {{bigint}} NOT NULL                -- deliveries that Procore could not bring, when it was last asked
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
  PRIMARY KEY (webhook_id, delivery_id)
) {{strict}};
CREATE INDEX webhook_inbox_waiting ON webhook_inbox (outcome, received_at);
