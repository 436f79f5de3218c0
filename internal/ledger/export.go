package ledger

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// An export is two files that need nothing of this program to be read. One has
// a leaf a line, the canonical bytes as they are, so that line n+1 is entry n
// and
//
//	(printf '\000'; sed -n 43p ledger.jsonl | tr -d '\n') | sha256sum
//
// is its hash in the tree. The other has the signed notes, one after the other.

// WriteLeaves writes the leaves and returns how many there were. It writes
// damaged ones as they are, as evidence, unless a line cannot hold them.
func WriteLeaves(w io.Writer, leaves iter.Seq2[[]byte, error]) (n int64, err error) {
	out := bufio.NewWriter(w)
	for leaf, err := range leaves {
		if err == nil {
			err = validLine(leaf)
		}
		if err == nil {
			out.Write(leaf) // Flush returns the error
			err = out.WriteByte('\n')
		}
		if err != nil {
			return n, fmt.Errorf("export entry %d: %w", n, err)
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, fmt.Errorf("export entries: %w", err)
	}
	return n, nil
}

func validLine(leaf []byte) error {
	switch {
	case len(leaf) == 0:
		return errors.New("an empty line")
	case len(leaf) > MaxLeaf:
		return fmt.Errorf("a line of more than %d bytes", MaxLeaf)
	case bytes.ContainsAny(leaf, "\r\n"):
		return errors.New("a line break within a leaf, which no leaf has")
	}
	return nil
}

// ReadLeaves reads what WriteLeaves wrote. It holds the lines to their form
// only; what is in them is for Verify. A leaf is valid until the next one is
// asked for. After an error there is none.
func ReadLeaves(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in := bufio.NewReaderSize(r, MaxLeaf+2)
		for n := int64(1); ; n++ {
			line, err := in.ReadSlice('\n')
			switch {
			case err == io.EOF && len(line) == 0:
				return
			case err == io.EOF:
				err = errors.New("the last line does not end: the file was cut")
			case errors.Is(err, bufio.ErrBufferFull):
				err = fmt.Errorf("a line of more than %d bytes", MaxLeaf)
			}
			if err == nil {
				line = line[:len(line)-1]
				err = validLine(line)
			}
			if err != nil {
				yield(nil, fmt.Errorf("read line %d: %w", n, err))
				return
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}

// noteLines is how many lines a note has before its signatures: the checkpoint
// and a blank one.
const noteLines = 4

// JoinNotes writes notes into one file. A note has a known number of lines
// before its signatures, and these begin as nothing else does: there is no
// separator.
func JoinNotes(notes [][]byte) []byte { return bytes.Join(notes, nil) }

// SplitNotes reads a file of notes, in their order. It looks at their form, not
// at whose the signatures are.
func SplitNotes(file []byte) ([][]byte, error) {
	var notes [][]byte
	for rest := file; len(rest) > 0; {
		end := noteEnd(rest)
		signed := rest[:end:end]
		if _, err := parseNote(signed); err != nil {
			return nil, fmt.Errorf("read note %d: %w", len(notes)+1, err)
		}
		notes, rest = append(notes, signed), rest[end:]
	}
	return notes, nil
}

// noteEnd is where the signatures of the first note end.
func noteEnd(file []byte) int {
	end, n := 0, 0
	for line := range bytes.Lines(file) {
		if n >= noteLines && !bytes.HasPrefix(line, []byte(signaturePrefix)) {
			break
		}
		end, n = end+len(line), n+1
	}
	return end
}
