package slack

import (
	"slices"
	"testing"
)

// TestScopes: what the doctor looks for is what the manifest asks for.
func TestScopes(t *testing.T) {
	asked := manifestScopes(t)
	slices.Sort(asked)
	if !slices.Equal(asked, Scopes) {
		t.Errorf("the manifest asks for %q, and Scopes are %q", asked, Scopes)
	}
}
