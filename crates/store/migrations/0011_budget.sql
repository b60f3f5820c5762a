-- How far the vendor's clock is ahead of ours, at least; NULL before its first answer.
ALTER TABLE rate_account ADD COLUMN ahead_us {{bigint}};
-- Claims pass over accounts that have nothing left for pushes.
CREATE INDEX rate_account_of ON rate_account (procore_company_id, bulk_until);
-- Kept only the limit that was named last.
DROP TABLE rate_budget;
