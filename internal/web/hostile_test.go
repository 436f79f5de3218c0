package web

import (
	"reflect"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
)

// hostileBrief has hostile text wherever text is. What is a name of ours stays:
// states, kinds, and what finds the page.
func hostileBrief() report.Brief {
	b := waiting()
	b.Record = incomplete().Record
	b.Review.Coverage = incomplete().Review.Coverage
	b.Problems, b.Review.Hints, b.Review.Warnings = incomplete().Problems, incomplete().Review.Hints, incomplete().Review.Warnings
	b.Record.Verdicts, b.Record.Proofs = carried().Record.Verdicts, carried().Record.Proofs
	b.Record.Overrides = overridden().Record.Overrides
	b.Record.Dismissals = []signoff.Dismissal{{Fingerprint: b.Review.Delta.Findings[0].Fingerprint, By: accounts["jo-b"], Why: "x"}}
	b.Record.Required = []signoff.Demand{{Domain: "data", By: accounts["jo-b"], Why: "x"}}
	b.Record.Declined = []signoff.Refusal{{Who: accounts["jo-b"], Why: "x"}}
	b.Review.Unattributed = []string{"x"}
	poison(reflect.ValueOf(&b).Elem())
	b.Record.State, b.Record.Mode = signoff.Incomplete, "enforce"
	b.Record.Subject = waiting().Record.Subject
	b.Pull.Repo, b.Pull.Number = waiting().Pull.Repo, 1284
	b.Record.Head = headCommit
	for i := range b.Review.Delta.Findings {
		b.Review.Delta.Findings[i].Status = debt.New
	}
	return b
}

func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i))
			}
		}
	case reflect.Slice:
		// Not in place: the stories share what is behind.
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		v.Set(fresh)
		for i := range v.Len() {
			poison(v.Index(i))
		}
	}
}
