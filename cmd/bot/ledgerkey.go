package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/store"
)

// secretKey is how the key that signs the ledger begins.
const secretKey = "PRIVATE+KEY+"

// ledgerKey reads the key that signs the ledger, and makes one at the first start.
// The public half of the first one lies in the data folder, for whoever verifies:
// later keys follow from the ledger.
func ledgerKey(c serveConfig) (*ledger.Key, error) {
	origin := ledgerOrigin(c)
	text, name := []byte(c.ledgerKey), ""
	if !strings.HasPrefix(c.ledgerKey, secretKey) {
		var err error
		if text, name, err = keyFile(c, origin); err != nil {
			return nil, fmt.Errorf("ledger's key: %w", err)
		}
	}
	key, err := ledger.ParseKey(text, origin)
	if err != nil {
		if name != "" {
			err = fmt.Errorf("ledger's key in %s: %w", name, err)
		}
		return nil, usage(err)
	}
	file, err := os.OpenFile(filepath.Join(c.data, publicKeyFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return key, nil
	}
	if err == nil {
		_, err = file.WriteString(key.Public() + "\n")
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("ledger's key: %w", err)
	}
	return key, nil
}

const publicKeyFile = "ledger.pub"

// keyFile reads the key from its file. Where none is named there is one in the data
// folder, which is made where it is not there yet.
func keyFile(c serveConfig, origin string) (text []byte, name string, err error) {
	if name = c.ledgerKey; name != "" {
		text, err = os.ReadFile(name)
		return text, name, err
	}
	name = filepath.Join(c.data, "ledger.key")
	text, err = os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeLedgerKey(name, origin); err == nil {
			text, err = os.ReadFile(name)
		}
	}
	return text, name, err
}

// makeLedgerKey puts a new key where there is none. Of two processes that start at
// once, one's comes to be there, and whole.
func makeLedgerKey(name, origin string) error {
	secret, _, err := ledger.GenerateKey(rand.Reader, origin)
	if err != nil {
		return err
	}
	fresh, err := os.CreateTemp(filepath.Dir(name), "ledger.key-") // for its owner alone
	if err != nil {
		return err
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.WriteString(secret + "\n")
	if err = errors.Join(err, fresh.Close()); err != nil {
		return err
	}
	if err := os.Link(fresh.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

type ledgerRotate struct {
	ledgerSource
	key, checkpoints string
}

func newLedgerRotate() *cobra.Command {
	var r ledgerRotate
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Have a new key sign the ledger from here on",
		Long: `Rotate makes a key, enters into the ledger that it signs from here on, and signs a
checkpoint with the old key and the new one: by that whoever trusts the old key
trusts the new. Then the new key is in the place of the old; where BARRAISER_LEDGER_KEY is
the key itself, it is in a file of the data folder, from where it has to be taken.
Processes of the server that run sign nothing more until they are started anew with
it.

Cut off in its midst it goes on where it was, when it is run again.`,
		Example: `  bot ledger rotate --data-dir /var/lib/barraiser`,
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return r.run(c.Context(), func() error { return r.rotate(c.Context(), c.OutOrStdout()) })
		},
	}
	r.register(c)
	c.Flags().StringVar(&r.key, "key-file", "", "`file` with the key that signs now (default: that of BARRAISER_LEDGER_KEY, else ledger.key in the data folder)")
	c.Flags().StringVar(&r.checkpoints, "checkpoints", os.Getenv(envPrefix+"LEDGER_CHECKPOINTS"), "`file` to which the checkpoint is appended as well")
	return c
}

func (r *ledgerRotate) rotate(ctx context.Context, out io.Writer) error {
	text, fresh, err := r.signing()
	if err != nil {
		return usage(fmt.Errorf("the key that signs now: %w; name its file with --key-file", err))
	}
	parts := strings.SplitN(string(bytes.TrimSpace(text)), "+", 5)
	if len(parts) != 5 {
		return usage(fmt.Errorf("there is no key in %s", cmp.Or(r.key, keySetting)))
	}
	origin := parts[2]
	old, err := ledger.ParseKey(text, origin)
	if err != nil {
		return usage(err)
	}
	next, err := nextKey(fresh, origin, old)
	if err != nil {
		return usage(fmt.Errorf("the new key in %s: %w", fresh, err))
	}
	note, err := r.enter(ctx, old, next)
	if err != nil {
		return err
	}
	if r.checkpoints != "" {
		if err := bot.AppendNote(r.checkpoints, note); err != nil {
			return err
		}
	}
	then := fmt.Sprintf("Start the server anew, with %s where it reads its key.", r.key)
	if r.key == "" {
		then = fmt.Sprintf("The key itself is in %s, for the owner of that file alone. Give %s what it holds, and start the server anew: until then nothing is signed. Then remove the file; nobody else has the key.", fresh, keySetting)
	} else if err := os.Rename(fresh, r.key); err != nil {
		return err
	}
	fmt.Fprintf(out, "The ledger is signed by another key from here on:\n  %s\n%s This checkpoint vouches for it; keep a copy elsewhere:\n\n%s", next.Public(), then, note)
	return nil
}

// keySetting gives the server its key, or names the file of it.
const keySetting = envPrefix + "LEDGER_KEY"

// signing reads the key that signs now, from where the server reads it, and says which
// file the next one is made in. Where the setting is the key itself, there is no file
// for the next one to take the place of, and r.key stays empty.
func (r *ledgerRotate) signing() (text []byte, fresh string, err error) {
	given := os.Getenv(keySetting)
	if r.key == "" && strings.HasPrefix(given, secretKey) {
		return []byte(given), filepath.Join(r.data, "ledger.key.next"), nil
	}
	r.key = cmp.Or(r.key, given, os.Getenv(keySetting+"_FILE"), filepath.Join(r.data, "ledger.key"))
	text, err = os.ReadFile(r.key)
	return text, r.key + ".next", err
}

// nextKey is the key of a run that was cut off, or a new one. One that signs already is
// left of the rotation before, and goes.
func nextKey(name, origin string, old *ledger.Key) (*ledger.Key, error) {
	for {
		if err := makeLedgerKey(name, origin); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		next, err := ledger.ParseKey(text, origin)
		if err != nil || next.Public() != old.Public() {
			return next, err
		}
		if err := os.Remove(name); err != nil {
			return nil, err
		}
	}
}

// enter appends the rotation, unless that was done, and signs it with both keys.
func (r *ledgerRotate) enter(ctx context.Context, old, next *ledger.Key) (signed string, err error) {
	size, err := r.db.LedgerSize(ctx)
	if err != nil {
		return "", err
	}
	if entered, err := r.entered(ctx, size, next); err != nil || !entered {
		if err == nil {
			size, err = r.append(ctx, old, next)
		}
		if err != nil {
			return "", err
		}
	}
	log, err := ledger.NewLog(old.Name(), size, r.db.Hashes(ctx))
	if err != nil {
		return "", err
	}
	checkpoint, err := log.Checkpoint()
	if err != nil {
		return "", err
	}
	note, err := checkpoint.Sign(old, next)
	if err != nil {
		return "", err
	}
	return string(note), r.db.SaveCheckpoint(ctx, store.Checkpoint{Size: size, Note: string(note), At: time.Now()})
}

// entered reports whether a run before this one entered the rotation. Nothing signs
// since, so it is not far from the end.
func (r *ledgerRotate) entered(ctx context.Context, size int64, next *ledger.Key) (bool, error) {
	latest, err := r.db.LatestCheckpoint(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	for leaf, err := range r.db.Leaves(ctx, max(0, min(latest.Size, size)-1)) {
		if err != nil {
			return false, err
		}
		e, err := ledger.Decode(leaf.Bytes)
		if err != nil {
			return false, fmt.Errorf("decode entry %d: %w", leaf.Index, err)
		}
		if e.Type == ledger.KeyRotated && e.Strings["new"] == next.Public() {
			return true, nil
		}
	}
	return false, nil
}

// append enters the rotation, after what is signed was found to be what is there.
func (r *ledgerRotate) append(ctx context.Context, old, next *ledger.Key) (size int64, err error) {
	if err := r.holds(ctx, old); err != nil {
		return 0, fmt.Errorf("rotate nothing: %w", err)
	}
	err = r.db.Append(ctx, time.Now(), func(tail *store.Tail) error {
		at, err := tail.Size()
		if err != nil {
			return err
		}
		log, err := ledger.NewLog(old.Name(), at, tail)
		if err != nil {
			return err
		}
		_, leaf, err := log.Append(ledger.Rotation(time.Now(), old, next))
		if err != nil {
			return err
		}
		size = at + 1
		_, err = tail.Append(store.Leaf{Bytes: leaf})
		return err
	})
	return size, err
}

// holds is an error where the ledger is not what the key signed last, with entries
// added.
func (r *ledgerRotate) holds(ctx context.Context, key *ledger.Key) error {
	latest, err := r.db.LatestCheckpoint(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	verifier, err := ledger.ParsePublicKey(key.Public())
	if err != nil {
		return err
	}
	signed, err := ledger.OpenCheckpoint([]byte(latest.Note), verifier)
	if err != nil {
		return err
	}
	size, err := r.db.LedgerSize(ctx)
	if err != nil {
		return err
	}
	log, err := ledger.NewLog(key.Name(), size, r.db.Hashes(ctx))
	if err != nil {
		return err
	}
	return log.Extends(signed)
}
