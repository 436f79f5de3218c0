package signoff

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// A world is a host with one pull request, and a store: what Advance looks at
// and what becomes of its outcomes. Facts that are held back are not delivered
// yet.
type world struct {
	t       testing.TB
	in      Input
	rec     Record
	last    Outcome
	held    []Fact
	ledger  []Entry
	told    map[string]bool
	tells   []Effect // since they were asked for
	ids     map[string]int64
	seq     int64
	prove   func(Proof) Proof
	judge   func(head, base string) *Judged
	checks  func(was Record)
	noProve bool
	// paranoid looks compare the arguments of Advance before and after.
	paranoid bool
	history  []Input // all that was looked at
}

var monday = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func newWorld(t testing.TB) *world {
	w := &world{t: t, told: map[string]bool{}, ids: map[string]int64{}, seq: 1000}
	w.in = Input{
		Now: monday, Governed: true, OptedIn: true, PolicyID: "p1",
		Policy:   review.Policy{Mode: review.Enforce},
		Accounts: map[string]Account{}, Roster: review.Roster{}, Writers: map[int64]bool{},
		Pull: Pull{Number: 7, Open: true, BaseRef: "main", Repo: Repo{ID: 2, DefaultBranch: "main"}},
	}
	w.rec.Subject = Subject{Installation: 1, Repository: 2, Kind: PullRequest, Number: 7}
	return w
}

// sha makes a hash of a name. Names with a tilde begin as the one before it.
func sha(name string) string {
	if name == "" {
		return ""
	}
	plain, _, alike := strings.Cut(name, "~")
	of := func(s string) string { h := sha1.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
	if alike {
		return of(plain)[:7] + of(name)[7:]
	}
	return of(plain)
}

func (w *world) account(login string) Account {
	id, ok := w.ids[login]
	if !ok {
		id = int64(len(w.ids) + 1)
		w.ids[login] = id
		w.in.Accounts[login] = Account{ID: id, Login: login}
	}
	return Account{ID: id, Login: login, Bot: strings.HasSuffix(login, "[bot]")}
}

func (w *world) next() int64 { w.seq++; return w.seq }

// fact makes one of the present moment.
func (w *world) fact(kind FactKind, who string) Fact {
	return Fact{ID: fmt.Sprintf("d%d", w.next()), At: w.in.Now, Said: w.in.Now, Kind: kind, Actor: w.account(who)}
}

func (w *world) deliver(f Fact) { w.in.Facts = append(w.in.Facts, f) }

// review submits one on the host, and returns what it delivers.
func (w *world) review(who string, state ReviewState, commit string) Fact {
	f := w.fact(ReviewSubmitted, who)
	f.Author, f.State, f.Commit, f.Review, f.BaseRef = f.Actor, state, commit, w.next(), w.in.Pull.BaseRef
	w.in.Pull.Reviews = append(slices.Clone(w.in.Pull.Reviews), HostReview{ID: f.Review, Author: f.Actor, State: state, Commit: commit, Submitted: w.in.Now})
	return f
}

func (w *world) dismiss(who string, id int64) Fact {
	f := w.fact(ReviewDismissed, who)
	f.Review = id
	w.in.Pull.Reviews = slices.Clone(w.in.Pull.Reviews)
	for i := range w.in.Pull.Reviews {
		if r := &w.in.Pull.Reviews[i]; r.ID == id {
			r.State, f.Author = Dismissed, r.Author
		}
	}
	return f
}

func (w *world) command(who, line string) Fact {
	f := w.fact(Commanded, who)
	commands := ParseCommands(line)
	if len(commands) != 1 {
		w.t.Fatalf("%q holds %d commands", line, len(commands))
	}
	f.Author, f.Comment, f.Command = f.Actor, w.next(), &commands[0]
	return f
}

func (w *world) push(who, commit, base string) Fact {
	f := w.fact(Pushed, who)
	f.Before, f.Commit = w.in.Pull.Head, commit
	w.in.Pull.Head, w.in.MergeBase = commit, base
	return f
}

func (w *world) merge(who string) Fact {
	f := w.fact(Merged, who)
	p := &w.in.Pull
	f.Commit = p.Head
	p.Merged, p.Open, p.MergedAt, p.MergedBy, p.MergeCommit = true, false, w.in.Now, f.Actor, sha("merge of "+p.Head)
	return f
}

// look is one Reconcile: it looks until no proof is wanted, and stores.
func (w *world) look() {
	for range 4 {
		in := w.in
		in.Facts, in.Accounts = slices.Clone(in.Facts), cloneMap(in.Accounts)
		in.Writers = cloneMap(in.Writers)
		if w.judge != nil {
			in.Judged = w.judge(in.Pull.Head, in.MergeBase)
		}
		was := w.rec
		before := ""
		if w.paranoid {
			before = dump(in) + dump(was)
		}
		out := Advance(in, was)
		if w.paranoid && dump(in)+dump(was) != before {
			w.t.Fatal("Advance changed its arguments")
		}
		w.store(out)
		w.history = append(w.history, in)
		if w.checks != nil {
			w.checks(was)
		}
		w.in.Proofs = nil
		if len(out.Wanted) == 0 || w.noProve {
			return
		}
		for _, p := range out.Wanted {
			w.in.Proofs = append(w.in.Proofs, w.prove(p))
		}
	}
	w.t.Fatalf("proofs are wanted for ever: %+v", w.last.Wanted)
}

// store does what a transaction does; where paranoid, through JSON as the store
// has it.
func (w *world) store(out Outcome) {
	w.last = out
	w.rec = out.Record
	if w.paranoid {
		w.rec = Record{}
		if err := json.Unmarshal([]byte(dump(out.Record)), &w.rec); err != nil {
			w.t.Fatal(err)
		}
	}
	w.rec.Overrides = cloneOverrides(w.rec.Overrides)
	for _, e := range out.Entries {
		w.ledger = append(w.ledger, e)
		for i := range w.rec.Overrides {
			o := &w.rec.Overrides[i]
			if o.ID == e.Override && o.Entry == 0 {
				o.Entry = int64(len(w.ledger))
			}
			for j := range o.Steps {
				if s := &o.Steps[j]; o.ID == e.Override && s.Key() == e.Step {
					s.Entry = int64(len(w.ledger))
				}
			}
		}
	}
	for _, e := range out.Effects {
		if e.Kind.Put() {
			continue
		}
		if w.told[e.Key()] {
			w.t.Fatalf("told twice: %s", e.Key())
		}
		w.told[e.Key()] = true
		w.tells = append(w.tells, e)
	}
}

func dump(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func cloneMap[K comparable, V any](m map[K]V) map[K]V {
	out := make(map[K]V, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// requirement is a domain with those who may sign, in the order to ask them.
func requirement(d impact.Domain, second bool, logins []string, excluded ...review.Exclusion) review.Requirement {
	r := review.Requirement{Domain: d, NeedsSecond: second}
	for _, login := range logins {
		r.Candidates = append(r.Candidates, review.Candidate{Login: login})
		r.Pool = append(r.Pool, review.Principal(login))
	}
	r.Excluded = excluded
	return r
}

// same compares what a look comes to: where it stands, and by what. Who is asked
// hangs on when one looked, and so is not in it; nor whether all declined,
// nor a second signature whose proof was not needed.
func same(r Record) string {
	type standing struct {
		Domain impact.Domain
		State  State
	}
	var all []standing
	for _, s := range r.Requirements {
		if s.State == Unassigned {
			s.State = Awaiting
		}
		all = append(all, standing{s.Domain, s.State})
	}
	if r.State.Ended() {
		return string(r.State) // what is remembered of it is from when it was found out
	}
	granted := 0
	for _, o := range r.Overrides {
		if o.Void == "" {
			granted++
		}
	}
	if r.State == Unassigned {
		r.State = Awaiting
	}
	return dump(struct {
		State    State
		All      []standing
		Verdicts []Verdict
		Granted  int
	}{r.State, all, r.Verdicts, granted})
}
