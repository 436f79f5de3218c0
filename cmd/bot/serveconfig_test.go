package main

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// pemText has the form of a key and is none.
const pemText = "-----BEGIN RSA PRIVATE KEY-----\nbm9uZQ==\n-----END RSA PRIVATE KEY-----\n"

var strongSecret = strings.Repeat("s", leastSecret)

// TestServeConfig reads settings from each source. Of wants, each is a part of
// the error; without one the check sees what was read.
func TestServeConfig(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, secret := write("key.pem", pemText), write("secret", strongSecret+"\n")
	enough := map[string]string{
		"BARRAISER_GITHUB_APP_ID": "7", "BARRAISER_GITHUB_PRIVATE_KEY": key,
		"BARRAISER_GITHUB_WEBHOOK_SECRET": strongSecret, "BARRAISER_DATA_DIR": dir,
	}
	with := func(kv ...string) map[string]string {
		m := map[string]string{}
		for k, v := range enough {
			m[k] = v
		}
		for i := 0; i < len(kv); i += 2 {
			m[envPrefix+kv[i]] = kv[i+1]
		}
		return m
	}
	tests := []struct {
		name  string
		env   map[string]string
		args  []string
		wants []string
		check func(c serveConfig) bool
	}{
		{name: "enough", env: enough, check: func(c serveConfig) bool {
			return c.appID == 7 && string(c.privateKey) == pemText && c.listen == "localhost:8080" && c.sweep == 5*time.Minute &&
				c.publicURL == "http://localhost:8080" && c.database == "sqlite:"+filepath.Join(dir, "barraiser.db") && c.role == roleAll
		}},
		{name: "nothing", env: map[string]string{"BARRAISER_DATA_DIR": dir}, wants: []string{
			"BARRAISER_GITHUB_APP_ID is not set", "BARRAISER_GITHUB_PRIVATE_KEY is not set", "BARRAISER_GITHUB_WEBHOOK_SECRET is not set"}},
		{name: "short secret", env: with("GITHUB_WEBHOOK_SECRET", "short"), wants: []string{"BARRAISER_GITHUB_WEBHOOK_SECRET: it has 5 bytes and needs 32"}},
		{name: "short old secret", env: with("GITHUB_WEBHOOK_SECRET_OLD", "short"), wants: []string{"_OLD: it has 5 bytes"}},
		{name: "while the secret is rotated", env: with("GITHUB_WEBHOOK_SECRET_OLD", strings.Repeat("o", leastSecret)), check: func(c serveConfig) bool {
			return string(c.webhook) == strongSecret && string(c.webhookOld) == strings.Repeat("o", leastSecret)
		}},
		{name: "a server of one's own", env: with("GITHUB_API_URL", "https://ghe.example/api/v3", "GITHUB_GIT_URL", "http://git.example:8080/code/", "GITHUB_WEB_URL", "https://ghe.example"),
			check: func(c serveConfig) bool {
				return c.apiURL == "https://ghe.example/api/v3" && c.gitURL == "http://git.example:8080/code/" && c.webURL == "https://ghe.example"
			}},
		{name: "secret in a file", env: with("GITHUB_WEBHOOK_SECRET", "", "GITHUB_WEBHOOK_SECRET_FILE", secret), check: func(c serveConfig) bool { return string(c.webhook) == strongSecret }},
		{name: "secret in no file", env: with("GITHUB_WEBHOOK_SECRET", "", "GITHUB_WEBHOOK_SECRET_FILE", dir+"/none"), wants: []string{"read BARRAISER_GITHUB_WEBHOOK_SECRET_FILE"}},
		{name: "raw key", env: with("GITHUB_PRIVATE_KEY", pemText), check: func(c serveConfig) bool { return string(c.privateKey) == pemText }},
		{name: "escaped key", env: with("GITHUB_PRIVATE_KEY", strings.ReplaceAll(pemText, "\n", `\n`)), check: func(c serveConfig) bool { return strings.TrimSpace(string(c.privateKey)) == strings.TrimSpace(pemText) }},
		{name: "key in base64", env: with("GITHUB_PRIVATE_KEY", base64.StdEncoding.EncodeToString([]byte(pemText))), check: func(c serveConfig) bool { return string(c.privateKey) == pemText }},
		{name: "no key", env: with("GITHUB_PRIVATE_KEY", "hunter2-is-no-path"), wants: []string{"neither a PEM text"}},
		{name: "flag before environment", env: with("ROLE", "web"), args: []string{"--role", "worker"}, check: func(c serveConfig) bool { return c.role == roleWorker }},
		{name: "environment before file", env: with("ROLE", "web"), args: []string{"--config", write("a.env", "# ours\nBARRAISER_ROLE=worker\nBARRAISER_LISTEN=\":81\"\n")},
			check: func(c serveConfig) bool {
				return c.role == roleWeb && c.listen == ":81" && c.publicURL == "http://localhost:81"
			}},
		{name: "unknown name in the file", env: enough, args: []string{"--config", write("b.env", "\nBARRAISER_ROLL=web\n")}, wants: []string{"b.env:2: not NAME=VALUE"}},
		{name: "direct", env: with("GOPROXY", "https://proxy.example,direct"), wants: []string{"name proxies only"}},
		{name: "wrong values", env: with("GITHUB_APP_ID", "x", "ROLE", "boss", "LISTEN", "8080", "SWEEP_INTERVAL", "1", "GITHUB_API_URL", "ftp://x"), wants: []string{
			`"x" is no number`, `no role "boss"`, `"8080" is no address`, `"1" is no time`, "BARRAISER_GITHUB_API_URL: this is no http address"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got serveConfig
			var err error
			c := &cobra.Command{Use: "serve", RunE: func(c *cobra.Command, _ []string) error {
				got, err = readServeConfig(c, func(name string) string { return test.env[name] })
				return nil
			}}
			registerSettings(c)
			c.SetArgs(append([]string{}, test.args...))
			if e := c.Execute(); e != nil {
				t.Fatal(e)
			}
			if test.check != nil && (err != nil || !test.check(got)) {
				t.Errorf("readServeConfig = %+v, %v", got, err)
			}
			if test.check == nil && err == nil {
				t.Errorf("readServeConfig = %+v, want an error", got)
			}
			for _, want := range test.wants {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("readServeConfig = %v, want %q in it", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error prints what may be a key: %v", err)
			}
		})
	}
}

// TestSettingSources gives each setting from each of its sources in turn, the weakest
// first, so that what is before it in the order has to win: the file, the environment,
// a flag. A secret comes from a file that is named in its place, and has no flag.
func TestSettingSources(t *testing.T) {
	dir := t.TempDir()
	read := func(s setting, args []string, env, file map[string]string) string {
		t.Helper()
		var got string
		c := &cobra.Command{Use: "serve", RunE: func(c *cobra.Command, _ []string) (err error) {
			got, err = s.value(c, func(name string) string { return env[name] }, file)
			return err
		}}
		registerSettings(c)
		c.SetArgs(args)
		if err := c.Execute(); err != nil {
			t.Errorf("%s with %q: %v", s.variable(), args, err)
		}
		return got
	}
	secrets := 0
	for _, s := range settings {
		name := s.variable()
		expect := func(source, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s by %s = %q, want %q", name, source, got, want)
			}
		}
		expect("default", read(s, []string{}, nil, nil), s.ifUnset)
		expect("file", read(s, []string{}, nil, map[string]string{name: "of the file"}), "of the file")
		expect("environment", read(s, []string{}, map[string]string{name: "of the environment"}, map[string]string{name: "of the file"}), "of the environment")
		if !s.secret {
			expect("flag", read(s, []string{"--" + s.flag() + "=of the flag"}, map[string]string{name: "of the environment"}, nil), "of the flag")
			if knownVariable(name + "_FILE") {
				t.Errorf("%s, which is no secret, is read from a file", name)
			}
			continue
		}
		secrets++
		kept := filepath.Join(dir, s.env)
		if err := os.WriteFile(kept, []byte("of a file of its own\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		expect("_FILE", read(s, []string{}, map[string]string{name + "_FILE": kept}, map[string]string{name: "of the file"}), "of a file of its own")
		expect("_FILE in the file", read(s, []string{}, nil, map[string]string{name + "_FILE": kept}), "of a file of its own")
		c := &cobra.Command{}
		registerSettings(c)
		if c.Flags().Lookup(s.flag()) != nil || !knownVariable(name+"_FILE") {
			t.Errorf("%s has a flag, or no variable with _FILE", name)
		}
	}
	if secrets != 8 {
		t.Errorf("%d settings are secrets, want 8", secrets)
	}
}

func TestLogRedacts(t *testing.T) {
	for _, secret := range []string{
		"ghs_16C7e42F292c6912E7710c838347Ae178B4a", "github_pat_11ABCDEFG0123456789abc", "xoxb-1234567890-abcdef",
		"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl", pemText, "Authorization: Bearer abc.def", "postgres://bot:hunter2@db/x",
	} {
		var out bytes.Buffer
		newLogger(&out, slog.LevelInfo).Info("message", "text", "before "+secret+" after", "error", os.ErrNotExist)
		for _, part := range []string{secret, "hunter2", "abc.def", "bm9uZQ"} {
			if strings.Contains(secret, part) && strings.Contains(out.String(), part) {
				t.Errorf("log of %q = %s", secret, out.String())
			}
		}
		if !strings.Contains(out.String(), "before") || !strings.Contains(out.String(), redacted) {
			t.Errorf("log of %q = %s, want the rest of it", secret, out.String())
		}
	}
}

// TestReachedAt: a port that the system chose is in the links.
func TestReachedAt(t *testing.T) {
	for _, test := range []struct{ listen, publicURL, want string }{
		{":0", "http://localhost:0", "http://localhost:4711"},
		{"127.0.0.1:0", "http://127.0.0.1:0", "http://127.0.0.1:4711"},
		{":0", "https://bar.example", "https://bar.example"},
		{":8080", "http://localhost:8080", "http://localhost:8080"},
	} {
		c := serveConfig{listen: test.listen, publicURL: test.publicURL}
		c.reachedAt(&net.TCPAddr{IP: net.IPv6zero, Port: 4711})
		if c.publicURL != test.want {
			t.Errorf("pages of %s under %s = %s, want %s", test.listen, test.publicURL, c.publicURL, test.want)
		}
	}
}
