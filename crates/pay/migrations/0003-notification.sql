-- How a shop's mails look, and whether the automatic ones are sent. A shop without a row sends none of those.
CREATE TABLE mail_setting (
    shop_id         @INT  NOT NULL PRIMARY KEY,
    automatic       @INT  NOT NULL CHECK (automatic IN (0, 1)),
    -- Where the shop reads its own mails, and where its buyers' answers go.
    contact_address @TEXT,
    -- NULL: the name of the shop.
    sender_name     @TEXT,
    -- 自動挿入文. NULL: the usual one.
    opening         @TEXT,
    CHECK (automatic = 0 OR contact_address IS NOT NULL)
) @CLUSTERED;

-- お知らせメール: a mail to the buyer that the shop asked for, whatever becomes of it. `number` counts the mails of a
-- charge from 1, without a gap. Subject and body are NULL once their time to be read is over; the row stays, because the
-- count of a charge's mails needs it.
CREATE TABLE notification (
    shop_id         @INT  NOT NULL,
    environment     @TEXT NOT NULL,
    notification_id @TEXT NOT NULL,
    charge_id       @TEXT NOT NULL,
    number          @INT  NOT NULL CHECK (number >= 1),
    subject         @TEXT,
    body            @TEXT,
    created_us      @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, notification_id)
) @CLUSTERED;
CREATE UNIQUE INDEX notification_charge ON notification (shop_id, environment, charge_id, number);
CREATE INDEX notification_newest ON notification (shop_id, environment, created_us, notification_id);

-- A mail as it was written, and what became of it; its id is that of its message in the outbox. Written when it is first
-- about to leave, so that every try sends the same text. What is personal is NULL once its time is over.
CREATE TABLE mail (
    shop_id     @INT  NOT NULL,
    environment @TEXT NOT NULL,
    mail_id     @TEXT NOT NULL,
    charge_id   @TEXT NOT NULL,
    kind        @TEXT NOT NULL CHECK (kind = 'notification' OR kind = 'captured' OR kind = 'cancelled' OR kind = 'expired' OR kind = 'changed'),
    recipient   @TEXT NOT NULL CHECK (recipient IN ('buyer', 'shop')),
    -- `kept`: in the built-in mailbox, because there is no mail server. `nobody`: there is no address to send it to.
    state       @TEXT NOT NULL CHECK (state = 'waiting' OR state = 'kept' OR state = 'sent' OR state = 'nobody' OR state = 'refused' OR state = 'given_up'),
    sender_name @TEXT,
    reply_to    @TEXT,
    to_address  @TEXT,
    subject     @TEXT,
    body        @TEXT,
    -- What the mail server said last.
    error       @TEXT,
    -- World time of the change or request that it tells of.
    created_us  @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, mail_id)
) @CLUSTERED;
CREATE INDEX mail_newest ON mail (shop_id, environment, created_us, mail_id);
