package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// # Surveys
//
// A survey is all that the server knows of the debt of a repository, a team, a goal
// or an organisation over some time. Where it is of more than one repository, its
// points are weeks: what the repositories came to at the end of each.
//
// There are two views of it. That for leadership names no file, no commit and no
// rule: teams, goals, repositories and components are the smallest that it tells
// apart. Neither ranks people.

// Survey is what a page about debt is drawn from.
type Survey struct {
	Trend
	// Of is what it is of.
	Of SurveyKind
	// Begin and End compare like with like: what came to the survey later began with
	// its first state. Steps of End are sums over the time between.
	Begin, End Standing
	// From is when the comparison begins, at the earliest.
	From time.Time
	// Holders are the parts by what holds them, as each part would be told alone.
	Repositories, Teams, Goals, Components []Holder
	// Joined is, for each point, what came in with repositories that are in these
	// numbers from then on; nil: none did.
	Joined []float64
	// Forecast goes on from the newest point, a week at a time; nil: none.
	Forecast *debt.Band
	// Marks are what the line is marked with beside the events.
	Marks []Event
	// Hotspots are of the newest state of a repository.
	Hotspots Hotspots
	// Spots are the dearest of several repositories to leave alone, in that order,
	// and Families what the rule families come to there.
	Spots    []PlacedSpot
	Families []Family
	// Drifts says in how many repositories risk moves; nil: it is of one repository.
	Drifts  *Drifts
	Credits []Repayment
	Process *Process // nil: it is not known
	Notes   []string // what the numbers leave out
}

// SurveyKind is what a survey is of.
type SurveyKind string

// The kinds.
const (
	OfOrganisation SurveyKind = "organisation"
	OfRepository   SurveyKind = "repository"
	OfTeam         SurveyKind = "team"
	OfGoal         SurveyKind = "goal"
)

// Standing is where a part stands at one end of the time, in minutes.
type Standing struct {
	Lines                        int
	Principal, Interest, Payable float64
	Introduced, Repaid           float64 // in the time
	// Repriced is what came by other rules or prices, and is no change of the code.
	Repriced float64
}

// Holder is something that has debt, with a link to its own page.
type Holder struct {
	Name, Link string
	Begin, End Standing
	Forecast   *debt.Band // of its last week
}

// Sheet draws a survey. Leadership is the view without names of files.
func (v Survey) Sheet(leadership bool) *Sheet {
	s := newSheet()
	s.Sentence, s.Context = v.Sentence(), v.Context()
	s.Warnings = v.Notes
	s.Tiles = v.tiles()
	if len(v.Points) == 0 {
		return s
	}
	s.Sections = append(s.Sections, s.timeOf(v, leadership))
	s.holdings(v, leadership)
	if !leadership {
		s.acrossRepositories(v)
	}
	more := ""
	if v.Of == OfOrganisation {
		more = " They are of the five repositories that repaid most."
	}
	s.credits(v.Credits, !leadership, more)
	if v.Process != nil {
		s.process(*v.Process, v.Of, leadership)
	}
	for _, part := range []struct {
		holders []Holder
		title   string
		what    string
		slug    string
	}{
		{v.Teams, "By team", "Team", "teams"},
		{v.Goals, "By goal", "Goal", "goals"},
	} {
		if len(part.holders) > 0 {
			s.Sections = append(s.Sections, s.holders(v, part.title, part.what, part.slug, part.holders))
		}
	}
	if !leadership {
		s.forEngineers(v)
	}
	return s
}

// Sentence says what became of the debt, of overrides and of promises.
func (v Survey) Sentence() string {
	if len(v.Points) == 0 {
		return "Nothing is known yet."
	}
	first := "There is one state, so there is no trend yet."
	begin, end := v.Begin.Principal+v.End.Repriced, v.End.Principal
	if weeks := v.span(); weeks > 0 {
		first = fmt.Sprintf("Debt %s in %s.", moved(begin, end), lasting(weeks))
		if begin <= 0 && end > 0 {
			first = fmt.Sprintf("Debt rose from nothing to %s in %s.", Minutes(end), lasting(weeks))
		}
	}
	first = strings.TrimSpace(first + " " + riskSentence(v.Risk) + v.Drifts.sentence())
	if v.Process == nil {
		return first
	}
	return strings.TrimSpace(first + " " + v.Process.sentence())
}

// span is the time that is compared.
func (v Survey) span() time.Duration {
	_, last, ok := debt.Ends(v.Points)
	if !ok {
		return 0
	}
	from := v.From
	for _, p := range v.Points {
		if p.Gap == "" {
			if p.At.After(from) {
				from = p.At
			}
			break
		}
	}
	return last.At.Sub(from)
}

// Context says how the code grew meanwhile, and how dense its debt is: of one
// repository, beside the corpus.
func (v Survey) Context() string {
	if v.span() <= 0 || v.Begin.Lines <= 0 || v.End.Lines <= 0 {
		return ""
	}
	before := v.Begin
	before.Principal += v.End.Repriced
	text := fmt.Sprintf("The code %s meanwhile, so debt per 1,000 lines %s, to %.0f min.",
		movedBy(float64(v.Begin.Lines), float64(v.End.Lines), "grew", "shrank"), moved(before.density(), v.End.density()), v.End.density())
	if _, last, ok := debt.Ends(v.Points); ok && v.Of == OfRepository && last.Rank != nil {
		text += fmt.Sprintf(" That is denser than %.0f %% of the corpus.", 100**last.Rank)
	}
	return text
}

// density is the debt per 1,000 lines, in minutes; 0 where these are not known.
func (s Standing) density() float64 {
	if s.Lines <= 0 {
		return 0
	}
	return 1000 * s.Principal / float64(s.Lines)
}

// tiles are the four figures that matter most.
func (v Survey) tiles() []Tile {
	if len(v.Points) == 0 {
		return nil
	}
	begin := v.Begin.Principal + v.End.Repriced
	fourth := Tile{"Share that pays back", fmt.Sprintf("%.0f %%", 100*v.End.Payable/max(1, v.End.Principal)), "of the debt, within four quarters"}
	if v.Process != nil {
		fourth = v.Process.tile()
	}
	return []Tile{
		{"Debt", Minutes(v.End.Principal), fmt.Sprintf("%s, from %s", moved(begin, v.End.Principal), Minutes(begin))},
		{"Costs a quarter", Minutes(v.End.Interest), Minutes(v.End.Payable) + " of debt pay back within a year"},
		{"Introduced less repaid", signed(v.End.Introduced - v.End.Repaid), fmt.Sprintf("%s introduced, %s repaid", Minutes(v.End.Introduced), Minutes(v.End.Repaid))},
		fourth,
	}
}

// timeOf is the section of the charts over time.
func (s *Sheet) timeOf(v Survey, leadership bool) Section {
	over := v.debtChart()
	over.lines[0].values = v.alike()
	caption := []string{"Debt of production code, at today's prices."}
	if v.Joined != nil {
		caption = append(caption, "What came into these numbers later counts before as it began.")
	}
	events := v.events()
	if over.numbered(events); len(over.marks) > 0 {
		caption = append(caption, eventsCaption)
	}
	if last := lastTrue(over.known); v.Forecast != nil && last >= 0 {
		over.band = &chartBand{low: v.Forecast.Low, middle: v.Forecast.Middle, high: v.Forecast.High}
		for i := range v.Forecast.Middle {
			over.band.at = append(over.band.at, over.at[last].AddDate(0, 0, 7*(i+1)))
		}
		caption = append(caption, "The area is where it goes in four cases of five, if what comes is like what was.")
		over.desc += " " + v.ahead(*v.Forecast)
	}
	caption[0] += over.cut()
	bars := v.chart("moves", "Introduced and repaid",
		v.line("introduced", func(p debt.Point) float64 { return p.Introduced }), v.line("repaid", func(p debt.Point) float64 { return p.Repaid }))
	bars.bars = true
	bars.desc = fmt.Sprintf("In all %s were introduced and %s repaid.", Minutes(v.End.Introduced), Minutes(v.End.Repaid))
	out := Section{
		ID: "time", Title: "Debt over time", Text: riskText(v.Risk) + v.Drifts.text(),
		Figures: []Figure{
			s.figure(over, strings.Join(caption, " ")),
			s.figure(bars, "Introduced (up) and repaid (down) since the point before."),
		},
	}
	if !leadership {
		interest, payable := func(p debt.Point) float64 { return p.Interest }, func(p debt.Point) float64 { return p.Payable }
		costs := v.chart("interest", "What it costs, and what pays back", v.line("costs a quarter", interest), v.line("pays back", payable))
		costs.zero = true
		costs.desc = v.describe("What it costs a quarter", interest, Minutes) + " " + v.describe("Debt that pays back within a year", payable, Minutes)
		out.Figures = append(out.Figures, s.figure(costs, "What the debt costs a quarter while it stays, and how much debt would pay back within four quarters."))
	}
	if len(events) > 0 {
		out.Tables = append(out.Tables, s.table(eventsGrid(events), len(events) > mostEvents, "", 0))
	}
	if v.Of == OfRepository && !leadership {
		s.written("trend.json", func(w io.Writer) error { return TrendJSON(w, v.Trend) })
		out.Tables = append(out.Tables, s.table(v.pointsGrid(), true, "trend.json", 0))
	} else {
		out.Tables = append(out.Tables, s.table(v.weeksGrid(), true, "", 0))
	}
	return out
}

// alike is the debt of each point, like with like: at the prices of the newest, and
// with what came into the numbers later as it began.
func (v Survey) alike() []float64 {
	out := v.series(func(p debt.Point) float64 { return p.Principal })
	later := 0.0
	for i := len(out) - 1; i >= 0; i-- {
		out[i] += later
		later += v.Points[i].Repriced
		if v.Joined != nil {
			later += v.Joined[i]
		}
	}
	return out
}

// ahead says where a forecast ends.
func (v Survey) ahead(b debt.Band) string {
	n := len(b.Middle) - 1
	return fmt.Sprintf("In %s it is %s, between %s and %s in four cases of five, if what comes is like what was.",
		count(n+1, "week"), Minutes(b.Middle[n]), Minutes(b.Low[n]), Minutes(b.High[n]))
}

// events are those of the trend and what else marks the line, the oldest first.
func (v Survey) events() []Event {
	out := append(v.Trend.events(), v.Marks...)
	slices.SortStableFunc(out, func(a, b Event) int { return a.At.Compare(b.At) })
	return out
}

// weeksGrid is the figures of all weeks. Each stands under the day that it ends
// before.
func (v Survey) weeksGrid() grid {
	g := grid{slug: "weeks", caption: "All weeks", head: heads("Until", "#Code lines", "#Debt", "#Introduced", "#Repaid", "#Repriced", "#Costs a quarter", "#Pays back in a year")}
	for _, p := range v.Points {
		if p.Gap != "" {
			continue
		}
		g.rows = append(g.rows, []gridCell{
			word(day(p.At)), numberCell(thousands(p.Lines), float64(p.Lines)), amount(p.Principal),
			amount(p.Introduced), amount(p.Repaid), amount(p.Repriced), amount(p.Interest), amount(p.Payable),
		})
	}
	return g
}

// change is how a holder moved, as text and as percent.
func (h Holder) change() gridCell {
	begin := h.Begin.Principal + h.End.Repriced
	if begin <= 0 {
		return gridCell{text: "new", number: true}
	}
	share := 100 * (h.End.Principal - begin) / begin
	text := fmt.Sprintf("%+.0f %%", share)
	if math.Abs(share) < .5 {
		text = "0 %"
	}
	return gridCell{text: strings.Replace(text, "-", "−", 1), number: true, raw: fmt.Sprintf("%g", hundredths(share))}
}

func linked(name, link string) gridCell {
	c := word(name)
	c.link = link
	return c
}
