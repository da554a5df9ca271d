-- Tags that have a category, an end, a rule or synonyms; works on many people's tags; personas. Times are UTC milliseconds.

ALTER TABLE tag ADD COLUMN expires_at INTEGER;
CREATE INDEX tag_expires ON tag (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE tag_category (
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- What is said of a tag. Tags that nobody said anything of are there as well.
CREATE TABLE tag_definition (
  tag TEXT PRIMARY KEY,
  category TEXT,
  description TEXT NOT NULL,
  audience_id INTEGER,
  valid_days INTEGER,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- Other names of tags, folded.
CREATE TABLE tag_synonym (
  name TEXT PRIMARY KEY,
  tag TEXT NOT NULL
) STRICT;
CREATE INDEX tag_synonym_tag ON tag_synonym (tag);

-- How many people had a tag at the beginning of a day, counted from 1970.
CREATE TABLE tag_day (
  tag TEXT NOT NULL,
  day INTEGER NOT NULL,
  people INTEGER NOT NULL,
  PRIMARY KEY (tag, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_day_day ON tag_day (day);

-- A change of many people's tags.
CREATE TABLE tag_work (
  id INTEGER PRIMARY KEY,
  verb TEXT NOT NULL,
  tag TEXT NOT NULL,
  of_kind TEXT NOT NULL,
  of_key TEXT NOT NULL,
  expires_at INTEGER,
  state TEXT NOT NULL,
  total INTEGER NOT NULL,
  done INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  after_id INTEGER NOT NULL,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  error TEXT
) STRICT;

-- What a work changed, to undo it: the row that was there, and when the one was put that took its place.
CREATE TABLE tag_change (
  work_id INTEGER NOT NULL,
  line_id INTEGER NOT NULL,
  tag TEXT NOT NULL,
  put_at INTEGER,
  old_actor TEXT,
  old_at INTEGER,
  old_expires_at INTEGER,
  PRIMARY KEY (work_id, line_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_change_line ON tag_change (line_id);

CREATE TABLE persona (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  audience_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX persona_key ON persona (key);
