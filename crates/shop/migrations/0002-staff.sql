-- Reference tables (not spread by shop): staff, staff_session. They are found by an address and by a cookie, before
-- anybody knows the shop. All instants are machine time.

-- Who may see a shop's pages. `password` is an argon2id hash (PHC string); `must_change` says that somebody else has
-- seen the password.
CREATE TABLE staff (
    staff_id    @TEXT NOT NULL PRIMARY KEY,
    shop_id     @INT  NOT NULL,
    -- In lower case.
    email       @TEXT NOT NULL,
    password    @TEXT NOT NULL,
    must_change @INT  NOT NULL CHECK (must_change IN (0, 1)),
    created_us  @INT  NOT NULL,
    changed_us  @INT  NOT NULL
) @CLUSTERED;
CREATE UNIQUE INDEX staff_email ON staff (email);

-- Sessions, under the keyed hash of what the cookie holds.
CREATE TABLE staff_session (
    look_up    @BLOB NOT NULL PRIMARY KEY,
    staff_id   @TEXT NOT NULL,
    created_us @INT  NOT NULL,
    seen_us    @INT  NOT NULL
) @CLUSTERED;
CREATE INDEX staff_session_staff ON staff_session (staff_id);
CREATE INDEX staff_session_seen ON staff_session (seen_us);
