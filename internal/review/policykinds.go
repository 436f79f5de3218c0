package review

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// A kind is what may stand at a key, or what a name may be: a text of a
// pattern, one of a few words, or a number. Pattern, words and range are in the
// schema as well; what only read knows is not.
type kind struct {
	want    string    // what a message asks for: "a date such as 2027-03-01"
	pattern *textForm // whole, in the syntax that RE2 and ECMAScript share
	words   []string
	numeric bool // a number of at least least and, where whole is set, an integer
	whole   bool
	least   float64
	zero    bool // a text, or the number 0
	// read checks what the pattern does not and returns the text in its one
	// form, and a rank where the kind has an order.
	read func(s string) (form string, rank float64, err error)
}

// A textForm is a regular expression that is compiled when somebody asks it. Each
// start of the program would compile them all, and a review starts it several times.
type textForm struct {
	text     string
	compiled func() *regexp.Regexp
}

func newTextForm(text string) *textForm {
	return &textForm{text, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

func (p *textForm) matches(s string) bool { return p.compiled().MatchString(s) }

var (
	kAsked     = kind{want: "off or required", words: []string{"off", asked}}
	kAway      = kind{want: "off, tell or accept", words: []string{string(AwayOff), string(AwayTell), string(AwayAccept)}}
	kModule    = kind{want: `the path of a module or a pattern of them such as "golang.org/x/**"`, pattern: newTextForm(`^[A-Za-z0-9*{][A-Za-z0-9*{},._~/-]{0,255}$`), read: readGlob}
	kVersion   = kind{want: "1, the version of this format", numeric: true, whole: true, least: 1, read: readVersion}
	kMode      = kind{want: "observe, warn or enforce", words: []string{"observe", "warn", "enforce"}}
	kDomain    = kind{want: "a domain", words: domainNames()}
	kTrigger   = kind{want: "the name of a trigger", words: triggerNames("")}
	kDay       = kind{want: "a day: mon, tue, wed, thu, fri, sat or sun", words: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}
	kDigestDay = kind{want: "a day: mon, tue, wed, thu, fri, sat or sun; or off", words: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat", dayOff}}
	kAmount    = kind{want: "an amount of debt in hours and minutes, such as 90m, 4h or 1h30m", pattern: newTextForm(`^([0-9]{1,5}h)?([0-9]{1,6}m)?$`), zero: true, read: readDuration}
	kDuration  = kind{want: "a time such as 90m, 1h, 3d or 2w", pattern: newTextForm(`^([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,5}h)?([0-9]{1,6}m)?$`), zero: true, read: readDuration}
	kDate      = kind{want: "a date such as 2027-03-01", pattern: newTextForm(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`), read: readDate}
	kDates     = kind{want: "a date or a range of dates such as 2026-12-20..2027-01-05", pattern: newTextForm(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$`), read: readDates}
	kClock     = kind{want: `a time of the day such as "09:00"`, pattern: newTextForm(`^([01][0-9]|2[0-3]):[0-5][0-9]$`), read: readClock}
	kGlob      = kind{want: `a path from the top of the repository, such as "pay/**"`, pattern: newTextForm(`^[^/\\][^\\]{0,254}$`), read: readGlob}
	kBranch    = kind{want: `a branch or a pattern of branches, such as "release/*"`, pattern: newTextForm(`^[^ \\]{1,255}$`), read: readBranch}
	kRatchet   = kind{want: `a component or a path such as "pay/**"`, pattern: kGlob.pattern, read: readGlob}
	kName      = kind{want: "a name of letters, digits, - and _", pattern: newTextForm(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)}
	kLogin     = kind{want: "a login, without @", pattern: newTextForm(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\[bot\])?$`), read: readLower}
	kPrincipal = kind{want: `a login, or a GitHub team as "@organisation/team"`, pattern: newTextForm(`^(@[A-Za-z0-9][A-Za-z0-9-]{0,63}/[A-Za-z0-9][A-Za-z0-9._-]{0,127}|[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\[bot\])?)$`), read: readLower}
	kEmail     = kind{want: "an e-mail address", pattern: newTextForm(`^[^ @<>,;]{1,64}@[^ @<>,;]{1,190}$`), read: readLower}
	kSlackID   = kind{want: "a Slack member id such as U0123ABC", pattern: newTextForm(`^[UW][A-Z0-9]{2,20}$`)}
	kChannel   = kind{want: `a Slack channel such as "#eng-leads", or its id`, pattern: newTextForm(`^(#[^ #@<>&]{1,80}|[CG][A-Z0-9]{2,20})$`)}
	kZone      = kind{want: "a time zone such as Europe/Berlin", pattern: newTextForm(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)}
	kText      = kind{want: "a text", pattern: newTextForm(`^[^\n]{1,1000}$`)}
	kWeight    = kind{want: "a number of at least 0", numeric: true}
	kCount     = kind{want: "a whole number of at least 0", numeric: true, whole: true}
	kSample    = kind{want: "a whole number of at least 1", numeric: true, whole: true, least: 1}
	kRule      = kind{want: "the id of a rule", pattern: newTextForm(`^[A-Za-z0-9][A-Za-z0-9_/-]{0,127}$`), read: readRule}
	kSwitch    = kind{want: "on, off or {threshold: NUMBER}", words: []string{"on", "off"}}
	kKey       = kind{want: "a key of this file, such as budget or components.pay.may", pattern: newTextForm(`^[A-Za-z0-9][A-Za-z0-9_./-]{0,255}$`)}
)

func domainNames() []string {
	var names []string
	for _, d := range impact.Domains() {
		names = append(names, string(d))
	}
	return names
}

// triggerNames are those of a domain; of all, where it is empty.
func triggerNames(d impact.Domain) []string {
	var names []string
	for _, t := range impact.Triggers {
		if d == "" || t.Domain == d {
			names = append(names, t.Name)
		}
	}
	return names
}

func readVersion(s string) (string, float64, error) {
	if s != "1" {
		return "", 0, fmt.Errorf("this program reads version 1, not %s", shorten(s))
	}
	return s, 1, nil
}

func readLower(s string) (string, float64, error) { return strings.ToLower(s), 0, nil }

// readDuration ranks by minutes. A day of a delay is 24 hours; amounts of debt
// come without days and weeks, since a day of work is another one.
func readDuration(s string) (string, float64, error) {
	minutes, digits := 0.0, ""
	for _, c := range s {
		unit, ok := map[rune]float64{'w': 7 * 24 * 60, 'd': 24 * 60, 'h': 60, 'm': 1}[c]
		if !ok {
			digits += string(c)
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			return "", 0, err // unreachable: the pattern has digits before a unit
		}
		minutes += float64(n) * unit
		digits = ""
	}
	return s, minutes, nil
}

func readDate(s string) (string, float64, error) {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", 0, fmt.Errorf("there is no day %s", s)
	}
	return s, float64(day.Unix() / (24 * 60 * 60)), nil
}

func readDates(s string) (string, float64, error) {
	from, to := cutRange(s)
	for _, day := range []string{from, to} {
		if _, _, err := readDate(day); err != nil {
			return "", 0, err
		}
	}
	if to < from {
		return "", 0, fmt.Errorf("%s is after %s", from, to)
	}
	return s, 0, nil
}

func cutRange(s string) (from, to string) {
	from, to, found := strings.Cut(s, "..")
	if !found {
		to = from
	}
	return from, to
}

func readClock(s string) (string, float64, error) {
	h, errH := strconv.Atoi(s[:2])
	m, errM := strconv.Atoi(s[3:])
	if errH != nil || errM != nil {
		return "", 0, fmt.Errorf("%s is no time", s) // unreachable: the pattern has digits there
	}
	return s, float64(h*60 + m), nil
}

// isGlob tells a glob or path from a name.
func isGlob(s string) bool { return strings.ContainsAny(s, "/.*?[{") }

func readGlob(s string) (string, float64, error) {
	if clean := path.Clean(s); clean != s || clean == ".." || strings.HasPrefix(clean, "../") {
		if clean = strings.TrimLeft(clean, "./"); clean == "" {
			clean = "**"
		}
		return "", 0, fmt.Errorf("a path is written plainly, from the top of the repository: %q", shorten(clean))
	}
	return s, 0, checkGlob(s)
}

func readBranch(s string) (string, float64, error) {
	if strings.HasPrefix(s, "refs/") {
		return "", 0, fmt.Errorf("a branch goes by its name alone: %q", shorten(strings.TrimPrefix(s, "refs/heads/")))
	}
	return s, 0, checkGlob(s)
}

// checkGlob refuses what is no pattern, and what may take long to match: each
// pair of braces multiplies the number of patterns that are tried.
func checkGlob(s string) error {
	if !doublestar.ValidatePattern(s) {
		return fmt.Errorf("%q is no valid pattern; check its brackets and braces", shorten(s))
	}
	if strings.Count(s, "{") > 2 || strings.Count(s, "**") > 4 {
		return fmt.Errorf("%q is too intricate; use at most two pairs of braces and four **", shorten(s))
	}
	return nil
}

// readRule returns the id in the catalogue, or the name of a family. A name that
// other linters use for several of our rules says too little.
func readRule(s string) (string, float64, error) {
	var ids []string
	for _, r := range debt.Catalogue {
		if r.ID == s {
			return s, 0, nil
		}
		if slices.Contains(r.Aliases, s) {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) > 1 {
		return "", 0, fmt.Errorf("%q stands for several rules; name one of %s", s, strings.Join(ids, ", "))
	}
	if debt.IsFamily(s) {
		return s, 0, nil
	}
	rule, ok := debt.Lookup(s)
	if !ok {
		all := make([]string, len(debt.Catalogue))
		for i, r := range debt.Catalogue {
			all[i] = r.ID
		}
		return "", 0, fmt.Errorf("there is no rule %q%s", shorten(s), cmp.Or(nearest(s, all), "; 'bot rules' lists them"))
	}
	return rule.ID, 0, nil
}

// An item is a scalar that was checked.
type item struct {
	text string
	rank float64 // minutes, the number itself, a place among words, …
	from Position
	at   span
	// organisation: it is in the organisation's file.
	organisation bool
}

// item checks a scalar against a kind. Without ok, it has told what is wrong.
func (c *checker) item(k kind, n node) (it item, ok bool) {
	it = item{text: n.text, from: c.position(n.at), at: n.at, organisation: c.organisation}
	switch {
	case n.kind == nodeNothing:
		c.missing(n, k.want)
		return it, false
	case k.numeric:
		return c.numeric(k, n, it)
	case k.zero && n.kind == nodeNumber && n.number == 0:
		it.text = "0m"
		return it, true
	case n.kind != nodeText:
		hint := ""
		if (n.kind == nodeNumber || n.kind == nodeTruth) && (k.pattern == nil || k.pattern.matches(n.text)) {
			hint = "; put it into quotes"
		}
		c.problem(n.at, "want %s, not %s%s", k.want, n, hint)
		return it, false
	case k.words != nil:
		i := slices.Index(k.words, n.text)
		if i < 0 {
			c.problem(n.at, "want %s, not %s%s", k.want, n, nearest(n.text, k.words))
		}
		it.rank = float64(i)
		return it, i >= 0
	case !k.pattern.matches(n.text) || n.text == "":
		c.problem(n.at, "want %s, not %s", k.want, n)
		return it, false
	}
	if k.read != nil {
		var err error
		if it.text, it.rank, err = k.read(n.text); err != nil {
			c.problem(n.at, "%v", err)
			return it, false
		}
	}
	return it, true
}

func (c *checker) numeric(k kind, n node, it item) (item, bool) {
	const most = 1e9 // no number here means anything beyond
	if n.kind != nodeNumber || n.number < k.least || n.number > most || k.whole && n.number != math.Trunc(n.number) {
		c.problem(n.at, "want %s, not %s", k.want, n)
		return it, false
	}
	it.rank, it.text = n.number, strconv.FormatFloat(n.number, 'f', -1, 64)
	if k.read != nil {
		if _, _, err := k.read(it.text); err != nil {
			c.problem(n.at, "%v", err)
			return it, false
		}
	}
	return it, true
}

// missing reports a key without a value, unless what stood there was refused
// and has been reported already.
func (c *checker) missing(n node, want string) {
	if !slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Line == n.at.line && p.Column == n.at.column }) {
		c.problem(n.at, "nothing stands here; want %s", want)
	}
}
