-- Recordings that wait for a job to make a voice of them: which there are, so that none stays for good. Times are milliseconds since the
-- epoch. The files themselves are where jobs keep theirs, under this id.
CREATE TABLE voice_uploads (
  id         TEXT    NOT NULL PRIMARY KEY,
  owner      TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX voice_uploads_by_owner ON voice_uploads (owner);
CREATE INDEX voice_uploads_by_age ON voice_uploads (created_at);
