// Package github is GitHub: what it sends us, what we read of it and what we
// write to it. Types of the GitHub client stop here; what goes in and out are
// the types of signoff.
//
// # Design
//
// There are two doors. Verify and Decode take a webhook, without a network and
// without a clock: a signed body becomes facts, which can never be read again,
// and subjects to look at, which are only a hint. App asks and writes. Its
// methods are named for what is wanted, and whatever writes is a put: done twice
// it is done once.
//
// Every request is made with a token for one repository and for no more than the
// request needs, kept in memory. What the answers say about rate limits is kept
// per installation, since that is whom GitHub limits: until then nothing of the
// installation is sent, and errors carry the time (RetryAt). An error never holds
// a token: its text is scrubbed, and no request or response hangs on it.
//
// Repositories are named by owner and name in GitHub's API, and names are given
// to others. The token is bound to the number of the repository, so that a wrong
// name is answered with 404.
//
// Not included: commit statuses (checks only), GraphQL, search, the API of merge queues.
package github

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config is what an App is made of.
type Config struct {
	AppID int64
	Key   []byte // private key, PEM
	// APIURL is where requests go, as it stands: "https://api.github.com/",
	// "https://ghe.example.com/api/v3/".
	APIURL string
	// GitURL and WebURL are "https://github.com" or the same of another host.
	GitURL, WebURL string
	// ClientID and ClientSecret are for people who sign in to our pages.
	ClientID, ClientSecret string
	// Transport makes the requests; nil: a transport with limits on time.
	Transport http.RoundTripper
}

// App is our GitHub App. Its methods may be called concurrently.
type App struct {
	log    *slog.Logger
	config Config
	api    *url.URL // with a slash at its end
	key    *rsa.PrivateKey
	now    func() time.Time
	wait   func(context.Context, time.Duration) error

	etags *etags

	mu      sync.Mutex
	clients map[scope]*client
	gates   map[int64]*gate // by installation, 0: the App itself
	self    Self
	teams   map[team]roll
}

// leastKeyBits: keys of less than 2048 bits are refused by GitHub as well.
const leastKeyBits = 2048

// New prepares an App. It sends nothing.
func New(log *slog.Logger, config Config) (*App, error) {
	if config.AppID <= 0 {
		return nil, errors.New("the id of the GitHub App is missing")
	}
	key, err := parseKey(config.Key)
	if err != nil {
		return nil, fmt.Errorf("private key of the GitHub App: %w", err)
	}
	api, err := parseURL(config.APIURL)
	if err != nil {
		return nil, fmt.Errorf("address of the GitHub API: %w", err)
	}
	if !strings.HasSuffix(api.Path, "/") {
		api.Path += "/"
	}
	for _, address := range []*string{&config.GitURL, &config.WebURL} {
		u, err := parseURL(*address)
		if err != nil {
			return nil, fmt.Errorf("address of GitHub: %w", err)
		}
		*address = strings.TrimSuffix(u.String(), "/")
	}
	if config.Transport == nil {
		config.Transport = patient()
	}
	return &App{
		log: log, config: config, api: api, key: key, now: time.Now, wait: sleep,
		etags: newETags(), clients: map[scope]*client{}, gates: map[int64]*gate{}, teams: map[team]roll{},
	}, nil
}

func parseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%q is no http address", address)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q has more than a host and a path", u.Redacted())
	}
	return u, nil
}

// parseKey reads a key in either of the forms in which GitHub gives it out and
// tools convert it. No error of it holds any of the key.
func parseKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("not in PEM form")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		other, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("no RSA private key")
		}
		var ok bool
		if key, ok = other.(*rsa.PrivateKey); !ok {
			return nil, errors.New("not an RSA key")
		}
	}
	if key.N.BitLen() < leastKeyBits {
		return nil, fmt.Errorf("%d bits, of %d at least", key.N.BitLen(), leastKeyBits)
	}
	return key, nil
}

// patient is a transport that waits for GitHub as long as GitHub itself takes to
// give up, 10 s, and some more.
func patient() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 20 * time.Second
	t.MaxIdleConnsPerHost = 16
	return t
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
