-- The idempotency key that work was begun under, beside the row that the key itself has: that one of the two is missing is
-- seen by the other. NULL where there was no key, and for what was begun before this was kept.
ALTER TABLE attempt ADD COLUMN request_key @TEXT;
ALTER TABLE notification ADD COLUMN request_key @TEXT;
