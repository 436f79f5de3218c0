package description

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"none", "Mends a bug.", nil},
		{"in the text", "A press release is in the wiki.", nil},
		{"to the end", "## Press release\n\nFaster.\n", []string{"Faster."}},
		{"any level and case", "##### PRESS RELEASE ##\r\nFaster.\r\n# Tests\nnone", []string{"Faster."}},
		{"in bold", "## **Press release**:\nFaster.", []string{"Faster."}},
		{"deeper headings stay", "# Press release\na\n## For whom\nb\n# Next\nc", []string{"a", "For whom", "b"}},
		{"an empty section", "## Press release\n\n## Tests\nnone", nil},
		{"nothing that is seen", "## Press release\n\u200b\n\u2060 \u00a0\n", nil},
		{"a template's comment", "## Press release\n<!-- What does it\ndo? -->\nFaster.", []string{"Faster."}},
		{"only a template's comment", "## Press release\n<!-- What does it do? -->\n", nil},
		{"a comment that does not end", "## Press release\nFaster.\n<!-- and\nmore", []string{"Faster."}},
		{"a heading in code", "## Press release\n```\n# no heading\n```\nFaster.", []string{"```", "# no heading", "```", "Faster."}},
		{"the section in code", "```\n## Press release\nx\n```\n", nil},
		{"no space after the mark", "##Press release\nx", nil},
		{"too long", "# Press release\n" + strings.Repeat("x\n", MaxLines+5), append(slices.Repeat([]string{"x"}, MaxLines), "…")},
		{"beyond what GitHub keeps", strings.Repeat("x\n", maxBody/2) + "# Press release\nx", nil},
	} {
		s, ok := Find(tt.body, "press release")
		if !slices.Equal(s.Lines, tt.want) || ok != (tt.want != nil) {
			t.Errorf("%s: Find(%.80q) = %q, %t, want %q", tt.name, tt.body, s.Lines, ok, tt.want)
		}
	}
}

// TestPressRelease reads texts as people write them. The name of each says which
// rules it fails, by a word of what they tell.
func TestPressRelease(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/press-release.txtar")
	if err != nil || len(archive.Files) < 18 {
		t.Fatalf("%d texts: %v", len(archive.Files), err)
	}
	said := map[string]string{"template": "template's", "words": "fewer than", "people": "nobody", "changes": "does not say"}
	for _, f := range archive.Files {
		s, _ := Find("## Press release\n"+string(f.Data)+"\n## Tests\nby hand", "Press release")
		fails, name, _ := strings.Cut(f.Name, ": ")
		var want []string
		for _, word := range strings.Fields(fails) {
			want = append(want, said[word])
		}
		if fails == "good" {
			want = nil
		}
		got := PressRelease(s)
		same := len(got) == len(want)
		for i := range want {
			same = same && i < len(got) && strings.Contains(got[i], want[i])
		}
		if !same {
			t.Errorf("%s: PressRelease(%q) lacks %q, want %q", name, s.Lines, got, want)
		}
	}
}

func TestExperiment(t *testing.T) {
	whole := "Hypothesis: one page sells more than three to new customers\n- **Metric**: conversion\n* Sample size: 40,000 sessions\nEnds: 2026-12-01\n"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"all of it", whole, nil},
		{"below headings", "### Hypothesis\nOne page sells more than three\n### Metric\nconversion\n### Sample\n40000\n### End date\n2026-12-01", nil},
		{"over", strings.Replace(whole, "2026-12-01", "2026-10-31", 1), []string{"is over"}},
		{"no such day", strings.Replace(whole, "2026-12-01", "2026-13-41", 1), []string{"Ends:"}},
		{"slots", "Hypothesis: <what is expected>\nMetric: TBD\nSample: n/a\nEnds: ...", []string{"Hypothesis", "Metric", "Sample", "Ends:"}},
		{"nothing", "We try a few things.", []string{"Hypothesis", "Metric", "Sample", "Ends:"}},
		{"a sample of nothing", strings.Replace(whole, "40,000", "0", 1), []string{"Sample"}},
	} {
		s, _ := Find("# Experiment\n"+tt.text, "Experiment")
		checkLacks(t, "Experiment", tt.name, Experiment(s, "2026-11-22"), tt.want)
	}
}

func TestDeviation(t *testing.T) {
	whole := "Reason: the ledger cannot be asked before its own store moved, see the incident\nData: https://acme.example/inc/881.\nLook again: 2027-01-31"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"all of it", whole, nil},
		{"in prose", "The ledger cannot be asked before its own store has moved ([data](https://acme.example/inc/881)).\nWe look at it again on 2027-01-31.", nil},
		{"no data", strings.Replace(whole, "https://", "ftp://", 1), []string{"no link"}},
		{"a day that was", strings.Replace(whole, "2027-01-31", "2026-11-22", 1), []string{"not in the future"}},
		{"no reason", "Data: https://acme.example\nLook again: 2027-01-31", []string{"does not say why"}},
		{"slots", "Reason: <why>\nData: <link>\nLook again: <day>", []string{"does not say why", "no link", "no day"}},
	} {
		s, _ := Find("# Deviation\n"+tt.text, "Deviation")
		d, got := Deviation(s, "2026-11-22")
		checkLacks(t, "Deviation", tt.name, got, tt.want)
		if tt.want == nil && (d.Data != "https://acme.example/inc/881" || d.Again != "2027-01-31" || !strings.Contains(d.Reason, "ledger")) {
			t.Errorf("%s: Deviation = %+v", tt.name, d)
		}
	}
}

func checkLacks(t *testing.T, f, name string, got, want []string) {
	t.Helper()
	same := len(got) == len(want)
	for i := range want {
		same = same && i < len(got) && strings.Contains(got[i], want[i])
	}
	if !same {
		t.Errorf("%s: %s lacks %q, want %q", name, f, got, want)
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]int{
		"":                          0,
		"1 2 3 - /":                 0,
		"Customers can't pay twice": 4,
		"a b c":                     0,
		"Sell a book":               3,
		"h\u200be\u200bllo you":     2,
		"顧客は手数料を事前に確認できます": 8,
		"Größe ändern": 2,
	} {
		if got := words(text); got != want {
			t.Errorf("words(%q) = %d, want %d", text, got, want)
		}
	}
}

// FuzzSections: whatever stands in a description, reading it ends, and a section
// that is made of nothing seen is none.
func FuzzSections(f *testing.F) {
	f.Add("## Press release\nCustomers can pay now.\n")
	f.Add("# Deviation\n```\n<!-- ")
	f.Fuzz(func(t *testing.T, body string) {
		for _, name := range []string{"Press release", "Experiment", "Deviation"} {
			s, ok := Find(body, name)
			if ok == (len(s.Lines) == 0) || len(s.Lines) > MaxLines+1 {
				t.Errorf("Find(%q) = %d lines, %t", body, len(s.Lines), ok)
			}
			PressRelease(s)
			Experiment(s, "2026-11-22")
			if d, lacks := Deviation(s, "2026-11-22"); len(lacks) == 0 && (d.Data == "" || d.Again <= "2026-11-22") {
				t.Errorf("Deviation(%q) = %+v, and lacks nothing", body, d)
			}
		}
	})
}
