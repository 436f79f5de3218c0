package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"
)

// The states of a check run.
const (
	StatusQueued     = "queued"
	StatusInProgress = "in_progress"
	StatusCompleted  = "completed"
)

// Conclusion is how a check run ended; empty until then.
type Conclusion string

const (
	ConclusionSuccess        Conclusion = "success"
	ConclusionFailure        Conclusion = "failure"
	ConclusionNeutral        Conclusion = "neutral"
	ConclusionCancelled      Conclusion = "cancelled"
	ConclusionSkipped        Conclusion = "skipped"
	ConclusionTimedOut       Conclusion = "timed_out"
	ConclusionActionRequired Conclusion = "action_required"
)

var conclusions = []Conclusion{
	ConclusionSuccess, ConclusionFailure, ConclusionNeutral, ConclusionCancelled, ConclusionSkipped, ConclusionTimedOut, ConclusionActionRequired,
}

// passes: skipped and neutral are as good as success to a merge,
// docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/troubleshooting-required-status-checks.
func (c Conclusion) passes() bool {
	return c == ConclusionSuccess || c == ConclusionNeutral || c == ConclusionSkipped
}

// A Check is a check run.
type Check struct {
	ID          int64
	Name        string
	HeadSHA     string
	Status      string
	Conclusion  Conclusion
	ExternalID  string
	DetailsURL  string
	Output      Output
	Actions     []Action
	StartedAt   *time.Time
	CompletedAt *time.Time
}

// Output is what a check run shows. Annotations of an update are added to those
// that are there.
type Output struct {
	Title       string       `json:"title"`
	Summary     string       `json:"summary"`
	Text        string       `json:"text"`
	Annotations []Annotation `json:"annotations"`
}

// An Annotation is a remark on lines of a file.
type Annotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn int    `json:"start_column,omitempty"`
	EndColumn   int    `json:"end_column,omitempty"`
	Level       string `json:"annotation_level"`
	Message     string `json:"message"`
	Title       string `json:"title,omitempty"`
	RawDetails  string `json:"raw_details,omitempty"`
}

// An Action is a button of a check run.
type Action struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Identifier  string `json:"identifier"`
}

type checkRun struct {
	Check
	app   *App
	suite *suite
}

// A suite is what one App's check runs on one commit are gathered in.
type suite struct {
	id               int64
	app              *App
	headSHA          string
	branch           string
	before           string
	created, updated time.Time
}

// The limits of docs.github.com/en/rest/checks/runs "Create a check run".
const (
	maxOutput      = 65535
	maxAnnotations = 50 // a request
	maxActions     = 3
)

func (o Output) problem() string {
	switch {
	case utf8.RuneCountInString(o.Summary) > maxOutput:
		return fmt.Sprintf("summary exceeds a maximum of %d characters", maxOutput)
	case utf8.RuneCountInString(o.Text) > maxOutput:
		return fmt.Sprintf("text exceeds a maximum of %d characters", maxOutput)
	case len(o.Annotations) > maxAnnotations:
		return fmt.Sprintf("annotations exceeds a maximum quantity of %d", maxAnnotations)
	}
	for i, a := range o.Annotations {
		switch {
		case a.Path == "" || a.StartLine < 1 || a.EndLine < a.StartLine || a.Message == "":
			return fmt.Sprintf("annotations[%d] lacks a path, a message or lines in order", i)
		case !slices.Contains([]string{"notice", "warning", "failure"}, a.Level):
			return fmt.Sprintf("annotations[%d] annotation_level %q", i, a.Level)
		case (a.StartColumn != 0 || a.EndColumn != 0) && a.StartLine != a.EndLine:
			return fmt.Sprintf("annotations[%d] has columns on several lines", i)
		case len(a.Message) > 64<<10 || len(a.RawDetails) > 64<<10 || utf8.RuneCountInString(a.Title) > 255:
			return fmt.Sprintf("annotations[%d] is too long", i)
		}
	}
	return ""
}

func actionProblem(actions []Action) string {
	if len(actions) > maxActions {
		return fmt.Sprintf("actions exceeds a maximum quantity of %d", maxActions)
	}
	for _, a := range actions {
		for _, f := range []struct {
			name, value string
			most        int
		}{{"label", a.Label, 20}, {"description", a.Description, 40}, {"identifier", a.Identifier, 20}} {
			if n := utf8.RuneCountInString(f.value); n == 0 || n > f.most {
				return fmt.Sprintf("actions %s %q: 1 to %d characters", f.name, f.value, f.most)
			}
		}
	}
	return ""
}

// PutCheck makes a check run as an App, ours or one that is made up by its
// slug: the way someone else takes a check's name.
func (s *Server) PutCheck(repo, appSlug string, c Check) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return 0, err
	}
	app := s.apps[appSlug]
	if app == nil {
		app = &App{ID: s.id(), Slug: appSlug, Name: appSlug, Owner: s.app.Owner}
		s.apps[appSlug] = app
	}
	run, err := s.newRun(r, app, c)
	if err != nil {
		return 0, err
	}
	return run.ID, nil
}

func (s *Server) newRun(r *repository, app *App, c Check) (*checkRun, error) {
	if c.Name == "" {
		return nil, invalid("name can't be blank")
	}
	sha, ok := r.resolve(c.HeadSHA)
	if !ok {
		return nil, refuse(http.StatusUnprocessableEntity, "No commit found for SHA: %s", c.HeadSHA)
	}
	run := &checkRun{Check: Check{ID: s.id(), Name: c.Name, HeadSHA: sha}, app: app, suite: s.suiteFor(r, app, sha)}
	now := s.today()
	run.StartedAt = &now
	if c.Status == "" && c.Conclusion == "" {
		c.Status = StatusQueued
	}
	if err := s.change(run, c); err != nil {
		return nil, err
	}
	r.runs = append(r.runs, run)
	s.emitCheck(r, run, s.bot, "created", nil)
	if run.Status == StatusCompleted {
		s.emitCheck(r, run, s.bot, "completed", nil)
	}
	return run, nil
}

// ChangeCheck updates a check run as the App that made it: the way somebody else
// who has its key writes over it.
func (s *Server) ChangeCheck(repo string, id int64, c Check) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return err
	}
	run := r.run(id)
	if run == nil {
		return notFound()
	}
	return s.update(r, run, c)
}

// update changes a run. That one which has ended changes once more, nobody is told.
func (s *Server) update(r *repository, run *checkRun, c Check) error {
	was := run.Status
	if err := s.change(run, c); err != nil {
		return err
	}
	if run.Status == StatusCompleted && was != StatusCompleted {
		s.emitCheck(r, run, s.bot, "completed", nil)
	}
	return nil
}

// change takes what is set in c into a run. A conclusion completes it,
// docs.github.com/en/rest/checks/runs: "Providing conclusion will automatically
// set the status parameter to completed."
func (s *Server) change(run *checkRun, c Check) error {
	switch problem := c.Output.problem(); {
	case problem != "":
		return refuse(http.StatusUnprocessableEntity, "Invalid request.\n\n%s", problem)
	case actionProblem(c.Actions) != "":
		return refuse(http.StatusUnprocessableEntity, "Invalid request.\n\n%s", actionProblem(c.Actions))
	case c.Conclusion != "" && !slices.Contains(conclusions, c.Conclusion):
		return invalid(fmt.Sprintf("conclusion %q", c.Conclusion))
	case c.Status == StatusCompleted && c.Conclusion == "" && run.Conclusion == "":
		return invalid("conclusion is needed with the status completed")
	case c.Status != "" && !slices.Contains([]string{StatusQueued, StatusInProgress, StatusCompleted}, c.Status):
		return invalid(fmt.Sprintf("status %q", c.Status))
	}
	now := s.today()
	set(&run.Name, c.Name)
	set(&run.ExternalID, c.ExternalID)
	set(&run.DetailsURL, c.DetailsURL)
	set(&run.StartedAt, c.StartedAt)
	switch {
	case c.Conclusion != "":
		run.Status, run.Conclusion = StatusCompleted, c.Conclusion
		run.CompletedAt = &now
		set(&run.CompletedAt, c.CompletedAt)
	case c.Status != "" && c.Status != StatusCompleted:
		run.Status, run.Conclusion, run.CompletedAt = c.Status, "", nil
	}
	set(&run.Output.Title, c.Output.Title)
	set(&run.Output.Summary, c.Output.Summary)
	set(&run.Output.Text, c.Output.Text)
	run.Output.Annotations = append(run.Output.Annotations, c.Output.Annotations...)
	if c.Actions != nil {
		run.Actions = c.Actions
	}
	run.suite.updated = now
	return nil
}

func set[T comparable](field *T, value T) {
	var zero T
	if value != zero {
		*field = value
	}
}

// latestRun is the newest run of a required check on a commit.
func (r *repository) latestRun(sha string, c RequiredCheck) *checkRun {
	for _, run := range slices.Backward(r.runs) {
		if run.HeadSHA == sha && run.Name == c.Name && (c.AppID == 0 || run.app.ID == c.AppID) {
			return run
		}
	}
	return nil
}

// openSuite makes the suite that GitHub makes for a push, for the Apps that may
// write checks, docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks
// "About check suites".
func (s *Server) openSuite(r *repository, branch, before, sha string) {
	if i := s.installationOf(r); i == nil || i.permissions["checks"] != "write" {
		return
	}
	v := s.suiteFor(r, &s.app, sha)
	v.branch, v.before = branch, before
	s.emitSuite(r, v, "requested")
}

func (s *Server) suiteFor(r *repository, app *App, sha string) *suite {
	for _, v := range r.suites {
		if v.app == app && v.headSHA == sha {
			return v
		}
	}
	v := &suite{id: s.id(), app: app, headSHA: sha, created: s.today(), updated: s.today()}
	for _, branch := range r.branches() {
		if r.branch(branch) == sha {
			v.branch = branch
			break
		}
	}
	r.suites = append(r.suites, v)
	return v
}

func (r *repository) run(id int64) *checkRun {
	for _, run := range r.runs {
		if run.ID == id {
			return run
		}
	}
	return nil
}

// RequestAction presses a button of a check run, as the named person, who needs
// write access.
func (s *Server) RequestAction(repo string, id int64, by, identifier string) error {
	return s.onRun(repo, id, by, func(r *repository, run *checkRun, a *account) error {
		if !slices.ContainsFunc(run.Actions, func(x Action) bool { return x.Identifier == identifier }) {
			return invalid(fmt.Sprintf("the check run has no action %q", identifier))
		}
		s.emitCheck(r, run, a, "requested_action", object{"requested_action": object{"identifier": identifier}})
		return nil
	})
}

// Rerequest presses "Re-run" of a check run, as the named person.
func (s *Server) Rerequest(repo string, id int64, by string) error {
	return s.onRun(repo, id, by, func(r *repository, run *checkRun, a *account) error {
		s.emitCheck(r, run, a, "rerequested", nil)
		return nil
	})
}

func (s *Server) onRun(repo string, id int64, by string, do func(*repository, *checkRun, *account) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, a, err := s.mustBoth(repo, by)
	if err != nil {
		return err
	}
	run := r.run(id)
	if run == nil {
		return notFound()
	}
	if !s.permission(r, a).atLeast(PermissionWrite) {
		return refuse(http.StatusForbidden, "Must have push access to the repository")
	}
	return do(r, run, a)
}

// Checks are the check runs of a commit, oldest first.
func (s *Server) Checks(repo, sha string) ([]Check, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return nil, err
	}
	var list []Check
	for _, run := range r.runs {
		if run.HeadSHA == sha {
			c := run.Check
			c.Output.Annotations = slices.Clone(c.Output.Annotations)
			c.Actions = slices.Clone(c.Actions)
			list = append(list, c)
		}
	}
	return list, nil
}
