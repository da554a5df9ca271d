-- Revenue by currency, and when a buyer's stage changes by the passing of time alone. Times are UTC milliseconds.

CREATE TABLE line_revenue (
  line_id INTEGER NOT NULL,
  currency TEXT NOT NULL,
  revenue_minor INTEGER NOT NULL,
  PRIMARY KEY (line_id, currency)
) STRICT;
INSERT INTO line_revenue (line_id, currency, revenue_minor)
  SELECT line_id, currency, revenue_minor FROM line_stat WHERE currency IS NOT NULL;
ALTER TABLE line_stat DROP COLUMN revenue_minor;
ALTER TABLE line_stat DROP COLUMN currency;

ALTER TABLE person ADD COLUMN stage_until INTEGER;
UPDATE person SET stage_until = (
  SELECT MAX(s.last_order_at) + 31536000001 FROM line_stat s JOIN identifier i ON i.id = s.line_id
  WHERE i.person_id = person.id
) WHERE orders > 0;
CREATE INDEX person_stage_until ON person (stage_until) WHERE stage_until IS NOT NULL;
