package report

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// DESIGN. GitHub's code scanning reads a part of SARIF and makes an alert of
// every result, whatever its suppressions and its baselineState say. So only
// what a change adds is a result, and all else (what it silenced, repaid, moved
// or left as it is) only with all, for viewers that know those properties. For
// the same reason no result is an error: by default one error fails the check of
// code scanning, and a finding by itself never fails a review.
//
// Unknown is never success: an outcome that is neither clear nor sign-off-needed
// is an unsuccessful execution, and each gap is a notification.
//
// What is deliberately absent: primaryLocationLineHash, the one fingerprint that
// code scanning uses, since upload-sarif computes it from the source and warns
// of each value that differs from its own; snippets, since the reader has the
// source; versionControlProvenance, since its repositoryUri would have to be
// guessed.

// Tool is what SARIF says of the program.
type Tool struct {
	Version string
	Rules   []debt.Rule // all of them: the list is the same whatever was found
}

const (
	projectURI = "https://github.com/barraiser/barraiser"
	priceURI   = projectURI + "#what-the-minutes-mean"

	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	srcRoot     = "%SRCROOT%"

	// fingerprintKey names the scheme of debt.Fingerprint.
	fingerprintKey = "barraiser/fp1"
)

// What GitHub takes of one upload: 25,000 results a run, of which it shows the
// 5,000 most severe, and 10 MB after gzip.
const (
	maxResults = 25_000
	// Compressors differ a little, so a part of the 10 MB is left.
	maxZipped = 9_500_000
	// Of texts GitHub shows 1,024 characters in a description; there is no limit
	// for others, but a file has one.
	maxText = 1000
	// maxNotifications is ours: no one reads more.
	maxNotifications = 1000
)

// SARIF writes a review as SARIF 2.1.0: the findings that the change adds; with
// all, also the suppressed, repaid, moved and unchanged ones. A number that JSON
// cannot hold (NaN, an infinity) is an error, and then nothing is written.
func SARIF(w io.Writer, r review.Review, t Tool, all bool) error {
	var shown []numbered
	for i, f := range r.Delta.Findings {
		if all || f.Status == debt.New || f.Status == debt.Worse {
			shown = append(shown, numbered{findingID(i), f})
		}
	}
	s := newSARIF("review", r.Outcome, r.Coverage, r.Hints, t)
	for _, f := range shown {
		res := s.result(f)
		res.BaselineState = baselineState(f.Finding)
		s.run.Results = append(s.run.Results, res)
	}
	s.run.Properties = struct {
		Outcome    string   `json:"outcome"`
		Reasons    []string `json:"reasons"`
		Introduced float64  `json:"introduced"`
		Repaid     float64  `json:"repaid"`
		Net        float64  `json:"net"`
		Budget     *float64 `json:"budget,omitempty"`
	}{
		string(r.Outcome), sarifTexts(r.Reasons),
		hundredths(r.Delta.Introduced), hundredths(r.Delta.Repaid), hundredths(r.Delta.Net), r.Policy.Budget,
	}
	return s.write(w)
}

// ScanSARIF is SARIF of a scan: every finding in sight, the dearest first; with
// all, also the silenced ones.
func ScanSARIF(w io.Writer, sc review.Scan, t Tool, all bool) error {
	var shown []numbered
	for i, f := range sc.Findings {
		if all || f.HiddenBy == "" {
			shown = append(shown, numbered{findingID(i), f})
		}
	}
	slices.SortStableFunc(shown, func(a, b numbered) int { return cmp.Compare(b.Minutes, a.Minutes) })
	s := newSARIF("scan", sc.Outcome, sc.Coverage, sc.Hints, t)
	for _, f := range shown {
		s.run.Results = append(s.run.Results, s.result(f))
	}
	s.run.Properties = struct {
		Outcome   string   `json:"outcome"`
		Reasons   []string `json:"reasons"`
		Principal float64  `json:"principal"`
		Lines     int      `json:"lines"`
	}{string(sc.Outcome), sarifTexts(sc.Reasons), hundredths(sc.Totals.Principal), sc.Totals.Lines}
	return s.write(w)
}

// sarifWriter is a run in the making.
type sarifWriter struct {
	run       sarifRun
	ruleIndex map[string]int
	// What write keeps to.
	maxResults, maxZipped int
}

// newSARIF is a run without results. Kind tells the runs of one commit apart:
// the part before the last slash is GitHub's category.
func newSARIF(kind string, o review.Outcome, c debt.Coverage, hints []string, t Tool) *sarifWriter {
	s := &sarifWriter{ruleIndex: map[string]int{}, maxResults: maxResults, maxZipped: maxZipped}
	d := &s.run.Tool.Driver
	d.Name, d.InformationURI = "Bar Raiser", projectURI
	d.Version = cmp.Or(EscapeSARIF(t.Version), "unknown")
	d.Properties.RuleCatalogue = debt.CatalogueVersion
	d.Rules = []sarifDescriptor{}
	for _, r := range t.Rules {
		s.addRule(sarifRule(r))
	}
	d.Notifications = notices
	s.run.AutomationDetails.ID = "barraiser/" + kind + "/"
	s.run.Invocations = []sarifInvocation{{
		ExecutionSuccessful: o == review.Clear || o == review.SignOffNeeded,
		Notifications:       []sarifNotification{},
	}}
	s.run.OriginalURIBaseIDs = map[string]sarifArtifactLocation{
		srcRoot: {Description: &sarifMessage{Text: "The root of the repository."}},
	}
	// Ours are bytes. That is the same up to the first character beyond ASCII in
	// a line, and what is flagged begins before the string or comment of one.
	s.run.ColumnKind = "utf16CodeUnits"
	s.run.Results = []sarifResult{}
	s.gaps(c, hints)
	return s
}

func (s *sarifWriter) addRule(d sarifDescriptor) int {
	rules := &s.run.Tool.Driver.Rules
	s.ruleIndex[d.ID] = len(*rules)
	*rules = append(*rules, d)
	return len(*rules) - 1
}

func sarifRule(r debt.Rule) sarifDescriptor {
	rows := [][2]string{{"Price in minutes", price(r)}, {"Source", r.Source}}
	if len(r.Aliases) > 0 {
		rows = append(rows, [2]string{"Also called", strings.Join(r.Aliases, ", ")})
	}
	help := sarifMessage{Text: sarifText(r.Why), Markdown: EscapeSARIFMarkdown(r.Why)}
	for _, row := range rows {
		if row[1] == "" {
			continue
		}
		help.Text += " " + row[0] + ": " + sarifText(row[1]) + "."
		help.Markdown += "\n\n**" + row[0] + ":** " + EscapeSARIFMarkdown(row[1])
	}
	return sarifDescriptor{
		ID:               EscapeSARIF(r.ID),
		Name:             sarifText(r.Title),
		ShortDescription: sarifMessage{Text: sarifText(r.Title)},
		FullDescription:  &sarifMessage{Text: sarifText(r.Why)},
		Default:          &sarifConfiguration{Enabled: r.Default != "off", Level: sarifLevel(r.Base)},
		HelpURI:          helpURI(r.ID),
		Help:             &help,
		Properties:       &sarifTags{Tags: []string{"maintainability", "technical-debt"}},
	}
}

// helpURI is where a rule is explained: by its authors where it was adopted.
func helpURI(rule string) string {
	switch family, name, _ := strings.Cut(rule, "/"); {
	case family == "staticcheck" && name != "":
		return "https://staticcheck.dev/docs/checks/#" + escapePath(name)
	case family == "vet":
		return "https://pkg.go.dev/cmd/vet"
	}
	return priceURI
}

// passing is how many minutes are mended in passing. What takes longer is work
// that somebody has to plan.
const passing = 15

func sarifLevel(minutes float64) string {
	if minutes < passing {
		return "note"
	}
	return "warning"
}

// baselineState says what a change did to a result, in SARIF's words. A
// suppressed one may be new as well.
func baselineState(f debt.Finding) string {
	switch {
	case f.Status == debt.New, f.Status == debt.Suppressed && f.Was == 0:
		return "new"
	case f.Status == debt.Worse, f.Status == debt.Better, f.Status == debt.Suppressed && f.Was != f.Value:
		return "updated"
	case f.Status == debt.Paid:
		return "absent"
	}
	return "unchanged"
}

func (s *sarifWriter) result(f numbered) sarifResult {
	id := EscapeSARIF(f.Rule)
	index, ok := s.ruleIndex[id]
	if !ok {
		index = s.addRule(sarifDescriptor{ID: id, ShortDescription: sarifMessage{Text: id}})
	}
	res := sarifResult{
		RuleID:              id,
		RuleIndex:           index,
		Level:               sarifLevel(f.Minutes),
		Message:             sarifMessage{Text: sarifText(describe(f.Finding))},
		Locations:           []sarifLocation{resultLocation(f.Finding)},
		PartialFingerprints: map[string]string{fingerprintKey: EscapeSARIF(f.Fingerprint)},
		Properties: sarifPrice{
			ID: f.ID, Status: string(f.Status), Minutes: hundredths(f.Minutes),
			Value: hundredths(f.Value), Was: hundredths(f.Was), Test: f.Test,
		},
	}
	if f.HiddenBy != "" || f.Status == debt.Suppressed {
		res.Suppressions = []sarifSuppression{{Kind: "inSource", Location: hider(f.HiddenBy)}}
	}
	return res
}

// resultLocation is the place in the code, and the symbol, package or module.
func resultLocation(f debt.Finding) sarifLocation {
	l := fileLocation(f.File, f.Line, f.Column, f.EndLine)
	name := cmp.Or(f.Package, f.Module)
	if name != "" && f.Symbol != "" {
		name += "."
	}
	if name += f.Symbol; name != "" {
		l.Logical = []sarifLogical{{FullyQualifiedName: sarifText(name)}}
	}
	return l
}

// fileLocation is empty without a file. A line below 1 is none.
func fileLocation(file string, line, column, endLine int) sarifLocation {
	if file == "" {
		return sarifLocation{}
	}
	p := &sarifPhysical{Artifact: sarifArtifactLocation{URI: escapePath(file), URIBaseID: srcRoot}}
	if line > 0 {
		p.Region = &sarifRegion{StartLine: line, StartColumn: max(column, 0), EndLine: max(line, endLine)}
	}
	return sarifLocation{Physical: p}
}

// hider reads the "file:line" of a suppression; nil where it is none.
func hider(at string) *sarifLocation {
	i := strings.LastIndexByte(at, ':')
	line, err := strconv.Atoi(at[i+1:])
	if i < 0 || err != nil {
		return nil
	}
	l := fileLocation(at[:i], line, 0, line)
	return &l
}

// The sorts of notifications.
const (
	notAnalysedNotice = "not-analysed"
	leftOutNotice     = "left-out"
	brokenNotice      = "does-not-type-check"
	lostNotice        = "check-failed"
	hintNotice        = "what-to-do"
	cutNotice         = "results-cut"
)

var notices = []sarifDescriptor{
	{ID: notAnalysedNotice, ShortDescription: sarifMessage{Text: "Changed file that was not analysed"}},
	{ID: brokenNotice, ShortDescription: sarifMessage{Text: "Package that does not type-check"}},
	{ID: lostNotice, ShortDescription: sarifMessage{Text: "Check that failed on a package"}},
	{ID: hintNotice, ShortDescription: sarifMessage{Text: "What to do for a whole analysis"}},
	{ID: leftOutNotice, ShortDescription: sarifMessage{Text: "Files that are left out by rule"}},
	{ID: cutNotice, ShortDescription: sarifMessage{Text: "More than fits into one file"}},
}

// gaps notes what is unknown. Such a notification is an error exactly where the
// execution failed by it (3.20.14); a package that is broken on both sides, with
// no changed file in it, is none.
func (s *sarifWriter) gaps(c debt.Coverage, hints []string) {
	level := "error"
	if s.run.Invocations[0].ExecutionSuccessful {
		level = "warning"
	}
	for _, k := range c.Skipped {
		if !k.Expected {
			s.note(notAnalysedNotice, level, "Not analysed: "+k.Reason, fileLocation(k.File, 0, 0, 0))
		}
	}
	for _, b := range c.Broken {
		s.note(brokenNotice, level, side(b.Package, b.Side)+" does not type-check: "+b.Error)
	}
	for _, l := range c.Lost {
		s.note(lostNotice, level, l.Analyzer+" failed on "+side(l.Package, l.Side)+": "+l.Error)
	}
	all := &s.run.Invocations[0].Notifications
	if rest := len(*all) - maxNotifications; rest > 0 {
		*all = (*all)[:maxNotifications]
		s.note(notAnalysedNotice, level, thousands(rest)+" more gaps are not listed.")
	}
	for _, h := range hints[:min(len(hints), maxListed)] {
		s.note(hintNotice, "note", h)
	}
	if out := leftOut(c.Skipped); out != "" {
		s.note(leftOutNotice, "note", out)
	}
}

func (s *sarifWriter) note(id, level, text string, at ...sarifLocation) {
	if len(at) > 0 && at[0].Physical == nil {
		at = nil
	}
	all := &s.run.Invocations[0].Notifications
	*all = append(*all, sarifNotification{
		Descriptor: sarifReference{id}, Level: level, Message: sarifMessage{Text: sarifText(text)}, Locations: at,
	})
}

// write cuts the results to what GitHub takes, the cheapest first, and says so.
func (s *sarifWriter) write(w io.Writer) error {
	found := s.run.Results
	whole := s.run.Invocations[0].Notifications
	for n := min(len(found), s.maxResults); ; n /= 2 {
		s.run.Results, s.run.Invocations[0].Notifications = found[:n], slices.Clip(whole)
		if n < len(found) {
			s.note(cutNotice, "warning", fmt.Sprintf("%s of %s are in this file: GitHub takes %s at most, and 10 MB.",
				thousands(n), count(len(found), "result"), thousands(s.maxResults)))
		}
		var b bytes.Buffer
		err := writeJSON(&b, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{s.run}})
		if err != nil {
			return err
		}
		if n == 0 || fits(b.Bytes(), s.maxZipped) {
			_, err = w.Write(b.Bytes())
			return err
		}
	}
}

// fits says whether b takes at most limit bytes when it is compressed.
func fits(b []byte, limit int) bool {
	if len(b) <= limit {
		return true
	}
	var zipped counter
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(b) // a counter does not fail
	_ = z.Close()
	return int(zipped) <= limit
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// sarifText is text from outside in a SARIF text, which may not be empty.
func sarifText(s string) string { return cmp.Or(EscapeSARIF(clip(s, maxText)), "(none)") }

func sarifTexts(all []string) []string {
	out := []string{}
	for _, s := range all {
		out = append(out, sarifText(s))
	}
	return out
}
