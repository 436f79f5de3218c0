package debt

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Fingerprint names a finding across revisions. It is made of the rule (by its
// current id), the package, the symbol and the flagged tokens, and of nothing
// that changes while the finding stays: no position, file or message. Equal
// findings in one symbol share one fingerprint.
//
// The prefix names the scheme: a fingerprint is stored, so a change of what
// goes into it is a new scheme and never a silent one.
func Fingerprint(m Measure) string {
	rule := m.Rule
	if r, ok := Lookup(rule); ok {
		rule = r.ID
	}
	// Length-prefixed, so that ("a", "bc") and ("ab", "c") differ.
	var text []byte
	for _, field := range []string{rule, m.Package, m.Symbol, m.Node} {
		text = binary.BigEndian.AppendUint64(text, uint64(len(field)))
		text = append(text, field...)
	}
	sum := sha256.Sum256(text)
	return "fp1:" + hex.EncodeToString(sum[:16])
}
