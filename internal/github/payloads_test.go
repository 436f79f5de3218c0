package github

import (
	"bytes"
	"compress/gzip"
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

	"github.com/barraiser/barraiser/internal/signoff"
)

var (
	update    = flag.Bool("update", false, "rewrite the golden files")
	mutations = flag.Int("mutations", 4, "of each real payload, that many are tried")
)

// A payload is one that GitHub has sent.
type payload struct {
	event string
	body  json.RawMessage
}

// realPayloads are those that people gave to octokit/webhooks.
func realPayloads(t testing.TB) []payload {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "payloads.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var events []struct {
		Name     string
		Examples []json.RawMessage
	}
	if err := json.NewDecoder(unpacked).Decode(&events); err != nil {
		t.Fatal(err)
	}
	var all []payload
	for _, e := range events {
		for _, body := range e.Examples {
			all = append(all, payload{e.Name, body})
		}
	}
	if len(all) != 329 {
		t.Fatalf("%d payloads, want 329", len(all))
	}
	return all
}

// The golden file has what each of the real payloads comes to. Read it when it
// changes: a fact that is missing there is an approval that we do not hear of.
func TestDecodeRealPayloads(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for i, p := range realPayloads(t) {
		d, err := Decode(hookHeader(p.event), p.body, self, arrived)
		if err != nil {
			t.Errorf("Decode(%s) = %v", p.event, err)
			continue
		}
		check(t, d)
		fmt.Fprintf(&got, "# %d %s %s\n%s", i+1, p.event, d.Action, describe(d))
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
	for i, p := range realPayloads(t) {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		for range *mutations {
			body := mutate(t, rng, p.body)
			d, err := Decode(hookHeader(p.event), body, self, arrived)
			if err != nil {
				t.Fatalf("Decode(%s, %s) = %v", p.event, body, err)
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

// mutate changes a few values of a JSON document, anywhere in it.
func mutate(t testing.TB, rng *rand.Rand, body []byte) []byte {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	for range 1 + rng.IntN(4) {
		var places []func()
		collect(rng, doc, &places)
		if len(places) > 0 {
			places[rng.IntN(len(places))]()
		}
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// strange are values that a field may have in tomorrow's payload, or in a forged
// one.
var strange = []string{
	"null", "true", "-1", "0", "9223372036854775808", "1e400", "1.5", `""`, `"main"`, `"` + zero + `"`, `"` + shaA + `"`, `"\u0000\u202e"`,
	`"` + strings.Repeat("x", 1000) + `"`, "[]", "{}", `[null,{"id":null}]`, `{"id":1,"number":1}`,
}

func collect(rng *rand.Rand, v any, places *[]func()) {
	value := json.RawMessage(strange[rng.IntN(len(strange))])
	switch v := v.(type) {
	case map[string]any:
		// In order, so that a seed gives the same every time.
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			*places = append(*places, func() { v[k] = value }, func() { delete(v, k) })
			collect(rng, v[k], places)
		}
	case []any:
		for i := range v {
			*places = append(*places, func() { v[i] = value })
			collect(rng, v[i], places)
		}
	}
}

func FuzzDecode(f *testing.F) {
	seen := map[string]bool{}
	for _, p := range realPayloads(f) {
		if !seen[p.event] && len(p.body) < 20_000 {
			f.Add(p.event, []byte(p.body))
			seen[p.event] = true
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
