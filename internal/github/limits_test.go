package github

import (
	"net/http/httptest"
	"testing"
)

// TestCreatesContent: only what notifies people counts as content.
func TestCreatesContent(t *testing.T) {
	for request, want := range map[[2]string]bool{
		{"POST", "/repos/a/b/issues/1/comments"}:             true,
		{"POST", "/repos/a/b/pulls/1/reviews"}:               true,
		{"POST", "/repos/a/b/pulls/1/requested_reviewers"}:   true,
		{"PATCH", "/repos/a/b/issues/comments/1"}:            false,
		{"DELETE", "/repos/a/b/pulls/1/requested_reviewers"}: false,
		{"POST", "/repos/a/b/check-runs"}:                    false,
		{"POST", "/repos/a/b/issues/comments/1/reactions"}:   false,
		{"POST", "/app/hook/deliveries/1/attempts"}:          false,
		{"POST", "/app/installations/1/access_tokens"}:       false,
		{"GET", "/repos/a/b/issues/1/comments"}:              false,
	} {
		if got := createsContent(httptest.NewRequest(request[0], request[1], nil)); got != want {
			t.Errorf("createsContent(%v) = %v, want %v", request, got, want)
		}
	}
}
