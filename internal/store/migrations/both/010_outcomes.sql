-- +goose Up

-- Merged changes that are followed, and what became of them; decided_at is NULL
-- until it was asked. The result is in the aftermath too.
CREATE TABLE outcomes (
	subject    TEXT NOT NULL PRIMARY KEY,
	repository BIGINT NOT NULL,
	class      TEXT NOT NULL,
	merged_at  TEXT NOT NULL,
	due_at     TEXT NOT NULL,
	result     TEXT NOT NULL,
	aftermath  TEXT NOT NULL,
	decided_at TEXT
);
CREATE INDEX outcomes_due ON outcomes (due_at) WHERE decided_at IS NULL;
CREATE INDEX outcomes_merged ON outcomes (merged_at);
