package system_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// What makeCopy is told by, in a process of its own.
const copyFrom, copyTo = "BARRAISER_TEST_COPY_FROM", "BARRAISER_TEST_COPY_TO"

// makeCopy takes a backup as docs/server.md says, and returns the exit code.
func makeCopy(from, to string) int {
	db, err := sql.Open("sqlite", "file:"+from)
	if err == nil {
		_, err = db.Exec("VACUUM INTO ?", to)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// ballast is what is added to a database, in MiB, so that a copy takes long enough
// to be killed in.
const ballast = 64

func addBallast(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(60000)")
	must(t, err)
	_, err = db.Exec("CREATE TABLE ballast (b BLOB NOT NULL)")
	must(t, err)
	for range ballast {
		_, err = db.Exec("INSERT INTO ballast VALUES (zeroblob(1 << 20))")
		must(t, err)
	}
	must(t, db.Close())
}

// A copying is a backup that is being taken.
type copying struct {
	cmd   *exec.Cmd
	ended chan error
	to    string
}

// copyMidway begins a backup and returns when it is in the middle.
func copyMidway(t *testing.T, from string) copying {
	t.Helper()
	for range 20 {
		c := copying{cmd: exec.Command(os.Args[0]), ended: make(chan error, 1), to: filepath.Join(t.TempDir(), "copy")}
		c.cmd.Env = append(os.Environ(), copyFrom+"="+from, copyTo+"="+c.to)
		c.cmd.Stderr = os.Stderr
		must(t, c.cmd.Start())
		go func() { c.ended <- c.cmd.Wait() }()
		for !c.over() {
			if info, err := os.Stat(c.to); err == nil && info.Size() > ballast/8<<20 {
				return c
			}
			time.Sleep(time.Millisecond)
		}
		must(t, <-c.ended)
	}
	t.Fatal("the copy is never seen in the middle")
	return copying{}
}

// over reports whether it has ended.
func (c copying) over() bool { return len(c.ended) > 0 }

// TestBackup takes copies of a database while the server works on it. One is killed
// in the middle: the server does not notice. During the next the server is killed:
// the copy is whole, and so is the original. A server that is started on the copy
// catches up with what came after it, so that of all pull requests is held what
// TestKill holds.
func TestBackup(t *testing.T) {
	t.Parallel()
	w := newKilled(t)
	w.start()
	w.open(0)
	green := func() bool { w.approve(); return w.allGreen() }
	eventually(t, "the first is green", green)
	file := filepath.Join(w.server.data, "barraiser.db")
	addBallast(t, file)

	half := copyMidway(t, file)
	must(t, half.cmd.Process.Kill())
	if err := <-half.ended; err == nil {
		t.Fatal("the copy ended before it was killed")
	}
	// What docs/server.md warns of: one cannot tell it from a new database.
	if sound, tables := examine(t, half.to); sound != "ok" || tables != 0 {
		t.Errorf("half a copy is %q and has %d tables, want that it is sound and empty", sound, tables)
	}
	w.open(1)
	eventually(t, "the second waits for its sign-off", func() bool { return w.check(w.pulls[1]).Conclusion == githubtest.ConclusionActionRequired })

	var whole copying
	for alive := true; alive; {
		whole = copyMidway(t, file)
		w.server.kill()
		alive = whole.over() // the copy was faster
		must(t, <-whole.ended)
		w.start()
	}
	for _, f := range []string{file, whole.to} {
		if sound, tables := examine(t, f); sound != "ok" || tables == 0 {
			t.Errorf("%s: %s, of %d tables", f, sound, tables)
		}
	}
	w.open(2)
	eventually(t, "all are green", green)
	w.server.stop()

	restored := t.TempDir()
	for name, from := range map[string]string{"barraiser.db": whole.to, "ledger.key": filepath.Join(w.server.data, "ledger.key")} {
		content, err := os.ReadFile(from)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(restored, name), content, 0o600))
	}
	w.server.env = append(slices.Clone(w.server.env), "BARRAISER_DATA_DIR="+restored)
	w.server.data = restored
	w.start()
	w.open(3)
	w.settled()
	w.server.stop()
	w.nothingLeft()
}

// examine says of a database whether it is sound, and how many tables it has.
func examine(t *testing.T, file string) (sound string, tables int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	must(t, err)
	must(t, db.QueryRow("PRAGMA integrity_check").Scan(&sound))
	must(t, db.QueryRow("SELECT COUNT(*) FROM sqlite_master").Scan(&tables))
	must(t, db.Close())
	return sound, tables
}
