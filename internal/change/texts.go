package change

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
)

// ImpactFiles describes the files for internal/impact, with the texts that it
// compares.
func (c *Change) ImpactFiles(ctx context.Context, repo *git.Repo) ([]impact.File, error) {
	out := make([]impact.File, len(c.Files))
	wants := map[string][]textOf{}
	for i, f := range c.Files {
		file := &out[i]
		file.Old, file.New = f.OldPath, f.NewPath
		for _, h := range c.Hunks[i] {
			file.Added += h.NewLines
			file.Deleted += h.OldLines
		}
		file.Uncounted = impact.Uncounted(cmp.Or(f.NewPath, f.OldPath))
		if !(impact.Reads(f.OldPath) || impact.Reads(f.NewPath)) {
			continue
		}
		for _, side := range []struct {
			mode git.Mode
			oid  string
			text *string
		}{{f.OldMode, f.OldOID, &file.OldText}, {f.NewMode, f.NewOID, &file.NewText}} {
			switch {
			case side.oid == "":
			case side.mode.Regular():
				wants[side.oid] = append(wants[side.oid], textOf{file, side.text})
			default:
				file.Unread = "it is no regular file"
			}
		}
	}
	err := repo.Blobs(ctx, slices.Sorted(maps.Keys(wants)), func(b git.Blob) error {
		for _, w := range wants[b.OID] {
			w.take(b)
		}
		return nil
	})
	if missing, partial := errors.AsType[*git.MissingError](err); partial {
		for _, all := range wants {
			for _, w := range all {
				w.file.Unread = missing.Error()
			}
		}
		err = nil
	}
	return out, err
}

// textOf is a text that a file lacks.
type textOf struct {
	file *impact.File
	text *string
}

func (w textOf) take(b git.Blob) {
	switch {
	case b.Content == nil && b.Size > 0:
		w.file.Unread = fmt.Sprintf("it has %d bytes", b.Size)
	case bytes.IndexByte(b.Content, 0) >= 0:
		w.file.Unread = "it is binary"
	default:
		*w.text = string(b.Content)
	}
}
