-- お知らせ of the operator, to one shop or, with `shop_id` NULL, to all: a reference table. Instants are machine time. One that
-- was withdrawn stays, so that what was said can be read up.
CREATE TABLE notice (
    notice_id    @TEXT NOT NULL PRIMARY KEY,
    shop_id      @INT,
    severity     @TEXT NOT NULL CHECK (severity IN ('information', 'maintenance', 'important')),
    title        @TEXT NOT NULL,
    body         @TEXT NOT NULL,
    from_us      @INT  NOT NULL,
    until_us     @INT,
    withdrawn_us @INT,
    created_us   @INT  NOT NULL,
    CHECK (until_us IS NULL OR from_us < until_us)
) @CLUSTERED;
CREATE INDEX notice_from ON notice (from_us);

-- Who has read which.
CREATE TABLE notice_read (
    shop_id   @INT  NOT NULL,
    staff_id  @TEXT NOT NULL,
    notice_id @TEXT NOT NULL,
    read_us   @INT  NOT NULL,
    PRIMARY KEY (shop_id, staff_id, notice_id)
) @CLUSTERED;
