-- Triggers that keep the ledger as it is: rows are added at the end and never
-- changed or removed. Texts may be removed, not changed.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'ledger: % are never changed or removed', TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION ledger_at_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	next BIGINT;
BEGIN
	EXECUTE format('SELECT COALESCE(MAX(idx) + 1, 0) FROM %I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO next;
	IF NEW.idx <> next THEN
		RAISE EXCEPTION 'ledger: % are added at the end only', TG_TABLE_NAME;
	END IF;
	RETURN NEW;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER leaves_rows BEFORE UPDATE OR DELETE ON leaves FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER leaves_whole BEFORE TRUNCATE ON leaves FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER hashes_rows BEFORE UPDATE OR DELETE ON hashes FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER hashes_whole BEFORE TRUNCATE ON hashes FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER checkpoints_rows BEFORE UPDATE OR DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER checkpoints_whole BEFORE TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER leaves_end BEFORE INSERT ON leaves FOR EACH ROW EXECUTE FUNCTION ledger_at_end();

CREATE TRIGGER hashes_end BEFORE INSERT ON hashes FOR EACH ROW EXECUTE FUNCTION ledger_at_end();

CREATE TRIGGER texts_rows BEFORE UPDATE ON texts FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
