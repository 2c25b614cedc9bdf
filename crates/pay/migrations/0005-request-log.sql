-- What programs asked of the LITE API and what they were answered, secrets masked. `sealed` holds the bytes, sealed for
-- exactly the columns before it. Kept for a number of days and of rows; machine time.
CREATE TABLE request_log (
    shop_id       @INT  NOT NULL,
    -- Sorts by the time of the request.
    log_id        @TEXT NOT NULL,
    environment   @TEXT NOT NULL,
    at_us         @INT  NOT NULL,
    credential_id @TEXT NOT NULL,
    request_id    @TEXT NOT NULL,
    method        @TEXT NOT NULL,
    path          @TEXT NOT NULL,
    status        @INT  NOT NULL,
    micros        @INT  NOT NULL,
    charge_id     @TEXT,
    sealed        @BLOB NOT NULL,
    PRIMARY KEY (shop_id, log_id)
) @TABLE;
CREATE INDEX request_log_charge ON request_log (shop_id, charge_id, log_id) WHERE charge_id IS NOT NULL;
