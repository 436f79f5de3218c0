package signoff

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseCommands(t *testing.T) {
	const sha7 = "9f2c1ab"
	for _, test := range []struct{ body, want string }{
		{"/bar help", "help"},
		{"/bar", "help"},
		{"/BAR Status\r\n", "status"},
		{"hello\n/bar explain f3\nbye", "explain object=f3"},
		{"/bar signoff " + sha7, "signoff commit=9f2c1ab"},
		{"/bar signoff `9F2C1AB` looks  good", "signoff commit=9f2c1ab text=looks  good"},
		{"/bar reassign", "reassign"},
		{"/bar reassign @jo", "reassign object=jo"},
		{"/bar require DATA it has names", "require object=data text=it has names"},
		{"/bar request-changes split it", "request-changes text=split it"},
		{"/bar override " + sha7 + " it -- is urgent --data https://x.example/1 --follow-up #12 --due 2026-12-01",
			"override commit=9f2c1ab text=it -- is urgent data=https://x.example/1 follow=#12 due=2026-12-01"},
		{"/bar override " + sha7 + " urgent —due=2026-12-01", "override commit=9f2c1ab text=urgent due=2026-12-01"},
		{"/bar override-cancel", "override-cancel"},
		{"/bar dismiss F3 it is generated", "dismiss object=F3 text=it is generated"},
		{"/bar status\n\n/bar retry", "status; retry"},

		// What nobody says.
		{"see /bar help", ""},
		{" /bar help", ""},
		{"/barraiser help", ""},
		{"> /bar signoff " + sha7, ""},
		{"> quoted\n/bar signoff " + sha7, ""},
		{"> quoted\n\n/bar status", "status"},
		{"```\n/bar help\n```\n/bar status", "status"},
		{"````\n```\n/bar help\n````\n/bar status", "status"},
		{"~~~sh\n/bar help\n```\n/bar help\n~~~", ""},
		{"    /bar help\n\t/bar help", ""},
		{"```\n/bar help", ""},
		{"- ```\n  /bar help\n  ```\n", ""},
		{"<!-- pasted\n/bar signoff " + sha7 + "\n-->\n/bar status", "status"},
		{"<!-- x --> <!--\n/bar retry\n--> y", ""},
		{"<pre>\n/bar retry\n</PRE>\n/bar status", "status"},

		// What is wrong, and how to write it.
		{"/bar frobnicate", "wrong=there is no such command: `/bar help` lists them"},
		{"/bar signoff", "signoff wrong=name the commit first, by at least 7 digits of its hash: `/bar signoff SHA [NOTE]`"},
		{"/bar signoff 9f2c1a", "signoff wrong=name the commit first, by at least 7 digits of its hash: `/bar signoff SHA [NOTE]`"},
		{"/bar signoff looks good", "signoff wrong=name the commit first, by at least 7 digits of its hash: `/bar signoff SHA [NOTE]`"},
		{"/bar decline", "decline wrong=say why: `/bar decline WHY`"},
		{"/bar retry now", "retry text=now wrong=there is more than the command takes: `/bar retry`"},
		{"/bar explain", "explain wrong=something is missing: `/bar explain F3`"},
		{"/bar require beauty it is ugly", "require object=beauty wrong=the domains are `design`, `architecture`, `customer-experience`, `experiment`, `security`, `data`: `/bar require DOMAIN WHY`"},
		{"/bar override " + sha7 + " urgent --because x", "override commit=9f2c1ab wrong=there is no such flag"},
		{"/bar override " + sha7 + " urgent --due soon", "override commit=9f2c1ab wrong=`--due` takes a day as 2026-12-31"},
		{"/bar override " + sha7 + " urgent --due 2026-12-01 --due 2026-12-02", "override commit=9f2c1ab due=2026-12-01 wrong=a flag is there twice"},
		{"/bar override " + sha7 + " --due 2026-12-01 urgent", "override commit=9f2c1ab due=2026-12-01 wrong=the reason goes before the flags, and a flag takes one word"},
		{"/bar override " + sha7 + " urgent --data javascript:x", "override commit=9f2c1ab wrong=`--data` takes an address that begins with https://"},
		{"/bar override " + sha7 + " --due 2026-12-01", "override commit=9f2c1ab due=2026-12-01 wrong=say why"},
	} {
		var got []string
		for _, c := range ParseCommands(test.body) {
			got = append(got, describe(c))
		}
		text := strings.Join(got, "; ")
		usage := "`/bar override SHA REASON [--data URL] [--follow-up #N] [--due DATE]`"
		if text = strings.TrimSuffix(text, ": "+usage); text != test.want {
			t.Errorf("ParseCommands(%q) =\n%s, want\n%s", test.body, text, test.want)
		}
	}
}

func describe(c Command) string {
	var out []string
	for _, part := range [][2]string{
		{"", string(c.Verb)}, {"commit=", c.Commit}, {"object=", c.Object}, {"text=", c.Text},
		{"data=", c.Data}, {"follow=", c.FollowUp}, {"due=", string(c.Due)}, {"wrong=", c.Wrong},
	} {
		if part[1] != "" {
			out = append(out, part[0]+part[1])
		}
	}
	return strings.Join(out, " ")
}

func TestParseCommandsLimits(t *testing.T) {
	many := ParseCommands(strings.Repeat("/bar status\n", 30))
	if len(many) != maxCommands+1 || many[maxCommands].Wrong == "" || many[maxCommands-1].Wrong != "" {
		t.Errorf("of 30 commands %d were read, the last one wrong: %q", len(many), many[len(many)-1].Wrong)
	}
	long := ParseCommands("/bar decline " + strings.Repeat("é", maxLine))
	if len(long) != 1 || long[0].Wrong == "" || long[0].Text != "" || len(long[0].Line) > maxEcho+3 {
		t.Errorf("a long command = %+v", long)
	}
	if bad := ParseCommands("/bar decline \xff"); bad[0].Wrong == "" || !utf8.ValidString(bad[0].Line) {
		t.Errorf("bad UTF-8 = %+v", bad)
	}
}

func TestHelpNamesAllCommands(t *testing.T) {
	for _, v := range verbs {
		if !strings.Contains(Help(), "`/bar "+string(v.verb)) {
			t.Errorf("help does not name %s", v.verb)
		}
		_, acts := rulings[v.verb]
		acts = acts || steps[v.verb] != nil
		if shows := v.verb == VerbHelp || v.verb == VerbStatus || v.verb == VerbExplain; acts == shows {
			t.Errorf("%s: acts %v, shows %v", v.verb, acts, shows)
		}
	}
}

func FuzzParseCommands(f *testing.F) {
	for _, seed := range []string{
		"/bar override 9f2c1ab why --due 2026-12-01 --data https://x", "> a\n/bar help", "```\n/bar\n```", "<!--\n/bar retry\n-->",
		"/bar signoff 9f2c1ab\r\n/bar require data x", "/bar —due\n~~~~\n", "/bar dismiss F3 \u202e",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		all := ParseCommands(body)
		if len(all) > maxCommands+1 {
			t.Fatalf("%d commands", len(all))
		}
		for _, c := range all {
			switch {
			case c.Wrong != "":
			case c.Verb == "":
				t.Errorf("nothing is wrong, and there is no verb: %+v", c)
			case (c.Verb == VerbSignOff || c.Verb == VerbOverride) && len(c.Commit) < minCommit:
				t.Errorf("it names no commit: %+v", c)
			case c.Verb == VerbOverride && c.Text == "":
				t.Errorf("it has no reason: %+v", c)
			}
			if !utf8.ValidString(c.Line + c.Text + c.Object) {
				t.Errorf("not UTF-8: %+v", c)
			}
		}
		// All of it in a quote or in code is said by nobody.
		quoted := "> " + strings.ReplaceAll(strings.ReplaceAll(body, "\r", "\n"), "\n", "\n> ")
		if got := ParseCommands(quoted); len(got) > 0 {
			t.Errorf("in a quote: %+v", got)
		}
	})
}
