package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

const someUser = `{"id":101,"login":"maria-k","type":"User"}`

// An answer that asks to wait closes the gate of the installation: for other
// repositories too, but not for other installations, and not for ever.
func TestLimits(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	for _, test := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		wait   time.Duration // 0: no limit
	}{
		{"429 with seconds", 429, map[string]string{"Retry-After": "30"}, ``, 30 * time.Second},
		{"403 with seconds", 403, map[string]string{"Retry-After": "7"}, `{}`, 7 * time.Second},
		{"503 with seconds", 503, map[string]string{"Retry-After": "9"}, ``, 9 * time.Second},
		{"primary", 403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(now.Add(600*time.Second).Unix(), 10)}, `{}`, 601 * time.Second},
		{"primary with 429", 429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(now.Add(60*time.Second).Unix(), 10)}, `{}`, 61 * time.Second},
		{"secondary by its words", 403, nil, `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}`, secondaryWait},
		{"secondary by its page", 403, nil, `{"message":"x","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`, secondaryWait},
		{"429 alone", 429, nil, ``, secondaryWait},
		{"a year", 429, map[string]string{"Retry-After": "31536000"}, ``, longestWait},
		{"not permitted", 403, map[string]string{"X-RateLimit-Remaining": "4000"}, `{"message":"Resource not accessible by integration"}`, 0},
		{"broken", 500, nil, `{"message":"rate limit? no"}`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			clock := now
			a := fake(t, func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) > 1 {
					io.WriteString(w, someUser)
					return
				}
				for name, value := range test.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
				io.WriteString(w, test.body)
			})
			a.now = func() time.Time { return clock }
			_, err := a.Account(t.Context(), 9, "maria-k")
			limited, ok := errors.AsType[*LimitedError](err)
			if ok != (test.wait != 0) || err == nil {
				t.Fatalf("Account() = %v", err)
			}
			if !ok {
				if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != test.status {
					t.Errorf("Account() = %v", err)
				}
				return
			}
			if got := limited.RetryAt().Sub(now); got != test.wait {
				t.Errorf("RetryAt() is in %v, want %v", got, test.wait)
			}
			// Nothing more is sent, not for another reach either.
			if _, err := a.Permission(t.Context(), 9, fakeRepo, signoff.Account{ID: 101, Login: "maria-k"}); err == nil || requests.Load() != 1 {
				t.Errorf("Permission() meanwhile = %v, %d requests", err, requests.Load())
			}
			if _, err := a.Account(t.Context(), 10, "maria-k"); err != nil {
				t.Errorf("Account() of another installation = %v", err)
			}
			clock = limited.At
			if _, err := a.Account(t.Context(), 9, "maria-k"); err != nil {
				t.Errorf("Account() at RetryAt = %v", err)
			}
		})
	}
}

// The last request that is free goes through, the next one is not sent.
func TestLastFreeRequest(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	a := fake(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10))
		io.WriteString(w, someUser)
	})
	if _, err := a.Account(t.Context(), 9, "maria-k"); err != nil {
		t.Errorf("the last = %v", err)
	}
	if _, err := a.Account(t.Context(), 9, "jo"); err == nil || requests.Load() != 1 {
		t.Errorf("one more = %v, %d requests", err, requests.Load())
	}
}

// In no minute more than 80 creations, in no hour more than 500.
func TestBudget(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	clock := start
	g := newGate(func() time.Time { return clock })
	var made []time.Time
	for clock.Sub(start) < 3*time.Hour {
		wait, err := g.create()
		if limited, ok := errors.AsType[*LimitedError](err); ok {
			if !limited.At.After(clock.Add(shortWait)) {
				t.Fatalf("at %v: %v", clock, err)
			}
			clock = limited.At
			continue
		}
		made = append(made, clock.Add(wait))
		clock = clock.Add(wait + time.Millisecond)
	}
	for _, window := range []struct {
		length time.Duration
		most   int
	}{{time.Minute, 80}, {time.Hour, 500}} {
		most, first := 0, 0
		for i, at := range made {
			for at.Sub(made[first]) >= window.length {
				first++
			}
			most = max(most, i-first+1)
		}
		if most > window.most || most < window.most*3/4 {
			t.Errorf("%d creations in %v, of %d", most, window.length, window.most)
		}
	}
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	var full, same atomic.Int64
	login := atomic.Value{}
	login.Store("maria-k")
	a := fake(t, func(w http.ResponseWriter, r *http.Request) {
		etag := `"` + login.Load().(string) + `"`
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			same.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		full.Add(1)
		fmt.Fprintf(w, `{"id":101,"login":%q,"type":"User"}`, login.Load())
	})
	for range 3 {
		if got, err := a.Account(t.Context(), 9, "maria-k"); err != nil || got.Login != "maria-k" {
			t.Errorf("Account() = %+v, %v", got, err)
		}
	}
	login.Store("maria")
	if got, err := a.Account(t.Context(), 9, "maria-k"); err != nil || got.Login != "maria" {
		t.Errorf("Account() after a change = %+v, %v", got, err)
	}
	if full.Load() != 2 || same.Load() != 2 {
		t.Errorf("%d full answers and %d that say the same, want 2 and 2", full.Load(), same.Load())
	}
	// What one installation was shown, another asks for itself.
	if _, err := a.Account(t.Context(), 10, "maria-k"); err != nil || full.Load() != 3 {
		t.Errorf("another installation was given the answer of the first: %v", err)
	}
}

func TestETagsAreBounded(t *testing.T) {
	t.Parallel()
	c := newETags()
	c.limit = 100
	key := func(i int) answerKey { return answerKey{url: strconv.Itoa(i)} }
	for i := range 20 {
		c.put(&answer{key: key(i), body: make([]byte, 10)})
		c.get(key(0))
	}
	if c.size > c.limit || len(c.keys) != 10 || c.used.Len() != 10 || c.get(key(0)) == nil || c.get(key(5)) != nil {
		t.Errorf("%d bytes of %d answers", c.size, len(c.keys))
	}
	c.put(&answer{key: key(0), body: make([]byte, 20)})
	if c.size > c.limit || len(c.get(key(0)).body) != 20 {
		t.Errorf("%d bytes after an answer was replaced", c.size)
	}
}

// Whatever goes wrong, no token and no key is in the error.
func TestErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed with Authorization %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	echo := func(r *http.Request) string {
		return fmt.Sprintf(`{"message":"bad %s","errors":["%s"]}`, r.Header.Get("Authorization"), r.Header.Get("Authorization"))
	}
	for name, answer := range map[string]http.HandlerFunc{
		"an answer that repeats it": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(422); io.WriteString(w, echo(r)) },
		"server error":              func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500); io.WriteString(w, echo(r)) },
		"not JSON": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<html>"+r.Header.Get("Authorization"))
		},
		"hung up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusMovedPermanently)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := fake(t, answer)
			_, err1 := a.Account(t.Context(), 9, "maria-k")
			_, err2 := a.Installations(t.Context())
			_, err3 := a.Exchange(t.Context(), "the-code-of-the-person", "the-verifier-of-ours", "https://bar.example/back")
			_, err4 := a.Pull(t.Context(), 9, fakeRepo, 1, "")
			for i, err := range []error{err1, err2, err3, err4} {
				if err == nil {
					t.Errorf("call %d succeeded", i)
					continue
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					text := fmt.Sprintf("%v %+v %#v", e, e, e)
					for _, secret := range []string{"ghs_", "eyJ", "very-secret", "the-code-of", "the-verifier"} {
						if strings.Contains(text, secret) {
							t.Errorf("call %d: %T holds %s: %s", i, e, secret, text)
						}
					}
				}
			}
		})
	}
	if got := scrub("Bearer abcdefgh1234 token ghp_abcdefgh12345 https://u:p@host/x eyJhbGciOi.eyJpc3M.sig"); strings.ContainsAny(got, "@") || strings.Contains(got, "abcdefgh") || strings.Contains(got, "eyJ") {
		t.Errorf("scrub() = %q", got)
	}
	if plain := "a token of maria-k was refused by basic rules"; !strings.Contains(scrub(plain), "maria-k was refused") {
		t.Errorf("scrub(%q) = %q", plain, scrub(plain))
	}
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{403: ErrForbidden, 404: ErrNotFound} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, `{"message":"This installation has been suspended"}`)
		}))
		defer server.Close()
		a := fake(t, nil)
		a.api.Host = strings.TrimPrefix(server.URL, "http://")
		_, err := a.Account(t.Context(), 9, "maria-k")
		if !errors.Is(err, want) || !strings.Contains(err.Error(), "suspended") {
			t.Errorf("Account() with %d for a token = %v", status, err)
		}
	}
}

// The account's repository was not given to the App, and is public.
func TestOrgFileOfPublicRepository(t *testing.T) {
	t.Parallel()
	var named, numbered atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case strings.HasSuffix(r.URL.Path, "/access_tokens") && strings.Contains(string(body), `".github"`):
			named.Add(1)
			w.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(w, `{"message":"There is at least one repository that does not exist or is not accessible to the parent installation."}`)
		case strings.HasSuffix(r.URL.Path, "/access_tokens"):
			if !strings.Contains(string(body), `"repository_ids":[5]`) || strings.Contains(string(body), "write") {
				t.Errorf("a token for %s", body)
			}
			numbered.Add(1)
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, `{"token":"ghs_x","expires_at":"2099-01-01T00:00:00Z"}`)
		default:
			io.WriteString(w, `{"type":"file","encoding":"base64","size":11,"name":"barraiser.yml","path":"barraiser.yml","content":"dmVyc2lvbjogMQo=","sha":"`+shaA+`"}`)
		}
	}))
	t.Cleanup(server.Close)
	a := fake(t, nil)
	a.api.Host = strings.TrimPrefix(server.URL, "http://")
	p, err := a.OrgFile(t.Context(), 9, fakeRepo)
	if err != nil || !p.Found || string(p.Content) != "version: 1\n" || named.Load() != 1 || numbered.Load() != 1 {
		t.Errorf("OrgFile() = %+v, %v", p, err)
	}
}

// An unreadable policy is not an absent one.
func TestOrgFileUnreadable(t *testing.T) {
	t.Parallel()
	a := fake(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	if p, err := a.OrgFile(t.Context(), 9, fakeRepo); err == nil {
		t.Errorf("OrgFile() = %+v", p)
	}
}

// GitHub says what is wrong with a line in words, not in an object.
func TestPutInlineRefused(t *testing.T) {
	t.Parallel()
	a := fake(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/app":
			io.WriteString(w, `{"id":7,"slug":"bar-raiser"}`)
		case r.Method == http.MethodGet:
			io.WriteString(w, `[]`)
		default:
			w.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(w, `{"message":"Unprocessable Entity","errors":["Line could not be resolved"]}`)
		}
	})
	err := a.PutInline(t.Context(), 9, fakeRepo, 1, shaA, []signoff.InlineComment{{Path: "x.go", Line: 3, Body: "b", Mark: "m"}})
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != 422 || !strings.Contains(err.Error(), "Line could not be resolved") {
		t.Errorf("PutInline() = %v", err)
	}
}

// Another repository that has taken over the name is not ours.
func TestPullOfAnotherRepository(t *testing.T) {
	t.Parallel()
	a := fake(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"number":1,"state":"open","head":{"sha":"`+shaA+`"},"base":{"ref":"main","repo":{"id":6}}}`)
	})
	if p, err := a.Pull(t.Context(), 9, fakeRepo, 1, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("Pull() = %+v, %v", p, err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := fake(t, nil).config
	for name, change := range map[string]func(*Config){
		"no id":            func(c *Config) { c.AppID = 0 },
		"no key":           func(c *Config) { c.Key = nil },
		"half a key":       func(c *Config) { c.Key = c.Key[:len(c.Key)/2] },
		"no address":       func(c *Config) { c.APIURL = "" },
		"a password in it": func(c *Config) { c.APIURL = "https://u:pw-in-url@host/" },
		"a file":           func(c *Config) { c.GitURL = "file:///srv/git" },
	} {
		c := good
		change(&c)
		if _, err := New(nil, c); err == nil || strings.Contains(err.Error(), "pw-in-url") || len(c.Key) > 64 && strings.Contains(err.Error(), string(c.Key[40:60])) {
			t.Errorf("New() with %s = %v", name, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	a := fake(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := a.Account(ctx, 9, "maria-k"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Account() = %v", err)
	}
}
