package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// Process is how the bar was kept in the time of a survey: what went past it, what
// was promised, how long a sign-off took, and whether the bar's own advice was any
// good.
type Process struct {
	Overrides []OverrideLine
	FollowUp  []OverrideLine // the same, those that are followed, by how far
	Closed    int            // of these, those that nothing is waited for any more
	Promises  []Promise
	// Outcomes say what became of merged changes, those that were overridden first.
	Outcomes []signoff.Rate
	// LeadTimes are from the first request to the sign-off, of each requirement that
	// was signed off.
	LeadTimes []time.Duration
	Advice    []AdviceLine
	Guests    []GuestLine
}

// GuestLine sums the merged pull requests of one team in the code of another.
type GuestLine struct {
	From, Home string  // From is empty where the policy knows no team of the author
	Changes    int     // merged pull requests
	Files      int     // changed there, each as often as it was changed
	Minutes    float64 // of debt, net, that they left there; below 0: that they repaid
}

// OverrideLine counts overrides of one sort.
type OverrideLine struct {
	State string // "Stands", as the page of the overrides has it
	Link  string // to the list of them
	Count int
}

// Promise is a follow-up that somebody gave a date for.
type Promise struct {
	Name, Link string // of the override, and where it is shown
	Repository string
	What       string // the issue or the text
	Due        string // "2026-12-05"
	Overdue    bool
}

// AdviceLine is what became of the findings of one rule that were shown on pull
// requests.
type AdviceLine struct {
	Rule                    string
	Shown, Acted, Dismissed int
}

func (p Process) overrides() (sum int) {
	for _, o := range p.Overrides {
		sum += o.Count
	}
	return sum
}

func (p Process) overdue() (n int) {
	for _, promise := range p.Promises {
		if promise.Overdue {
			n++
		}
	}
	return n
}

// sentence is what the page's first one says of it.
func (p Process) sentence() string {
	var out []string
	if n := p.overrides(); n > 0 {
		out = append(out, count(n, "override")+".")
	}
	if n := p.overdue(); n > 0 {
		out = append(out, count(n, "promise")+" overdue.")
	}
	return strings.Join(out, " ")
}

func (p Process) tile() Tile {
	var parts []string
	for _, o := range p.Overrides {
		if o.Count > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", thousands(o.Count), strings.ToLower(o.State)))
		}
	}
	return Tile{"Overrides", thousands(p.overrides()), cmp.Or(strings.Join(parts, ", "), "nobody went past the bar")}
}

// process adds the sections.
func (s *Sheet) process(p Process, of SurveyKind, leadership bool) {
	g := grid{slug: "override-states", caption: "Overrides by what became of them", head: heads("State", "#Overrides")}
	for _, o := range p.Overrides {
		g.rows = append(g.rows, []gridCell{linked(o.State, o.Link), numberCell(thousands(o.Count), float64(o.Count))})
	}
	section := Section{
		ID: "overrides", Title: "Overrides",
		Text: "Changes that went in without or against a sign-off. Detected: nobody had declared it. Each is an entry of the ledger.",
	}
	switch of {
	case OfTeam:
		section.Text += " These, like all below, are of pull requests whose author is of this team."
	case OfGoal:
		section.Text += " These, like all below, are of pull requests whose author is of a team that works towards this goal."
	}
	if p.overrides() > 0 {
		section.Tables = []Table{s.table(g, false, "", 0)}
		followed := grid{slug: "follow-up", caption: "How far the follow-up has come", head: heads("Stage", "#Overrides")}
		all := 0
		for _, o := range p.FollowUp {
			all += o.Count
			followed.rows = append(followed.rows, []gridCell{linked(o.State, o.Link), numberCell(thousands(o.Count), float64(o.Count))})
		}
		if all > 0 {
			section.Text += fmt.Sprintf(" %s of %s were followed up to the end.", thousands(p.Closed), thousands(all))
			section.Tables = append(section.Tables, s.table(followed, false, "", 0))
		}
	} else {
		section.Text, section.Empty = "", "None in this time."
	}
	s.Sections = append(s.Sections, section)
	s.outcomes(p.Outcomes)
	s.promises(p.Promises)
	s.guests(p.Guests)
	s.leadTimes(p.LeadTimes)
	s.advice(p.Advice, leadership)
}

// outcomes is the section about what became of merged changes, for as long as there
// are any.
func (s *Sheet) outcomes(rates []signoff.Rate) {
	g := grid{slug: "outcomes", caption: "Merged changes by what became of them", head: heads("Went in", "#Known", "#Reverted", "#Mended", "#Turned out badly", "95 % interval", "#Still followed", "#Could not be read")}
	all := 0
	for _, r := range rates {
		share, interval := gridCell{number: true}, word("")
		if r.Of > 0 {
			low, high := r.Interval()
			percent := 100 * float64(r.Bad()) / float64(r.Of)
			share, interval = numberCell(fmt.Sprintf("%.0f %%", percent), hundredths(percent)), word(fmt.Sprintf("%.0f to %.0f %%", 100*low, 100*high))
		}
		number := func(n int) gridCell { return numberCell(thousands(n), float64(n)) }
		name := map[signoff.MergeClass]string{signoff.ClassOverridden: "overridden", signoff.ClassSignedOff: "signed off"}[r.Class]
		g.rows = append(g.rows, []gridCell{word(name), number(r.Of), number(r.Reverted), number(r.Mended), share, interval, number(r.Waiting), number(r.Untold)})
		all += r.Of + r.Waiting + r.Untold
	}
	if all == 0 {
		return
	}
	s.Sections = append(s.Sections, Section{
		ID: "outcomes", Title: "What became of merged changes",
		Text:   "Reverted: a later change took it back exactly. Mended: one whose title says so changed what it had changed, which is a guess, made alike for both rows. Intervals that overlap tell nothing apart.",
		Tables: []Table{s.table(g, false, "", 0)},
	})
}

// guests is the section about those who changed the code of others, for as long as
// there are any.
func (s *Sheet) guests(list []GuestLine) {
	if len(list) == 0 {
		return
	}
	g := grid{slug: "guests", caption: "Changes in the code of another team", head: heads("By", "In the code of", "#Changes", "#Files", "#Net debt left there")}
	for _, l := range list[:min(maxGuests, len(list))] {
		g.rows = append(g.rows, []gridCell{
			word(cmp.Or(l.From, "no team")), word(l.Home),
			numberCell(thousands(l.Changes), float64(l.Changes)), numberCell(thousands(l.Files), float64(l.Files)), amount(l.Minutes),
		})
	}
	text := "Merged pull requests of people who are not of the team that owns the code. A guest leaves no more debt than there was."
	if more := len(list) - maxGuests; more > 0 {
		text += fmt.Sprintf(" The %d pairs of teams with the most changes; %s more are not shown.", maxGuests, thousands(more))
	}
	s.Sections = append(s.Sections, Section{ID: "guests", Title: "Home and away", Text: text, Tables: []Table{s.table(g, false, "", 0)}})
}

// maxGuests is how many pairs of teams are shown.
const maxGuests = 20

func (s *Sheet) promises(list []Promise) {
	section := Section{ID: "promises", Title: "Open promises", Empty: "None is open."}
	if len(list) > 0 {
		g := grid{slug: "promises", caption: "Open promises", head: heads("Override", "Repository", "Promised", "Due", "State")}
		for _, p := range slices.SortedStableFunc(slices.Values(list), func(a, b Promise) int { return cmp.Compare(a.Due, b.Due) }) {
			state := "open"
			if p.Overdue {
				state = "overdue"
			}
			g.rows = append(g.rows, []gridCell{linked(p.Name, p.Link), word(p.Repository), word(p.What), word(p.Due), word(state)})
		}
		section.Tables = []Table{s.table(g, false, "", maxHolders)}
	}
	s.Sections = append(s.Sections, section)
}

type leadClass struct {
	most time.Duration
	name string
}

// leadClasses are the times that sign-offs are sorted into.
var leadClasses = []leadClass{
	{time.Hour, "up to 1 h"}, {4 * time.Hour, "1 to 4 h"}, {8 * time.Hour, "4 to 8 h"}, {24 * time.Hour, "8 to 24 h"},
	{3 * 24 * time.Hour, "1 to 3 days"}, {7 * 24 * time.Hour, "3 to 7 days"}, {1 << 62, "over 7 days"},
}

func (s *Sheet) leadTimes(times []time.Duration) {
	section := Section{ID: "lead", Title: "How long a sign-off takes", Empty: "None was given in this time."}
	if len(times) > 0 {
		sorted := slices.Sorted(slices.Values(times))
		counts := make([]int, len(leadClasses))
		for _, d := range sorted {
			i := slices.IndexFunc(leadClasses, func(c leadClass) bool { return d <= c.most })
			counts[i]++
		}
		g := grid{slug: "lead", caption: "Sign-offs by how long they took", head: heads("Took", "#Sign-offs", "#Share")}
		var rows []countBar
		for i, c := range leadClasses {
			share := 100 * float64(counts[i]) / float64(len(sorted))
			g.rows = append(g.rows, []gridCell{
				word(c.name), numberCell(thousands(counts[i]), float64(counts[i])), numberCell(fmt.Sprintf("%.0f %%", share), share),
			})
			rows = append(rows, countBar{c.name, counts[i]})
		}
		middle, most := quantile(sorted, .5), quantile(sorted, .9)
		section.Text = fmt.Sprintf("Half of %s took at most %s, nine of ten at most %s, from the first request, by the clock.", count(len(sorted), "sign-off"), waited(middle), waited(most))
		s.picture("lead", func(t theme, size chartSize) ([]byte, error) {
			return countBars("How long a sign-off takes", section.Text, rows, t, size), nil
		})
		section.Figures = []Figure{{
			Slug: "lead", Alt: section.Text, Caption: "Sign-offs by the time from the first request.",
			Width: int(chartSizes[0].width), Height: countHeight(rows),
		}}
		section.Tables = []Table{s.table(g, true, "", 0)}
	}
	s.Sections = append(s.Sections, section)
}

// quantile of a sorted list that is not empty: the smallest value that so much of
// it does not exceed.
func quantile(sorted []time.Duration, q float64) time.Duration {
	i := int(q*float64(len(sorted))+.9999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// waited is a time as people say it.
func waited(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%.1f days", d.Hours()/24)
	}
	return Minutes(d.Minutes())
}

// advice is how good our own is, for engineers by rule.
func (s *Sheet) advice(list []AdviceLine, leadership bool) {
	if len(list) == 0 {
		return
	}
	g := grid{slug: "advice", caption: "Findings shown on pull requests", head: heads("Rule", "#Shown", "#Acted on", "#Dismissed", "#Dismissed of all")}
	var shown, acted, dismissed int
	for _, a := range list {
		shown, acted, dismissed = shown+a.Shown, acted+a.Acted, dismissed+a.Dismissed
		share := 100 * float64(a.Dismissed) / float64(max(1, a.Shown))
		rule := linked(a.Rule, "/rules#"+a.Rule)
		g.rows = append(g.rows, []gridCell{
			rule, numberCell(thousands(a.Shown), float64(a.Shown)), numberCell(thousands(a.Acted), float64(a.Acted)),
			numberCell(thousands(a.Dismissed), float64(a.Dismissed)), numberCell(fmt.Sprintf("%.0f %%", share), share),
		})
	}
	section := Section{
		ID: "advice", Title: "Is the bar's own advice any good",
		Text: fmt.Sprintf("%s were shown on pull requests; %s were mended before the merge, %s were dismissed as wrong or not worth it. A rule that is dismissed more than once in ten should be switched off.",
			count(shown, "finding"), thousands(acted), thousands(dismissed)),
	}
	if !leadership {
		section.Tables = []Table{s.table(g, false, "", maxHolders)}
	}
	s.Sections = append(s.Sections, section)
}
