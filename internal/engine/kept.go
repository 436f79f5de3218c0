package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// # Kept results
//
// What a job found is a function of its two trees, of what the repository and
// its policy state, and of who judges. The caller names the first three, so that
// it can ask before it writes the trees out. The parent writes the entry, from
// an answer that it has read; it serves no other pair of trees.

// ResultName names the result of a job: parts are all that decides over it
// beside this program and its toolchain.
func ResultName(t Toolchain, parts ...string) (string, error) {
	program, err := Program()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, part := range append([]string{"result", program, t.Version, t.Root, t.ModCache}, parts...) {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// KeptResult returns the result of the name, if it is in the folder and whole.
func KeptResult(cache, name string) (*Result, bool) {
	data, ok := readEntry(cache, name)
	if !ok {
		return nil, false
	}
	res := new(Result)
	if err := json.Unmarshal(data, res); err != nil {
		return nil, false
	}
	return res, true
}

// KeepResult keeps a result in the folder. One that lacks modules is not kept:
// they may be there the next time.
func KeepResult(cache, name string, res *Result) error {
	if len(res.Missing) > 0 {
		return nil
	}
	if err := writeEntry(cache, name, mustJSON(res)); err != nil {
		return fmt.Errorf("keep result: %w", err)
	}
	return pruneNow(cache, MaxResults, 1)
}

// MaxResults bounds the kept results, in bytes. One of a change to prometheus is
// about a megabyte.
const MaxResults = 256 << 20

// readEntry returns the content of an entry, if it is whole.
func readEntry(cache, name string) ([]byte, bool) {
	if cache == "" {
		return nil, false
	}
	return readWhole(entryPath(cache, name))
}

// readWhole returns the content of a file that begins with its hash, if that fits.
func readWhole(file string) ([]byte, bool) {
	data, err := os.ReadFile(file)
	if err != nil || len(data) < sha256.Size {
		return nil, false
	}
	sum := sha256.Sum256(data[sha256.Size:])
	return data[sha256.Size:], bytes.Equal(sum[:], data[:sha256.Size])
}

// writeEntry puts an entry into a cache, whole or not at all.
func writeEntry(cache, name string, content []byte) error {
	to := entryPath(cache, name)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	return replaceFile(to, append(sum[:], content...))
}

// replaceFile writes a file beside the one and puts it in its place.
func replaceFile(to string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(to), "new-")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// buildID finds what the linker says of a program's content: before the code, or
// where C code is linked in, in a note of type 4 of the owner "Go".
var buildID = regexp.MustCompile(`(?: Go build ID: "|\x04\x00\x00\x00Go\x00\x00)([\w/-]{40,})`)

// Program names this program by its content: another build may have other
// analyzers, and so other facts.
var Program = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find own program: %w", err)
	}
	f, err := os.Open(self)
	if err != nil {
		return "", fmt.Errorf("read own program: %w", err)
	}
	defer f.Close()
	// The linker's name for the content stands near its beginning, and saves us
	// to read and to hash all of it.
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", fmt.Errorf("read own program: %w", err)
	}
	if m := buildID.FindSubmatch(head[:n]); m != nil {
		return string(m[1]), nil
	}
	h := sha256.New()
	h.Write(head[:n])
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read own program: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
})
