// Package contract judges requests and responses of GitHub's REST API by
// GitHub's own OpenAPI description, API version 2022-11-28, cut down to the
// operations that the bot uses (scripts/openapi-trim). It is for tests only.
package contract

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/barraiser/barraiser/internal/github/githubtest/paths"
)

//go:embed testdata/openapi.json
var description []byte

// operations are what is described. They are not found by the routers of
// kin-openapi, which give a parameter one segment: a path or a branch has more.
type operations = paths.Table[*routers.Route]

var load = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err != nil {
		return nil, fmt.Errorf("load GitHub's description: %w", err)
	}
	err = doc.Validate(context.Background(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaPatternValidation())
	if err != nil {
		return nil, fmt.Errorf("validate GitHub's description: %w", err)
	}
	return doc, nil
})

// slashed marks the parameters that hold slashes. Each is the last of its path.
func slashed(path string) string {
	for _, name := range []string{"path", "branch", "basehead"} {
		if rest, ok := strings.CutSuffix(path, "/{"+name+"}"); ok {
			return rest + "/{" + name + "...}"
		}
	}
	if rest, ok := strings.CutSuffix(path, "/git/ref/{ref}"); ok {
		return rest + "/git/ref/{ref...}"
	}
	return path
}

// Operations are what is described, as "GET /app", sorted.
func Operations() ([]string, error) {
	doc, err := load()
	if err != nil {
		return nil, err
	}
	var list []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			list = append(list, method+" "+path)
		}
	}
	slices.Sort(list)
	return list, nil
}

// allowed are requests and answers that break the description and are right all
// the same, each with the reason for which the judge lets it pass.
var allowed = []struct {
	operation string // any when empty
	status    int    // of a response; 0 for a request
	complaint string // a part of the judge's
	reason    string
}{
	{"POST /app/installations/{installation_id}/access_tokens", 0, "Value is not nullable", "ghinstallation v2.10.0 sends null for no options, and GitHub takes it"},
	{"GET /repos/{owner}/{repo}/contents/{path}", 0, "value is required but missing", "the root folder has an empty path"},
	{"POST /repos/{owner}/{repo}/pulls/{pull_number}/comments", 0, "is missing", "go-github v60 answers a comment by its id alone, and GitHub ignores all but the body then"},
	{"GET /app/installations", http.StatusOK, "/account", "the list wants an account to be a user and an enterprise at once"},
	{"", http.StatusOK, "/head/repo: Value is not nullable", "null where the fork was deleted; the description says never"},
	{"", http.StatusUnauthorized, "status is not supported", "any operation refuses a bad token; few list it"},
	{"", http.StatusForbidden, "status is not supported", "any operation refuses a missing permission or a secondary limit; few list it"},
	{"", http.StatusNotFound, "status is not supported", "what may not be seen is not there; many do not list it"},
	{"", http.StatusUnprocessableEntity, "status is not supported", "check runs are validated, and their operations list no 422"},
	{"", http.StatusTooManyRequests, "status is not supported", "docs.github.com names 429 for rate limits; no operation lists it"},
	{"", http.StatusInternalServerError, "", "GitHub's front end answers in HTML"},
	{"", http.StatusBadGateway, "", "GitHub's front end answers in HTML"},
	{"", http.StatusServiceUnavailable, "", "GitHub's front end answers in HTML"},
	{"", http.StatusGatewayTimeout, "", "GitHub's front end answers in HTML"},
}

// objections are the complaints in an error that are not allowed.
func objections(operation string, status int, err error) []string {
	var list []string
	for _, c := range complaints(err) {
		pass := false
		for _, a := range allowed {
			pass = pass || (a.operation == "" || a.operation == operation) && a.status == status && strings.Contains(c, a.complaint)
		}
		if !pass {
			list = append(list, c)
		}
	}
	return list
}

// complaints are the single faults in an error, each with its place, without
// the schema and the value, which kin-openapi prints whole.
func complaints(err error) []string {
	if err == nil {
		return nil
	}
	if several, ok := errors.AsType[openapi3.MultiError](err); ok {
		var list []string
		for _, e := range several {
			list = append(list, complaints(e)...)
		}
		return list
	}
	if at, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		text := "/" + strings.Join(at.JSONPointer(), "/") + ": " + at.Reason
		if at.Origin == nil {
			return []string{text}
		}
		for _, inner := range complaints(at.Origin) {
			text += "\n\t" + inner
		}
		return []string{text}
	}
	return []string{err.Error()}
}

// Judge passes requests on to next and fails the test on each request or
// response that breaks the description. It may be used by several goroutines.
func Judge(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	doc, err := load()
	if err != nil {
		t.Fatal(err)
	}
	j := &transport{t: t, next: next}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			j.operations.Add(method+" "+slashed(path), &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op})
		}
	}
	return j
}

type transport struct {
	operations operations
	t          testing.TB
	next       http.RoundTripper
}

var options = &openapi3filter.Options{
	AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
	MultiError:            true,
	IncludeResponseStatus: true,
	SkipSettingDefaults:   true,
}

func (j *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := drain(&r.Body)
	if err != nil {
		return nil, err
	}
	input, err := j.input(r, body)
	if err != nil {
		j.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		return j.next.RoundTrip(r)
	}
	operation := input.Route.Method + " " + input.Route.Path
	err = openapi3filter.ValidateRequest(r.Context(), input)
	j.report(objections(operation, 0, err), "the request of "+operation, body)
	resp, err := j.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := drain(&resp.Body)
	if err != nil {
		return nil, err
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Options: options,
	}
	out.SetBodyBytes(answer)
	err = openapi3filter.ValidateResponse(r.Context(), out)
	j.report(objections(operation, resp.StatusCode, err), fmt.Sprintf("the answer %d of %s", resp.StatusCode, operation), answer)
	return resp, nil
}

func (j *transport) report(objections []string, what string, body []byte) {
	if len(objections) > 0 {
		const most = 2000
		j.t.Errorf("%s breaks GitHub's description:\n%s\n%s", what, strings.Join(objections, "\n"), body[:min(len(body), most)])
	}
}

// input describes the request to kin-openapi, by a copy: validating reads the
// body.
func (j *transport) input(r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	route, parameters, ok := j.operations.Find(r.Method, r.URL.EscapedPath())
	if !ok {
		return nil, errors.New("the operation is not described; add it to scripts/openapi-trim/operations.txt")
	}
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	return &openapi3filter.RequestValidationInput{Request: copied, PathParams: parameters, Route: route, Options: options}, nil
}

// drain reads a body and puts what was read in its place.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil || *body == http.NoBody {
		return nil, nil
	}
	text, err := io.ReadAll(*body)
	closeErr := (*body).Close()
	*body = io.NopCloser(bytes.NewReader(text))
	return text, errors.Join(err, closeErr)
}
