package web

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/store"
)

// maxExported bounds one file. Who has more exports it by time.
const maxExported = 20000

// exported are all overrides of a query.
func (s *site) exported(v *visit) (out []overrideFields, err error) {
	q, err := s.readQuery(v)
	if err != nil {
		return nil, err
	}
	if q.list.Wrong != "" {
		return nil, refusal{http.StatusBadRequest, "The list cannot be made", q.list.Wrong, "/overrides"}
	}
	list, _, err := s.Store.Overrides(v.ctx(), q.OverrideFilter, store.Page{Limit: maxExported + 1})
	if err != nil {
		return nil, err
	}
	if len(list) > maxExported {
		return nil, refusal{http.StatusBadRequest, "The list is too long for one file",
			"It has more than " + strconv.Itoa(maxExported) + " overrides. Ask for a shorter time.", "/overrides"}
	}
	for _, o := range list {
		if repo, ok := q.repos[o.Subject.Repository]; ok {
			out = append(out, fields(o, repo))
		}
	}
	return out, nil
}

func (s *site) overridesCSV(v *visit) error {
	list, err := s.exported(v)
	if err != nil {
		return err
	}
	var b strings.Builder
	out := csv.NewWriter(&b)
	out.Write([]string{"entry", "ledger index", "repository", "subject", "at", "by", "state", "how", "commit", "reason", "data", "follow-up", "due", "second", "against", "void", "justified", "waits", "deadline"})
	for _, o := range list {
		row := []string{o.Name, o.Index, o.Repo, o.What, o.Time, o.By, o.Status, o.How, o.Commit, o.Reason, o.Data, o.FollowUp, o.Due, o.Second, o.Against, o.Void, o.Why, o.Waits, o.Deadline}
		for i := range row {
			row[i] = cell(row[i])
		}
		out.Write(row)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err // unreachable: a builder takes everything
	}
	s.download(v, "text/csv; charset=utf-8", "overrides.csv", b.String())
	return nil
}

// cell keeps a spreadsheet from taking text for a formula.
func cell(s string) string {
	s = report.EscapeTerminal(s)
	if trimmed := strings.TrimLeft(s, " "); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
		return "'" + s
	}
	return s
}

func (s *site) overridesJSON(v *visit) error {
	list, err := s.exported(v)
	if err != nil {
		return err
	}
	content, err := overrideLines(list)
	if err != nil {
		return err
	}
	s.download(v, "application/json", "overrides.json", content)
	return nil
}

// overrideLines is the file: an override a line, encoded on all processors.
func overrideLines(list []overrideFields) (string, error) {
	lines := make([]string, len(list))
	var parts []func() error
	each := 1 + len(list)/runtime.GOMAXPROCS(0)
	for first := 0; first < len(list); first += each {
		parts = append(parts, func() error {
			for i := first; i < min(first+each, len(list)); i++ {
				line, err := json.Marshal(list[i])
				if err != nil {
					return err
				}
				lines[i] = "\n" + string(line)
			}
			return nil
		})
	}
	if err := together(parts...); err != nil {
		return "", err
	}
	if len(lines) > 0 {
		lines[len(lines)-1] += "\n"
	}
	return `{"schemaVersion": 1, "overrides": [` + strings.Join(lines, ",") + "]}\n", nil
}

func (s *site) download(v *visit, kind, name, content string) {
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	v.w.Write([]byte(content)) // an error is the browser's having gone
}
