-- Licences of the RMS API (利用設定 of WEB APIサービス): one serviceSecret a shop, and its licenseKeys, sealed under the master
-- key and found by their keyed hash. A key names its shop by the six digits of its order numbers, so a look-up knows the
-- shop. Instants are world time of the shop's sandbox: a key ends when its test clock says so.

CREATE TABLE mall_service_secret (
    shop_id    @INT  NOT NULL PRIMARY KEY,
    sealed     @BLOB NOT NULL,
    look_up    @BLOB NOT NULL,
    created_us @INT  NOT NULL
) @CLUSTERED;

-- `serial` counts the keys of a shop; the newest is the one whose functions can be edited. `functions` of an older one are
-- what it had when it was followed: 過去の利用情報. `end_noted` says whether the audit log tells of its end.
CREATE TABLE mall_licence (
    shop_id    @INT  NOT NULL,
    licence_id @TEXT NOT NULL,
    serial     @INT  NOT NULL CHECK (serial >= 1),
    sealed     @BLOB NOT NULL,
    look_up    @BLOB NOT NULL,
    functions  @TEXT NOT NULL,
    issued_us  @INT  NOT NULL,
    ends_us    @INT  NOT NULL CHECK (ends_us > issued_us),
    end_noted  @INT  NOT NULL DEFAULT 0 CHECK (end_noted IN (0, 1)),
    PRIMARY KEY (shop_id, licence_id)
) @CLUSTERED;
CREATE UNIQUE INDEX mall_licence_serial ON mall_licence (shop_id, serial);
CREATE UNIQUE INDEX mall_licence_look_up ON mall_licence (shop_id, look_up);

-- サブステータス of a shop: the shop's own names for stages within a status.
CREATE TABLE mall_sub_status (
    shop_id       @INT  NOT NULL,
    sub_status_id @INT  NOT NULL CHECK (sub_status_id >= 1),
    progress      @INT  NOT NULL,
    name          @TEXT NOT NULL,
    position      @INT  NOT NULL,
    PRIMARY KEY (shop_id, sub_status_id)
) @CLUSTERED;

-- Faults that a test asked the API for: a JSON list, which gets shorter as they happen. No row: none.
CREATE TABLE mall_fault (
    shop_id @INT  NOT NULL PRIMARY KEY,
    doc     @TEXT NOT NULL
) @CLUSTERED;
