-- Automatic mails are sent unless a shop says otherwise: one without a row sends them, and one without an address of its own
-- sends those to its buyers. The table is made anew without the condition that they need an address.
CREATE TABLE mail_setting_anew (
    shop_id         @INT  NOT NULL PRIMARY KEY,
    automatic       @INT  NOT NULL CHECK (automatic IN (0, 1)),
    -- Where the shop reads its own mails, and where its buyers' answers go. NULL: its own go to nobody.
    contact_address @TEXT,
    -- NULL: the name of the shop.
    sender_name     @TEXT,
    -- 自動挿入文. NULL: the usual one.
    opening         @TEXT
) @CLUSTERED;
INSERT INTO mail_setting_anew (shop_id, automatic, contact_address, sender_name, opening)
    SELECT shop_id, automatic, contact_address, sender_name, opening FROM mail_setting;
DROP TABLE mail_setting;
ALTER TABLE mail_setting_anew RENAME TO mail_setting;
