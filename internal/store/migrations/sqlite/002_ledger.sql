-- Triggers that keep the ledger as it is: rows are added at the end and never
-- changed or removed. Texts may be removed, not changed. An INSERT OR REPLACE
-- removes without asking the DELETE trigger, and so the INSERT has one as well.

-- +goose Up

-- +goose StatementBegin
CREATE TRIGGER leaves_update BEFORE UPDATE ON leaves
BEGIN
	SELECT RAISE(ABORT, 'ledger: leaves are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER leaves_delete BEFORE DELETE ON leaves
BEGIN
	SELECT RAISE(ABORT, 'ledger: leaves are never removed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER hashes_update BEFORE UPDATE ON hashes
BEGIN
	SELECT RAISE(ABORT, 'ledger: hashes are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER hashes_delete BEFORE DELETE ON hashes
BEGIN
	SELECT RAISE(ABORT, 'ledger: hashes are never removed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_update BEFORE UPDATE ON checkpoints
BEGIN
	SELECT RAISE(ABORT, 'ledger: checkpoints are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_delete BEFORE DELETE ON checkpoints
BEGIN
	SELECT RAISE(ABORT, 'ledger: checkpoints are never removed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER leaves_insert BEFORE INSERT ON leaves WHEN NEW.idx <> (SELECT COALESCE(MAX(idx) + 1, 0) FROM leaves)
BEGIN
	SELECT RAISE(ABORT, 'ledger: leaves are added at the end only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER hashes_insert BEFORE INSERT ON hashes WHEN NEW.idx <> (SELECT COALESCE(MAX(idx) + 1, 0) FROM hashes)
BEGIN
	SELECT RAISE(ABORT, 'ledger: hashes are added at the end only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_insert BEFORE INSERT ON checkpoints WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size AND note = NEW.note)
BEGIN
	SELECT RAISE(ABORT, 'ledger: checkpoints are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER texts_update BEFORE UPDATE ON texts
BEGIN
	SELECT RAISE(ABORT, 'ledger: texts are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER texts_insert BEFORE INSERT ON texts WHEN EXISTS (SELECT 1 FROM texts WHERE idx = NEW.idx AND name = NEW.name)
BEGIN
	SELECT RAISE(ABORT, 'ledger: texts are never changed');
END;
-- +goose StatementEnd
