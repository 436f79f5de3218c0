package githubtest

import (
	"fmt"
	"net/http"
	"net/http/cgi"
	"os/exec"
	"path/filepath"
	"strings"
)

// findBackend finds git's own server of the smart HTTP protocol.
func findBackend() (string, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return "", fmt.Errorf("git --exec-path: %w", err)
	}
	path, err := exec.LookPath(filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"))
	if err != nil {
		return "", fmt.Errorf("git http-backend: %w", err)
	}
	return path, nil
}

// serveGit serves fetches of /OWNER/NAME.git. A token is a password, whatever
// the user is called,
// docs.github.com/en/apps/creating-github-apps/registering-a-github-app/choosing-permissions-for-a-github-app
// "Choosing permissions for Git access"; a push is refused.
func (s *Server) serveGit(w http.ResponseWriter, r *http.Request) {
	owner, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	name, rest, _ := strings.Cut(rest, "/")
	repo, err := s.fetchable(r, owner, strings.TrimSuffix(name, ".git"))
	if err != nil {
		if err.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
		}
		http.Error(w, err.Message, err.Status)
		return
	}
	if rest == "git-receive-pack" || r.URL.Query().Get("service") == "git-receive-pack" {
		http.Error(w, "the simulated GitHub takes pushes by its Go methods only", http.StatusForbidden)
		return
	}
	handler := &cgi.Handler{
		Path: s.backend,
		Root: "/" + owner + "/" + name,
		Dir:  s.dir,
		Env: gitEnv(
			"GIT_PROJECT_ROOT="+repo, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=",
			"GIT_PROTOCOL="+r.Header.Get("Git-Protocol"), // version 2 of the protocol
		),
	}
	handler.ServeHTTP(w, r)
}

// fetchable is the folder of a repository that the caller may fetch. Without a
// token git is asked for one, which also hides what is private.
func (s *Server) fetchable(r *http.Request, owner, name string) (string, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who, err := s.authenticate(r)
	if err != nil {
		return "", refuse(http.StatusUnauthorized, "Invalid username or password.")
	}
	repo, err := s.visible(who, owner, name)
	switch {
	case err != nil && who.kind == anonymous:
		return "", refuse(http.StatusUnauthorized, "Repository not found.")
	case err != nil || who.kind == asApp:
		return "", refuse(http.StatusNotFound, "Repository not found.")
	case who.permit("contents:read") != nil:
		return "", refuse(http.StatusForbidden, "Write access to repository not granted.")
	}
	return repo.dir, nil
}

// CloneURL is the address of a repository for git, without a token.
func (s *Server) CloneURL(repo string) string { return s.URL() + "/" + repo + ".git" }
