-- The prompt catalogue. Times are milliseconds since the epoch.

-- The text and settings of a prompt. A version is never changed: a change makes another version.
CREATE TABLE prompt_versions (
  name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
  version    INTEGER NOT NULL CHECK (version >= 1),
  digest     TEXT    NOT NULL CHECK (length(digest) = 64),
  definition TEXT    NOT NULL CHECK (json_type(definition) = 'object'),
  formats    TEXT    NOT NULL CHECK (json_type(formats) = 'array'),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (name, version)
) STRICT;

-- A version in each of its locales; 'default' is what is written outside `locales`.
-- `edition` identifies the model and synthesis of its audio; null where nothing is baked, as in a template without slots.
CREATE TABLE prompt_variants (
  name     TEXT    NOT NULL,
  version  INTEGER NOT NULL,
  locale   TEXT    NOT NULL,
  model    TEXT    NOT NULL,
  edition  TEXT,
  PRIMARY KEY (name, version, locale),
  FOREIGN KEY (name, version) REFERENCES prompt_versions (name, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Stored audio of a variant. `part` is empty for a whole prompt, and says which rendering of a template it is.
CREATE TABLE prompt_audio (
  name     TEXT    NOT NULL,
  version  INTEGER NOT NULL,
  locale   TEXT    NOT NULL,
  part     TEXT    NOT NULL,
  key      TEXT    NOT NULL CHECK (length(key) = 64),
  spoken   TEXT    NOT NULL,
  voice    TEXT    NOT NULL,
  samples  INTEGER NOT NULL CHECK (samples >= 0),
  loudness REAL,
  PRIMARY KEY (name, version, locale, part),
  FOREIGN KEY (name, version, locale) REFERENCES prompt_variants (name, version, locale) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Which prompts speak an audio object: before an object is removed.
CREATE INDEX prompt_audio_by_key ON prompt_audio (key);

-- A name and its current version. `revision` counts every change, deletion included: writers compare it.
CREATE TABLE prompts (
  name       TEXT    NOT NULL PRIMARY KEY,
  version    INTEGER NOT NULL,
  revision   INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  FOREIGN KEY (name, version) REFERENCES prompt_versions (name, version)
) STRICT, WITHOUT ROWID;

CREATE INDEX prompts_deleted ON prompts (name) WHERE deleted_at IS NOT NULL;

-- What lists are filtered by, of current versions only, in the order in which they are paged.
CREATE TABLE prompt_facets (
  kind  TEXT NOT NULL CHECK (kind IN ('tag', 'voice', 'model', 'locale')),
  value TEXT NOT NULL,
  name  TEXT NOT NULL REFERENCES prompts (name) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (kind, value, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX prompt_facets_by_name ON prompt_facets (name);
