-- +goose Up

-- What teams did in the code of others, of each merged pull request a row for each
-- pair of them; author_team is empty where the policy knows no team of the
-- authors. Minutes are the net debt that was left in the home.
CREATE TABLE contributions (
	subject     TEXT NOT NULL,
	author_team TEXT NOT NULL,
	home        TEXT NOT NULL,
	repository  BIGINT NOT NULL,
	at          TEXT NOT NULL,
	files       BIGINT NOT NULL,
	minutes     DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (subject, author_team, home)
);
CREATE INDEX contributions_at ON contributions (at);
