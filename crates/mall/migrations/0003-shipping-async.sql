-- updateOrderShippingAsync: what was accepted, and what became of it. `body` is the request as it was accepted; `results` the
-- ResultShippingModelList once `done_us` is set. Instants are world time; a result is shown for 30 days.
CREATE TABLE mall_shipping_request (
    shop_id     @INT  NOT NULL,
    request_id  @TEXT NOT NULL,
    licence_id  @TEXT NOT NULL,
    body        @TEXT NOT NULL,
    results     @TEXT,
    accepted_us @INT  NOT NULL,
    done_us     @INT,
    PRIMARY KEY (shop_id, request_id)
) @CLUSTERED;
CREATE INDEX mall_shipping_request_age ON mall_shipping_request (shop_id, accepted_us);
