-- Failed log-ins in a row, of an account or from an address: `subject` is a digest, so that no name stands here. Times are
-- machine time. A reference table.
CREATE TABLE login_failure (
    subject    @BLOB NOT NULL PRIMARY KEY,
    failures   @INT  NOT NULL,
    failed_us  @INT  NOT NULL,
    locked_us  @INT  NOT NULL
) @CLUSTERED;
