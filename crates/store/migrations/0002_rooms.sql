-- Rooms of the customer line, in the order the data meets them. Times are UTC milliseconds, money minor units.

-- meta-data of the installation -------------------------------------------------------------------------------------
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;

-- touch -------------------------------------------------------------------------------------------------------------
CREATE TABLE touch (
  id INTEGER PRIMARY KEY,
  fingerprint INTEGER NOT NULL,
  signature TEXT NOT NULL,
  first_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX touch_fingerprint ON touch (fingerprint);

CREATE TABLE touch_rules (
  version INTEGER PRIMARY KEY,
  rules TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;

-- event -------------------------------------------------------------------------------------------------------------
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX source_name ON source (name);

CREATE TABLE source_key (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  write_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT;
CREATE UNIQUE INDEX source_key_key ON source_key (write_key);
CREATE INDEX source_key_source ON source_key (source_id);

CREATE TABLE source_stat (
  source_id INTEGER PRIMARY KEY,
  events INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT;

CREATE TABLE source_day (
  day INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  events INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  PRIMARY KEY (day, source_id)
) STRICT;

CREATE TABLE source_warning (
  source_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  count INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (source_id, code, detail)
) STRICT;

CREATE TABLE event_name (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  events INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_name_name ON event_name (name);

CREATE TABLE event_property (
  name_id INTEGER NOT NULL,
  property TEXT NOT NULL,
  type TEXT NOT NULL,
  count INTEGER NOT NULL,
  example TEXT NOT NULL,
  PRIMARY KEY (name_id, property, type)
) STRICT;

-- Events that are not sealed yet. `line_id` is the identifier node an event hangs on; it never changes.
CREATE TABLE event_hot (
  id INTEGER PRIMARY KEY,
  line_id INTEGER NOT NULL,
  event_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  name_id INTEGER NOT NULL,
  touch_id INTEGER NOT NULL,
  value_minor INTEGER,
  currency TEXT,
  order_id TEXT,
  message_id TEXT NOT NULL,
  flags INTEGER NOT NULL,
  properties TEXT NOT NULL,
  traits TEXT NOT NULL,
  context TEXT NOT NULL
) STRICT;
CREATE INDEX event_hot_line ON event_hot (line_id, event_at);

-- Exact dedupe for ever: `key` and `id_check` are independent hashes of (source, message id), `body_check` one of the
-- content. A clash of `key` alone moves on to key + 1.
CREATE TABLE event_key (
  key INTEGER PRIMARY KEY,
  id_check INTEGER NOT NULL,
  body_check INTEGER NOT NULL
) STRICT;

CREATE TABLE plan_event (
  name TEXT PRIMARY KEY,
  schema TEXT NOT NULL,
  description TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  event_name TEXT NOT NULL,
  raw TEXT NOT NULL,
  state TEXT NOT NULL,
  decided_at INTEGER,
  note TEXT
) STRICT;
CREATE INDEX quarantine_state ON quarantine (state, id);
CREATE INDEX quarantine_group ON quarantine (state, reason, event_name, source_id);

CREATE TABLE fix (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  source_id INTEGER,
  filter TEXT NOT NULL,
  ops TEXT NOT NULL,
  active INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- person ------------------------------------------------------------------------------------------------------------
-- One row a cluster. What follows the identifier (traits, consents, tags, statistics) is keyed by line, never by person.
CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  identified INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  display_name TEXT,
  stage TEXT NOT NULL,
  events INTEGER NOT NULL,
  orders INTEGER NOT NULL,
  revenue_minor INTEGER NOT NULL,
  currency TEXT,
  household_id INTEGER
) STRICT;
CREATE INDEX person_seen ON person (last_seen_at, id);
CREATE INDEX person_created ON person (created_at, id);
CREATE INDEX person_revenue ON person (revenue_minor, id);
CREATE INDEX person_household ON person (household_id);

CREATE TABLE person_alias (
  old_id INTEGER PRIMARY KEY,
  new_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX person_alias_new ON person_alias (new_id);

CREATE TABLE line_stat (
  line_id INTEGER PRIMARY KEY,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  events INTEGER NOT NULL,
  orders INTEGER NOT NULL,
  revenue_minor INTEGER NOT NULL,
  currency TEXT,
  last_order_at INTEGER,
  first_touch_id INTEGER NOT NULL,
  first_touch_at INTEGER NOT NULL,
  last_touch_id INTEGER NOT NULL,
  last_touch_at INTEGER NOT NULL
) STRICT;

CREATE TABLE line_source (
  line_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  events INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (line_id, source_id)
) STRICT;
CREATE INDEX line_source_source ON line_source (source_id, last_at);

CREATE TABLE trait_value (
  line_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  event_at INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  PRIMARY KEY (line_id, name)
) STRICT;

CREATE TABLE trait_history (
  id INTEGER PRIMARY KEY,
  line_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  event_at INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL
) STRICT;
CREATE INDEX trait_history_line ON trait_history (line_id, name);

CREATE TABLE tag (
  line_id INTEGER NOT NULL,
  tag TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (line_id, tag)
) STRICT;
CREATE INDEX tag_tag ON tag (tag, line_id);

CREATE TABLE stage_override (
  line_id INTEGER PRIMARY KEY,
  stage TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE consent (
  id INTEGER PRIMARY KEY,
  line_id INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  channel TEXT NOT NULL,
  action TEXT NOT NULL,
  legal_basis TEXT NOT NULL,
  notice_version TEXT,
  evidence TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  expires_at INTEGER,
  source_id INTEGER,
  event_id INTEGER,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX consent_line ON consent (line_id, id);

CREATE TABLE search_term (
  term TEXT NOT NULL,
  line_id INTEGER NOT NULL,
  PRIMARY KEY (term, line_id)
) STRICT;
CREATE INDEX search_term_line ON search_term (line_id);

CREATE TABLE household (
  id INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX household_key ON household (key);

CREATE TABLE tombstone (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  request_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  refused INTEGER NOT NULL
) STRICT;

CREATE TABLE privacy_request (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  subject_hash TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  done_at INTEGER,
  receipt TEXT NOT NULL,
  archive TEXT
) STRICT;
CREATE INDEX privacy_request_created ON privacy_request (created_at, id);

-- event history (lake manifest) -------------------------------------------------------------------------------------
CREATE TABLE lake_file (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  entry TEXT NOT NULL,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  month INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  sealed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX lake_file_path ON lake_file (path);
CREATE INDEX lake_file_partition ON lake_file (month, bucket);

CREATE TABLE lake_trash (
  path TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT;

-- Lines whose sealed events were written under another person than today's. Cleared by compaction.
CREATE TABLE line_override (
  line_id INTEGER NOT NULL,
  written_person INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (line_id, written_person)
) STRICT;

CREATE TABLE line_erased (
  line_id INTEGER PRIMARY KEY,
  request_id INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- credit ------------------------------------------------------------------------------------------------------------
CREATE TABLE conversion (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX conversion_key ON conversion (key);

CREATE TABLE ad_spend (
  id INTEGER PRIMARY KEY,
  day INTEGER NOT NULL,
  channel TEXT NOT NULL,
  campaign TEXT NOT NULL,
  currency TEXT NOT NULL,
  impressions INTEGER NOT NULL,
  clicks INTEGER NOT NULL,
  cost_minor INTEGER NOT NULL,
  import_id INTEGER
) STRICT;
CREATE UNIQUE INDEX ad_spend_key ON ad_spend (day, channel, campaign, currency);

-- import ------------------------------------------------------------------------------------------------------------
CREATE TABLE import (
  id INTEGER PRIMARY KEY,
  file_name TEXT NOT NULL,
  file_path TEXT NOT NULL,
  file_hash TEXT NOT NULL,
  kind TEXT NOT NULL,
  format TEXT NOT NULL,
  state TEXT NOT NULL,
  mapping TEXT NOT NULL,
  source_id INTEGER,
  rows_total INTEGER,
  rows_done INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  created_at INTEGER NOT NULL,
  error TEXT
) STRICT;
CREATE INDEX import_state ON import (state, id);

CREATE TABLE import_reject (
  import_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  reason TEXT NOT NULL,
  raw TEXT NOT NULL,
  PRIMARY KEY (import_id, line)
) STRICT;

-- team --------------------------------------------------------------------------------------------------------------
CREATE TABLE app_user (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  locale TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER
) STRICT;
CREATE UNIQUE INDEX app_user_email ON app_user (email);

CREATE TABLE app_session (
  token_hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL,
  csrf TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX app_session_user ON app_session (user_id);

CREATE TABLE api_key (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL,
  hint TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX api_key_hash ON api_key (key_hash);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

-- identity ----------------------------------------------------------------------------------------------------------
-- One generation of one identifier value; `key` hashes namespace and value. See domain::identity::state::NodeState.
CREATE TABLE identifier (
  id INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  namespace TEXT NOT NULL,
  value TEXT NOT NULL,
  generation INTEGER NOT NULL,
  strength TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  parent_id INTEGER,
  source_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_seq INTEGER,
  blocked INTEGER NOT NULL,
  suspended_at INTEGER,
  shared INTEGER NOT NULL,
  partial INTEGER NOT NULL,
  current_line INTEGER,
  joined_count INTEGER NOT NULL,
  joined_recent TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  session_start_at INTEGER NOT NULL,
  logged_out_at INTEGER,
  signed_in_at INTEGER
) STRICT;
CREATE INDEX identifier_key ON identifier (key);
CREATE INDEX identifier_person ON identifier (person_id);
CREATE INDEX identifier_suspended ON identifier (suspended_at) WHERE suspended_at IS NOT NULL;
CREATE INDEX identifier_parent ON identifier (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX identifier_line ON identifier (current_line) WHERE current_line IS NOT NULL;

-- Append-only: the graph below is a fold over it.
CREATE TABLE identity_evidence (
  seq INTEGER PRIMARY KEY,
  observation INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  a INTEGER NOT NULL,
  b INTEGER,
  target INTEGER,
  strength TEXT NOT NULL,
  verified INTEGER NOT NULL,
  score INTEGER,
  profiles TEXT NOT NULL,
  session_start_at INTEGER,
  logged_out_at INTEGER,
  stitching TEXT NOT NULL,
  source_event INTEGER,
  rule_version INTEGER NOT NULL,
  actor TEXT,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX identity_evidence_a ON identity_evidence (a);
CREATE INDEX identity_evidence_b ON identity_evidence (b) WHERE b IS NOT NULL;
CREATE INDEX identity_evidence_observation ON identity_evidence (observation);

CREATE TABLE identity_edge (
  seq INTEGER NOT NULL,
  a INTEGER NOT NULL,
  b INTEGER NOT NULL,
  at INTEGER NOT NULL,
  merge INTEGER NOT NULL,
  PRIMARY KEY (seq, a, b)
) STRICT;
CREATE INDEX identity_edge_a ON identity_edge (a);
CREATE INDEX identity_edge_b ON identity_edge (b);

CREATE TABLE identity_slice (
  node INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  from_at INTEGER,
  to_at INTEGER,
  line INTEGER NOT NULL,
  PRIMARY KEY (node, seq)
) STRICT;
CREATE INDEX identity_slice_line ON identity_slice (line);

CREATE TABLE identity_cannot_link (
  seq INTEGER NOT NULL,
  a INTEGER NOT NULL,
  b INTEGER NOT NULL,
  PRIMARY KEY (seq, a, b)
) STRICT;
CREATE INDEX identity_cannot_link_a ON identity_cannot_link (a);
CREATE INDEX identity_cannot_link_b ON identity_cannot_link (b);

CREATE TABLE identity_fingerprint (
  fingerprint INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE identity_rules (
  version INTEGER PRIMARY KEY,
  rules TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  note TEXT NOT NULL
) STRICT;

CREATE TABLE identity_review (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  a INTEGER NOT NULL,
  b INTEGER NOT NULL,
  reason TEXT NOT NULL,
  source_event INTEGER,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  decision TEXT,
  decided_by TEXT,
  decided_at INTEGER,
  note TEXT
) STRICT;
CREATE UNIQUE INDEX identity_review_key ON identity_review (kind, a, b);
CREATE INDEX identity_review_state ON identity_review (state, id);

-- Refusals and merges as they happened, for "why not?" and the person's history.
CREATE TABLE identity_history (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  other_id INTEGER,
  detail TEXT NOT NULL,
  source_event INTEGER
) STRICT;
CREATE INDEX identity_history_person ON identity_history (person_id, id);
CREATE INDEX identity_history_other ON identity_history (other_id, id);

-- Orders that the people's totals have counted, so that the same order from till and web shop counts once.
CREATE TABLE order_seen (
  key INTEGER PRIMARY KEY
) STRICT;
