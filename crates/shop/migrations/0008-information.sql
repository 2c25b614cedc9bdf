-- 店舗情報 as the operator registered it (会社情報, サイト情報); the shop reads it. What is not known is ''. The name of the
-- site is that of the shop, and the address for questions is that of its mails: neither stands here a second time.
CREATE TABLE shop_information (
    shop_id        @INT  NOT NULL PRIMARY KEY,
    company_name   @TEXT NOT NULL,
    company_kana   @TEXT NOT NULL,
    representative @TEXT NOT NULL,
    postal_code    @TEXT NOT NULL,
    address        @TEXT NOT NULL,
    phone          @TEXT NOT NULL,
    site_url       @TEXT NOT NULL,
    contact_phone  @TEXT NOT NULL,
    contact_hours  @TEXT NOT NULL
) @CLUSTERED;
-- When 本申込 was received, machine time; NULL while it was not. `live_since_us` says when it was complete.
ALTER TABLE shop ADD COLUMN live_requested_us @INT;
UPDATE shop SET live_requested_us = live_since_us;
-- 最新のお知らせ: whether new notices are told by mail.
ALTER TABLE shop ADD COLUMN news_mail @INT NOT NULL DEFAULT 0 CHECK (news_mail IN (0, 1));
