-- What a buyer did on the simulator's own page for 3-D Secure; without a row nobody has been there.
CREATE TABLE sim_action (
    shop_id          @INT  NOT NULL,
    environment      @TEXT NOT NULL,
    authorization_id @TEXT NOT NULL,
    outcome          @TEXT NOT NULL CHECK (outcome = 'passed' OR outcome = 'failed' OR outcome = 'abandoned'),
    -- Machine time.
    acted_us         @INT  NOT NULL,
    PRIMARY KEY (shop_id, environment, authorization_id)
) @CLUSTERED;
