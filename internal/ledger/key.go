package ledger

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A Key signs checkpoints. It prints as its public half.
type Key struct {
	note.Signer
	public string
}

// Public returns the verifier key, as sumdb/note writes it: NAME+HASH+BASE64.
// It is no secret, and whoever verifies has to have it from elsewhere than from
// the ledger.
func (k *Key) Public() string   { return k.public }
func (k *Key) String() string   { return k.public }
func (k *Key) GoString() string { return k.public }

// ed25519Algorithm is the first byte of a key's base64 part.
const ed25519Algorithm = 1

// GenerateKey makes a key for a ledger from 32 bytes of random. The secret is
// what ParseKey reads.
func GenerateKey(random io.Reader, origin string) (secret, public string, err error) {
	if err := validOrigin(origin); err != nil {
		return "", "", fmt.Errorf("generate key: %w", err)
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return "", "", fmt.Errorf("generate key: %w", err)
	}
	public, err = publicKey(origin, seed)
	if err != nil {
		return "", "", fmt.Errorf("generate key: %w", err)
	}
	hash := strings.Split(public, "+")[1]
	encoded := base64.StdEncoding.EncodeToString(append([]byte{ed25519Algorithm}, seed...))
	return fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", origin, hash, encoded), public, nil
}

func publicKey(origin string, seed []byte) (string, error) {
	pair := ed25519.NewKeyFromSeed(seed)
	return note.NewEd25519VerifierKey(origin, ed25519.PublicKey(pair[ed25519.SeedSize:]))
}

// ParseKey reads a secret key as it stands in a file or in the environment,
// with white space around it. No error holds any part of it.
func ParseKey(text []byte, origin string) (*Key, error) {
	secret := string(bytes.TrimSpace(text))
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, errors.New("parse ledger key: not a signer key as PRIVATE+KEY+NAME+HASH+BASE64")
	}
	if signer.Name() != origin {
		return nil, fmt.Errorf("parse ledger key: it is of %q, the ledger is %q", signer.Name(), origin)
	}
	// note has read this part already, and does not give the public key.
	parts := strings.SplitN(secret, "+", 5) // base64 may have a plus itself
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return nil, errors.New("parse ledger key: malformed") // unreachable: NewSigner refuses it
	}
	public, err := publicKey(origin, raw[1:])
	if err != nil {
		return nil, errors.New("parse ledger key: malformed") // unreachable: the size is right
	}
	return &Key{signer, public}, nil
}

// ParsePublicKey reads a verifier key. Its errors do not quote the key, for it
// may be the secret one, given by mistake.
func ParsePublicKey(public string) (note.Verifier, error) {
	v, err := note.NewVerifier(public)
	if err != nil {
		return nil, fmt.Errorf("parse verifier key: %w", err)
	}
	// base64 has several forms for the same bytes; one key has one.
	name, rest, _ := strings.Cut(public, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || fmt.Sprintf("%s+%08x+%s", name, v.KeyHash(), base64.StdEncoding.EncodeToString(raw)) != public {
		return nil, errors.New("parse verifier key: it is not written as it should be")
	}
	return v, nil
}

// Rotation is the entry from which on a new key signs. The first checkpoint
// that covers it has to be signed by both, and kept: it is why anyone who
// trusts the old key trusts the new one.
func Rotation(at time.Time, old, next *Key) Entry {
	return Entry{Type: KeyRotated, At: at, Strings: map[string]string{"old": old.public, "new": next.public}}
}
