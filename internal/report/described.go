package report

import (
	"fmt"
	"strings"

	"github.com/barraiser/barraiser/internal/description"
	"github.com/barraiser/barraiser/internal/review"
)

// DescribeWays are what the author has to write, a sentence for each section, in
// plain text.
func DescribeWays(b Brief) []string {
	var ways []string
	for _, d := range b.Record.Undescribed() {
		title := "\"" + d.Name.Title() + "\""
		if d.State == review.SectionLacks {
			ways = append(ways, "Mend the section "+title+" of the description: "+strings.Join(d.Lacks, "; ")+".")
			continue
		}
		ways = append(ways, "Edit the description: below a heading "+title+" say "+d.Name.Says()+".")
	}
	return ways
}

// describeWays are DescribeWays in Markdown.
func (b Brief) describeWays() []string {
	ways := DescribeWays(b)
	for i, way := range ways {
		ways[i] = outside(way)
	}
	return ways
}

// describedNodes are the sections that are asked for, with what they lack.
func (b Brief) describedNodes() []node {
	var out []node
	for _, d := range b.Record.Described {
		words := map[review.SectionState]string{
			review.SectionGiven: "is there", review.SectionMissing: "is missing", review.SectionLacks: "is not complete",
		}[d.State]
		n := node{text: "section \"" + outside(d.Name.Title()) + "\" " + words + " (" + outside(d.Why) + ")"}
		for _, s := range d.Lacks {
			n.kids = append(n.kids, leaf(outside(s)))
		}
		out = append(out, n)
	}
	return out
}

// quoted are the sections of the description that the one who decides reads
// first, each folded. Whoever wrote them may have written anything: they are
// quoted, escaped and cut.
func (b Brief) quotedSections() []block {
	var out []block
	for _, name := range []review.SectionName{review.PressRelease, review.ExperimentPlan, review.DeviationSection} {
		s, ok := description.Find(b.Pull.Body, name.Title())
		if !ok || name != review.PressRelease && !b.asksFor(name) {
			continue
		}
		out = append(out, details(outside(name.Title()), quote(s.Lines)))
	}
	return out
}

func (b Brief) asksFor(name review.SectionName) bool {
	for _, d := range b.Record.Described {
		if d.Name == name {
			return true
		}
	}
	return false
}

func quote(lines []string) block {
	return block{
		list: true, rows: len(lines),
		row: func(i int) string {
			if s := outside(lines[i]); s != "" {
				return "> " + s + "\n"
			}
			return ">\n"
		},
		more: func(from int) string { return fmt.Sprintf("> %s more, not shown\n", count(len(lines)-from, "line")) },
	}
}

// sectionWords say of a local run what the description has to say; not yet
// escaped.
func sectionWords(s review.Section) string {
	title := "\"" + s.Name.Title() + "\""
	switch s.State {
	case review.SectionGiven:
		return "section " + title + " says what is asked of it"
	case review.SectionLacks:
		return "section " + title + ": " + strings.Join(s.Lacks, "; ")
	case review.SectionUnread:
		return "section " + title + " is asked for (" + s.Why + "), and was not looked at: --description FILE"
	}
	return "section " + title + " is asked for (" + s.Why + "): say there " + s.Name.Says()
}

type wireSection struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	State string   `json:"state"`
	Why   string   `json:"why"`
	Lacks []string `json:"lacks"`
}

func toSections(list []review.Section) []wireSection {
	out := []wireSection{}
	for _, s := range list {
		out = append(out, wireSection{string(s.Name), s.Name.Title(), string(s.State), s.Why, texts(s.Lacks)})
	}
	return out
}
