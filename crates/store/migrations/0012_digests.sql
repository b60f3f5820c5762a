-- What a block's bytes are known by, so that a program that has met them before need not be sent them again. The blocks are
-- a copy of the rows, and are packed anew.

DELETE FROM log_block;
UPDATE log_row SET block = 0;
ALTER TABLE log_block ADD COLUMN digest {{blob}} NOT NULL DEFAULT ''; -- the first 16 bytes of SHA-256 of body
