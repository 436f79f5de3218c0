-- +goose Up

-- How long sign-offs took: of each requirement, when somebody was asked first and
-- when it was met first.
CREATE TABLE signoffs (
	subject    TEXT NOT NULL,
	domain     TEXT NOT NULL,
	repository BIGINT NOT NULL,
	asked_at   TEXT NOT NULL,
	signed_at  TEXT,
	PRIMARY KEY (subject, domain)
);
CREATE INDEX signoffs_signed ON signoffs (signed_at);

-- What became of the findings that pull requests were shown.
CREATE TABLE advice (
	subject     TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	repository  BIGINT NOT NULL,
	rule        TEXT NOT NULL,
	shown_at    TEXT NOT NULL,
	state       TEXT NOT NULL,
	PRIMARY KEY (subject, fingerprint)
);
CREATE INDEX advice_shown ON advice (shown_at);
