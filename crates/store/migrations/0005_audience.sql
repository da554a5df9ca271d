-- Audiences, computed traits and what their evaluation keeps. Times are UTC milliseconds.

CREATE TABLE audience (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  state TEXT NOT NULL,
  live_version INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX audience_key ON audience (key);

CREATE TABLE computed_trait (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  state TEXT NOT NULL,
  live_version INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX computed_trait_key ON computed_trait (key);

-- Versions of the definitions of both; `kind` says whose `owner_id` is. Of an unsettled one everybody is still to be looked
-- at: it is new, or what it reads of behaviour is read anew; until then its members stay.
CREATE TABLE audience_version (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  number INTEGER NOT NULL,
  definition TEXT NOT NULL,
  note TEXT NOT NULL,
  actor TEXT NOT NULL,
  state TEXT NOT NULL,
  unsettled INTEGER NOT NULL,
  size INTEGER NOT NULL,
  auto_apply INTEGER NOT NULL,
  announce INTEGER NOT NULL,
  touch_rules INTEGER NOT NULL,
  replaces INTEGER,
  error TEXT,
  failed_at INTEGER,
  created_at INTEGER NOT NULL,
  built_at INTEGER,
  applied_at INTEGER,
  retired_at INTEGER
) STRICT;
CREATE UNIQUE INDEX audience_version_number ON audience_version (owner_id, number);
CREATE INDEX audience_version_state ON audience_version (state, id);

CREATE TABLE audience_member (
  version_id INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  since_at INTEGER NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY (version_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audience_member_person ON audience_member (person_id);

CREATE TABLE computed_value (
  person_id INTEGER NOT NULL,
  version_id INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (person_id, version_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX computed_value_version ON computed_value (version_id);

-- What is kept of a person's behaviour for the definitions in force; `generation` is that of the set of definitions it was
-- last written with.
CREATE TABLE person_behaviour (
  person_id INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  state BLOB NOT NULL
) STRICT;

-- What is followed of behaviour. A state that was last written before generation `since` has nothing of it but what an
-- earlier definition left behind.
CREATE TABLE audience_track (
  key INTEGER PRIMARY KEY,
  since INTEGER NOT NULL,
  complete INTEGER NOT NULL
) STRICT;

-- People about whom something changed that no event tells of.
CREATE TABLE audience_dirty (
  person_id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  what INTEGER NOT NULL,
  cause TEXT NOT NULL
) STRICT;
CREATE INDEX audience_dirty_seq ON audience_dirty (seq);

-- People whose identifiers moved while a history was being read: their behaviour is read anew when it is over.
CREATE TABLE audience_moved (
  person_id INTEGER PRIMARY KEY
) STRICT;

-- The next instant at which a definition changes for a person though nothing happens.
CREATE TABLE audience_due (
  person_id INTEGER PRIMARY KEY,
  due_at INTEGER NOT NULL
) STRICT;
CREATE INDEX audience_due_at ON audience_due (due_at, person_id);

CREATE TABLE audience_size (
  owner_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  size INTEGER NOT NULL,
  entered INTEGER NOT NULL,
  exited INTEGER NOT NULL,
  PRIMARY KEY (owner_id, hour)
) STRICT;

CREATE TABLE audience_list (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  entries INTEGER NOT NULL,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX audience_list_key ON audience_list (key);

-- `key` hashes namespace and value as in `identifier`.
CREATE TABLE audience_list_entry (
  list_id INTEGER NOT NULL,
  namespace TEXT NOT NULL,
  value TEXT NOT NULL,
  key INTEGER NOT NULL,
  PRIMARY KEY (list_id, namespace, value)
) STRICT;
CREATE INDEX audience_list_entry_key ON audience_list_entry (key, list_id);
