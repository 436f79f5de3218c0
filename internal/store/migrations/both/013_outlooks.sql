-- +goose Up

-- What the newest state of a repository says beside its sums: the rule families of
-- its debt, one a line with its minutes behind a tab, and the places that are dearest
-- to leave alone, as JSON.
CREATE TABLE fronts (
	repository BIGINT PRIMARY KEY,
	families   TEXT NOT NULL
);
CREATE TABLE spots (
	repository BIGINT NOT NULL,
	place      BIGINT NOT NULL,
	interest   DOUBLE PRECISION NOT NULL,
	content    TEXT NOT NULL,
	PRIMARY KEY (repository, place)
);
CREATE INDEX spots_interest ON spots (interest, repository, place);

-- What the default branch of a repository says beside its points: where risk goes,
-- and its changes of the mode and its releases, as JSON.
CREATE TABLE outlooks (
	repository BIGINT PRIMARY KEY,
	direction  TEXT NOT NULL,
	drift      TEXT NOT NULL,
	modes      TEXT NOT NULL,
	releases   TEXT NOT NULL
);
