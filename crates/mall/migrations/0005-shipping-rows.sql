-- What a destination may hold was decided when the request was taken; those of before were taken under the usual 20.
ALTER TABLE mall_shipping_request ADD COLUMN basket_rows @INT NOT NULL DEFAULT 20;
