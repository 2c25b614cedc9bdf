-- Searches of the order list that somebody saved. `staff_id` says whose it is; NULL: everybody's of the shop. One that was
-- removed (machine time) can be brought back until the next ones are removed after a while.
CREATE TABLE order_view (
    shop_id    @INT  NOT NULL,
    view_id    @TEXT NOT NULL,
    staff_id   @TEXT,
    name       @TEXT NOT NULL,
    -- As addresses spell it.
    search     @TEXT NOT NULL,
    created_us @INT  NOT NULL,
    removed_us @INT,
    PRIMARY KEY (shop_id, view_id)
) @CLUSTERED;
-- One of each name, of those that are there: for everybody, and for each owner.
CREATE UNIQUE INDEX order_view_shared ON order_view (shop_id, name) WHERE removed_us IS NULL AND staff_id IS NULL;
CREATE UNIQUE INDEX order_view_own ON order_view (shop_id, staff_id, name) WHERE removed_us IS NULL AND staff_id IS NOT NULL;
