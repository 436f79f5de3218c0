package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

const (
	weeks = 52
	owner = "acme"
	// minutesEach is what a finding costs in the mean: with it the amounts of the
	// corpus are numbers of findings.
	minutesEach = 12
	teams       = 40
	goals       = 12
)

// samples are the projects whose sizes are drawn from.
func samples() []debt.Sample { return debt.ShippedCorpus().Samples }

func repositoryNamed(n int) store.Repository {
	repo := signoff.Repo{ID: int64(n), Owner: owner, Name: fmt.Sprintf("service-%04d", n), Private: true, DefaultBranch: "main"}
	return store.Repository{Repo: repo, Installation: 1}
}

// seed makes one repository of each sample as the server does it, point by point,
// and the others as copies of these.
func seed(ctx context.Context, url string, repositories int) (err error) {
	db, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if known, err := db.Repositories(ctx); err != nil || len(known) > 0 {
		return err // it was seeded before
	}
	if db.Engine() == store.SQLite {
		// There is one connection that writes, and what is seeded need not survive.
		if _, err := db.Pool().ExecContext(ctx, `PRAGMA synchronous = OFF`); err != nil {
			return err
		}
	}
	for n := 1; n <= repositories; n++ {
		if err := db.PutRepository(ctx, nobody{}, repositoryNamed(n), time.Now()); err != nil {
			return err
		}
	}
	now := time.Now().UTC()
	for i, sample := range samples() {
		if err := grow(ctx, db, int64(i+1), sample, now); err != nil {
			return err
		}
	}
	for first := len(samples()); first < repositories; first += len(samples()) {
		if err := replicate(ctx, db, first, min(len(samples()), repositories-first)); err != nil {
			return err
		}
	}
	if err := past(ctx, db, repositories, now); err != nil {
		return err
	}
	// The store counts the advice of an older program when it is opened.
	if _, err := db.Pool().ExecContext(ctx, `DELETE FROM settings WHERE name = 'advice counted'`); err != nil {
		return err
	}
	if err := waiting(ctx, db, repositories, now); err != nil {
		return err
	}
	if db.Engine() == store.PostgreSQL {
		_, err = db.Pool().ExecContext(ctx, `ANALYZE`) // as its autovacuum does in time
	}
	return err
}

// replicate copies the first n repositories to those after first. Of what stands
// apart it copies the newest only.
func replicate(ctx context.Context, db *store.DB, first, n int) error {
	for _, statement := range []string{
		`INSERT INTO points (repository, number, commit_id, rules, at, point)
			SELECT repository + $1, number, commit_id, rules, at, point FROM points WHERE repository <= $2`,
		`INSERT INTO spans (division, repository, span, content)
			SELECT division, repository + $1, span, content FROM spans WHERE repository <= $2`,
		`INSERT INTO fronts (repository, families) SELECT repository + $1, families FROM fronts WHERE repository <= $2`,
		`INSERT INTO spots (repository, place, interest, content) SELECT repository + $1, place, interest, content FROM spots WHERE repository <= $2`,
		`INSERT INTO part_fronts (division, name, repository, families) SELECT division, name, repository + $1, families FROM part_fronts WHERE repository <= $2`,
		`INSERT INTO part_spots (division, name, repository, place, interest)
			SELECT division, name, repository + $1, place, interest FROM part_spots WHERE repository <= $2`,
		`INSERT INTO part_outlooks (division, name, repository, direction)
			SELECT division, name, repository + $1, direction FROM part_outlooks WHERE repository <= $2`,
		`INSERT INTO outlooks (repository, direction, drift, modes, releases)
			SELECT repository + $1, direction, drift, modes, releases FROM outlooks WHERE repository <= $2`,
		`INSERT INTO histories (repository, wanted, done, undone_since, asked, todo, number, first_week, last_week, problem)
			SELECT repository + $1, wanted, done, undone_since, asked, todo, number, first_week, last_week, problem FROM histories WHERE repository <= $2`,
	} {
		if _, err := db.Pool().ExecContext(ctx, statement, first, n); err != nil {
			return fmt.Errorf("copy repositories: %w", err)
		}
	}
	return nil
}

// grow gives a repository a year of weeks that ends as the sample is.
func grow(ctx context.Context, db *store.DB, repository int64, sample debt.Sample, now time.Time) error {
	chance := rand.New(rand.NewPCG(uint64(repository), 1))
	total := sample.Density * float64(sample.Lines) / 1000
	number := int64(0)
	for i := range weeks {
		share := 1 + .3*(float64(i)/weeks-1) + .02*math.Sin(float64(i)+float64(repository))
		p := point(repository, i, total*share, int(float64(sample.Lines)*share), now)
		d := store.Details{Spots: spots(chance, total*share)}
		if i == weeks-1 {
			d.State = state(chance, total*share)
			d.Fronts = fronts(p)
		}
		var err error
		if number, err = db.AddPoint(ctx, repository, number, p, "r", d); err != nil {
			return err
		}
	}
	return db.PutOutlook(ctx, outlook(repository, now))
}

// fronts give the teams and goals of a point its families and places in turn.
func fronts(p debt.Point) (out []debt.Front) {
	for _, d := range []debt.Division{debt.Teams, debt.Goals} {
		names := slices.Sorted(maps.Keys(p.Principals(d)))
		for i, name := range names {
			f := debt.Front{Part: debt.Part{Division: d, Name: name}, Families: p.ByRule}
			for place := i; place < 200 && len(f.Spots) < store.FrontSpots; place += len(names) {
				f.Spots = append(f.Spots, place)
			}
			out = append(out, f)
		}
	}
	return out
}

// outlook has a release a week, one change of the mode, and a risk that rises in one
// repository of three.
func outlook(repository int64, now time.Time) store.Outlook {
	o := store.Outlook{Repository: repository, Risk: &impact.Drift{Recent: 30, Earlier: 90, Higher: .5, Direction: impact.Steady}}
	if repository%3 == 0 {
		o.Risk.Higher, o.Risk.Direction = .6, impact.Rising
	}
	o.Parts = map[debt.Part]impact.Direction{}
	for _, part := range partsOf(repository) {
		o.Parts[part] = o.Risk.Direction
	}
	for i := range weeks {
		o.Events = append(o.Events, debt.Event{At: now.AddDate(0, 0, -7*(weeks-i)), Kind: debt.Released, Name: fmt.Sprintf("v1.%d.0", i)})
	}
	mode := debt.Event{At: now.AddDate(0, 0, -7*int(repository%weeks)), Kind: debt.ModeChanged, Name: "enforce", Was: "observe"}
	o.Events = append(o.Events, mode)
	return o
}

// point divides an amount as repositories are: three teams own it, it serves two
// goals, and few of the families of rules make most of it.
func point(repository int64, week int, total float64, lines int, now time.Time) debt.Point {
	p := debt.Point{
		Commit: fmt.Sprintf("%040x", int(repository)*1000+week), At: now.AddDate(0, 0, -7*(weeks-1-week)), Judged: true, Catalogue: debt.CatalogueVersion,
		Figures: debt.Figures{
			Lines: lines, Principal: total, Interest: total / 12, Payable: total / 4,
			ByRule: map[string]float64{}, ByComponent: map[string]float64{}, ByTeam: map[string]float64{}, ByGoal: map[string]float64{},
		},
		Merged: []debt.Merged{{Commit: strings.Repeat("c", 40), Title: "A change", Files: []string{"pkg/a.go"}}},
	}
	if week > 0 {
		p.Introduced, p.Repaid = total/80, total/100
	}
	p.Costs = map[debt.Division]map[string]debt.Cost{debt.Components: {}, debt.Teams: {}, debt.Goals: {}}
	p.Flows = map[debt.Division]map[string]debt.Flow{debt.Families: {}, debt.Components: {}, debt.Teams: {}, debt.Goals: {}}
	divide := func(into map[string]float64, d debt.Division, name string, share float64) {
		into[name] += total * share
		if d != debt.Families {
			p.Costs[d][name] = debt.Cost{Interest: p.Interest * share, Payable: p.Payable * share, Lines: int(float64(lines) * share)}
		}
		if week > 0 {
			p.Flows[d][name] = debt.Flow{Introduced: p.Introduced * share, Repaid: p.Repaid * share}
		}
	}
	for i, family := range families() {
		divide(p.ByRule, debt.Families, family, 1/(float64(i)+2)/4)
	}
	for i := range 6 {
		divide(p.ByComponent, debt.Components, fmt.Sprintf("component-%d", i), 1./6)
	}
	for _, part := range partsOf(repository) {
		if part.Division == debt.Teams {
			divide(p.ByTeam, debt.Teams, part.Name, 1./3)
		} else {
			divide(p.ByGoal, debt.Goals, part.Name, 1./2)
		}
	}
	return p
}

// partsOf are the three teams and two goals of a repository.
func partsOf(repository int64) (out []debt.Part) {
	for i := range 3 {
		out = append(out, debt.Part{Division: debt.Teams, Name: fmt.Sprintf("team-%02d", (int(repository)*7+i*13)%teams)})
	}
	for i := range 2 {
		out = append(out, debt.Part{Division: debt.Goals, Name: fmt.Sprintf("goal-%02d", (int(repository)+i*5)%goals)})
	}
	return out
}

// families are those of the catalogue, a good part of which any repository has.
func families() (out []string) {
	seen := map[string]bool{}
	for _, r := range debt.Catalogue {
		name, _, _ := strings.Cut(r.ID, "/")
		if !seen[name] && len(out) < 30 {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

func measured(chance *rand.Rand) debt.Measure {
	file := fmt.Sprintf("internal/part%02d/file%03d.go", chance.IntN(40), chance.IntN(300))
	return debt.Measure{
		Rule: "cognitive", Package: "example.com/service/internal", Symbol: fmt.Sprintf("Function%d", chance.IntN(1000)), File: file,
		Line: 1 + chance.IntN(900), Value: 30, Message: "cognitive complexity 30",
	}
}

// state has as many measures as the amount comes to.
func state(chance *rand.Rand, total float64) (s debt.State) {
	for range int(total / minutesEach) {
		s.Measures = append(s.Measures, measured(chance))
	}
	s.Files = 100
	return s
}

// spots are as many as the server keeps.
func spots(chance *rand.Rand, total float64) (out []debt.Hotspot) {
	for i := range 200 {
		m := measured(chance)
		out = append(out, debt.Hotspot{
			Package: m.Package, Symbol: m.Symbol, File: m.File, Line: m.Line, Principal: total / 400, Friction: .25, Touches: 3, Interest: total / 4000 / (1 + float64(i)),
			Changes: 1 + i%9, Authors: 1 + i%4, Findings: []debt.Finding{{Measure: m, Minutes: 30}, {Measure: measured(chance), Minutes: 20}, {Measure: measured(chance), Minutes: 10}},
		})
	}
	return out
}

// nobody works on what is called for.
type nobody struct{}

func (nobody) Reconcile(context.Context, *sql.Tx, []signoff.Subject) error { return nil }
func (nobody) Perform(context.Context, *sql.Tx, []string) error            { return nil }
func (nobody) Sweep(context.Context, *sql.Tx, []string) error              { return nil }
func (nobody) History(context.Context, *sql.Tx, []int64) error             { return nil }
