package slack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/store"
)

// DESIGN
//
// Who a member of Slack is on GitHub is proved at both ends. Slack's signature
// says who asked for the link: it is shown to that member alone, is good once and
// for a quarter of an hour. GitHub says who opened it. The page shows both and asks
// that person, since a link can be passed on: whoever agrees lends their name to
// the member that the page shows.
//
// An address that both sides know proves nothing: it is enough to be told
// something, and not to say something.

// linkLife is for how long a link is good.
const linkLife = 15 * time.Minute

// linkSize is the number of random bytes in a link.
const linkSize = 32

// LinkHash is what the store knows of the value in a link.
func LinkHash(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

// link is the address at which a member shows who they are on the host; empty
// where no page for that is configured.
func (s *Slack) link(ctx context.Context, member, name, team string) (string, error) {
	if s.LinkPage == "" {
		return "", nil
	}
	var b [linkSize]byte
	rand.Read(b[:])
	value := base64.RawURLEncoding.EncodeToString(b[:])
	err := s.Store.PutSlackLink(ctx, store.SlackLink{
		Hash: LinkHash(value), Member: member, Name: name, Team: team, Expires: s.Now().Add(linkLife),
	})
	if err != nil {
		return "", err
	}
	return s.LinkPage + "?" + url.Values{"token": {value}}.Encode(), nil
}

// linkWords offer a link.
func linkWords(address string) (text string, button *api.ButtonBlockElement) {
	if address == "" {
		return "Signing in with GitHub is not configured on this server.", nil
	}
	button = api.NewButtonBlockElement(opens+"link", "", plainText("Show who I am on GitHub", mostLabel))
	button.URL = address
	return "Sign in with GitHub once to show who you are there. The link is for you alone, and good for 15 minutes.", button
}

// Commands is the handler of POST /slack/commands: what people write after
// "/bar-raiser". It answers who wrote it, and nobody else sees it.
func (s *Slack) Commands() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		form, status := s.signedForm(r)
		if status != http.StatusOK {
			if status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", http.MethodPost)
			}
			w.WriteHeader(status)
			return
		}
		ctx, stop := context.WithTimeout(r.Context(), answerTime)
		defer stop()
		answer, err := s.command(ctx, form)
		if err != nil {
			s.log.ErrorContext(ctx, "command not done", "error", err)
			answer = reply{"Something went wrong here, and nothing was changed. It is in the server's log.", nil}
		}
		w.Header().Set("Content-Type", "application/json")
		// An error is Slack's having gone.
		_ = json.NewEncoder(w).Encode(answer.payload())
	})
}

// signedForm reads a form that Slack signed. A status other than 200 is the answer
// to one that it did not.
func (s *Slack) signedForm(r *http.Request) (url.Values, int) {
	body, status := s.signed(r)
	if status != http.StatusOK {
		return nil, status
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, http.StatusBadRequest
	}
	return form, http.StatusOK
}

// signed reads a body that Slack signed.
func (s *Slack) signed(r *http.Request) ([]byte, int) {
	if r.Method != http.MethodPost {
		return nil, http.StatusMethodNotAllowed
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, http.StatusBadRequest
	case len(body) > maxBody:
		return nil, http.StatusRequestEntityTooLarge
	}
	if err := s.verify(r.Header, body); err != nil {
		s.log.WarnContext(r.Context(), "request refused", "path", r.URL.Path, "error", err, "remote", r.RemoteAddr)
		return nil, http.StatusUnauthorized
	}
	return body, http.StatusOK
}

// A reply is what one member sees.
type reply struct {
	text   string
	button *api.ButtonBlockElement
}

func (r reply) blocks() []api.Block {
	blocks := []api.Block{api.NewSectionBlock(mrkdwn(r.text, mostSection), nil, nil)}
	if r.button != nil && len(r.button.URL) <= mostURL {
		blocks = append(blocks, api.NewActionBlock("", r.button))
	}
	return blocks
}

func (r reply) payload() any {
	return struct {
		Type   string      `json:"response_type"`
		Text   string      `json:"text"`
		Blocks []api.Block `json:"blocks"`
	}{api.ResponseTypeEphemeral, r.text, r.blocks()}
}

const usage = "`link` shows who you are on GitHub, so that your buttons count; `unlink` takes that back."

func (s *Slack) command(ctx context.Context, form url.Values) (reply, error) {
	member := form.Get("user_id")
	if member == "" {
		return reply{}, errors.New("a command of nobody")
	}
	person, err := s.Store.PersonInSlack(ctx, member)
	linked := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return reply{}, err
	}
	who := report.EscapeSlack(person.Login)
	switch verb := strings.ToLower(strings.TrimSpace(form.Get("text"))); {
	case verb == "link":
		address, err := s.link(ctx, member, form.Get("user_name"), form.Get("team_domain"))
		text, button := linkWords(address)
		if linked {
			text = fmt.Sprintf("You are %s on GitHub now. %s", who, text)
		}
		return reply{text, button}, err
	case verb == "unlink" && linked:
		if err := s.Store.UnlinkSlack(ctx, person.ID); err != nil {
			return reply{}, err
		}
		s.log.InfoContext(ctx, "unlinked in Slack", "account", person.ID, "member", member)
		return reply{fmt.Sprintf("You are not %s here any more: your buttons do nothing until you link again.", who), nil}, nil
	case verb == "unlink":
		return reply{"There is nothing to take back: you have not shown who you are on GitHub.", nil}, nil
	case linked:
		return reply{fmt.Sprintf("You are %s on GitHub. %s", who, usage), nil}, nil
	}
	return reply{"You have not shown yet who you are on GitHub. " + usage, nil}, nil
}
