-- +goose Up

-- The rows of spans in the order of their key, with what is in them, so that a page
-- over many repositories reads the divisions that it shows as one piece of the file.
CREATE TABLE ordered_spans (
	division   TEXT NOT NULL,
	repository BIGINT NOT NULL,
	span       BIGINT NOT NULL,
	content    BYTEA NOT NULL,
	PRIMARY KEY (division, repository, span)
) WITHOUT ROWID;
INSERT INTO ordered_spans SELECT division, repository, span, content FROM spans ORDER BY division, repository, span;
DROP TABLE spans;
ALTER TABLE ordered_spans RENAME TO spans;
