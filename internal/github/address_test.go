package github

import (
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestAddresses: the address of the API is used as it stands, be it that of GitHub,
// of an Enterprise Server or of a stand-in, and nothing is added to it; and each token
// is for one repository, or for none, and for no more than the request needs.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/", "/api/v3", "/api/v3/", "/stand-in/of/github/"} {
		t.Run("at "+cmp.Or(base, "nothing"), func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var paths, tokens []string
			hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				mu.Lock()
				defer mu.Unlock()
				paths = append(paths, r.Method+" "+r.URL.Path)
				switch {
				case strings.HasSuffix(r.URL.Path, "/access_tokens"):
					tokens = append(tokens, strings.TrimSpace(string(body)))
					w.WriteHeader(http.StatusCreated)
					io.WriteString(w, `{"token":"ghs_fakefakefakefakefakefakefakefakefake","expires_at":"2099-01-01T00:00:00Z"}`)
				case strings.HasSuffix(r.URL.Path, "/app/installations"):
					io.WriteString(w, `[]`)
				case r.Method == http.MethodPost:
					w.WriteHeader(http.StatusCreated)
					io.WriteString(w, `{"id":1}`)
				default:
					io.WriteString(w, someUser)
				}
			}))
			t.Cleanup(hub.Close)
			a := fake(t, nil)
			config := a.config
			config.APIURL, config.GitURL, config.WebURL = hub.URL+base, "https://git.example/code/", "https://web.example"
			a, err := New(a.log, config)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Installations(t.Context()); err != nil {
				t.Error(err)
			}
			if err := a.React(t.Context(), 9, fakeRepo, 3, "eyes"); err != nil {
				t.Error(err)
			}
			if _, err := a.Account(t.Context(), 9, "maria-k"); err != nil {
				t.Error(err)
			}
			if _, err := a.Credential(t.Context(), 9, fakeRepo)(); err != nil {
				t.Error(err)
			}
			at := strings.TrimSuffix(base, "/")
			want := []string{
				"GET " + at + "/app/installations",
				"POST " + at + "/app/installations/9/access_tokens", "POST " + at + "/repos/acme/pay/issues/comments/3/reactions",
				"POST " + at + "/app/installations/9/access_tokens", "GET " + at + "/users/maria-k",
				"POST " + at + "/app/installations/9/access_tokens",
			}
			if !slices.Equal(paths, want) {
				t.Errorf("asked for %q, want %q", paths, want)
			}
			if want := []string{
				`{"repository_ids":[5],"permissions":{"checks":"write","contents":"read","metadata":"read","pull_requests":"write"}}`,
				`{"permissions":{"metadata":"read"}}`,
				`{"repository_ids":[5],"permissions":{"contents":"read","metadata":"read"}}`,
			}; !slices.Equal(tokens, want) {
				t.Errorf("tokens for %q, want %q", tokens, want)
			}
			if got := a.RemoteURL(fakeRepo); got != "https://git.example/code/acme/pay.git" {
				t.Errorf("RemoteURL() = %s", got)
			}
			if got := a.PullURL(fakeRepo, 7); got != "https://web.example/acme/pay/pull/7" {
				t.Errorf("PullURL() = %s", got)
			}
		})
	}
}
