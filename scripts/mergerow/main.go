// Mergerow prints one row of the table of scripts/review-merges from a JSON
// report.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var r struct {
		Outcome string
		Debt    struct {
			Introduced, Repaid float64
			Tests              struct{ Introduced, Repaid float64 }
		}
		Findings []struct{ Status string }
		Coverage struct {
			Changed, Analysed int
			Skipped           []struct{ Expected bool }
		}
		Engine struct {
			Packages, Reused, PeakMiB int
			Seconds                   float64
		}
	}
	if err := json.Unmarshal(data, &r); err != nil {
		log.Fatalf("%s: %v", os.Args[1], err)
	}
	count := map[string]int{}
	for _, f := range r.Findings {
		count[f.Status]++
	}
	left := 0
	for _, s := range r.Coverage.Skipped {
		if s.Expected {
			left++
		}
	}
	fmt.Printf("| %.12s | %s | %d | %d | %d | %d | %d | %d | %d | %.0f | %.0f | %+.0f | %.1f | %d |\n",
		os.Args[2], r.Outcome, r.Coverage.Changed, r.Coverage.Analysed, left, r.Engine.Packages, r.Engine.Reused,
		count["new"]+count["worse"], count["paid"]+count["better"], r.Debt.Introduced, r.Debt.Repaid,
		r.Debt.Tests.Introduced-r.Debt.Tests.Repaid, r.Engine.Seconds, r.Engine.PeakMiB)
}
