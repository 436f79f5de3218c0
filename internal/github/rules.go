package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/barraiser/barraiser/internal/signoff"
)

// RequiredCheck is a check without whose success GitHub does not merge.
type RequiredCheck struct {
	Name string
	App  int64 // that must write it; 0: any
}

// BranchRules is what GitHub asks for before a merge into a branch, as far as it
// can be read without administration.
type BranchRules struct {
	Checks []RequiredCheck
	// Pull: nothing is pushed without a pull request.
	Pull bool
	// NoForce and NoDelete: history cannot be rewritten, the branch not removed.
	NoForce, NoDelete bool
}

// Requires says whether a check of ours is required, and so whether it blocks.
func (r BranchRules) Requires(name string, app int64) bool {
	return slices.ContainsFunc(r.Checks, func(c RequiredCheck) bool { return c.Name == name && (c.App == 0 || c.App == app) })
}

// BranchRules reads the rulesets and the older protection of a branch.
func (a *App) BranchRules(ctx context.Context, installation int64, repo signoff.Repo, branch string) (BranchRules, error) {
	c := a.repo(installation, repo)
	wanted := fmt.Sprintf("read the rules of branch %s of %s", branch, repo.Full())
	var rules BranchRules
	if err := rulesets(ctx, c, repo, branch, &rules); err != nil {
		return BranchRules{}, fail(wanted, err)
	}
	var b struct {
		Protection struct {
			Enabled bool `json:"enabled"`
			Checks  struct {
				Level    string   `json:"enforcement_level"`
				Contexts []string `json:"contexts"`
				Checks   []struct {
					Context string `json:"context"`
					App     *int64 `json:"app_id"`
				} `json:"checks"`
			} `json:"required_status_checks"`
		} `json:"protection"`
	}
	err := get(ctx, c, fmt.Sprintf("repos/%s/%s/branches/%s", repo.Owner, repo.Name, url.PathEscape(branch)), &b)
	if errors.Is(ours(err), ErrNotFound) {
		return rules, nil // no such branch yet, which rules may be about all the same
	}
	if err != nil {
		return BranchRules{}, fail(wanted, err)
	}
	checks := b.Protection.Checks
	if !b.Protection.Enabled || checks.Level == "off" {
		return rules, nil
	}
	for _, one := range checks.Checks {
		required := RequiredCheck{Name: one.Context}
		if one.App != nil && *one.App > 0 { // -1: any
			required.App = *one.App
		}
		rules.add(required)
	}
	if len(checks.Checks) == 0 {
		for _, name := range checks.Contexts {
			rules.add(RequiredCheck{Name: name})
		}
	}
	return rules, nil
}

func (r *BranchRules) add(c RequiredCheck) {
	if !slices.Contains(r.Checks, c) {
		r.Checks = append(r.Checks, c)
	}
}

// rulesets reads the rules in force. The client's own type refuses an answer with
// a rule that is younger than it.
func rulesets(ctx context.Context, c *client, repo signoff.Repo, branch string, rules *BranchRules) error {
	for page := 1; page <= mostRulePages; page++ {
		var list []struct {
			Type       string          `json:"type"`
			Parameters json.RawMessage `json:"parameters"`
		}
		address := fmt.Sprintf("repos/%s/%s/rules/branches/%s?per_page=100&page=%d", repo.Owner, repo.Name, url.PathEscape(branch), page)
		if err := get(ctx, c, address, &list); err != nil {
			return err
		}
		for _, rule := range list {
			switch rule.Type {
			case "pull_request":
				rules.Pull = true
			case "non_fast_forward":
				rules.NoForce = true
			case "deletion":
				rules.NoDelete = true
			case "required_status_checks":
				if err := rules.read(rule.Parameters); err != nil {
					return err
				}
			}
		}
		if len(list) < 100 {
			return nil
		}
	}
	return errors.New("more rules than one can read")
}

const mostRulePages = 20

func (r *BranchRules) read(parameters json.RawMessage) error {
	var p struct {
		Checks []struct {
			Context string `json:"context"`
			App     int64  `json:"integration_id"`
		} `json:"required_status_checks"`
	}
	if err := json.Unmarshal(parameters, &p); err != nil {
		return fmt.Errorf("required checks: %w", err)
	}
	for _, one := range p.Checks {
		r.add(RequiredCheck{Name: one.Context, App: max(one.App, 0)})
	}
	return nil
}

// get reads what the client has no method for.
func get(ctx context.Context, c *client, address string, into any) error {
	req, err := c.NewRequest("GET", address, nil)
	if err != nil {
		return err
	}
	_, err = c.Do(ctx, req, into)
	return err
}
