package web

import (
	"context"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/store"
)

// Survey is what the page about the debt of an organisation says at a time, for a
// reader who may see just these repositories of it.
func Survey(ctx context.Context, db *store.DB, repos []store.Repository, at time.Time) (report.Survey, error) {
	s := site{Config: Config{Store: db}}
	return s.survey(ctx, scope{kind: report.OfOrganisation, repos: repos}, at)
}
