// Bot estimates the technical debt that a change to Go code introduces and
// repays, says whether it is of high impact, and who has to sign it off.
//
// # Tour
//
// From the ground up:
//
//   - internal/analyzers measures: our go/analysis passes and the adopted ones,
//     in one table. Pure.
//   - internal/debt prices: the rule catalogue, fingerprints, the matching of
//     base and head, the sums. Pure.
//   - internal/description reads what a pull request says of itself. Pure.
//   - internal/review judges: what a change does, against the policy, whose
//     file it reads too. Pure.
//   - internal/git reads repositories by the git command: merge base, trees,
//     blobs, differences, history. It never changes what it reads.
//   - internal/process has groups of processes that end as one, and locks that end
//     with who holds them; internal/sandbox starts a process that can reach little.
//   - internal/engine runs the checks over both trees in such a child process.
//   - internal/change joins git and engine to the snapshot of one change, on which
//     review decides.
//   - internal/trend has past states of a branch judged, one after the other.
//   - internal/report draws a review as text, JSON, Markdown, SARIF or workflow
//     commands of GitHub Actions, and holds the escaping of each surface.
//   - internal/ledger keeps entries so that every change of them is found. Pure.
//   - internal/signoff says where a pull request stands, from what was signed and
//     said of it: Advance. Pure.
//   - internal/store keeps what must not be forgotten, on SQLite or PostgreSQL, and
//     internal/queue runs the work that it calls for.
//   - internal/github talks to GitHub; its githubtest is a GitHub to run against.
//   - internal/bot is the loop of the App: receive, look, perform.
//   - internal/web shows it on pages, internal/slack tells it in Slack.
//   - cmd/bot, this package, knows all of them and nobody knows it: one file
//     per command, the flags, the exit codes.
//
// One run of `bot review`: git finds the merge base and writes both trees into
// a private folder; engine has them judged by this same program, re-executed
// as `bot judge`, which sees that folder and nothing else; meanwhile git reads
// history and people; debt compares the two sides; review.Decide says what that
// means; report prints it. `bot simulate` does the same for one change after the
// other, in one child, and asks it for the impact only.
//
// One event of the App: github verifies and decodes a webhook; bot.Receive stores
// it with the subjects to look at, and GitHub has its answer. The queue runs
// bot.Reconcile, which reads the pull request afresh, has its code judged as
// above, hands all of it to signoff.Advance, and commits record, ledger entries
// and effects at once. The queue runs bot.Perform for each effect: it draws what
// the record says now and puts it on GitHub.
//
// Which package may import which is a table in internal/imports_test.go.
//
// # Recipes
//
// A new package check: internal/analyzers/NAME.go with testdata/src/NAME (what
// fires, and a clean case), one row in analyzers.Checks, one row in
// debt.Catalogue. Tests fail where one of them is missing.
//
// A new trigger: one row in impact.Triggers with a firing and a clean case in its
// testdata, one in docs/config.md. Where it needs a fact of Go code that there is
// no mark of: one row in markRows of internal/analyzers, one impact.Kind.
//
// A new program check, which sees a whole tree by its syntax: a function of
// analyzers.Tree in internal/analyzers with an archive in testdata/program, and
// the same two rows. What it has to know of a file goes into
// analyzers.ProgramFile, what it has to know of the policy into
// analyzers.Stated, which internal/change fills.
//
// A new output format: one file in internal/report with a golden, one line in
// formats of output.go.
//
// A new key of the policy: one row in policyKeys of internal/review with a field
// of Policy, a row in docs/config.md, and go test -update for the schema.
//
// A new command: one file here, one line in newRoot.
package main
