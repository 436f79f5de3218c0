package signoff

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// TestAdvanceBranch: chains as "c1 c2#7 c3?", the pull request that brought a
// commit after #, "?" where the host may not have told yet; pushes as their last
// commits with who pushed.
func TestAdvanceBranch(t *testing.T) {
	for _, test := range []struct {
		name, tip, chain, pushes string
		change                   func(*BranchInput)
		want                     string // overrides as commit:who
		wantTip                  string
	}{
		{"the beginning", "", "c1 c2", "", nil, "", "c2"},
		{"by a pull request", "c0", "c1#7 c2#7", "c2:sam", nil, "", "c2"},
		{"one push of two commits", "c0", "c1 c2", "c2:sam", nil, "c2:sam", "c2"},
		{"two pushes", "c0", "c1 c2 c3", "c1:ann c3:sam", nil, "c1:ann c3:sam", "c3"},
		{"a push among merges", "c0", "c1#7 c2 c3#8", "c1:x c2:sam c3:x", nil, "c2:sam", "c3"},
		{"nobody told", "c0", "c1 c2#8", "", nil, "c2:", "c2"},
		{"not told yet", "c0", "c1#7 c2?", "c2:sam", nil, "", "c0"},
		{"rewritten", "c0", "c5", "c5:sam", func(in *BranchInput) { in.Rewritten = true }, "c5:sam", "c5"},
		{"rewritten to an older one", "c0", "", "c9:sam", func(in *BranchInput) { in.Rewritten, in.Tip = true, "c9" }, "c9:sam", "c9"},
		{"observe", "c0", "c1", "c1:sam", func(in *BranchInput) { in.Mode = review.Observe }, "", "c1"},
		{"not governed", "c0", "c1", "c1:sam", func(in *BranchInput) { in.Governed = false }, "", ""},
	} {
		in := BranchInput{Now: monday, Governed: true, OptedIn: true, Mode: review.Enforce}
		for _, word := range strings.Fields(test.chain) {
			c := Landed{Commit: strings.TrimSuffix(word, "?"), Pending: strings.HasSuffix(word, "?")}
			if commit, n, ok := strings.Cut(word, "#"); ok {
				c.Commit = commit
				fmt.Sscan(n, &c.Pull)
			}
			in.Chain, in.Tip = append(in.Chain, c), c.Commit
		}
		for _, word := range strings.Fields(test.pushes) {
			commit, who, _ := strings.Cut(word, ":")
			in.Facts = append(in.Facts, Fact{ID: "push-" + commit, Kind: Pushed, Commit: commit, Actor: Account{ID: 1, Login: who}, At: monday})
		}
		if test.change != nil {
			test.change(&in)
		}
		rec := BranchRecord{Subject: Subject{Kind: Branch, Ref: "main"}, Tip: test.tip}
		out := AdvanceBranch(in, rec)
		var got []string
		for i, o := range out.Record.Overrides {
			got = append(got, o.Commit+":"+o.By.Login)
			out.Record.Overrides[i].Entry = int64(i + 1)
		}
		if text := strings.Join(got, " "); text != test.want || out.Record.Tip != test.wantTip || len(out.Entries) != len(got) || overridesTold(out.Effects) != len(got) {
			t.Errorf("%s: overrides %q, tip %s, %d entries; want %q, %s", test.name, text, out.Record.Tip, len(out.Entries), test.want, test.wantTip)
		}
		in.Chain, in.Rewritten = nil, false
		if again := AdvanceBranch(in, out.Record); dump(again.Record) != dump(out.Record) && out.Record.Tip == in.Tip || len(again.Entries) > 0 {
			t.Errorf("%s: looking again changes something", test.name)
		}
	}
}

// overridesTold counts the overrides that are told of.
func overridesTold(all []Effect) int {
	n := 0
	for _, e := range all {
		if e.Notice != nil && e.Notice.Kind == NoticeOverride {
			n++
		}
	}
	return n
}

// TestGate: that the host stops requiring our check is an override, each time that
// it is found, and only where it blocks and was required before.
func TestGate(t *testing.T) {
	in := BranchInput{Now: monday, Governed: true, OptedIn: true, Mode: review.Enforce, Tip: "c1"}
	rec := BranchRecord{Subject: Subject{Kind: Branch, Ref: "main"}, Tip: "c1"}
	for i, step := range []struct {
		gate   Gate
		change func()
		want   int
	}{
		{GateOpen, nil, 0}, // never required: no one removed it
		{GateRequired, nil, 0},
		{GateUnknown, nil, 0},
		{GateOpen, nil, 1},
		{GateOpen, nil, 1},
		{GateRequired, nil, 1},
		{GateOpen, nil, 2},
		{GateRequired, nil, 2},
		{GateOpen, func() { in.Mode = review.Warn }, 2}, // there it blocks nothing
		{GateOpen, func() { in.Mode = review.Enforce }, 2},
		{GateRequired, nil, 2},
		{GateOpen, func() { in.Governed = false }, 2},
	} {
		if step.change != nil {
			step.change()
		}
		in.Gate, in.Now = step.gate, in.Now.Add(time.Hour)
		out := AdvanceBranch(in, rec)
		for j := range out.Record.Overrides {
			if o := &out.Record.Overrides[j]; o.Entry == 0 {
				o.Entry = int64(j + 1)
				if !o.OpensGate() || len(out.Entries) != 1 || out.Entries[0].Kind != EntryOverrideDetected {
					t.Errorf("step %d: %+v with %+v", i+1, o, out.Entries)
				}
			}
		}
		rec = out.Record
		if rec.Tip == "" {
			rec.Tip = in.Tip
		}
		if len(rec.Overrides) != step.want {
			t.Errorf("step %d: %d overrides, want %d", i+1, len(rec.Overrides), step.want)
		}
	}
}
