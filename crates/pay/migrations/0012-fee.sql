-- What a shop pays for each captured charge, from a day on (JST, days since 1970). A row is never changed; one that has not begun
-- may be withdrawn. Of several that have begun, the one with the latest day counts, and of those the one written last.
CREATE TABLE fee (
    shop_id      @INT  NOT NULL,
    fee_id       @TEXT NOT NULL,
    from_day     @INT  NOT NULL,
    -- Hundredths of a percent of the charge's total.
    basis_points @INT  NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    -- Yen for each charge.
    fixed        @INT  NOT NULL CHECK (fixed BETWEEN 0 AND 100000),
    created_us   @INT  NOT NULL,
    withdrawn_us @INT,
    PRIMARY KEY (shop_id, fee_id)
) @CLUSTERED;
