package github

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// groupRef is the branch that GitHub makes for a merge group:
// "refs/heads/gh-readonly-queue/main/pr-104-9f2c…". The number is that of the last
// pull request of the group, the commit what it was built on. The payload has
// neither anywhere else.
var groupRef = regexp.MustCompile(`^refs/heads/gh-readonly-queue/.+/pr-([1-9][0-9]{0,8})-[0-9a-f]{40,64}$`)

// readMergeGroup notes that a merge queue waits for the check of a commit. Each
// pull request of a queue gets a group of its own, built on those before it, so one
// that is not satisfied fails in its own group.
func readMergeGroup(d *decoder, event any) {
	e := event.(*github.MergeGroupEvent)
	if e.GetAction() != "checks_requested" {
		d.ignore("nobody waits for a check")
		return
	}
	g := e.GetMergeGroup()
	match := groupRef.FindStringSubmatch(g.GetHeadRef())
	head := commit(g.GetHeadSHA())
	if match == nil || head == "" {
		d.ignore("a merge group that names no pull request")
		return
	}
	number, err := strconv.Atoi(match[1])
	if err != nil {
		d.ignore("a merge group that names no pull request") // unreachable: nine digits
		return
	}
	if s, ok := d.pull(number); ok {
		d.fact(s, signoff.Fact{
			Kind: signoff.Queued, Actor: account(e.Sender), Commit: head, Before: commit(g.GetBaseSHA()),
			BaseRef: strings.TrimPrefix(g.GetBaseRef(), "refs/heads/"),
		})
	}
}
