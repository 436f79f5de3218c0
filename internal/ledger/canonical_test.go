package ledger

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// The vectors are those of RFC 8785, sections 3.2.2 and 3.2.3, and of its
// appendix B as far as integers go.

func TestCanonicalString(t *testing.T) {
	for in, want := range map[string]string{
		"\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/": `"€$\u000f\nA'B\"\\\\\"/"`,
		"\b\t\n\f\r":           `"\b\t\n\f\r"`,
		"\x00\x1f\x7f":         `"\u0000\u001f` + "\x7f\"",
		"<&>\u2028\U0001f600é": "\"<&>\u2028\U0001f600é\"", // not escaped, unlike by encoding/json
		"":                     `""`,
	} {
		w := writer{}
		if w.string(in); w.err != nil || string(w.out) != want {
			t.Errorf("string(%q) = %s, %v, want %s", in, w.out, w.err, want)
		}
		r := reader{in: want}
		if got, err := r.string(); err != nil || got != in {
			t.Errorf("reading %s = %q, %v, want %q", want, got, err, in)
		}
	}
	w := writer{}
	if w.string("a\xff"); w.err == nil {
		t.Error("a string that is not UTF-8 was written")
	}
}

func TestCanonicalKeys(t *testing.T) {
	want := []string{"\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"}
	keys := map[string]string{
		"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
		"\U0001f600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis",
	}
	if got := slices.SortedFunc(maps.Keys(keys), compareUTF16); !slices.Equal(got, want) {
		t.Errorf("keys in the order %q, want %q", got, want)
	}
	w := writer{}
	object(&w, keys, (*writer).string)
	const text = `{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis",` +
		`"€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`
	if string(w.out) != text || w.err != nil {
		t.Errorf("object = %s, %v, want %s", w.out, w.err, text)
	}
	for _, pair := range [][2]string{{"a", "ab"}, {"", "a"}, {"\U0001f600", "\U0001f601"}, {"\U00010000", "\ue000"}, {"\ud7ff", "\U00010000"}} {
		if compareUTF16(pair[0], pair[1]) >= 0 || compareUTF16(pair[1], pair[0]) <= 0 || compareUTF16(pair[0], pair[0]) != 0 {
			t.Errorf("compareUTF16 does not place %q before %q", pair[0], pair[1])
		}
	}
}

func TestCanonicalInteger(t *testing.T) {
	for n, want := range map[int64]string{0: "0", -1: "-1", 9007199254740991: "9007199254740991", -9007199254740991: "-9007199254740991"} {
		w := writer{}
		if w.integer(n); w.err != nil || string(w.out) != want {
			t.Errorf("integer(%d) = %s, %v, want %s", n, w.out, w.err, want)
		}
		r := reader{in: want}
		if got, err := r.integer(); err != nil || got != n || r.at != len(want) {
			t.Errorf("reading %s = %d, %v, want %d", want, got, err, n)
		}
	}
	for _, n := range []int64{1 << 53, -1 << 53, 1<<63 - 1} {
		w := writer{}
		if w.integer(n); w.err == nil {
			t.Errorf("%d was written", n)
		}
	}
	for _, s := range []string{"", "-", "-0", "00", "01", "+1", "1.0", "1e3", "--1", "9007199254740992", "-9007199254740992", "99999999999999999999"} {
		r := reader{in: s + ","}
		if n, err := r.integer(); err == nil && !strings.HasPrefix(r.in[r.at:], ".") && !strings.HasPrefix(r.in[r.at:], "e") {
			t.Errorf("reading %q = %d, want an error", s, n)
		}
	}
}

// TestFieldsInOrder: the fields of a leaf are written in the order of their
// names, by hand.
func TestFieldsInOrder(t *testing.T) {
	e := Entry{
		Type: SignOff, Origin: "o", Subject: "s", About: new(int64), Actors: map[Role]int64{By: 1},
		Numbers: map[string]int64{"n": 1}, Strings: map[string]string{"s": "s"}, Texts: map[string]Digest{"t": {}},
	}
	leaf, err := e.append(nil)
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	r := reader{in: string(leaf)}
	if err := r.object(func(key string) error { // object wants them in order
		fields++
		switch key {
		case "actors", "numbers":
			_, err := members[string](&r, (*reader).integer)
			return err
		case "strings", "texts":
			_, err := members[string](&r, (*reader).string)
			return err
		case "about", "index", "v":
			_, err := r.integer()
			return err
		}
		_, err := r.string()
		return err
	}); err != nil || fields != 11 {
		t.Errorf("%d fields in %s, %v; want 11 in order", fields, leaf, err)
	}
}
