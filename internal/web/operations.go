package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Outbox tries again what could not be told or shown.
type Outbox interface {
	// Resend has an effect tried again at once. An error that wraps
	// store.ErrNotFound says that it does not fail any more.
	Resend(ctx context.Context, key string) error
}

// operations is what the server could not do, for those who run it.
type operations struct {
	Dead, Failing []letterRow
	More          int  // letters beside the shown ones
	Slack         bool // configured
	Unmapped      []unmappedRow
}

type letterRow struct {
	Key, What string
	Where     string // repository and number
	Path      string // of the page, where there is one
	Problem   string
	Tries     int
	Since     moment
	Until     moment // next try; of a dead one, none
}

// unmappedRow is somebody who could not be written to in Slack.
type unmappedRow struct {
	Login string
	Last  moment
}

// mostLetters is how many are listed; where there are more, one fault has them all.
const mostLetters = 200

func (s *site) operations(v *visit) error {
	letters, err := s.Store.Letters(v.ctx(), mostLetters+1)
	if err != nil {
		return err
	}
	view := operations{Slack: s.Slack}
	if len(letters) > mostLetters {
		backlog, err := s.Store.Backlog(v.ctx())
		if err != nil {
			return err
		}
		letters, view.More = letters[:mostLetters], backlog.Dead+backlog.Failing-mostLetters
	}
	for _, l := range letters {
		row, err := s.letter(v, l)
		if err != nil {
			return err
		}
		if l.Dead.IsZero() {
			view.Failing = append(view.Failing, row)
		} else {
			view.Dead = append(view.Dead, row)
		}
	}
	unmapped, err := s.Store.PostedOf(v.ctx(), store.PostedUnmapped)
	if err != nil {
		return err
	}
	for _, p := range unmapped {
		view.Unmapped = append(view.Unmapped, unmappedRow{Login: p.Remote, Last: at(p.At, v.now)})
	}
	render(s, v, operationsPage, http.StatusOK, "Operations", view)
	return nil
}

func (s *site) letter(v *visit, l store.Letter) (letterRow, error) {
	row := letterRow{Key: l.Key, What: effectWords(l.Effect), Problem: l.Problem, Tries: l.Tries, Since: at(l.Since, v.now)}
	if l.Dead.IsZero() {
		row.Until = at(l.Until, v.now)
	}
	subject := l.Effect.Subject
	repo, err := s.Store.Repository(v.ctx(), subject.Repository)
	switch {
	case errors.Is(err, store.ErrNotFound):
		row.Where = subject.Key()
	case err != nil:
		return row, err
	case subject.Kind == signoff.PullRequest:
		row.Where, row.Path = repo.Full()+" #"+strconv.Itoa(subject.Number), pullPath(repo.Repo, subject.Number)
	default:
		row.Where = repo.Full() + " " + subject.Ref
	}
	return row, nil
}

// effectKinds are effects in words. One that is missing is shown as it is called.
var effectKinds = map[signoff.EffectKind]string{
	signoff.PutCheck: "check run", signoff.PutConfigCheck: "check of the configuration", signoff.PutGroupCheck: "check run of a merge group", signoff.PutComment: "comment",
	signoff.PutReviewers: "review requests", signoff.PutInline: "remarks on lines", signoff.TellReaction: "reaction", signoff.TellReply: "reply",
	signoff.TellNotice: "Slack",
}

func effectWords(e signoff.Effect) string {
	words := cmp.Or(effectKinds[e.Kind], string(e.Kind))
	if e.Notice == nil {
		return words
	}
	words += ": " + string(e.Notice.Kind)
	var to []string
	for _, who := range e.Notice.To {
		to = append(to, "@"+who.Login)
	}
	if len(to) > 0 {
		words += ", to " + strings.Join(to, ", ")
	}
	return words
}

// resend has one effect tried again, or all that were given up.
func (s *site) resend(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	keys := []string{v.r.PostFormValue("key")}
	if v.r.PostFormValue("all") != "" {
		letters, err := s.Store.Letters(v.ctx(), mostLetters)
		if err != nil {
			return err
		}
		keys = nil
		for _, l := range letters {
			if !l.Dead.IsZero() {
				keys = append(keys, l.Key)
			}
		}
	}
	for _, key := range keys {
		// What does not fail any more needs nobody.
		if err := s.Outbox.Resend(v.ctx(), key); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	s.log.Info("tried again", "account", v.who.ID, "effects", len(keys))
	http.Redirect(v.w, v.r, "/operations", http.StatusSeeOther)
	return nil
}
