package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/review"
)

// trendCache keeps what was judged, so that another run need not.
//
// An entry is named by all that it was made of beside the code: the program
// (and with it the catalogue and every check), the Go release, and what the
// policy says about rules, components, owners and experiments. Whatever cannot
// be read is judged again, and what cannot be written is no error.
type trendCache struct {
	dir  string // "" keeps nothing
	base string // the hash of all that but the commits
}

// The kinds of entries.
const (
	stateEntry = "state" // a commit
	stepEntry  = "step"  // from one commit to the next
)

// maxTrend bounds the folder, in bytes. A state of cli/cli takes 40 kB.
const maxTrend = 256 << 20

// openCache names the entries.
func (j *pointJudge) openCache() error {
	program, err := engine.Program()
	if err != nil {
		return err
	}
	type part struct {
		Patterns []string
		Fixed    int
	}
	material := struct {
		Program, Go, Catalogue string
		Rules                  debt.Settings
		Components             map[string]review.Component
		Owns                   map[string]part
		Goals                  map[string]review.Goal
		Experiments            map[string]review.Experiment
		Codeowners             []byte
	}{
		program, j.toolchain.Version, debt.CatalogueVersion, j.policy.Rules, j.policy.Components,
		map[string]part{}, j.policy.Goals, j.policy.Experiments, j.ownersFile,
	}
	for name, t := range j.policy.Teams {
		material.Owns[name] = part{t.Owns, t.Fixed}
	}
	data, err := json.Marshal(material)
	if err != nil {
		return err // unreachable: all of it is plain
	}
	sum := sha256.Sum256(data)
	j.kept = trendCache{dir: j.cacheFolder("trend"), base: hex.EncodeToString(sum[:])}
	return nil
}

func (c trendCache) file(kind, commits string) string {
	sum := sha256.Sum256([]byte(c.base + " " + kind + " " + commits))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:]))
}

func (c trendCache) has(kind, commits string) bool {
	if c.dir == "" {
		return false
	}
	_, err := os.Stat(c.file(kind, commits))
	return err == nil
}

// recall reads an entry into value, a pointer.
func (c trendCache) recall(kind, commits string, value any) bool {
	if c.dir == "" {
		return false
	}
	file := c.file(kind, commits)
	data, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return false
	}
	content, err := io.ReadAll(z) // to its end, where the checksum is
	if err != nil || json.Unmarshal(content, value) != nil {
		return false
	}
	now := time.Now()
	_ = os.Chtimes(file, now, now) // else the oldest states of a long trend would go first
	return true
}

// keep writes an entry, whole or not at all.
func (c trendCache) keep(kind, commits string, value any) {
	if c.dir == "" || os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if json.NewEncoder(z).Encode(value) != nil || z.Close() != nil {
		return
	}
	tmp, err := os.CreateTemp(c.dir, "new-")
	if err != nil {
		return
	}
	_, err = tmp.Write(b.Bytes())
	if closed := tmp.Close(); cmp.Or(err, closed) != nil || os.Rename(tmp.Name(), c.file(kind, commits)) != nil {
		_ = os.Remove(tmp.Name())
		return
	}
	c.prune(maxTrend)
}

// prune removes the entries that were not used for longest, where there is too
// much.
func (c trendCache) prune(limit int64) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	var total int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			files = append(files, info)
			total += info.Size()
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if total <= limit {
			return
		}
		if os.Remove(filepath.Join(c.dir, f.Name())) == nil {
			total -= f.Size()
		}
	}
}
