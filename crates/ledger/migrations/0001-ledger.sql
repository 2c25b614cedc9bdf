-- Double entry: every line moves an amount from one account to another, so that a line cannot be out of balance and an
-- entry is the sum of its lines. Rows are only ever inserted. `entry_id` is the id of the attempt that the entry belongs
-- to: an attempt cannot be booked twice. `lines` lets a recount notice a missing line.
CREATE TABLE ledger_entry (
    shop_id   @INT  NOT NULL,
    book      @TEXT NOT NULL,
    entry_id  @TEXT NOT NULL,
    line      @INT  NOT NULL CHECK (line >= 1 AND line <= lines),
    lines     @INT  NOT NULL,
    kind      @TEXT NOT NULL,
    reference @TEXT NOT NULL,
    debit     @TEXT NOT NULL,
    credit    @TEXT NOT NULL CHECK (credit <> debit),
    amount    @INT  NOT NULL CHECK (amount > 0),
    posted_us @INT  NOT NULL,
    PRIMARY KEY (shop_id, book, entry_id, line)
) @CLUSTERED;
