-- How many days the windows of a charge are long, as the server was set when it was ordered. Null: the usual ones, which end
-- with a month; so are all of before.
ALTER TABLE charge ADD COLUMN provisional_days @INT;
ALTER TABLE charge ADD COLUMN captured_days @INT;
