-- 最新のお知らせ: mails that tell of a notice, one for each reader, written with it for the shops that want them. What a mail says
-- stands in the notice and where it goes in the account, so nothing personal is kept here. The id is that of its message in the
-- outbox. All instants are machine time. Rows stay like the notice: they say who was told of it.
CREATE TABLE news_mail (
    shop_id    @INT  NOT NULL,
    mail_id    @TEXT NOT NULL,
    notice_id  @TEXT NOT NULL,
    staff_id   @TEXT NOT NULL,
    -- `kept`: there is no mail server, the notice itself is all. `dropped`: when it was due, the notice was withdrawn or over, or
    -- the reader was to be told no more.
    state      @TEXT NOT NULL CHECK (state = 'waiting' OR state = 'kept' OR state = 'sent' OR state = 'dropped'
                                     OR state = 'refused' OR state = 'given_up'),
    error      @TEXT,
    created_us @INT  NOT NULL,
    PRIMARY KEY (shop_id, mail_id)
) @CLUSTERED;
-- Nobody is told twice of the same.
CREATE UNIQUE INDEX news_mail_reader ON news_mail (notice_id, shop_id, staff_id);
CREATE INDEX news_mail_newest ON news_mail (created_us, mail_id);
