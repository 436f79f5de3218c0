package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// A visit is one request, with what admit found out about it.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	began time.Time // by the machine's clock
	now   time.Time

	who     signoff.Account // number 0: did not sign in
	session store.Session
	repo    store.Repository // from reader on

	// Of a pull request, from signer on, and for readers of its page.
	row   store.Row
	brief report.Brief
	seen  bool // the pull request was looked at, and brief holds what was seen
	may   rights

	// override is that of the path, from follower on; nil: its record is gone.
	override *signoff.Override

	covered int64 // size of the ledger's newest checkpoint
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// handler lets people in and turns errors into pages.
func (s *site) handler(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, began: time.Now(), now: s.Now()}
		defer func() {
			if p := recover(); p != nil {
				s.fail(v, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		err := s.admit(v, rt.who)
		if err == nil {
			err = rt.serve(s, v)
		}
		if err != nil {
			s.fail(v, err)
		}
	})
}

// admit finds out who asks, and lets in those of a role.
func (s *site) admit(v *visit, who role) error {
	if err := s.recognise(v); err != nil {
		return err
	}
	if who == anyone {
		return nil
	}
	if s.SignIn == nil {
		return errNoSignIn
	}
	if v.who.ID == 0 {
		return errStranger
	}
	switch who {
	case viewer:
		return nil
	case reader:
		return s.readRepository(v)
	case operator:
		if !s.operates(v) {
			return errHidden
		}
		return nil
	case signer, overrider, taker:
		return s.admitToAct(v, who)
	case follower:
		return s.admitToFollow(v)
	}
	return errHidden // unreachable: the roles above are all
}

// operates reports whether the viewer runs the server.
func (s *site) operates(v *visit) bool {
	return slices.ContainsFunc(s.Operators, func(login string) bool { return strings.EqualFold(login, v.who.Login) })
}

// readRepository takes the repository of the path, for those who may read it.
func (s *site) readRepository(v *visit) error {
	repo, err := s.Store.RepositoryNamed(v.ctx(), v.r.PathValue("owner"), v.r.PathValue("repo"))
	if errors.Is(err, store.ErrNotFound) {
		return errHidden
	}
	if err != nil {
		return err
	}
	if repo.Removed || !s.canRead(v.ctx(), repo, v.who) {
		return errHidden
	}
	v.repo = repo
	return nil
}

// canRead is a no where GitHub does not answer. The page says that this may be.
func (s *site) canRead(ctx context.Context, repo store.Repository, who signoff.Account) bool {
	ok, err := s.Visible.CanRead(ctx, repo.Installation, repo.Repo, who)
	if err != nil {
		s.log.Warn("ask who may read a repository", "repository", repo.ID, "account", who.ID, "error", err)
	}
	return ok && err == nil
}

// readPull takes the pull request of the path. One that was never heard of is
// hidden; one that was not looked at yet has no brief.
func (s *site) readPull(v *visit) error {
	if err := s.readRepository(v); err != nil {
		return err
	}
	number, err := strconv.Atoi(v.r.PathValue("number"))
	if err != nil || number <= 0 || strconv.Itoa(number) != v.r.PathValue("number") {
		return errHidden
	}
	subject := signoff.Subject{Installation: v.repo.Installation, Repository: v.repo.ID, Kind: signoff.PullRequest, Number: number}
	v.row, _, err = s.Store.Load(v.ctx(), subject)
	if errors.Is(err, store.ErrNotFound) {
		return errHidden
	}
	if err != nil {
		return err
	}
	v.brief, err = s.Briefs.Brief(v.ctx(), subject)
	switch {
	case errors.Is(err, store.ErrNotFound):
		v.brief = report.Brief{
			Record: signoff.Record{Subject: subject, State: signoff.Evaluating},
			Pull:   signoff.Pull{Repo: v.repo.Repo, Number: number}, Now: v.now,
		}
	case err != nil:
		return err
	default:
		v.seen = true
	}
	v.may = s.rights(v)
	return nil
}

// admitToAct lets in those who have the right. Who may read the page is told
// that it is not theirs to say.
func (s *site) admitToAct(v *visit, who role) error {
	if err := s.readPull(v); err != nil {
		return err
	}
	if v.may.has(who) {
		return nil
	}
	return refusal{http.StatusForbidden, "This is not yours to say",
		"The page of the pull request names who may.", pullPath(v.repo.Repo, v.brief.Pull.Number)}
}

func pullPath(repo signoff.Repo, number int) string {
	return "/" + repo.Full() + "/pull/" + strconv.Itoa(number)
}

// fail answers with a page of an error. All others than ours are for the log, and
// the page has a number by which to find them there.
func (s *site) fail(v *visit, err error) {
	var r refusal
	switch {
	case errors.Is(err, errHidden):
		s.hide(v)
		r = refusal{http.StatusNotFound, "There is no such page here",
			"Or there is, and you may not see it; or GitHub could not be asked just now whether you may.", ""}
	case errors.Is(err, errStranger):
		back := v.r.URL.RequestURI()
		if v.r.Method != http.MethodGet && v.r.Method != http.MethodHead {
			back = path.Dir(v.r.URL.Path) // the page of the form
		}
		render(s, v, strangerPage, http.StatusForbidden, "Sign in first", stranger{SignIn: signInPath(back)})
		return
	case errors.Is(err, errForeign):
		r = refusal{http.StatusForbidden, "This form was not sent from here",
			"It came from another site, or from a program. Open the page here and send its form again.", ""}
	case errors.As(err, &r):
	default:
		id := newErrorID()
		s.log.Error("serve a page", "id", id, "method", v.r.Method, "path", v.r.URL.Path, "error", err)
		r = refusal{http.StatusInternalServerError, "Something went wrong here",
			"It is in the server's log as " + id + ". Nothing was changed by it that you asked to change, as far as this page knows.", ""}
	}
	render(s, v, refusalPage, r.status, r.title, refused{Title: r.title, Text: r.text, Back: r.back})
}

// hide lets the answer about what is not there take as long as that about what
// is hidden: of both it comes at the next whole multiple of a time that is
// longer than to ask GitHub.
func (s *site) hide(v *visit) {
	if v.who.ID == 0 || s.pad <= 0 { // then nothing was looked up
		return
	}
	timer := time.NewTimer(s.pad - time.Since(v.began)%s.pad)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-v.ctx().Done():
	}
}

// newErrorID is good to find a line in the log by, and tells nothing.
func newErrorID() string {
	var b [6]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// errNoSignIn is the answer where nobody can sign in.
var errNoSignIn = refusal{http.StatusServiceUnavailable, "Sign-in is not configured",
	"These pages are shown to people who signed in with GitHub. Give the server the client id and a client secret of its GitHub App " +
		"(BARRAISER_GITHUB_CLIENT_ID and BARRAISER_GITHUB_CLIENT_SECRET), and name /signin/callback under the public URL as a callback of the App.", "/rules"}
