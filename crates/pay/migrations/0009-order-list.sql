-- The order list by amount. It begins with the state, so that it serves a search by state as well, and ends in the order
-- number, whose date a search by days can look at without reading the charge.
CREATE INDEX charge_amount ON charge (shop_id, environment, state, amount, charge_id);
