package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// pullView is the page of one pull request: all of the comment and what has no
// room there.
type pullView struct {
	Repo, RepoPath, Path string
	Number               int
	Title, URL           string
	Author               string
	Head, ShortHead      string
	MergeBase, BaseRef   string
	Mode, ModeMeans      string // the latter while it is open
	Draft                bool
	State                badge
	Verdict              string // the first line on every surface
	Opened               moment
	Seen                 bool
	Stale                moment // since when news wait to be looked at
	Judged               bool   // what follows is about this head

	Tiles       []tile
	Claims      []claim
	Away, Later []string
	Problems    []problem // of the policy that the change brings
	Ways        []way
	Forms       forms
	Reasons     []string
	Domains     []domain
	Demands     []demand
	Revert      string
	Standings   []standing
	Unknown     []string // involved, whose login is not known
	Declined    []declined
	Groups      []findingGroup
	Dismissals  []dismissal
	Verdicts    []verdict
	Overrides   []overrideCard
	Coverage    coverage
	Hints       []string
	Warnings    []string
	Description []string
	History     []transition
	Commands    []string
	Foot        []string
}

type tile struct{ Name, Value, More string }

type problem struct{ Place, What string }

type domain struct {
	Name     string
	Triggers []trigger
}

type trigger struct {
	Title, Name string
	Evidence    []evidence
}

type evidence struct {
	Spans []words
	Place string
}

// words are a part of a sentence.
type words struct {
	Text string
	Code bool
}

type demand struct{ Domain, By, Why string }

type transition struct {
	At       moment
	Domain   string
	From, To badge
	By, Why  string
	Head     string
}

// modeMeans says what a mode does about a verdict.
var modeMeans = map[review.Mode]string{
	review.Enforce: "blocks until the sign-off or an override is there",
	review.Warn:    "asks, and blocks nothing",
	review.Observe: "says what it sees, and asks nobody",
}

func (s *site) pull(v *visit) error {
	if err := s.readPull(v); err != nil {
		return err
	}
	form, err := s.secret()
	if err != nil {
		return err
	}
	if len(v.brief.Record.Overrides) > 0 {
		checkpoint, err := s.Store.LatestCheckpoint(v.ctx())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		v.covered = checkpoint.Size
	}
	p := newPullView(v, form)
	render(s, v, pullPage, http.StatusOK, fmt.Sprintf("%s · %s #%d", p.State.Text, p.Repo, p.Number), p)
	return nil
}

// newPullView is a function of what admit found. Form names this drawing of the
// forms.
func newPullView(v *visit, form string) pullView {
	b, rec := v.brief, v.brief.Record
	mode := rec.Mode
	if mode == "" {
		mode = review.Observe
	}
	if b.Names == nil {
		b.Names = report.Numbered(b.Review.Delta)
	}
	p := pullView{
		Repo: v.repo.Full(), RepoPath: "/" + v.repo.Full(), Path: pullPath(v.repo.Repo, b.Pull.Number), Number: b.Pull.Number,
		Title: b.Pull.Title, URL: webAddress(b.Pull.URL), Author: b.Pull.Author.Login,
		Head: rec.Head, ShortHead: short(rec.Head), MergeBase: short(rec.MergeBase), BaseRef: rec.BaseRef,
		Mode: string(mode), ModeMeans: modeMeans[mode], Draft: b.Pull.Draft, State: state(rec.State),
		Opened: at(b.Pull.Opened, v.now), Seen: v.seen, Stale: at(v.row.UndoneSince, v.now),
		Later: report.Later(b), History: history(rec, v), Verdicts: verdicts(b, v), Overrides: overrideCards(rec, v),
	}
	if p.Title == "" {
		p.Title = fmt.Sprintf("Pull request #%d", p.Number)
	}
	if !v.seen {
		return p
	}
	if rec.State.Ended() {
		p.ModeMeans = ""
	}
	p.Verdict = report.CheckRun(b).Title
	p.Problems = problems(b.Problems)
	p.Forms = newForms(v, form)
	if rec.State == signoff.Evaluating { // the judgement may be of an earlier head
		return p
	}
	r := b.Review
	p.Judged = true
	p.Claims, p.Tiles = claims(b), tiles(b)
	for _, a := range rec.Away {
		p.Away = append(p.Away, "Away team: "+report.AwayWords(a)+".")
	}
	p.Ways, p.Commands = ways(b), commands(b)
	p.Reasons, p.Domains, p.Revert = reasons(r), domains(r.Impact), short(r.Impact.Revert)
	for _, d := range rec.Required {
		p.Demands = append(p.Demands, demand{string(d.Domain), d.By.Login, d.Why})
	}
	p.Standings, p.Unknown, p.Declined = standings(b, v), r.Unattributed, refusals(rec)
	p.Groups, p.Dismissals = findings(b), dismissals(b)
	p.Coverage, p.Hints, p.Warnings = covered(r.Coverage), r.Hints, r.Warnings
	p.Description = lines(b.Pull.Body)
	p.Foot = foot(r)
	return p
}

// lines are those of a text, without empty ones at its ends.
func lines(text string) []string {
	text = strings.Trim(strings.ReplaceAll(text, "\r\n", "\n"), "\n ")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func problems(list []review.Problem) []problem {
	var out []problem
	for _, p := range list {
		out = append(out, problem{fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column), p.What})
	}
	return out
}

func tiles(b report.Brief) []tile {
	r := b.Review
	d := r.Delta
	net := tile{"Net debt", signed(d.Net), "range " + signed(d.Low) + " to " + signed(d.High)}
	if r.Policy.Budget != nil {
		net.More = "budget " + report.Minutes(*r.Policy.Budget) + "; " + net.More
	}
	out := []tile{net,
		{"Introduced", report.Minutes(d.Introduced), count(number(b, "new", "worse"), "finding")},
		{"Repaid", report.Minutes(d.Repaid), count(number(b, "paid", "better"), "finding")},
	}
	if d.Tests.Introduced != 0 || d.Tests.Repaid != 0 {
		out = append(out, tile{"In tests", signed(d.Tests.Introduced - d.Tests.Repaid), "not in the figures above"})
	}
	if blast := r.Impact.Blast; blast.Of > 0 {
		t := tile{"Depend on it", count(blast.Packages, "package"), "of " + count(blast.Of, "package") + " here"}
		if n := len(blast.Commands); n > 0 {
			t.More += "; it reaches " + count(n, "command")
		}
		out = append(out, t)
	}
	if s := r.Impact.Score; s != nil {
		out = append(out, tile{"Risk", fmt.Sprintf("%.2f", s.Value),
			fmt.Sprintf("higher than %d %% of %s of twelve months", int(s.Percentile*100), count(s.Of, "change"))})
	}
	return out
}

// reasons are those that are not about impact, which has room of its own.
func reasons(r review.Review) (out []string) {
	for _, reason := range r.Reasons {
		if !strings.HasPrefix(reason, review.ImpactReason) {
			out = append(out, reason)
		}
	}
	return out
}

func domains(a impact.Assessment) (out []domain) {
	for _, d := range a.Domains {
		row := domain{Name: string(d.Domain)}
		for _, t := range d.Triggers {
			fired := trigger{Title: t.Title, Name: t.Name}
			for _, e := range t.Evidence {
				row := evidence{Place: place(e.File, e.Line)}
				for i, text := range report.Spans(e.Text) {
					row.Spans = append(row.Spans, words{text, i%2 == 1})
				}
				fired.Evidence = append(fired.Evidence, row)
			}
			row.Triggers = append(row.Triggers, fired)
		}
		out = append(out, row)
	}
	return out
}

// place is "file:line", as far as that is known.
func place(file string, line int) string {
	if file == "" || line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// history is the newest first: what a reader wants is how it came to be as it is.
func history(rec signoff.Record, v *visit) (out []transition) {
	for i := len(rec.History) - 1; i >= 0; i-- {
		t := rec.History[i]
		row := transition{At: at(t.At, v.now), Domain: string(t.Domain), To: state(t.To), By: t.By.Login, Why: t.Why, Head: short(t.Head)}
		if t.From != "" {
			row.From = state(t.From)
		}
		out = append(out, row)
	}
	return out
}

func foot(r review.Review) []string {
	out := []string{"merge base " + short(r.Base.Commit) + " to head " + short(r.Head.Commit)}
	if r.Engine.Modules > 0 {
		out = append(out, count(r.Engine.Modules, "module"))
	}
	return append(out, count(r.Engine.Packages, "package")+" analysed", fmt.Sprintf("%.1f s", r.Engine.Seconds))
}
