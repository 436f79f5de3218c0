package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// CommentText is the greatest number of characters of a comment.
const CommentText = 65536

// mostInline is the greatest number of comments of one review.
const mostInline = 30

// A Comment is one of ours on a pull request, to be put.
type Comment struct {
	// Marker is hidden text by which the comment is found again; Body has it.
	Marker string
	Body   string
	// Known is the number of an earlier PutComment, 0 where there is none.
	Known int64
	// Make makes one where none is found and none is known, and Again a new one
	// where a person deleted the one that is known.
	Make, Again bool
}

// PutComment brings our comment with the marker to its text, and returns its
// number: 0 where there is none and none was to be made. Of several with the marker
// the oldest stays.
func (a *App) PutComment(ctx context.Context, installation int64, repo signoff.Repo, number int, comment Comment) (int64, error) {
	wanted := fmt.Sprintf("put our comment on %s#%d", repo.Full(), number)
	if err := validComment(comment.Marker, comment.Body); err != nil {
		return 0, fmt.Errorf("%s: %w", wanted, err)
	}
	id, err := a.putComment(ctx, a.repo(installation, repo), repo, number, comment)
	return id, fail(wanted, err)
}

func validComment(marker, body string) error {
	if !strings.HasPrefix(marker, "<!--") || !strings.HasSuffix(marker, "-->") || !strings.Contains(body, marker) {
		return errors.New("a comment without its hidden marker")
	}
	if n := utf8.RuneCountInString(body); n > CommentText {
		return fmt.Errorf("a comment of %d characters, of %d at most", n, CommentText)
	}
	return nil
}

func (a *App) putComment(ctx context.Context, c *client, repo signoff.Repo, number int, comment Comment) (int64, error) {
	mine, err := a.marked(ctx, c, repo, number, comment.Marker)
	if err != nil {
		return 0, err
	}
	if len(mine) == 0 && comment.Known != 0 {
		// The list is behind what we wrote, or it was deleted.
		one, _, err := c.Issues.GetComment(ctx, repo.Owner, repo.Name, comment.Known)
		switch {
		case err == nil:
			mine = append(mine, one)
		case !errors.Is(ours(err), ErrNotFound):
			return 0, err
		case !comment.Again:
			return 0, nil
		}
	}
	if len(mine) == 0 {
		if comment.Known == 0 && !comment.Make {
			return 0, nil
		}
		made, _, err := c.Issues.CreateComment(ctx, repo.Owner, repo.Name, number, &github.IssueComment{Body: &comment.Body})
		return made.GetID(), err
	}
	keep := mine[0]
	if keep.GetBody() != comment.Body {
		if _, _, err := c.Issues.EditComment(ctx, repo.Owner, repo.Name, keep.GetID(), &github.IssueComment{Body: &comment.Body}); err != nil {
			return 0, err
		}
	}
	for _, extra := range mine[1:] {
		if err := deleteComment(ctx, c, repo, extra.GetID()); err != nil {
			return 0, err
		}
	}
	return keep.GetID(), nil
}

// marked are our comments with a marker, the oldest first. One that a person
// copied has another author.
func (a *App) marked(ctx context.Context, c *client, repo signoff.Repo, number int, marker string) ([]*github.IssueComment, error) {
	self, err := a.Self(ctx)
	if err != nil {
		return nil, err
	}
	var mine []*github.IssueComment
	_, err = pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.Issues.ListComments(ctx, repo.Owner, repo.Name, number, &github.IssueListCommentsOptions{ListOptions: opts})
		for _, one := range list {
			if self.is(one.User) && strings.Contains(one.GetBody(), marker) {
				mine = append(mine, one)
			}
		}
		return resp, err
	})
	slices.SortFunc(mine, func(a, b *github.IssueComment) int { return cmp.Compare(a.GetID(), b.GetID()) })
	return mine, err
}

// DeleteComment removes a comment of ours. One that is not there is no error.
func (a *App) DeleteComment(ctx context.Context, installation int64, repo signoff.Repo, id int64) error {
	return fail(fmt.Sprintf("delete comment %d of %s", id, repo.Full()), deleteComment(ctx, a.repo(installation, repo), repo, id))
}

func deleteComment(ctx context.Context, c *client, repo signoff.Repo, id int64) error {
	_, err := c.Issues.DeleteComment(ctx, repo.Owner, repo.Name, id)
	if errors.Is(ours(err), ErrNotFound) {
		return nil
	}
	return err
}

// Reply adds a comment below a pull request, once for each marker.
func (a *App) Reply(ctx context.Context, installation int64, repo signoff.Repo, number int, marker, body string) (int64, error) {
	wanted := fmt.Sprintf("reply on %s#%d", repo.Full(), number)
	if err := validComment(marker, body); err != nil {
		return 0, fmt.Errorf("%s: %w", wanted, err)
	}
	c := a.repo(installation, repo)
	said, err := a.marked(ctx, c, repo, number, marker)
	if err != nil {
		return 0, fail(wanted, err)
	}
	if len(said) > 0 {
		return said[0].GetID(), nil
	}
	made, _, err := c.Issues.CreateComment(ctx, repo.Owner, repo.Name, number, &github.IssueComment{Body: &body})
	return made.GetID(), fail(wanted, err)
}

// React adds a reaction, "eyes", "+1" or "confused", to a comment. A comment that
// was deleted needs none.
func (a *App) React(ctx context.Context, installation int64, repo signoff.Repo, comment int64, reaction string) error {
	_, _, err := a.repo(installation, repo).Reactions.CreateIssueCommentReaction(ctx, repo.Owner, repo.Name, comment, reaction)
	if errors.Is(ours(err), ErrNotFound) {
		return nil
	}
	return fail(fmt.Sprintf("react to comment %d of %s", comment, repo.Full()), err)
}

// PutInline adds remarks on lines of the difference at a head, all in one review
// that neither approves nor refuses. Those that are there already, on whatever
// commit, are left out. A line that is not in the difference makes GitHub refuse
// all, with 422.
func (a *App) PutInline(ctx context.Context, installation int64, repo signoff.Repo, number int, head string, comments []signoff.InlineComment) error {
	wanted := fmt.Sprintf("put inline comments on %s#%d", repo.Full(), number)
	if len(comments) == 0 {
		return nil
	}
	if len(comments) > mostInline {
		return fmt.Errorf("%s: %d comments, of %d at most", wanted, len(comments), mostInline)
	}
	for _, one := range comments {
		if one.Mark == "" || one.Line < 1 || one.Path == "" || utf8.RuneCountInString(marked(one)) > CommentText {
			return fmt.Errorf("%s: remark at %q:%d without a place or a mark, or too long", wanted, one.Path, one.Line)
		}
	}
	return fail(wanted, a.putInline(ctx, a.repo(installation, repo), repo, number, head, comments))
}

func (a *App) putInline(ctx context.Context, c *client, repo signoff.Repo, number int, head string, comments []signoff.InlineComment) error {
	there, err := a.inline(ctx, c, repo, number)
	if err != nil {
		return err
	}
	review := &github.PullRequestReviewRequest{CommitID: &head, Event: github.String("COMMENT")}
	for _, one := range comments {
		if slices.ContainsFunc(there, func(body string) bool { return strings.Contains(body, hidden(one.Mark)) }) {
			continue
		}
		body := marked(one)
		review.Comments = append(review.Comments, &github.DraftReviewComment{
			Path: &one.Path, Line: &one.Line, Side: github.String("RIGHT"), Body: &body,
		})
	}
	if len(review.Comments) == 0 {
		return nil
	}
	_, _, err = c.PullRequests.CreateReview(ctx, repo.Owner, repo.Name, number, review)
	return err
}

// inline are the texts of our remarks on lines.
func (a *App) inline(ctx context.Context, c *client, repo signoff.Repo, number int) ([]string, error) {
	self, err := a.Self(ctx)
	if err != nil {
		return nil, err
	}
	var bodies []string
	_, err = pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.PullRequests.ListComments(ctx, repo.Owner, repo.Name, number, &github.PullRequestListCommentsOptions{ListOptions: opts})
		for _, one := range list {
			if self.is(one.User) {
				bodies = append(bodies, one.GetBody())
			}
		}
		return resp, err
	})
	return bodies, err
}

// hidden makes a marker of a mark, unless it is one.
func hidden(mark string) string {
	if strings.HasPrefix(mark, "<!--") {
		return mark
	}
	return "<!-- barraiser:" + strings.ReplaceAll(mark, "-->", "") + " -->"
}

func marked(c signoff.InlineComment) string {
	if strings.Contains(c.Body, hidden(c.Mark)) {
		return c.Body
	}
	return c.Body + "\n\n" + hidden(c.Mark)
}
