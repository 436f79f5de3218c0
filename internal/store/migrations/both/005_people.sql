-- +goose Up

-- The time zone of a person's profile in Slack.
ALTER TABLE people ADD COLUMN timezone TEXT NOT NULL DEFAULT '';

-- What a member in Slack was given to show who they are on the host. The value
-- itself is known to that member alone; this is its hash.
CREATE TABLE slack_links (
	hash       TEXT PRIMARY KEY,
	member     TEXT NOT NULL,
	name       TEXT NOT NULL,
	team       TEXT NOT NULL,
	expires_at TEXT NOT NULL
);
CREATE INDEX slack_links_expires ON slack_links (expires_at);
