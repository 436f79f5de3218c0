package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/process"
	"github.com/barraiser/barraiser/internal/queue"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/slack"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/web"
)

func newServe() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the GitHub App",
		Long: `Serve receives the webhooks of a GitHub App, judges pull requests, posts one check
run and at most one comment on each, asks the bar raiser, takes sign-offs and
commands, and shows it all on pages.

Each setting is taken from its flag, else the environment, else the file of
--config, else its default. Secrets have no flag: ` + secretNames() + `, each
also with _FILE behind its name for the path of a file that holds it.

Without any of the App's settings it prints one address instead, on which the App is
registered; what GitHub answers is kept in app.env in the data folder, and the server
goes on with it.

It stores what it must not forget in an SQLite file in the data folder, or in
PostgreSQL. It ends on an interrupt, after what it is at.`,
		Example: `  BARRAISER_GITHUB_APP_ID=1234 BARRAISER_GITHUB_PRIVATE_KEY=app.pem \
  BARRAISER_GITHUB_WEBHOOK_SECRET_FILE=secret bot serve --listen :8080`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			log := newLogger(c.ErrOrStderr(), slog.LevelInfo)
			config, wrong, err := readSettings(c, os.Getenv)
			listen := ""
			if err == nil && config.unregistered() && config.role != roleWorker && len(wrong) == len(required) {
				if listen, err = setUp(c.Context(), log, c.ErrOrStderr(), config); err != nil {
					return err
				}
			}
			if config, err = readServeConfig(c, os.Getenv); err != nil {
				return err
			}
			if listen != "" {
				config.reachedAt(addrOf(listen))
				config.listen = listen
			}
			return serve(c.Context(), log, config, nil)
		},
	}
	registerSettings(c)
	return c
}

func secretNames() string {
	var names []string
	for _, s := range settings {
		if s.secret {
			names = append(names, s.variable())
		}
	}
	return strings.Join(names, ", ")
}

// server is a running server, put together.
type server struct {
	log     *slog.Logger
	config  serveConfig
	db      *store.DB
	queue   *queue.Queue
	host    *github.App
	bot     *bot.Bot
	slack   *slack.Slack        // nil: nobody is told there
	pressed *slack.Interactions // nil likewise
	metrics *metrics
	jobs    *process.Folder // for what its judgements write
	self    atomic.Pointer[github.Self]
}

// serve runs the server until ctx ends. ready, if not nil, is called with the
// address once it listens.
func serve(ctx context.Context, log *slog.Logger, config serveConfig, ready func(net.Addr)) (err error) {
	listener, err := net.Listen("tcp", config.listen)
	if err != nil {
		return usage(fmt.Errorf("listen: %w", err))
	}
	defer listener.Close() // the server closes it as well, and that is no fault
	config.reachedAt(listener.Addr())
	s := &server{log: log, config: config, metrics: newMetrics()}
	defer func() {
		if s.jobs != nil {
			err = errors.Join(err, s.jobs.Close(), process.Bury(filepath.Dir(s.jobs.Dir)))
		}
	}()
	if err := s.assemble(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	handler, err := s.handler()
	if err != nil {
		return err
	}
	if config.role != roleWeb {
		if err := s.queue.Start(ctx); err != nil {
			return err
		}
	}
	go s.learnSelf(ctx)
	go keepBurying(ctx, log, filepath.Dir(s.jobs.Dir), config.sweep)
	web := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	log.Info("listening", "address", listener.Addr().String(), "role", config.role, "pages", config.publicURL)
	if ready != nil {
		ready(listener.Addr())
	}
	select {
	case err = <-served: // it never ends by itself
	case <-ctx.Done():
		err = s.drain(web)
	}
	return err
}

// grace is how long what is being done may take at the end.
const grace = 20 * time.Second

// drain takes no more requests and waits for what is being done.
func (s *server) drain(web *http.Server) error {
	ctx, stop := context.WithTimeout(context.Background(), grace)
	defer stop()
	s.log.Info("ending")
	err := web.Shutdown(ctx)
	crash.At("in drain")
	if s.pressed != nil {
		s.pressed.Wait()
	}
	return errors.Join(err, s.queue.Stop(ctx))
}

// assemble makes all parts.
func (s *server) assemble(ctx context.Context) (err error) {
	for _, dir := range []string{"", "mirrors", "jobs", "cache", "modules"} {
		if err := os.MkdirAll(filepath.Join(s.config.data, dir), 0o700); err != nil {
			return usage(fmt.Errorf("make the data folder: %w", err))
		}
	}
	if err = s.makeJobs(); err != nil {
		return usage(err)
	}
	if s.host, err = github.New(s.log, github.Config{
		AppID: s.config.appID, Key: s.config.privateKey, APIURL: s.config.apiURL, GitURL: s.config.gitURL, WebURL: s.config.webURL,
		ClientID: s.config.clientID, ClientSecret: s.config.clientSecret,
	}); err != nil {
		return usage(err)
	}
	key, err := ledgerKey(s.config)
	if err != nil {
		return err
	}
	toolchain, err := engine.FindToolchain(ctx)
	if err != nil {
		return usage(err)
	}
	toolchain.ModCache = filepath.Join(s.config.data, "modules")
	program, err := engine.Program()
	if err != nil {
		return err
	}
	var confined sandbox.Sandbox
	if s.config.role != roleWeb {
		if confined, err = serverSandbox(ctx, s.log, s.config.sandbox, toolchain, s.jobs.Dir); err != nil {
			return err
		}
		s.metrics.confined(confined)
	}
	if s.db, err = store.Open(ctx, s.config.database); err != nil {
		return err
	}
	judgements := max(1, runtime.NumCPU()/2)
	s.bot = bot.New(s.log, bot.Config{
		Store: s.db, Host: s.host, Mirrors: bot.NewDisk(filepath.Join(s.config.data, "mirrors"), s.jobs.Dir, s.host),
		Judge: bot.Judge{
			Toolchain: toolchain, Scratch: s.jobs.Dir, Cache: filepath.Join(s.config.data, "cache"),
			Proxy: s.config.goproxy, Timeout: s.config.judgeTime, MaxMemory: s.config.judgeMemory, Sandbox: confined,
			Explain: s.metrics.analysed,
		},
		Origin: ledgerOrigin(s.config), Key: key, Checkpoints: s.config.checkpoints, Now: time.Now, Program: program, PublicURL: strings.TrimSuffix(s.config.publicURL, "/"),
	}, judgements)
	if s.config.slackToken != "" {
		s.slack, err = slack.New(s.log, slack.Config{
			Token: s.config.slackToken, SigningSecret: s.config.slackSecret, APIURL: s.config.slackURL,
			Store: s.db, Checkpoint: s.bot.Checkpoint, LinkPage: s.linkPage(), Now: time.Now,
			Verbs: map[string]signoff.Verb{
				report.AcknowledgeAction: signoff.VerbAcknowledge, report.AcceptAction: signoff.VerbAccept, report.KeptAction: signoff.VerbKept,
			},
		})
		if err != nil {
			return errors.Join(usage(err), s.db.Close())
		}
		s.bot.Notifier = s.slack
		s.bot.Survey = func(ctx context.Context, repos []store.Repository, at time.Time) (report.Survey, error) {
			return web.Survey(ctx, s.db, repos, at)
		}
	}
	var handlers queue.Handlers
	if s.config.role != roleWeb {
		handlers = s.metrics.watch(s.bot)
	}
	s.queue, err = queue.New(ctx, s.log, s.db, handlers, queue.Config{
		Reconciles: 2 * judgements,
		Sweeps: []queue.Sweep{
			{Kind: bot.SweepStore, Every: min(s.config.sweep, time.Minute)},
			{Kind: bot.SweepDeliveries, Every: s.config.sweep},
			{Kind: bot.SweepHost, Every: s.config.sweep},
			{Kind: bot.SweepLedger, Every: s.config.sweep},
			{Kind: bot.SweepOutcomes, Every: max(s.config.sweep, time.Hour)},
			{Kind: bot.SweepDigests, Every: max(s.config.sweep, 10*time.Minute)},
		},
	})
	if err != nil {
		return errors.Join(err, s.db.Close())
	}
	s.bot.Jobs = s.queue
	return nil
}

// ledgerOrigin is the name of this server's ledger: that of the App on its host.
func ledgerOrigin(c serveConfig) string {
	host := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSuffix(c.webURL, "/"), "https://"), "http://")
	return fmt.Sprintf("%s/apps/%d/ledger", host, c.appID)
}

// handler routes requests.
func (s *server) handler() (http.Handler, error) {
	mux := http.NewServeMux()
	secrets := [][]byte{s.config.webhook}
	if s.config.webhookOld != nil {
		secrets = append(secrets, s.config.webhookOld)
	}
	hook, err := github.NewWebhook(secrets...)
	if err != nil {
		return nil, usage(err)
	}
	if s.config.role != roleWorker {
		mux.Handle("/webhook/github", github.Handler(s.log, hook, s.who, s.bot, s.metrics.answered))
		pages, err := s.pages()
		if err != nil {
			return nil, err
		}
		mux.Handle("/", pages)
		if s.slack != nil {
			s.pressed = s.slack.Interactions(s.bot, s.bot)
			mux.Handle("/slack/interactions", s.pressed)
			mux.Handle("/slack/commands", s.slack.Commands())
		}
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.metrics.handler(s.db))
	return mux, nil
}

// pages are for people, who sign in with GitHub where a client id is configured.
func (s *server) pages() (http.Handler, error) {
	c := web.Config{
		Store: s.db, Briefs: s.bot, Acts: s.bot, Visible: bot.NewSight(s.host, time.Now), Outbox: s.bot,
		Slack: s.slack != nil && s.config.slackSecret != "", Operators: s.config.operators,
		PublicURL: s.config.publicURL, Now: time.Now, Random: rand.Reader,
	}
	if s.config.signsIn() {
		c.SignIn = s.host
	}
	pages, err := web.New(s.log, c)
	if err != nil {
		return nil, usage(fmt.Errorf("%sPUBLIC_URL: %w", envPrefix, err))
	}
	return pages, nil
}

// linkPage is where people show who they are, empty where they cannot sign in.
func (s *server) linkPage() string {
	if !s.config.signsIn() {
		return ""
	}
	return strings.TrimSuffix(s.config.publicURL, "/") + "/slack/link"
}

// ready answers 200 once deliveries can be stored, whatever else is out of reach.
// It tells strangers nothing more.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, stop := context.WithTimeout(r.Context(), 5*time.Second)
	defer stop()
	if err := s.db.Ready(ctx); err != nil {
		s.log.Error("not ready", "error", err)
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// who is what we are on GitHub, as far as it is known.
func (s *server) who() github.Self {
	if self := s.self.Load(); self != nil {
		return *self
	}
	return github.Self{ID: s.config.appID}
}

// learnSelf asks GitHub who we are until it answers. Until then our own events
// are taken for those of others, which only costs looks.
func (s *server) learnSelf(ctx context.Context) {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		self, err := s.host.Self(ctx)
		if err == nil {
			s.self.Store(&self)
			s.log.Info("known on GitHub", "app", self.Slug)
			return
		}
		s.log.Warn("GitHub did not say who we are", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
