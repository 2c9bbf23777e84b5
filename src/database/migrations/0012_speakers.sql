-- Speakers that were enrolled to be recognised. `model` says what made the vector: vectors of others can't be compared with it.
CREATE TABLE speakers (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (id GLOB 'spk_*'),
  owner      TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  model      TEXT    NOT NULL,
  vector     TEXT    NOT NULL,
  seconds    REAL    NOT NULL,
  consent    TEXT    NOT NULL CHECK (json_type(consent) = 'object'),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX speakers_by_owner ON speakers (owner, created_at, id);
