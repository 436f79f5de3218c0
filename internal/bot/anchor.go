package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/barraiser/barraiser/internal/ledger"
)

// A database that was restored from a backup is whole in itself: that its end is
// missing only something can show that was not restored with it. That is the file
// of checkpoints, Config.Checkpoints, to which each one is appended, and which
// belongs on another disk or machine.

// mostNote is how much of the end of the file is read: more than any note.
const mostNote = 64 << 10

// anchored is an error where the ledger is not what the newest checkpoint in the
// file says with entries added.
func (b *Bot) anchored(ctx context.Context, size int64) error {
	if b.Checkpoints == "" {
		return nil
	}
	c, there, err := newestIn(b.Checkpoints)
	switch {
	case err != nil:
		return fmt.Errorf("read the checkpoints in %s: %w", b.Checkpoints, err)
	case !there:
		return nil
	case c.Size > size:
		// Another process may have appended and signed since.
		if size, err = b.Store.LedgerSize(ctx); err != nil {
			return err
		}
	}
	if c.Size > size {
		return fmt.Errorf("%s has a checkpoint of %d entries, and the ledger has %d: an older copy of it was restored", b.Checkpoints, c.Size, size)
	}
	log, err := ledger.NewLog(b.Origin, size, b.Store.Hashes(ctx))
	if err != nil {
		return err
	}
	if err := log.Extends(c); err != nil {
		return fmt.Errorf("hold the ledger against %s: %w", b.Checkpoints, err)
	}
	return nil
}

// newestIn is the last checkpoint of a file. Its signature is not looked at: who
// can write to that file may as well remove it.
func newestIn(name string) (c ledger.Checkpoint, there bool, err error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return c, false, err
	}
	tail, err := io.ReadAll(io.NewSectionReader(file, max(0, info.Size()-mostNote), mostNote))
	if err != nil || len(tail) == 0 {
		return c, false, err
	}
	// A note is three lines, a blank one, and signatures.
	body, _, ok := cutLast(string(tail), "\n\n")
	lines := strings.Split(body, "\n")
	if !ok || len(lines) < 3 {
		return c, false, errors.New("it does not end with a signed note")
	}
	c, err = ledger.ParseCheckpoint(strings.Join(lines[len(lines)-3:], "\n") + "\n")
	return c, err == nil, err
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// anchor appends a signed checkpoint to the file. It is on the disk when this
// returns.
func (b *Bot) anchor(note string) error {
	if b.Checkpoints == "" {
		return nil
	}
	return AppendNote(b.Checkpoints, note)
}

// AppendNote appends a signed note to a file of them.
func AppendNote(name, note string) (err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("keep a checkpoint: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.WriteString(note); err != nil {
		return fmt.Errorf("keep a checkpoint: %w", err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("keep a checkpoint: %w", err)
	}
	return nil
}

// rotated is an error where another key than ours was made the ledger's since the
// last checkpoint: a process that was not started anew signs nothing more.
func (b *Bot) rotated(ctx context.Context, signed int64) error {
	for leaf, err := range b.Store.Leaves(ctx, max(0, signed-1)) {
		if err != nil {
			return err
		}
		e, err := ledger.Decode(leaf.Bytes)
		if err != nil {
			return fmt.Errorf("decode entry %d: %w", leaf.Index, err)
		}
		if e.Type == ledger.KeyRotated && e.Strings["new"] != b.Key.Public() {
			return errors.New("the ledger has another key since: start this process anew with it")
		}
	}
	return nil
}
