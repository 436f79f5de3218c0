package contract_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/github/githubtest/contract"
)

// A recorder is a test that a judge may fail.
type recorder struct {
	testing.TB
	complaints []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(_ string, args ...any) {
	r.complaints = append(r.complaints, args[1].(string))
}

// A reply answers every request the same.
type reply struct {
	status int
	body   string
}

func (a reply) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

// TestJudge shows the judge wrong requests and answers: one that never objects
// would let every other test pass.
func TestJudge(t *testing.T) {
	const ref = `{"ref":"refs/heads/a/b","node_id":"x","url":"http://h/x","object":{"type":"commit","sha":"0123456789012345678901234567890123456789","url":"http://h/y"}}`
	for _, c := range []struct {
		name, method, path, body string
		reply                    reply
		want                     string // in the complaint; empty for none
	}{
		{"right", "GET", "/repos/o/r/git/ref/heads/a/b", "", reply{200, ref}, ""},
		{"field missing", "GET", "/repos/o/r/git/ref/heads/a/b", "", reply{200, strings.Replace(ref, `"node_id":"x",`, "", 1)}, `"node_id" is missing`},
		{"wrong type", "GET", "/repos/o/r/git/ref/heads/a/b", "", reply{200, strings.Replace(ref, `"x"`, "7", 1)}, "/node_id: value must be a string"},
		{"no JSON", "GET", "/repos/o/r/git/ref/heads/a/b", "", reply{200, "<html>"}, "decode"},
		{"unlisted status", "GET", "/repos/o/r/git/ref/heads/a/b", "", reply{418, "{}"}, "status is not supported"},
		{"allowed status", "GET", "/repos/o/r/git/ref/heads/a/b", "", reply{403, "{}"}, ""},
		{"front end", "GET", "/repos/o/r/git/ref/heads/a/b", "", reply{502, "<html>"}, ""},
		{"request without a field", "POST", "/repos/o/r/issues/1/comments", `{}`, reply{403, "{}"}, `"body" is missing`},
		{"request without a body", "POST", "/repos/o/r/issues/1/comments", "", reply{403, "{}"}, "value is required"},
		{"number in the path", "GET", "/repos/o/r/pulls/x", "", reply{404, `{}`}, "invalid integer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := &recorder{TB: t}
			req, err := http.NewRequest(c.method, "http://127.0.0.1:1"+c.path, bytes.NewReader([]byte(c.body)))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := contract.Judge(rec, c.reply).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(resp.Body); err != nil || string(text) != c.reply.body {
				t.Errorf("the body after judging = %q, %v", text, err)
			}
			got := strings.Join(rec.complaints, "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("complaints = %q, want %q", got, c.want)
			}
		})
	}
}
