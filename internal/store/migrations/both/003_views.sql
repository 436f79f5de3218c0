-- +goose Up

-- What the newest record of a subject was decided on, for whoever draws it.
CREATE TABLE views (
	subject TEXT PRIMARY KEY REFERENCES subjects (subject),
	content BYTEA NOT NULL
);
