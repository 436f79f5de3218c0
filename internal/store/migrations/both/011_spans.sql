-- +goose Up

-- The points as sums over any repositories are made of: of each division of a
-- repository's debt a row for half a year, with the amounts of each part in each
-- week. What was in weeks is moved here when the store is opened.
CREATE TABLE spans (
	division   TEXT NOT NULL,
	repository BIGINT NOT NULL,
	span       BIGINT NOT NULL,
	content    BYTEA NOT NULL,
	PRIMARY KEY (division, repository, span)
);
