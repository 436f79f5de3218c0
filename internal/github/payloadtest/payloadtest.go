// Package payloadtest gives tests the webhooks that GitHub has sent, and what might
// be made of them on the way.
package payloadtest

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the payloads
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Payload is one that GitHub has sent.
type Payload struct {
	Event string
	Body  json.RawMessage
}

// TB is what of testing.TB is needed here.
type TB interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

//go:embed testdata/payloads.json.gz
var packed []byte

// Real are the 329 that people gave to octokit/webhooks.
func Real(t TB) []Payload {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
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
	var all []Payload
	for _, e := range events {
		for _, body := range e.Examples {
			all = append(all, Payload{e.Name, body})
		}
	}
	if len(all) != 329 {
		t.Fatalf("%d payloads, want 329", len(all))
	}
	return all
}

// Mutate changes a few values of a JSON document, anywhere in it.
func Mutate(t TB, rng *rand.Rand, body []byte) []byte {
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
	"null", "true", "-1", "0", "9223372036854775808", "1e400", "1.5", `""`, `"main"`, `"` + strings.Repeat("0", 40) + `"`, `"` + strings.Repeat("a", 40) + `"`, `"\u0000\u202e"`,
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
