package review

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/impact"
)

// TestConfigPage: docs/config.md has every key as policyKeys describes it, every
// trigger, and examples that hold.
func TestConfigPage(t *testing.T) {
	content, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	for _, k := range policyKeys {
		if k.kind.want == "" {
			continue
		}
		tighten := k.tighten.doc
		if tighten == "" {
			tighten = "–"
		}
		path := strings.ReplaceAll(k.path, "*", "NAME")
		if row := fmt.Sprintf("| `%s` | %s | %s |\n", path, k.doc, tighten); !strings.Contains(page, row) {
			t.Errorf("docs/config.md lacks the row\n%s", row)
		}
	}
	for _, trigger := range impact.Triggers {
		if row := fmt.Sprintf("| `%s` | %s | %s |\n", trigger.Domain, "`"+trigger.Name+"`", trigger.Title); !strings.Contains(page, row) {
			t.Errorf("docs/config.md lacks the row\n%s", row)
		}
	}
	examples := strings.Split(page, "```yaml\n")[1:]
	if len(examples) == 0 {
		t.Error("docs/config.md has no example")
	}
	for i, example := range examples {
		example, _, _ = strings.Cut(example, "```")
		if _, problems := ParsePolicy(&File{Name: "docs/config.md", Content: []byte(example)}, nil); len(problems) > 0 {
			t.Errorf("example %d: %v", i+1, problems)
		}
	}
}
