// Package githubtest is a simulated GitHub on loopback: accounts, one GitHub
// App, repositories that are real git repositories, pull requests, reviews,
// checks, the merge gate, webhooks, sign-in, and plain pages for people. Tests
// and `bot demo` run the bot against it unchanged.
//
// It is not a mock: nothing is set up to answer a given call. Every request
// reads or changes one state, and every change, by the API, by a page or by a
// Go method, sends the webhooks that GitHub would send. Its answers are judged
// by GitHub's own OpenAPI description (package contract).
//
// # Design
//
// One mutex guards the state. An endpoint is a row of a table (routes.go): a
// pattern, who may call it, the permission of the App that it needs, and a
// function, which runs with the mutex held and returns the body or an [Error].
// The exported methods take the mutex and call the same lower-case functions.
//
// Refs live in memory and are written through to the bare repository on disk,
// which nobody else writes: a push is a Go method. Fetches go through
// `git http-backend`, so the refs, the protocol and the rights are git's own.
//
// Deliveries leave in the order of the changes, by one goroutine. What can go
// wrong on the way, and with the API, is chosen by [Faults] and [Fault], drawn
// from one seed.
//
// Where a reader may doubt that GitHub behaves so, a comment names the page of
// docs.github.com that says it, and "observed" marks what GitHub does and does
// not document.
//
// # Not included
//
// Merge groups and merge queues, GraphQL, pushes over HTTP, commit statuses,
// labels, milestones, issues that are no pull request, GitHub Enterprise
// paths, media types other than JSON, and writing files or refs by REST. A route that is not there answers
// 404 with a message that says so, and X-Githubtest: no-route.
package githubtest
