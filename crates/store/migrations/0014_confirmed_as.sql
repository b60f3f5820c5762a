-- As whom in Procore a push was confirmed: logins end while pushes wait, and what waits is sent in no other name.
ALTER TABLE push ADD COLUMN procore_user_id {{bigint}};  -- NULL until its person is signed in
ALTER TABLE push ADD COLUMN procore_user TEXT;
UPDATE push SET
  procore_user_id = (SELECT l.procore_user_id FROM procore_login l WHERE l.person_id = push.person_id),
  procore_user = (SELECT l.procore_user FROM procore_login l WHERE l.person_id = push.person_id)
WHERE finished_at IS NULL;
