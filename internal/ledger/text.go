package ledger

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Digest is the SHA-256 of a salt and a text.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// parseDigest reads 64 lower-case hex digits.
func parseDigest(s string) (d Digest, err error) {
	if len(s) != 2*len(d) || !lowerHex(s) {
		return Digest{}, fmt.Errorf("digest %q is not 64 hex digits in lower case", s)
	}
	_, err = hex.Decode(d[:], []byte(s))
	return d, err
}

// SaltSize is the number of random bytes before a text: so many that a text
// cannot be found by trying likely ones once its salt is erased.
const SaltSize = 32

// Redactable is what a person wrote. It is kept apart from the leaf, which
// holds its digest only: with salt and text erased nothing of it is left, and
// the tree still holds.
type Redactable struct {
	Salt [SaltSize]byte
	Text string
}

// NewRedactable takes the salt from random.
func NewRedactable(random io.Reader, text string) (Redactable, error) {
	r := Redactable{Text: text}
	if _, err := io.ReadFull(random, r.Salt[:]); err != nil {
		return Redactable{}, fmt.Errorf("read a salt: %w", err)
	}
	if r.Salt == ([SaltSize]byte{}) {
		return Redactable{}, errors.New("the salt is all zeros: the source of randomness is broken")
	}
	return r, nil
}

// Digest is SHA-256(salt ‖ text). The salt's length is fixed, so that no two
// pairs give the same input.
func (r Redactable) Digest() Digest {
	h := sha256.New()
	h.Write(r.Salt[:])
	io.WriteString(h, r.Text) // a hash returns no error
	return Digest(h.Sum(nil))
}

// Is reports whether it is the text that a leaf holds the digest of.
func (r Redactable) Is(d Digest) bool {
	own := r.Digest()
	return subtle.ConstantTimeCompare(own[:], d[:]) == 1
}

func lowerHex(s string) bool { return strings.Trim(s, hexDigits) == "" }
