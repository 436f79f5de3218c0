package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the server's store

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

const repo = "acme/pay"

// A world is the simulated GitHub and the server.
type world struct {
	hub    *githubtest.Server
	server *exec.Cmd
	logged chan struct{} // closed where the server's log ends
	url    string
	data   string
	bodies []payload
}

// A payload is what the simulated GitHub sent once.
type payload struct {
	event string
	body  []byte
}

// begin makes the world. End it, with an error too.
func (l *load) begin(ctx context.Context, dir string) (w *world, err error) {
	w = &world{data: filepath.Join(dir, "data")}
	if l.program == "" {
		l.program = filepath.Join(dir, "bot")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", l.program, "./cmd/bot").CombinedOutput(); err != nil {
			return w, fmt.Errorf("build the program: %w\n%s", err, out)
		}
	}
	if w.hub, err = githubtest.New(githubtest.Options{Dir: filepath.Join(dir, "github")}); err != nil {
		return w, err
	}
	if err := w.start(dir, l.program); err != nil {
		return w, err
	}
	if err := w.people(); err != nil {
		return w, err
	}
	return w, w.open(l.pulls)
}

func (w *world) start(dir, program string) error {
	app := w.hub.App()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	w.server = exec.Command(program, "serve")
	w.server.Env = os.Environ()
	for name, value := range map[string]string{
		"GITHUB_APP_ID": fmt.Sprint(app.ID), "GITHUB_PRIVATE_KEY": string(app.PrivateKeyPEM()), "GITHUB_WEBHOOK_SECRET": app.WebhookSecret,
		"GITHUB_API_URL": w.hub.URL() + "/", "GITHUB_GIT_URL": w.hub.URL() + "/", "GITHUB_WEB_URL": w.hub.URL() + "/",
		"DATA_DIR": w.data, "LISTEN": "127.0.0.1:0", "GOPROXY": "off",
		"SWEEP_INTERVAL": "24h", // a sweep would find again what was lost
	} {
		w.server.Env = append(w.server.Env, "BARRAISER_"+name+"="+value)
	}
	lines, err := w.server.StderrPipe()
	if err != nil {
		return err
	}
	if err := w.server.Start(); err != nil {
		return err
	}
	address := make(chan string, 1)
	w.logged = make(chan struct{})
	go func() {
		defer close(w.logged)
		defer log.Close()
		defer close(address)
		scanner := bufio.NewScanner(lines)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			fmt.Fprintln(log, scanner.Text())
			var said struct{ Msg, Address string }
			if json.Unmarshal(scanner.Bytes(), &said) == nil && said.Msg == "listening" {
				address <- said.Address
			}
		}
		if err := scanner.Err(); err != nil {
			fmt.Fprintln(os.Stderr, "load: read the server's log:", err)
		}
	}()
	a, ok := <-address
	if !ok {
		text, err := os.ReadFile(log.Name())
		return errors.Join(fmt.Errorf("the server does not start:\n%s", text), err)
	}
	w.url = "http://" + a
	w.hub.SetWebhook(w.url + "/webhook/github")
	return nil
}

// end stops both.
func (w *world) end() error {
	var errs []error
	if w.server != nil && w.server.Process != nil {
		errs = append(errs, w.server.Process.Signal(os.Interrupt))
		<-w.logged // Wait closes what it is read from
		errs = append(errs, w.server.Wait())
	}
	if w.hub != nil {
		errs = append(errs, w.hub.Close())
	}
	return errors.Join(errs...)
}

const policy = `version: 1
mode: enforce
components:
  pay:   {paths: ["pay/**"], may: []}
  store: {paths: ["store/**"]}
domains:
  architecture: {pool: [maria-k]}
`

func (w *world) people() error {
	logins := []string{"ann-k", "maria-k"}
	for _, login := range logins {
		if _, err := w.hub.AddUser(githubtest.User{Login: login}); err != nil {
			return err
		}
	}
	if _, err := w.hub.AddOrg("acme", logins...); err != nil {
		return err
	}
	if _, err := w.hub.AddRepository(githubtest.Repository{Owner: "acme", Name: "pay"}); err != nil {
		return err
	}
	for _, login := range logins {
		if err := w.hub.SetCollaborator(repo, login, githubtest.PermissionWrite); err != nil {
			return err
		}
	}
	if _, err := w.hub.Commit(repo, githubtest.Commit{Branch: "main", Pusher: "maria-k", Message: "Begin", Files: map[string]string{
		".github/barraiser.yml": policy,
		"go.mod":                "module acme.example/pay\n\ngo 1.24\n",
		"pay/pay.go":            "package pay\n",
		"store/store.go":        "package store\n\n// Get gets.\nfunc Get() int { return 1 }\n",
	}}); err != nil {
		return err
	}
	_, err := w.hub.Install("acme")
	return err
}

// open opens the pull requests, with a comment on each, and keeps what was sent
// about them.
func (w *world) open(pulls int) error {
	for i := range pulls {
		branch := fmt.Sprintf("edge-%d", i)
		if _, err := w.hub.Commit(repo, githubtest.Commit{Branch: branch, Pusher: "ann-k", Message: "Use the store", Files: map[string]string{
			fmt.Sprintf("pay/use%d.go", i): fmt.Sprintf("package pay\n\nimport \"acme.example/pay/store\"\n\n// Use%[1]d uses.\nfunc Use%[1]d() int { return store.Get() }\n", i),
		}}); err != nil {
			return err
		}
		number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use the store", Head: branch})
		if err != nil {
			return err
		}
		if _, err := w.hub.Comment(repo, number, "ann-k", "/bar status"); err != nil {
			return err
		}
	}
	for _, d := range w.hub.Deliveries() {
		var by struct{ Sender struct{ Type string } }
		if err := json.Unmarshal(d.Payload, &by); err != nil {
			return err
		}
		// Of what the server itself wrote it takes no notice, and would not look.
		if (d.Event == "pull_request" || d.Event == "issue_comment") && by.Sender.Type != "Bot" {
			w.bodies = append(w.bodies, payload{d.Event, d.Payload})
		}
	}
	if len(w.bodies) == 0 {
		return errors.New("the simulated GitHub sent nothing about the pull requests")
	}
	return nil
}

// catchUp is how long the server may take to end what it was sent.
const catchUp = 10 * time.Minute

// quiet waits until no subject waits, and says how long that took. Effects may
// still wait for what the server allows itself to write on GitHub.
func (w *world) quiet(ctx context.Context) (time.Duration, error) {
	ctx, stop := context.WithTimeout(ctx, catchUp)
	defer stop()
	if err := w.hub.Wait(ctx); err != nil {
		return 0, err
	}
	for began := time.Now(); ; {
		text, err := w.metrics(ctx)
		if err != nil {
			return 0, err
		}
		if strings.Contains(text, `barraiser_waiting{kind="subjects"} 0`) {
			return time.Since(began), nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("subjects still wait: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (w *world) metrics(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/metrics", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

// A tally is what the store holds.
type tally struct {
	deliveries int // of ours
	called     int // how often subjects were called for a look
	undone     int // subjects
}

func (w *world) count(ctx context.Context) (t tally, err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.data, "barraiser.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM deliveries WHERE guid LIKE '`+guidPrefix+`%'`).Scan(&t.deliveries)
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT coalesce(sum(wanted), 0), coalesce(sum(CASE WHEN wanted > done THEN 1 ELSE 0 END), 0) FROM subjects`).Scan(&t.called, &t.undone)
	}
	return t, err
}
