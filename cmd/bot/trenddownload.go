package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/barraiser/barraiser/internal/change"
)

// downloader brings the modules of trees from the proxies that the go command is
// set to ask. What none of them has leaves a state in part.
func (t *trendCommand) downloader(ctx context.Context) (func(ctx context.Context, tree string) error, error) {
	proxy, err := t.proxies(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tree string) error {
		_, err := change.Download(ctx, t.repo, tree, t.job, t.toolchain, proxy)
		return err
	}, nil
}

// proxies is GOPROXY without its "direct" and "off": old states are no reason to
// ask any host that a module's path names.
func (t *trendCommand) proxies(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(t.toolchain.Bin, "go"), "env", "GOPROXY")
	cmd.Dir = os.TempDir() // away from the repository: its go.mod may name another toolchain
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go env GOPROXY: %w", err)
	}
	var list []string
	for entry := range strings.FieldsFuncSeq(strings.TrimSpace(string(out)), func(r rune) bool { return r == ',' || r == '|' }) {
		if entry != "direct" && entry != "off" {
			list = append(list, entry)
		}
	}
	if len(list) == 0 {
		return "", usage(errors.New("--download needs a module proxy, and GOPROXY names none: set it, as in GOPROXY=https://proxy.golang.org"))
	}
	return strings.Join(list, ","), nil
}
