-- What edges have asked an origin with: nothing of it is answered twice. Rows are of no use from `expires` on (milliseconds since the epoch).
CREATE TABLE origin_nonces (
  nonce   TEXT    NOT NULL PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX origin_nonces_by_expiry ON origin_nonces (expires);
