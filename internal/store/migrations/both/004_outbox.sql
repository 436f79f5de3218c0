-- +goose Up

-- An effect that was tried and failed, or is held back, waits until a time. One
-- that failed for too long is dead: it is not tried again before somebody says so.
ALTER TABLE effects ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE effects ADD COLUMN wait_until TEXT;
ALTER TABLE effects ADD COLUMN failing_since TEXT;
ALTER TABLE effects ADD COLUMN dead_at TEXT;
ALTER TABLE effects ADD COLUMN problem TEXT NOT NULL DEFAULT '';
CREATE INDEX effects_failing ON effects (failing_since) WHERE failing_since IS NOT NULL;
