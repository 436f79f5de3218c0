-- +goose Up

-- What lists and counts over a year of many repositories are read from, where they
-- would else read each row or walk past all that ended.
CREATE INDEX overrides_state ON overrides (at, state, repository);
CREATE INDEX overrides_repository ON overrides (repository, at, subject, id);
CREATE INDEX subjects_open ON subjects (updated_at, subject) WHERE is_open;
CREATE INDEX subjects_repository ON subjects (repository, updated_at, subject);
CREATE INDEX outcomes_class ON outcomes (merged_at, class, result, repository);
DROP INDEX outcomes_merged;
CREATE INDEX signoffs_times ON signoffs (signed_at, asked_at, repository);
DROP INDEX signoffs_signed;
DROP INDEX advice_shown;
