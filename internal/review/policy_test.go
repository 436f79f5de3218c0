package review

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// story is one archive of testdata/policy: an organisation's and a repository's
// file, and what comes of them: the settings that hold, or the problems.
type story struct {
	name                     string
	archive                  *txtar.Archive
	organisation, repository *File
}

func stories(t testing.TB) []story {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "policy", "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	var out []story
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s := story{name: name, archive: archive}
		for _, f := range archive.Files {
			switch f.Name {
			case "organisation.yml":
				s.organisation = &File{Name: f.Name, Content: f.Data}
			case "repository.yml":
				s.repository = &File{Name: f.Name, Content: f.Data}
			case "want":
			default:
				t.Fatalf("%s: what is %s?", name, f.Name)
			}
		}
		out = append(out, s)
	}
	return out
}

func outcome(p Policy, problems []Problem) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%s\n%s\n", p, p.Excerpt)
	}
	for _, s := range p.Settings {
		fmt.Fprintf(&b, "%s = %s", s.Key, s.Value)
		for _, from := range s.From {
			fmt.Fprintf(&b, "  %s:%d", from.File, from.Line)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestParsePolicy(t *testing.T) {
	for _, s := range stories(t) {
		t.Run(strings.TrimSuffix(filepath.Base(s.name), ".txtar"), func(t *testing.T) {
			got := []byte(outcome(ParsePolicy(s.organisation, s.repository)))
			files := s.archive.Files
			if last := &files[len(files)-1]; last.Name != "want" {
				files = append(files, txtar.File{Name: "want", Data: got})
			} else if !bytes.Equal(last.Data, got) {
				if !*update {
					t.Errorf("ParsePolicy =\n%swant\n%s", got, last.Data)
				}
				last.Data = got
			}
			if *update {
				s.archive.Files = files
				if err := os.WriteFile(s.name, txtar.Format(s.archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
