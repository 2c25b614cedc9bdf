-- Where a shop's server hears of events (contract online-lite-api "Events and webhooks").

-- One URL. `failing_since_us` is the world time of the first failure since the last success; NULL when the last try
-- succeeded or there was none. `disabled_for` says why, NULL while it is active.
CREATE TABLE webhook_endpoint (
    shop_id          @INT  NOT NULL,
    environment      @TEXT NOT NULL,
    endpoint_id      @TEXT NOT NULL,
    url              @TEXT NOT NULL,
    state            @TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    disabled_for     @TEXT,
    failing_since_us @INT,
    -- The server certificate that is accepted instead of publicly trusted ones (DER); NULL for the public ones.
    certificate      @BLOB,
    created_us       @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, endpoint_id),
    CHECK ((state = 'active') = (disabled_for IS NULL))
) @CLUSTERED;
CREATE INDEX webhook_endpoint_active ON webhook_endpoint (state, shop_id, environment, endpoint_id);

-- Which endpoint hears of a type of event: one for each type. An endpoint may hear of several.
CREATE TABLE webhook_subscription (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL,
    type        @TEXT NOT NULL,
    endpoint_id @TEXT NOT NULL,
    PRIMARY KEY (shop_id, environment, type)
) @CLUSTERED;

-- Every try to deliver, written once and never changed. The request's body is not kept, because it holds personal data
-- and can be made again from the event: its digest is. The webhook secret is masked in the headers. Charge and number
-- of the try are NULL for `charge.check` and `ping`, which are sent once.
CREATE TABLE webhook_attempt (
    shop_id            @INT  NOT NULL,
    environment        @TEXT NOT NULL,
    attempt_id         @TEXT NOT NULL,
    endpoint_id        @TEXT NOT NULL,
    event_id           @TEXT NOT NULL,
    type               @TEXT NOT NULL,
    charge_id          @TEXT,
    number             @INT,
    url                @TEXT NOT NULL,
    -- Machine time, and how long it took in microseconds.
    started_us         @INT  NOT NULL,
    took_us            @INT  NOT NULL,
    outcome            @TEXT NOT NULL CHECK (outcome = 'delivered' OR outcome = 'refused' OR outcome = 'unanswered'),
    request_headers    @TEXT NOT NULL,
    request_sha256     @TEXT NOT NULL,
    request_bytes      @INT  NOT NULL,
    status             @INT,
    response_headers   @TEXT,
    response_body      @TEXT,
    response_truncated @INT  NOT NULL CHECK (response_truncated IN (0, 1)),
    error              @TEXT,
    PRIMARY KEY (shop_id, environment, attempt_id),
    CHECK ((outcome = 'unanswered') = (status IS NULL)),
    CHECK ((outcome = 'unanswered') = (error IS NOT NULL))
) @CLUSTERED;
CREATE INDEX webhook_attempt_event ON webhook_attempt (shop_id, environment, event_id, attempt_id);
CREATE INDEX webhook_attempt_endpoint ON webhook_attempt (shop_id, environment, endpoint_id, attempt_id);
