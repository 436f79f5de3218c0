package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/process"
)

// watchEvery is how often the size of a running fetch is looked at. A second of
// the fastest network is some hundred megabytes beyond the limit.
const watchEvery = 200 * time.Millisecond

// watch ends a fetch that brings too much. git has a limit for what is pushed,
// none for what is fetched.
func (m *Mirror) watch(ctx context.Context, stop context.CancelCauseFunc, commit string) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var size int64
		for _, file := range m.unfinished() {
			if info, err := os.Lstat(file); err == nil {
				size += info.Size()
			}
		}
		if size > m.FetchBytes {
			stop(&TooLargeError{Tree: commit, What: "bytes fetched", Limit: m.FetchBytes})
			return
		}
	}
}

// unfinished are the packs that git has not given their names yet.
func (m *Mirror) unfinished() []string {
	entries, err := os.ReadDir(filepath.Join(m.gitDir(), "objects", "pack"))
	if err != nil {
		return nil
	}
	var files []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "tmp_") {
			files = append(files, filepath.Join(m.gitDir(), "objects", "pack", e.Name()))
		}
	}
	return files
}

// sweep removes what a killed git left: packs that nobody finishes, and locks, by
// which a ref could not be written ever again. The lock of the mirror is held,
// and what is older than any fetch may last belongs to nobody.
func (m *Mirror) sweep(before time.Time) {
	files := m.unfinished()
	for _, dir := range []string{"", "refs/barraiser/keep", "refs/barraiser/releases"} {
		entries, err := os.ReadDir(filepath.Join(m.gitDir(), filepath.FromSlash(dir)))
		if err != nil {
			continue
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".lock") {
				files = append(files, filepath.Join(m.gitDir(), filepath.FromSlash(dir), e.Name()))
			}
		}
	}
	for _, file := range files {
		if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() && info.ModTime().Before(before) {
			os.Remove(file) // what stays is swept the next time
		}
	}
}

// sweepSince removes the unfinished packs of a fetch that has just failed.
func (m *Mirror) sweepSince(began time.Time) {
	for _, file := range m.unfinished() {
		if info, err := os.Lstat(file); err == nil && !info.ModTime().Before(began.Add(-time.Second)) {
			os.Remove(file)
		}
	}
}

// Of a mirror that was fetched into more often than this, the packs are made one.
const manyPacks = 50

// pruneAge is how long an object stays that no kept commit needs any more. A
// reader of it, and a fetch that wants it again, are done long before.
const pruneAge = "2.weeks.ago"

// Tidy lets go of the commits that are not in keep, and packs the mirror anew
// where that is worth it. Fetches wait meanwhile; readers do not, and may go on
// reading what was let go for two weeks. Call it daily.
func (m *Mirror) Tidy(ctx context.Context, keep []string) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return fmt.Errorf("tidy mirror %s: %w", m.dir, err)
	}
	defer unlock()
	m.sweep(time.Now().Add(-m.FetchTime - time.Minute))
	dropped, err := m.drop(ctx, keep)
	if err == nil && (dropped > 0 || m.packs() > manyPacks) {
		c := m.command("gc", "--quiet", "--prune="+pruneAge)
		// Bounded memory: the machine also reviews.
		c.env = append(c.env, "GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=pack.windowMemory", "GIT_CONFIG_VALUE_0=256m", "GIT_CONFIG_KEY_1=pack.threads", "GIT_CONFIG_VALUE_1=1")
		_, err = c.text(ctx, maxLine)
	}
	if err != nil {
		return fmt.Errorf("tidy mirror %s: %w", m.dir, err)
	}
	return nil
}

// drop removes the refs of the commits that are not to be kept.
func (m *Mirror) drop(ctx context.Context, keep []string) (int, error) {
	out, err := m.command("for-each-ref", "--format=%(refname)", keptRefs).text(ctx, maxRefs)
	if err != nil {
		return 0, err
	}
	var orders strings.Builder
	n := 0
	for _, ref := range strings.Fields(out) {
		if !slices.Contains(keep, strings.TrimPrefix(ref, keptRefs)) {
			fmt.Fprintf(&orders, "delete %s\n", ref)
			n++
		}
	}
	if n == 0 {
		return 0, nil
	}
	c := m.command("update-ref", "--stdin")
	c.stdin = orders.String()
	_, err = c.line(ctx)
	return n, err
}

// maxRefs bounds the list of refs: a million of them.
const maxRefs = 64 << 20

func (m *Mirror) packs() int {
	entries, err := os.ReadDir(filepath.Join(m.gitDir(), "objects", "pack"))
	if err != nil {
		return 0
	}
	n := 0
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".pack") {
			n++
		}
	}
	return n
}

// lock waits until nobody else writes to the mirror, in this process or another.
// The lock goes with the process, however it ends.
func (m *Mirror) lock(ctx context.Context) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(m.dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	wait := 5 * time.Millisecond
	for {
		err := process.Lock(file)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, process.ErrLocked) {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", m.dir, err)
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, 200*time.Millisecond)
	}
}
