-- What somebody has used up of what is allowed in a time: cards tried, accounts made. `subject` is a digest, so that no
-- name and no address stands here; `full_us` is when all of it will be there again (machine time), and then the row says
-- nothing any more. A reference table.
CREATE TABLE allowance (
    subject @BLOB NOT NULL PRIMARY KEY,
    full_us @INT  NOT NULL
) @CLUSTERED;
-- Rows that say nothing any more are removed.
CREATE INDEX allowance_full ON allowance (full_us);
