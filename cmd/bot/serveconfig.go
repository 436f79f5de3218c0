package main

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/sandbox"
)

// serveConfig is what the server is started with.
type serveConfig struct {
	appID        int64
	privateKey   []byte
	webhook      []byte // secret
	webhookOld   []byte // accepted while the secret is rotated; nil: none
	clientID     string
	clientSecret string
	apiURL       string
	gitURL       string
	webURL       string
	sweep        time.Duration
	database     string
	data         string // folder
	ledgerKey    string // secret: the key or the path of its file; empty: in the data folder
	checkpoints  string // file; empty: none
	listen       string
	publicURL    string
	role         role
	goproxy      string
	sandbox      sandbox.Mode
	judgeTime    time.Duration // of one judgement
	judgeMemory  int64         // likewise, in bytes
	slackToken   string        // empty: nobody is told in Slack
	slackSecret  string        // by which Slack signs
	slackURL     string        // empty: Slack's own
	operators    []string      // logins
}

// signsIn reports whether people can sign in.
func (c serveConfig) signsIn() bool { return c.clientID != "" && c.clientSecret != "" }

// role is what a process of the server does.
type role string

const (
	roleAll    role = "all"
	roleWeb    role = "web"    // takes deliveries and shows pages
	roleWorker role = "worker" // judges and posts
)

// leastSecret is the length in bytes under which a webhook secret is refused:
// a shorter one can be guessed.
const leastSecret = 32

// setting is one value of the server's configuration. The name of its flag is
// made from that of its variable. A secret has no flag, since every process on
// the machine can read those, but a variable with _FILE behind its name.
type setting struct {
	env     string // without BARRAISER_
	what    string
	secret  bool
	ifUnset string
	set     func(c *serveConfig, text string) error
}

var settings = []setting{
	{env: "GITHUB_APP_ID", what: "`number` of the GitHub App", set: func(c *serveConfig, s string) (err error) {
		if c.appID, err = strconv.ParseInt(s, 10, 64); err != nil || c.appID <= 0 {
			return fmt.Errorf("%q is no number of an App; it is on the App's page, as App ID", s)
		}
		return nil
	}},
	{env: "GITHUB_PRIVATE_KEY", secret: true, what: "private key of the App: a path, or the PEM text itself, as it is, with \\n for line ends, or in base64",
		set: func(c *serveConfig, s string) (err error) { c.privateKey, err = privateKey(s); return err }},
	{env: "GITHUB_WEBHOOK_SECRET", secret: true, what: "webhook secret of the App, 32 bytes or more",
		set: func(c *serveConfig, s string) (err error) { c.webhook, err = webhookSecret(s); return err }},
	{env: "GITHUB_WEBHOOK_SECRET_OLD", secret: true, what: "the secret of before, accepted while it is rotated",
		set: func(c *serveConfig, s string) (err error) { c.webhookOld, err = webhookSecret(s); return err }},
	{env: "GITHUB_CLIENT_ID", what: "client `id` of the App, for people who sign in", set: text(func(c *serveConfig) *string { return &c.clientID })},
	{env: "GITHUB_CLIENT_SECRET", secret: true, what: "client secret of the App, for people who sign in", set: text(func(c *serveConfig) *string { return &c.clientSecret })},
	{env: "GITHUB_API_URL", ifUnset: "https://api.github.com/", what: "`address` of the API, used as it stands", set: address(func(c *serveConfig) *string { return &c.apiURL })},
	{env: "GITHUB_GIT_URL", ifUnset: "https://github.com/", what: "`address` before OWNER/REPO.git; plain http only where this is", set: address(func(c *serveConfig) *string { return &c.gitURL })},
	{env: "GITHUB_WEB_URL", ifUnset: "https://github.com/", what: "`address` where people sign in", set: address(func(c *serveConfig) *string { return &c.webURL })},
	{env: "SWEEP_INTERVAL", ifUnset: "5m", what: "`time` between two looks for what was missed", set: func(c *serveConfig, s string) (err error) {
		if c.sweep, err = time.ParseDuration(s); err != nil || c.sweep < time.Second {
			return fmt.Errorf("%q is no time of a second or more; write it as 90s or 5m", s)
		}
		return nil
	}},
	{env: "DATABASE_URL", secret: true, what: "sqlite:PATH or postgres://…; default: an SQLite file in the data folder", set: text(func(c *serveConfig) *string { return &c.database })},
	{env: "DATA_DIR", ifUnset: "barraiser-data", what: "`folder` of the server's own: mirrors, caches, the SQLite file", set: text(func(c *serveConfig) *string { return &c.data })},
	{env: "LEDGER_KEY", secret: true, what: "key that signs the ledger: a path, or the key itself; default: ledger.key in the data folder, made at the first start", set: text(func(c *serveConfig) *string { return &c.ledgerKey })},
	{env: "LEDGER_CHECKPOINTS", what: "`file` to which each signed checkpoint of the ledger is appended, best on another machine's disk; the ledger is held against it", set: text(func(c *serveConfig) *string { return &c.checkpoints })},
	{env: "LISTEN", ifUnset: "localhost:8080", what: "`address` to listen on", set: func(c *serveConfig, s string) error {
		c.listen = s
		if _, _, err := net.SplitHostPort(s); err != nil {
			return fmt.Errorf("%q is no address to listen on; write it as localhost:8080 or :8080", s)
		}
		return nil
	}},
	{env: "PUBLIC_URL", what: "`address` under which people reach the pages; default: made from the address to listen on", set: address(func(c *serveConfig) *string { return &c.publicURL })},
	{env: "ROLE", ifUnset: string(roleAll), what: "what this process does: `all`, web or worker", set: func(c *serveConfig, s string) error {
		c.role = role(s)
		if !slices.Contains([]role{roleAll, roleWeb, roleWorker}, c.role) {
			return fmt.Errorf("there is no role %q; it is all, web or worker", s)
		}
		return nil
	}},
	{env: "GOPROXY", ifUnset: "https://proxy.golang.org", what: "module `proxy`, without direct", set: func(c *serveConfig, s string) error {
		if c.goproxy = s; strings.Contains(s, "direct") {
			return errors.New("direct would have the go command fetch from whatever host a module of the code under review names; name proxies only")
		}
		return nil
	}},
	{env: "SANDBOX", ifUnset: string(sandbox.Auto), what: "what confines the judge on Linux: `auto`, what the machine has; strict, which refuses to start where an attempt to escape succeeds; off", set: func(c *serveConfig, s string) (err error) {
		c.sandbox, err = sandbox.ParseMode(s)
		return err
	}},
	{env: "JUDGE_TIMEOUT", ifUnset: "5m", what: "`time` that one judgement may take", set: func(c *serveConfig, s string) (err error) {
		if c.judgeTime, err = time.ParseDuration(s); err != nil || c.judgeTime < time.Second {
			return fmt.Errorf("%q is no time of a second or more; write it as 90s or 5m", s)
		}
		return nil
	}},
	{env: "JUDGE_MEMORY", ifUnset: "4GiB", what: "`memory` that one judgement may take", set: func(c *serveConfig, s string) error {
		var most size
		err := most.Set(s)
		c.judgeMemory = int64(most)
		return err
	}},
	{env: "SLACK_TOKEN", secret: true, what: "token of the Slack app's bot; without it nobody is told in Slack", set: text(func(c *serveConfig) *string { return &c.slackToken })},
	{env: "SLACK_SIGNING_SECRET", secret: true, what: "signing secret of the Slack app; without it its buttons are refused", set: text(func(c *serveConfig) *string { return &c.slackSecret })},
	{env: "OPERATORS", what: "`logins`, with commas between them, of those who are shown what the server could not do, in all of its repositories", set: func(c *serveConfig, s string) error {
		for login := range strings.SplitSeq(s, ",") {
			if login = strings.TrimPrefix(strings.TrimSpace(login), "@"); login == "" || strings.ContainsAny(login, "/ ") {
				return fmt.Errorf("%q is no list of logins; write it as ann-k,sam-r", s)
			}
			c.operators = append(c.operators, login)
		}
		return nil
	}},
	{env: "SLACK_API_URL", what: "`address` of Slack's API; default: Slack's own", set: address(func(c *serveConfig) *string { return &c.slackURL })},
}

const envPrefix = "BARRAISER_"

func (s setting) variable() string { return envPrefix + s.env }
func (s setting) flag() string     { return strings.ToLower(strings.ReplaceAll(s.env, "_", "-")) }

// required are the settings without which there is no App.
var required = []string{"GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"}

func text(field func(*serveConfig) *string) func(*serveConfig, string) error {
	return func(c *serveConfig, s string) error {
		*field(c) = s
		return nil
	}
}

func address(field func(*serveConfig) *string) func(*serveConfig, string) error {
	return func(c *serveConfig, s string) error {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			return errors.New("this is no http address without a password in it")
		}
		*field(c) = s
		return nil
	}
}

func webhookSecret(s string) ([]byte, error) {
	if len(s) < leastSecret {
		return nil, fmt.Errorf("it has %d bytes and needs %d: make one with openssl rand -hex 32, and set it on the App's page too", len(s), leastSecret)
	}
	return []byte(s), nil
}

// privateKey finds the PEM text in the forms in which platforms hand it over.
func privateKey(s string) ([]byte, error) {
	const begin = "-----BEGIN "
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, begin) {
		if decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), "")); err == nil && strings.HasPrefix(strings.TrimSpace(string(decoded)), begin) {
			return decoded, nil
		}
		data, err := os.ReadFile(s)
		if err != nil {
			// Not what was given: it may be most of a key.
			return nil, errors.New("it is neither a PEM text, nor one in base64, nor the path of a file that can be read")
		}
		if !strings.HasPrefix(strings.TrimSpace(string(data)), begin) {
			return nil, errors.New("the file that it names holds no PEM text")
		}
		return data, nil
	}
	if !strings.Contains(s, "\n") {
		s = strings.ReplaceAll(s, `\n`, "\n")
	}
	return []byte(s + "\n"), nil
}

// registerSettings gives every setting that is no secret a flag.
func registerSettings(c *cobra.Command) {
	for _, s := range settings {
		if !s.secret {
			c.Flags().String(s.flag(), s.ifUnset, s.what+" ("+s.variable()+")")
		}
	}
	c.Flags().String("config", "", "`file` of lines NAME=VALUE for what is not in the environment (default: bot.env in the data folder, where there is one)")
}

// readServeConfig takes each setting from its flag, else the environment, else
// the file, else its default. All that is wrong is in one error.
func readServeConfig(c *cobra.Command, getenv func(string) string) (serveConfig, error) {
	config, wrong, err := readSettings(c, getenv)
	if err == nil && len(wrong) > 0 {
		err = errors.Join(wrong...)
	}
	if err != nil {
		return config, usage(err)
	}
	return config, nil
}

// readSettings is readServeConfig for whoever goes on with what there is: wrong is
// what is missing and what is not as it has to be.
func readSettings(c *cobra.Command, getenv func(string) string) (config serveConfig, wrong []error, err error) {
	file, err := readEnvFile(c, getenv)
	if err != nil {
		return config, nil, err
	}
	for _, s := range settings {
		value, err := s.value(c, getenv, file)
		if err == nil && value != "" {
			err = s.set(&config, value)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", s.variable(), err))
		} else if value == "" && slices.Contains(required, s.env) {
			wrong = append(wrong, fmt.Errorf("%s is not set: %s", s.variable(), strings.ReplaceAll(s.what, "`", "")))
		}
	}
	if config.data, err = filepath.Abs(config.data); err != nil {
		return config, wrong, err
	}
	config.database = cmp.Or(config.database, "sqlite:"+filepath.Join(config.data, "barraiser.db"))
	config.publicURL = cmp.Or(config.publicURL, localURL(config.listen))
	return config, wrong, nil
}

func (s setting) value(c *cobra.Command, getenv func(string) string, file map[string]string) (string, error) {
	if !s.secret && c.Flags().Changed(s.flag()) {
		return c.Flags().GetString(s.flag())
	}
	for _, from := range []func(string) string{getenv, func(name string) string { return file[name] }} {
		if v := from(s.variable()); v != "" {
			return v, nil
		}
		if name := from(s.variable() + "_FILE"); s.secret && name != "" {
			data, err := os.ReadFile(name)
			if err != nil {
				return "", fmt.Errorf("read %s_FILE: %w", s.variable(), err)
			}
			return strings.TrimRight(string(data), "\r\n"), nil
		}
	}
	return s.ifUnset, nil
}

// readEnvFile reads lines NAME=VALUE. Empty lines and those that begin with #
// say nothing.
func readEnvFile(c *cobra.Command, getenv func(string) string) (map[string]string, error) {
	name, err := c.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(settings, func(s setting) bool { return s.env == "DATA_DIR" })
	dir, err := settings[i].value(c, getenv, nil)
	if err != nil {
		return nil, err
	}
	values, err := readLines(cmp.Or(name, filepath.Join(dir, "bot.env")), name != "")
	if err != nil {
		return nil, err
	}
	if dir, err = settings[i].value(c, getenv, values); err != nil {
		return nil, err
	}
	// What the setup page kept is for what nobody set otherwise.
	kept, err := readLines(filepath.Join(dir, credentialsFile), false)
	if err != nil {
		return nil, err
	}
	maps.Copy(kept, values)
	return kept, nil
}

// readLines reads one such file. One that nobody asked for may be missing.
func readLines(name string, asked bool) (map[string]string, error) {
	values := map[string]string{}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return values, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if !ok || !knownVariable(key) {
			// Not the line: it may hold a secret without its name.
			return nil, fmt.Errorf("%s:%d: not NAME=VALUE with a name that 'bot serve --help' lists", name, n)
		}
		values[key] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return values, lines.Err()
}

func knownVariable(name string) bool {
	return slices.ContainsFunc(settings, func(s setting) bool {
		return name == s.variable() || s.secret && name == s.variable()+"_FILE"
	})
}

// reachedAt corrects an address of the pages that was made from one to listen on
// with the port 0: which port that is, is known only when it listens.
func (c *serveConfig) reachedAt(addr fmt.Stringer) {
	host, port, err := net.SplitHostPort(c.listen)
	if err != nil || port != "0" || c.publicURL != localURL(c.listen) {
		return
	}
	if _, port, err = net.SplitHostPort(addr.String()); err == nil {
		c.publicURL = localURL(net.JoinHostPort(host, port))
	}
}

// addrOf is an address that is a text already.
type addrOf string

func (a addrOf) String() string { return string(a) }

// localURL is where the pages are for somebody on this machine.
func localURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
