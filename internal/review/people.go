package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Identity is a person as a commit or the host names them.
type Identity struct {
	Name, Email string
	Login       string // where the host says so; else it comes from the address
}

func (id Identity) String() string {
	switch {
	case id.Email == "":
		return cmp.Or(id.Name, "(without a name)")
	case id.Name == "":
		return "<" + id.Email + ">"
	}
	return id.Name + " <" + id.Email + ">"
}

// Involved are the people whom a change comes from. None of them can sign it.
type Involved struct {
	// Authors opened it, or wrote a commit of it alone or with others.
	Authors []Identity
	// Opener is the login of the person who opened it, as the host says; empty: it
	// is not known, or was a bot. Whose team works on it hangs on that: what a commit
	// says of its authors, anybody can write.
	Opener string
	// Others committed, pushed or suggested what they did not write.
	Others []Identity
}

// webFlow is the committer of what is done on the host's pages, and so nobody.
// As an author it would be somebody who hides: any client can set it.
const webFlow = "noreply@github.com"

// people are the involved by their logins, in lower case and sorted.
type people struct {
	authors, all []string
	opener       string
	// unattributed are the identities whose login is not known, sorted. One of
	// them may be anybody, the one who signs as well.
	unattributed []string
}

func (p Policy) people(in Involved) people {
	out := people{opener: strings.ToLower(in.Opener)}
	add := func(to *[]string, s string) {
		if i, found := slices.BinarySearch(*to, s); !found {
			*to = slices.Insert(*to, i, s)
		}
	}
	for i, id := range slices.Concat(in.Authors, in.Others) {
		author := i < len(in.Authors)
		login := strings.ToLower(id.Login)
		if login == "" {
			login = p.LoginOf(id.Email)
		}
		switch {
		case !author && strings.EqualFold(id.Email, webFlow):
		case login == "":
			add(&out.unattributed, id.String())
		default:
			add(&out.all, login)
			if author {
				add(&out.authors, login)
			}
		}
	}
	return out
}

// Roster is who is in the GitHub teams, by "@organisation/team", both in lower
// case. A team that is missing or nil could not be read, and matches nobody.
type Roster map[Principal][]string

// directory answers who belongs where, by the policy and the host's rosters.
type directory struct {
	policy Policy
	roster Roster
}

// in reports whether a login is meant by a principal.
func (d directory) in(login string, p Principal) bool {
	if p.IsTeam() {
		return slices.Contains(d.roster[p], login)
	}
	return string(p) == login
}

// members are whom an owner stands for. Who leads a team is on it.
func (d directory) members(o Owner) []Principal {
	if o.Team == "" {
		return []Principal{o.Principal}
	}
	t := d.policy.Teams[o.Team]
	if t.Lead == "" {
		return t.Members
	}
	return append(slices.Clip(t.Members), Principal(t.Lead))
}

// owns reports whether a login is an owner or on the team that is.
func (d directory) owns(login string, o Owner) bool {
	return slices.ContainsFunc(d.members(o), func(m Principal) bool { return d.in(login, m) })
}

// teamsOf returns the teams of the policy that a login is on, by name.
func (d directory) teamsOf(login string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(d.policy.Teams)), func(team string) bool { return !d.owns(login, Owner{Team: team}) })
}

// unread returns those of the principals that are teams which could not be
// read.
func (d directory) unread(all []Principal) []Principal {
	var out []Principal
	for _, p := range all {
		if p.IsTeam() && d.roster[p] == nil && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// reports reports whether one of two people reports to the other, over any
// number of levels. A manager that both have is no such line: at the top, all
// people share one.
func (d directory) reports(a, b string) bool {
	return slices.Contains(d.policy.Managers(a), b) || slices.Contains(d.policy.Managers(b), a)
}

// Ownership says whose code a change touches.
type Ownership struct {
	Stated bool // the repository says who owns what
	// AuthorTeams are the teams of the policy that the authors are on, sorted.
	AuthorTeams []string
	Homes       []Home // by the number of files, the most first
	// Unowned are the changed files without an owner, sorted; none where the
	// repository does not say who owns what.
	Unowned []string
}

// Home is an owner of changed files.
type Home struct {
	Owner Owner
	Files int
	// Away says that who opened the change is not of the owner's team, nor any
	// author where that is not known: an away team works in its code. It is false
	// also where nothing is known: no author has a login, or the owner's GitHub team could not be read.
	Away bool
}

func (d directory) ownership(authors, openers, files []string, owners Owners) Ownership {
	out := Ownership{Stated: owners.Stated()}
	for _, a := range authors {
		out.AuthorTeams = append(out.AuthorTeams, d.teamsOf(a)...)
	}
	slices.Sort(out.AuthorTeams)
	out.AuthorTeams = slices.Compact(out.AuthorTeams)
	for _, file := range slices.Compact(slices.Sorted(slices.Values(files))) {
		all := owners.Of(file)
		if len(all) == 0 && out.Stated {
			out.Unowned = append(out.Unowned, file)
		}
		for _, o := range all {
			i := slices.IndexFunc(out.Homes, func(h Home) bool { return h.Owner == o })
			if i < 0 {
				i, out.Homes = len(out.Homes), append(out.Homes, Home{Owner: o, Away: d.away(openers, o)})
			}
			out.Homes[i].Files++
		}
	}
	slices.SortStableFunc(out.Homes, func(a, b Home) int { return b.Files - a.Files })
	return out
}

func (d directory) away(authors []string, o Owner) bool {
	home := slices.ContainsFunc(authors, func(a string) bool { return d.owns(a, o) })
	return !home && len(authors) > 0 && !o.Principal.isAddress() && len(d.unread(d.members(o))) == 0
}
