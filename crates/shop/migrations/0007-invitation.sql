-- Links that are sent by mail, found by the keyed hash of what they carry before anybody knows the shop: reference tables.
-- Each is deleted when it is used. All instants are machine time.

-- Somebody was invited to the staff. The account is made when the invitation is taken.
CREATE TABLE staff_invitation (
    look_up       @BLOB NOT NULL PRIMARY KEY,
    invitation_id @TEXT NOT NULL,
    shop_id       @INT  NOT NULL,
    email         @TEXT NOT NULL,
    name          @TEXT NOT NULL,
    roles         @TEXT NOT NULL,
    invited_by    @TEXT NOT NULL,
    created_us    @INT  NOT NULL,
    expires_us    @INT  NOT NULL
) @CLUSTERED;
CREATE UNIQUE INDEX staff_invitation_id ON staff_invitation (shop_id, invitation_id);
CREATE UNIQUE INDEX staff_invitation_email ON staff_invitation (email);

-- Somebody may choose another password without the one they have: one link for each account.
CREATE TABLE staff_reset (
    look_up    @BLOB NOT NULL PRIMARY KEY,
    staff_id   @TEXT NOT NULL,
    created_us @INT  NOT NULL,
    expires_us @INT  NOT NULL
) @CLUSTERED;
CREATE UNIQUE INDEX staff_reset_staff ON staff_reset (staff_id);

-- Mails to the staff: their links open accounts, so what a mail says is sealed, and erased once it was sent or its link
-- has ended. The id is that of its message in the outbox.
CREATE TABLE staff_mail (
    shop_id    @INT  NOT NULL,
    mail_id    @TEXT NOT NULL,
    kind       @TEXT NOT NULL CHECK (kind IN ('invitation', 'reset')),
    -- `kept`: there is no mail server; the operator reads it.
    state      @TEXT NOT NULL CHECK (state IN ('waiting', 'kept', 'sent', 'refused', 'given_up')),
    sealed     @BLOB,
    error      @TEXT,
    created_us @INT  NOT NULL,
    expires_us @INT  NOT NULL,
    PRIMARY KEY (shop_id, mail_id)
) @CLUSTERED;
