package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Contributors are those who had a hand in some commits. There is one of each
// e-mail address, which is in lower case, in the order of addresses; one
// without an address has the name alone.
type Contributors struct {
	// Authors wrote, alone or with others: those whom a line "Co-authored-by:
	// Name <address>" of a message names are of them. A Signed-off-by is no
	// authorship.
	Authors []Person
	// Committers only put in what others wrote.
	Committers []Person
}

// Contributors returns who had a hand in the commits that can be reached from
// head and not from base, by whatever parent.
//
// Who had a hand in a change may not sign it off, so nobody is left out for a
// message that is odd or long: that is an error.
func (r *Repo) Contributors(ctx context.Context, base, head string) (Contributors, error) {
	s, err := r.commitsSay(ctx, base, head)
	if err == nil {
		err = s.long
	}
	if err != nil {
		return Contributors{}, fmt.Errorf("list the authors of %s..%s: %w", short(base), short(head), r.explain(ctx, err))
	}
	return Contributors{s.authors.sorted(), s.committers.sorted()}, nil
}

// said is what some commits say: who made them, and what they take back.
type said struct {
	base, head          string
	authors, committers people
	long                error    // a message of which nobody read all
	reverted            []string // names of commits, as messages have them
	revertedTitles      []string
}

// commitsSay reads the commits that can be reached from head and not from base. Who
// made them and what they take back is asked one after the other, so the last answer
// is remembered.
func (r *Repo) commitsSay(ctx context.Context, base, head string) (*said, error) {
	r.mu.Lock()
	last := r.lastSaid
	r.mu.Unlock()
	if last != nil && last.base == base && last.head == head {
		return last, nil
	}
	s := &said{base: base, head: head, authors: people{}, committers: people{}}
	err := r.revList(ctx, true, func(c commit) error {
		if c.cut && s.long == nil {
			s.long = fmt.Errorf("the message of %s has more than %d bytes, past which nobody looks for co-authors", short(c.hash), maxMessage)
		}
		s.authors.add(c.author)
		s.committers.add(c.committer)
		for p := range coAuthors(c.message) {
			s.authors.add(p)
		}
		s.hearReverts(c)
		return nil
	}, "--end-of-options", head, "^"+base)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(s.committers, func(key Person, _ Person) bool { return s.authors[key] != Person{} })
	if validOID(base) && validOID(head) { // else another commit may have the name next time
		r.mu.Lock()
		r.lastSaid = s
		r.mu.Unlock()
	}
	return s, nil
}

// people holds one of each address.
type people map[Person]Person

func (m people) add(p Person) {
	p = Person{Name: strings.TrimSpace(p.Name), Email: strings.ToLower(strings.TrimSpace(p.Email))}
	key := Person{Email: p.Email}
	if p.Email == "" {
		key.Name = p.Name
	}
	if was, ok := m[key]; !ok || p.Name < was.Name { // whatever the order of commits
		m[key] = p
	}
}

func (m people) sorted() []Person {
	return slices.SortedFunc(maps.Values(m), func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.Email, b.Email), cmp.Compare(a.Name, b.Name))
	})
}

// User is who commits here, as git's configuration says; the zero Person where
// it does not.
func (r *Repo) User(ctx context.Context) (Person, error) {
	// The exit status is 1 where neither is set.
	out, err := r.here("config", "-z", "--get-regexp", `^user\.(name|email)$`).text(ctx, maxLine)
	if cmdErr, ok := errors.AsType[*commandError](err); err != nil && (!ok || cmdErr.code != 1 || firstComplaint(cmdErr.stderr) != "") {
		return Person{}, fmt.Errorf("read the user of git's configuration: %w", err)
	}
	var p Person
	for entry := range strings.SplitSeq(out, "\x00") {
		switch key, value, _ := strings.Cut(entry, "\n"); key { // the last one counts
		case "user.name":
			p.Name = value
		case "user.email":
			p.Email = value
		}
	}
	return p, nil
}

// coAuthors yields those whom a message names, wherever it does: GitHub takes
// only its last paragraph, but a squashed merge has the messages of all its
// commits one after another.
func coAuthors(message string) func(yield func(Person) bool) {
	return func(yield func(Person) bool) {
		for line := range strings.Lines(message) {
			key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
			if !ok || !strings.EqualFold(strings.TrimSpace(key), "co-authored-by") {
				continue
			}
			name, address, ok := strings.Cut(value, "<")
			address, _, _ = strings.Cut(address, ">")
			if !ok && strings.Contains(value, "@") {
				name, address = "", value
			}
			p := Person{strings.TrimSpace(name), strings.TrimSpace(address)}
			if p != (Person{}) && !yield(p) {
				return
			}
		}
	}
}
