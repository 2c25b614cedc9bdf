-- The mechanisms that are written in the same transaction as a change. "Machine time" is never turned, "world time"
-- follows a shop's test clock where it has one; both are microseconds since 1970 UTC.
--
-- Checks of all migrations compare with one word after the other: for a list of more than two, SQLite makes a table of its
-- own at every statement that touches the column, which takes longer than the change itself.

-- How far a shop's sandbox is ahead of machine time. Only moves forward.
CREATE TABLE test_clock (
    shop_id   @INT NOT NULL PRIMARY KEY,
    offset_us @INT NOT NULL CHECK (offset_us >= 0)
) @CLUSTERED;

-- One row for each key that a client chose. It names the work that was begun under it, whose outcome is the answer, or
-- holds the answer to a request that was refused without any work, sealed by the caller.
CREATE TABLE idempotency (
    shop_id     @INT  NOT NULL,
    scope       @TEXT NOT NULL,
    request_key @TEXT NOT NULL,
    fingerprint @BLOB NOT NULL,
    work        @TEXT,
    status      @INT,
    answer      @BLOB,
    created_us  @INT  NOT NULL,
    PRIMARY KEY (shop_id, scope, request_key),
    CHECK ((work IS NULL) <> (status IS NULL))
) @CLUSTERED;

-- Something due in a world. One row for each (kind, subject); the worker that handles the kind deletes or moves it.
CREATE TABLE timer (
    shop_id @INT  NOT NULL,
    world   @TEXT NOT NULL,
    kind    @TEXT NOT NULL,
    subject @TEXT NOT NULL,
    due_us  @INT  NOT NULL,
    PRIMARY KEY (shop_id, world, kind, subject)
) @CLUSTERED;
-- Over all shops, and for a shop whose test clock is ahead. Both end in the rest of the key, so that what is due at the
-- same instant has an order.
CREATE INDEX timer_due ON timer (world, due_us, shop_id, kind, subject);
CREATE INDEX timer_due_of_shop ON timer (shop_id, world, due_us, kind, subject);

-- What leaves the process, at least once. Rows with the same lane leave in the order of their ids: the first one is
-- `waiting`; a worker that meets a later one makes it `queued`, until the one before it is `sent` or has `failed`.
-- `due_us` and `created_us` are world time; `leased_until_us` is machine time and says that a worker is at it.
-- `attempts` counts claims and tells a worker whose lease ran out from the one that took over.
CREATE TABLE outbox (
    shop_id         @INT  NOT NULL,
    outbox_id       @TEXT NOT NULL,
    world           @TEXT NOT NULL,
    topic           @TEXT NOT NULL,
    lane            @TEXT NOT NULL,
    body            @TEXT NOT NULL,
    state           @TEXT NOT NULL CHECK (state = 'waiting' OR state = 'queued' OR state = 'sent' OR state = 'failed'),
    attempts        @INT  NOT NULL CHECK (attempts >= 0),
    due_us          @INT  NOT NULL,
    leased_until_us @INT  NOT NULL,
    last_error      @TEXT,
    created_us      @INT  NOT NULL,
    PRIMARY KEY (shop_id, outbox_id)
) @CLUSTERED;
CREATE INDEX outbox_due ON outbox (topic, world, due_us, shop_id, outbox_id) WHERE state = 'waiting';
CREATE INDEX outbox_due_of_shop ON outbox (shop_id, topic, due_us, outbox_id)
    WHERE state = 'waiting' AND world = 'sandbox';
-- Ends in the state only so that it covers the search for the head of a lane, which SQLite would do in the table otherwise.
CREATE INDEX outbox_lane ON outbox (shop_id, topic, lane, outbox_id, state) WHERE state IN ('waiting', 'queued');
CREATE INDEX outbox_failed ON outbox (shop_id, outbox_id) WHERE state = 'failed';

-- Who may do a piece of background work, until when (machine time). `fence` grows with each new holder.
CREATE TABLE lease (
    name     @TEXT NOT NULL PRIMARY KEY,
    holder   @TEXT NOT NULL,
    fence    @INT  NOT NULL,
    until_us @INT  NOT NULL
) @CLUSTERED;

-- Who did what, when, from where, which fields; no personal data. Written with the change; `position` and `hash` are
-- set later by the sealer, once.
CREATE TABLE audit (
    shop_id  @INT  NOT NULL,
    audit_id @TEXT NOT NULL,
    at_us    @INT  NOT NULL,
    actor    @TEXT NOT NULL,
    origin   @TEXT NOT NULL,
    action   @TEXT NOT NULL,
    object   @TEXT NOT NULL,
    fields   @TEXT NOT NULL,
    position @INT,
    hash     @BLOB,
    PRIMARY KEY (shop_id, audit_id)
) @CLUSTERED;
CREATE INDEX audit_unsealed ON audit (audit_id, shop_id) WHERE position IS NULL;
CREATE UNIQUE INDEX audit_position ON audit (position) WHERE position IS NOT NULL;

-- The end of the chain: one row.
CREATE TABLE audit_head (
    id        @INT  NOT NULL PRIMARY KEY CHECK (id = 1),
    position  @INT  NOT NULL,
    hash      @BLOB NOT NULL,
    signature @BLOB NOT NULL
) @CLUSTERED;
