package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/barraiser/barraiser/internal/report"
)

// outputs are the flags that say what to print, and where.
type outputs struct {
	formats  []string
	files    []string
	all      bool
	exitZero bool
}

func (o *outputs) register(c *cobra.Command, formats ...string) {
	c.Flags().StringArrayVar(&o.formats, "format", nil, "`format` of the report: "+strings.Join(formats, ", ")+" (default text); may be repeated")
	c.Flags().StringArrayVarP(&o.files, "output", "o", nil, "`file` for the report: the first one for the first --format, and so on; - is the standard output")
	c.Flags().BoolVar(&o.all, "all", false, "list every finding, also the unchanged ones")
	c.Flags().BoolVar(&o.exitZero, "exit-zero", false, "exit 0 whatever the verdict is; errors keep their exit code")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}

// check rejects what cannot be written before anything is analysed.
func (o *outputs) check(formats ...string) error {
	if len(o.formats) == 0 {
		o.formats = []string{"text"}
	}
	for _, f := range o.formats {
		if !slices.Contains(formats, f) {
			return usage(fmt.Errorf("unknown format %q; use %s", f, strings.Join(formats, ", ")))
		}
	}
	if len(o.files) > len(o.formats) {
		return usage(fmt.Errorf("%d --output for %d --format; give each output a format of its own", len(o.files), len(o.formats)))
	}
	for i, file := range o.files {
		if file == "-" {
			continue
		}
		if slices.Contains(o.files[:i], file) {
			return usage(fmt.Errorf("two reports for %s; give each a place of its own", file))
		}
		if err := place(file); err != nil {
			return usage(fmt.Errorf("write the report: %w", err))
		}
	}
	for len(o.files) < len(o.formats) {
		o.files = append(o.files, "-")
	}
	return nil
}

// place reports whether a file could be there, as far as that can be told
// without writing it.
func place(file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder", file)
	}
	_, err := os.Stat(filepath.Dir(file) + string(filepath.Separator))
	return err
}

// write draws each format to its place. Nothing is written of what cannot be
// drawn.
func (o *outputs) write(stdout io.Writer, draw func(w io.Writer, format string) error) error {
	for i, format := range o.formats {
		var b bytes.Buffer
		if err := draw(&b, format); err != nil {
			return err
		}
		if o.files[i] == "-" {
			if _, err := stdout.Write(b.Bytes()); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(o.files[i], b.Bytes(), 0o666); err != nil {
			return usage(fmt.Errorf("write the report: %w", err))
		}
	}
	return nil
}

// textOptions fits text to where it goes.
func (o *outputs) textOptions(stdout io.Writer) report.TextOptions {
	t := report.TextOptions{All: o.all, Color: colour(stdout)}
	if fd, ok := terminal(stdout); ok {
		if width, _, err := term.GetSize(fd); err == nil {
			t.Width = width
		}
	}
	return t
}

func terminal(w any) (fd int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}

// colour follows no-color.org and bixense.com/clicolors.
func colour(w io.Writer) bool {
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	if force, err := strconv.Atoi(os.Getenv("CLICOLOR_FORCE")); err == nil && force != 0 {
		return true
	}
	_, ok := terminal(w)
	return ok && os.Getenv("TERM") != "dumb" && os.Getenv("CLICOLOR") != "0"
}
