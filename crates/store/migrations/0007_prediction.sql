-- Predictions: every version of every model with how it did, and what the live ones say of each person. Times are UTC
-- milliseconds.

-- `state` is live (one a kind), retired, or refused (what was tried and why it was not possible; nothing to score with).
CREATE TABLE prediction_model (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  trained_at INTEGER NOT NULL,
  definition TEXT NOT NULL,
  parameters TEXT NOT NULL,
  metrics TEXT NOT NULL,
  scored_at INTEGER,
  scoring TEXT
) STRICT;
CREATE UNIQUE INDEX prediction_model_version ON prediction_model (kind, version);

-- `value` is a chance or minor units; `label` the category of what predicts one.
CREATE TABLE prediction_score (
  person_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value REAL NOT NULL,
  label TEXT,
  contributions TEXT NOT NULL,
  model_id INTEGER NOT NULL,
  scored_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, kind)
) STRICT;
CREATE INDEX prediction_score_kind ON prediction_score (kind, value, person_id);
