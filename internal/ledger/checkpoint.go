package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint says what a ledger held when it had so many entries. Signed, it
// is the note of https://c2sp.org/tlog-checkpoint.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash // RFC 6962, section 2.1
}

// Text is the body of the note, three lines.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// ParseCheckpoint reads what Text writes, and nothing else: the specification
// permits more lines, and this program signs none.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, fmt.Errorf("parse checkpoint: %d lines, want 3", strings.Count(text, "\n"))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > maxInteger {
		return Checkpoint{}, fmt.Errorf("parse checkpoint: size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("parse checkpoint: root %q is not the base64 of 32 bytes", lines[2])
	}
	c := Checkpoint{lines[0], size, root}
	if err := validOrigin(c.Origin); err != nil {
		return Checkpoint{}, fmt.Errorf("parse checkpoint: %w", err)
	}
	if size == 0 && root != emptyRoot {
		return Checkpoint{}, errors.New("parse checkpoint: size 0 and not the root of an empty tree")
	}
	if c.Text() != text {
		return Checkpoint{}, errors.New("parse checkpoint: size or root are not written as they should be")
	}
	return c, nil
}

var emptyRoot, _ = tlog.TreeHash(0, nil) // reads nothing and returns no error for size 0

// Sign returns the signed note. After a rotation the first checkpoint is signed
// by the old key and the new one.
func (c Checkpoint) Sign(keys ...*Key) ([]byte, error) {
	if _, err := ParseCheckpoint(c.Text()); err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	if len(keys) == 0 {
		return nil, errors.New("sign checkpoint: no key")
	}
	signers := make([]note.Signer, 0, len(keys))
	for _, k := range keys {
		if k.Name() != c.Origin {
			return nil, fmt.Errorf("sign checkpoint of %q: the key is of %q", c.Origin, k.Name())
		}
		signers = append(signers, k)
	}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return signed, nil
}

// OpenCheckpoint reads a signed note and requires the signature of each of the
// keys, of which there has to be one at least. Further signatures are not
// looked at: they may be of witnesses.
func OpenCheckpoint(signed []byte, keys ...note.Verifier) (Checkpoint, error) {
	c, err := parseNote(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	if len(keys) == 0 {
		return Checkpoint{}, errors.New("open checkpoint: no key to verify it by")
	}
	for _, k := range keys {
		if k.Name() != c.Origin {
			return Checkpoint{}, fmt.Errorf("open checkpoint of %q: the key is of %q", c.Origin, k.Name())
		}
		if _, err := note.Open(signed, note.VerifierList(k)); err != nil {
			if _, missing := errors.AsType[*note.UnverifiedNoteError](err); missing {
				return Checkpoint{}, fmt.Errorf("open checkpoint of size %d: not signed by %s+%08x", c.Size, k.Name(), k.KeyHash())
			}
			return Checkpoint{}, fmt.Errorf("open checkpoint of size %d: %w", c.Size, err)
		}
	}
	return c, nil
}

// maxNote bounds a note: three lines and the signatures of a few witnesses.
const maxNote = 64 << 10

// parseNote reads the checkpoint in a note and looks at no signature but for
// its form.
func parseNote(signed []byte) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, fmt.Errorf("parse note: %d bytes, more than %d", len(signed), maxNote)
	}
	text, signatures, ok := bytes.Cut(signed, []byte("\n\n"))
	if !ok || len(signatures) == 0 || signatures[len(signatures)-1] != '\n' {
		return Checkpoint{}, errors.New("parse note: no signature after a blank line")
	}
	for line := range bytes.Lines(signatures) {
		if !validSignature(string(line[:len(line)-1])) {
			return Checkpoint{}, fmt.Errorf("parse note: malformed signature line %q", line)
		}
	}
	return ParseCheckpoint(string(text) + "\n")
}

const signaturePrefix = "— "

// validSignature is stricter than note.Open: base64 has several forms for the
// same bytes, and a changed byte should be seen wherever it is.
func validSignature(line string) bool {
	line, ok := strings.CutPrefix(line, signaturePrefix)
	name, encoded, found := strings.Cut(line, " ")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	return ok && found && name != "" && err == nil && base64.StdEncoding.EncodeToString(raw) == encoded
}
