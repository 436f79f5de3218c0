package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// entryView is one entry of the ledger, with the proof that it is in there.
type entryView struct {
	Index      int64
	Name       string
	Kind       string
	At         moment
	Repo       string
	RepoPath   string
	What       string
	PullPath   string
	About      string
	AboutPath  string
	Facts      []fact
	Texts      []textOf
	Leaf       string
	Hash       string // of the leaf
	Proof      []string
	Checkpoint []string // the lines of the signed note
	Size       int64
	Signed     moment
	Proved     bool
	Unproved   string // why not
	Became     string // what became of the change; empty: not known yet
	Later      []string
	Follow     *followed
	Correct    *correctForm

	Note string // the checkpoint as it is stored
}

type fact struct{ Name, Value string }

// textOf is what a person wrote beside an entry, or that it was erased.
type textOf struct {
	Name, Text, Digest string
	Erased, Wrong      bool
}

// entry shows an entry to those who may read the repository that it is about. An
// override has what followed it, and forms for what the viewer may say.
func (s *site) entry(v *visit) error {
	out, e, err := s.readEntry(v)
	if err != nil {
		return err
	}
	if e.Type == ledger.OverrideDeclared || e.Type == ledger.OverrideDetected {
		if err := s.takeOverride(v, e.Subject, e.Index); err != nil {
			return err
		}
	}
	if v.override != nil {
		form, err := s.secret()
		if err != nil {
			return err
		}
		out.Follow, out.Correct = newFollowed(*v.override, v, form), newCorrectForm(v, e.Index, form)
		subject, err := signoff.ParseSubject(e.Subject)
		if err != nil {
			return err
		}
		if row, _, err := s.Store.Load(v.ctx(), subject); err != nil {
			return err
		} else if subject.Kind == signoff.PullRequest {
			out.Later = report.Later(report.Brief{Record: row.Record})
		}
		if out.Became, err = s.became(v, subject, *v.override); err != nil {
			return err
		}
	}
	render(s, v, entryPage, http.StatusOK, out.Name, out)
	return nil
}

// readEntry reads an entry with its proof.
func (s *site) readEntry(v *visit) (out entryView, e ledger.Entry, err error) {
	index, err := strconv.ParseInt(v.r.PathValue("index"), 10, 64)
	if err != nil || index < 0 || strconv.FormatInt(index, 10) != v.r.PathValue("index") {
		return out, e, errHidden
	}
	leaf, err := s.leaf(v, index)
	if err != nil {
		return out, e, err
	}
	if e, err = ledger.Decode(leaf.Bytes); err != nil {
		return out, e, fmt.Errorf("decode entry %d: %w", index, err)
	}
	out = entryView{
		Index: index, Name: "OVR-" + strconv.FormatInt(index, 10), Kind: string(e.Type), At: at(e.At, v.now), Leaf: string(leaf.Bytes),
	}
	if e.Type != ledger.OverrideDeclared && e.Type != ledger.OverrideDetected {
		out.Name = "Entry " + strconv.FormatInt(index, 10)
	}
	if e.Subject != "" {
		if err := s.subjectOf(v, e.Subject, &out); err != nil {
			return out, e, err
		}
	}
	if e.About != nil {
		out.About, out.AboutPath = ledgerName(*e.About + 1)
	}
	out.Facts = s.facts(v, e)
	if out.Texts, err = s.texts(v, e); err != nil {
		return out, e, err
	}
	hash := sha256.Sum256(append([]byte{0}, leaf.Bytes...)) // RFC 6962, 2.1
	out.Hash = hex.EncodeToString(hash[:])
	return out, e, s.prove(v, index, leaf.Bytes, &out)
}

func (s *site) leaf(v *visit, index int64) (store.StoredLeaf, error) {
	size, err := s.Store.LedgerSize(v.ctx())
	if err != nil {
		return store.StoredLeaf{}, err
	}
	if index >= size {
		return store.StoredLeaf{}, errHidden
	}
	for leaf, err := range s.Store.Leaves(v.ctx(), index) {
		if err != nil {
			return store.StoredLeaf{}, err
		}
		if leaf.Index == index {
			return leaf, nil
		}
		break
	}
	return store.StoredLeaf{}, errHidden
}

// subjectOf says what an entry is about, to those who may see that.
func (s *site) subjectOf(v *visit, key string, out *entryView) error {
	subject, err := signoff.ParseSubject(key)
	if err != nil {
		return err
	}
	repo, err := s.Store.Repository(v.ctx(), subject.Repository)
	if errors.Is(err, store.ErrNotFound) {
		return errHidden
	}
	if err != nil {
		return err
	}
	if repo.Removed || !s.canRead(v.ctx(), repo, v.who) {
		return errHidden
	}
	out.Repo, out.RepoPath, out.What = repo.Full(), "/"+repo.Full(), subject.Ref
	if subject.Kind == signoff.PullRequest {
		out.What, out.PullPath = "#"+strconv.Itoa(subject.Number), pullPath(repo.Repo, subject.Number)
	}
	return nil
}

// facts are what the leaf says, by name.
func (s *site) facts(v *visit, e ledger.Entry) (out []fact) {
	for role, id := range e.Actors {
		who := "account " + strconv.FormatInt(id, 10)
		if p, err := s.Store.Person(v.ctx(), id); err == nil {
			who = "@" + p.Login + ", " + who
		}
		out = append(out, fact{string(role), who})
	}
	for name, value := range e.Strings {
		out = append(out, fact{name, value})
	}
	for name, value := range e.Numbers {
		out = append(out, fact{name, strconv.FormatInt(value, 10)})
	}
	slices.SortFunc(out, func(a, b fact) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value)) })
	return out
}

func (s *site) texts(v *visit, e ledger.Entry) (out []textOf, err error) {
	stored, err := s.Store.Texts(v.ctx(), e.Index)
	if err != nil {
		return nil, err
	}
	for name, digest := range e.Texts {
		row := textOf{Name: name, Digest: digest.String(), Erased: true}
		for _, t := range stored {
			if t.Name == name && len(t.Salt) == ledger.SaltSize {
				row.Text, row.Erased = t.Text, false
				row.Wrong = !ledger.Redactable{Salt: [ledger.SaltSize]byte(t.Salt), Text: t.Text}.Is(digest)
			}
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b textOf) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// prove shows that the entry is in the newest checkpoint, and checks it: a page
// that shows a proof which does not hold would be worse than one without.
func (s *site) prove(v *visit, index int64, leaf []byte, out *entryView) error {
	stored, err := s.Store.LatestCheckpoint(v.ctx())
	switch {
	case errors.Is(err, store.ErrNotFound):
		out.Unproved = "The ledger has no checkpoint yet. One is signed within minutes."
		return nil
	case err != nil:
		return err
	}
	out.Note = stored.Note
	out.Checkpoint, out.Size, out.Signed = lines(stored.Note), stored.Size, at(stored.At, v.now)
	if index >= stored.Size {
		out.Unproved = "The newest checkpoint is of fewer entries. The next is signed within minutes."
		return nil
	}
	err = func() error {
		text, _, _ := strings.Cut(stored.Note, "\n\n")
		checkpoint, err := ledger.ParseCheckpoint(text + "\n")
		if err != nil {
			return err
		}
		log, err := ledger.NewLog(checkpoint.Origin, checkpoint.Size, s.Store.Hashes(v.ctx()))
		if err != nil {
			return err
		}
		proof, err := log.ProveInclusion(index)
		if err != nil {
			return err
		}
		for _, h := range proof {
			out.Proof = append(out.Proof, hex.EncodeToString(h[:]))
		}
		return ledger.CheckInclusion(checkpoint, index, leaf, proof)
	}()
	if out.Proved = err == nil; !out.Proved {
		s.log.Error("prove an entry of the ledger", "index", index, "checkpoint", stored.Size, "error", err)
		out.Unproved = "The proof does not hold: what is stored is not what was signed. Run bot ledger verify."
	}
	return nil
}
