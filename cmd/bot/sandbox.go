package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/sandbox"
)

// sandboxMode is a flag.
type sandboxMode sandbox.Mode

func (m *sandboxMode) Type() string   { return "mode" }
func (m *sandboxMode) String() string { return string(*m) }

func (m *sandboxMode) Set(s string) error {
	mode, err := sandbox.ParseMode(s)
	*m = sandboxMode(mode)
	return err
}

// localSandbox finds the sandbox of a command that somebody runs over their own
// repository. In auto nothing is said: there is little that they could do about it.
func localSandbox(ctx context.Context, mode sandbox.Mode) (sandbox.Sandbox, error) {
	switch mode {
	case sandbox.Off:
		return sandbox.Sandbox{}, nil
	case sandbox.Strict:
		return strictSandbox(ctx)
	}
	return sandbox.Find(), nil
}

// strictSandbox is a sandbox out of which no attempt leads, or an error.
func strictSandbox(ctx context.Context) (sandbox.Sandbox, error) {
	s := sandbox.Find()
	escapes, err := s.Escapes(ctx)
	return s, strictly(s, escapes, err)
}

// strictly is an error where there is an error or a way out.
func strictly(s sandbox.Sandbox, escapes []string, err error) error {
	if err == nil && len(escapes) > 0 {
		err = fmt.Errorf("a process in it can %s; layers: %s; missing: %s", strings.Join(escapes, ", "), s, cmp.Or(missingLayers(s), "none"))
	}
	if err != nil {
		return usage(fmt.Errorf("the sandbox is strict, and nothing is judged: %w", err))
	}
	return nil
}

func missingLayers(s sandbox.Sandbox) string {
	var out []string
	for _, l := range slices.Sorted(maps.Keys(s.Missing)) {
		out = append(out, fmt.Sprintf("%s (%s)", l, s.Missing[l]))
	}
	return strings.Join(out, ", ")
}

// serverSandbox finds the sandbox of a server, sees that it holds and that code
// can be judged in it, and says so in the log. In auto a server judges with what
// there is.
func serverSandbox(ctx context.Context, log *slog.Logger, mode sandbox.Mode, t engine.Toolchain, scratch string) (s sandbox.Sandbox, err error) {
	if mode == sandbox.Off {
		log.Warn("sandbox", "mode", mode, "layers", sandbox.Sandbox{}.String())
		return s, nil
	}
	dir, err := os.MkdirTemp(scratch, "sandbox-")
	if err != nil {
		return s, fmt.Errorf("try the sandbox: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s = sandbox.Find()
	escapes, err := s.Escapes(ctx)
	if err == nil {
		err = engine.TrySandbox(ctx, s, t, dir)
	}
	switch {
	case ctx.Err() != nil:
		return s, ctx.Err()
	case mode == sandbox.Strict && (err != nil || len(escapes) > 0):
		return s, strictly(s, escapes, err)
	case err != nil:
		log.Warn("code cannot be judged within the sandbox, so it is judged without one", "layers", s.String(), "error", err)
		return sandbox.Sandbox{}, nil
	case len(escapes) > 0:
		log.Warn("sandbox", "mode", mode, "layers", s.String(), "missing", missingLayers(s), "escapes", escapes)
	default:
		log.Info("sandbox", "mode", mode, "layers", s.String(), "missing", missingLayers(s))
	}
	return s, nil
}
