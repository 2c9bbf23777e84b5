-- When a job that has ended is deleted, in milliseconds since the epoch.
ALTER TABLE jobs ADD COLUMN expires_at INTEGER;

-- The end of jobs before this migration is not recorded: they are deleted 30 days after their creation.
UPDATE jobs SET expires_at = created_at + 2592000000 WHERE state IN ('succeeded', 'failed', 'cancelled');

CREATE INDEX jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX job_idempotency_by_age ON job_idempotency (created_at);
CREATE INDEX job_idempotency_by_job ON job_idempotency (job_id);
