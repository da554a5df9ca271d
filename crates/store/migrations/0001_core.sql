-- The engine room: facts about the database itself, jobs (the outbox) and timers. Times are UTC milliseconds.

CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- job ---------------------------------------------------------------------------------------------------------------
-- `head` is 1 for a job that may be leased as far as its partition goes: it has none, or it is the first unfinished job
-- of it. So a partition of any length costs a lease one row.
CREATE TABLE job (
  id INTEGER NOT NULL PRIMARY KEY,
  queue TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'done', 'dead')),
  head INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  lease_until INTEGER,
  lease_owner TEXT,
  last_error TEXT,
  dedupe_key TEXT,
  partition_key TEXT,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE UNIQUE INDEX job_dedupe_key ON job (dedupe_key);
CREATE INDEX job_ready ON job (queue, run_at, id) WHERE state = 'ready' AND head = 1;
CREATE INDEX job_leased ON job (lease_until) WHERE state = 'leased';
CREATE INDEX job_partition ON job (queue, partition_key, id) WHERE partition_key IS NOT NULL AND finished_at IS NULL;
CREATE INDEX job_state ON job (queue, state, id);
CREATE INDEX job_finished ON job (finished_at) WHERE state = 'done';

-- timer -------------------------------------------------------------------------------------------------------------
-- `wake_at` is `due_at`, or the end of the lease while a worker holds it.
CREATE TABLE timer (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  wake_at INTEGER NOT NULL,
  lease_owner TEXT,
  attempts INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX timer_key ON timer (kind, key);
CREATE INDEX timer_wake ON timer (wake_at, id);
