package signoff

import (
	"fmt"
	"strconv"
	"strings"
)

// A SubjectKind is what sort of thing is judged.
type SubjectKind string

const (
	PullRequest SubjectKind = "pull"
	// Branch is a governed branch: what is pushed to it without a pull request
	// goes past the bar.
	Branch SubjectKind = "branch"
)

// A Subject is what facts and records belong to. The numbers are GitHub's: names
// of owners and repositories change and are given to others.
type Subject struct {
	Installation int64
	Repository   int64
	Kind         SubjectKind
	Number       int    // of a pull request
	Ref          string // of a branch: "main", without refs/heads/
}

// Key is the subject in one text, which ParseSubject reads.
func (s Subject) Key() string {
	return fmt.Sprintf("%d/%d/%s/%s", s.Installation, s.Repository, s.Kind, s.name())
}

func (s Subject) name() string {
	if s.Kind == PullRequest {
		return strconv.Itoa(s.Number)
	}
	return s.Ref
}

// ParseSubject reads a key.
func ParseSubject(key string) (Subject, error) {
	parts := strings.SplitN(key, "/", 4)
	bad := fmt.Errorf("%q is no subject", key)
	if len(parts) != 4 {
		return Subject{}, bad
	}
	var s Subject
	var err1, err2, err3 error
	s.Installation, err1 = strconv.ParseInt(parts[0], 10, 64)
	s.Repository, err2 = strconv.ParseInt(parts[1], 10, 64)
	s.Kind = SubjectKind(parts[2])
	switch s.Kind {
	case PullRequest:
		s.Number, err3 = strconv.Atoi(parts[3])
	case Branch:
		s.Ref = parts[3]
	default:
		return Subject{}, bad
	}
	if err1 != nil || err2 != nil || err3 != nil || s.Key() != key || s.name() == "" {
		return Subject{}, bad
	}
	return s, nil
}
