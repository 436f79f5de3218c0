package system_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// TestBackupPostgres takes a copy of a PostgreSQL while the server runs on it, and
// loses the database with what came after. The copy is restored as docs/server.md
// says. That it lacks the end of the ledger is found by the file of checkpoints,
// beside which nothing is signed; without it a server on the copy catches up, so that
// of all pull requests is held what TestKill holds.
func TestBackupPostgres(t *testing.T) {
	t.Parallel()
	lost, bin := storetest.PostgreSQL(t)
	program := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(filepath.Join(bin, name), args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	w := newKilled(t)
	notes := filepath.Join(t.TempDir(), "notes")
	env := w.server.env
	w.server.env = append(slices.Clone(env), "BARRAISER_DATABASE_URL="+lost, "BARRAISER_LEDGER_CHECKPOINTS="+notes)
	w.start()
	green := func() bool { w.approve(); return w.allGreen() }
	signed := func() string { content, _ := os.ReadFile(notes); return string(content) } // there is none at first
	w.open(0)
	eventually(t, "the first is green, and that is signed", func() bool { return green() && signed() != "" })
	before := signed()
	w.open(1)
	eventually(t, "the second waits for its sign-off", func() bool { return w.check(w.pulls[1]).Conclusion == githubtest.ConclusionActionRequired })

	w.idle() // or the copy would have jobs of one who is dead, which are left alone for a while
	copied := filepath.Join(t.TempDir(), "copy")
	program("pg_dump", "--format=custom", "--file="+copied, lost)
	w.open(2)
	eventually(t, "all are green, and that is signed", func() bool { return green() && signed() != before })
	w.server.kill()
	after := signed()

	restored, _ := storetest.PostgreSQL(t)
	program("pg_restore", "--single-transaction", "--no-owner", "--dbname="+restored, copied)
	data := t.TempDir()
	for _, name := range []string{"ledger.key", "ledger.pub"} {
		content, err := os.ReadFile(filepath.Join(w.server.data, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(data, name), content, 0o600))
	}
	w.server.data = data
	env = append(slices.Clone(env), "BARRAISER_DATA_DIR="+data, "BARRAISER_DATABASE_URL="+restored)
	w.server.env = env
	verify := exec.Command(w.server.program, "ledger", "verify", "--checkpoint", notes)
	verify.Env = env
	out, err := verify.CombinedOutput()
	if verify.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "truncated") {
		t.Errorf("bot ledger verify = %v, want 1 and that the ledger is cut off:\n%s", err, out)
	}

	w.server.env = append(slices.Clone(env), "BARRAISER_LEDGER_CHECKPOINTS="+notes)
	w.start()
	eventually(t, "the server says that it signs nothing", func() bool {
		log := w.server.log.tail(100_000)
		// What it lacks it asks GitHub for, and may have entered anew by then.
		return strings.Contains(log, "an older copy of it was restored") || strings.Contains(log, "hold the ledger against")
	})
	w.server.stop()
	if signed() != after {
		t.Errorf("it signed beside what was signed before:\n%s", signed())
	}

	w.server.env = env
	w.start()
	w.open(3)
	w.settled()
	w.server.stop()
	w.nothingLeft()
	if out := w.server.run("ledger", "verify"); !strings.Contains(out, "4 entries") {
		t.Errorf("the ledger of the copy: %s", out)
	}
}
