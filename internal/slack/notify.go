package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// toldPrefix begins the names of the rows that say where an effect was told. The
// other rows are the parents, by their audience.
const toldPrefix = "told "

// Notify tells people of one event: an audience that was told nothing of the
// subject yet gets its parent message; any other gets a reply in the thread,
// below a parent that shows how things are now. An edit notifies nobody, so that
// it alone would not be told.
//
// It may be called again with the same effect, after an error or without one. A
// HeldError alone says that all were told but those who do not work now.
func (s *Slack) Notify(ctx context.Context, brief report.Brief, e signoff.Effect) error {
	if e.Notice == nil {
		return nil
	}
	if late(brief, *e.Notice) {
		s.log.InfoContext(ctx, "not told: it is settled by now", "notice", e.Notice.Kind, "subject", e.Subject.Key())
		return nil
	}
	to, err := s.audiences(ctx, brief, e)
	if err != nil {
		return err
	}
	var failed []error
	for _, a := range to { // that one cannot be told does not keep the others from it
		if err := s.tell(ctx, brief, e, a); err != nil {
			failed = append(failed, fmt.Errorf("tell %s: %w", a.name, err))
		}
	}
	return gravest(failed)
}

// gravest joins what failed. While something failed, that somebody is asleep is
// not what it waits for; else it waits for who wakes up first.
func gravest(failed []error) error {
	var held, other []error
	var first *HeldError
	for _, err := range failed {
		if h, ok := errors.AsType[*HeldError](err); !ok {
			other = append(other, err)
		} else if held = append(held, err); first == nil || h.Until.Before(first.Until) {
			first = h
		}
	}
	if len(other) > 0 || first == nil {
		return errors.Join(other...)
	}
	return fmt.Errorf("%d held back: %w", len(held), first)
}

func (s *Slack) tell(ctx context.Context, brief report.Brief, e signoff.Effect, to audience) error {
	effect := short(e.Key() + " " + string(e.Notice.Kind))
	row := store.Posted{Kind: store.PostedSlack, Scope: e.Subject.Key(), Name: toldPrefix + effect + " " + to.name}
	told, err := s.posted(ctx, row.Scope, row.Name)
	if err != nil {
		return err
	}
	if told.Remote == "" && !to.quiet { // to edit what was told wakes nobody
		if err := s.held(ctx, brief, to); err != nil {
			return err
		}
	}
	parent, err := s.posted(ctx, row.Scope, to.name)
	if err != nil {
		return err
	}
	l := letter{
		channel: to.channel, message: draw(e.Subject, words(brief, *e.Notice, to), s.Verbs),
		metadata: s.metadata(ctx, e, e.Notice.Kind, to, effect),
	}
	at, known := parsePlace(parent.Remote)
	if !known {
		return s.begin(ctx, row, to, l)
	}
	l.channel = at.channel
	if told.Remote != parent.Remote && !to.quiet { // else the parent itself told it
		reply := l
		reply.thread = at.ts
		// What management has to see is also shown outside of the thread.
		reply.broadcast = to.person == 0 && !inThread(e.Notice.Kind)
		_, err := s.deliver(ctx, row, reply)
		if refused(err, noParent) {
			return s.bereaved(ctx, row, parent, to, l, e.Notice.Kind)
		}
		if err != nil {
			return err
		}
	}
	now := shown(brief, *e.Notice, to)
	l.message, l.metadata = draw(e.Subject, words(brief, now, to), s.Verbs), s.metadata(ctx, e, now.Kind, to, effect)
	return s.renew(ctx, parent, at, l)
}

// begin posts the parent.
func (s *Slack) begin(ctx context.Context, row store.Posted, to audience, l letter) error {
	at, err := s.deliver(ctx, row, l)
	if err != nil {
		return err
	}
	hash, err := l.message.hash()
	if err != nil {
		return err
	}
	return s.Store.PutPosted(ctx, store.Posted{Kind: row.Kind, Scope: row.Scope, Name: to.name, Remote: at.String(), Hash: hash, At: s.Now()})
}

// bereaved tells what cannot be a reply any more, since the parent is gone:
// somebody deleted it. What becomes of something that nobody has before them is not
// told; anything else begins anew.
func (s *Slack) bereaved(ctx context.Context, row, parent store.Posted, to audience, l letter, kind signoff.NoticeKind) error {
	s.log.InfoContext(ctx, "the parent message is gone", "subject", row.Scope, "audience", to.name)
	if err := s.Store.RemovePosted(ctx, parent.Kind, parent.Scope, parent.Name); err != nil || inThread(kind) {
		return err
	}
	return s.begin(ctx, row, to, l)
}

// inThread reports whether a notice is for those who follow a thread.
func inThread(kind signoff.NoticeKind) bool {
	return kind == signoff.NoticeClosed || report.Turns(kind)
}

// posted is the row of a name, the zero value where there is none.
func (s *Slack) posted(ctx context.Context, scope, name string) (store.Posted, error) {
	p, err := s.Store.Posted(ctx, store.PostedSlack, scope, name)
	if errors.Is(err, store.ErrNotFound) {
		return store.Posted{}, nil
	}
	return p, err
}

// place is where a message is.
type place struct{ channel, ts string }

func (p place) String() string { return p.channel + "/" + p.ts }

func parsePlace(remote string) (place, bool) {
	channel, ts, ok := strings.Cut(remote, "/")
	return place{channel, ts}, ok && channel != "" && ts != ""
}
