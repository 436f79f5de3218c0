package system_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
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

var (
	crashes = flag.Bool("crashes", false, "have TestCrash end the server at all of its points, on both engines")
	seeds   = flag.Uint64("seeds", 1, "how many orders TestCrash tries the points in with -crashes, from that of -seed on")
)

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

// inOrder are the points as a seed has them: which follow each other in one life of
// the data, and so what one of them finds that those before it left. The first seed
// takes them as they stand.
func inOrder(seed uint64) []string {
	points := slices.Clone(crashPoints)
	if seed == 1 {
		return points
	}
	later := points[1:]
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(later), func(i, j int) { later[i], later[j] = later[j], later[i] })
	return points
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
	type life struct {
		engine int // of storetest.Engines
		seed   uint64
		points []string
	}
	var lives []life
	if *crashes {
		for n := range *seeds {
			for engine := range storetest.Engines {
				for points := range slices.Chunk(inOrder(*seed+n), inOneLife) {
					lives = append(lives, life{engine, *seed + n, points})
				}
			}
		}
	} else {
		for points := range slices.Chunk(crashPoints[:usual], inOneLife) {
			lives = append(lives, life{0, 1, points})
		}
	}
	program, err := buildCrashing()
	must(t, err)
	for _, l := range lives {
		engine := storetest.Engines[l.engine]
		t.Run(fmt.Sprintf("%s/%d/%s", engine, l.seed, strings.Join(l.points, "; ")), func(t *testing.T) {
			t.Parallel()
			w := newKilled(t)
			w.server.program = program
			env := append(w.server.env, "BARRAISER_DATABASE_URL="+storetest.URL(t, engine))
			// When the next pull request comes, after a start: while the server is
			// still at what the death before left, or later.
			chance := rand.New(rand.NewPCG(l.seed, 1))
			for i, point := range l.points {
				w.server.env = append(slices.Clone(env), "BARRAISER_CRASH_AT="+point)
				if strings.Contains(point, "judge") || point == "result half-read" {
					// At its start a server judges a module of its own within the sandbox.
					w.server.env = append(w.server.env, "BARRAISER_SANDBOX=off")
				}
				if point == "in a migration" {
					w.crashAtStart()
					continue
				}
				w.begin() // what the death before left may lead to the point at once
				if l.seed > 1 {
					time.Sleep(time.Duration(chance.Int64N(int64(time.Second))))
				}
				w.open(i)
				w.untilCrashed(point)
			}
			w.server.env = env
			w.start()
			w.open(len(l.points))
			w.settled()
			w.server.stop()
			w.nothingLeft()
		})
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
