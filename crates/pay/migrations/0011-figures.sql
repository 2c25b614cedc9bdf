-- 注文金額 and 注文件数 as orders were made: how many in each hour (`hours` = 1) and each day of Japan (`hours` = 24), and the sum of
-- their totals when they were made. `start` is the first hour of the span, hours since 1970 UTC. Written once with each new charge
-- of Sandbox and Live, never with one of a test key, and never changed by what becomes of the charge. Spread over slots like
-- the kept counts.
CREATE TABLE figure (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL CHECK (environment IN ('sandbox', 'live')),
    hours       @INT  NOT NULL CHECK (hours IN (1, 24)),
    start       @INT  NOT NULL,
    slot        @INT  NOT NULL,
    orders      @INT  NOT NULL CHECK (orders >= 0),
    amount      @INT  NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (shop_id, environment, hours, start, slot)
) @CLUSTERED;

-- The charges that there are: their totals when they were made stand in the events that told of them.
INSERT INTO figure (shop_id, environment, hours, start, slot, orders, amount)
SELECT c.shop_id, c.environment, 1, c.ordered_us / 3600000000, 0, count(*), CAST(sum(@NUMBER(e.data, amount)) AS BIGINT)
FROM charge c
JOIN attempt a ON a.shop_id = c.shop_id AND a.environment = c.environment AND a.charge_id = c.charge_id
    AND a.verb = 'pay' AND a.state = 'succeeded'
JOIN event e ON e.shop_id = a.shop_id AND e.environment = a.environment AND e.event_id = 'evt_' || a.attempt_id
WHERE c.environment IN ('sandbox', 'live')
GROUP BY c.shop_id, c.environment, c.ordered_us / 3600000000;

-- Days of Japan begin at 15:00 UTC.
INSERT INTO figure (shop_id, environment, hours, start, slot, orders, amount)
SELECT f.shop_id, f.environment, 24, (f.start + 9) / 24 * 24 - 9, 0, CAST(sum(f.orders) AS BIGINT), CAST(sum(f.amount) AS BIGINT)
FROM figure f WHERE f.hours = 1
GROUP BY f.shop_id, f.environment, (f.start + 9) / 24 * 24 - 9;

-- What the top page asks people to look at: found without reading what went well.
CREATE INDEX mail_not_taken ON mail (shop_id, environment, created_us) WHERE state IN ('refused', 'given_up');
