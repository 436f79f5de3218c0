package system_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A standIn is what the server takes for GitHub: the emulator, and before it what
// the emulator lacks. All else passes through untouched.
type standIn struct {
	*httptest.Server
	mu        sync.Mutex
	reactions []string
	unknown   []string // what nobody answered, as METHOD PATH
}

func newStandIn(t *testing.T, e *emulator, r *tree) *standIn {
	t.Helper()
	s := &standIn{}
	mux := http.NewServeMux()
	// Git itself: the emulator keeps objects and serves them by REST only.
	mux.Handle("/"+owner+"/"+name+".git/", gitServer(t, r))
	// The repositories of an installation are a listing that it does not have.
	mux.HandleFunc("GET /installation/repositories", func(w http.ResponseWriter, r *http.Request) {
		_, repository, err := ask(r.Context(), "GET", e.url+"/repos/"+owner+"/"+name, people[0], nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		answer(w, http.StatusOK, map[string]any{"total_count": 1, "repositories": []json.RawMessage{repository}})
	})
	// Nor does it keep a list of the deliveries of an App. None was lost.
	mux.HandleFunc("GET /app/hook/deliveries", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, []string{}) })
	// Comments have no reactions.
	mux.HandleFunc("POST /repos/{owner}/{repo}/issues/comments/{id}/reactions", func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Content string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		s.reactions = append(s.reactions, r.PathValue("id")+" "+asked.Content)
		s.mu.Unlock()
		answer(w, http.StatusCreated, map[string]any{"id": 1, "content": asked.Content})
	})
	target, err := url.Parse(e.url)
	must(t, err)
	through := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode == http.StatusNotFound {
				s.mu.Lock()
				s.unknown = append(s.unknown, r.Request.Method+" "+r.Request.URL.Path)
				s.mu.Unlock()
			}
			return nil
		},
	}
	// A remark has to name its position in the difference, as GitHub had it before
	// lines and sides, which the emulator does not know.
	mux.HandleFunc("POST /repos/{owner}/{repo}/pulls/{number}/reviews", func(w http.ResponseWriter, r *http.Request) {
		var review map[string]any
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		remarks, _ := review["comments"].([]any)
		for _, c := range remarks {
			remark, _ := c.(map[string]any)
			remark["position"] = remark["line"]
		}
		body, err := json.Marshal(review)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		through.ServeHTTP(w, r)
	})
	// The annotations of a check come in an object, and not as the list that they
	// are on GitHub.
	mux.HandleFunc("GET /repos/{owner}/{repo}/check-runs/{id}/annotations", func(w http.ResponseWriter, r *http.Request) {
		_, text, err := ask(r.Context(), "GET", e.url+r.URL.RequestURI(), strings.TrimPrefix(r.Header.Get("Authorization"), "token "), nil)
		var list struct {
			Annotations []json.RawMessage `json:"check_annotations"`
		}
		if err == nil {
			err = json.Unmarshal(text, &list)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		answer(w, http.StatusOK, list.Annotations)
	})
	mux.Handle("/", through)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the server asks again
}

// reacted reports whether a comment was answered with a reaction.
func (s *standIn) reacted(want string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.reactions, want)
}

// missing are the requests that nobody answered.
func (s *standIn) missing() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unknown)
}

// gitServer serves the repository on the disk by git's own server, to who has a
// token.
func gitServer(t *testing.T, r *tree) http.Handler {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	must(t, err)
	backend := filepath.Join(strings.TrimSpace(string(path)), "git-http-backend")
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, token, ok := req.BasicAuth(); !ok || !strings.HasPrefix(token, "ghs_") {
			w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
			http.Error(w, "no installation token", http.StatusUnauthorized)
			return
		}
		// It is asked for a merge before that is on the disk: the next time it is.
		handler := &cgi.Handler{Path: backend, Root: "/" + owner, Stderr: io.Discard, Env: []string{
			"GIT_PROJECT_ROOT=" + filepath.Dir(r.dir), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=",
			"GIT_PROTOCOL=" + req.Header.Get("Git-Protocol"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		}}
		handler.ServeHTTP(w, req)
	})
}

// A relay passes the emulator's webhooks on, signed by it and byte for byte, but
// for those of comments (asOnGitHub). It gives each a GUID, as GitHub does: the
// emulator names them by the millisecond, and two in the same one are then one.
type relay struct {
	*httptest.Server
	mu     sync.Mutex
	to     string
	events []string // as EVENT STATUS
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	r := &relay{}
	r.Server = httptest.NewServer(http.HandlerFunc(r.pass))
	t.Cleanup(r.Close)
	return r
}

func (r *relay) aim(at string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = at
}

func (r *relay) pass(w http.ResponseWriter, in *http.Request) {
	r.mu.Lock()
	to := r.to
	r.mu.Unlock()
	body, err := io.ReadAll(in.Body)
	if err != nil || to == "" {
		http.Error(w, "nobody listens", http.StatusServiceUnavailable)
		return
	}
	header := in.Header.Clone()
	if header.Get("X-GitHub-Event") == "issue_comment" {
		body = asOnGitHub(body)
		header.Set("X-Hub-Signature-256", signature(body))
	}
	out, err := http.NewRequestWithContext(in.Context(), http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	out.Header = header
	out.Header.Set("X-GitHub-Delivery", rand.Text())
	resp, err := http.DefaultClient.Do(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	r.mu.Lock()
	r.events = append(r.events, in.Header.Get("X-GitHub-Event")+" "+resp.Status[:3])
	r.mu.Unlock()
	w.WriteHeader(resp.StatusCode)
}

// passed are the webhooks so far, each with what was answered.
func (r *relay) passed() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// asOnGitHub says of a comment that its issue is a pull request, which the emulator
// leaves out: all issues of these tests are. And a new comment was not edited: the
// emulator writes its node id in a second step, at times a millisecond later, while
// on GitHub only an edit sets the two times apart. It has to be signed anew.
func asOnGitHub(body []byte) []byte {
	var payload map[string]any
	if err := json.Unmarshal(body, &payload); err != nil {
		return body
	}
	if issue, ok := payload["issue"].(map[string]any); ok {
		issue["pull_request"] = map[string]any{"url": issue["url"]}
	}
	if comment, ok := payload["comment"].(map[string]any); ok && payload["action"] == "created" {
		comment["updated_at"] = comment["created_at"]
	}
	changed, err := json.Marshal(payload)
	if err != nil {
		return body
	}
	return changed
}

func signature(body []byte) string {
	h := hmac.New(sha256.New, []byte(hookSecret))
	h.Write(body)
	return "sha256=" + hex.EncodeToString(h.Sum(nil))
}
