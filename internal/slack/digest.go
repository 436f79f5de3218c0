package slack

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Digest tells a channel of a week, once: it may be called again with the same
// week, after an error or without one. Where Slack does not take the chart, the words
// go without it.
func (s *Slack) Digest(ctx context.Context, installation int64, channel string, d report.Digest) error {
	week := d.Begin.Format(time.DateOnly)
	row := store.Posted{Kind: store.PostedSlack, Scope: fmt.Sprintf("digest/%d", installation), Name: toldPrefix + week + " " + strings.ToLower(channel)}
	told, err := s.posted(ctx, row.Scope, row.Name)
	if err != nil {
		return err
	}
	if _, ok := parsePlace(told.Remote); ok {
		return nil
	}
	l := letter{
		channel: channel, message: draw(signoff.Subject{}, report.DigestText(d), nil),
		metadata: api.SlackMetadata{EventType: eventType, EventPayload: map[string]any{
			"subject": row.Scope, "audience": "channel:" + strings.ToLower(channel), "effect": week,
		}},
	}
	picture, err := d.Survey.Picture()
	if err != nil {
		s.log.ErrorContext(ctx, "the chart of a digest cannot be drawn", "channel", channel, "error", err)
	}
	if len(picture.PNG) > 0 {
		if id, err := s.upload(ctx, picture, "debt-"+week+".png"); err != nil {
			s.log.WarnContext(ctx, "a digest goes without its chart", "channel", channel, "error", err)
		} else {
			l.message = l.message.withPicture(id, picture.Alt)
		}
	}
	_, err = s.deliver(ctx, row, l)
	return err
}

// upload gives Slack a picture, which nobody sees until a message shows it. One that
// no message came to show stays with the bot and is seen by nobody.
func (s *Slack) upload(ctx context.Context, p report.Picture, name string) (id string, err error) {
	err = s.call("files.upload", "", func() error {
		file, err := s.api.UploadFileContext(ctx, api.UploadFileParameters{
			Reader: bytes.NewReader(p.PNG), FileSize: len(p.PNG), Filename: name, Title: name, AltTxt: clip(p.Alt, mostAlt),
		})
		if err == nil && file.ID == "" {
			err = errNoAnswer
		}
		if err == nil {
			id = file.ID
		}
		return err
	})
	return id, err
}

// How long Slack may take to look at a picture before a message may show it. It does
// not say when it is done, and refuses the message as if its blocks were wrong.
// Source: docs.slack.dev/reference/block-kit/composition-objects/slack-file-object.
const (
	pictureTries = 3
	pictureWait  = 2 * time.Second
)

// withPicture shows a picture below the first section, which says what there is to
// see of it.
func (m message) withPicture(id, alt string) message {
	picture := api.NewImageBlockSlackFile(&api.SlackFileObject{ID: id}, clip(alt, mostAlt), "", nil)
	at := min(2, len(m.blocks)) // header, section
	m.blocks = slices.Insert(slices.Clone(m.blocks), at, api.Block(picture))
	return m
}

// pictured reports whether a message shows a picture.
func (m message) pictured() bool { return slices.ContainsFunc(m.blocks, isPicture) }

func isPicture(b api.Block) bool { return b.BlockType() == api.MBTImage }

// plainer is the message without its pictures, and then without blocks.
func (m message) plainer() message {
	if !m.pictured() {
		m.blocks = nil
		return m
	}
	m.blocks = slices.DeleteFunc(slices.Clone(m.blocks), isPicture)
	return m
}
