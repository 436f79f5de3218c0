package bot

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// A line is an entry of the ledger with the texts that are kept apart from it.
type line struct {
	entry signoff.Entry
	texts map[string]ledger.Redactable
}

// inscriber makes what stores the record of an outcome: it appends the entries to
// the ledger and sets in the record where they are. The salts are drawn before,
// since the transaction may be repeated.
func (b *Bot) inscriber(o signoff.Outcome) (func(*store.Tail) (signoff.Record, error), error) {
	lines := make([]line, len(o.Entries))
	for i, e := range o.Entries {
		lines[i] = line{entry: e, texts: map[string]ledger.Redactable{}}
		for name, text := range map[string]string{"reason": e.Reason, "data": e.Data, "promise": e.Promise} {
			if text == "" {
				continue
			}
			salted, err := ledger.NewRedactable(rand.Reader, text)
			if err != nil {
				return nil, err
			}
			lines[i].texts[name] = salted
		}
	}
	return func(tail *store.Tail) (signoff.Record, error) {
		record := o.Record
		record.Overrides = slices.Clone(record.Overrides)
		for i := range record.Overrides {
			record.Overrides[i].Steps = slices.Clone(record.Overrides[i].Steps)
		}
		for _, l := range lines {
			if err := b.inscribe(tail, &record, l); err != nil {
				return record, err
			}
		}
		return record, nil
	}, nil
}

func (b *Bot) inscribe(tail *store.Tail, record *signoff.Record, l line) error {
	size, err := tail.Size()
	if err != nil {
		return err
	}
	log, err := ledger.NewLog(b.Origin, size, tail)
	if err != nil {
		return err
	}
	entry, err := l.ledger(*record)
	if err != nil {
		return fmt.Errorf("enter %s: %w", l.entry.Kind, err)
	}
	entry, bytes, err := log.Append(entry)
	if err != nil {
		return fmt.Errorf("enter %s: %w", l.entry.Kind, err)
	}
	leaf := store.Leaf{Bytes: bytes}
	for name, text := range l.texts {
		leaf.Texts = append(leaf.Texts, store.Text{Name: name, Salt: text.Salt[:], Text: text.Text})
	}
	if record.Analysis != "" {
		leaf.Analyses = []string{record.Analysis}
	}
	if _, err := tail.Append(leaf); err != nil {
		return err
	}
	if place := l.place(*record); place != nil {
		*place = entry.Index + 1
	} else if l.begins() || l.entry.Step != "" {
		return fmt.Errorf("enter %s: the record has no override %s with it", l.entry.Kind, l.entry.Override)
	}
	return nil
}

// place is where the record keeps the index of what the line is the first of, or
// is itself; nil where it keeps none.
func (l line) place(record signoff.Record) *int64 {
	i := slices.IndexFunc(record.Overrides, func(o signoff.Override) bool { return o.ID == l.entry.Override })
	switch {
	case i < 0:
		return nil
	case l.begins():
		return &record.Overrides[i].Entry
	case l.entry.Step == "":
		return nil
	}
	return stepPlace(record.Overrides[i].Steps, l.entry.Step)
}

func stepPlace(steps []signoff.Followed, key string) *int64 {
	i := slices.IndexFunc(steps, func(s signoff.Followed) bool { return s.Key() == key })
	if i < 0 {
		return nil
	}
	return &steps[i].Entry
}

// begins reports whether the entry is the first of an override.
func (l line) begins() bool {
	return l.entry.Kind == signoff.EntryOverrideDeclared || l.entry.Kind == signoff.EntryOverrideDetected
}

// ledger is the line as the ledger has it, without its place.
func (l line) ledger(record signoff.Record) (ledger.Entry, error) {
	e := l.entry
	out := ledger.Entry{
		Type: ledger.Type(e.Kind), At: e.At, Subject: e.Subject.Key(),
		Actors: map[ledger.Role]int64{}, Strings: map[string]string{}, Numbers: map[string]int64{}, Texts: map[string]ledger.Digest{},
	}
	if e.Actor.ID > 0 {
		out.Actors[ledger.By] = e.Actor.ID
	}
	if e.Second != nil {
		out.Actors[ledger.Second] = e.Second.ID
	}
	if len(e.To) > 0 {
		out.Actors[ledger.To] = e.To[0].ID
	}
	for name, value := range map[string]string{
		"head": e.Commit, "domain": domains(e), "cause": e.Cause, "due": string(e.Due), "analysis": record.Analysis,
		"step": string(e.Late), "told": numbers(e.To),
	} {
		if value != "" {
			out.Strings[name] = value
		}
	}
	if !e.Expires.IsZero() {
		out.Strings["expires"] = ledger.FormatTime(e.Expires)
	}
	if e.Minutes != 0 {
		out.Numbers["minutes"] = int64(e.Minutes)
	}
	for name, text := range l.texts {
		out.Texts[name] = text.Digest()
	}
	if e.Override != "" && !l.begins() {
		i := slices.IndexFunc(record.Overrides, func(o signoff.Override) bool { return o.ID == e.Override })
		if i < 0 || record.Overrides[i].Entry == 0 {
			return out, fmt.Errorf("the override %s that it is about is not in the ledger", e.Override)
		}
		about := record.Overrides[i].Entry - 1
		if e.About != "" {
			place := stepPlace(record.Overrides[i].Steps, e.About)
			if place == nil || *place == 0 {
				return out, fmt.Errorf("the step %q that it is about is not in the ledger", e.About)
			}
			about = *place - 1
		}
		out.About = &about
	}
	return out, nil
}

// numbers are those of all who were told; one alone is the actor "to" already.
func numbers(people []signoff.Account) string {
	if len(people) < 2 {
		return ""
	}
	var out []string
	for _, p := range people {
		out = append(out, strconv.FormatInt(p.ID, 10))
	}
	return strings.Join(out, ",")
}

func domains(e signoff.Entry) string {
	var names []string
	for _, d := range e.Domains {
		names = append(names, string(d))
	}
	return strings.Join(names, ",")
}

// Checkpoint signs the ledger as it is now, where its newest checkpoint is of
// less, and keeps the signature. It is done after the commit that appended, and
// again by each sweep: a signature that a crash prevented is made then.
func (b *Bot) Checkpoint(ctx context.Context) (signed string, err error) {
	size, err := b.Store.LedgerSize(ctx)
	if err != nil || size == 0 {
		return "", err
	}
	if err := b.anchored(ctx, size); err != nil {
		return "", fmt.Errorf("sign the ledger: %w", err)
	}
	latest, err := b.Store.LatestCheckpoint(ctx)
	switch {
	case err == nil && latest.Size >= size:
		return latest.Note, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return "", err
	}
	log, err := ledger.NewLog(b.Origin, size, b.Store.Hashes(ctx))
	if err != nil {
		return "", err
	}
	if latest.Size > 0 {
		// A database that was restored or altered is never signed.
		if err := b.extends(log, latest.Note); err != nil {
			return "", fmt.Errorf("sign the ledger: %w", err)
		}
	}
	if err := b.rotated(ctx, latest.Size); err != nil {
		return "", fmt.Errorf("sign the ledger: %w", err)
	}
	checkpoint, err := log.Checkpoint()
	if err != nil {
		return "", err
	}
	note, err := checkpoint.Sign(b.Key)
	if err != nil {
		return "", err
	}
	crash.At("checkpoint signed, not saved")
	if err := b.Store.SaveCheckpoint(ctx, store.Checkpoint{Size: size, Note: string(note), At: b.Now()}); err != nil {
		return "", err
	}
	crash.At("checkpoint saved, not published")
	return string(note), b.anchor(string(note))
}

// extends is an error where the ledger is not what was signed last with entries
// added.
func (b *Bot) extends(log *ledger.Log, signed string) error {
	verifier, err := ledger.ParsePublicKey(b.Key.Public())
	if err != nil {
		return err
	}
	old, err := ledger.OpenCheckpoint([]byte(signed), verifier)
	if err != nil {
		return err
	}
	return log.Extends(old)
}
