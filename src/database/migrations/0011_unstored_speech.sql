-- Speech that was sent and could not be stored: its address was handed out, so it is made again when the address is asked for.
-- `body` is the request as JSON; times are milliseconds since the epoch.
CREATE TABLE unstored_speech (
  key        TEXT    NOT NULL PRIMARY KEY,
  body       TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX unstored_speech_by_age ON unstored_speech (created_at);
