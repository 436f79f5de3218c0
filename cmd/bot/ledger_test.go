package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/store"
)

// ledgerFolder is a data folder of a server that has entered n sign-offs, the
// first two of them signed.
func ledgerFolder(t *testing.T, n int) string {
	t.Helper()
	c := serveConfig{appID: 7, webURL: "https://github.example/", data: t.TempDir()}
	key, err := ledgerKey(c)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(c.data, "barraiser.db"))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range n {
		err := db.Append(t.Context(), at, func(tail *store.Tail) error {
			log, err := ledger.NewLog(ledgerOrigin(c), int64(i), tail)
			if err != nil {
				return err
			}
			_, leaf, err := log.Append(ledger.Entry{
				Type: ledger.SignOff, At: at.Add(time.Duration(i) * time.Hour), Subject: "1/2/pull/3", Actors: map[ledger.Role]int64{ledger.By: 9},
				Strings: map[string]string{"head": strings.Repeat("ab", 20), "domain": "design"},
			})
			if err != nil {
				return err
			}
			_, err = tail.Append(store.Leaf{Bytes: leaf})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			log, err := ledger.NewLog(ledgerOrigin(c), 2, db.Hashes(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			checkpoint, err := log.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			note, err := checkpoint.Sign(key)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.SaveCheckpoint(t.Context(), store.Checkpoint{Size: 2, Note: string(note), At: at}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return c.data
}

func runBot(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var buf bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(""), &buf, &buf)
	return code, buf.String()
}

// TestLedgerCommands shows, exports and verifies a ledger, whole and tampered
// with.
func TestLedgerCommands(t *testing.T) {
	data := ledgerFolder(t, 3)
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"verify"}, exitOK, "3 entries"},
		{[]string{"verify"}, exitOK, "signed: the first 2; kept elsewhere: the first 0"},
		{[]string{"show", "--last", "1"}, exitOK, "domain design  by account 9"},
		{[]string{"show", "--last", "0"}, exitUsage, "--last has to be 1 or more"},
		{[]string{"verify", "--checkpoint", filepath.Join(data, "none")}, exitUsage, "read a checkpoint"},
	} {
		code, out := runBot(t, append([]string{"ledger", test.args[0], "--data-dir", data}, test.args[1:]...)...)
		if code != test.code || !strings.Contains(out, test.want) {
			t.Errorf("bot ledger %v = %d, %s, want %d and %q", test.args, code, out, test.code, test.want)
		}
	}
	if code, out := runBot(t, "ledger", "verify", "--data-dir", t.TempDir()); code != exitUsage || !strings.Contains(out, "public key") {
		t.Errorf("verify of nothing = %d, %s", code, out)
	}

	leaves, notes := filepath.Join(data, "l.jsonl"), filepath.Join(data, "l.notes")
	if code, out := runBot(t, "ledger", "export", "--data-dir", data, "-o", leaves, "--checkpoints", notes); code != exitOK {
		t.Fatalf("export = %d, %s", code, out)
	}
	exported := []string{"ledger", "verify", "--data-dir", data, "--export", leaves, "--checkpoint", notes}
	if code, out := runBot(t, exported...); code != exitOK || !strings.Contains(out, "matches") {
		t.Errorf("verify of the export = %d, %s", code, out)
	}
	whole, err := os.ReadFile(leaves)
	if err != nil {
		t.Fatal(err)
	}
	for name, tampered := range map[string][]byte{
		"a byte flipped": bytes.Replace(whole, []byte("design"), []byte("desigm"), 1),
		"cut":            whole[:bytes.IndexByte(whole, '\n')+1],
	} {
		if err := os.WriteFile(leaves, tampered, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out := runBot(t, exported...); code != exitTampered || strings.Contains(out, "Nothing was found") {
			t.Errorf("verify of the export, %s = %d, %s", name, code, out)
		}
	}
}

// TestLedgerRotate: the new key signs on, whoever has the old public key trusts it,
// and a rotation that was cut off is finished by the next.
func TestLedgerRotate(t *testing.T) {
	data := ledgerFolder(t, 3)
	c := serveConfig{appID: 7, webURL: "https://github.example/", data: data}
	old, err := ledgerKey(c)
	if err != nil {
		t.Fatal(err)
	}
	notes := filepath.Join(t.TempDir(), "notes")
	for i := range 2 {
		code, out := runBot(t, "ledger", "rotate", "--data-dir", data, "--checkpoints", notes)
		if code != exitOK || !strings.Contains(out, "signed by another key") {
			t.Fatalf("rotation %d = %d, %s", i+1, code, out)
		}
		for _, args := range [][]string{{"verify"}, {"verify", "--checkpoint", notes}, {"verify", "--key", old.Public()}} {
			if code, out := runBot(t, append([]string{"ledger", args[0], "--data-dir", data}, args[1:]...)...); code != exitOK {
				t.Errorf("after rotation %d: bot ledger %v = %d, %s", i+1, args, code, out)
			}
		}
	}
	fresh, err := ledgerKey(c)
	if err != nil || fresh.Public() == old.Public() {
		t.Fatalf("the key after the rotation: %v, %v", fresh, err)
	}
	public, err := os.ReadFile(filepath.Join(data, publicKeyFile))
	if err != nil || strings.TrimSpace(string(public)) != old.Public() {
		t.Errorf("ledger.pub = %q, want the first key: %v", public, err)
	}

	// Cut off after the entry, before the new key was in its place.
	if err := makeLedgerKey(filepath.Join(data, "ledger.key.next"), ledgerOrigin(c)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(data, "ledger.key.next"))
	if err != nil {
		t.Fatal(err)
	}
	next, err := ledger.ParseKey(text, ledgerOrigin(c))
	if err != nil {
		t.Fatal(err)
	}
	var r ledgerRotate
	r.data = data
	err = r.run(t.Context(), func() error { _, err := r.append(t.Context(), fresh, next); return err })
	if err != nil {
		t.Fatal(err)
	}
	if code, out := runBot(t, "ledger", "rotate", "--data-dir", data); code != exitOK || !strings.Contains(out, next.Public()) {
		t.Fatalf("the rotation that was cut off = %d, %s", code, out)
	}
	if code, out := runBot(t, "ledger", "verify", "--data-dir", data); code != exitOK || !strings.Contains(out, "6 entries") {
		t.Errorf("verify = %d, %s", code, out)
	}
}

// TestLedgerRotateGiven: where the setting is the key itself, the next one waits in a
// file until it is taken, however often one asks; then it can be rotated again.
func TestLedgerRotateGiven(t *testing.T) {
	data := ledgerFolder(t, 3)
	first, err := os.ReadFile(filepath.Join(data, "ledger.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(data, "ledger.key")); err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(string(first))
	file := filepath.Join(data, "ledger.key.next")
	for i, entries := range []string{"4 entries", "4 entries", "5 entries"} {
		t.Setenv(keySetting, key)
		code, out := runBot(t, "ledger", "rotate", "--data-dir", data)
		if code != exitOK || !strings.Contains(out, file) || strings.Contains(out, secretKey) {
			t.Fatalf("rotation %d = %d, %s, want it to name the file and no key", i+1, code, out)
		}
		if code, out := runBot(t, "ledger", "verify", "--data-dir", data); code != exitOK || !strings.Contains(out, entries) {
			t.Errorf("after rotation %d: verify = %d, %s, want %s", i+1, code, out, entries)
		}
		next, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file of the key = %v, %v", info, err)
		}
		if i > 0 { // the first time it was not taken
			key = strings.TrimSpace(string(next))
		}
	}
	// The setting may also name the file.
	named := filepath.Join(t.TempDir(), "key")
	if err := os.Rename(file, named); err != nil {
		t.Fatal(err)
	}
	t.Setenv(keySetting, named)
	before, err := os.ReadFile(named)
	if err != nil {
		t.Fatal(err)
	}
	if code, out := runBot(t, "ledger", "rotate", "--data-dir", data); code != exitOK || !strings.Contains(out, named) {
		t.Fatalf("rotation of a file that is named = %d, %s", code, out)
	}
	if after, err := os.ReadFile(named); err != nil || string(after) == string(before) {
		t.Errorf("the file that is named has the key of before, %v", err)
	}
}

// TestLedgerKeyGiven: the key comes from a file or from the setting itself, and is
// in no error.
func TestLedgerKeyGiven(t *testing.T) {
	c := serveConfig{appID: 7, webURL: "https://github.example/", data: t.TempDir()}
	name := filepath.Join(t.TempDir(), "key")
	if err := makeLedgerKey(name, ledgerOrigin(c)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{name, string(text)} {
		c.ledgerKey = given
		key, err := ledgerKey(c)
		if err != nil || !strings.HasPrefix(key.Public(), ledgerOrigin(c)) {
			t.Errorf("key = %v, %v", key, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(c.data, "ledger.key*")); err != nil || len(left) != 0 {
		t.Errorf("a key was made beside the one that was given: %v, %v", left, err)
	}
	c.ledgerKey = strings.TrimSpace(string(text))[:60]
	if _, err := ledgerKey(c); err == nil || strings.Contains(err.Error(), string(text)[30:60]) {
		t.Errorf("half a key: %v", err)
	}
}
