-- What was sent again, found by what it was: an event, or the mails of an order. Only these rows of the audit log: the
-- others are many, and a change costs nothing more.
CREATE INDEX audit_sent_again ON audit (shop_id, object, audit_id) WHERE action IN ('webhook.resend', 'mail.resend');
