-- Why a change event could not be read the last time; empty when it could.
ALTER TABLE change_event ADD COLUMN trouble TEXT NOT NULL DEFAULT '';
