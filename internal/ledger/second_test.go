package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A second verifier, written from docs/ledger.md and from the RFCs. It shares
// no code with the package or with what the package imports: the tree is
// computed by the recursion of RFC 6962, the note is taken apart by hand, the
// signature is checked by crypto/ed25519 alone. It knows of bytes, indexes,
// signatures and rotations, and nothing of what an entry means.

// secondVerify returns nil where the export holds: the leaves against the
// notes, of which each has to match, and be signed by whom it should.
func secondVerify(export []byte, notes [][]byte, publicKey string) error {
	var leaves [][]byte
	if len(export) > 0 {
		if export[len(export)-1] != '\n' {
			return errors.New("the last line does not end")
		}
		leaves = bytes.Split(export[:len(export)-1], []byte("\n"))
	}
	type change struct {
		size     int
		old, new string
	}
	var changes []change
	for i, leaf := range leaves {
		var entry struct {
			Index   *int              `json:"index"`
			Type    string            `json:"type"`
			Strings map[string]string `json:"strings"`
		}
		if err := json.Unmarshal(leaf, &entry); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		if entry.Index == nil || *entry.Index != i {
			return fmt.Errorf("line %d has another index", i+1)
		}
		if entry.Type == "key-rotated" {
			changes = append(changes, change{i + 1, entry.Strings["old"], entry.Strings["new"]})
		}
	}
	covered := false
	trusted := publicKey
	for i, c := range changes {
		until := len(leaves)
		if i+1 < len(changes) {
			until = changes[i+1].size - 1
		}
		vouched := false
		for _, n := range notes {
			size, err := secondNote(n, leaves, c.old)
			if err == nil && size >= c.size && size <= until {
				_, err = secondNote(n, leaves, c.new)
				vouched = vouched || err == nil
			}
		}
		if c.old != trusted || !vouched {
			return fmt.Errorf("line %d: nobody vouches for the new key", c.size)
		}
		trusted = c.new
	}
	for _, n := range notes {
		size, err := secondSize(n)
		if err != nil {
			return err
		}
		key := publicKey
		for _, c := range changes {
			if size >= c.size {
				key = c.new
			}
		}
		if _, err := secondNote(n, leaves, key); err != nil {
			return err
		}
		covered = covered || size > 0
	}
	if !covered && len(leaves) > 0 {
		return errors.New("nothing is signed")
	}
	return nil
}

func secondSize(note []byte) (int, error) {
	lines := strings.Split(string(note), "\n")
	if len(lines) < 6 {
		return 0, errors.New("note too short")
	}
	return strconv.Atoi(lines[1])
}

// secondNote checks that a key signed a note and that the note is of the
// leaves, and returns its size.
func secondNote(note []byte, leaves [][]byte, publicKey string) (int, error) {
	size, err := secondSize(note)
	if err != nil {
		return 0, err
	}
	lines := strings.Split(string(note), "\n")
	if lines[3] != "" || lines[len(lines)-1] != "" {
		return 0, errors.New("malformed note")
	}
	name, rest, _ := strings.Cut(publicKey, "+")
	id, encoded, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) != 33 || key[0] != 1 || name != lines[0] {
		return 0, errors.New("malformed key, or of another ledger")
	}
	sum := sha256.Sum256([]byte(name + "\n" + string(key)))
	if fmt.Sprintf("%x", sum[:4]) != id {
		return 0, errors.New("wrong key id")
	}
	text := strings.Join(lines[:3], "\n") + "\n"
	signed := false
	for _, line := range lines[4 : len(lines)-1] {
		fields := strings.Split(line, " ")
		if len(fields) != 3 || fields[0] != "—" {
			return 0, errors.New("malformed signature line")
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(fields[2])
		if err != nil || len(raw) < 4 {
			return 0, errors.New("malformed signature")
		}
		if fields[1] == name && bytes.Equal(raw[:4], sum[:4]) {
			signed = ed25519.Verify(key[1:], []byte(text), raw[4:])
			break
		}
	}
	if !signed {
		return 0, errors.New("not signed by this key")
	}
	if size > len(leaves) {
		return 0, fmt.Errorf("%d entries, the checkpoint has %d", len(leaves), size)
	}
	root := secondRoot(leaves[:size])
	if base64.StdEncoding.EncodeToString(root[:]) != lines[2] {
		return 0, errors.New("another root")
	}
	return size, nil
}

// secondRoot is MTH of RFC 6962, section 2.1.
func secondRoot(leaves [][]byte) [32]byte {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	left, right := secondRoot(leaves[:k]), secondRoot(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}
