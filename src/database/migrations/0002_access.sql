-- API keys, what they may spend, and what they spent. Times are milliseconds since the epoch, days and months are UTC.

-- Who may do what. A key is never removed: its usage would lose its name.
CREATE TABLE api_keys (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
  name                TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
  scopes              TEXT    NOT NULL CHECK (json_type(scopes) = 'array'),
  requests_per_minute INTEGER CHECK (requests_per_minute > 0),
  monthly_characters  INTEGER CHECK (monthly_characters > 0),
  created_at          INTEGER NOT NULL,
  expires_at          INTEGER,
  revoked_at          INTEGER,
  last_used_at        INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_by_age ON api_keys (created_at, id);

-- What proves a key: the SHA-256 of the whole of it, never itself. After a rotation there are two for a while.
CREATE TABLE api_key_secrets (
  key_id     TEXT    NOT NULL REFERENCES api_keys (id),
  hash       TEXT    NOT NULL CHECK (length(hash) = 64),
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (key_id, hash)
) STRICT, WITHOUT ROWID;

-- Characters that keys with a quota have taken out of a month.
CREATE TABLE quota_months (
  key_id     TEXT    NOT NULL,
  month      TEXT    NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
  characters INTEGER NOT NULL CHECK (characters >= 0),
  PRIMARY KEY (key_id, month)
) STRICT, WITHOUT ROWID;

-- What was asked for and made, by day and key; keys that are in no table (the administrator's, those of signed URLs) have theirs too.
CREATE TABLE usage_daily (
  key_id     TEXT    NOT NULL,
  day        TEXT    NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  requests   INTEGER NOT NULL DEFAULT 0,
  cache_hits INTEGER NOT NULL DEFAULT 0,
  characters INTEGER NOT NULL DEFAULT 0,
  audio_ms   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, key_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_daily_by_key ON usage_daily (key_id, day);
