package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// followed is the follow-up of an override, as its page shows it.
type followed struct {
	Stage   badge
	Steps   []stepRow
	Waits   string // a sentence without a full stop; empty: nothing is waited for
	Overdue bool
	Above   []string // logins of those who were told or may be, the nearest first
	Pending bool     // something was said that was not looked at yet
	Forms   followForms
}

type stepRow struct {
	Text string
	At   moment
	Path string // of its entry
}

// followForms are what the viewer may say.
type followForms struct {
	Path, Form                    string
	Justify, Promise, Kept, Check bool
	Acknowledge, Accept, Void     bool
	Least                         int // characters of a reason
	NeedsNote                     bool
	TodayDate                     string
	Any                           bool
}

// stages are the stages with what they are called.
var stages = []struct {
	stage signoff.Stage
	badge badge
}{
	{signoff.StageOpen, badge{toneNo, toneSigns[toneNo], "Not justified"}},
	{signoff.StageJustified, badge{toneWait, toneSigns[toneWait], "Not acknowledged"}},
	{signoff.StageAcknowledged, badge{toneWait, toneSigns[toneWait], "Acknowledged"}},
	{signoff.StagePromised, badge{toneWait, toneSigns[toneWait], "Promised"}},
	{signoff.StageAccepted, badge{toneYes, toneSigns[toneYes], "Accepted"}},
	{signoff.StageKept, badge{toneYes, toneSigns[toneYes], "Promise kept"}},
	{signoff.StageVoided, badge{toneRest, toneSigns[toneRest], "Voided"}},
}

func stageBadge(stage signoff.Stage) (badge, bool) {
	for _, s := range stages {
		if s.stage == stage {
			return s.badge, true
		}
	}
	return badge{}, false
}

// newFollowed draws the follow-up; nil: there is none.
func newFollowed(o signoff.Override, v *visit, form string) *followed {
	stage, ok := stageBadge(o.Stage())
	if !ok {
		return nil
	}
	f := &followed{Stage: stage, Steps: stepRows(o, v.now), Waits: report.WaitText(o)}
	f.Overdue = !o.Deadline.IsZero() && v.now.After(o.Deadline)
	for _, a := range slices.Concat(o.Line...) {
		f.Above = append(f.Above, a.Login)
	}
	f.Pending = v.row.Wanted > v.row.Done
	may := func(verb signoff.Verb) bool { return o.May(verb, v.who) }
	w := o.Waits()
	kept := may(signoff.VerbKept)
	doer := slices.ContainsFunc(o.Doers, func(a signoff.Account) bool { return a.ID == v.who.ID })
	f.Forms = followForms{
		Path: "/overrides/" + strconv.FormatInt(o.Entry-1, 10), Form: form,
		Justify: may(signoff.VerbJustify), Promise: may(signoff.VerbPromise), Kept: kept && doer, Check: kept && !doer && w.Check,
		Acknowledge: may(signoff.VerbAcknowledge), Accept: may(signoff.VerbAccept), Void: may(signoff.VerbVoid),
		Least: max(v.brief.Review.Policy.Overrides.Reason, 1), NeedsNote: o.Stage() == signoff.StageOpen,
		TodayDate: v.now.UTC().Format(time.DateOnly),
	}
	m := f.Forms
	f.Forms.Any = m.Justify || m.Promise || m.Kept || m.Check || m.Acknowledge || m.Accept || m.Void
	return f
}

func stepRows(o signoff.Override, now time.Time) (out []stepRow) {
	for _, s := range o.Steps {
		row := stepRow{Text: report.StepText(s), At: at(s.At, now)}
		_, row.Path = ledgerName(s.Entry)
		out = append(out, row)
	}
	return out
}

// readOverride takes the override of the path, for those who may read its
// repository.
func (s *site) readOverride(v *visit) error {
	index, err := strconv.ParseInt(v.r.PathValue("index"), 10, 64)
	if err != nil || index < 0 || strconv.FormatInt(index, 10) != v.r.PathValue("index") {
		return errHidden
	}
	leaf, err := s.leaf(v, index)
	if err != nil {
		return err
	}
	e, err := ledger.Decode(leaf.Bytes)
	if err != nil {
		return fmt.Errorf("decode entry %d: %w", index, err)
	}
	if e.Type != ledger.OverrideDeclared && e.Type != ledger.OverrideDetected {
		return errHidden
	}
	if err := s.subjectOf(v, e.Subject, &entryView{}); err != nil {
		return err
	}
	return s.takeOverride(v, e.Subject, index)
}

// takeOverride finds the record of an override. One whose record is gone has none.
func (s *site) takeOverride(v *visit, key string, index int64) error {
	subject, err := signoff.ParseSubject(key)
	if err != nil {
		return err
	}
	v.row, _, err = s.Store.Load(v.ctx(), subject)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for i, o := range v.row.Record.Overrides {
		if o.Entry == index+1 {
			v.override = &v.row.Record.Overrides[i]
		}
	}
	if v.brief, err = s.Briefs.Brief(v.ctx(), subject); errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return err
}

// admitToFollow lets in those who may take the step that the path ends with.
func (s *site) admitToFollow(v *visit) error {
	if err := s.readOverride(v); err != nil {
		return err
	}
	verb := signoff.Verb(path.Base(v.r.URL.Path))
	may := v.override != nil && verb != signoff.VerbCorrect && v.override.May(verb, v.who)
	if may || verb == signoff.VerbCorrect && mayCorrect(v) {
		return nil
	}
	return refusal{http.StatusForbidden, "This is not yours to say, or not now",
		"The page of the override names what is waited for, and by whom.", path.Dir(v.r.URL.Path)}
}

// follow takes a step of the follow-up that somebody says with a form.
func (s *site) follow(v *visit) error {
	page := path.Dir(v.r.URL.Path)
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return refusal{http.StatusBadRequest, "The form could not be read", "It is too long, or was cut on its way.", page}
	}
	verb := signoff.Verb(path.Base(v.r.URL.Path))
	command, wrong := s.step(v, verb)
	if wrong != "" {
		return refusal{http.StatusUnprocessableEntity, "Something is missing", wrong, page}
	}
	once := sha256.Sum256([]byte(strings.Join([]string{v.session.Hash, v.r.PostForm.Get("form"), string(verb), v.override.ID}, "\n")))
	fact := signoff.Fact{
		ID: "page/" + hex.EncodeToString(once[:16]), At: v.now, Kind: signoff.Commanded, Actor: v.who, Author: v.who,
		Commit: v.override.Commit, Command: &command,
	}
	if err := s.Acts.Act(v.ctx(), v.row.Subject, fact); err != nil {
		return fmt.Errorf("hand over what was said of %s: %w", v.override.Name(), err)
	}
	s.log.Info("said on a page", "subject", v.row.Subject.Key(), "verb", string(verb), "account", v.who.ID, "override", v.override.Name(), "fact", fact.ID)
	http.Redirect(v.w, v.r, page, http.StatusSeeOther)
	return nil
}

// step makes the command of a form, or says what is wrong with it.
func (s *site) step(v *visit, verb signoff.Verb) (c signoff.Command, wrong string) {
	form, o := v.r.PostForm, v.override
	c = signoff.Command{Verb: verb, Object: o.ID, Line: "said on the page: " + string(verb), Text: oneLine(form.Get("text"))}
	c.Data, c.FollowUp, c.Due = strings.TrimSpace(form.Get("data")), oneLine(form.Get("follow-up")), review.Date(strings.TrimSpace(form.Get("due")))
	for _, field := range []string{c.Text, c.Data, c.FollowUp} {
		if len(field) > maxSaid || !utf8.ValidString(field) {
			return c, fmt.Sprintf("A text here has at most %d bytes.", maxSaid)
		}
	}
	if verb == signoff.VerbCorrect {
		return c, s.correction(v, &c)
	}
	least := max(v.brief.Review.Policy.Overrides.Reason, 1)
	_, badDay := time.Parse(time.DateOnly, string(c.Due))
	checks := o.Waits().Check && !slices.ContainsFunc(o.Doers, func(a signoff.Account) bool { return a.ID == v.who.ID })
	switch {
	case verb == signoff.VerbJustify && utf8.RuneCountInString(c.Text) < least:
		return c, fmt.Sprintf("Say why in at least %d characters: it is told to management and kept.", least)
	case verb == signoff.VerbAccept && c.Text == "" && o.Stage() == signoff.StageOpen:
		return c, "Nobody said why it went in: say why it is accepted all the same."
	case verb == signoff.VerbVoid && c.Text == "":
		return c, "Say why it was none."
	case verb == signoff.VerbPromise && (c.FollowUp == "" || badDay != nil || string(c.Due) < v.now.UTC().Format(time.DateOnly)):
		return c, "Name the issue, and a day that is not over, as 2026-12-31."
	case verb == signoff.VerbKept && webAddress(c.Data) == "" && !(checks && c.Data == ""):
		return c, "Give the address that shows it, which begins with https://."
	}
	return c, ""
}

// checkpoint is the newest signed note that covers an entry, to keep.
func (s *site) checkpoint(v *visit) error {
	out, err := s.proved(v)
	if err != nil {
		return err
	}
	s.download(v, "text/plain; charset=utf-8", fmt.Sprintf("checkpoint-%d.txt", out.Size), out.Note)
	return nil
}

// A proofFile is what shows that an entry is in the ledger, for another program.
// All hashes are SHA-256 in hex; docs/ledger.md says how they go together.
type proofFile struct {
	Version    int      `json:"schemaVersion"`
	Index      int64    `json:"index"`
	Size       int64    `json:"size"` // entries that the checkpoint covers
	Leaf       string   `json:"leaf"` // exact bytes
	Hash       string   `json:"hash"` // of the leaf
	Proof      []string `json:"proof"`
	Checkpoint string   `json:"checkpoint"` // signed note
}

func (s *site) proof(v *visit) error {
	out, err := s.proved(v)
	if err != nil {
		return err
	}
	file := proofFile{1, out.Index, out.Size, out.Leaf, out.Hash, out.Proof, out.Note}
	if file.Proof == nil {
		file.Proof = []string{}
	}
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	s.download(v, "application/json", fmt.Sprintf("proof-%d.json", out.Index), string(content)+"\n")
	return nil
}

// proved is the entry of the path, where its proof holds.
func (s *site) proved(v *visit) (entryView, error) {
	out, _, err := s.readEntry(v)
	if err == nil && !out.Proved {
		err = refusal{http.StatusConflict, "It is not proved now", out.Unproved, "/overrides/" + strconv.FormatInt(out.Index, 10)}
	}
	return out, err
}
