package git

import (
	"cmp"
	"context"
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
	authors, committers := people{}, people{}
	err := r.revList(ctx, true, func(c commit) error {
		if c.cut {
			return fmt.Errorf("the message of %s has more than %d bytes, past which nobody looks for co-authors", short(c.hash), maxMessage)
		}
		authors.add(c.author)
		committers.add(c.committer)
		for p := range coAuthors(c.message) {
			authors.add(p)
		}
		return nil
	}, "--end-of-options", head, "^"+base)
	if err != nil {
		return Contributors{}, fmt.Errorf("list the authors of %s..%s: %w", short(base), short(head), r.explain(ctx, err))
	}
	maps.DeleteFunc(committers, func(key Person, _ Person) bool { return authors[key] != Person{} })
	return Contributors{authors.sorted(), committers.sorted()}, nil
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
	var p Person
	for key, to := range map[string]*string{"user.name": &p.Name, "user.email": &p.Email} {
		value, err := r.here("config", "--default", "", "--get", key).line(ctx)
		if err != nil {
			return Person{}, fmt.Errorf("read %s of git's configuration: %w", key, err)
		}
		*to = value
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
