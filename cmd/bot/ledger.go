package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/store"
)

// exitTampered is that of "bot ledger verify" where something was found.
const exitTampered = 1

func newLedger() *cobra.Command {
	c := &cobra.Command{
		Use:   "ledger",
		Short: "Show, export and verify the ledger of overrides, and rotate its key",
		Long: `Ledger reads what the server recorded: overrides, sign-offs, and what came of
them. But for rotate it needs no secret, and works while the server runs.
docs/ledger.md has the format.`,
		Args: cobra.NoArgs,
	}
	c.AddCommand(newLedgerVerify(), newLedgerShow(), newLedgerExport(), newLedgerRotate())
	return c
}

// ledgerSource is where a ledger is read from.
type ledgerSource struct {
	data, database string
	db             *store.DB
}

func (l *ledgerSource) register(c *cobra.Command) {
	c.Flags().StringVar(&l.data, "data-dir", cmp.Or(os.Getenv(envPrefix+"DATA_DIR"), "barraiser-data"), "`folder` of the server")
	c.Flags().StringVar(&l.database, "database-url", os.Getenv(envPrefix+"DATABASE_URL"), "sqlite:PATH or postgres://… (default: the SQLite file in the data folder)")
}

// open opens a database that is there, and makes none.
func (l *ledgerSource) open(ctx context.Context) error {
	address := cmp.Or(l.database, "sqlite:"+filepath.Join(l.data, "barraiser.db"))
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil {
			return usage(fmt.Errorf("there is no database of a server: %w; name its folder with --data-dir", err))
		}
	}
	db, err := store.Open(ctx, address)
	if err != nil {
		return usage(err)
	}
	l.db = db
	return nil
}

func (l *ledgerSource) close() error {
	if l.db == nil {
		return nil
	}
	return l.db.Close()
}

// leaves are the exact bytes of all entries.
func (l *ledgerSource) leaves(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for leaf, err := range l.db.Leaves(ctx, 0) {
			if !yield(leaf.Bytes, err) {
				return
			}
		}
	}
}

// run opens the source around f.
func (l *ledgerSource) run(ctx context.Context, f func() error) (err error) {
	if err := l.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	return f()
}

type ledgerVerify struct {
	ledgerSource
	checkpoints []string
	key, export string
}

func newLedgerVerify() *cobra.Command {
	var v ledgerVerify
	c := &cobra.Command{
		Use:   "verify",
		Short: "Say whether the ledger is what was written",
		Long: `Verify reads all entries and says whether any was changed, taken out, put in or
moved, whether the signatures are right, and whether the ledger still holds what
the given checkpoints say. A checkpoint that was kept elsewhere finds what
whoever holds the database and the key could hide otherwise: a ledger that was
written anew, or an older copy of it.

Exit codes: 0 nothing was found, 1 something was, 2 usage, or it cannot be read.`,
		Example: `  bot ledger verify --data-dir /var/lib/barraiser
  bot ledger verify --checkpoint friday.note --checkpoint monday.note
  bot ledger verify --export ledger.jsonl --key "$(cat ledger.pub)" --checkpoint friday.note`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return v.verify(c.Context(), c.OutOrStdout()) },
	}
	v.register(c)
	c.Flags().StringArrayVar(&v.checkpoints, "checkpoint", nil, "`file` with signed checkpoints that were kept elsewhere; may be given more than once")
	c.Flags().StringVar(&v.key, "key", "", "public `key` of the ledger (default: ledger.pub in the data folder)")
	c.Flags().StringVar(&v.export, "export", "", "verify a `file` that 'bot ledger export' wrote instead of the database")
	return c
}

func (v *ledgerVerify) verify(ctx context.Context, out io.Writer) error {
	evidence, err := v.evidence()
	if err != nil {
		return usage(err)
	}
	if v.export != "" {
		file, err := os.Open(v.export)
		if err != nil {
			return usage(err)
		}
		defer file.Close()
		return v.say(out, ledger.ReadLeaves(file), evidence)
	}
	return v.run(ctx, func() error {
		stored, err := v.db.Checkpoints(ctx)
		if err != nil {
			return usage(err)
		}
		for _, c := range stored {
			evidence.Stored = append(evidence.Stored, []byte(c.Note))
		}
		evidence.Hashes = v.db.Hashes(ctx)
		evidence.Texts = func(index int64, name string) (ledger.Redactable, bool, error) { return textOf(ctx, v.db, index, name) }
		return v.say(out, v.leaves(ctx), evidence)
	})
}

// clocks is how much the clocks of two machines that write may differ.
const clocks = time.Minute

func (v *ledgerVerify) evidence() (ledger.Evidence, error) {
	key := v.key
	if key == "" {
		text, err := os.ReadFile(filepath.Join(v.data, "ledger.pub"))
		if err != nil {
			return ledger.Evidence{}, fmt.Errorf("the public key of the ledger: %w; give it with --key", err)
		}
		key = strings.TrimSpace(string(text))
	}
	verifier, err := ledger.ParsePublicKey(key)
	if err != nil {
		return ledger.Evidence{}, fmt.Errorf("the public key of the ledger: %w", err)
	}
	e := ledger.Evidence{Origin: verifier.Name(), Keys: []string{key}, Tolerance: clocks}
	for _, name := range v.checkpoints {
		data, err := os.ReadFile(name)
		if err != nil {
			return e, fmt.Errorf("read a checkpoint: %w", err)
		}
		notes, err := ledger.SplitNotes(data)
		if err != nil {
			return e, fmt.Errorf("read the checkpoints in %s: %w", name, err)
		}
		for _, n := range notes {
			e.Anchors = append(e.Anchors, ledger.Anchor{Name: name, Note: n})
		}
	}
	return e, nil
}

func textOf(ctx context.Context, db *store.DB, index int64, name string) (r ledger.Redactable, there bool, err error) {
	texts, err := db.Texts(ctx, index)
	if err != nil {
		return r, false, err
	}
	for _, t := range texts {
		if t.Name == name && len(t.Salt) == ledger.SaltSize {
			return ledger.Redactable{Salt: [ledger.SaltSize]byte(t.Salt), Text: t.Text}, true, nil
		}
	}
	return r, false, nil
}

// say verifies and tells the result.
func (v *ledgerVerify) say(out io.Writer, leaves iter.Seq2[[]byte, error], e ledger.Evidence) error {
	r, err := ledger.Verify(leaves, e)
	if err != nil {
		return usage(fmt.Errorf("verify the ledger: %w", err))
	}
	fmt.Fprintf(out, "%s %s, root %s\n", e.Origin, entries(r.Entries), r.Root)
	if r.Entries > 0 {
		fmt.Fprintf(out, "from %s to %s\n", ledger.FormatTime(r.First), ledger.FormatTime(r.Last))
	}
	fmt.Fprintf(out, "signed: the first %d; kept elsewhere: the first %d\n", r.Signed, r.Outside)
	for _, a := range r.Anchors {
		verdict := "MATCHES NOT"
		if a.Matched {
			verdict = "matches"
		}
		fmt.Fprintf(out, "checkpoint %s of %d: %s\n", report.EscapeTerminal(a.Name), a.Size, verdict)
	}
	for _, p := range r.Problems {
		fmt.Fprintln(out, report.EscapeTerminal(p.String()))
	}
	if r.More > 0 {
		fmt.Fprintf(out, "%d more\n", r.More)
	}
	if !r.OK() {
		return &exitError{code: exitTampered}
	}
	if len(r.Anchors) == 0 {
		fmt.Fprintln(out, "Nothing was found. No checkpoint that was kept elsewhere was given: whoever holds both the database and the key could have written all of it anew.")
		return nil
	}
	fmt.Fprintln(out, "Nothing was found.")
	return nil
}

func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func newLedgerShow() *cobra.Command {
	var l ledgerSource
	var last int
	c := &cobra.Command{
		Use:     "show",
		Short:   "Print the newest entries",
		Example: `  bot ledger show --last 20`,
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if last < 1 {
				return misuse(c, errors.New("--last has to be 1 or more"))
			}
			return l.run(c.Context(), func() error { return l.show(c.Context(), c.OutOrStdout(), last) })
		},
	}
	l.register(c)
	c.Flags().IntVar(&last, "last", 20, "`number` of entries")
	return c
}

func (l *ledgerSource) show(ctx context.Context, out io.Writer, last int) error {
	size, err := l.db.LedgerSize(ctx)
	if err != nil {
		return usage(err)
	}
	if size == 0 {
		fmt.Fprintln(out, "The ledger has no entry yet.")
	}
	for stored, err := range l.db.Leaves(ctx, max(0, size-int64(last))) {
		if err != nil {
			return usage(err)
		}
		e, err := ledger.Decode(stored.Bytes)
		if err != nil {
			fmt.Fprintf(out, "%6d  cannot be read: %s\n", stored.Index, report.EscapeTerminal(err.Error()))
			continue
		}
		texts, err := l.db.Texts(ctx, stored.Index)
		if err != nil {
			return usage(err)
		}
		fmt.Fprintln(out, report.EscapeTerminal(entryLine(e, texts)))
	}
	return nil
}

// entryLine is one entry in one line.
func entryLine(e ledger.Entry, texts []store.Text) string {
	line := fmt.Sprintf("%6d  %s  %-18s  %s", e.Index, ledger.FormatTime(e.At), e.Type, e.Subject)
	if e.About != nil {
		line += fmt.Sprintf("  about %d", *e.About)
	}
	for _, name := range []string{"head", "domain", "due", "cause"} {
		if v := e.Strings[name]; v != "" {
			line += fmt.Sprintf("  %s %s", name, v)
		}
	}
	if by := e.Actors[ledger.By]; by != 0 {
		line += fmt.Sprintf("  by account %d", by)
	}
	for _, t := range texts {
		text, err := json.Marshal(t.Text)
		if err == nil {
			line += fmt.Sprintf("  %s %s", t.Name, text)
		}
	}
	return line
}

func newLedgerExport() *cobra.Command {
	var l ledgerSource
	var output, notes string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write all entries, and their checkpoints, for another verifier",
		Long: `Export writes the exact bytes of each entry, one a line, so that line n+1 hashes
to leaf n; and with --checkpoints the signed checkpoints into a file of their own.
The texts of people are not in it: entries hold their salted hashes only.`,
		Example: `  bot ledger export -o ledger.jsonl --checkpoints ledger.notes`,
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return l.run(c.Context(), func() error { return l.export(c.Context(), c.OutOrStdout(), output, notes) })
		},
	}
	l.register(c)
	c.Flags().StringVarP(&output, "output", "o", "", "`file` to write (default: standard output)")
	c.Flags().StringVar(&notes, "checkpoints", "", "`file` to write the checkpoints to")
	return c
}

func (l *ledgerSource) export(ctx context.Context, out io.Writer, output, notes string) (err error) {
	if notes != "" {
		stored, err := l.db.Checkpoints(ctx)
		if err != nil {
			return usage(err)
		}
		var all [][]byte
		for _, c := range stored {
			all = append(all, []byte(c.Note))
		}
		if err := os.WriteFile(notes, ledger.JoinNotes(all), 0o644); err != nil {
			return usage(err)
		}
	}
	if output != "" {
		file, err := os.Create(output)
		if err != nil {
			return usage(err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	_, err = ledger.WriteLeaves(out, l.leaves(ctx))
	return err
}
