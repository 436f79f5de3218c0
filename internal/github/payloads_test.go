package github

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/github/payloadtest"
	"github.com/barraiser/barraiser/internal/signoff"
)

var (
	update    = flag.Bool("update", false, "rewrite the golden files")
	mutations = flag.Int("mutations", 7, "of each real payload, that many are tried")
)

// The golden file has what each of the real payloads comes to. Read it when it
// changes: a fact that is missing there is an approval that we do not hear of.
func TestDecodeRealPayloads(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for i, p := range payloadtest.Real(t) {
		d, err := Decode(hookHeader(p.Event), p.Body, self, arrived)
		if err != nil {
			t.Errorf("Decode(%s) = %v", p.Event, err)
			continue
		}
		check(t, d)
		fmt.Fprintf(&got, "# %d %s %s\n%s", i+1, p.Event, d.Action, describe(d))
	}
	golden := filepath.Join("testdata", "payloads.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("payloads (-want +got):\n%s", diff)
	}
	for _, kind := range []signoff.FactKind{signoff.ReviewSubmitted, signoff.ReviewDismissed, signoff.Pushed} {
		if !strings.Contains(got.String(), ": "+string(kind)+" by ") {
			t.Errorf("no payload gave a fact %s: the golden file proves nothing of it", kind)
		}
	}
}

// check holds what is true of every delivery, also of a forged one.
func check(t testing.TB, d Delivery) {
	t.Helper()
	ids := map[string]bool{}
	for _, f := range d.Facts {
		if ids[f.Fact.ID] || !strings.HasPrefix(f.Fact.ID, d.GUID) {
			t.Errorf("fact with the id %q, after %v", f.Fact.ID, ids)
		}
		ids[f.Fact.ID] = true
		for _, sha := range []string{f.Fact.Commit, f.Fact.Before} {
			if sha != "" && commit(sha) == "" {
				t.Errorf("fact of commit %q", sha)
			}
		}
		if !slices.Contains(d.Raised, f.Subject) {
			t.Errorf("the subject of a fact, %s, is not raised", f.Subject.Key())
		}
		if (f.Fact.Kind == signoff.Commanded) != (f.Fact.Command != nil) {
			t.Errorf("fact %s with command %v", f.Fact.Kind, f.Fact.Command)
		}
	}
	for _, s := range d.Raised {
		if parsed, err := signoff.ParseSubject(s.Key()); err != nil || parsed != s || s.Installation != d.Installation || s.Repository != d.Repository.ID {
			t.Errorf("subject %q: %v", s.Key(), err)
		}
	}
	for _, head := range d.Heads {
		if commit(head) == "" {
			t.Errorf("head %q", head)
		}
	}
	nothing := len(d.Facts)+len(d.Raised)+len(d.Heads)+len(d.Sweep)+len(d.Gone) == 0 && d.Pressed == nil && !d.SweepAll && !d.GoneAll && !d.Directory
	if nothing && d.Ignored == "" {
		t.Errorf("%s %s comes to nothing and does not say why", d.Event, d.Action)
	}
}

// Whatever a payload becomes on its way, it is read or set aside.
func TestDecodeMutatedPayloads(t *testing.T) {
	t.Parallel()
	odd := 0
	for i, p := range payloadtest.Real(t) {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		for range *mutations {
			body := payloadtest.Mutate(t, rng, p.Body)
			d, err := Decode(hookHeader(p.Event), body, self, arrived)
			if err != nil {
				t.Fatalf("Decode(%s, %s) = %v", p.Event, body, err)
			}
			check(t, d)
			if strings.HasPrefix(d.Ignored, "a payload of another shape") {
				odd++
			}
		}
	}
	if odd < *mutations {
		t.Errorf("only %d mutations made a shape that is not known: they are too tame", odd)
	}
}

func FuzzDecode(f *testing.F) {
	seen := map[string]bool{}
	for _, p := range payloadtest.Real(f) {
		if !seen[p.Event] && len(p.Body) < 20_000 {
			f.Add(p.Event, []byte(p.Body))
			seen[p.Event] = true
		}
	}
	f.Add("issue_comment", []byte(shorthand.Replace(`{"action":"created","issue":{"number":12,"pull_request":{}},"comment":{"id":4,"user":SAM,"body":"/bar status"},"sender":SAM,REPO}`)))
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		h := hookHeader(event)
		d, err := Decode(h, body, self, arrived)
		if err == nil {
			check(t, d)
		} else if plain(event, 100) && json.Valid(body) {
			t.Errorf("Decode(%q, %q) = %v", event, body, err)
		}
	})
}
