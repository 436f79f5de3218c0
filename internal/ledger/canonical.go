package ledger

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// DESIGN. A leaf is JSON in the canonical form of RFC 8785, of which it needs
// strings, integers and objects: no fractions, whose printing is what makes the
// RFC long, no arrays and no literals. Integers stay within ±(2^53−1), where
// every reader of JSON agrees on them (RFC 7493).
//
//	{"about":41,"actors":{"by":583231},"at":"2027-03-01T09:30:00.000000Z","index":42,
//	 "numbers":{…},"origin":"…","strings":{…},"subject":"…","texts":{…},"type":"…","v":1}
//
// on one line and without white space. What is absent is left out: there is no
// null and no empty object. "v" is the last key in every version, so that the
// version can be read without knowing what comes before.

const maxInteger = 1<<53 - 1

// timeLayout has a fixed width, so that times sort as strings.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// FormatTime writes a time as it is written everywhere in a leaf.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(timeLayout, s)
	if err != nil || string(t.AppendFormat(make([]byte, 0, len(timeLayout)), timeLayout)) != s { // Parse also takes a comma
		return time.Time{}, fmt.Errorf("time %q is not of the form %s", s, timeLayout)
	}
	return t, nil
}

// Encode returns the leaf of an entry.
func (e Entry) Encode() ([]byte, error) {
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("encode %s entry: %w", e.Type, err)
	}
	leaf, err := e.append(make([]byte, 0, 512))
	if err != nil {
		return nil, fmt.Errorf("encode %s entry: %w", e.Type, err)
	}
	if len(leaf) > MaxLeaf {
		return nil, fmt.Errorf("encode %s entry: %d bytes, more than %d", e.Type, len(leaf), MaxLeaf)
	}
	return leaf, nil
}

// append writes the fields in the order of their names.
func (e Entry) append(dst []byte) ([]byte, error) {
	w := writer{out: append(dst, '{')}
	if e.About != nil {
		w.key("about").integer(*e.About)
	}
	if len(e.Actors) > 0 {
		object(w.key("actors"), e.Actors, (*writer).integer)
	}
	w.key("at").time(e.At)
	w.key("index").integer(e.Index)
	if len(e.Numbers) > 0 {
		object(w.key("numbers"), e.Numbers, (*writer).integer)
	}
	w.key("origin").string(e.Origin)
	if len(e.Strings) > 0 {
		object(w.key("strings"), e.Strings, (*writer).string)
	}
	if e.Subject != "" {
		w.key("subject").string(e.Subject)
	}
	if len(e.Texts) > 0 {
		object(w.key("texts"), e.Texts, (*writer).digest)
	}
	w.key("type").string(string(e.Type))
	w.key("v").integer(Version)
	w.out = append(w.out, '}')
	return w.out, w.err
}

// A writer appends canonical JSON and keeps the first error.
type writer struct {
	out []byte
	err error
}

// key begins a member of an object.
func (w *writer) key(name string) *writer {
	if last := w.out[len(w.out)-1]; last != '{' {
		w.out = append(w.out, ',')
	}
	w.string(name)
	w.out = append(w.out, ':')
	return w
}

func object[K ~string, V any](w *writer, m map[K]V, value func(*writer, V)) {
	w.out = append(w.out, '{')
	var few [8]K // so that a usual object needs no allocation
	keys := slices.AppendSeq(few[:0], maps.Keys(m))
	slices.SortFunc(keys, func(a, b K) int { return compareUTF16(string(a), string(b)) })
	for _, k := range keys {
		value(w.key(string(k)), m[k])
	}
	w.out = append(w.out, '}')
}

func (w *writer) integer(n int64) {
	if n < -maxInteger || n > maxInteger {
		w.fail(fmt.Errorf("number %d is beyond ±(2^53−1)", n))
	}
	w.out = strconv.AppendInt(w.out, n, 10)
}

func (w *writer) time(t time.Time) {
	w.out = append(t.UTC().AppendFormat(append(w.out, '"'), timeLayout), '"')
}

func (w *writer) digest(d Digest) {
	w.out = append(hex.AppendEncode(append(w.out, '"'), d[:]), '"')
}

const hexDigits = "0123456789abcdef"

// string writes s with the escapes of RFC 8785, section 3.2.2.2: the short ones
// where JSON has them, \u00xx for the other control characters, and nothing
// else escaped.
func (w *writer) string(s string) {
	if !utf8.ValidString(s) {
		w.fail(fmt.Errorf("string %q is not UTF-8", s))
	}
	w.out = append(w.out, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			w.out = append(w.out, '\\', c)
		case c >= ' ':
			w.out = append(w.out, c)
		case shortEscape(c) != 0:
			w.out = append(w.out, '\\', shortEscape(c))
		default:
			w.out = append(w.out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	w.out = append(w.out, '"')
}

func (w *writer) fail(err error) { w.err = cmp.Or(w.err, err) }

// shortEscape returns the letter after the backslash, 0 where there is none.
func shortEscape(c byte) byte {
	if i := strings.IndexByte("\b\t\n\f\r", c); i >= 0 {
		return "btnfr"[i]
	}
	return 0
}

// compareUTF16 orders strings as RFC 8785 wants keys: by UTF-16 code units.
// That is the order of the bytes but for characters beyond U+FFFF, which come
// before U+E000 there.
func compareUTF16(a, b string) int {
	for a != "" && b != "" && a[0] == b[0] && a[0] < utf8.RuneSelf {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" {
		r, n := utf8.DecodeRuneInString(a)
		s, m := utf8.DecodeRuneInString(b)
		if r != s {
			return cmp.Or(cmp.Compare(firstUnit(r), firstUnit(s)), cmp.Compare(r, s))
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

func firstUnit(r rune) rune {
	if high, _ := utf16.EncodeRune(r); high != utf8.RuneError {
		return high
	}
	return r
}
