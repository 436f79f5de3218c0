package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

func TestReplyGoldens(t *testing.T) {
	all := briefs()
	hidden := waiting()
	hidden.Review = reviews()["suppressed"]
	for name, got := range map[string]string{
		"help":              Help(),
		"status":            Status(all["awaiting"]),
		"status-overridden": Status(all["overridden"]),
		"explain":           Explain(all["awaiting"], "F2"),
		"explain-test":      Explain(all["awaiting"], "F3"),
		"explain-paid":      Explain(all["awaiting"], "f4"),
		"explain-hidden":    Explain(hidden, "F2"),
		"explain-dismissed": Explain(all["changes-requested"], "F1"),
		"explain-unknown":   Explain(all["awaiting"], "F99 | @maria"),
		"explain-nothing":   Explain(Brief{}, "F1"),
		"reply-refused":     Reply(all["awaiting"], signoff.Effect{Kind: signoff.TellReply, Fact: "g-1", Text: "Who may sign: `maria-k`."}),
		"reply-explain":     Reply(all["awaiting"], signoff.Effect{Kind: signoff.TellReply, Fact: "g-1#2", Command: &signoff.Command{Verb: signoff.VerbExplain, Object: "F2"}}),
	} {
		golden(t, "reply/"+name+".md", []byte(got))
	}
}

// TestReply: what an effect asks to be shown is what the functions show.
func TestReply(t *testing.T) {
	b := waiting()
	for verb, want := range map[signoff.Verb]string{
		signoff.VerbHelp: Help(), signoff.VerbStatus: Status(b), signoff.VerbExplain: Explain(b, "F1"), signoff.VerbRetry: "",
	} {
		got := Reply(b, signoff.Effect{Fact: "g-1", Command: &signoff.Command{Verb: verb, Object: "F1"}})
		mark := "\n\n" + ReplyMarker(b.Record.Subject, "g-1") + "\n"
		if !strings.HasPrefix(got, strings.TrimRight(want, "\n")) || !strings.HasSuffix(got, mark) {
			t.Errorf("Reply to %s = %q, want %q and %q", verb, got, want, mark)
		}
	}
}

// TestInline: five at most, one a line, the dearest first, and only on lines that
// the difference shows.
func TestInline(t *testing.T) {
	b := waiting()
	var fs []debt.Finding
	for i := range 40 {
		f := finding(debt.New, "errcheck", "pay/flow.go", i+1, "Flow", "error of Close is ignored", float64(i+1))
		f.Fingerprint = "fp1:" + strings.Repeat("0", i)
		fs = append(fs, f, f) // two on each line
	}
	b.Review.Delta = delta(fs...)
	b.Files = []debt.FileChange{{Old: "pay/old.go", New: "pay/flow.go", Hunks: []debt.Hunk{{NewStart: 10, NewLines: 2}, {NewStart: 30, NewLines: 0}}}}
	var lines []int
	marks := map[string]bool{}
	for _, c := range Inline(b) {
		lines = append(lines, c.Line)
		marks[c.Mark] = true
		if c.Path != "pay/flow.go" || !strings.HasSuffix(c.Body, "\n"+c.Mark+"\n") {
			t.Errorf("comment %+v", c)
		}
	}
	if want := []int{33, 32, 31, 30, 29}; !slices.Equal(lines, want) || len(marks) != len(want) {
		t.Errorf("lines %v with %d marks, want %v", lines, len(marks), want)
	}
	for _, tt := range []struct {
		line int
		want bool
	}{{6, false}, {7, true}, {11, true}, {14, true}, {15, false}, {27, false}, {28, true}, {33, true}, {34, false}, {0, false}} {
		if got := inDiff(b.Files, "pay/flow.go", tt.line); got != tt.want {
			t.Errorf("inDiff(line %d) = %t, want %t", tt.line, got, tt.want)
		}
	}
}

// TestInlineWhere: only where a person has to act, or had to.
func TestInlineWhere(t *testing.T) {
	for name, want := range map[string]int{
		"awaiting": 1, "warned": 1, "changes-requested": 1, "overridden": 1, "merged-overridden": 1,
		"observed": 0, "draft": 0, "signed-off": 0, "within": 0, "repaid": 0, "evaluating": 0, "closed": 0,
	} {
		if got := len(Inline(briefs()[name])); got != want {
			t.Errorf("Inline of %s: %d comments, want %d", name, got, want)
		}
	}
	b := waiting()
	b.Files = nil
	if got := Inline(b); len(got) > 0 {
		t.Errorf("Inline where the difference is not known = %v, want none", got)
	}
	golden(t, "reply/inline.md", []byte(Inline(waiting())[0].Body))
}

func FuzzEscapeMarkdownBlock(f *testing.F) {
	for _, s := range append(hostileSeeds, "3 | buget: 1h\n  | ^^^^^", "```\n````\n", "~~~", "\n\n") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		lines := strings.Split(EscapeMarkdownBlock(in), "\n")
		fence, ok := strings.CutSuffix(lines[0], "text")
		if !ok || strings.Trim(fence, "`") != "" || len(fence) < 3 || lines[len(lines)-1] != fence {
			t.Fatalf("of %q: %q is no block", in, lines)
		}
		for i, l := range lines[1 : len(lines)-1] {
			checkPlain(t, in, l)
			if strings.Contains(l, fence) {
				t.Errorf("of %q: line %d ends the block: %q", in, i, l)
			}
		}
		if got, want := len(lines)-2, strings.Count(in, "\n")+1; got != want {
			t.Errorf("of %q: %d lines, want %d", in, got, want)
		}
	})
}
