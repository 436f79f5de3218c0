package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/barraiser/barraiser/internal/process"
)

// makeJobs makes the folder of this process among those of jobs, which hold what
// judgements write, and removes those of processes that are dead.
func (s *server) makeJobs() (err error) {
	if s.jobs, err = process.OwnFolder(filepath.Join(s.config.data, "jobs")); err != nil {
		return err
	}
	if err := process.Bury(filepath.Dir(s.jobs.Dir)); err != nil {
		s.log.Info("what dead processes left is removed later", "error", err)
	}
	return nil
}

// keepBurying removes what dead processes left, now and then: the judgement of a
// process that was killed may still write while the next one starts, and with
// several processes one may be killed at any time.
func keepBurying(ctx context.Context, log *slog.Logger, jobs string, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := process.Bury(jobs); err != nil {
				log.Warn("remove what dead processes left", "error", err)
			}
		}
	}
}
