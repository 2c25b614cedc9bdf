-- A charge: one payment, from authorization to the last refund. The acquirer's and the point service's names for what
-- they hold stand beside the state that they must agree with.
CREATE TABLE charge (
    shop_id           @INT  NOT NULL,
    environment       @TEXT NOT NULL,
    charge_id         @TEXT NOT NULL,
    state             @TEXT NOT NULL CHECK (state = 'authorized' OR state = 'captured' OR state = 'cancelled'),
    amount            @INT  NOT NULL CHECK (amount >= 0),
    point             @INT  NOT NULL CHECK (point >= 0 AND point <= amount),
    open_id           @TEXT NOT NULL,
    cart_id           @TEXT,
    items             @TEXT NOT NULL,
    -- Personal data: NULL once erased.
    address           @TEXT,
    buyer             @TEXT,
    card              @TEXT,
    -- NULL when points pay all of it.
    authorization_id  @TEXT,
    authorized_amount @INT  NOT NULL CHECK (authorized_amount >= 0),
    -- NULL when no points are used.
    hold_id           @TEXT,
    hold_used         @INT  NOT NULL CHECK (hold_used IN (0, 1)),
    ordered_us        @INT  NOT NULL,
    updated_us        @INT  NOT NULL,
    window_ends_us    @INT  NOT NULL,
    version           @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, charge_id)
) @CLUSTERED;
CREATE INDEX charge_state ON charge (shop_id, environment, state, charge_id);

-- Kept counts: how many charges of an order day (JST, days since 1970) are in each state. Spread over a few slots, so
-- that writers of one shop do not wait for one row.
CREATE TABLE charge_count (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL,
    day         @INT  NOT NULL,
    slot        @INT  NOT NULL,
    authorized  @INT  NOT NULL,
    captured    @INT  NOT NULL,
    cancelled   @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, day, slot)
) @CLUSTERED;

-- One attempt to make or change a charge: the intent, committed before anybody outside is asked. Its id is also that of
-- its ledger entry, its event and its audit row. A charge has at most one running attempt.
CREATE TABLE attempt (
    shop_id         @INT  NOT NULL,
    environment     @TEXT NOT NULL,
    attempt_id      @TEXT NOT NULL,
    charge_id       @TEXT NOT NULL,
    -- The version of the charge that it changes, 0 for `pay`: the order of a charge's attempts.
    version         @INT  NOT NULL,
    verb            @TEXT NOT NULL CHECK (verb = 'pay' OR verb = 'capture' OR verb = 'cancel' OR verb = 'change' OR verb = 'expire'),
    -- What the verb needs: the order of `pay`, the items of `change`. NULL when it needs nothing, and after the end.
    arguments       @TEXT,
    state           @TEXT NOT NULL CHECK (state = 'running' OR state = 'succeeded' OR state = 'refused'),
    refusal         @TEXT,
    actor           @TEXT NOT NULL,
    origin          @TEXT NOT NULL,
    begun_us        @INT  NOT NULL,
    ended_us        @INT,
    tries           @INT  NOT NULL,
    -- Machine time: until then the process that began it is at it.
    leased_until_us @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, attempt_id)
) @CLUSTERED;
CREATE INDEX attempt_charge ON attempt (shop_id, environment, charge_id, attempt_id);
CREATE UNIQUE INDEX attempt_running ON attempt (shop_id, environment, charge_id) WHERE state = 'running';

-- What happened, for the shop's server to hear. `data` is the charge as it was then, without cipher and address.
CREATE TABLE event (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL,
    event_id    @TEXT NOT NULL,
    type        @TEXT NOT NULL,
    charge_id   @TEXT NOT NULL,
    data        @TEXT NOT NULL,
    created_us  @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, event_id)
) @CLUSTERED;
