package slack

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// eventType is the type of the metadata of our messages.
const eventType = "barraiser"

// A letter is a message with where it goes.
type letter struct {
	channel   string // id, or "#name"
	thread    string // ts of the parent; empty: it is one
	broadcast bool
	message   message
	metadata  api.SlackMetadata
}

// metadata is by what a message is found again. That of an override also holds
// the ledger's newest signed checkpoint.
func (s *Slack) metadata(ctx context.Context, e signoff.Effect, about signoff.NoticeKind, to audience, effect string) api.SlackMetadata {
	payload := map[string]any{"subject": e.Subject.Key(), "audience": to.name, "effect": effect}
	if about == signoff.NoticeOverride && s.Checkpoint != nil {
		note, err := s.Checkpoint(ctx)
		if err != nil {
			// That management is told matters more than that it gets a copy.
			s.log.ErrorContext(ctx, "an override is told without a checkpoint", "subject", e.Subject.Key(), "error", err)
		}
		payload["checkpoint"] = note
	}
	return api.SlackMetadata{EventType: eventType, EventPayload: payload}
}

// attempted is the hash of a row whose message was sent, with an outcome that is
// not known yet.
const attempted = "attempted"

// deliver posts a letter unless it is there. row names it in the store.
func (s *Slack) deliver(ctx context.Context, row store.Posted, l letter) (place, error) {
	known, err := s.posted(ctx, row.Scope, row.Name)
	if err != nil {
		return place{}, err
	}
	if at, ok := parsePlace(known.Remote); ok {
		return at, nil
	}
	before := known.Hash == attempted
	if before {
		row = known
		at, found, err := s.find(ctx, l, row.At)
		if err != nil {
			return place{}, err
		}
		if found {
			return at, s.arrived(ctx, row, at)
		}
	}
	if err := s.turn(ctx, l.channel); err != nil {
		return place{}, err
	}
	if !before {
		row.Hash, row.At = attempted, s.Now()
		if err := s.Store.PutPosted(ctx, row); err != nil {
			return place{}, err
		}
	}
	at, err := s.post(ctx, l)
	for patience := pictureTries; refused(err, noBlocks) && l.message.blocks != nil; patience-- {
		if l.message.pictured() && patience > 0 { // Slack still looks at the file
			if err := s.wait(ctx, pictureWait); err != nil {
				return place{}, err
			}
		} else {
			s.log.ErrorContext(ctx, "Slack takes the words of a message and not all of its blocks", "subject", row.Scope, "error", err)
			l.message = l.message.plainer()
			delete(l.metadata.EventPayload, "checkpoint")
		}
		at, err = s.post(ctx, l)
	}
	if err != nil {
		// What Slack refused is not there. An earlier attempt may be.
		if !before && !unknown(err) {
			if err := s.Store.RemovePosted(ctx, row.Kind, row.Scope, row.Name); err != nil {
				return place{}, err
			}
		}
		return place{}, err
	}
	crash.At("Slack message sent, not marked")
	err = s.arrived(ctx, row, at)
	crash.At("Slack message marked")
	return at, err
}

// arrived notes where a message is.
func (s *Slack) arrived(ctx context.Context, row store.Posted, at place) error {
	row.Remote, row.Hash = at.String(), ""
	return s.Store.PutPosted(ctx, row)
}

func (l letter) options() []api.MsgOption {
	// No parsing: nothing in the text is looked for, linked or shown as a preview.
	options := []api.MsgOption{
		api.MsgOptionText(l.message.text, false), api.MsgOptionParse(false), api.MsgOptionMetadata(l.metadata),
		api.MsgOptionDisableLinkUnfurl(), api.MsgOptionDisableMediaUnfurl(),
	}
	if l.message.blocks != nil {
		options = append(options, api.MsgOptionBlocks(l.message.blocks...))
	}
	if l.thread != "" {
		options = append(options, api.MsgOptionTS(l.thread))
	}
	if l.broadcast {
		options = append(options, api.MsgOptionBroadcast())
	}
	return options
}

// post posts a letter. The name of a channel does as well as its id, mostly: where
// Slack does not find it, the channels are listed.
func (s *Slack) post(ctx context.Context, l letter) (place, error) {
	name, tried := l.channel, s.recall(s.channels, l.channel)
	if tried != "" {
		l.channel = tried
	}
	at, err := s.send(ctx, l)
	if err == nil && at.channel != name {
		s.learn(name, at.channel)
	}
	if !strings.HasPrefix(name, "#") || !refused(err, noChannel) {
		return at, err
	}
	s.remember(s.channels, name, "")
	id, unlisted := s.channelID(ctx, name)
	if unlisted != nil || id == tried {
		s.log.WarnContext(ctx, "no such channel, or the bot was not invited to it", "channel", name, "error", unlisted)
		return at, err
	}
	l.channel = id
	return s.send(ctx, l)
}

func (s *Slack) send(ctx context.Context, l letter) (at place, err error) {
	err = s.call("chat.postMessage", l.channel, func() (err error) {
		at.channel, at.ts, err = s.api.PostMessageContext(ctx, l.channel, l.options()...)
		if err == nil && (at.channel == "" || at.ts == "") {
			err = errNoAnswer
		}
		return err
	})
	return at, err
}

// learn notes the id of a channel.
func (s *Slack) learn(name, id string) {
	s.remember(s.channels, name, id)
	s.pace.same(name, id)
}

// renew makes a parent show what is now. One that is not to be changed any more
// stays as it is.
func (s *Slack) renew(ctx context.Context, parent store.Posted, at place, l letter) error {
	hash, err := l.message.hash()
	if err != nil || hash == parent.Hash {
		return err
	}
	if err := s.turn(ctx, at.channel); err != nil {
		return err
	}
	err = s.call("chat.update", at.channel, func() error {
		_, _, _, err := s.api.UpdateMessageContext(ctx, at.channel, at.ts, l.options()...)
		return err
	})
	if refused(err, noParent) || refused(err, noBlocks) {
		s.log.WarnContext(ctx, "a message stays as it is", "subject", parent.Scope, "audience", parent.Name, "error", err)
	} else if err != nil {
		return err
	}
	parent.Hash, parent.At = hash, s.Now()
	return s.Store.PutPosted(ctx, parent)
}

// Where an earlier attempt is looked for. Slack's clock may be behind ours.
const (
	skew      = 5 * time.Minute
	pageSize  = 200
	mostPages = 25
)

// find looks for a letter that was sent at a time or later. Where we may not look
// it is not found: a message told twice is better than one never told.
func (s *Slack) find(ctx context.Context, l letter, sent time.Time) (at place, found bool, err error) {
	at, found, err = s.search(ctx, l, sent)
	if refused(err, noReading) || refused(err, noParent) {
		s.log.WarnContext(ctx, "cannot look whether a message is there; it may be told twice", "channel", l.channel, "error", err)
		return place{}, false, nil
	}
	return at, found, err
}

func (s *Slack) search(ctx context.Context, l letter, sent time.Time) (place, bool, error) {
	channel, err := s.channelID(ctx, l.channel)
	if err != nil {
		return place{}, false, err
	}
	self, err := s.whoami(ctx)
	if err != nil {
		return place{}, false, err
	}
	oldest := strconv.FormatInt(sent.Add(-skew).Unix(), 10) + ".000000"
	cursor := ""
	for range mostPages {
		var page []api.Message
		if page, cursor, err = s.page(ctx, channel, l.thread, oldest, cursor); err != nil {
			return place{}, false, err
		}
		for _, m := range page {
			// Any app in the channel may write what metadata it likes.
			own := self.BotID != "" && m.BotID == self.BotID || self.UserID != "" && m.User == self.UserID
			if own && m.Timestamp != "" && l.is(m.Metadata) {
				return place{channel, m.Timestamp}, true, nil
			}
		}
		if cursor == "" {
			break
		}
	}
	return place{}, false, nil
}

// page reads some messages of a channel, or of a thread in it.
func (s *Slack) page(ctx context.Context, channel, thread, oldest, cursor string) (page []api.Message, next string, err error) {
	if thread != "" {
		err = s.call("conversations.replies", channel, func() (err error) {
			page, _, next, err = s.api.GetConversationRepliesContext(ctx, &api.GetConversationRepliesParameters{
				ChannelID: channel, Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: pageSize, IncludeAllMetadata: true,
			})
			return err
		})
		return page, next, err
	}
	err = s.call("conversations.history", channel, func() error {
		answer, err := s.api.GetConversationHistoryContext(ctx, &api.GetConversationHistoryParameters{
			ChannelID: channel, Oldest: oldest, Cursor: cursor, Limit: pageSize, IncludeAllMetadata: true,
		})
		if err != nil {
			return err
		}
		page, next = answer.Messages, answer.ResponseMetaData.NextCursor
		return nil
	})
	return page, next, err
}

// is reports whether metadata is this letter's. The checkpoint may be another.
func (l letter) is(m api.SlackMetadata) bool {
	for _, key := range []string{"subject", "audience", "effect"} {
		if m.EventPayload[key] != l.metadata.EventPayload[key] {
			return false
		}
	}
	return m.EventType == eventType
}

// channelID is the id of a channel, which reading takes; for writing the name is
// enough, so that the channels are only listed after something went wrong.
func (s *Slack) channelID(ctx context.Context, channel string) (string, error) {
	name, isName := strings.CutPrefix(channel, "#")
	if !isName {
		return channel, nil
	}
	if id := s.recall(s.channels, channel); id != "" {
		return id, nil
	}
	cursor := ""
	for {
		var list []api.Channel
		err := s.call("conversations.list", "", func() (err error) {
			list, cursor, err = s.api.GetConversationsContext(ctx, &api.GetConversationsParameters{
				Cursor: cursor, ExcludeArchived: true, Limit: 1000, Types: []string{"public_channel", "private_channel"},
			})
			return err
		})
		if err != nil {
			return "", err
		}
		for _, c := range list {
			if c.Name == name {
				s.learn(channel, c.ID)
				return c.ID, nil
			}
		}
		if cursor == "" {
			return "", fmt.Errorf("find %s: %w", channel, &RefusedError{Code: "channel_not_found"})
		}
	}
}

// whoami is who we are in Slack.
func (s *Slack) whoami(ctx context.Context) (self *api.AuthTestResponse, err error) {
	s.mu.Lock()
	self = s.self
	s.mu.Unlock()
	if self != nil {
		return self, nil
	}
	err = s.call("auth.test", "", func() (err error) {
		self, err = s.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.self = self
	return self, nil
}
