package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

const (
	maxForm = 64 << 10 // bytes
	// maxSaid is what is taken of one text, in bytes: as much as of a comment's
	// command.
	maxSaid = 4000
)

// act takes what somebody says with a form. The verb is the end of the path, so
// that the table of routes says who may say it.
func (s *site) act(v *visit) error {
	page := pullPath(v.repo.Repo, v.brief.Pull.Number)
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return refusal{http.StatusBadRequest, "The form could not be read", "It is too long, or was cut on its way.", page}
	}
	head, base := v.r.PostForm.Get("head"), v.r.PostForm.Get("base")
	if head == "" || head != v.brief.Record.Head || base != v.brief.Record.BaseRef {
		return refusal{http.StatusConflict, "The pull request has moved on",
			"What you were about to say was about another commit than its head is now, or about another branch to merge into. " +
				"Nothing was recorded. Look at it again.", page}
	}
	command, wrong := s.command(v, signoff.Verb(path.Base(v.r.URL.Path)))
	if wrong != "" {
		return refusal{http.StatusUnprocessableEntity, "Something is missing", wrong, page}
	}
	// The same form sent twice is one fact.
	once := sha256.Sum256([]byte(strings.Join([]string{v.session.Hash, v.r.PostForm.Get("form"), string(command.Verb), head}, "\n")))
	fact := signoff.Fact{
		ID: "page/" + hex.EncodeToString(once[:16]), At: v.now, Kind: signoff.Commanded, Actor: v.who, Author: v.who,
		Commit: head, BaseRef: base, Command: &command,
	}
	if err := s.Acts.Act(v.ctx(), v.brief.Record.Subject, fact); err != nil {
		return fmt.Errorf("hand over what was said of %s: %w", v.brief.Record.Subject.Key(), err)
	}
	s.log.Info("said on a page", "subject", v.brief.Record.Subject.Key(), "verb", string(command.Verb), "account", v.who.ID, "commit", head, "fact", fact.ID)
	http.Redirect(v.w, v.r, page, http.StatusSeeOther)
	return nil
}

// command makes the command of a form, or says what is wrong with it. It holds to
// what a comment's line is held to.
func (s *site) command(v *visit, verb signoff.Verb) (c signoff.Command, wrong string) {
	form := v.r.PostForm
	head := form.Get("head")
	c = signoff.Command{Verb: verb, Line: "said on the page: " + string(verb), Text: oneLine(form.Get("text"))}
	for _, field := range []string{c.Text, form.Get("data"), form.Get("follow-up")} {
		if len(field) > maxSaid || !utf8.ValidString(field) {
			return c, fmt.Sprintf("A text here has at most %d bytes.", maxSaid)
		}
	}
	switch verb {
	case signoff.VerbSignOff:
		c.Commit = head
	case signoff.VerbRequestChanges, signoff.VerbRecommendAgainst:
		if c.Text == "" {
			return c, "Say why: it is shown to the author."
		}
	case signoff.VerbOverride:
		c.Commit = head
		return c, s.overrideForm(v, &c)
	case signoff.VerbOverrideCancel:
		c.Text = ""
	}
	return c, ""
}

func (s *site) overrideForm(v *visit, c *signoff.Command) (wrong string) {
	form := v.r.PostForm
	least := max(v.brief.Review.Policy.Overrides.Reason, 1)
	c.Data, c.FollowUp = strings.TrimSpace(form.Get("data")), oneLine(form.Get("follow-up"))
	if utf8.RuneCountInString(c.Text) < least && !v.may.second {
		return fmt.Sprintf("Say why in at least %d characters: it is told to management and kept.", least)
	}
	if c.Text == "" {
		return "Say why you agree: it is kept."
	}
	if c.Data != "" && webAddress(c.Data) == "" {
		return "The data is an address that begins with https://."
	}
	if due := strings.TrimSpace(form.Get("due")); due != "" {
		if _, err := time.Parse(time.DateOnly, due); err != nil {
			return "The day on which to look at it again is written as 2026-12-31."
		}
		c.Due = review.Date(due)
	}
	return ""
}

// oneLine folds white space: a command is one line, wherever it is said.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
