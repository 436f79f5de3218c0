package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// catalogue is the debt catalogue: all rules with their prices.
type catalogue struct {
	Version string
	Rules   []ruleRow
}

type ruleRow struct {
	ID, Kind, Title, Why string
	Minutes, Threshold   string
	Source, Default      string
	Since, Aliases       string
	Family               bool
}

func (s *site) rules(v *visit) error {
	out := catalogue{Version: debt.CatalogueVersion}
	for _, r := range debt.Catalogue {
		row := ruleRow{
			ID: r.ID, Kind: r.Kind, Title: r.Title, Why: r.Why, Minutes: r.Formula(), Source: r.Source, Default: r.Default,
			Since: r.Since, Aliases: strings.Join(r.Aliases, ", "), Family: r.Family,
		}
		if r.Threshold > 0 {
			row.Threshold = strconv.FormatFloat(r.Threshold, 'f', -1, 64)
		}
		out.Rules = append(out.Rules, row)
	}
	render(s, v, rulesPage, http.StatusOK, "Rules", out)
	return nil
}

// methodView says how the numbers are made.
type methodView struct {
	Version string
	Domains []methodDomain
	Changes []debt.PriceChange // the newest first
}

type methodDomain struct {
	Name     string
	Triggers []methodTrigger
}

type methodTrigger struct{ Name, Title string }

func (s *site) method(v *visit) error {
	out := methodView{Version: debt.CatalogueVersion, Changes: debt.PriceChanges}
	for _, d := range impact.Domains() {
		row := methodDomain{Name: string(d)}
		for _, t := range impact.Triggers {
			if t.Domain == d {
				row.Triggers = append(row.Triggers, methodTrigger{t.Name, t.Title})
			}
		}
		out.Domains = append(out.Domains, row)
	}
	render(s, v, methodPage, http.StatusOK, "How the numbers are made", out)
	return nil
}
