package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	api "github.com/slack-go/slack"
)

// Scopes are what the token of the bot has to have, as docs/slack-manifest.yml
// asks for them.
var Scopes = []string{
	"channels:history", "channels:read", "chat:write", "commands", "files:write", "groups:history", "groups:read",
	"im:history", "im:write", "metadata.message:read", "users:read", "users:read.email",
}

// LackingScopes are those that a token does not have. It is an error where Slack
// does not take the token at all, or is not reached. APIURL is empty for Slack's
// own. The client library does not show the header that says it.
func LackingScopes(ctx context.Context, token, apiURL string) ([]string, error) {
	address := strings.TrimSuffix(cmp.Or(apiURL, api.APIURL), "/") + "/auth.test"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return nil, errors.New("ask Slack: its address is no http address")
	}
	req.Header.Set("Authorization", "Bearer "+token)
	client := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask Slack: %w", err)
	}
	defer resp.Body.Close()
	var answer struct {
		OK    bool
		Error string
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("ask Slack: answer %d that is not its own", resp.StatusCode)
	case !answer.OK:
		return nil, &RefusedError{Code: fmt.Sprintf("%.80s", answer.Error)}
	}
	var has []string
	for scope := range strings.SplitSeq(resp.Header.Get("X-OAuth-Scopes"), ",") {
		has = append(has, strings.TrimSpace(scope))
	}
	return slices.DeleteFunc(slices.Clone(Scopes), func(s string) bool { return slices.Contains(has, s) }), nil
}
