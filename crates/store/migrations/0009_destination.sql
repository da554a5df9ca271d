-- Destinations: where audiences are sent, what is there, and what was ever sent of whom. Times are UTC milliseconds.

-- `settings` holds no secret; `secrets` is encrypted with the key of credentials and bound to the id. An ended one stays,
-- without secrets, for the logs that name it.
CREATE TABLE destination (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  settings TEXT NOT NULL,
  secrets TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX destination_name ON destination (name);

-- An audience kept at a destination. `version_id` is the definition that was last compared as a whole; `compare_all` calls for that
-- comparison whatever it is. `next_at`: the next scheduled run, or when a refused one is tried again. `job_id` is the job
-- that waits or works, so that there is one at a time.
CREATE TABLE export_sync (
  id INTEGER PRIMARY KEY,
  destination_id INTEGER NOT NULL,
  audience_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  purpose TEXT NOT NULL,
  channel TEXT NOT NULL,
  format TEXT NOT NULL,
  mode TEXT NOT NULL,
  schedule TEXT,
  state TEXT NOT NULL,
  compare_all INTEGER NOT NULL,
  version_id INTEGER,
  next_at INTEGER,
  job_id INTEGER,
  error TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX export_sync_destination ON export_sync (destination_id);
CREATE INDEX export_sync_audience ON export_sync (audience_id);

CREATE TABLE export_run (
  id INTEGER PRIMARY KEY,
  sync_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  attempts INTEGER NOT NULL,
  counts TEXT NOT NULL,
  files TEXT NOT NULL,
  error TEXT
) STRICT;
CREATE INDEX export_run_sync ON export_run (sync_id, id);
CREATE INDEX export_run_finished ON export_run (finished_at) WHERE finished_at IS NOT NULL;

-- Who is at the destination, by what was delivered: `fingerprint` of the records, and of them what takes the person back.
CREATE TABLE export_member (
  sync_id INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  kept TEXT NOT NULL,
  run_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (sync_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX export_member_person ON export_member (person_id);

-- Who is to be compared again, and when: at once, or when a consent ends.
CREATE TABLE export_dirty (
  sync_id INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (sync_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX export_dirty_due ON export_dirty (sync_id, due_at, person_id);
CREATE INDEX export_dirty_person ON export_dirty (person_id);

-- What takes an erased person back, without the person. It goes away when it is delivered.
CREATE TABLE export_removal (
  id INTEGER PRIMARY KEY,
  sync_id INTEGER NOT NULL,
  request_id INTEGER NOT NULL,
  kept TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX export_removal_sync ON export_removal (sync_id, id);
CREATE INDEX export_removal_request ON export_removal (request_id);

-- Where a person's data went. A person who is sent is in every later file until `removed`.
CREATE TABLE export_log (
  id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL,
  sync_id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  what TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX export_log_person ON export_log (person_id, id);
CREATE INDEX export_log_run ON export_log (run_id);
