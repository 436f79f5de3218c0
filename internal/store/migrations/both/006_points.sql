-- +goose Up

-- The states of default branches, in the order of number. The newest of a
-- repository is what its next one is compared with.
CREATE TABLE points (
	repository BIGINT NOT NULL,
	number     BIGINT NOT NULL,
	commit_id  TEXT NOT NULL,
	rules      TEXT NOT NULL,
	at         TEXT NOT NULL,
	point      TEXT NOT NULL,
	PRIMARY KEY (repository, number)
);
CREATE INDEX points_at ON points (repository, at);

-- What a point was priced from, and what is shown of it alone.
CREATE TABLE details (
	repository BIGINT NOT NULL,
	number     BIGINT NOT NULL,
	content    BYTEA NOT NULL,
	PRIMARY KEY (repository, number)
);

-- The points as sums over any repositories are made of: of each week from a
-- repository's first to its newest one a row for each part of its debt, also
-- where nothing happened. Amounts are minutes.
CREATE TABLE weeks (
	division   TEXT NOT NULL,
	week       TEXT NOT NULL,
	name       TEXT NOT NULL,
	repository BIGINT NOT NULL,
	lines      BIGINT NOT NULL,
	principal  DOUBLE PRECISION NOT NULL,
	interest   DOUBLE PRECISION NOT NULL,
	payable    DOUBLE PRECISION NOT NULL,
	introduced DOUBLE PRECISION NOT NULL,
	repaid     DOUBLE PRECISION NOT NULL,
	repriced   DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (division, week, name, repository)
);
CREATE INDEX weeks_repository ON weeks (repository, week, division);

-- How far the history of a repository has come. wanted counts what called for
-- more of it, done how many of these were answered; number is that of the newest
-- point, first_week and last_week are those of the first and the newest whole one.
CREATE TABLE histories (
	repository   BIGINT PRIMARY KEY,
	wanted       BIGINT NOT NULL,
	done         BIGINT NOT NULL,
	undone_since TEXT NOT NULL,
	asked        TEXT NOT NULL,
	todo         BIGINT NOT NULL,
	number       BIGINT NOT NULL,
	first_week   TEXT NOT NULL,
	last_week    TEXT NOT NULL,
	problem      TEXT NOT NULL
);
CREATE INDEX histories_undone ON histories (undone_since) WHERE wanted > done;
