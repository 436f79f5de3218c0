package system_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/store/storetest"
)

var crashes = flag.Bool("crashes", false, "have TestCrash end the server at all of its points, on both engines")

// crashPoints are the moments at which the program ends itself, as kill -9 would:
// between two steps of its own, where TestKill cannot look. They are named in the
// program (crash.At); one that is not there is one at which it never ends, and
// fails the test.
var crashPoints = []string{
	"in a migration", // first: there is none in a folder that was used
	"delivery inserted, not committed", "stored pull_request_review", "ledger row, not committed",
	"checkpoint signed, not saved", "body read", "signature verified", "stored pull_request",
	"routed", "lease taken", "pull request read", "fetched",
	"half-written tree", "judge started", "result half-read", "findings committed",
	"check sent, not saved", "check saved", "comment sent, not saved", "comment saved",
	"committed, not signed", "checkpoint saved, not published", "in a sweep", "in drain",
}

// usual is how many of them are tried in every run of the tests.
const usual = 5

// buildCrashing builds the program with its crash points, once.
var buildCrashing = sync.OnceValues(func() (string, error) {
	program := filepath.Join(built, "bot-crashing")
	c := exec.Command("go", "build", "-tags", "crashpoints", "-o", program, "./cmd/bot")
	c.Dir = filepath.Join("..", "..")
	if out, err := c.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return program, nil
})

// TestCrash ends servers at each named point, each time with a pull request more on
// their hands, and holds of them what TestKill does: nothing is lost, nothing is
// done twice, and nothing is green that nobody signed off.
func TestCrash(t *testing.T) {
	t.Parallel()
	engines, points := storetest.Engines[:1], crashPoints[:usual]
	if *crashes {
		engines, points = storetest.Engines, crashPoints
	}
	program, err := buildCrashing()
	must(t, err)
	for _, engine := range engines {
		for life := range slices.Chunk(points, inOneLife) {
			t.Run(string(engine)+"/"+strings.Join(life, "; "), func(t *testing.T) {
				t.Parallel()
				w := newKilled(t)
				w.server.program = program
				env := append(w.server.env, "BARRAISER_DATABASE_URL="+storetest.URL(t, engine))
				for i, point := range life {
					w.server.env = append(slices.Clone(env), "BARRAISER_CRASH_AT="+point)
					if strings.Contains(point, "judge") || point == "result half-read" {
						// At its start a server judges a module of its own within the sandbox.
						w.server.env = append(w.server.env, "BARRAISER_SANDBOX=off")
					}
					if point == "in a migration" {
						w.crashAtStart()
						continue
					}
					w.start()
					w.open(i)
					w.untilCrashed(point)
				}
				w.server.env = env
				w.start()
				w.open(len(life))
				w.settled()
				w.server.stop()
				w.nothingLeft()
			})
		}
	}
}

// crashAtStart starts a server that does not come to listen.
func (w *killed) crashAtStart() {
	w.t.Helper()
	cmd := exec.Command(w.server.program, "serve")
	cmd.Env = w.server.env
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Exited() {
		w.t.Fatalf("the server was not killed at its start: %v\n%s", err, out)
	}
}

// untilCrashed goes on with the story until the server is dead.
func (w *killed) untilCrashed(point string) {
	w.t.Helper()
	defer w.server.kill()
	asked := false
	for deadline := time.Now().Add(2 * patience); ; time.Sleep(20 * time.Millisecond) {
		select {
		case <-w.server.exited:
			if state := w.server.cmd.ProcessState; state.Exited() {
				w.t.Fatalf("%s: the server ended by itself: %v", point, state)
			}
			return
		default:
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: the server does not come there", point)
		}
		w.approve()
		if point == "in drain" && !asked {
			asked = true
			must(w.t, w.server.cmd.Process.Signal(os.Interrupt))
		}
	}
}
