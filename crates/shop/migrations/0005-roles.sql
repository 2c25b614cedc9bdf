-- What each member of the staff may do: names of roles, joined by commas. Who had an account before there were roles was
-- its owner. `operator` marks those who run this server: they also see the operator's pages.
ALTER TABLE staff ADD COLUMN name @TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN roles @TEXT NOT NULL DEFAULT 'owner';
ALTER TABLE staff ADD COLUMN operator @INT NOT NULL DEFAULT 0;
-- Since when the shop's registration for Live (本申込) is complete, machine time; NULL while it is not.
ALTER TABLE shop ADD COLUMN live_since_us @INT;
