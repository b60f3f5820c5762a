-- What somebody changed in Procore since we last wrote, and what is to be read again when.

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

-- Links of earlier versions are read once as soon as a worker runs.
INSERT INTO watch (project_id, company_id, due_at, scheduled_at, trouble, fence, lease_until)
SELECT DISTINCT l.project_id, l.company_id, 0, 0, '', 0, 0 FROM link l WHERE l.event_id IS NOT NULL;
