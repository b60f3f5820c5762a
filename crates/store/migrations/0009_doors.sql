-- A password that somebody else made is to be changed by its owner.
ALTER TABLE person ADD COLUMN password_temporary {{bigint}} NOT NULL DEFAULT 0;

-- Whom an invitation is meant for, and until when its link works. NULL: made before links ended by themselves.
ALTER TABLE contract ADD COLUMN invite_email TEXT NOT NULL DEFAULT '';
ALTER TABLE contract ADD COLUMN invite_until {{bigint}};
