-- Sign-ins that are counted by hash, browsers that are known, tokens that end, and rows that nobody can pile up.

-- Whatever was typed is stored nowhere: the key is a SHA-256, so that a row is as small for a megabyte as for an e-mail.
DROP TABLE sign_in_throttle;
CREATE TABLE sign_in_throttle (
  subject {{blob}} NOT NULL PRIMARY KEY,     -- SHA-256 of what attempts are counted by
  failures {{bigint}} NOT NULL,
  next_at {{bigint}} NOT NULL,               -- when the next attempt is let through
  window_until {{bigint}} NOT NULL           -- when the count ends
) {{strict}}{{clustered}};
CREATE INDEX sign_in_throttle_end ON sign_in_throttle (window_until);
CREATE INDEX sign_in_throttle_least ON sign_in_throttle (failures, window_until);

-- A browser that a person signed in with: strangers' wrong passwords don't make it wait.
CREATE TABLE known_browser (
  token_hash {{blob}} NOT NULL,              -- SHA-256 of the browser's cookie
  person_id {{uuid}} NOT NULL REFERENCES person (id),
  used_at {{bigint}} NOT NULL,
  PRIMARY KEY (token_hash, person_id)
) {{strict}}{{clustered}};
CREATE INDEX known_browser_person ON known_browser (person_id, used_at);
CREATE INDEX known_browser_used ON known_browser (used_at);

CREATE INDEX session_end ON session (expires_at);
CREATE INDEX procore_sign_in_person ON procore_sign_in (person_id, expires_at);
CREATE INDEX procore_sign_in_end ON procore_sign_in (expires_at);
CREATE INDEX push_draft_person ON push_draft (person_id, updated_at);

-- A token ends a year after it was made, at the latest; one that reads may do nothing else.
ALTER TABLE api_token ADD COLUMN expires_at {{bigint}} NOT NULL DEFAULT 0;
UPDATE api_token SET expires_at = created_at + 31536000000000;
ALTER TABLE api_token ADD COLUMN reads_only {{bigint}} NOT NULL DEFAULT 0;
CREATE INDEX api_token_person ON api_token (person_id);
