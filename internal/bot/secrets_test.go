package bot_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/barraiser/barraiser/internal/signoff"
)

// TestSecrets plants secrets where a server has them, in its environment and in
// files around it, takes a pull request through its whole life, and looks for
// them in everything that comes out: the log, the database, what the judge
// left, checks and comments.
func TestSecrets(t *testing.T) {
	planted := map[string]string{}
	for i := range 12 {
		name := fmt.Sprintf("PLANTED_SECRET_%d", i)
		planted[name] = fmt.Sprintf("s3cr3t-of-the-environment-%02d", i)
		t.Setenv(name, planted[name])
	}
	for _, name := range []string{"GOFLAGS_TOKEN", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "BARRAISER_DATABASE_URL"} {
		planted[name] = "s3cr3t-named-" + strings.ToLower(name)
		t.Setenv(name, planted[name])
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{".netrc", ".gitconfig", ".config/go/env", ".ssh/id_rsa"} {
		planted[name] = "s3cr3t-in-file-" + filepath.Base(name)
		path := filepath.Join(home, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte("# "+planted[name]+"\n"), 0o600))
	}
	if len(planted) != 20 {
		t.Fatalf("%d secrets are planted", len(planted))
	}

	log := &safeBuffer{}
	w := newWorldLogging(t, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), true)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.approve(number, w.asked(number))
	w.concludes(head, "success")
	w.state(number, signoff.SignedOff)

	app := w.hub.App()
	planted["webhook secret"] = app.WebhookSecret
	planted["private key"] = strings.Split(string(app.PrivateKeyPEM()), "\n")[3]
	outputs := map[string][]byte{"the log": log.bytes()}
	must(t, filepath.WalkDir(w.dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			outputs[name], err = os.ReadFile(name)
		}
		return err
	}))
	checks, err := w.hub.Checks(repo, head)
	must(t, err)
	outputs["the checks"], err = json.Marshal(checks)
	must(t, err)
	for _, d := range w.hub.Deliveries() { // comments come back in these
		outputs["the webhook "+d.GUID] = d.Payload
	}
	if len(outputs["the log"]) == 0 || len(outputs) < 10 {
		t.Fatalf("only %d outputs were looked at", len(outputs))
	}
	for name, secret := range planted {
		for where, content := range outputs {
			for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
				if bytes.Contains(content, []byte(form)) {
					t.Errorf("%s is in %s", name, where)
				}
			}
		}
	}
	for where, content := range outputs { // tokens are made at run time
		for _, form := range []string{"ghs_", "-----BEGIN RSA"} {
			if bytes.Contains(content, []byte(form)) {
				t.Errorf("%q is in %s", form, where)
			}
		}
	}
}

// safeBuffer takes a log from several goroutines.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
