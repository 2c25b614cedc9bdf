-- Failed log-ins are removed by their age.
CREATE INDEX login_failure_failed ON login_failure (failed_us);
