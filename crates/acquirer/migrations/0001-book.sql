-- The simulator's own book: it lives in a file or schema of its own, never beside our tables. Amounts are whole yen,
-- one point is one yen, times are microseconds since 1970 UTC: `at_us`, `created_us` and `updated_us` are world time,
-- as the request told it; `tokenized_us` is machine time.

-- What a card became when it was handed over. Neither its number nor its security code is here or anywhere else.
CREATE TABLE sim_card (
    shop_id      @INT  NOT NULL,
    environment  @TEXT NOT NULL,
    token        @TEXT NOT NULL,
    brand        @TEXT NOT NULL,
    last4        @TEXT NOT NULL,
    expiry_year  @INT  NOT NULL,
    expiry_month @INT  NOT NULL CHECK (expiry_month BETWEEN 1 AND 12),
    -- The name of the magic card, if it is one.
    magic        @TEXT,
    tokenized_us @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, token)
) @CLUSTERED;

-- Where each authorization stands now; the operations below say how it came there.
CREATE TABLE sim_authorization (
    shop_id          @INT  NOT NULL,
    environment      @TEXT NOT NULL,
    authorization_id @TEXT NOT NULL,
    order_ref        @TEXT NOT NULL,
    card             @TEXT NOT NULL,
    magic            @TEXT,
    amount           @INT  NOT NULL CHECK (amount >= 0),
    captured         @INT  NOT NULL,
    refunded         @INT  NOT NULL,
    state            @TEXT NOT NULL
        CHECK (state = 'action_required' OR state = 'authorized' OR state = 'captured' OR state = 'voided' OR state = 'refunded' OR state = 'declined'),
    created_us       @INT  NOT NULL,
    updated_us       @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, authorization_id),
    CONSTRAINT sim_authorization_captured_ck CHECK (captured BETWEEN 0 AND amount),
    CONSTRAINT sim_authorization_refunded_ck CHECK (refunded BETWEEN 0 AND captured)
) @CLUSTERED;

-- Every request that was answered, under the key of who asked: appended to, never changed. `card` and `order_ref`
-- belong to authorize, `amount` to authorize, capture and refund. `authorization_id` is NULL where none was made or
-- named.
CREATE TABLE sim_operation (
    shop_id          @INT  NOT NULL,
    environment      @TEXT NOT NULL,
    operation_key    @TEXT NOT NULL,
    kind             @TEXT NOT NULL,
    authorization_id @TEXT,
    card             @TEXT,
    order_ref        @TEXT,
    amount           @INT,
    -- succeeded, requires_action, or the code of the refusal.
    outcome          @TEXT NOT NULL,
    reference        @TEXT,
    at_us            @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, operation_key)
) @CLUSTERED;
-- For recounting an authorization from its operations. Partial, so that nobody takes it for a way to a key: as long as
-- PostgreSQL has no statistics of the table, every index that begins with shop and environment looks as good as the key's.
CREATE INDEX sim_operation_authorization ON sim_operation (shop_id, environment, authorization_id)
    WHERE authorization_id IS NOT NULL;

-- Keys whose first request got lost on its way, so that the second one arrives.
CREATE TABLE sim_lost_request (
    shop_id       @INT  NOT NULL,
    environment   @TEXT NOT NULL,
    operation_key @TEXT NOT NULL,
    PRIMARY KEY (shop_id, environment, operation_key)
) @CLUSTERED;

-- A buyer's points, as one shop sees them. A row is made by the first hold.
CREATE TABLE sim_points_account (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL,
    account     @TEXT NOT NULL,
    opening     @INT  NOT NULL CHECK (opening >= 0),
    balance     @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, account),
    CONSTRAINT sim_points_account_balance_ck CHECK (balance BETWEEN 0 AND opening)
) @CLUSTERED;

-- Points taken from an account: still held, used, or returned to it.
CREATE TABLE sim_points_hold (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL,
    hold_id     @TEXT NOT NULL,
    account     @TEXT NOT NULL,
    points      @INT  NOT NULL CHECK (points >= 0),
    held        @INT  NOT NULL CHECK (held >= 0),
    used        @INT  NOT NULL CHECK (used >= 0),
    returned    @INT  NOT NULL CHECK (returned >= 0),
    created_us  @INT  NOT NULL,
    updated_us  @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, hold_id),
    CONSTRAINT sim_points_hold_whole_ck CHECK (held + used + returned = points)
) @CLUSTERED;
CREATE INDEX sim_points_hold_account ON sim_points_hold (shop_id, environment, account, held, used);

-- The same log for points. `account` belongs to hold; `hold_id` is NULL where none was made or named.
CREATE TABLE sim_points_operation (
    shop_id       @INT  NOT NULL,
    environment   @TEXT NOT NULL,
    operation_key @TEXT NOT NULL,
    kind          @TEXT NOT NULL,
    hold_id       @TEXT,
    account       @TEXT,
    points        @INT  NOT NULL,
    outcome       @TEXT NOT NULL,
    reference     @TEXT,
    at_us         @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, operation_key)
) @CLUSTERED;
CREATE INDEX sim_points_operation_hold ON sim_points_operation (shop_id, environment, hold_id)
    WHERE hold_id IS NOT NULL;
