package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Decode reads a leaf. It accepts exactly what Encode writes: a field that is
// not known, a key twice or out of order, white space, another way to write the
// same string are errors, and say the byte.
func Decode(leaf []byte) (Entry, error) {
	e, err := decode(string(leaf))
	if err != nil {
		return Entry{}, fmt.Errorf("decode leaf: %w", err)
	}
	return e, nil
}

var errNotCanonical = errors.New("it is not in canonical form")

func decode(leaf string) (Entry, error) {
	if len(leaf) > MaxLeaf {
		return Entry{}, fmt.Errorf("%d bytes, more than %d", len(leaf), MaxLeaf)
	}
	if err := checkVersion(leaf); err != nil {
		return Entry{}, err
	}
	r := reader{in: leaf}
	e, err := r.entry()
	if err != nil {
		return Entry{}, fmt.Errorf("byte %d: %w", r.at, err)
	}
	if err := e.Validate(); err != nil {
		return Entry{}, err
	}
	// The reader is strict, but for fields that are there and empty. This makes
	// it certain, whatever else it overlooks.
	again, err := e.append(make([]byte, 0, len(leaf)))
	if err != nil {
		return Entry{}, err // unreachable: what was read can be written
	}
	if string(again) != leaf {
		return Entry{}, errNotCanonical
	}
	return e, nil
}

// checkVersion looks at the last key alone, so that a leaf of a later version
// is called that, and not malformed.
func checkVersion(leaf string) error {
	const key = `,"v":`
	at := strings.LastIndex(leaf, key)
	if at < 0 || leaf[len(leaf)-1] != '}' {
		return errors.New("it does not end in a version")
	}
	v, err := strconv.ParseUint(leaf[at+len(key):len(leaf)-1], 10, 32)
	if err != nil {
		return errors.New("it does not end in a version")
	}
	if v != Version {
		return fmt.Errorf("version %d is not known here, only %d", v, Version)
	}
	return nil
}

// A reader reads canonical JSON from the left. What it returns lies in the leaf
// where nothing was escaped, for a ledger may have a million of them.
type reader struct {
	in string
	at int
}

func (r *reader) entry() (e Entry, err error) {
	err = r.object(func(key string) (err error) {
		switch key {
		case "about":
			var n int64
			n, err = r.integer()
			e.About = &n
		case "actors":
			e.Actors, err = members[Role](r, (*reader).integer)
		case "at":
			var s string
			if s, err = r.string(); err == nil {
				e.At, err = parseTime(s)
			}
		case "index":
			e.Index, err = r.integer()
		case "numbers":
			e.Numbers, err = members[string](r, (*reader).integer)
		case "origin":
			e.Origin, err = r.string()
		case "strings":
			e.Strings, err = members[string](r, (*reader).string)
		case "subject":
			e.Subject, err = r.string()
		case "texts":
			e.Texts, err = members[string](r, (*reader).digest)
		case "type":
			var s string
			s, err = r.string()
			e.Type = Type(s)
		case "v":
			_, err = r.integer() // checkVersion has read it
		default:
			err = fmt.Errorf("unknown field %q", key)
		}
		return err
	})
	if err == nil && r.at != len(r.in) {
		err = errors.New("more after the end")
	}
	return e, err
}

func members[K ~string, V any](r *reader, value func(*reader) (V, error)) (map[K]V, error) {
	m := map[K]V{}
	err := r.object(func(key string) error {
		v, err := value(r)
		m[K(key)] = v
		return err
	})
	return m, err
}

// object calls member after each key and its colon.
func (r *reader) object(member func(key string) error) error {
	if err := r.want('{'); err != nil {
		return err
	}
	for previous, first := "", true; ; first = false {
		key, err := r.string()
		if err != nil {
			return err
		}
		if !first && compareUTF16(previous, key) >= 0 {
			return fmt.Errorf("key %q is there twice or out of order", key)
		}
		previous = key
		if err := r.want(':'); err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
		if r.at < len(r.in) && r.in[r.at] == '}' {
			r.at++
			return nil
		}
		if err := r.want(','); err != nil {
			return err
		}
	}
}

func (r *reader) want(c byte) error {
	if r.at >= len(r.in) {
		return fmt.Errorf("ends where %q should be", c)
	}
	if got := r.in[r.at]; got != c {
		return fmt.Errorf("%q where %q should be", got, c)
	}
	r.at++
	return nil
}

func (r *reader) integer() (int64, error) {
	end := r.at
	for end < len(r.in) && (r.in[end] == '-' || r.in[end] >= '0' && r.in[end] <= '9') {
		end++
	}
	digits := r.in[r.at:end]
	n, err := strconv.ParseInt(digits, 10, 64)
	magnitude := strings.TrimPrefix(digits, "-")
	if err != nil || n < -maxInteger || n > maxInteger || magnitude[0] == '0' && digits != "0" {
		return 0, fmt.Errorf("%q is not a canonical integer within ±(2^53−1)", digits)
	}
	r.at = end
	return n, nil
}

func (r *reader) digest() (Digest, error) {
	s, err := r.string()
	if err != nil {
		return Digest{}, err
	}
	return parseDigest(s)
}

func (r *reader) string() (string, error) {
	if err := r.want('"'); err != nil {
		return "", err
	}
	var unescaped []byte // nil while nothing was escaped
	start := r.at
	for ; r.at < len(r.in); r.at++ {
		switch c := r.in[r.at]; {
		case c == '"':
			s := r.in[start:r.at]
			if unescaped != nil {
				s = string(append(unescaped, s...))
			}
			if !utf8.ValidString(s) {
				return "", errors.New("a string is not UTF-8")
			}
			r.at++
			return s, nil
		case c < ' ':
			return "", fmt.Errorf("%q in a string is not escaped", c)
		case c == '\\':
			unescaped = append(unescaped, r.in[start:r.at]...)
			c, err := r.escaped()
			if err != nil {
				return "", err
			}
			unescaped = append(unescaped, c)
			start = r.at + 1
		}
	}
	return "", errors.New("a string does not end")
}

// escaped reads an escape and stays on its last byte.
func (r *reader) escaped() (byte, error) {
	rest := r.in[r.at:]
	for c := range byte(' ') {
		w := writer{}
		w.string(string(rune(c)))
		if written := w.out[1 : len(w.out)-1]; strings.HasPrefix(rest, string(written)) {
			r.at += len(written) - 1
			return c, nil
		}
	}
	if len(rest) > 1 && (rest[1] == '"' || rest[1] == '\\') {
		r.at++
		return rest[1], nil
	}
	return 0, errors.New("an escape that the canonical form does not have")
}
