-- Reference tables (not spread by shop): shop, key_index, api_token. Shop data: service, credential.

CREATE TABLE shop (
    shop_id           @INT  NOT NULL PRIMARY KEY,
    name              @TEXT NOT NULL,
    receives_address  @INT  NOT NULL CHECK (receives_address IN (0, 1)),
    created_us        @INT  NOT NULL
) @CLUSTERED;

-- A shop has one service id for Sandbox and one for Live (test keys included). `next_serial` is the serial of the next
-- order number.
CREATE TABLE service (
    shop_id     @INT  NOT NULL,
    space       @TEXT NOT NULL CHECK (space IN ('sandbox', 'live')),
    service_id  @TEXT NOT NULL,
    next_serial @INT  NOT NULL CHECK (next_serial >= 1),
    PRIMARY KEY (shop_id, space)
) @CLUSTERED;
CREATE UNIQUE INDEX service_number ON service (service_id);

-- Keys and webhook secrets, sealed under the master key. A row that was rotated away keeps working until `expires_us`
-- (machine time).
CREATE TABLE credential (
    shop_id       @INT  NOT NULL,
    environment   @TEXT NOT NULL,
    credential_id @TEXT NOT NULL,
    kind          @TEXT NOT NULL CHECK (kind = 'public_key' OR kind = 'private_key' OR kind = 'webhook_secret' OR kind = 'webhook_signing_secret'),
    sealed        @BLOB NOT NULL,
    created_us    @INT  NOT NULL,
    expires_us    @INT,
    PRIMARY KEY (shop_id, environment, credential_id)
) @CLUSTERED;

-- Finds a key by its keyed hash, without knowing the shop.
CREATE TABLE key_index (
    look_up       @BLOB NOT NULL PRIMARY KEY,
    shop_id       @INT  NOT NULL,
    environment   @TEXT NOT NULL,
    credential_id @TEXT NOT NULL,
    expires_us    @INT
) @CLUSTERED;

-- Tokens for /api. `shop_id` is NULL for those of the operator.
CREATE TABLE api_token (
    token_id   @TEXT NOT NULL PRIMARY KEY,
    look_up    @BLOB NOT NULL,
    shop_id    @INT,
    label      @TEXT NOT NULL,
    scopes     @TEXT NOT NULL,
    created_us @INT  NOT NULL,
    expires_us @INT,
    revoked_us @INT
) @CLUSTERED;
CREATE UNIQUE INDEX api_token_look_up ON api_token (look_up);
