-- Cloned voices. Times are milliseconds since the epoch.

-- A voice and what it is made of. `style` is a style id: the vector, and which style space it belongs to.
CREATE TABLE voices (
  id          TEXT    NOT NULL PRIMARY KEY CHECK (id GLOB 'vce_*'),
  owner       TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  description TEXT    NOT NULL,
  model       TEXT    NOT NULL,
  language    TEXT    NOT NULL,
  style       TEXT    NOT NULL CHECK (style GLOB 'sty_*'),
  provenance  TEXT    NOT NULL CHECK (json_type(provenance) = 'object'),
  preview     TEXT,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX voices_by_owner ON voices (owner, created_at, id);

-- Audio in which a voice speaks, and its stored recordings. They are deleted with the voice.
-- A row is written before its audio is stored, so that all stored audio is listed.
CREATE TABLE voice_audio (
  voice TEXT NOT NULL REFERENCES voices (id) ON DELETE CASCADE,
  key   TEXT NOT NULL CHECK (length(key) = 64),
  kind  TEXT NOT NULL CHECK (kind IN ('speech', 'recording')),
  PRIMARY KEY (voice, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX voice_audio_by_key ON voice_audio (key);

-- Sentences that were shown to be read aloud, each with a code that counts once.
CREATE TABLE voice_consents (
  id         TEXT    NOT NULL PRIMARY KEY,
  owner      TEXT    NOT NULL,
  sentence   TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER
) STRICT, WITHOUT ROWID;
