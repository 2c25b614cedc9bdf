-- The older card API (R-Card): shops on the old model ask for each card payment themselves. World times are those of the
-- shop's test clock.

-- A shop on the old model that has switched over: who may call the API. R-Card Plus is gone from then on.
CREATE TABLE rcard_access (
    shop_id     @INT  NOT NULL PRIMARY KEY,
    -- ユーザID, of the shop's choice.
    user_name   @TEXT NOT NULL,
    -- 認証キー, sealed. Compared after it is opened: it is found by the shop's address, not by itself.
    auth_key    @BLOB NOT NULL,
    -- World time.
    switched_us @INT  NOT NULL,
    -- The request id that was given out last.
    request_id  @INT  NOT NULL,
    -- How many requests were accepted: the order in which orders have their turns.
    accepted    @INT  NOT NULL,
    -- Numbers of the API that the shop has otherwise: a JSON object.
    rules       @TEXT NOT NULL
) @CLUSTERED;

-- Card orders of the old model. What the shop sees of them in RMS is not kept: it is 未オーソリ once the shop has switched.
CREATE TABLE rcard_order (
    shop_id       @INT  NOT NULL,
    order_number  @TEXT NOT NULL,
    placed_us     @INT  NOT NULL,
    -- What the order costs, in yen; what is authorized is what the shop asks for.
    amount        @INT  NOT NULL CHECK (amount >= 0),
    -- The acquirer's token of the card, and what may be shown of it.
    card          @TEXT NOT NULL,
    brand         @TEXT NOT NULL,
    last4         @TEXT NOT NULL,
    expires       @TEXT NOT NULL,
    owner_name    @TEXT NOT NULL,
    state         @TEXT NOT NULL CHECK (state IN ('open', 'plus_authorized', 'plus_claimed', 'authorized', 'claimed')),
    -- The acquirer's name for what it holds or has claimed.
    reference     @TEXT,
    held          @INT,
    pay_type      @INT,
    held_since_us @INT,
    version       @INT  NOT NULL,
    PRIMARY KEY (shop_id, order_number),
    CHECK ((state = 'authorized' OR state = 'claimed')
        = (reference IS NOT NULL AND held IS NOT NULL AND pay_type IS NOT NULL AND held_since_us IS NOT NULL))
) @CLUSTERED;
CREATE INDEX rcard_order_newest ON rcard_order (shop_id, placed_us, order_number);

-- Request ids that were used. One that was only given out has no row.
CREATE TABLE rcard_request (
    shop_id     @INT  NOT NULL,
    request_id  @INT  NOT NULL,
    kind        @INT  NOT NULL CHECK (kind BETWEEN 1 AND 4),
    -- SHA-256 of what was asked: the same once more is the same request.
    fingerprint @BLOB NOT NULL,
    count       @INT  NOT NULL CHECK (count > 0),
    -- How many of them have a result.
    done        @INT  NOT NULL CHECK (done BETWEEN 0 AND count),
    started_us  @INT  NOT NULL,
    finished_us @INT,
    PRIMARY KEY (shop_id, request_id),
    CHECK ((finished_us IS NOT NULL) = (done = count))
) @CLUSTERED;

-- The orders of a request, and what came of each. The message of the outbox with the same name does the work.
CREATE TABLE rcard_result (
    shop_id      @INT  NOT NULL,
    request_id   @INT  NOT NULL,
    position     @INT  NOT NULL,
    message_id   @TEXT NOT NULL,
    order_number @TEXT NOT NULL,
    -- What was asked for: of an authorization the amount and the way of paying, as sent.
    price        @INT,
    pay_type     @INT,
    -- What the acquirer is asked, once that is decided, as JSON: a second try asks the same.
    asked        @TEXT,
    asked_us     @INT,
    -- What came of it, world time and the rest; NULL until then.
    registered_us   @INT,
    card_status     @INT,
    error_code      @TEXT,
    ccs_code        @TEXT,
    approval        @TEXT,
    transaction_id  @TEXT,
    result_price    @INT,
    result_pay_type @INT,
    -- The card as it was then; NULL for an order that there is not.
    brand           @TEXT,
    card_number     @TEXT,
    owner_name      @TEXT,
    expires         @TEXT,
    PRIMARY KEY (shop_id, request_id, position),
    CHECK ((asked IS NULL) = (asked_us IS NULL)),
    CHECK ((registered_us IS NULL) = (card_status IS NULL)),
    CHECK ((registered_us IS NULL) = (error_code IS NULL))
) @CLUSTERED;
CREATE UNIQUE INDEX rcard_result_message ON rcard_result (shop_id, message_id);
CREATE INDEX rcard_result_registered ON rcard_result (shop_id, registered_us, request_id, position);
