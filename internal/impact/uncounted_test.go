package impact

import "testing"

func TestUncounted(t *testing.T) {
	for file, want := range map[string]bool{
		"pay/flow.go":                  false,
		"pay/flow_test.go":             true,
		"go.mod":                       false,
		"go.sum":                       true,
		"api/v1/api.pb.go":             true,
		"api/zz_generated.deepcopy.go": true,
		"vendor/a/a.go":                true,
		"pay/testdata/a.go":            true,
		"README.md":                    true,
		"docs/index.html":              true,
		"web/ui/app.ts":                false,
		"web/ui/package-lock.json":     true,
		".github/workflows/ci.yml":     false,
		"mock/mock_store.go":           true,
	} {
		if got := Uncounted(file); got != want {
			t.Errorf("Uncounted(%q) = %t, want %t", file, got, want)
		}
	}
}
