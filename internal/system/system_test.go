// Package system_test runs the built program as a process of its own, as its
// users do: against a GitHub that no one here wrote (emulate_test.go), killed in
// the middle of its work (kill_test.go), between two steps of it (crash_test.go,
// crashslack_test.go) and while its data are copied (backup_test.go,
// backuppostgres_test.go), as several processes (workers_test.go), as the demo
// (demo_test.go), and over repositories that mean harm (hostile_test.go).
//
// What a test wants to know it asks GitHub, or the program by HTTP. Nothing here
// imports the program.
package system_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// built is the folder of the program, made once and removed by TestMain.
var built string

func TestMain(m *testing.M) {
	if from := os.Getenv(copyFrom); from != "" {
		os.Exit(makeCopy(from, os.Getenv(copyTo)))
	}
	flag.Parse()
	// The tests wait for other processes more than they work.
	if err := flag.Set("test.parallel", "4"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "barraiser-system-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		built = dir
		return m.Run()
	}())
}

// build builds the program, once.
var build = sync.OnceValues(func() (string, error) {
	program := filepath.Join(built, "bot")
	c := exec.Command("go", "build", "-o", program, "./cmd/bot")
	c.Dir = filepath.Join("..", "..")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return program, nil
})

// patience is how long a test waits for what has to come, on a busy machine.
const patience = 3 * time.Minute

// eventually waits for something to be true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so after %v: %s", patience, what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A server is "bot serve": one folder of data, and one process after the other.
type server struct {
	t       *testing.T
	program string
	env     []string
	data    string

	cmd    *exec.Cmd
	exited chan struct{}
	url    string
	log    *logs
}

// newServer makes a server with settings as its users give them.
func newServer(t *testing.T, settings map[string]string) *server {
	t.Helper()
	program, err := build()
	must(t, err)
	s := &server{t: t, program: program, data: t.TempDir(), log: &logs{}}
	// Nothing of ours: a setting of whoever runs the tests is not the test's.
	for _, name := range []string{"PATH", "HOME", "GOCACHE", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			s.env = append(s.env, name+"="+value)
		}
	}
	settings["DATA_DIR"], settings["LISTEN"], settings["GOPROXY"] = s.data, "127.0.0.1:0", "off"
	for name, value := range settings {
		s.env = append(s.env, "BARRAISER_"+name+"="+value)
	}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.log.tail(200))
		}
	})
	return s
}

// start starts a process and returns once it can store deliveries.
func (s *server) start() {
	s.t.Helper()
	if !s.begin() {
		s.t.Fatal("the server ended at its start")
	}
}

// begin starts a process and waits until it can store deliveries, or has ended.
func (s *server) begin() (ready bool) {
	s.t.Helper()
	s.cmd = exec.Command(s.program, "serve")
	s.cmd.Env = s.env
	lines, err := s.cmd.StderrPipe()
	must(s.t, err)
	must(s.t, s.cmd.Start())
	address, exited := make(chan string, 1), make(chan struct{})
	s.exited = exited
	go func(c *exec.Cmd) {
		s.log.take(lines, address)
		_ = c.Wait() // it is killed
		close(exited)
	}(s.cmd)
	select {
	case a := <-address:
		s.url = "http://" + a
	case <-exited:
		return false
	case <-time.After(patience):
		s.t.Fatal("the server does not listen")
	}
	eventually(s.t, "the server is ready", func() bool {
		select {
		case <-exited:
			return true
		default:
		}
		resp, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		must(s.t, resp.Body.Close())
		ready = resp.StatusCode == http.StatusOK
		return ready
	})
	return ready
}

// kill ends the process as a power cut does: it is told nothing.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.exited
	s.cmd = nil
}

// stop ends the process as an operator does.
func (s *server) stop() {
	s.t.Helper()
	must(s.t, s.cmd.Process.Signal(os.Interrupt))
	select {
	case <-s.exited:
		if code := s.cmd.ProcessState.ExitCode(); code != 0 {
			s.t.Errorf("the server ended with %d when it was told to", code)
		}
		s.cmd = nil
	case <-time.After(patience):
		s.t.Fatal("the server does not end")
	}
}

// run runs another command of the program beside the server, as its operators do,
// and returns all that it printed.
func (s *server) run(args ...string) string {
	s.t.Helper()
	c := exec.Command(s.program, append(args, "--data-dir", s.data)...)
	c.Env = s.env
	for _, v := range s.env {
		if url, ok := strings.CutPrefix(v, "BARRAISER_DATABASE_URL="); ok {
			c.Args = append(c.Args, "--database-url", url)
		}
	}
	out, err := c.CombinedOutput()
	if err != nil {
		s.t.Fatalf("bot %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// logs are the lines of all processes of a server.
type logs struct {
	mu    sync.Mutex
	lines []string
}

// take reads lines to their end and hands over the address that one of them
// names.
func (l *logs) take(from io.Reader, address chan<- string) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		l.mu.Lock()
		l.lines = append(l.lines, lines.Text())
		l.mu.Unlock()
		var said struct{ Msg, Address string }
		if err := json.Unmarshal(lines.Bytes(), &said); err == nil && said.Msg == "listening" {
			address <- said.Address
		}
	}
}

func (l *logs) tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines[max(0, len(l.lines)-n):], "\n")
}

// ask sends a request with a JSON body, and returns the status and the answer.
func ask(ctx context.Context, method, url, token string, body any) (int, []byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}
