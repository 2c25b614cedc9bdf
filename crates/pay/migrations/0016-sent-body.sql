-- What was sent by the tries that no event is kept of (`charge.check`, `ping`): it cannot be made again. That of a check holds
-- what the buyer chose, so it names whose it is, and is erased with the buyer's data. Both NULL for all other tries.
ALTER TABLE webhook_attempt ADD COLUMN request_body @TEXT;
ALTER TABLE webhook_attempt ADD COLUMN open_id @TEXT;
-- Only checks whose request is still there: deliveries pay nothing for it.
CREATE INDEX webhook_attempt_buyer ON webhook_attempt (shop_id, environment, open_id, attempt_id)
    WHERE open_id IS NOT NULL;
