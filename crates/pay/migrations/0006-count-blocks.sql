-- Kept counts of blocks of 32 days beside those of days: `day` is -1 less the number of the block.
INSERT INTO charge_count (shop_id, environment, day, slot, authorized, captured, cancelled)
SELECT shop_id, environment, -1 - day / 32, slot, SUM(authorized), SUM(captured), SUM(cancelled) FROM charge_count
WHERE day >= 0 GROUP BY shop_id, environment, -1 - day / 32, slot;
