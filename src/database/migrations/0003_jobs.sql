-- Jobs. Times are milliseconds since the epoch.

-- What lists and idempotency keys need to know of a job: all of it in Node, an index of Durable Objects in Workers.
CREATE TABLE jobs (
  id              TEXT    NOT NULL PRIMARY KEY,
  owner           TEXT    NOT NULL,
  kind            TEXT    NOT NULL,
  state           TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  created_at      INTEGER NOT NULL,
  -- How many events the job had when it was in this state: an older one is not written over it.
  events          INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_by_owner ON jobs (owner, created_at, id);
CREATE INDEX jobs_waiting ON jobs (owner) WHERE state IN ('queued', 'running');

CREATE TABLE job_idempotency (
  owner      TEXT    NOT NULL,
  key        TEXT    NOT NULL,
  digest     TEXT    NOT NULL,
  job_id     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

-- The jobs themselves: in Workers, each has these three tables in a Durable Object of its own.
CREATE TABLE IF NOT EXISTS job_records (
  id      TEXT    NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  job     TEXT    NOT NULL,
  request TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS job_outcomes (
  job_id  TEXT    NOT NULL,
  step    INTEGER NOT NULL,
  outcome TEXT    NOT NULL,
  PRIMARY KEY (job_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS job_events (
  job_id TEXT    NOT NULL,
  id     INTEGER NOT NULL,
  event  TEXT    NOT NULL,
  PRIMARY KEY (job_id, id)
) STRICT, WITHOUT ROWID;
