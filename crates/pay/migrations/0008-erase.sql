-- Personal data of buyers that a shop erases by itself: so many days after the last change of a charge (world time), never
-- while it is a provisional sale. No row: never by itself.
CREATE TABLE erase_setting (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL,
    after_days  @INT  NOT NULL CHECK (after_days >= 1),
    PRIMARY KEY (shop_id, environment)
) @CLUSTERED;

-- What is still to be erased is found without the charges that are done.
CREATE INDEX charge_personal ON charge (shop_id, environment, charge_id) WHERE buyer IS NOT NULL;
-- The mails of a charge.
CREATE INDEX mail_charge ON mail (shop_id, environment, charge_id);
-- The visit that a payment came from; and no two visits ever name one attempt.
CREATE UNIQUE INDEX checkout_session_attempt ON checkout_session (shop_id, environment, attempt_id)
    WHERE state = 'paying';
