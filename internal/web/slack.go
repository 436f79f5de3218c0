package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/barraiser/barraiser/internal/store"
)

// slackView is who the viewer is in Slack.
type slackView struct {
	Login  string
	Linked bool
	Member string // id
	Since  moment
	// Of a link that is open, what it says of the member.
	Token, Name, Team string
	Minutes           int    // that it is still good for
	Before            string // member that the viewer is linked to so far, another one
}

// errNoSlack is the answer where there is no Slack.
var errNoSlack = refusal{http.StatusNotFound, "Slack is not configured",
	"Nobody is told anything there by this server. BARRAISER_SLACK_TOKEN and BARRAISER_SLACK_SIGNING_SECRET would change that.", ""}

// errLinkUsed is the answer to a link that is good for nothing any more.
var errLinkUsed = refusal{http.StatusGone, "This link is used up",
	"It was good once and for a quarter of an hour. Ask for another one in Slack: /bar-raiser link", ""}

// slackAccount shows as whom the viewer is known in Slack.
func (s *site) slackAccount(v *visit) error {
	if !s.Slack {
		return errNoSlack
	}
	view, err := s.slackView(v)
	if err != nil {
		return err
	}
	render(s, v, slackPage, http.StatusOK, "You in Slack", view)
	return nil
}

func (s *site) slackView(v *visit) (slackView, error) {
	p, err := s.Store.Person(v.ctx(), v.who.ID)
	if err != nil {
		return slackView{}, err
	}
	view := slackView{Login: v.who.Login, Linked: p.Slack != "", Member: p.Slack}
	if view.Linked {
		view.Since = at(p.Linked, v.now)
	}
	return view, nil
}

// openLink shows both names and asks. It changes nothing: whoever previews a link
// uses nothing up.
func (s *site) openLink(v *visit) error {
	if !s.Slack {
		return errNoSlack
	}
	token := v.r.URL.Query().Get("token")
	link, err := s.Store.SlackLink(v.ctx(), tokenHash(token), v.now)
	if errors.Is(err, store.ErrNotFound) {
		return errLinkUsed
	}
	if err != nil {
		return err
	}
	view, err := s.slackView(v)
	if err != nil {
		return err
	}
	view.Token, view.Name, view.Team = token, link.Name, link.Team
	view.Minutes = max(1, int(link.Expires.Sub(v.now)/time.Minute))
	if view.Member != link.Member {
		view.Before = view.Member
	}
	view.Member = link.Member
	render(s, v, slackPage, http.StatusOK, "Is this you in Slack?", view)
	return nil
}

// confirmLink links the viewer to the member of a link.
func (s *site) confirmLink(v *visit) error {
	if !s.Slack {
		return errNoSlack
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	link, err := s.Store.UseSlackLink(v.ctx(), tokenHash(v.r.PostFormValue("token")), store.Person{ID: v.who.ID, Login: v.who.Login}, v.now)
	if errors.Is(err, store.ErrNotFound) {
		return errLinkUsed
	}
	if err != nil {
		return err
	}
	s.log.Info("linked to Slack", "account", v.who.ID, "member", link.Member)
	http.Redirect(v.w, v.r, "/slack", http.StatusSeeOther)
	return nil
}

// unlink takes back that the viewer is somebody in Slack.
func (s *site) unlink(v *visit) error {
	if err := s.Store.UnlinkSlack(v.ctx(), v.who.ID); err != nil {
		return err
	}
	s.log.Info("unlinked from Slack", "account", v.who.ID)
	http.Redirect(v.w, v.r, "/slack", http.StatusSeeOther)
	return nil
}

// tokenHash is by what the store knows the value of a link.
func tokenHash(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}
