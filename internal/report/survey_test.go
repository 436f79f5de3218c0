package report

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

// surveyed is a survey with all that one can have. Texts from outside are s.
func surveyed(kind SurveyKind, s string) Survey {
	v := Survey{Of: kind, Trend: history(s), Hotspots: spotsOf(s), From: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)}
	v.Points[8].Repriced = 20
	v.Begin, v.End = Standing{Lines: 10_000, Principal: 3000}, Standing{Lines: 11_500, Principal: 2400, Interest: 135, Payable: 90, Introduced: 500, Repaid: 1120, Repriced: 20}
	band, _ := debt.Forecast(v.series(func(p debt.Point) float64 { return p.Principal }), 13)
	v.Forecast = &band
	part := Holder{Name: s, Link: "/x", Begin: v.Begin, End: v.End, Forecast: v.Forecast}
	fresh := Holder{Name: "fresh " + s, End: Standing{Principal: 10}}
	v.Repositories, v.Teams, v.Goals, v.Components = []Holder{part, fresh}, []Holder{part}, []Holder{part}, []Holder{part}
	v.Marks = []Event{{v.Points[8].At, s}}
	v.Credits = []Repayment{{At: v.Points[3].At, Repository: s, Credit: debt.Credit{Commit: headCommit, Title: s, Minutes: 60, Packages: 4, Teams: []string{s}}}}
	v.Process = &Process{
		Overrides: []OverrideLine{{State: "Stands", Link: "/overrides?state=stands", Count: 2}, {State: "Detected", Count: 1}},
		FollowUp:  []OverrideLine{{State: "nobody has said why", Count: 1}, {State: "accepted", Count: 1}},
		Closed:    1,
		Outcomes:  []signoff.Rate{{Class: signoff.ClassOverridden, Of: 12, Reverted: 1, Mended: 2, Waiting: 3}, {Class: signoff.ClassSignedOff, Untold: 1}},
		Promises:  []Promise{{Name: "OVR-3", Repository: s, What: s, Due: "2026-12-05"}, {Name: "OVR-1", What: s, Due: "2026-01-05", Overdue: true}},
		LeadTimes: []time.Duration{30 * time.Minute, 2 * time.Hour, 3 * time.Hour, 200 * time.Hour},
		Advice:    []AdviceLine{{Rule: "cognitive", Shown: 40, Acted: 30, Dismissed: 2}},
		Guests:    []GuestLine{{From: s, Home: s, Changes: 3, Files: 7, Minutes: -12}, {Home: s, Changes: 1, Files: 1}},
	}
	return v
}

// TestSurvey: of each kind and for both views the files are well-formed and the
// tables have no formulas, whatever names are in them.
func TestSurvey(t *testing.T) {
	for _, kind := range []SurveyKind{OfOrganisation, OfRepository, OfTeam, OfGoal} {
		for _, leadership := range []bool{false, true} {
			s := surveyed(kind, hostile).Sheet(leadership)
			for _, name := range s.Names() {
				content, ok, err := s.File(name)
				switch {
				case err != nil || !ok:
					t.Errorf("%s of %s: %v", name, kind, err)
				case strings.HasSuffix(name, ".svg"):
					wellFormed(t, name, content)
				case strings.HasSuffix(name, ".csv"):
					noFormula(t, name, content)
				case !json.Valid(content):
					t.Errorf("%s of %s is no JSON", name, kind)
				}
			}
			for _, section := range s.Sections {
				if len(section.Figures)+len(section.Tables) == 0 && section.Empty == "" && section.Text == "" {
					t.Errorf("section %s of %s is empty and does not say so", section.ID, kind)
				}
				for _, f := range section.Figures {
					if _, ok, _ := s.File(f.Slug + "-narrow-dark.svg"); !ok || len(f.Alt) < 20 {
						t.Errorf("figure %s of %s: drawn %t, says %q", f.Slug, kind, ok, f.Alt)
					}
				}
				for _, table := range section.Tables {
					for _, file := range table.Files {
						if _, ok, _ := s.File(file); !ok {
							t.Errorf("table %s of %s leads to %s, which is not there", table.Slug, kind, file)
						}
					}
				}
			}
			if _, ok, _ := s.File("none.svg"); ok {
				t.Error("there is a file that nobody made")
			}
		}
	}
}

// TestSurveyForLeadership: names of files, rules and changes are neither on the
// sheet nor in any of its files.
func TestSurveyForLeadership(t *testing.T) {
	for _, kind := range []SurveyKind{OfOrganisation, OfRepository, OfTeam, OfGoal} {
		v := surveyed(kind, "Others")
		shown := func(leadership bool) string {
			s := v.Sheet(leadership)
			all, err := json.Marshal(s.Parts)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range s.Names() {
				content, _, _ := s.File(name)
				all = append(append(all, name...), content...)
			}
			return string(all)
		}
		open, closed := shown(false), shown(true)
		for _, bad := range []string{".go", "cognitive", headCommit[:7], baseCommit[:7]} {
			if strings.Contains(closed, bad) {
				t.Errorf("%s for leadership has %q", kind, bad)
			}
			if kind == OfRepository && !strings.Contains(open, bad) {
				t.Errorf("%s for engineers has no %q, so that shows nothing", kind, bad)
			}
		}
	}
}

func TestSurveySentence(t *testing.T) {
	v := surveyed(OfOrganisation, "x")
	if got, want := v.Sentence(), "Debt fell 21 % in 15 weeks. Risk is rising. 3 overrides. 1 promise overdue."; got != want {
		t.Errorf("Sentence = %q, want %q", got, want)
	}
	if got, want := v.Context(), "The code grew 15 % meanwhile, so debt per 1,000 lines fell 31 %, to 209 min."; got != want {
		t.Errorf("Context = %q, want %q", got, want)
	}
	if got, want := surveyed(OfRepository, "x").Context(), " That is denser than 40 % of the corpus."; !strings.HasSuffix(got, want) {
		t.Errorf("Context = %q, want it to end in %q", got, want)
	}
	v.From = v.Points[15].At.AddDate(0, 0, -21)
	v.Process, v.Risk = nil, nil
	if got, want := v.Sentence(), "Debt fell 21 % in 3 weeks."; got != want {
		t.Errorf("Sentence = %q, want %q", got, want)
	}
	v.Begin, v.End.Repriced = Standing{}, 0
	if got, want := v.Sentence(), "Debt rose from nothing to 40 h in 3 weeks."; got != want {
		t.Errorf("Sentence = %q, want %q", got, want)
	}
	v.Points = v.Points[:1]
	if got, want := v.Sentence(), "There is one state, so there is no trend yet."; got != want {
		t.Errorf("Sentence = %q, want %q", got, want)
	}
	if got, want := (Survey{}).Sentence(), "Nothing is known yet."; got != want {
		t.Errorf("Sentence = %q, want %q", got, want)
	}
}

// TestAlike: what came by other prices, or with other repositories, is no step of
// the line.
func TestAlike(t *testing.T) {
	at := func(principal, repriced float64) debt.Point {
		return debt.Point{Figures: debt.Figures{Principal: principal}, Step: debt.Step{Repriced: repriced}}
	}
	v := Survey{Trend: Trend{Points: []debt.Point{at(100, 0), at(90, 0), at(130, 30), at(330, 0)}}, Joined: []float64{0, 0, 0, 200}}
	if diff := cmp.Diff([]float64{330, 320, 330, 330}, v.alike()); diff != "" {
		t.Errorf("alike (-want +got):\n%s", diff)
	}
}

func TestQuantile(t *testing.T) {
	of := func(n int) (out []time.Duration) {
		for i := range n {
			out = append(out, time.Duration(i+1))
		}
		return out
	}
	for _, tt := range []struct {
		n    int
		q    float64
		want time.Duration
	}{{1, .5, 1}, {1, .9, 1}, {2, .5, 1}, {4, .5, 2}, {5, .5, 3}, {10, .9, 9}, {11, .9, 10}} {
		if got := quantile(of(tt.n), tt.q); got != tt.want {
			t.Errorf("quantile of %d at %g = %d, want %d", tt.n, tt.q, got, tt.want)
		}
	}
}

// TestSurveyRefusesWhatIsNoNumber: it is an error, and no chart of nonsense.
func TestSurveyRefusesWhatIsNoNumber(t *testing.T) {
	v := surveyed(OfOrganisation, "x")
	v.Points[3].Principal = math.NaN()
	if _, _, err := v.Sheet(false).File("debt-wide-light.svg"); err == nil {
		t.Error("it drew what is no number")
	}
}

// TestSheetIsTheSame: a file is the same each time, since each request may draw it
// anew.
func TestSheetIsTheSame(t *testing.T) {
	a, b := surveyed(OfRepository, "x").Sheet(false), surveyed(OfRepository, "x").Sheet(false)
	if !slices.Equal(a.Names(), b.Names()) {
		t.Fatalf("%v and %v", a.Names(), b.Names())
	}
	for _, name := range a.Names() {
		first, _, _ := a.File(name)
		if again, _, _ := b.File(name); !bytes.Equal(first, again) {
			t.Errorf("%s is another one the second time", name)
		}
	}
}
