package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// # Spans
//
// A page over a thousand repositories shows sums over those that its viewer may
// see, so they cannot be added up before it is known who looks. What can be done
// before is to lay out what is added: a span is half a year of one division of one
// repository, all parts and weeks of it in one row of about a kilobyte. A page reads
// some thousand of these, where it would read some hundred thousand rows of one
// week and part each.
//
// Its content is a list of parts in the order of their names, each with its weeks
// in order; numbers are varints, as encoding/binary has them:
//
//	content  format(1) part*
//	part     len(name) name number-of-weeks week*
//	week     weeks since the one before, or since the span began
//	         lines, principal, interest, payable: less what they were the week before
//	         introduced, repaid, repriced
//
// Amounts are hundredths of a minute, which no estimate is as exact as; points have
// them unrounded.

// spanWeeks is how many weeks are one span. They are counted from the Monday before
// 1970 began, and so are spans.
const spanWeeks = 26

const spanFormat = 1

var (
	weekZero    = Week(time.Unix(0, 0))
	errBadSpan  = errors.New("stored span is damaged")
	errNoAmount = errors.New("amount is no number, or too large")
)

// weekNumber counts weeks from weekZero.
func weekNumber(at time.Time) int64 { return int64(Week(at).Sub(weekZero) / (7 * 24 * time.Hour)) }

// weekOf is the Monday of a week by its number.
func weekOf(number int64) time.Time { return weekZero.AddDate(0, 0, 7*int(number)) }

// values are Amounts as they are packed: lines, and hundredths of a minute. The
// first four are levels, the others are steps.
type values [7]int64

const levels = 4 // of values

// mostMinutes keeps sums over many repositories far from the ends of an int64.
const mostMinutes = 1e12

func valuesOf(a Amounts) (v values, err error) {
	v[0] = int64(a.Lines)
	for i, minutes := range []float64{a.Principal, a.Interest, a.Payable, a.Introduced, a.Repaid, a.Repriced} {
		if !(math.Abs(minutes) <= mostMinutes) { // so that NaN is none
			return v, errNoAmount
		}
		v[i+1] = int64(math.Round(minutes * 100))
	}
	return v, nil
}

func (v values) amounts() Amounts {
	m := func(i int) float64 { return float64(v[i]) / 100 }
	return Amounts{Lines: int(max(v[0], 0)), Principal: m(1), Interest: m(2), Payable: m(3), Introduced: m(4), Repaid: m(5), Repriced: m(6)}
}

// held reports whether there is any of the part.
func (v values) held() bool { return v[0] > 0 || v[1] > 0 }

func (v *values) addLevels(w values) {
	for i := range levels {
		v[i] += w[i]
	}
}

// noLines are the lines of a sum that cannot be told.
const noLines = math.MinInt64 / 2

// join adds the levels of another repository. Where that has debt and its lines are not
// known, those of the sum are not, either: a density of some lines and all debt is wrong.
func (v *values) join(w values) {
	v.addLevels(w)
	if w[0] == 0 && w[1] > 0 {
		v[0] = noLines
	}
}

func (v *values) addSteps(w values) {
	for i := levels; i < len(v); i++ {
		v[i] += w[i]
	}
}

// A span is the weeks of the parts of one division, by the name of the part.
type span map[string][]weekValues

type weekValues struct {
	week int64
	values
}

// at is the entry of a part for a week, which is made if there is none. The week is
// the newest of the span.
func (s span) at(name string, week int64) *weekValues {
	list := s[name]
	if n := len(list); n == 0 || list[n-1].week != week {
		list = append(list, weekValues{week: week})
		s[name] = list
	}
	return &list[len(list)-1]
}

// packed is the span with a number as it is stored.
func (s span) packed(number int64) []byte {
	out := []byte{spanFormat}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		out = binary.AppendUvarint(out, uint64(len(name)))
		out = append(out, name...)
		out = binary.AppendUvarint(out, uint64(len(s[name])))
		last := weekValues{week: number * spanWeeks}
		for _, w := range s[name] {
			out = binary.AppendUvarint(out, uint64(w.week-last.week))
			for i, v := range w.values {
				if i < levels {
					v -= last.values[i]
				}
				out = binary.AppendVarint(out, v)
			}
			last = w
		}
	}
	return out
}

// eachWeek calls part for each part of a packed span, which returns what to call
// for its weeks; nil: for none. The name is good until part returns.
func eachWeek(number int64, content []byte, part func(name []byte) func(weekValues)) error {
	if len(content) == 0 || content[0] != spanFormat {
		return errBadSpan
	}
	r := packedReader{rest: content[1:]}
	for len(r.rest) > 0 && !r.bad {
		name := r.bytes(r.uvarint())
		weeks := r.uvarint()
		if r.bad {
			break
		}
		f := part(name)
		w := weekValues{week: number * spanWeeks}
		for ; weeks > 0 && !r.bad; weeks-- {
			w.week += int64(r.uvarint())
			for i := range levels {
				w.values[i] += r.varint()
			}
			for i := levels; i < len(w.values); i++ {
				w.values[i] = r.varint()
			}
			if f != nil && !r.bad {
				f(w)
			}
		}
	}
	if r.bad {
		return errBadSpan
	}
	return nil
}

// A packedReader reads what is packed; bad says that it ended too early.
type packedReader struct {
	rest []byte
	bad  bool
}

func (r *packedReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.skip(n)
	return v
}

func (r *packedReader) varint() int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n)
	return v
}

func (r *packedReader) skip(n int) {
	if n <= 0 {
		r.rest, r.bad = nil, true
		return
	}
	r.rest = r.rest[n:]
}

func (r *packedReader) bytes(n uint64) (out []byte) {
	if n > uint64(len(r.rest)) {
		r.rest, r.bad = nil, true
		return nil
	}
	out, r.rest = r.rest[:n], r.rest[n:]
	return out
}

// readSpan reads a span in a transaction; one that is not there is empty.
func readSpan(ctx context.Context, tx *sql.Tx, d debt.Division, repository, number int64) (span, error) {
	out := span{}
	var content []byte
	err := tx.QueryRowContext(ctx, `SELECT content FROM spans WHERE division = $1 AND repository = $2 AND span = $3`, string(d), repository, number).Scan(&content)
	if err = found(err); err == ErrNotFound {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	err = eachWeek(number, content, func(b []byte) func(weekValues) {
		name := string(b)
		return func(w weekValues) { out[name] = append(out[name], w) }
	})
	if err != nil {
		return nil, fmt.Errorf("span %d: %w", number, err)
	}
	return out, nil
}

func writeSpan(ctx context.Context, tx *sql.Tx, d debt.Division, repository, number int64, s span) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO spans (division, repository, span, content) VALUES ($1, $2, $3, $4)
		ON CONFLICT (division, repository, span) DO UPDATE SET content = EXCLUDED.content`, string(d), repository, number, s.packed(number))
	return err
}
