package debt

import "time"

// An Event is something that a trend is read with: it moved no debt by itself.
type Event struct {
	At   time.Time
	Kind EventKind
	Name string // the release's tag, or the mode from then on
	Was  string `json:",omitempty"` // the mode before
}

// EventKind is what happened.
type EventKind string

// The kinds. They are stored: one may be added, none renamed.
const (
	Released    EventKind = "release"
	ModeChanged EventKind = "mode"
)
