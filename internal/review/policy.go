package review

import (
	"cmp"
	_ "embed" // the schema
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// PolicyPath is where a repository keeps its policy.
const PolicyPath = ".github/barraiser.yml"

// PolicySchema is the JSON schema (draft-07) of that file, for editors.
//
//go:embed barraiser.schema.json
var PolicySchema []byte

// Policy is what an organisation and a repository ask of a change: what
// [ParsePolicy] reads. The zero Policy is that of a repository without a file:
// no budget, no components, no pools.
//
// Names in it (components, teams, goals, experiments) are as in the file, rules
// go by their id in the catalogue, people by their login in lower case, since
// GitHub tells no cases apart.
type Policy struct {
	Mode Mode // empty: Observe
	// Budget is the net debt in minutes that a change may add; nil: none, and
	// then debt alone never needs sign-off.
	Budget *float64
	// Ratchet are components and path globs whose debt may not rise. See
	// Ratcheted.
	Ratchet []string
	// Governed are globs of branches; none: the default branch. See Governs.
	Governed    []string
	Rules       debt.Settings // by the id of a rule or of a family
	Components  map[string]Component
	Domains     map[impact.Domain]DomainPolicy
	Teams       map[string]Team
	People      map[string]Person
	Hours       *Hours // nil: DefaultHours. See HoursOf
	Goals       map[string]Goal
	Experiments map[string]Experiment
	Overrides   Overrides
	// Description is what a pull request has to say of itself, and Dependencies
	// which modules of others are approved.
	Description  DescriptionPolicy
	Dependencies Dependencies
	AwayTeam     AwayTeam // empty: AwayOff
	Digest       *Digest  // nil: DefaultDigest. See WeeklyDigest

	// Settings are all the values above as they were said, with their places,
	// in the order of the files.
	Settings []Setting
}

// A Mode says how far the bar goes.
type Mode string

const (
	Observe Mode = "observe" // says what it sees, in the check run alone
	Warn    Mode = "warn"    // comments and asks for reviews; blocks nothing
	Enforce Mode = "enforce" // blocks until the sign-off is there
)

// A Component is a named set of folders, and what it may depend on.
type Component struct {
	Paths []string // globs
	// May are the components that this one may import, beside itself, where
	// Limited is set; else it may import any.
	May     []string
	Limited bool
	Not     []string // components that it may not import in any case
	// Fixed is how many of the paths, the first ones, are the organisation's.
	// They go before all others: see ComponentOf.
	Fixed int
}

// A DomainPolicy says who signs in a domain, and which triggers do not ask for
// it.
type DomainPolicy struct {
	Pool []Principal
	Off  []string
}

// A Principal is a login, or a GitHub team as "@organisation/team".
type Principal string

// IsTeam tells a GitHub team from a login.
func (p Principal) IsTeam() bool { return strings.HasPrefix(string(p), "@") }

// A Team is people who work together, and what they own.
type Team struct {
	Members []Principal
	Owns    []string // globs
	Fixed   int      // how many of Owns, the first ones, are the organisation's
	Goals   []string
	Lead    string // login
}

// A Person is what has to be known about an engineer beside the login.
type Person struct {
	Emails   []string // in lower case
	Manager  string   // login
	Absent   []DateRange
	Slack    string // member id
	Timezone string // IANA name, not looked up here: that takes files
	Hours    *Hours // nil: the policy's
}

// Hours are when people are reminded.
type Hours struct {
	Days     []time.Weekday
	From, To Clock
}

// DefaultHours hold where no file has hours.
var DefaultHours = Hours{
	Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
	From: 9 * 60, To: 17 * 60,
}

// A Clock is a time of the day in minutes after midnight.
type Clock int

// A Date is a day as "2006-01-02"; the order of texts is that of days.
type Date string

// A DateRange holds both its ends.
type DateRange struct{ From, To Date }

// Contains reports whether the day is in the range.
func (r DateRange) Contains(day Date) bool { return r.From <= day && day <= r.To }

// A Goal is something that teams work towards. Debt is worth repaying in the
// components that carry one.
type Goal struct {
	Title      string
	Weight     float64 // 1 where the file does not say
	Components []string
	Due        Date // empty: open
}

// An Experiment is a running A/B test, as it was announced.
type Experiment struct {
	Hypothesis, Metric string
	Sample             int
	Ends               Date
}

// Overrides say who may go in without a sign-off, and what that takes.
type Overrides struct {
	Allowed     []Principal
	Ceiling     *float64      // minutes of net debt above which a second person must agree; nil: none
	Second      []Principal   // who that may be
	Channel     string        // Slack channel that is told
	Acknowledge time.Duration // within which management has to acknowledge; 0: no limit
	Reason      int           // least number of characters of a reason

	// Justify is the time within which who went in undeclared says why, Decide that
	// within which what was acknowledged is accepted or something is promised; 0:
	// as Acknowledge.
	Justify, Decide time.Duration
	Level           int         // how many levels above who went in is told; 0: 2, the one above the manager
	Tell            []Principal // who is told above the reporting line, or in place of one; nil: Second

	Outcome time.Duration // how long after its merge a change is followed; 0: DefaultOutcome. See OutcomeTime
}

// DefaultOutcome is how long a merged change is followed where no file says it:
// long enough for what was wrong to be seen, short enough to be told in the next
// month's figures. It is a choice and was not measured.
const DefaultOutcome = 30 * 24 * time.Hour

// OutcomeTime is how long a merged change is followed.
func (o Overrides) OutcomeTime() time.Duration { return cmp.Or(o.Outcome, DefaultOutcome) }

// DescriptionPolicy says which sections the description of a pull request has to
// have where its change calls for them.
type DescriptionPolicy struct{ PressRelease, Experiment, Deviation bool }

// asked is the value of a key by which a section has to be there.
const asked = "required"

// Dependencies are modules of others.
type Dependencies struct {
	Approved []string // globs of module paths
	Limited  bool     // only those are approved; else any is
}

// AwayTeam says what happens where a team changes another team's code.
type AwayTeam string

const (
	AwayOff    AwayTeam = "off"
	AwayTell   AwayTeam = "tell"   // the owning team is told
	AwayAccept AwayTeam = "accept" // and has to accept
)

// A Digest is what is told once a week in a channel.
type Digest struct {
	Channel  string // empty: that of the overrides
	Off      bool
	Day      time.Weekday
	At       Clock
	Timezone string // IANA name, not looked up here; empty: UTC
}

// DefaultDigest holds where no file has a digest: Monday morning.
var DefaultDigest = Digest{Day: time.Monday, At: 9 * 60}

// dayOff stands for the day of a digest that nobody wants.
const dayOff = "off"

// digest is that of the policy, to be changed.
func (p *Policy) digest() *Digest {
	if p.Digest == nil {
		d := DefaultDigest
		p.Digest = &d
	}
	return p.Digest
}

// WeeklyDigest is what is told once a week, and whether anything is.
func (p Policy) WeeklyDigest() (Digest, bool) {
	d := DefaultDigest
	if p.Digest != nil {
		d = *p.Digest
	}
	d.Channel = cmp.Or(d.Channel, p.Overrides.Channel)
	return d, d.Channel != "" && !d.Off
}
