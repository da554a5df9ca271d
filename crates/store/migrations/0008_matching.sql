-- Models of probabilistic matching. The newest is in force; the others say what was in force when a pair was scored.
CREATE TABLE match_model (
  version INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  records INTEGER NOT NULL,
  model TEXT NOT NULL
) STRICT;

-- What each person said when last matched: who says another thing now is matched anew.
CREATE TABLE match_record (
  person_id INTEGER PRIMARY KEY,
  content INTEGER NOT NULL
) STRICT;

-- Pairs that may be one person, by the identifiers their ids come from, the smaller first. Odds are in thousandths of a
-- bit and before what answers have taught, the probability in millionths and with it; `detail` says by which fields.
CREATE TABLE match_pair (
  a INTEGER NOT NULL,
  b INTEGER NOT NULL,
  version INTEGER NOT NULL,
  odds INTEGER NOT NULL,
  probability INTEGER NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (a, b)
) STRICT;
CREATE INDEX match_pair_b ON match_pair (b);
