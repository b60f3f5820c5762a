-- Why a row was set aside that can't be read, else empty: it must not hold up the others.
ALTER TABLE watch ADD COLUMN broken TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook ADD COLUMN broken TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_inbox ADD COLUMN broken TEXT NOT NULL DEFAULT '';
