-- +goose Up

-- What stands in fronts, spots and outlooks, once more for each team and each goal of
-- a repository: division says which of the two, name whose. Of its dearest places
-- part_spots has the place in spots, where those of a part are beyond the first 20.
CREATE TABLE part_fronts (
	division   TEXT NOT NULL,
	name       TEXT NOT NULL,
	repository BIGINT NOT NULL,
	families   TEXT NOT NULL,
	PRIMARY KEY (division, name, repository)
);
CREATE INDEX part_fronts_repository ON part_fronts (repository);
CREATE TABLE part_spots (
	division   TEXT NOT NULL,
	name       TEXT NOT NULL,
	repository BIGINT NOT NULL,
	place      BIGINT NOT NULL,
	interest   DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (division, name, repository, place)
);
CREATE INDEX part_spots_interest ON part_spots (division, name, interest, repository, place);
CREATE INDEX part_spots_repository ON part_spots (repository);
CREATE TABLE part_outlooks (
	division   TEXT NOT NULL,
	name       TEXT NOT NULL,
	repository BIGINT NOT NULL,
	direction  TEXT NOT NULL,
	PRIMARY KEY (division, name, repository)
);
CREATE INDEX part_outlooks_repository ON part_outlooks (repository);

-- Whose a pull request is: the teams of its author, and the goals that these work
-- towards, by the policy.
CREATE TABLE belongings (
	division TEXT NOT NULL,
	name     TEXT NOT NULL,
	subject  TEXT NOT NULL,
	PRIMARY KEY (division, name, subject)
);
CREATE INDEX belongings_subject ON belongings (subject);
