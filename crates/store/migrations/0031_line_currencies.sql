-- The currencies that an event's lines name, apart from the event's own: a line may be kept in its contract's.
ALTER TABLE change_event ADD COLUMN line_currencies TEXT NOT NULL DEFAULT '';
-- Until now both stood in one field, the event's own first: ISO codes, three letters each.
UPDATE change_event SET line_currencies = substr(currency, 6), currency = substr(currency, 1, 3)
  WHERE currency LIKE '%, %';
