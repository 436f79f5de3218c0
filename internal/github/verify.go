package github

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// LeastSecret is the least number of bytes of a webhook secret.
const LeastSecret = 32

// MaxBody is the largest payload that GitHub sends, in bytes.
// Source: docs.github.com/en/webhooks/webhook-events-and-payloads, "Payload cap".
const MaxBody = 25 << 20

const signatureHeader = "X-Hub-Signature-256"

// Webhook checks that a request was sent by GitHub, for us.
type Webhook struct{ secrets [][]byte }

// NewWebhook takes the secret, or two while one is being replaced. An empty or
// short secret is refused: the signature by it proves nothing.
func NewWebhook(secrets ...[]byte) (*Webhook, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no webhook secret")
	}
	if len(secrets) > 2 {
		return nil, fmt.Errorf("%d webhook secrets; two are enough to replace one", len(secrets))
	}
	w := &Webhook{}
	for _, s := range secrets {
		if len(s) < LeastSecret {
			return nil, fmt.Errorf("webhook secret of %d bytes, %d at least", len(s), LeastSecret)
		}
		w.secrets = append(w.secrets, append([]byte(nil), s...))
	}
	return w, nil
}

// ErrSignature is a request that GitHub did not send, or not for us. It says
// which by its text, for our log only: the sender gets 401 and no word.
var ErrSignature = errors.New("signature refused")

// Verify checks the signature of the body, before anything of it is read.
//
// Only X-Hub-Signature-256 counts, and exactly one: of two headers, the one that
// is checked and the one that another reader takes may differ. The older
// X-Hub-Signature, by SHA-1, is not looked at.
func (w *Webhook) Verify(header http.Header, body []byte) error {
	values := header.Values(signatureHeader)
	switch len(values) {
	case 0:
		return fmt.Errorf("%w: no %s", ErrSignature, signatureHeader)
	case 1:
	default:
		return fmt.Errorf("%w: %d headers %s", ErrSignature, len(values), signatureHeader)
	}
	digits, ok := strings.CutPrefix(values[0], "sha256=")
	if !ok || len(digits) != hex.EncodedLen(sha256.Size) {
		return fmt.Errorf("%w: not of the form sha256=, 64 hexadecimal digits", ErrSignature)
	}
	given, err := hex.DecodeString(digits)
	if err != nil {
		return fmt.Errorf("%w: not hexadecimal", ErrSignature)
	}
	// All secrets are tried, so that the time does not tell which it was.
	matched := false
	for _, secret := range w.secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), given) {
			matched = true
		}
	}
	if !matched {
		return fmt.Errorf("%w: of another secret or another body", ErrSignature)
	}
	return nil
}
