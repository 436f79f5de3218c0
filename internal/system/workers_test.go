package system_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/store/storetest"
)

var postgres = storetest.Engines[slices.Index(storetest.Engines, "postgres")]

// TestWorkers runs the server as three processes over one PostgreSQL: one that takes
// deliveries, and two that work on them, one of which is killed while it looks at a
// pull request. Nobody starts it again: the other one ends what it was at. Of the
// pull requests is held what TestKill holds.
func TestWorkers(t *testing.T) {
	t.Parallel()
	w := newKilled(t)
	w.server.env = append(w.server.env, "BARRAISER_ROLE=web", "BARRAISER_DATABASE_URL="+storetest.URL(t, postgres))
	w.start() // first: it makes the key of the ledger, of which there is one

	// What the second asks of GitHub passes a tap of its own, before the common one.
	second := newTap(t, w.tap.api.URL)
	apis := []string{w.tap.api.URL, second.api.URL}
	var workers []*server
	for _, api := range apis {
		worker := newServer(t, map[string]string{
			"ROLE": "worker", "GITHUB_API_URL": api + "/", "GITHUB_GIT_URL": api + "/",
			"LEDGER_KEY": filepath.Join(w.server.data, "ledger.key"),
		})
		worker.env = slices.Concat(w.server.env, worker.env) // the last one counts
		worker.start()
		workers = append(workers, worker)
	}
	judged := func(worker *server) int { return strings.Count(worker.log.tail(100_000), `"msg":"judged"`) }

	// Four come at once, and a worker takes two at a time: so both work.
	opened := 0
	open := func(n int) {
		for range n {
			w.open(opened)
			opened++
		}
	}
	open(4)
	eventually(t, "both workers judge", func() bool {
		w.approve()
		if judged(workers[0]) > 0 && judged(workers[1]) > 0 {
			return true
		}
		if w.allGreen() { // one was so fast that nothing was left for the other
			open(4)
		}
		return false
	})

	met := second.arm(point{name: "fetched", method: "POST", path: "/acme/pay.git/git-upload-pack", after: true}, workers[1])
	eventually(t, "the second worker is killed while it looks", func() bool {
		w.approve()
		if w.allGreen() {
			open(4)
		}
		select {
		case <-met:
			return true
		default:
			return false
		}
	})
	workers[1].kill()
	before := judged(workers[0])
	open(1)
	w.settled()
	if judged(workers[0]) == before {
		t.Error("the worker that was left judged nothing more")
	}
	eventually(t, "it is noticed that a worker is dead", func() bool {
		return strings.Contains(workers[0].log.tail(100_000), "worker is dead, its jobs begin anew")
	})
	t.Logf("%d pull requests; judged by the one %d, by the other, until it was killed, %d", opened, judged(workers[0]), judged(workers[1]))
	workers[0].stop()
	w.server.stop()
}

// allGreen says whether nothing is left to be done for what was opened.
func (w *killed) allGreen() bool {
	w.t.Helper()
	return !slices.ContainsFunc(w.pulls, func(p *opened) bool { return w.check(p).Conclusion != "success" })
}
