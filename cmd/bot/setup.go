package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/web"
)

// credentialsFile is what the setup page keeps in the data folder, for its owner
// alone: lines as in --config, of which it takes what is nowhere else.
const credentialsFile = "app.env"

// unregistered reports whether nothing at all is said of an App: then there is
// none yet. With some of it, what is missing is a mistake.
func (c *serveConfig) unregistered() bool {
	return c.appID == 0 && c.privateKey == nil && c.webhook == nil
}

// setUp serves the page that registers the App until it is registered or ctx ends.
// Its address, with a token that is good for this once, is printed to out and
// never logged. It returns the address to listen on from then on: the same.
func setUp(ctx context.Context, log *slog.Logger, out io.Writer, config serveConfig) (listen string, err error) {
	if err := os.MkdirAll(config.data, 0o700); err != nil {
		return "", usage(fmt.Errorf("make the data folder: %w", err))
	}
	listener, err := net.Listen("tcp", config.listen)
	if err != nil {
		return "", usage(fmt.Errorf("listen: %w", err))
	}
	config.reachedAt(listener.Addr())
	registered := make(chan struct{})
	page := web.NewSetup(log, web.SetupConfig{
		Token: rand.Text(), State: rand.Text(), WebURL: strings.TrimSuffix(config.webURL, "/"), PublicURL: strings.TrimSuffix(config.publicURL, "/"),
		Permissions: github.Asked, Events: github.Sent,
		Register: func(ctx context.Context, code string) (web.Registered, error) {
			app, err := github.CompleteManifest(ctx, config.apiURL, code)
			if err != nil {
				return web.Registered{}, err
			}
			if err := keepCredentials(config.data, app); err != nil {
				return web.Registered{}, err
			}
			close(registered) // it is called until it succeeds
			return web.Registered{Name: app.Name, Install: strings.TrimSuffix(app.Page, "/") + "/installations/new"}, nil
		},
	})
	server := &http.Server{
		Handler: page, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("there is no App yet; waiting for somebody to register one", "address", listener.Addr().String())
	fmt.Fprintf(out, "\nThere is no App yet. Register one here, with a link that works once:\n\n    %s%s\n\n", strings.TrimSuffix(config.publicURL, "/"), page.Path())
	select {
	case err = <-served: // it never ends by itself
		return "", err
	case <-ctx.Done():
		err = ctx.Err()
	case <-registered:
		log.Info("the App is registered", "file", filepath.Join(config.data, credentialsFile))
	}
	// The page that says so is still on its way.
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer stop()
	return listener.Addr().String(), errors.Join(err, server.Shutdown(last))
}

// keepCredentials writes the file whole, for its owner alone, or not at all.
func keepCredentials(dir string, app github.Credentials) (err error) {
	if len(app.WebhookSecret) < leastSecret {
		return fmt.Errorf("its webhook secret has %d bytes and needs %d", len(app.WebhookSecret), leastSecret)
	}
	if _, err := privateKey(app.PrivateKey); err != nil {
		return fmt.Errorf("its private key: %w", err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "# The GitHub App %s, as it was registered. These are secrets.\n", app.Slug)
	for _, line := range [][2]string{
		{"GITHUB_APP_ID", fmt.Sprint(app.ID)},
		{"GITHUB_PRIVATE_KEY", strings.ReplaceAll(strings.TrimSpace(app.PrivateKey), "\n", `\n`)},
		{"GITHUB_WEBHOOK_SECRET", app.WebhookSecret},
		{"GITHUB_CLIENT_ID", app.ClientID},
		{"GITHUB_CLIENT_SECRET", app.ClientSecret},
	} {
		if strings.ContainsAny(line[1], "\r\n\"") {
			return fmt.Errorf("%s is not one line", line[0])
		}
		fmt.Fprintf(&text, "%s%s=%s\n", envPrefix, line[0], line[1])
	}
	file, err := os.CreateTemp(dir, credentialsFile+"-") // for its owner alone
	if err != nil {
		return fmt.Errorf("keep the App's secrets: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	_, err = file.WriteString(text.String())
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), filepath.Join(dir, credentialsFile))
	}
	if err != nil {
		return fmt.Errorf("keep the App's secrets: %w", err)
	}
	return nil
}
