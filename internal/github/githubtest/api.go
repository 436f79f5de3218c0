package githubtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest/paths"
)

// maxBody is more than any request of the bot.
const maxBody = 10 << 20

// hourlyLimit is what an installation may ask in an hour,
// docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
// "Primary rate limit for GitHub App installations". It is counted and shown;
// beyond it the count stands at one left, so that a long test is not stopped by
// a limit that it did not ask for. [Fault] makes the refusals.
const hourlyLimit = 5000

// A call is one request to the API, while it is answered.
type call struct {
	*Server
	r      *http.Request
	body   []byte
	who    *actor
	repo   *repository // of {owner} and {repo}, nil where the path has none
	header http.Header // of the answer
	status int         // of a success, as the route says unless changed
}

// serveAPI answers one request as its route says.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	rt, parameters, ok := s.rest.Find(r.Method, r.URL.EscapedPath())
	if !ok {
		w.Header().Set("X-Githubtest", "no-route")
		writeError(w, refuse(http.StatusNotFound, "Not Found (the simulated GitHub has no %s %s)", r.Method, r.URL.Path))
		return
	}
	for name, value := range parameters {
		r.SetPathValue(name, value)
	}
	s.serveRoute(w, r, body, rt)
}

// apiRoutes is the table of routes, ready to be searched.
func apiRoutes() *paths.Table[route] {
	table := &paths.Table[route]{}
	for _, rt := range routes {
		table.Add(rt.pattern, rt)
	}
	return table
}

// serveRoute answers one request, alone.
func (s *Server) serveRoute(w http.ResponseWriter, r *http.Request, body []byte, rt route) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{Server: s, r: r, body: body, header: w.Header(), status: rt.status}
	answer, err := c.run(rt)
	s.setRate(w.Header(), c.who)
	if err != nil {
		writeRefusal(w, err, strings.Contains(rt.pattern, "/reviews"))
		return
	}
	if c.status == http.StatusNoContent {
		w.WriteHeader(c.status)
		return
	}
	text, err := json.Marshal(answer)
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, r, c.status, text)
}

func (c *call) run(rt route) (any, error) {
	var err error
	if c.who, err = c.authenticate(c.r); err != nil {
		return nil, err
	}
	if err := c.who.admit(rt); err != nil {
		return nil, err
	}
	if c.r.PathValue("repo") != "" {
		if c.repo, err = c.visible(c.who, c.r.PathValue("owner"), c.r.PathValue("repo")); err != nil {
			return nil, err
		}
	}
	if err := c.who.permit(rt.need); err != nil {
		return nil, err
	}
	return rt.serve(c)
}

// writeJSON answers a read by 304 when the client has that very answer,
// docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
// "Use conditional requests if appropriate".
func writeJSON(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	if r.Method == http.MethodGet && status == http.StatusOK {
		tag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(text))
		w.Header().Set("ETag", tag)
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(text)
}

func writeError(w http.ResponseWriter, err error) { writeRefusal(w, err, false) }

// writeRefusal answers by an error. Most operations list what is wrong as
// objects, those of reviews as plain text: the description has both schemas,
// validation-error and validation-error-simple.
func writeRefusal(w http.ResponseWriter, err error, plain bool) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = refuse(http.StatusInternalServerError, "%s", err)
	}
	docs := "https://docs.github.com/rest"
	if e.docs != "" {
		docs = e.docs
	}
	body := object{"message": e.Message, "documentation_url": docs, "status": strconv.Itoa(e.Status)}
	switch {
	case len(e.Errors) > 0 && plain:
		body["errors"] = e.Errors
	case len(e.Errors) > 0:
		body["errors"] = validationErrors(e.Errors)
	}
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(e.Status)
	w.Write(text)
}

func validationErrors(messages []string) []object {
	list := make([]object, len(messages))
	for i, m := range messages {
		list[i] = object{"code": "custom", "message": m}
	}
	return list
}

// setRate counts the request and puts the headers of
// docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
// "Checking the status of your rate limit".
func (s *Server) setRate(h http.Header, who *actor) {
	used, reset := s.rate(who, 1)
	h.Set("X-Ratelimit-Limit", strconv.Itoa(hourlyLimit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(hourlyLimit-used))
	h.Set("X-Ratelimit-Used", strconv.Itoa(used))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	h.Set("X-Ratelimit-Resource", "core")
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	h.Set("X-GitHub-Api-Version-Selected", "2022-11-28")
}

func (s *Server) rate(who *actor, more int) (used int, reset time.Time) {
	now := s.now()
	if now.Sub(s.window) >= time.Hour || now.Before(s.window) {
		s.window = now
		clear(s.used)
	}
	key := who.key()
	s.used[key] += more
	return min(s.used[key], hourlyLimit-1), s.window.Add(time.Hour)
}

// decode reads the body of the request; an empty body leaves v as it is.
func (c *call) decode(v any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return refuse(http.StatusUnprocessableEntity, "Invalid request.\n\n%s", err)
		}
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	return nil
}

// number is a number in the path; one that is none names nothing.
func (c *call) number(name string) (int64, error) {
	n, err := strconv.ParseInt(c.r.PathValue(name), 10, 64)
	if err != nil {
		return 0, notFound()
	}
	return n, nil
}

// pageOf cuts one page out of a list and puts the Link header,
// docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api:
// 30 to a page unless per_page says otherwise, 100 at most.
func pageOf[T any](c *call, list []T) []T {
	per := c.queryInt("per_page", 30)
	if per < 1 {
		per = 30
	}
	per = min(per, 100)
	page := max(c.queryInt("page", 1), 1)
	last := max((len(list)+per-1)/per, 1)
	var links []string
	link := func(p int, rel string) {
		q := c.r.URL.Query()
		q.Set("page", strconv.Itoa(p))
		u := url.URL{Path: c.r.URL.Path, RawPath: c.r.URL.RawPath, RawQuery: q.Encode()}
		links = append(links, fmt.Sprintf(`<%s%s>; rel="%s"`, c.URL(), u.String(), rel))
	}
	if page > 1 {
		link(min(page-1, last), "prev")
	}
	if page < last {
		link(page+1, "next")
		link(last, "last")
	}
	if page > 1 {
		link(1, "first")
	}
	if len(links) > 0 {
		c.header.Set("Link", strings.Join(links, ", "))
	}
	from := min((page-1)*per, len(list))
	return list[from:min(from+per, len(list))]
}

func (c *call) queryInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(c.r.URL.Query().Get(name)); err == nil {
		return n
	}
	return otherwise
}

// drawn makes the JSON of each entry of one page.
func drawn[T any](c *call, list []T, draw func(T) object) []object {
	out := []object{}
	for _, e := range pageOf(c, list) {
		out = append(out, draw(e))
	}
	return out
}
