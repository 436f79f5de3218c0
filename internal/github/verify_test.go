package github

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
)

var (
	secretA = bytes.Repeat([]byte("a"), LeastSecret)
	secretB = bytes.Repeat([]byte("b"), LeastSecret)
)

func sign(secret, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestVerify(t *testing.T) {
	t.Parallel()
	body := []byte(`{"zen":"Keep it logically awesome."}`)
	good := sign(secretA, body)
	old := hmac.New(sha1.New, secretA)
	old.Write(body)
	sha1Only := http.Header{"X-Hub-Signature": {"sha1=" + hex.EncodeToString(old.Sum(nil))}}
	with := func(values ...string) http.Header { return http.Header{"X-Hub-Signature-256": values} }
	changed := bytes.Replace(body, []byte("awesome"), []byte("awesomE"), 1)

	for _, test := range []struct {
		name    string
		secrets [][]byte
		header  http.Header
		body    []byte
		ok      bool
	}{
		{"good", [][]byte{secretA}, with(good), body, true},
		{"upper case digits", [][]byte{secretA}, with("sha256=" + strings.ToUpper(good[7:])), body, true},
		{"first of two secrets", [][]byte{secretA, secretB}, with(good), body, true},
		{"second of two secrets", [][]byte{secretB, secretA}, with(good), body, true},
		{"empty body", [][]byte{secretA}, with(sign(secretA, nil)), nil, true},
		{"missing", [][]byte{secretA}, http.Header{}, body, false},
		{"empty", [][]byte{secretA}, with(""), body, false},
		{"another secret", [][]byte{secretB}, with(good), body, false},
		{"another body", [][]byte{secretA}, with(good), changed, false},
		{"body cut off", [][]byte{secretA}, with(good), body[:len(body)-1], false},
		{"SHA-1 only", [][]byte{secretA}, sha1Only, body, false},
		{"SHA-1 under the name of SHA-256", [][]byte{secretA}, with(sha1Only.Get("X-Hub-Signature")), body, false},
		{"twice the same", [][]byte{secretA}, with(good, good), body, false},
		{"a good one first", [][]byte{secretA}, with(good, sign(secretB, body)), body, false},
		{"two in one", [][]byte{secretA}, with(good + ", " + good), body, false},
		{"without the prefix", [][]byte{secretA}, with(good[7:]), body, false},
		{"prefix in upper case", [][]byte{secretA}, with("SHA256=" + good[7:]), body, false},
		{"one digit short", [][]byte{secretA}, with(good[:len(good)-1]), body, false},
		{"one digit long", [][]byte{secretA}, with(good + "0"), body, false},
		{"half", [][]byte{secretA}, with(good[:7+32]), body, false},
		{"no hexadecimal", [][]byte{secretA}, with("sha256=" + strings.Repeat("g", 64)), body, false},
		{"zeros", [][]byte{secretA}, with("sha256=" + strings.Repeat("0", 64)), body, false},
		{"space before", [][]byte{secretA}, with(" " + good), body, false},
		{"by an empty secret", [][]byte{secretA}, with(sign(nil, body)), body, false},
	} {
		w, err := NewWebhook(test.secrets...)
		if err != nil {
			t.Fatalf("%s: NewWebhook() = %v", test.name, err)
		}
		err = w.Verify(test.header, test.body)
		if test.ok != (err == nil) {
			t.Errorf("%s: Verify() = %v, want ok = %v", test.name, err, test.ok)
		}
		if err != nil && !errors.Is(err, ErrSignature) {
			t.Errorf("%s: Verify() = %v, which is no ErrSignature", test.name, err)
		}
	}
}

func TestNewWebhookRefuses(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string][][]byte{
		"none":             nil,
		"empty":            {{}},
		"31 bytes":         {bytes.Repeat([]byte("a"), 31)},
		"the second short": {secretA, []byte("short")},
		"three":            {secretA, secretB, secretA},
	} {
		if w, err := NewWebhook(secrets...); err == nil {
			t.Errorf("NewWebhook(%s) = %v", name, w)
		}
	}
}
