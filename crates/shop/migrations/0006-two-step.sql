-- Two-step login. `totp` is the sealed secret of the authenticator app, NULL while there is none; `totp_step` the last
-- time step of which a code was taken, so that each code counts once. `ended_us` says since when somebody has no access
-- any more; the row stays, because the audit log names people by it. All instants are machine time.
ALTER TABLE staff ADD COLUMN totp @BLOB;
ALTER TABLE staff ADD COLUMN totp_step @INT NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN ended_us @INT;

-- Recovery codes that were not used yet, as keyed hashes. A reference table.
CREATE TABLE staff_recovery (
    look_up  @BLOB NOT NULL PRIMARY KEY,
    staff_id @TEXT NOT NULL
) @CLUSTERED;
CREATE INDEX staff_recovery_staff ON staff_recovery (staff_id);

-- A session that `waits` has had the right password and waits for the code. `confirmed_us`: when who is logged in last
-- proved again who they are; 0 never. `device` is what the browser called itself, `address` where it was.
ALTER TABLE staff_session ADD COLUMN session_id @TEXT NOT NULL DEFAULT '';
ALTER TABLE staff_session ADD COLUMN waits @INT NOT NULL DEFAULT 0;
ALTER TABLE staff_session ADD COLUMN confirmed_us @INT NOT NULL DEFAULT 0;
ALTER TABLE staff_session ADD COLUMN device @TEXT NOT NULL DEFAULT '';
ALTER TABLE staff_session ADD COLUMN address @TEXT NOT NULL DEFAULT '';

-- Whether Live opens only for who has the two-step login.
ALTER TABLE shop ADD COLUMN live_two_step @INT NOT NULL DEFAULT 0;
