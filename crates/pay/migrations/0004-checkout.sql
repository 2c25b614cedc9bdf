-- A payment whose buyer was sent to the provider's page (3-D Secure): until when he is waited for (machine time), and
-- where the page is. NULL where nobody was sent.
ALTER TABLE attempt ADD COLUMN waits_until_us @INT;
ALTER TABLE attempt ADD COLUMN action_url @TEXT;

-- Reference tables (not spread by shop): buyer, buyer_session, buyer_card, buyer_address. All times of these and of
-- sessions are machine time.

-- An account of the sandbox's and the test keys' checkout. `password` is an argon2 hash.
CREATE TABLE buyer (
    buyer_id        @TEXT NOT NULL PRIMARY KEY,
    email           @TEXT NOT NULL,
    password        @TEXT NOT NULL,
    last_name       @TEXT NOT NULL,
    first_name      @TEXT NOT NULL,
    last_name_kana  @TEXT NOT NULL,
    first_name_kana @TEXT NOT NULL,
    created_us      @INT  NOT NULL
) @CLUSTERED;
CREATE UNIQUE INDEX buyer_email ON buyer (email);

-- A log-in. The cookie itself is nowhere: `look_up` is its digest.
CREATE TABLE buyer_session (
    look_up    @BLOB NOT NULL PRIMARY KEY,
    buyer_id   @TEXT NOT NULL,
    created_us @INT  NOT NULL,
    expires_us @INT  NOT NULL
) @CLUSTERED;

-- What may be kept of a card. A token counts for one merchant at the provider, so a card belongs to a shop as well.
CREATE TABLE buyer_card (
    buyer_id     @TEXT NOT NULL,
    card_id      @TEXT NOT NULL,
    shop_id      @INT  NOT NULL,
    environment  @TEXT NOT NULL,
    token        @TEXT NOT NULL,
    brand        @TEXT NOT NULL,
    last4        @TEXT NOT NULL,
    expiry_year  @INT  NOT NULL,
    expiry_month @INT  NOT NULL,
    created_us   @INT  NOT NULL,
    PRIMARY KEY (buyer_id, card_id)
) @CLUSTERED;

-- Where a buyer's goods go, as the JSON of the charge's address.
CREATE TABLE buyer_address (
    buyer_id   @TEXT NOT NULL,
    address_id @TEXT NOT NULL,
    address    @TEXT NOT NULL,
    created_us @INT  NOT NULL,
    PRIMARY KEY (buyer_id, address_id)
) @CLUSTERED;

-- One visit to the checkout: at most one charge comes of it. `attempt_id` is fixed before anybody outside is asked; what
-- became of the payment is asked of the attempt, so a session can never disagree with it.
CREATE TABLE checkout_session (
    shop_id           @INT  NOT NULL,
    environment       @TEXT NOT NULL,
    session_id        @TEXT NOT NULL,
    state             @TEXT NOT NULL CHECK (state = 'open' OR state = 'checking' OR state = 'paying' OR state = 'abandoned'),
    items             @TEXT NOT NULL,
    cart_id           @TEXT,
    -- Where the button stands: whoever there may hear of the outcome. NULL when the button's page was not said.
    origin            @TEXT,
    -- Where the buyer goes back to when there is no window to close.
    return_url        @TEXT,
    buyer_id          @TEXT,
    card_id           @TEXT,
    -- The card whose security code the provider was given in this session; the code is nowhere.
    code_card_id      @TEXT,
    point             @INT  NOT NULL CHECK (point >= 0),
    address_id        @TEXT,
    attempt_id        @TEXT,
    -- Why the last try came to nothing.
    notice            @TEXT,
    -- While 'checking': until when the shop is asked.
    checking_until_us @INT,
    created_us        @INT  NOT NULL,
    expires_us        @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, session_id)
) @CLUSTERED;

-- Pages that may show a shop's button: scheme, host and port.
CREATE TABLE checkout_origin (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL,
    origin      @TEXT NOT NULL,
    PRIMARY KEY (shop_id, environment, origin)
) @CLUSTERED;

-- What differs from the usual (approved, asked, not forced) of a group of card brands.
CREATE TABLE security_code (
    shop_id     @INT  NOT NULL,
    brand_group @TEXT NOT NULL,
    approved    @INT  NOT NULL CHECK (approved IN (0, 1)),
    asked       @INT  NOT NULL CHECK (asked IN (0, 1)),
    forced      @INT  NOT NULL CHECK (forced IN (0, 1)),
    PRIMARY KEY (shop_id, brand_group)
) @CLUSTERED;
