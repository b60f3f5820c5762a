-- Amounts as Procore holds them: to the last digit, since others write there in fractions of a cent, or the word for why
-- there is none ("too large", "unreadable"). Cents become "<cents>e-2".

ALTER TABLE change_event ADD COLUMN cost_exact TEXT NOT NULL DEFAULT '0';
ALTER TABLE change_event ADD COLUMN revenue_exact TEXT NOT NULL DEFAULT '0';
UPDATE change_event SET cost_exact = CAST(cost AS TEXT) || 'e-2', revenue_exact = CAST(revenue AS TEXT) || 'e-2';
ALTER TABLE change_event DROP COLUMN cost;
ALTER TABLE change_event DROP COLUMN revenue;
ALTER TABLE change_event RENAME COLUMN cost_exact TO cost;
ALTER TABLE change_event RENAME COLUMN revenue_exact TO revenue;

ALTER TABLE link ADD COLUMN pushed_exact TEXT NOT NULL DEFAULT '0';
UPDATE link SET pushed_exact = CAST(pushed_amount AS TEXT) || 'e-2';
ALTER TABLE link DROP COLUMN pushed_amount;
ALTER TABLE link RENAME COLUMN pushed_exact TO pushed_amount;

ALTER TABLE link_line ADD COLUMN exact TEXT NOT NULL DEFAULT '0';
UPDATE link_line SET exact = CAST(amount AS TEXT) || 'e-2';
ALTER TABLE link_line DROP COLUMN amount;
ALTER TABLE link_line RENAME COLUMN exact TO amount;

ALTER TABLE push_cor ADD COLUMN previous_exact TEXT NOT NULL DEFAULT '0';
ALTER TABLE push_cor ADD COLUMN planned_exact TEXT NOT NULL DEFAULT '0';
UPDATE push_cor SET previous_exact = CAST(previous AS TEXT) || 'e-2', planned_exact = CAST(planned AS TEXT) || 'e-2';
ALTER TABLE push_cor DROP COLUMN previous;
ALTER TABLE push_cor DROP COLUMN planned;
ALTER TABLE push_cor RENAME COLUMN previous_exact TO previous;
ALTER TABLE push_cor RENAME COLUMN planned_exact TO planned;
