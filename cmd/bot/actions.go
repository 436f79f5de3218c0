package main

import (
	"fmt"
	"io"
	"os"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

// stepSummary names the file in which a step of GitHub Actions leaves its
// summary. Elsewhere it is not set.
const stepSummary = "GITHUB_STEP_SUMMARY"

// appendSummary adds a review to the summary of the step, where there is one.
// What else the step has written there takes room too; where none is left, a
// warning says so, since GitHub would drop the whole of it.
func appendSummary(r review.Review, warnings io.Writer) (err error) {
	name := os.Getenv(stepSummary)
	if name == "" {
		return nil
	}
	defer func() {
		if err != nil {
			err = usage(fmt.Errorf("write the summary of the step (%s): %w", stepSummary, err))
		}
	}()
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	summary := report.StepSummary(r, report.StepSummaryLimit-int(info.Size())-len("\n"))
	if summary == "" {
		fmt.Fprintf(warnings, "bot: no room for the review in the summary of the step: it holds %d bytes of %d\n", info.Size(), report.StepSummaryLimit)
		return nil
	}
	// A paragraph of its own, whatever is before it.
	if info.Size() > 0 {
		summary = "\n" + summary
	}
	_, err = file.WriteString(summary)
	return err
}

// sarifTool is what SARIF says of this program.
func sarifTool() report.Tool {
	version, _ := build()
	return report.Tool{Version: version, Rules: allRules()}
}
