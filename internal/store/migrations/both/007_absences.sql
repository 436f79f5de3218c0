-- +goose Up

-- When the host did not answer us: an installation was suspended or taken away, or
-- a repository was taken out of it (repository is 0 for all of them). ended_at is
-- NULL while it lasts.
CREATE TABLE absences (
	installation BIGINT NOT NULL,
	repository   BIGINT NOT NULL,
	began_at     TEXT NOT NULL,
	ended_at     TEXT,
	PRIMARY KEY (installation, repository, began_at)
);
