package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Acts takes what a person said by a button. When it returns without an error
// the fact is stored; one whose id is there already changes nothing.
type Acts interface {
	Act(ctx context.Context, s signoff.Subject, f signoff.Fact) error
}

// Briefs tells all that is known of a subject. An error that wraps
// store.ErrNotFound says that it was not looked at yet.
type Briefs interface {
	Brief(ctx context.Context, s signoff.Subject) (report.Brief, error)
}

const (
	// maxBody is more than any payload of a button: it holds our own message.
	maxBody = 1 << 20
	// answerTime is within what we answer. Slack gives three seconds.
	answerTime = time.Second
	// afterTime is for what is said to the person after the answer.
	afterTime = 30 * time.Second
	// seenTime is for how long a payload is known again here. The signature of one
	// that is sent again later is too old.
	seenTime = 11 * time.Minute
)

// Interactions answers what Slack sends when somebody presses a button: 200
// within a second, once what was said is stored; 401 without a word to whoever is
// not Slack; 503 where it could not be stored, which Slack shows to the person.
type Interactions struct {
	slack  *Slack
	acts   Acts
	briefs Briefs

	after sync.WaitGroup

	mu   sync.Mutex
	seen map[string]time.Time // payloads, by their hash
}

// Interactions makes the handler of POST /slack/interactions.
func (s *Slack) Interactions(acts Acts, briefs Briefs) *Interactions {
	return &Interactions{slack: s, acts: acts, briefs: briefs, seen: map[string]time.Time{}}
}

// Wait returns when everybody was told what there is to say. No request may come
// in meanwhile.
func (in *Interactions) Wait() { in.after.Wait() }

func (in *Interactions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	status := in.receive(r)
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	w.WriteHeader(status)
}

func (in *Interactions) receive(r *http.Request) int {
	body, status := in.slack.signed(r)
	if status != http.StatusOK {
		return status
	}
	log := in.slack.log
	payload, callback, err := decode(body)
	if err != nil {
		log.WarnContext(r.Context(), "interaction not understood", "error", err)
		return http.StatusBadRequest
	}
	if callback.Type != api.InteractionTypeBlockActions {
		log.InfoContext(r.Context(), "interaction ignored", "type", callback.Type)
		return http.StatusOK
	}
	id := short(payload)
	if !in.first(id) {
		return http.StatusOK
	}
	ctx, stop := context.WithTimeout(r.Context(), answerTime)
	defer stop()
	for i, action := range callback.ActionCallback.BlockActions {
		if strings.HasPrefix(action.ActionID, opens) {
			continue // a page was opened
		}
		if err := in.pressed(ctx, fmt.Sprintf("slack:%s:%d", id, i), callback, *action); err != nil {
			in.forget(id) // what is pressed again is another payload, but Slack may send this one again
			log.ErrorContext(ctx, "interaction not stored", "action", action.ActionID, "error", err)
			return http.StatusServiceUnavailable
		}
	}
	return http.StatusOK
}

// verify checks that Slack sent the body, at most five minutes ago.
func (s *Slack) verify(header http.Header, body []byte) error {
	verifier, err := api.NewSecretsVerifier(header, s.SigningSecret)
	if err != nil {
		return err
	}
	if _, err := verifier.Write(body); err != nil {
		return err
	}
	return verifier.Ensure()
}

// decode reads the one payload of a form.
func decode(body []byte) (payload string, callback api.InteractionCallback, err error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", callback, err
	}
	payloads := form["payload"]
	if len(payloads) != 1 {
		return "", callback, fmt.Errorf("%d payloads", len(payloads))
	}
	err = json.Unmarshal([]byte(payloads[0]), &callback)
	return payloads[0], callback, err
}

// first reports whether a payload comes for the first time.
func (in *Interactions) first(id string) bool {
	now := in.slack.Now()
	in.mu.Lock()
	defer in.mu.Unlock()
	for old, at := range in.seen {
		if now.Sub(at) > seenTime {
			delete(in.seen, old)
		}
	}
	_, again := in.seen[id]
	in.seen[id] = now
	return !again
}

func (in *Interactions) forget(id string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.seen, id)
}

// pressed makes a fact of a button. Who pressed it has to have proved, to us, who
// they are on GitHub: that Slack knows an address proves nothing there.
func (in *Interactions) pressed(ctx context.Context, id string, callback api.InteractionCallback, action api.BlockAction) error {
	s := in.slack
	key, object, _ := strings.Cut(action.Value, " ")
	subject, err := signoff.ParseSubject(key)
	verb := s.Verbs[action.ActionID]
	if err != nil || verb == "" {
		s.log.WarnContext(ctx, "button not known", "action", action.ActionID, "value", action.Value)
		in.say(ctx, callback, reply{text: "This button does nothing in this version of Bar Raiser."})
		return nil
	}
	person, err := s.Store.PersonInSlack(ctx, callback.User.ID)
	if errors.Is(err, store.ErrNotFound) {
		return in.stranger(ctx, callback)
	}
	if err != nil {
		return err
	}
	who := signoff.Account{ID: person.ID, Login: person.Login}
	if no, err := in.refused(ctx, subject, verb, object, who); err != nil || no.text != "" {
		if err == nil {
			in.say(ctx, callback, no)
		}
		return err
	}
	now := s.Now()
	fact := signoff.Fact{
		ID: id, At: now, Said: now, Kind: signoff.Commanded, Actor: who, Author: who, Command: &signoff.Command{Verb: verb, Object: object},
	}
	if err := in.acts.Act(ctx, subject, fact); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "interaction", "fact", id, "verb", verb, "subject", key, "login", who.Login)
	return nil
}

// refused says no at once where it is known already that a button comes to
// nothing; a reply without text is no such no. What is said is ruled on again
// later, by what is known then.
func (in *Interactions) refused(ctx context.Context, subject signoff.Subject, verb signoff.Verb, object string, who signoff.Account) (reply, error) {
	brief, err := in.briefs.Brief(ctx, subject)
	if errors.Is(err, store.ErrNotFound) {
		return reply{}, nil
	}
	if err != nil {
		return reply{}, err
	}
	no := func(text string) (reply, error) {
		r := reply{text: "Nothing was recorded: " + text}
		if page := brief.Links.Page; page != "" {
			r.button = api.NewButtonBlockElement(opens+"page", "", plainText("Open the page", mostLabel))
			r.button.URL = page
		}
		return r, nil
	}
	switch o := override(brief, object); {
	case o.ID == "":
		return no("there is no such override here any more.")
	case o.Void != "":
		return no("the override holds no longer: " + report.EscapeSlack(o.Void) + ".")
	default:
		if why := o.WhyNot(verb, who); why != "" {
			return no(report.EscapeSlack(strings.ReplaceAll(why, "`", "")) + ".")
		}
	}
	return reply{}, nil
}

// stranger is told how to become somebody whose buttons count.
func (in *Interactions) stranger(ctx context.Context, callback api.InteractionCallback) error {
	address, err := in.slack.link(ctx, callback.User.ID, callback.User.Name, callback.Team.Domain)
	if err != nil {
		return err
	}
	text, button := linkWords(address)
	in.say(ctx, callback, reply{"Nothing was recorded: you have not shown yet who you are on GitHub. " + text, button})
	return nil
}

// say tells the person something that nobody else sees, after Slack has its
// answer.
func (in *Interactions) say(ctx context.Context, callback api.InteractionCallback, r reply) {
	ctx = context.WithoutCancel(ctx)
	in.after.Go(func() {
		ctx, stop := context.WithTimeout(ctx, afterTime)
		defer stop()
		if err := in.whisper(ctx, callback, r); err != nil {
			in.slack.log.WarnContext(ctx, "answer to a button not shown", "error", err)
		}
	})
}

func (in *Interactions) whisper(ctx context.Context, callback api.InteractionCallback, r reply) error {
	s := in.slack
	channel, thread := callback.Container.ChannelID, callback.Container.ThreadTs
	if channel == "" {
		channel = callback.Channel.ID
	}
	options := []api.MsgOption{api.MsgOptionText(r.text, false), api.MsgOptionParse(false), api.MsgOptionBlocks(r.blocks()...)}
	if thread != "" {
		options = append(options, api.MsgOptionTS(thread))
	}
	return s.call("chat.postEphemeral", channel, func() error {
		_, err := s.api.PostEphemeralContext(ctx, channel, callback.User.ID, options...)
		return err
	})
}
