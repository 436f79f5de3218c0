package githubtest

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxComment is the length of a comment in characters (observed; GitHub names
// it in its answer and in no page).
const maxComment = 65536

type comment struct {
	id               int64
	pull             *pull
	user             *account
	body             string
	created, updated time.Time
	reactions        []*reaction
}

type reaction struct {
	id      int64
	user    *account
	content string
	created time.Time
}

var reactionKinds = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

// Comment writes a comment to a pull request and returns its id.
func (s *Server) Comment(repo string, number int, by, body string) (int64, error) {
	var id int64
	err := s.onPull(repo, number, by, func(p *pull, a *account) error {
		c, err := s.comment(p, a, body)
		if err == nil {
			id = c.id
		}
		return err
	})
	return id, err
}

func (s *Server) comment(p *pull, by *account, body string) (*comment, error) {
	if err := commentable(body); err != nil {
		return nil, err
	}
	c := &comment{id: s.id(), pull: p, user: by, body: body, created: s.today(), updated: s.today()}
	p.comments = append(p.comments, c)
	p.updated = s.today()
	s.emitComment(c, by, "created", nil)
	return c, nil
}

func commentable(body string) error {
	switch {
	case strings.TrimSpace(body) == "":
		return invalid("body can't be blank")
	case utf8.RuneCountInString(body) > maxComment:
		return invalid("body is too long (maximum is 65536 characters)")
	}
	return nil
}

// EditComment changes a comment as the named person.
func (s *Server) EditComment(repo string, id int64, by, body string) error {
	return s.onComment(repo, id, by, func(c *comment, a *account) error { return s.rewrite(c, a, body) })
}

// DeleteComment removes a comment as the named person.
func (s *Server) DeleteComment(repo string, id int64, by string) error {
	return s.onComment(repo, id, by, func(c *comment, a *account) error { return s.erase(c, a) })
}

func (s *Server) onComment(repo string, id int64, by string, do func(*comment, *account) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, a, err := s.mustBoth(repo, by)
	if err != nil {
		return err
	}
	c := r.comment(id)
	if c == nil {
		return notFound()
	}
	return do(c, a)
}

func (r *repository) comment(id int64) *comment {
	for _, p := range r.pulls {
		for _, c := range p.comments {
			if c.id == id {
				return c
			}
		}
	}
	return nil
}

// mayChange: people with write access may change the comments of others,
// docs.github.com/en/communities/moderating-comments-and-conversations/managing-disruptive-comments.
// An App may so only with write access to contents, hence not the bot's.
func (s *Server) mayChange(c *comment, by *account) error {
	if c.user == by || s.permission(c.pull.repo, by).atLeast(PermissionWrite) {
		return nil
	}
	return refuse(http.StatusForbidden, "Must have admin rights to Repository.")
}

func (s *Server) rewrite(c *comment, by *account, body string) error {
	if err := s.mayChange(c, by); err != nil {
		return err
	}
	if err := commentable(body); err != nil {
		return err
	}
	from := c.body
	c.body, c.updated = body, s.today()
	if from != body {
		s.emitComment(c, by, "edited", object{"changes": object{"body": object{"from": from}}})
	}
	return nil
}

func (s *Server) erase(c *comment, by *account) error {
	if err := s.mayChange(c, by); err != nil {
		return err
	}
	c.pull.comments = without(c.pull.comments, c)
	s.emitComment(c, by, "deleted", nil)
	return nil
}

// react adds a reaction; the same one by the same account is there only once,
// docs.github.com/en/rest/reactions/reactions "Create reaction for an issue
// comment". It sends no webhook.
func (s *Server) react(c *comment, by *account, content string) (r *reaction, isNew bool, err error) {
	if !slices.Contains(reactionKinds, content) {
		return nil, false, invalid("content is not a reaction")
	}
	for _, r := range c.reactions {
		if r.user == by && r.content == content {
			return r, false, nil
		}
	}
	r = &reaction{id: s.id(), user: by, content: content, created: s.today()}
	c.reactions = append(c.reactions, r)
	return r, true, nil
}

// Reactions are the reactions to a comment, as "LOGIN CONTENT", oldest first.
func (s *Server) Reactions(repo string, id int64) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return nil, err
	}
	c := r.comment(id)
	if c == nil {
		return nil, notFound()
	}
	var list []string
	for _, x := range c.reactions {
		list = append(list, x.user.Login+" "+x.content)
	}
	return list, nil
}
