package github

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/signoff"
)

func TestComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	const marker = "<!-- barraiser:pull -->"
	body := func(text string) string { return text + "\n\n" + marker }

	// A person copies our comment.
	_, err := w.hub.Comment("acme/pay", w.number, "stranger", body("mine"))
	if err != nil {
		_, err = w.hub.Comment("acme/pay", w.number, "sam", body("mine"))
		w.must(err)
	}
	put := func(c Comment) int64 {
		t.Helper()
		c.Marker = marker
		id, err := w.app.PutComment(ctx, w.installation, w.repo, w.number, c)
		w.must(err)
		return id
	}
	if id := put(Comment{Body: body("none")}); id != 0 {
		t.Errorf("PutComment() where none is to be made = %d", id)
	}
	first := put(Comment{Body: body("one"), Make: true})
	if id := put(Comment{Body: body("two")}); id != first || first == 0 {
		t.Errorf("PutComment() = %d, want %d", id, first)
	}
	extra, err := w.hub.Comment("acme/pay", w.number, "bar-raiser[bot]", body("extra"))
	w.must(err)
	if id := put(Comment{Body: body("three"), Known: extra}); id != first {
		t.Errorf("PutComment() beside an extra = %d, want %d", id, first)
	}
	mine, err := w.app.marked(ctx, w.app.repo(w.installation, w.repo), w.repo, w.number, marker)
	if err != nil || len(mine) != 1 || mine[0].GetBody() != body("three") {
		t.Errorf("our comments: %v, %v", mine, err)
	}
	w.must(w.hub.DeleteComment("acme/pay", first, "sam"))
	if id := put(Comment{Body: body("four"), Known: first}); id != 0 {
		t.Errorf("PutComment() after a person deleted it = %d", id)
	}
	again := put(Comment{Body: body("four"), Known: first, Again: true})
	if again == 0 || again == first {
		t.Errorf("PutComment(again) = %d", again)
	}
	for range 2 {
		if err := w.app.DeleteComment(ctx, w.installation, w.repo, again); err != nil {
			t.Errorf("DeleteComment() = %v", err)
		}
	}

	const reply = "<!-- barraiser:reply 1 -->"
	one, err := w.app.Reply(ctx, w.installation, w.repo, w.number, reply, "Only bar raisers may. "+reply)
	w.must(err)
	two, err := w.app.Reply(ctx, w.installation, w.repo, w.number, reply, "Only bar raisers may. "+reply)
	if err != nil || one != two || one == 0 {
		t.Errorf("Reply() = %d and %d, %v", one, two, err)
	}
	said, err := w.hub.Comment("acme/pay", w.number, "sam", "/bar status")
	w.must(err)
	for _, reaction := range []string{"eyes", "eyes", "+1"} {
		if err := w.app.React(ctx, w.installation, w.repo, said, reaction); err != nil {
			t.Errorf("React(%s) = %v", reaction, err)
		}
	}
	got, err := w.hub.Reactions("acme/pay", said)
	slices.Sort(got)
	if err != nil || len(got) != 2 {
		t.Errorf("reactions %q, %v", got, err)
	}
	if err := w.app.React(ctx, w.installation, w.repo, said+1000, "eyes"); err != nil {
		t.Errorf("React() to a deleted comment = %v", err)
	}
	for _, c := range []Comment{{Marker: marker, Body: "no marker"}, {Marker: "visible", Body: "visible"}, {Marker: marker, Body: marker + strings.Repeat("ä", CommentText)}} {
		if _, err := w.app.PutComment(ctx, w.installation, w.repo, w.number, c); err == nil {
			t.Errorf("PutComment(%.40q) succeeded", c.Body)
		}
	}
}

func TestPutInline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	remarks := []signoff.InlineComment{{Path: "pay.go", Line: 3, Body: "F1", Mark: "fp1:abc"}}
	put := func() error {
		return w.app.PutInline(t.Context(), w.installation, w.repo, w.number, w.head, remarks)
	}
	w.must(put())
	w.must(put())
	remarks = append(remarks, signoff.InlineComment{Path: "pay.go", Line: 2, Body: "F2", Mark: "fp1:def"})
	w.must(put())
	bodies, err := w.app.inline(t.Context(), w.app.repo(w.installation, w.repo), w.repo, w.number)
	if diff := cmp.Diff([]string{"F1\n\n<!-- barraiser:fp1:abc -->", "F2\n\n<!-- barraiser:fp1:def -->"}, bodies); err != nil || diff != "" {
		t.Errorf("remarks: %v (-want +got):\n%s", err, diff)
	}
	pull, err := w.app.Pull(t.Context(), w.installation, w.repo, w.number, "")
	if err != nil || len(pull.Reviews) != 2 || pull.Reviews[0].State != signoff.Commented || !pull.Reviews[0].Author.Bot {
		t.Errorf("reviews %+v, %v", pull.Reviews, err)
	}
}
