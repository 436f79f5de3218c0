package bot_test

import (
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/store"
)

// book is a ledger on a disk, that a loop signs.
type book struct {
	t    *testing.T
	db   *store.DB
	bot  *bot.Bot
	key  *ledger.Key
	path string
}

func newKey(t *testing.T) *ledger.Key {
	t.Helper()
	secret, _, err := ledger.GenerateKey(rand.Reader, "test/ledger")
	must(t, err)
	key, err := ledger.ParseKey([]byte(secret), "test/ledger")
	must(t, err)
	return key
}

func openBook(t *testing.T, path, checkpoints string, key *ledger.Key) *book {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+path)
	must(t, err)
	b := bot.New(slog.New(slog.DiscardHandler), bot.Config{Store: db, Origin: "test/ledger", Key: key, Checkpoints: checkpoints, Now: time.Now}, 1)
	return &book{t, db, b, key, path}
}

func (b *book) add(e ledger.Entry) {
	b.t.Helper()
	must(b.t, b.db.Append(b.t.Context(), time.Now(), func(tail *store.Tail) error {
		size, err := tail.Size()
		if err != nil {
			return err
		}
		log, err := ledger.NewLog("test/ledger", size, tail)
		if err != nil {
			return err
		}
		_, leaf, err := log.Append(e)
		if err != nil {
			return err
		}
		_, err = tail.Append(store.Leaf{Bytes: leaf})
		return err
	}))
}

func signed() ledger.Entry {
	return ledger.Entry{
		Type: ledger.SignOff, At: time.Now(), Subject: "1/2/pull/3", Actors: map[ledger.Role]int64{ledger.By: 9},
		Strings: map[string]string{"head": strings.Repeat("ab", 20), "domain": "design"},
	}
}

// TestRestored: a backup that was restored is whole in itself, and is not signed
// beside a file of checkpoints that was not restored with it.
func TestRestored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, backup, notes, key := filepath.Join(dir, "db"), filepath.Join(dir, "backup"), filepath.Join(dir, "notes"), newKey(t)
	b := openBook(t, path, notes, key)
	b.add(signed())
	_, err := b.bot.Checkpoint(t.Context())
	must(t, err)
	must(t, b.db.Close())
	content, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(backup, content, 0o600))

	b = openBook(t, path, notes, key)
	b.add(signed())
	b.add(signed())
	_, err = b.bot.Checkpoint(t.Context())
	must(t, err)
	_, err = b.bot.Checkpoint(t.Context()) // nothing is new
	must(t, err)
	must(t, b.db.Close())
	content, err = os.ReadFile(notes)
	must(t, err)
	all, err := ledger.SplitNotes(content)
	must(t, err)
	if len(all) != 2 {
		t.Errorf("%d notes in the file, want 2", len(all))
	}

	b = openBook(t, backup, notes, key)
	defer b.db.Close()
	if note, err := b.bot.Checkpoint(t.Context()); err == nil || !strings.Contains(err.Error(), "an older copy") {
		t.Errorf("the backup: %q, %v, want an error of an older copy", note, err)
	}
	for range 3 { // it has grown past what the file says, by other entries
		b.add(signed())
	}
	if _, err := b.bot.Checkpoint(t.Context()); err == nil {
		t.Error("a ledger with another history was signed")
	}
}

// TestRotated: who holds the old key signs nothing after a rotation.
func TestRotated(t *testing.T) {
	t.Parallel()
	old, next := newKey(t), newKey(t)
	b := openBook(t, filepath.Join(t.TempDir(), "db"), "", old)
	defer b.db.Close()
	b.add(signed())
	_, err := b.bot.Checkpoint(t.Context())
	must(t, err)
	b.add(ledger.Rotation(time.Now(), old, next))
	if _, err := b.bot.Checkpoint(t.Context()); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("signed by the old key after the rotation: %v", err)
	}
}
