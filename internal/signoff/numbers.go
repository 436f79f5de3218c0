package signoff

import (
	"strconv"
	"strings"
)

// mostNumbers bounds the findings of one pull request that get a number: nobody
// speaks of the thousandth, and each is stored in the record.
const mostNumbers = 1000

// number gives each finding that has none the next number.
func (l *look) number() {
	r := &l.rec
	last := 0
	for _, n := range r.Numbers {
		last = max(last, n)
	}
	for _, print := range l.judged.Listed {
		if r.Numbers[print] > 0 || last >= mostNumbers {
			continue
		}
		if r.Numbers == nil {
			r.Numbers = map[string]int{}
		}
		last++
		r.Numbers[print] = last
	}
}

// Name is what a finding is called in the pull request, "F3"; empty where it has
// no number.
func (r Record) Name(fingerprint string) string {
	if n := r.Numbers[fingerprint]; n > 0 {
		return "F" + strconv.Itoa(n)
	}
	return ""
}

// Numbered is the fingerprint of a finding by its name, in upper or lower case.
func (r Record) Numbered(name string) (fingerprint string, ok bool) {
	for print := range r.Numbers {
		if strings.EqualFold(r.Name(print), name) {
			return print, true
		}
	}
	return "", false
}
