-- +goose Up

-- A branch has many pushes past its pull requests, and each is followed by itself:
-- override_id is that of the push, and empty of a pull request. A key cannot be
-- changed everywhere, so the table is made anew.
CREATE TABLE followed (
	subject     TEXT NOT NULL,
	override_id TEXT NOT NULL DEFAULT '',
	repository  BIGINT NOT NULL,
	class       TEXT NOT NULL,
	merged_at   TEXT NOT NULL,
	due_at      TEXT NOT NULL,
	result      TEXT NOT NULL,
	aftermath   TEXT NOT NULL,
	decided_at  TEXT,
	PRIMARY KEY (subject, override_id)
);
INSERT INTO followed (subject, repository, class, merged_at, due_at, result, aftermath, decided_at)
	SELECT subject, repository, class, merged_at, due_at, result, aftermath, decided_at FROM outcomes;
DROP TABLE outcomes;
ALTER TABLE followed RENAME TO outcomes;
CREATE INDEX outcomes_due ON outcomes (due_at) WHERE decided_at IS NULL;
CREATE INDEX outcomes_merged ON outcomes (merged_at);
