package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// overrideList is the overrides that the viewer may see, the newest first.
type overrideList struct {
	From, To, Repository, State string
	Team, Goal                  string // of the author
	Repositories                []string
	States                      []choiceOf
	Rows                        []overrideRow
	Next                        string // path of the next page
	CSV, JSON                   string // paths
	Outcomes                    []rateRow
	Filtered                    bool
	Wrong                       string
}

type choiceOf struct{ Value, Text string }

// overrideRow is an override in a list.
type overrideRow struct {
	overrideFields
	State badge
	At    moment
}

// overrideFields is an override as the tables, the CSV and the JSON have it.
type overrideFields struct {
	Name     string `json:"entry"` // "OVR-41", empty while it is not in the ledger
	Index    string `json:"ledgerIndex"`
	Path     string `json:"-"`
	Repo     string `json:"repository"`
	Number   int    `json:"number,omitempty"`
	What     string `json:"subject"` // "#1284", "main"
	PullPath string `json:"-"`
	Time     string `json:"at"`
	By       string `json:"by"`
	Status   string `json:"state"`
	How      string `json:"how"`
	Commit   string `json:"commit"`
	Reason   string `json:"reason"`
	Data     string `json:"data"`
	FollowUp string `json:"followUp"`
	Due      string `json:"due"`
	Why      string `json:"justified,omitempty"` // what was said after
	Waits    string `json:"waits,omitempty"`     // for what, by whom
	Deadline string `json:"deadline,omitempty"`
	Second   string `json:"second"`
	Against  string `json:"against"`
	Void     string `json:"void"`
}

type overrideState struct {
	state store.OverrideState
	badge badge
}

// overrideStates are the states, with what they are called.
var overrideStates = func() []overrideState {
	all := []overrideState{
		{store.OverrideStands, badge{tonePast, toneSigns[tonePast], "Stands"}},
		{store.OverrideWaits, badge{toneWait, toneSigns[toneWait], "Waits for a second person"}},
		{store.OverrideDetected, badge{toneNo, toneSigns[toneNo], "Detected"}},
	}
	for _, s := range stages {
		all = append(all, overrideState{store.OverrideState(s.stage), s.badge})
	}
	return append(all, overrideState{store.OverrideVoid, badge{toneRest, toneSigns[toneRest], "Void"}})
}()

func overrideRows(list []store.ListedOverride, repos map[int64]store.Repository, now time.Time) (out []overrideRow) {
	for _, o := range list {
		repo, ok := repos[o.Subject.Repository]
		if !ok { // unreachable: the list was asked for of these
			continue
		}
		row := overrideRow{overrideFields: fields(o, repo), At: at(o.Override.At, now), State: badge{toneRest, toneSigns[toneRest], string(o.State)}}
		for _, s := range overrideStates {
			if s.state == o.State {
				row.State = s.badge
			}
		}
		out = append(out, row)
	}
	return out
}

func fields(o store.ListedOverride, repo store.Repository) overrideFields {
	v := o.Override
	f := overrideFields{
		Repo: repo.Full(), Number: o.Subject.Number, Time: v.At.UTC().Format(time.RFC3339), By: v.By.Login, Status: string(o.State),
		How: "declared", Commit: v.Commit, Reason: v.Reason, Data: v.Data, FollowUp: v.FollowUp, Due: string(v.Due),
		Against: strings.Join(v.Against, ", "), Void: v.Void, What: o.Subject.Ref,
	}
	f.Name, f.Path = ledgerName(v.Entry)
	f.Index = strings.TrimPrefix(f.Name, "OVR-")
	if f.Number > 0 {
		f.What, f.PullPath = fmt.Sprintf("#%d", f.Number), pullPath(repo.Repo, f.Number)
	}
	if !v.Declared {
		f.How = "detected"
	}
	if v.Second != nil {
		f.Second = v.Second.Login
	}
	for _, step := range v.Steps {
		if step.Kind == signoff.Justified {
			f.Why = step.Text
		}
	}
	f.Waits = report.WaitText(v)
	if !v.Deadline.IsZero() {
		f.Deadline = v.Deadline.UTC().Format(time.RFC3339)
	}
	return f
}

// isOverdue stands among the states for overrides in any of them of which something
// did not come in time.
const isOverdue = "overdue"

// An overrideQuery is what the address of a list asks for.
type overrideQuery struct {
	store.OverrideFilter
	after string
	repos map[int64]store.Repository
	list  overrideList
}

// readQuery reads the filters. What cannot be read is said on the page, and then
// nothing is listed: a filter that is left out would show what was not asked for.
func (s *site) readQuery(v *visit) (q overrideQuery, err error) {
	repos, _, err := s.readable(v)
	if err != nil {
		return q, err
	}
	form := v.r.URL.Query()
	q.list = overrideList{From: form.Get("from"), To: form.Get("to"), Repository: form.Get("repository"), State: form.Get("state"), Team: form.Get("team"), Goal: form.Get("goal")}
	switch {
	case q.list.Team != "":
		q.Part = debt.Part{Division: debt.Teams, Name: q.list.Team}
	case q.list.Goal != "":
		q.Part = debt.Part{Division: debt.Goals, Name: q.list.Goal}
	}
	q.Repositories, q.repos, q.after = ids(repos), byNumber(repos), form.Get("after")
	wrong := func(text string) {
		q.list.Wrong, q.Repositories = text, []int64{}
	}
	for _, repo := range repos {
		q.list.Repositories = append(q.list.Repositories, repo.Full())
	}
	q.list.States = []choiceOf{{isOverdue, "Overdue"}}
	for _, state := range overrideStates {
		q.list.States = append(q.list.States, choiceOf{string(state.state), state.badge.Text})
	}
	if name := q.list.Repository; name != "" {
		i := slices.IndexFunc(repos, func(r store.Repository) bool { return strings.EqualFold(r.Full(), name) })
		if i < 0 {
			wrong("There is no such repository here, or it is not for you to see.")
		} else {
			q.Repositories = []int64{repos[i].ID}
		}
	}
	if q.State = store.OverrideState(q.list.State); q.State != "" && !slices.ContainsFunc(q.list.States, func(c choiceOf) bool { return c.Value == q.list.State }) {
		wrong("There is no such state.")
	}
	if q.list.State == isOverdue {
		q.State, q.Overdue = "", v.now
	}
	var err1, err2 error
	if q.From, err1 = day(q.list.From); err1 == nil {
		q.To, err2 = day(q.list.To)
	}
	if err1 != nil || err2 != nil {
		wrong("A day is written as 2026-12-31.")
	}
	if !q.To.IsZero() {
		q.To = q.To.AddDate(0, 0, 1) // the day is meant with it
	}
	q.list.Filtered = q.list.From+q.list.To+q.list.Repository+q.list.State+q.list.Team+q.list.Goal != ""
	return q, nil
}

func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, s)
}

// address is a path with the filters, and where to go on.
func (l overrideList) address(path, after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"from": l.From, "to": l.To, "repository": l.Repository, "state": l.State, "team": l.Team, "goal": l.Goal, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

const overridesPerPage = 50

func (s *site) overrides(v *visit) error {
	q, err := s.readQuery(v)
	if err != nil {
		return err
	}
	list, next, err := s.Store.Overrides(v.ctx(), q.OverrideFilter, store.Page{After: q.after, Limit: overridesPerPage})
	if err != nil {
		return err
	}
	out := q.list
	if out.Outcomes, err = s.outcomes(v, q.Repositories); err != nil {
		return err
	}
	out.Rows = overrideRows(list, q.repos, v.now)
	if next != "" {
		out.Next = out.address("/overrides", next)
	}
	out.CSV, out.JSON = out.address("/overrides.csv", ""), out.address("/overrides.json", "")
	status := http.StatusOK
	if out.Wrong != "" {
		status = http.StatusBadRequest
	}
	render(s, v, overridesPage, status, "Overrides", out)
	return nil
}
