-- The marketplace of a shop. All of it lives in the shop's sandbox: world time follows its test clock, no money is real,
-- and nobody in it exists unless the shop's own programs write somebody in.

-- A shop as the mall knows it.
CREATE TABLE mall_shop (
    shop_id        @INT  NOT NULL PRIMARY KEY,
    -- The six digits that its order numbers begin with.
    rms_id         @INT  NOT NULL CHECK (rms_id >= 0 AND rms_id <= 999999),
    -- 店舗URL.
    url            @TEXT NOT NULL,
    -- 自動注文確認.
    confirmation   @TEXT NOT NULL CHECK (confirmation = 'unset' OR confirmation = 'manual' OR confirmation = 'automatic'),
    -- 追跡可能メール便 is set.
    trackable_mail @INT  NOT NULL CHECK (trackable_mail IN (0, 1)),
    -- How cards are settled: by 楽天ペイ, or by the shop through the older R-Card.
    model          @TEXT NOT NULL CHECK (model = 'rpay' OR model = 'rcard'),
    -- Numbers of rules that differ from the usual ones: a JSON object.
    rules          @TEXT NOT NULL,
    -- The serial of the last order number that was given.
    last_serial    @INT  NOT NULL
) @CLUSTERED;
CREATE UNIQUE INDEX mall_shop_rms_id ON mall_shop (rms_id);
CREATE UNIQUE INDEX mall_shop_url ON mall_shop (url);

-- An order. `doc` is the order; the other columns are what searches look at, made from it with every change, and stand
-- before it so that a search reads none of it. Instants are world time.
CREATE TABLE mall_order (
    shop_id       @INT  NOT NULL,
    number        @TEXT NOT NULL,
    version       @INT  NOT NULL,
    progress      @INT  NOT NULL,
    sub_status    @INT,
    kind          @INT  NOT NULL,
    method        @INT  NOT NULL,
    -- purchaseSiteType: 1 PC, 2 mobile, 3 smartphone, 4 tablet, 0 none of them.
    site          @INT  NOT NULL,
    -- Bits: 1 あす楽, 2 coupons, 4 医薬品, 8 1営業日以内発送, 16 no shipping date, 32 no parcel number.
    traits        @INT  NOT NULL,
    delivery_name @TEXT NOT NULL,
    placed_us     @INT  NOT NULL,
    confirmed_us  @INT,
    fixed_us      @INT,
    -- The last shipping date of its parcels, at its beginning in Japan.
    shipping_us   @INT,
    reported_us   @INT,
    settled_us    @INT,
    -- What the other parties of the mall will answer, where that is not yes: a JSON object.
    script        @TEXT,
    doc           @TEXT NOT NULL,
    PRIMARY KEY (shop_id, number)
) @CLUSTERED;
-- What nearly every search looks at, so that it is answered from here alone.
CREATE INDEX mall_order_placed ON mall_order
    (shop_id, placed_us, number, progress, sub_status, kind, method, site, traits, delivery_name);
CREATE INDEX mall_order_confirmed ON mall_order (shop_id, confirmed_us, placed_us, number, progress)
    WHERE confirmed_us IS NOT NULL;
CREATE INDEX mall_order_fixed ON mall_order (shop_id, fixed_us, placed_us, number, progress) WHERE fixed_us IS NOT NULL;
CREATE INDEX mall_order_shipping ON mall_order (shop_id, shipping_us, placed_us, number, progress)
    WHERE shipping_us IS NOT NULL;
CREATE INDEX mall_order_reported ON mall_order (shop_id, reported_us, placed_us, number, progress)
    WHERE reported_us IS NOT NULL;
CREATE INDEX mall_order_settled ON mall_order (shop_id, settled_us, placed_us, number, progress)
    WHERE settled_us IS NOT NULL;

-- The words of an order that searches look for, apart from it so that a search for a word reads nothing else. Several of
-- one kind stand one below the other, with a line's end before the first and after the last.
CREATE TABLE mall_order_words (
    shop_id          @INT  NOT NULL,
    number           @TEXT NOT NULL,
    email            @TEXT NOT NULL,
    phone            @TEXT NOT NULL,
    reserve_number   @TEXT NOT NULL,
    destination_phones @TEXT NOT NULL,
    item_names       @TEXT NOT NULL,
    item_numbers     @TEXT NOT NULL,
    memo             @TEXT NOT NULL,
    orderer          @TEXT NOT NULL,
    orderer_kana     @TEXT NOT NULL,
    destinations     @TEXT NOT NULL,
    sku_numbers      @TEXT NOT NULL,
    sku_merchant_numbers @TEXT NOT NULL,
    sku_infos        @TEXT NOT NULL,
    PRIMARY KEY (shop_id, number)
) @CLUSTERED;

-- What the mall told the buyer of an order, in the order of `version` (of the order, after the change) and `line`.
CREATE TABLE mall_notice (
    shop_id @INT  NOT NULL,
    number  @TEXT NOT NULL,
    version @INT  NOT NULL,
    line    @INT  NOT NULL,
    kind    @TEXT NOT NULL,
    told_us @INT  NOT NULL,
    PRIMARY KEY (shop_id, number, version, line)
) @CLUSTERED;

-- What the mall pays out to a shop on a day (JST, `2026-11-30`).
CREATE TABLE mall_payout (
    shop_id @INT  NOT NULL,
    day     @TEXT NOT NULL,
    yen     @INT  NOT NULL,
    orders  @INT  NOT NULL CHECK (orders > 0),
    PRIMARY KEY (shop_id, day)
) @CLUSTERED;
