-- What tells a change event that can be pushed into from one that can't, where it is chosen.
ALTER TABLE change_event ADD COLUMN created_by {{bigint}};                -- Procore's id of a person; NULL when it is not said
ALTER TABLE change_event ADD COLUMN lines {{bigint}} NOT NULL DEFAULT 0;
-- Of them, those whose money nobody may change or remove, on each side.
ALTER TABLE change_event ADD COLUMN cost_locked {{bigint}} NOT NULL DEFAULT 0;
ALTER TABLE change_event ADD COLUMN revenue_locked {{bigint}} NOT NULL DEFAULT 0;
