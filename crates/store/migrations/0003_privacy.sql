-- Erasure: what is erased of lines that others use too, and what law makes us keep. Times are UTC milliseconds.

-- A span of a shared device's line that was an erased person's: from inclusive (null: since ever), to exclusive (null:
-- until further notice). Hidden from every read; rows of the history in it go away by compaction.
CREATE TABLE span_erased (
  id INTEGER PRIMARY KEY,
  line_id INTEGER NOT NULL,
  from_at INTEGER,
  to_at INTEGER,
  request_id INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX span_erased_line ON span_erased (line_id);

-- Proof that consent was given or refused, without the person: the hash is that of the record's chain.
CREATE TABLE consent_proof (
  id INTEGER PRIMARY KEY,
  request_id INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  channel TEXT NOT NULL,
  action TEXT NOT NULL,
  legal_basis TEXT NOT NULL,
  notice_version TEXT,
  given_at INTEGER NOT NULL,
  expires_at INTEGER,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX consent_proof_request ON consent_proof (request_id);

-- Orders kept under a legal hold, without the person.
CREATE TABLE order_held (
  event_id INTEGER PRIMARY KEY,
  request_id INTEGER NOT NULL,
  event_at INTEGER NOT NULL,
  name TEXT NOT NULL,
  order_id TEXT,
  value_minor INTEGER,
  currency TEXT
) STRICT;
CREATE INDEX order_held_request ON order_held (request_id);
