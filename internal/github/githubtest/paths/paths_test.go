package paths_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/github/githubtest/paths"
)

func TestFind(t *testing.T) {
	var table paths.Table[string]
	for _, p := range []string{
		"GET /user", "GET /user/{id}", "GET /user/orgs", "GET /repos/{o}/{r}/issues/comments/{id}", "GET /repos/{o}/{r}/issues/{n}/comments",
		"POST /repos/{o}/{r}/issues/{n}/comments", "GET /repos/{o}/{r}/branches", "GET /repos/{o}/{r}/branches/{b...}",
	} {
		table.Add(p, p)
	}
	for _, c := range []struct {
		method, path, want string
		parameters         map[string]string
	}{
		{"GET", "/user", "GET /user", map[string]string{}},
		{"GET", "/user/orgs", "GET /user/orgs", map[string]string{}},
		{"GET", "/user/7", "GET /user/{id}", map[string]string{"id": "7"}},
		{"GET", "/user/", "GET /user", map[string]string{}},
		{"GET", "/user/7/x", "", nil},
		{"PUT", "/user", "", nil},
		{"GET", "/repos/a/b/issues/comments/5", "GET /repos/{o}/{r}/issues/comments/{id}", map[string]string{"o": "a", "r": "b", "id": "5"}},
		{"GET", "/repos/a/b/issues/5/comments", "GET /repos/{o}/{r}/issues/{n}/comments", map[string]string{"o": "a", "r": "b", "n": "5"}},
		{"GET", "/repos/a/b/issues/comments/comments", "GET /repos/{o}/{r}/issues/comments/{id}", map[string]string{"o": "a", "r": "b", "id": "comments"}},
		{"POST", "/repos/a/b/issues/5/comments", "POST /repos/{o}/{r}/issues/{n}/comments", map[string]string{"o": "a", "r": "b", "n": "5"}},
		{"GET", "/repos/a/b/branches", "GET /repos/{o}/{r}/branches", map[string]string{"o": "a", "r": "b"}},
		{"GET", "/repos/a/b/branches/x/y%2Fz", "GET /repos/{o}/{r}/branches/{b...}", map[string]string{"o": "a", "r": "b", "b": "x/y/z"}},
		{"GET", "/repos/a//branches", "", nil},
	} {
		got, parameters, _ := table.Find(c.method, c.path)
		if got != c.want {
			t.Errorf("Find(%s %s) = %q, want %q", c.method, c.path, got, c.want)
		}
		if d := cmp.Diff(c.parameters, parameters); d != "" {
			t.Errorf("Find(%s %s) parameters (-want +got):\n%s", c.method, c.path, d)
		}
	}
}
