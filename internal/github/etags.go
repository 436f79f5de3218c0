package github

import (
	"bytes"
	"container/list"
	"io"
	"net/http"
	"sync"
)

// Answers that did not change are not sent again and do not count against the
// rate limit. Source: docs.github.com/en/rest/using-the-rest-api/
// best-practices-for-using-the-rest-api, "Use conditional requests if appropriate".
const (
	largestAnswer = 1 << 20  // bytes; a larger one is not kept
	keptAnswers   = 64 << 20 // bytes of all
)

// etags keeps answers in memory, those that were used last.
type etags struct {
	limit int

	mu   sync.Mutex
	size int
	keys map[answerKey]*list.Element
	used *list.List // of *answer, the latest first
}

// answerKey names an answer: what one scope may see, another may not.
type answerKey struct {
	scope       scope
	url, accept string
}

type answer struct {
	key    answerKey
	etag   string
	header http.Header
	body   []byte
}

func newETags() *etags {
	return &etags{limit: keptAnswers, keys: map[answerKey]*list.Element{}, used: list.New()}
}

func (c *etags) get(key answerKey) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.keys[key]
	if e == nil {
		return nil
	}
	c.used.MoveToFront(e)
	return e.Value.(*answer)
}

func (c *etags) put(a *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.keys[a.key]; e != nil {
		c.drop(e)
	}
	c.keys[a.key] = c.used.PushFront(a)
	c.size += len(a.body)
	for c.size > c.limit {
		c.drop(c.used.Back())
	}
}

func (c *etags) drop(e *list.Element) {
	a := c.used.Remove(e).(*answer)
	delete(c.keys, a.key)
	c.size -= len(a.body)
}

// conditional is the transport that asks whether an answer has changed.
type conditional struct {
	cache *etags
	scope scope
	base  http.RoundTripper
}

func (t *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return t.base.RoundTrip(req)
	}
	key := answerKey{t.scope, req.URL.String(), req.Header.Get("Accept")}
	kept := t.cache.get(key)
	if kept != nil {
		req = req.Clone(req.Context())
		req.Header.Set("If-None-Match", kept.etag)
	}
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch {
	case kept != nil && resp.StatusCode == http.StatusNotModified:
		resp.Body.Close()
		return kept.again(resp), nil
	case resp.StatusCode == http.StatusOK && resp.Header.Get("ETag") != "":
		return t.keep(key, resp)
	}
	return resp, nil
}

func (t *conditional) keep(key answerKey, resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer+1))
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	if len(body) > largestAnswer {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), resp.Body), resp.Body}
		return resp, nil
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	t.cache.put(&answer{key: key, etag: resp.Header.Get("ETag"), header: resp.Header.Clone(), body: body})
	return resp, nil
}

// again is the kept answer, with what the new one says of limits.
func (a *answer) again(fresh *http.Response) *http.Response {
	header := a.header.Clone()
	for name, values := range fresh.Header {
		if name != "Content-Length" && name != "Content-Type" {
			header[name] = values
		}
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: fresh.Proto, ProtoMajor: fresh.ProtoMajor, ProtoMinor: fresh.ProtoMinor,
		Header: header, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: fresh.Request,
	}
}
