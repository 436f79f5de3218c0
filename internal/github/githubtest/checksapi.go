package githubtest

import (
	"net/http"
	"slices"
	"time"
)

// checkIn is a check run as the API takes it.
type checkIn struct {
	Name        string     `json:"name"`
	HeadSHA     string     `json:"head_sha"`
	Status      string     `json:"status"`
	Conclusion  Conclusion `json:"conclusion"`
	ExternalID  string     `json:"external_id"`
	DetailsURL  string     `json:"details_url"`
	Output      Output     `json:"output"`
	Actions     []Action   `json:"actions"`
	StartedAt   *time.Time `json:"started_at"`
	CompletedAt *time.Time `json:"completed_at"`
}

func (in checkIn) check() Check {
	return Check{
		Name: in.Name, HeadSHA: in.HeadSHA, Status: in.Status, Conclusion: in.Conclusion, ExternalID: in.ExternalID, DetailsURL: in.DetailsURL,
		Output: in.Output, Actions: in.Actions, StartedAt: in.StartedAt, CompletedAt: in.CompletedAt,
	}
}

func (c *call) createCheck() (any, error) {
	var in checkIn
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	run, err := c.newRun(c.repo, &c.app, in.check())
	if err != nil {
		return nil, err
	}
	return c.wireRun(c.repo, run), nil
}

func (c *call) runOnPath() (*checkRun, error) {
	id, err := c.number("check_run_id")
	if err != nil {
		return nil, err
	}
	run := c.repo.run(id)
	if run == nil {
		return nil, notFound()
	}
	return run, nil
}

func (c *call) getCheck(run *checkRun) (any, error) {
	return c.wireRun(c.repo, run), nil
}

func (c *call) updateCheck(run *checkRun) (any, error) {
	if run.app != &c.app {
		return nil, refuse(http.StatusForbidden, "Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", run.app.ID)
	}
	var in checkIn
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if err := c.update(c.repo, run, in.check()); err != nil {
		return nil, err
	}
	return c.wireRun(c.repo, run), nil
}

func (c *call) listAnnotations(run *checkRun) (any, error) {
	return drawn(c, run.Output.Annotations, func(a Annotation) object {
		o := object{
			"path": a.Path, "start_line": a.StartLine, "end_line": a.EndLine, "annotation_level": a.Level, "message": a.Message,
			"title": orNull(a.Title), "raw_details": orNull(a.RawDetails), "blob_href": c.html(c.repo) + "/blob/" + run.HeadSHA + "/" + a.Path,
			"start_column": nil, "end_column": nil,
		}
		if a.StartColumn != 0 {
			o["start_column"], o["end_column"] = a.StartColumn, a.EndColumn
		}
		return o
	}), nil
}

// listChecks follows docs.github.com/en/rest/checks/runs "List check runs for a
// Git reference": the newest run of each name and App unless filter=all, newest
// first.
func (c *call) listChecks() (any, error) {
	sha, found := c.repo.resolve(c.r.PathValue("ref"))
	if !found {
		return nil, refuse(http.StatusUnprocessableEntity, "No commit found for SHA: %s", c.r.PathValue("ref"))
	}
	q := c.r.URL.Query()
	type key struct {
		name string
		app  *App
	}
	seen := map[key]bool{}
	var list []*checkRun
	for _, run := range slices.Backward(c.repo.runs) {
		k := key{run.Name, run.app}
		skip := run.HeadSHA != sha || q.Get("check_name") != "" && q.Get("check_name") != run.Name ||
			q.Get("app_id") != "" && q.Get("app_id") != fmtID(run.app.ID) || q.Get("status") != "" && q.Get("status") != run.Status
		if skip || q.Get("filter") != "all" && seen[k] {
			continue
		}
		seen[k] = true
		list = append(list, run)
	}
	return object{
		"total_count": len(list), "check_runs": drawn(c, list, func(run *checkRun) object { return c.wireRun(c.repo, run) }),
	}, nil
}

func (c *call) listSuites() (any, error) {
	sha, found := c.repo.resolve(c.r.PathValue("ref"))
	if !found {
		return nil, refuse(http.StatusUnprocessableEntity, "No commit found for SHA: %s", c.r.PathValue("ref"))
	}
	q := c.r.URL.Query()
	var list []*suite
	for _, v := range c.repo.suites {
		if v.headSHA == sha && (q.Get("app_id") == "" || q.Get("app_id") == fmtID(v.app.ID)) {
			list = append(list, v)
		}
	}
	return object{
		"total_count": len(list), "check_suites": drawn(c, list, func(v *suite) object { return c.wireSuite(c.repo, v) }),
	}, nil
}

func (c *call) getSuite() (any, error) {
	id, err := c.number("check_suite_id")
	if err != nil {
		return nil, err
	}
	for _, v := range c.repo.suites {
		if v.id == id {
			return c.wireSuite(c.repo, v), nil
		}
	}
	return nil, notFound()
}
