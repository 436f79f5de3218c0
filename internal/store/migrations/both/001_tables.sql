-- One text for both engines. SQLite knows types by their names only: BIGINT is
-- its INTEGER, and what is put into a BYTEA column stays the BLOB that it is.
-- Times are TEXT of fixed width in UTC.

-- +goose Up

-- What arrived, so that it counts once.
CREATE TABLE deliveries (
	guid         TEXT PRIMARY KEY,
	event        TEXT NOT NULL,
	action       TEXT NOT NULL,
	installation BIGINT NOT NULL,
	repository   BIGINT NOT NULL,
	received_at  TEXT NOT NULL,
	size         BIGINT NOT NULL,
	hash         TEXT NOT NULL
);
CREATE INDEX deliveries_received ON deliveries (received_at);

-- The bodies of deliveries, for a few days.
CREATE TABLE bodies (
	guid        TEXT PRIMARY KEY,
	received_at TEXT NOT NULL,
	size        BIGINT NOT NULL,
	body        BYTEA NOT NULL
);
CREATE INDEX bodies_received ON bodies (received_at, size);

-- wanted counts what called for a look at the subject, done how many of these
-- the record has answered.
CREATE TABLE subjects (
	subject      TEXT PRIMARY KEY,
	installation BIGINT NOT NULL,
	repository   BIGINT NOT NULL,
	kind         TEXT NOT NULL,
	number       BIGINT NOT NULL,
	ref          TEXT NOT NULL,
	wanted       BIGINT NOT NULL,
	done         BIGINT NOT NULL,
	undone_since TEXT NOT NULL,
	version      BIGINT NOT NULL,
	head         TEXT NOT NULL,
	state        TEXT NOT NULL,
	mode         TEXT NOT NULL,
	is_open      BOOLEAN NOT NULL,
	next_at      TEXT,
	record       TEXT NOT NULL,
	updated_at   TEXT NOT NULL
);
CREATE INDEX subjects_undone ON subjects (undone_since) WHERE wanted > done;
CREATE INDEX subjects_next ON subjects (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX subjects_head ON subjects (repository, head) WHERE is_open;
CREATE INDEX subjects_updated ON subjects (updated_at, subject);

CREATE TABLE facts (
	subject TEXT NOT NULL REFERENCES subjects (subject),
	number  BIGINT NOT NULL,
	id      TEXT NOT NULL,
	at      TEXT NOT NULL,
	fact    TEXT NOT NULL,
	PRIMARY KEY (subject, number),
	UNIQUE (subject, id)
);

-- What is to be done in the world. A lane is performed in the order of seq, by
-- one worker at a time. Rows that are done stay for a while, so that nothing is
-- told twice.
CREATE TABLE effects (
	effect_key TEXT PRIMARY KEY,
	lane       TEXT NOT NULL,
	seq        BIGINT NOT NULL,
	effect     TEXT NOT NULL,
	wanted     BIGINT NOT NULL,
	done       BIGINT NOT NULL,
	changed_at TEXT NOT NULL
);
CREATE INDEX effects_undone ON effects (lane, seq) WHERE wanted > done;
CREATE INDEX effects_changed ON effects (changed_at);

-- A worker is a process that runs jobs. It shows that it lives by raising beat.
CREATE TABLE workers (
	worker TEXT PRIMARY KEY,
	beat   BIGINT NOT NULL
);

-- What one job at a time may work on.
CREATE TABLE leases (
	name   TEXT PRIMARY KEY,
	worker TEXT NOT NULL,
	job    BIGINT NOT NULL
);
CREATE INDEX leases_worker ON leases (worker);

CREATE TABLE analyses (
	id         TEXT PRIMARY KEY,
	repository BIGINT NOT NULL,
	base       TEXT NOT NULL,
	head       TEXT NOT NULL,
	program    TEXT NOT NULL,
	rules      TEXT NOT NULL,
	created_at TEXT NOT NULL,
	content    BYTEA NOT NULL
);
CREATE INDEX analyses_created ON analyses (created_at);

-- Who needs an analysis: a subject while it is open (leaf is -1), or a leaf of
-- the ledger for ever.
CREATE TABLE citations (
	analysis TEXT NOT NULL,
	subject  TEXT NOT NULL,
	leaf     BIGINT NOT NULL,
	PRIMARY KEY (analysis, subject, leaf)
);

CREATE TABLE overrides (
	subject    TEXT NOT NULL,
	id         TEXT NOT NULL,
	repository BIGINT NOT NULL,
	at         TEXT NOT NULL,
	state      TEXT NOT NULL,
	override   TEXT NOT NULL,
	PRIMARY KEY (subject, id)
);
CREATE INDEX overrides_at ON overrides (at, subject, id);

-- What the bot wrote elsewhere, by which it finds it again.
CREATE TABLE posted (
	kind    TEXT NOT NULL,
	scope   TEXT NOT NULL,
	name    TEXT NOT NULL,
	remote  TEXT NOT NULL,
	hash    TEXT NOT NULL,
	version BIGINT NOT NULL,
	at      TEXT NOT NULL,
	PRIMARY KEY (kind, scope, name)
);

CREATE TABLE installations (
	id        BIGINT PRIMARY KEY,
	account   BIGINT NOT NULL,
	login     TEXT NOT NULL,
	suspended BOOLEAN NOT NULL,
	deleted   BOOLEAN NOT NULL
);

CREATE TABLE repositories (
	id             BIGINT PRIMARY KEY,
	installation   BIGINT NOT NULL,
	owner          TEXT NOT NULL,
	name           TEXT NOT NULL,
	private        BOOLEAN NOT NULL,
	default_branch TEXT NOT NULL,
	archived       BOOLEAN NOT NULL,
	removed        BOOLEAN NOT NULL,
	swept_at       TEXT
);
CREATE INDEX repositories_installation ON repositories (installation);

CREATE TABLE people (
	id        BIGINT PRIMARY KEY,
	login     TEXT NOT NULL,
	slack     TEXT NOT NULL,
	linked_at TEXT
);
CREATE INDEX people_slack ON people (slack) WHERE slack <> '';

CREATE TABLE sessions (
	hash       TEXT PRIMARY KEY,
	account    BIGINT NOT NULL,
	created_at TEXT NOT NULL,
	seen_at    TEXT NOT NULL,
	expires_at TEXT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE settings (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
);

-- The ledger. Leaves are the exact bytes, hashes those of RFC 6962 at the
-- indexes of x/mod/sumdb/tlog. The texts are apart since they may have to be
-- erased; a leaf holds their salted hashes.
CREATE TABLE leaves (
	idx  BIGINT PRIMARY KEY,
	at   TEXT NOT NULL,
	leaf BYTEA NOT NULL
);

CREATE TABLE hashes (
	idx  BIGINT PRIMARY KEY,
	hash BYTEA NOT NULL
);

CREATE TABLE texts (
	idx     BIGINT NOT NULL,
	name    TEXT NOT NULL,
	salt    BYTEA NOT NULL,
	content TEXT NOT NULL,
	PRIMARY KEY (idx, name)
);

CREATE TABLE checkpoints (
	size BIGINT NOT NULL,
	note TEXT NOT NULL,
	at   TEXT NOT NULL,
	PRIMARY KEY (size, note)
);
