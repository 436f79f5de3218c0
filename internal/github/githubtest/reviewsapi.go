package githubtest

import "net/http"

func (c *call) listReviews(p *pull) (any, error) {
	var list []*review
	for _, v := range p.reviews {
		if v.state != ReviewPending || v.user == c.who.user { // others do not see what is not submitted
			list = append(list, v)
		}
	}
	return drawn(c, list, c.wireReview), nil
}

// commentIn is a comment on a line as the API takes it.
type commentIn struct {
	Path      string `json:"path"`
	Position  int    `json:"position"`
	Body      string `json:"body"`
	Line      int    `json:"line"`
	Side      string `json:"side"`
	StartLine int    `json:"start_line"`
	CommitID  string `json:"commit_id"`
	InReplyTo int64  `json:"in_reply_to"`
}

// placed turns a position in the diff into a line.
func (c *call) placed(p *pull, in commentIn, commitID string) (Comment, error) {
	out := Comment{Path: in.Path, Line: in.Line, StartLine: in.StartLine, Side: in.Side, Body: in.Body}
	if in.Line != 0 || in.Position == 0 {
		return out, nil
	}
	changes, err := p.repo.changes(p.repo.branch(p.baseBranch), commitID)
	if err != nil {
		return out, err
	}
	for _, f := range changes {
		if f.path != in.Path {
			continue
		}
		for _, side := range []string{"RIGHT", "LEFT"} {
			if line := f.lineAt(in.Position, side); line != 0 {
				out.Line, out.Side = line, side
				return out, nil
			}
		}
	}
	return out, invalid("position is not part of the diff")
}

func (c *call) createReview(p *pull) (any, error) {
	var in struct {
		CommitID    string `json:"commit_id"`
		Body, Event string
		Comments    []commentIn
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	state, known := events[in.Event]
	if !known {
		return nil, refuse(http.StatusUnprocessableEntity, "review event %q is not valid", in.Event)
	}
	out := Review{State: state, Body: in.Body, CommitID: in.CommitID}
	head, err := p.commitID(in.CommitID)
	if err != nil {
		return nil, err
	}
	for _, comment := range in.Comments {
		placed, err := c.placed(p, comment, head)
		if err != nil {
			return nil, err
		}
		out.Comments = append(out.Comments, placed)
	}
	v, err := c.review(p, c.who.user, out)
	if err != nil {
		return nil, err
	}
	return c.wireReview(v), nil
}

func (c *call) reviewOnPath() (*review, error) {
	p, err := c.pullOnPath()
	if err != nil {
		return nil, err
	}
	id, err := c.number("review_id")
	if err != nil {
		return nil, err
	}
	v := p.review(id)
	if v == nil || v.state == ReviewPending && v.user != c.who.user {
		return nil, notFound()
	}
	return v, nil
}

func (c *call) getReview(v *review) (any, error) {
	return c.wireReview(v), nil
}

func (c *call) editReview(v *review) (any, error) {
	var in struct{ Body string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if v.user != c.who.user {
		return nil, refuse(http.StatusForbidden, "Resource not accessible")
	}
	c.reword(v, c.who.user, in.Body)
	return c.wireReview(v), nil
}

func (c *call) submitReview(v *review) (any, error) {
	var in struct{ Body, Event string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	state, known := events[in.Event]
	if !known || state == ReviewPending {
		return nil, refuse(http.StatusUnprocessableEntity, "review event %q is not valid", in.Event)
	}
	if err := c.submit(v, state, in.Body); err != nil {
		return nil, err
	}
	return c.wireReview(v), nil
}

func (c *call) dismissReview(v *review) (any, error) {
	var in struct{ Message string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if err := c.dismiss(v, c.who.user, in.Message); err != nil {
		return nil, err
	}
	return c.wireReview(v), nil
}

func (c *call) listReviewComments(p *pull) (any, error) {
	return drawn(c, p.published(), c.wireReviewComment), nil
}

// published are the comments on lines whose review was submitted.
func (p *pull) published() []*reviewComment {
	var list []*reviewComment
	for _, rc := range p.reviewComments {
		if rc.review.state != ReviewPending {
			list = append(list, rc)
		}
	}
	return list
}

func (c *call) listCommentsOfReview(v *review) (any, error) {
	return drawn(c, v.comments(), c.wireReviewComment), nil
}

// createReviewComment makes a review of one comment, as GitHub does with a
// comment on its own (observed): pull_request_review_id is never null.
func (c *call) createReviewComment(p *pull) (any, error) {
	var in commentIn
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.InReplyTo != 0 {
		return c.reply(p, in)
	}
	if in.CommitID == "" {
		return nil, invalid("commit_id can't be blank")
	}
	commitID, err := p.commitID(in.CommitID)
	if err != nil {
		return nil, err
	}
	placed, err := c.placed(p, in, commitID)
	if err != nil {
		return nil, err
	}
	v, err := c.review(p, c.who.user, Review{State: ReviewCommented, CommitID: in.CommitID, Comments: []Comment{placed}})
	if err != nil {
		return nil, err
	}
	return c.wireReviewComment(v.comments()[0]), nil
}

// reply answers a comment, at its place.
func (c *call) reply(p *pull, in commentIn) (any, error) {
	for _, rc := range p.published() {
		if rc.id != in.InReplyTo {
			continue
		}
		v, err := c.review(p, c.who.user, Review{State: ReviewCommented, CommitID: rc.commitID, Body: in.Body})
		if err != nil {
			return nil, err
		}
		answer := *rc
		answer.id, answer.user, answer.Body, answer.inReplyTo, answer.review = c.id(), c.who.user, in.Body, rc.id, v
		answer.created, answer.updated = c.today(), c.today()
		p.reviewComments = append(p.reviewComments, &answer)
		c.emitReviewComment(&answer, "created")
		return c.wireReviewComment(&answer), nil
	}
	return nil, invalid("in_reply_to is not a comment of this pull request")
}

func (c *call) listComments(p *pull) (any, error) {
	return drawn(c, p.comments, c.wireComment), nil
}

func (c *call) bodyText() (string, error) {
	var in struct{ Body string }
	err := c.decode(&in)
	return in.Body, err
}

func (c *call) createComment(p *pull) (any, error) {
	body, err := c.bodyText()
	if err != nil {
		return nil, err
	}
	made, err := c.Server.comment(p, c.who.user, body)
	if err != nil {
		return nil, err
	}
	return c.wireComment(made), nil
}

func (c *call) commentOnPath() (*comment, error) {
	id, err := c.number("comment_id")
	if err != nil {
		return nil, err
	}
	found := c.repo.comment(id)
	if found == nil {
		return nil, notFound()
	}
	return found, nil
}

func (c *call) getComment(found *comment) (any, error) {
	return c.wireComment(found), nil
}

func (c *call) updateComment(found *comment) (any, error) {
	body, err := c.bodyText()
	if err != nil {
		return nil, err
	}
	if err := c.rewrite(found, c.who.user, body); err != nil {
		return nil, err
	}
	return c.wireComment(found), nil
}

func (c *call) deleteComment(found *comment) (any, error) {
	return nil, c.erase(found, c.who.user)
}

func (c *call) createReaction(found *comment) (any, error) {
	var in struct{ Content string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	r, isNew, err := c.react(found, c.who.user, in.Content)
	if err != nil {
		return nil, err
	}
	if !isNew {
		c.status = http.StatusOK
	}
	return object{
		"id": r.id, "node_id": nodeID("Reaction", r.id), "user": c.nullableUser(r.user), "content": r.content, "created_at": stamp(r.created),
	}, nil
}
