package bot_test

import (
	"testing"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

// TestRemarksRefused has GitHub refuse the remarks on lines, as it does for good
// where one is not on a line of its difference. They are a courtesy: the same
// request is not sent again and again, and nothing stays undone.
func TestRemarksRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const times = 5
	must(t, w.hub.Fail(githubtest.Fault{Method: "POST", Path: "/repos/acme/pay/pulls/*/reviews", Status: 422, Times: times}))
	_, head := w.forbidden()
	w.concludes(head, "action_required")
	w.done()
	if got := w.hub.Pending(); got != times-1 {
		t.Errorf("the remarks were sent %d times, want once", times-got)
	}
}
