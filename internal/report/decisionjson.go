package report

import (
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

type wireImpact struct {
	High       bool         `json:"high"`
	Score      *float64     `json:"score"`      // null: too few changes to rank in
	Percentile *float64     `json:"percentile"` // of the score
	Domains    []wireDomain `json:"domains"`
	Blast      wireBlast    `json:"blast"`
	Revert     string       `json:"revert"`
}

type wireDomain struct {
	Domain   string        `json:"domain"`
	Triggers []wireTrigger `json:"triggers"`
}

type wireTrigger struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Evidence []string `json:"evidence"`
}

type wireBlast struct {
	Packages int      `json:"packages"`
	Of       int      `json:"of"`
	Commands []string `json:"commands"`
}

type wireRequirement struct {
	Domain      string          `json:"domain"`
	Assignee    string          `json:"assignee"`
	Backup      string          `json:"backup"`
	NeedsSecond bool            `json:"needsSecond"`
	Why         string          `json:"why"`
	Excluded    []wireExclusion `json:"excluded"`
	LoadKnown   bool            `json:"loadKnown"`
}

type wireExclusion struct {
	Who string `json:"who"`
	Why string `json:"why"`
}

type wireCheapest struct {
	Findings   []string `json:"findings"`
	Minutes    float64  `json:"minutes"`
	Net        float64  `json:"net"`
	StillNeeds []string `json:"stillNeeds"`
}

type wireOwnership struct {
	Stated      bool       `json:"stated"`
	AuthorTeams []string   `json:"authorTeams"`
	Homes       []wireHome `json:"homes"`
	Unowned     []string   `json:"unowned"`
}

type wireHome struct {
	Owner string `json:"owner"`
	Files int    `json:"files"`
	Away  bool   `json:"away"`

	Accepts  bool     `json:"accepts"`
	Assignee string   `json:"assignee"`
	Net      *float64 `json:"homeNet"` // null: the policy does not ask about away teams
}

func toImpact(a impact.Assessment) wireImpact {
	w := wireImpact{
		High: a.High, Domains: []wireDomain{}, Revert: a.Revert,
		Blast: wireBlast{Packages: a.Blast.Packages, Of: a.Blast.Of, Commands: texts(a.Blast.Commands)},
	}
	if s := a.Score; s != nil {
		score, percentile := hundredths(s.Value), hundredths(100*s.Percentile)
		w.Score, w.Percentile = &score, &percentile
	}
	for _, d := range a.Domains {
		wd := wireDomain{Domain: string(d.Domain), Triggers: []wireTrigger{}}
		for _, t := range d.Triggers {
			wt := wireTrigger{Name: t.Name, Title: t.Title, Evidence: []string{}}
			for _, e := range t.Evidence {
				wt.Evidence = append(wt.Evidence, evidence(e))
			}
			wd.Triggers = append(wd.Triggers, wt)
		}
		w.Domains = append(w.Domains, wd)
	}
	return w
}

func toRequirements(list []review.Requirement) []wireRequirement {
	out := []wireRequirement{}
	for _, r := range list {
		w := wireRequirement{
			Domain: string(r.Domain), Assignee: r.Assignee, Backup: r.Backup, NeedsSecond: r.NeedsSecond,
			Why: r.Why, Excluded: []wireExclusion{}, LoadKnown: r.LoadKnown,
		}
		for _, x := range r.Excluded {
			w.Excluded = append(w.Excluded, wireExclusion{x.Who, x.Why})
		}
		out = append(out, w)
	}
	return out
}

func toCheapest(c *review.Cheapest) *wireCheapest {
	if c == nil {
		return nil
	}
	w := &wireCheapest{Findings: []string{}, Minutes: hundredths(c.Minutes), Net: hundredths(c.Net), StillNeeds: []string{}}
	for _, i := range c.Findings {
		w.Findings = append(w.Findings, findingID(i))
	}
	for _, d := range c.StillNeeds {
		w.StillNeeds = append(w.StillNeeds, string(d))
	}
	return w
}

func toOwnership(d review.Decision) wireOwnership {
	o := d.Ownership
	w := wireOwnership{Stated: o.Stated, AuthorTeams: texts(o.AuthorTeams), Homes: []wireHome{}, Unowned: texts(o.Unowned)}
	for _, h := range o.Homes {
		home := wireHome{Owner: h.Owner.String(), Files: h.Files, Away: h.Away}
		for _, a := range d.AwayHomes {
			if a.Owner == home.Owner {
				net := hundredths(a.Minutes)
				home.Accepts, home.Assignee, home.Net = a.Accept, a.Assignee, &net
			}
		}
		w.Homes = append(w.Homes, home)
	}
	return w
}
