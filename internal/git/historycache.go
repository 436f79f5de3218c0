package git

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A historyCache keeps what was read of a history, under the commit that it
// ends in. An entry holds its own hash before its content: one that does not
// fit is as good as none. What cannot be kept is read again the next time, so
// that is no error.
type historyCache struct {
	dir  string // "" keeps nothing
	kind string
	edge string // of a shallow clone, whose history is another
}

const (
	// historyVersion changes with what an entry holds and how it was made.
	historyVersion = "1"
	// maxHistory bounds the folder. A year of a large repository, with its whole
	// history behind it, is about 5 MB.
	maxHistory = 256 << 20
)

func (h historyCache) file(tip string) string {
	name := sha256.Sum256([]byte(strings.Join([]string{historyVersion, h.kind, tip, h.edge}, "\x00")))
	return filepath.Join(h.dir, hex.EncodeToString(name[:]))
}

// keep writes an entry, and removes the oldest where there are too many.
func (h historyCache) keep(tip string, value any) {
	if h.dir == "" {
		return
	}
	var b bytes.Buffer
	b.Write(make([]byte, sha256.Size))
	if err := gob.NewEncoder(&b).Encode(value); err != nil || b.Len() > maxHistory/2 {
		return
	}
	sum := sha256.Sum256(b.Bytes()[sha256.Size:])
	copy(b.Bytes(), sum[:])
	if os.MkdirAll(h.dir, 0o700) != nil {
		return
	}
	tmp, err := os.CreateTemp(h.dir, "new-")
	if err != nil {
		return
	}
	_, err = tmp.Write(b.Bytes())
	if closed := tmp.Close(); err != nil || closed != nil || os.Rename(tmp.Name(), h.file(tip)) != nil {
		os.Remove(tmp.Name())
		return
	}
	h.prune(maxHistory)
}

// recall reads the entry of a commit into value, a pointer.
func (h historyCache) recall(tip string, value any) bool {
	if h.dir == "" {
		return false
	}
	data, err := os.ReadFile(h.file(tip))
	if err != nil || len(data) < sha256.Size {
		return false
	}
	sum := sha256.Sum256(data[sha256.Size:])
	if !bytes.Equal(sum[:], data[:sha256.Size]) {
		return false
	}
	return gob.NewDecoder(bytes.NewReader(data[sha256.Size:])).Decode(value) == nil
}

// recallNearest reads the entry of tip or else of the nearest commit on its
// first-parent chain that has one, and returns which it was, "" for none. It looks
// at so many commits at most, 0 for all.
func recallNearest[T any](ctx context.Context, r *Repo, h historyCache, tip string, most int, value *T) (string, error) {
	try := func(commit string) bool {
		var v T // what a broken entry left behind is not used
		ok := h.recall(commit, &v)
		if ok {
			*value = v
		}
		return ok
	}
	if try(tip) {
		return tip, nil
	}
	if entries, err := os.ReadDir(h.dir); h.dir == "" || err != nil || len(entries) == 0 {
		return "", nil
	}
	options := []string{"--first-parent"}
	if most > 0 {
		options = append(options, "--max-count="+strconv.Itoa(most))
	}
	found, enough := "", errors.New("found")
	err := r.revList(ctx, false, func(c commit) error {
		if !try(c.hash) {
			return nil
		}
		found = c.hash
		return enough // git need not name the rest of the history
	}, append(options, "--end-of-options", tip)...)
	if errors.Is(err, enough) {
		err = nil
	}
	return found, err
}

// prune removes the oldest files until the folder is within the limit.
func (h historyCache) prune(limit int64) {
	type file struct {
		path string
		size int64
		time time.Time
	}
	var files []file
	var total int64
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if ours := len(e.Name()) == 2*sha256.Size || strings.HasPrefix(e.Name(), "new-"); ours && err == nil && info.Mode().IsRegular() {
			files = append(files, file{filepath.Join(h.dir, e.Name()), info.Size(), info.ModTime()})
			total += info.Size()
		}
	}
	slices.SortFunc(files, func(a, b file) int { return a.time.Compare(b.time) })
	for _, f := range files {
		if total <= limit {
			return
		}
		if os.Remove(f.path) == nil {
			total -= f.size
		}
	}
}
