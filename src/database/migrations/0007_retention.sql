-- Data that is removed after a time. Times are milliseconds since the epoch.

-- Audio that is being removed, or was: no prompt may refer to it meanwhile. `id` only grows, so that a process which looked up the audio
-- before can detect that it must look it up again.
CREATE TABLE audio_removals (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  key        TEXT    NOT NULL,
  begun_at   INTEGER NOT NULL,
  -- Null until all of it is gone from the store.
  done_at    INTEGER,
  CONSTRAINT audio_is_being_removed CHECK (length(key) = 64)
) STRICT;

CREATE INDEX audio_removals_by_key ON audio_removals (key);
CREATE INDEX audio_removals_open ON audio_removals (id) WHERE done_at IS NULL;

-- Where a chore that goes through much, a part at a time, goes on.
CREATE TABLE housekeeping_places (
  chore TEXT NOT NULL PRIMARY KEY,
  place TEXT NOT NULL
) STRICT, WITHOUT ROWID;
