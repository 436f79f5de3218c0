package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/signoff"
)

var (
	self    = Self{ID: 7, Slug: "bar-raiser"}
	arrived = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
)

const (
	shaA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	shaB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	zero = "0000000000000000000000000000000000000000"
)

func hookHeader(event string) http.Header {
	return http.Header{
		"X-Github-Event": {event}, "X-Github-Delivery": {"6a1f-1"}, "Content-Type": {"application/json"},
	}
}

// Short names for what the payloads of the tests have in common.
var shorthand = strings.NewReplacer(
	"REPO", `"repository":{"id":5,"name":"pay","full_name":"acme/pay","private":true,"default_branch":"main","owner":{"login":"acme"}},"installation":{"id":9},"organization":{"login":"acme"}`,
	"MARIA", `{"id":101,"login":"maria-k","type":"User"}`,
	"SAM", `{"id":102,"login":"sam","type":"User"}`,
	"OURS", `{"id":900,"login":"bar-raiser[bot]","type":"Bot"}`,
	"BOT", `{"id":901,"login":"renovate[bot]","type":"Bot"}`,
	"SHAA", shaA, "SHAB", shaB, "ZERO", zero,
)

// describe is a delivery in the lines that the tests compare.
func describe(d Delivery) string {
	var b strings.Builder
	for _, f := range d.Facts {
		fmt.Fprintf(&b, "fact %s %s: %s by %s", f.Fact.ID, f.Subject.Key(), f.Fact.Kind, f.Fact.Actor.Login)
		for _, part := range []struct{ name, value string }{
			{"author", f.Fact.Author.Login}, {"state", string(f.Fact.State)}, {"before", f.Fact.Before}, {"commit", f.Fact.Commit},
			{"base", f.Fact.BaseRef}, {"text", f.Fact.Text},
		} {
			if part.value != "" {
				fmt.Fprintf(&b, ", %s %.12s", part.name, part.value)
			}
		}
		if f.Fact.Command != nil {
			fmt.Fprintf(&b, ", command %q", f.Fact.Command.Line)
		}
		if !f.Fact.Said.IsZero() {
			fmt.Fprintf(&b, ", said %s", f.Fact.Said.Format("15:04:05"))
		}
		if f.Fact.Edited {
			b.WriteString(", edited")
		}
		if f.Forced {
			b.WriteString(", forced")
		}
		b.WriteString("\n")
	}
	for _, s := range d.Raised {
		fmt.Fprintf(&b, "raise %s\n", s.Key())
	}
	for _, h := range d.Heads {
		fmt.Fprintf(&b, "head %.12s\n", h)
	}
	if p := d.Pressed; p != nil {
		fmt.Fprintf(&b, "pressed %s by %s on %.12s of %s\n", p.Identifier, p.Actor.Login, p.Commit, p.ExternalID)
	}
	if c := d.Shown; c != nil {
		fmt.Fprintf(&b, "shown %d %s on %.12s: %q, ours %t\n", c.ID, c.Name, c.Commit, c.Conclusion, c.Ours)
	}
	for _, r := range d.Sweep {
		fmt.Fprintf(&b, "sweep %d %s\n", r.ID, r.Full())
	}
	for _, r := range d.Gone {
		fmt.Fprintf(&b, "gone %d %s\n", r.ID, r.Full())
	}
	for said, is := range map[string]bool{"sweep all": d.SweepAll, "all gone": d.GoneAll, "directory of " + d.Organization: d.Directory} {
		if is {
			b.WriteString(said + "\n")
		}
	}
	if d.Ignored != "" {
		b.WriteString("ignored: " + d.Ignored + "\n")
	}
	return b.String()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const pull = `"pull_request":{"number":12,"user":MARIA,"state":"open","head":{"sha":"SHAB","ref":"x"},"base":{"ref":"main","sha":"SHAA"}}`
	const merged = `"pull_request":{"number":12,"user":MARIA,"state":"closed","merged":true,"merged_at":"2026-11-02T07:00:00Z","merged_by":SAM,"head":{"sha":"SHAB"},"base":{"ref":"main"}}`
	const review = `"review":{"id":77,"user":SAM,"state":"%s","commit_id":"SHAB","submitted_at":"2026-11-02T08:00:00Z","body":"fine"}`
	approved := strings.Replace(review, "%s", "approved", 1)
	dismissed := strings.Replace(review, "%s", "dismissed", 1)
	pending := strings.Replace(review, "%s", "pending", 1)
	const times = `"created_at":"2026-11-02T09:00:00Z","updated_at":"2026-11-02T09:00:00Z"`
	const issue = `"issue":{"number":12,"pull_request":{"url":"u"}}`
	const run = `"check_run":{"id":3,"name":"bar-raiser","external_id":"x1","head_sha":"SHAB","app":{"id":%d},"pull_requests":[{"number":12,"base":{"repo":{"id":5}}},{"number":13,"base":{"repo":{"id":6}}}]}`

	for _, test := range []struct{ name, event, body, want string }{
		{"a push to a pull request", "pull_request", `{"action":"synchronize","before":"SHAA","after":"SHAB",` + pull + `,"sender":SAM,REPO}`,
			"fact 6a1f-1 9/5/pull/12: pushed by sam, before aaaaaaaaaaaa, commit bbbbbbbbbbbb\nraise 9/5/pull/12\n"},
		{"opened", "pull_request", `{"action":"opened",` + pull + `,"sender":MARIA,REPO}`, "raise 9/5/pull/12\n"},
		{"an action of tomorrow", "pull_request", `{"action":"enchanted",` + pull + `,"sender":MARIA,REPO}`, "raise 9/5/pull/12\n"},
		{"labelled", "pull_request", `{"action":"labeled",` + pull + `,"sender":MARIA,REPO}`, "ignored: changes nothing that we look at\n"},
		{"closed", "pull_request", `{"action":"closed",` + pull + `,"sender":MARIA,REPO}`, "raise 9/5/pull/12\n"},
		{"merged", "pull_request", `{"action":"closed",` + merged + `,"sender":MARIA,REPO}`,
			"fact 6a1f-1 9/5/pull/12: merged by sam, author maria-k, commit bbbbbbbbbbbb, said 07:00:00\nraise 9/5/pull/12\n"},
		{"our own request for a review", "pull_request", `{"action":"review_requested",` + pull + `,"sender":OURS,REPO}`, "ignored: our own\n"},
		{"a request for a review by another bot", "pull_request", `{"action":"review_requested",` + pull + `,"sender":BOT,REPO}`, "raise 9/5/pull/12\n"},
		{"a person who is called like us", "pull_request", `{"action":"opened",` + pull + `,"sender":{"id":8,"login":"bar-raiser[bot]","type":"User"},REPO}`, "raise 9/5/pull/12\n"},
		{"without an installation", "pull_request", `{"action":"opened",` + pull + `,"repository":{"id":5,"full_name":"acme/pay"}}`, "ignored: names no pull request of an installation\n"},
		{"without a pull request", "pull_request", `{"action":"opened",REPO}`, "ignored: names no pull request of an installation\n"},

		{"an approval", "pull_request_review", `{"action":"submitted",` + approved + `,` + pull + `,"sender":SAM,REPO}`,
			"fact 6a1f-1 9/5/pull/12: review-submitted by sam, author sam, state approved, commit bbbbbbbbbbbb, base main, text fine, said 08:00:00\nraise 9/5/pull/12\n"},
		{"a dismissal", "pull_request_review", `{"action":"dismissed",` + dismissed + `,` + pull + `,"sender":MARIA,REPO}`,
			"fact 6a1f-1 9/5/pull/12: review-dismissed by maria-k, author sam, state dismissed, commit bbbbbbbbbbbb, base main\nraise 9/5/pull/12\n"},
		{"an edit", "pull_request_review", `{"action":"edited",` + approved + `,` + pull + `,"sender":SAM,REPO}`,
			"fact 6a1f-1 9/5/pull/12: review-edited by sam, author sam, state approved, commit bbbbbbbbbbbb, base main, text fine\nraise 9/5/pull/12\n"},
		{"a state that is none", "pull_request_review", `{"action":"submitted",` + pending + `,` + pull + `,"sender":SAM,REPO}`,
			"raise 9/5/pull/12\nignored: a state of a review that is not known\n"},
		{"a remark on a line", "pull_request_review_comment", `{"action":"created",` + pull + `,"sender":SAM,REPO}`, "ignored: not an event that we use\n"},

		{"commands", "issue_comment", `{"action":"created",` + issue + `,"comment":{"id":4,"user":SAM,"body":"/bar signoff aaaaaaa good\n\n/bar status",` + times + `},"sender":SAM,REPO}`,
			"fact 6a1f-1 9/5/pull/12: command by sam, author sam, command \"/bar signoff aaaaaaa good\", said 09:00:00\n" +
				"fact 6a1f-1/2 9/5/pull/12: command by sam, author sam, command \"/bar status\", said 09:00:00\nraise 9/5/pull/12\n"},
		{"a comment that was edited before we heard", "issue_comment", `{"action":"created",` + issue + `,"comment":{"id":4,"user":SAM,"body":"/bar status","created_at":"2026-11-02T09:00:00Z","updated_at":"2026-11-02T09:00:01Z"},"sender":SAM,REPO}`,
			"fact 6a1f-1 9/5/pull/12: command by sam, author sam, command \"/bar status\", said 09:00:00, edited\nraise 9/5/pull/12\n"},
		{"edited into a command, by another", "issue_comment", `{"action":"edited","changes":{"body":{"from":"hello\n\n/bar status"}},` + issue + `,"comment":{"id":4,"user":SAM,"body":"/bar status\n\n/bar signoff aaaaaaa",` + times + `},"sender":MARIA,REPO}`,
			"fact 6a1f-1 9/5/pull/12: command by maria-k, author sam, command \"/bar signoff aaaaaaa\", said 09:00:00, edited\nraise 9/5/pull/12\n"},
		{"edited without a new command", "issue_comment", `{"action":"edited","changes":{"body":{"from":"/bar status\n\nplase"}},` + issue + `,"comment":{"id":4,"user":SAM,"body":"/bar status\n\nplease",` + times + `},"sender":SAM,REPO}`, "ignored: no command\n"},
		{"no command", "issue_comment", `{"action":"created",` + issue + `,"comment":{"id":4,"user":SAM,"body":"what is /bar?",` + times + `},"sender":SAM,REPO}`, "ignored: no command\n"},
		{"deleted", "issue_comment", `{"action":"deleted",` + issue + `,"comment":{"id":4,"user":SAM,"body":"/bar signoff aaaaaaa",` + times + `},"sender":SAM,REPO}`, "ignored: takes nothing back\n"},
		{"our comment, changed by a person", "issue_comment", `{"action":"edited",` + issue + `,"comment":{"id":4,"user":OURS,"body":"/bar signoff aaaaaaa",` + times + `},"sender":SAM,REPO}`, "ignored: a comment of ours\n"},
		{"ours under an older name", "issue_comment", `{"action":"created",` + issue + `,"comment":{"id":4,"user":BOT,"performed_via_github_app":{"id":7},"body":"/bar status",` + times + `},"sender":BOT,REPO}`, "ignored: our own\n"},
		{"on an issue", "issue_comment", `{"action":"created","issue":{"number":12},"comment":{"id":4,"user":SAM,"body":"/bar status",` + times + `},"sender":SAM,REPO}`, "ignored: a comment on an issue\n"},

		{"a button of ours", "check_run", `{"action":"requested_action","requested_action":{"identifier":"retry"},` + fmt.Sprintf(run, 7) + `,"sender":SAM,REPO}`,
			"raise 9/5/pull/12\nhead bbbbbbbbbbbb\npressed retry by sam on bbbbbbbbbbbb of x1\n"},
		{"run again", "check_run", `{"action":"rerequested",` + fmt.Sprintf(run, 7) + `,"sender":SAM,REPO}`, "raise 9/5/pull/12\nhead bbbbbbbbbbbb\npressed retry by sam on bbbbbbbbbbbb of x1\n"},
		{"a button of another App", "check_run", `{"action":"rerequested",` + fmt.Sprintf(run, 8) + `,"sender":SAM,REPO}`, "ignored: a check of another App\n"},
		{"our check over-written", "check_run", `{"action":"created",` + fmt.Sprintf(run, 8) + `,"sender":BOT,REPO}`, "shown 3 bar-raiser on bbbbbbbbbbbb: \"\", ours false\n"},
		{"our check, by us or by whoever has our key", "check_run", `{"action":"completed",` + fmt.Sprintf(run, 7) + `,"sender":OURS,REPO}`, "shown 3 bar-raiser on bbbbbbbbbbbb: \"\", ours true\n"},
		{"all checks again", "check_suite", `{"action":"rerequested","check_suite":{"id":1,"head_sha":"SHAB","app":{"id":7},"pull_requests":[]},"sender":SAM,REPO}`, "head bbbbbbbbbbbb\npressed retry by sam on bbbbbbbbbbbb of \n"},

		{"a push", "push", `{"ref":"refs/heads/rel/1","before":"SHAA","after":"SHAB","forced":true,"sender":SAM,REPO}`,
			"fact 6a1f-1 9/5/branch/rel/1: pushed by sam, before aaaaaaaaaaaa, commit bbbbbbbbbbbb, forced\nraise 9/5/branch/rel/1\n"},
		{"a new branch", "push", `{"ref":"refs/heads/x","before":"ZERO","after":"SHAB","created":true,"sender":SAM,REPO}`,
			"fact 6a1f-1 9/5/branch/x: pushed by sam, commit bbbbbbbbbbbb\nraise 9/5/branch/x\n"},
		{"a merge group that is built no more", "merge_group", `{"action":"destroyed","merge_group":{"head_sha":"SHAB","head_ref":"refs/heads/gh-readonly-queue/main/pr-7-SHAA"},REPO}`,
			"ignored: nobody waits for a check\n"},
		{"a merge group of no pull request", "merge_group", `{"action":"checks_requested","merge_group":{"head_sha":"SHAB","head_ref":"refs/heads/gh-readonly-queue/main/pr-0-SHAA"},REPO}`,
			"ignored: a merge group that names no pull request\n"},
		{"a tag", "push", `{"ref":"refs/tags/v1","before":"ZERO","after":"SHAB","sender":SAM,REPO}`, "ignored: no branch\n"},

		{"installed", "installation", `{"action":"created","installation":{"id":9,"app_id":7,"account":{"login":"acme"}},"sender":SAM}`, "sweep all\n"},
		{"suspended", "installation", `{"action":"suspend","installation":{"id":9,"app_id":7,"account":{"login":"acme"}},"sender":SAM}`, "all gone\n"},
		{"another App", "installation", `{"action":"created","installation":{"id":9,"app_id":8},"sender":SAM}`, "ignored: an installation of another App\n"},
		{"repositories", "installation_repositories", `{"action":"added","repositories_added":[{"id":5,"name":"pay","full_name":"acme/pay"}],"repositories_removed":[{"id":6,"name":"fx","full_name":"acme/fx"}],"installation":{"id":9}}`,
			"sweep 5 acme/pay\ngone 6 acme/fx\n"},
		{"renamed", "repository", `{"action":"renamed","sender":SAM,REPO}`, "sweep 5 acme/pay\n"},
		{"deleted repository", "repository", `{"action":"deleted","sender":SAM,REPO}`, "gone 5 acme/pay\n"},
		{"a team", "membership", `{"action":"added","scope":"team","member":SAM,"team":{"slug":"pay"},"sender":MARIA,"organization":{"login":"acme"},"installation":{"id":9}}`, "directory of acme\n"},
		{"ping", "ping", `{"zen":"Keep it logically awesome.","hook_id":1}`, "ignored: ping\n"},
		{"an event of tomorrow", "quantum_merge", `{"action":"x"}`, "ignored: not an event that we use\n"},
		{"another shape", "push", `{"ref":["refs/heads/x"],REPO}`, "sweep 5 acme/pay\nignored: a payload of another shape than known\n"},
		{"no object", "push", `[1]`, "ignored: a payload of another shape than known\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, err := Decode(hookHeader(test.event), []byte(shorthand.Replace(test.body)), self, arrived)
			if err != nil {
				t.Fatalf("Decode() = %v", err)
			}
			if diff := cmp.Diff(test.want, describe(d)); diff != "" {
				t.Errorf("Decode() (-want +got):\n%s", diff)
			}
			for _, f := range d.Facts {
				if !f.Fact.At.Equal(arrived) {
					t.Errorf("the fact is of %v", f.Fact.At)
				}
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(http.Header) []byte{
		"no event":  func(h http.Header) []byte { h.Del("X-Github-Event"); return []byte("{}") },
		"no id":     func(h http.Header) []byte { h.Del("X-Github-Delivery"); return []byte("{}") },
		"a long id": func(h http.Header) []byte { h.Set("X-Github-Delivery", strings.Repeat("a", 65)); return []byte("{}") },
		"an odd id": func(h http.Header) []byte { h.Set("X-Github-Delivery", "a b\n"); return []byte("{}") },
		"a form": func(h http.Header) []byte {
			h.Set("Content-Type", "application/x-www-form-urlencoded")
			return []byte("{}")
		},
		"not JSON":      func(http.Header) []byte { return []byte(`{"action":`) },
		"nothing":       func(http.Header) []byte { return nil },
		"two documents": func(http.Header) []byte { return []byte(`{}{}`) },
	} {
		h := hookHeader("push")
		body := change(h)
		if d, err := Decode(h, body, self, arrived); err == nil {
			t.Errorf("%s: Decode() = %+v", name, d)
		}
	}
}

// A repository is what the payload calls it; what it belongs to is its number.
func TestDecodeRepository(t *testing.T) {
	t.Parallel()
	body := shorthand.Replace(`{"ref":"refs/heads/x","after":"SHAB","sender":SAM,REPO}`)
	d, err := Decode(hookHeader("push"), []byte(body), self, arrived)
	want := signoff.Repo{ID: 5, Owner: "acme", Name: "pay", Private: true, DefaultBranch: "main"}
	if err != nil || d.Repository != want || d.Installation != 9 || d.Organization != "acme" || d.GUID != "6a1f-1" {
		t.Errorf("Decode() = %+v, %v, want repository %+v", d, err, want)
	}
}
