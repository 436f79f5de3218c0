package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/slack/slacktest"
)

type demoCommand struct {
	listen, github, slack string
	verbose               bool
}

func newDemo() *cobra.Command {
	d := demoCommand{}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole product against a simulated GitHub and Slack on this machine",
		Long: `Demo starts a simulated GitHub with people, repositories and pull requests, a
simulated Slack with the same people, and the server as the App of both, all on
loopback and without the network. On the simulated GitHub one chooses who one is,
reviews, comments and merges; the simulated Slack shows who is told of what, and its
buttons work; the pages of the server show what the bar makes of it. Nothing of it
stays when it ends.`,
		Example: `  bot demo`,
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return d.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr()) },
	}
	c.Flags().StringVar(&d.listen, "listen", "127.0.0.1:8080", "`address` of the server's pages")
	c.Flags().StringVar(&d.github, "github", "127.0.0.1:8081", "`address` of the simulated GitHub")
	c.Flags().StringVar(&d.slack, "slack", "127.0.0.1:8082", "`address` of the simulated Slack")
	c.Flags().BoolVarP(&d.verbose, "verbose", "v", false, "print the server's log")
	return c
}

// run ends with ctx.
func (d *demoCommand) run(ctx context.Context, out, logs io.Writer) (err error) {
	scratch, err := ownScratch(defaultCache())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	dir := scratch.Dir
	hub, err := githubtest.New(githubtest.Options{Dir: filepath.Join(dir, "github"), Addr: d.github})
	if err != nil {
		return usage(fmt.Errorf("start the simulated GitHub: %w; choose another address with --github", err))
	}
	defer func() { err = errors.Join(err, hub.Close()) }()
	chat, err := slacktest.New(slacktest.Options{Addr: d.slack})
	if err != nil {
		return usage(fmt.Errorf("%w; choose another address with --slack", err))
	}
	defer func() { err = errors.Join(err, chat.Close()) }()
	level := slog.LevelError + 1
	if d.verbose {
		level = slog.LevelInfo
	}
	served, listening := make(chan error, 1), make(chan net.Addr, 1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		served <- serve(ctx, newLogger(logs, level), d.config(hub, chat, filepath.Join(dir, "data")), func(a net.Addr) { listening <- a })
	}()
	select {
	case err := <-served:
		return err
	case addr := <-listening:
		hub.SetWebhook("http://" + addr.String() + "/webhook/github")
		d.listen = addr.String() // the port may have been chosen
		chat.SetApp("http://" + addr.String())
	}
	story := demoStory{hub: hub, chat: chat, pages: "http://" + d.listen, out: out}
	go func() {
		if err := story.tell(ctx); err != nil && ctx.Err() == nil {
			served <- fmt.Errorf("seed the demo: %w", err)
		}
	}()
	fmt.Fprintf(out, "Simulated GitHub   %s\nSimulated Slack    %s\nBar Raiser         http://%s\n\nThe history is being made, half a minute long; each step is judged as it would be.\nInterrupt to end.\n\n", hub.URL(), chat.URL(), d.listen)
	err = <-served
	if ctx.Err() != nil {
		return nil // as it was told to
	}
	stop()
	return err
}

// config is that of a server of the simulated GitHub and Slack.
func (d *demoCommand) config(hub *githubtest.Server, chat *slacktest.Server, data string) serveConfig {
	app := hub.App()
	return serveConfig{
		appID: app.ID, privateKey: app.PrivateKeyPEM(), webhook: []byte(app.WebhookSecret),
		clientID: app.ClientID, clientSecret: app.ClientSecret,
		apiURL: hub.URL() + "/", gitURL: hub.URL() + "/", webURL: hub.URL() + "/",
		sweep: time.Minute, database: "sqlite:" + filepath.Join(data, "barraiser.db"), data: data,
		listen: d.listen, publicURL: "http://" + d.listen, role: roleAll, goproxy: "off",
		sandbox: sandbox.Auto, judgeTime: time.Minute, judgeMemory: 2 << 30,
		slackToken: chat.Token(), slackSecret: chat.SigningSecret(), slackURL: chat.APIURL(), operators: []string{"sam-r"},
	}
}
