-- The revenue of an event's lines that nobody priced: Procore may show the owner their cost.
ALTER TABLE change_event ADD COLUMN following_cost TEXT NOT NULL DEFAULT '0';
