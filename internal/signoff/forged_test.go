package signoff

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/review"
)

// TestForgedApprovals plays the stories of testdata/forged.txtar, in each of which
// somebody would like to have a check turned green by an approval that is none:
// theirs to give it was not, it is of another commit, it was taken back, edited or
// counted twice. None is green. Then the two who may approve what is there, and it
// is, unless the story is about something else than who approved.
func TestForgedApprovals(t *testing.T) {
	a, err := txtar.ParseFile(filepath.Join("testdata", "forged.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Files) < 40 {
		t.Errorf("there are %d stories, want 40 at least", len(a.Files))
	}
	mended := 0
	for _, f := range a.Files {
		t.Run(f.Name, func(t *testing.T) {
			s := tell(t, string(f.Data))
			if s.rec.Conclusion() == Success {
				t.Fatalf("the check is green: %s", dump(s.rec))
			}
			if s.rec.Mode != review.Enforce {
				t.Errorf("the mode is %q: nothing is at stake", s.rec.Mode)
			}
			// The forgery is what was wrong: an honest approval of the same head is
			// enough.
			honest := []string{"zoe", "yan"}
			s.needs = []review.Requirement{requirement("design", false, honest)}
			for _, who := range honest {
				s.account(who)
			}
			for _, who := range honest {
				s.deliver(s.world.review(who, "approved", s.in.Pull.Head))
			}
			s.peek()
			if s.rec.Conclusion() == Success {
				mended++
			}
		})
	}
	if mended < 35 {
		t.Errorf("honest approvals turn %d of %d stories green: the others would show nothing", mended, len(a.Files))
	}
}
