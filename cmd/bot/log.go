package main

import (
	"io"
	"log/slog"
	"regexp"
)

// newLogger writes one JSON object a line, without anything that looks like a
// secret: what is logged of an error may come from far away.
func newLogger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch v := a.Value.Any().(type) {
			case string:
				a.Value = slog.StringValue(redact(v))
			case error:
				a.Value = slog.StringValue(redact(v.Error()))
			case []byte:
				a.Value = slog.StringValue(redact(string(v)))
			}
			return a
		},
	}))
}

// secrets are the forms of what must not be printed: tokens of GitHub and Slack,
// JSON web tokens, private keys, passwords in addresses, authorization headers.
var secrets = regexp.MustCompile(`gh[a-z]_[A-Za-z0-9_]{16,}|github_pat_[A-Za-z0-9_]{16,}|xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}` +
	`|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*` +
	`|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)` +
	`|(?i:(?:authorization|x-hub-signature(?:-256)?):?\s*(?:(?:bearer|basic|token)\s+)?[^\s"']+)`)

var passwords = regexp.MustCompile(`(\w+://[^/\s:@]*:)[^@\s/]+@`)

const redacted = "***"

func redact(s string) string {
	return passwords.ReplaceAllString(secrets.ReplaceAllString(s, redacted), "${1}"+redacted+"@")
}
