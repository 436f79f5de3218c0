package githubtest

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

func (c *call) getRepository() (any, error) {
	o := c.wireRepoFull(c.repo)
	if c.who.user != nil {
		p := c.permission(c.repo, c.who.user)
		o["permissions"] = object{
			"pull": p.atLeast(PermissionRead), "triage": p.atLeast(PermissionTriage), "push": p.atLeast(PermissionWrite),
			"maintain": p.atLeast(PermissionMaintain), "admin": p.atLeast(PermissionAdmin),
		}
	}
	return o, nil
}

func (c *call) protected(branch string) bool { return len(c.repo.rulesFor(branch)) > 0 }

func (c *call) listBranches() (any, error) {
	return drawn(c, c.repo.branches(), func(name string) object {
		sha := c.repo.branch(name)
		return object{
			"name": name, "protected": c.protected(name), "commit": object{"sha": sha, "url": c.api(c.repo) + "/commits/" + sha},
		}
	}), nil
}

func (c *call) getBranch() (any, error) {
	name := c.r.PathValue("branch")
	sha := c.repo.branch(name)
	if sha == "" {
		return nil, refuse(http.StatusNotFound, "Branch not found")
	}
	tip, err := c.repo.commit(sha)
	if err != nil {
		return nil, err
	}
	self := c.api(c.repo) + "/branches/" + name
	return object{
		"name": name, "commit": c.wireCommit(c.repo, tip), "protected": c.protected(name),
		"_links":         object{"self": self, "html": c.html(c.repo) + "/tree/" + name},
		"protection":     object{"enabled": c.protected(name), "required_status_checks": c.protection(name)},
		"protection_url": self + "/protection",
	}, nil
}

// protection are the required checks of classic rules, the part that is shown
// without the right to administer.
func (c *call) protection(branch string) object {
	contexts, checks := []string{}, []object{}
	for _, rule := range c.repo.rulesFor(branch) {
		for _, check := range rule.RequiredChecks {
			if rule.Classic {
				contexts = append(contexts, check.Name)
				checks = append(checks, object{"context": check.Name, "app_id": appID(check)})
			}
		}
	}
	level := "off"
	if len(contexts) > 0 {
		level = "non_admins"
	}
	return object{"enforcement_level": level, "contexts": contexts, "checks": checks}
}

func appID(c RequiredCheck) any {
	if c.AppID == 0 {
		return nil
	}
	return c.AppID
}

// listRules follows docs.github.com/en/rest/repos/rules "Get rules for a
// branch": the active rules of rulesets, one by one. Classic protection is not
// among them.
func (c *call) listRules() (any, error) {
	list := []object{}
	for _, rule := range c.repo.rulesFor(c.r.PathValue("branch")) {
		if rule.Classic {
			continue
		}
		add := func(kind string, parameters object) {
			list = append(list, object{
				"type": kind, "parameters": parameters, "ruleset_source_type": "Repository",
				"ruleset_source": c.repo.fullName(), "ruleset_id": rule.id,
			})
		}
		if len(rule.RequiredChecks) > 0 || rule.UpToDate {
			checks := []object{}
			for _, check := range rule.RequiredChecks {
				o := object{"context": check.Name}
				if check.AppID != 0 {
					o["integration_id"] = check.AppID
				}
				checks = append(checks, o)
			}
			add("required_status_checks", object{"required_status_checks": checks, "strict_required_status_checks_policy": rule.UpToDate})
		}
		if rule.Approvals > 0 || rule.DismissStale {
			add("pull_request", object{
				"required_approving_review_count": rule.Approvals, "dismiss_stale_reviews_on_push": rule.DismissStale,
				"require_code_owner_review": false, "require_last_push_approval": false, "required_review_thread_resolution": false,
			})
		}
	}
	return pageOf(c, list), nil
}

// maxContent is docs.github.com/en/rest/repos/contents "Get repository content":
// between 1 and 100 MB only the raw media type carries the file.
const maxContent = 1 << 20

func (c *call) getContents() (any, error) {
	ref := c.r.URL.Query().Get("ref")
	if ref == "" {
		ref = c.repo.DefaultBranch
	}
	sha, found := c.repo.resolve(ref)
	if !found {
		return nil, refuse(http.StatusNotFound, "No commit found for the ref %s", ref)
	}
	name := strings.Trim(c.r.PathValue("path"), "/")
	listing := sha + ":" + name
	kind, err := c.repo.git("cat-file", "-t", listing)
	if err != nil {
		return nil, notFound()
	}
	if kind == "tree" {
		return c.directory(sha, name)
	}
	out, err := c.repo.git("ls-tree", "-l", "--full-tree", sha, "--", name)
	if err != nil {
		return nil, err
	}
	entry := c.entry(sha, name, out)
	entry["encoding"], entry["content"] = "base64", ""
	if entry["size"].(int) > maxContent {
		entry["encoding"] = "none"
		return entry, nil
	}
	text, err := c.repo.git("cat-file", "blob", listing)
	if err != nil {
		return nil, err
	}
	if len(text) < entry["size"].(int) {
		text += "\n" // runGit takes one off
	}
	entry["content"] = wrapped(base64.StdEncoding.EncodeToString([]byte(text)))
	return entry, nil
}

// wrapped breaks base64 into lines of 60, as GitHub does (observed).
func wrapped(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(60, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return b.String()
}

func (c *call) directory(sha, name string) (any, error) {
	out, err := c.repo.git("ls-tree", "-l", "--full-tree", sha+":"+name)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for line := range strings.Lines(out) {
		_, base, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		list = append(list, c.entry(sha, strings.TrimPrefix(name+"/"+base, "/"), line))
	}
	return list, nil
}

// entry reads a line of `git ls-tree -l`: "mode type sha size TAB path".
func (c *call) entry(sha, name, line string) object {
	fields := strings.Fields(line)
	size, _ := strconv.Atoi(fields[3]) // "-" for a folder
	kind := map[string]string{"tree": "dir", "commit": "submodule"}[fields[1]]
	if kind == "" {
		kind = "file"
	}
	url := c.api(c.repo) + "/contents/" + name + "?ref=" + sha
	gitURL := c.api(c.repo) + "/git/blobs/" + fields[2]
	page := c.html(c.repo) + "/blob/" + sha + "/" + name
	return object{
		"type": kind, "name": name[strings.LastIndex(name, "/")+1:], "path": name, "sha": fields[2], "size": size,
		"url": url, "git_url": gitURL, "html_url": page, "download_url": c.html(c.repo) + "/raw/" + sha + "/" + name,
		"_links": object{"self": url, "git": gitURL, "html": page},
	}
}

func (c *call) getRef() (any, error) {
	name := "refs/" + c.r.PathValue("ref")
	sha := c.repo.refs[name]
	if sha == "" {
		return nil, notFound()
	}
	url := c.api(c.repo) + "/git/"
	return object{
		"ref": name, "node_id": nodeID("Ref "+name, c.repo.id), "url": url + name,
		"object": object{"sha": sha, "type": "commit", "url": url + "commits/" + sha},
	}, nil
}

func (c *call) getGitCommit() (any, error) {
	sha, found := c.repo.resolve(c.r.PathValue("commit_sha"))
	if !found {
		return nil, notFound()
	}
	k, err := c.repo.commit(sha)
	if err != nil {
		return nil, err
	}
	parents := []object{}
	for _, p := range k.parents {
		parents = append(parents, object{"sha": p, "url": c.api(c.repo) + "/git/commits/" + p, "html_url": c.html(c.repo) + "/commit/" + p})
	}
	return object{
		"sha": k.sha, "node_id": nodeID("Commit "+k.sha, c.repo.id), "message": k.message, "tree": c.wireTree(c.repo, k), "parents": parents,
		"author": wirePerson(k.author), "committer": wirePerson(k.committer), "verification": unsigned(),
		"url": c.api(c.repo) + "/git/commits/" + k.sha, "html_url": c.html(c.repo) + "/commit/" + k.sha,
	}, nil
}

func (c *call) getCommit() (any, error) {
	sha, found := c.repo.resolve(c.r.PathValue("ref"))
	if !found {
		return nil, refuse(http.StatusUnprocessableEntity, "No commit found for SHA: %s", c.r.PathValue("ref"))
	}
	k, err := c.repo.commit(sha)
	if err != nil {
		return nil, err
	}
	return c.wireCommit(c.repo, k), nil
}

// maxCompareFiles is docs.github.com/en/rest/commits/commits "Compare two
// commits": 300 files, shown on the first page only.
const maxCompareFiles = 300

func (c *call) compare() (any, error) {
	base, head, found := strings.Cut(c.r.PathValue("basehead"), "...")
	if !found {
		return nil, notFound()
	}
	from, okBase := c.compared(base)
	to, okHead := c.compared(head)
	if !okBase || !okHead {
		return nil, notFound()
	}
	merge, err := c.repo.mergeBase(from, to)
	if err != nil {
		return nil, refuse(http.StatusNotFound, "No common ancestor between %s and %s.", base, head)
	}
	ahead, err := c.repo.between(from, to)
	if err != nil {
		return nil, err
	}
	behind, err := c.repo.between(to, from)
	if err != nil {
		return nil, err
	}
	changes, err := c.repo.changes(from, to)
	if err != nil {
		return nil, err
	}
	files := []object{}
	if c.queryInt("page", 1) <= 1 {
		for _, f := range changes[:min(len(changes), maxCompareFiles)] {
			files = append(files, c.wireChange(c.repo, to, f))
		}
	}
	ends := []object{}
	for _, sha := range []string{from, merge} {
		k, err := c.repo.commit(sha)
		if err != nil {
			return nil, err
		}
		ends = append(ends, c.wireCommit(c.repo, k))
	}
	page := c.html(c.repo) + "/compare/" + base + "..." + head
	return object{
		"url": c.api(c.repo) + "/compare/" + base + "..." + head, "html_url": page, "permalink_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
		"base_commit": ends[0], "merge_base_commit": ends[1], "status": relation(len(ahead), len(behind)), "ahead_by": len(ahead), "behind_by": len(behind),
		"total_commits": len(ahead), "commits": drawn(c, ahead, func(k *commit) object { return c.wireCommit(c.repo, k) }), "files": files,
	}, nil
}

func relation(ahead, behind int) string {
	switch {
	case ahead > 0 && behind > 0:
		return "diverged"
	case ahead > 0:
		return "ahead"
	case behind > 0:
		return "behind"
	}
	return "identical"
}

// compared resolves a side of a comparison, which may be OWNER:BRANCH of a
// fork.
func (c *call) compared(name string) (string, bool) {
	owner, branch, fork := strings.Cut(name, ":")
	if !fork {
		return c.repo.resolve(name)
	}
	f := c.fork(c.repo, owner)
	if f == nil {
		return "", false
	}
	sha, found := f.resolve(branch)
	if found && f != c.repo {
		if _, err := c.repo.git("fetch", "--quiet", f.dir, sha); err != nil {
			return "", false
		}
	}
	return sha, found
}
