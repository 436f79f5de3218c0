package report

import (
	"math"

	"github.com/barraiser/barraiser/internal/signoff"
)

// AwayWords say in whose code a change works, and how it leaves that, in plain
// text without a full stop.
func AwayWords(a signoff.Away) string {
	s := "it changes " + count(a.Files, "file") + " of " + a.Home
	switch {
	case a.Rises():
		s += " and leaves " + Minutes(a.Minutes) + " more debt there than there was; a guest leaves none"
	case math.Round(a.Minutes) < 0:
		s += " and leaves " + Minutes(-a.Minutes) + " less debt there than there was"
	default:
		s += " and leaves it in the order in which it was"
	}
	if a.Accept {
		return s + "; one of " + a.Home + " has to accept it"
	}
	return s + "; " + a.Home + " is told"
}

func (b Brief) awayNodes() []node {
	var out []node
	for _, a := range b.Record.Away {
		out = append(out, leaf(upper(outside(AwayWords(a)))))
	}
	return out
}

// awayNotice tells a team that others work in its code.
func (b Brief) awayNotice(n signoff.Notice) []string {
	var lines []string
	for _, a := range b.Record.Away {
		for _, d := range n.Domains {
			if signoff.HomeOf(d) == a.Home {
				lines = append(lines, upper(slackText(AwayWords(a)))+".")
			}
		}
	}
	return append(lines, b.askedLines()...)
}

// accepting are the owners who have to accept the change.
func (b Brief) accepting() []string {
	var homes []string
	for _, a := range b.Record.Away {
		if a.Accept {
			homes = once(homes, a.Home)
		}
	}
	return homes
}
