-- Webhooks of jobs. Times are milliseconds since the epoch.

-- What signs an owner's webhooks. In the clear: an HMAC needs the secret itself. After a rotation there are two for a while.
CREATE TABLE webhook_secrets (
  owner      TEXT    NOT NULL,
  secret     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (owner, secret)
) STRICT, WITHOUT ROWID;

-- An event of a job, and how far its delivery has got. `body` is what is sent, to the byte, at every attempt.
CREATE TABLE webhook_deliveries (
  id              TEXT    NOT NULL PRIMARY KEY,
  job_id          TEXT    NOT NULL,
  owner           TEXT    NOT NULL,
  url             TEXT    NOT NULL,
  type            TEXT    NOT NULL,
  body            TEXT    NOT NULL CHECK (json_valid(body)),
  state           TEXT    NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'disabled')),
  created_at      INTEGER NOT NULL,
  -- Retries are counted from here: a redelivery begins anew, while `attempts` goes on.
  started_at      INTEGER NOT NULL,
  retries         INTEGER NOT NULL DEFAULT 0,
  attempts        INTEGER NOT NULL DEFAULT 0,
  next_at         INTEGER NOT NULL,
  -- Until then somebody is at it.
  claimed_until   INTEGER NOT NULL DEFAULT 0,
  last_at         INTEGER,
  last_status     INTEGER,
  last_fault      TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_deliveries_by_job ON webhook_deliveries (job_id, created_at);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_by_end ON webhook_deliveries (started_at) WHERE state <> 'pending';

-- Receivers that answered 410 Gone: nothing more is sent to them until a redelivery succeeds.
CREATE TABLE webhook_gone (
  owner TEXT    NOT NULL,
  url   TEXT    NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (owner, url)
) STRICT, WITHOUT ROWID;
