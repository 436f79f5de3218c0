package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/barraiser/barraiser/internal/debt"
)

// saveBelongings keeps whose a subject is. Most looks find what is there.
func saveBelongings(ctx context.Context, tx *sql.Tx, subject string, parts []debt.Part) error {
	known, err := collect(ctx, tx, func(row scanner) (p debt.Part, err error) {
		err = row.Scan(&p.Division, &p.Name)
		return p, err
	}, `SELECT division, name FROM belongings WHERE subject = $1`, subject)
	if err != nil {
		return fmt.Errorf("store whose it is: %w", err)
	}
	for _, p := range known {
		if slices.Contains(parts, p) {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM belongings WHERE division = $1 AND name = $2 AND subject = $3`, string(p.Division), p.Name, subject); err != nil {
			return fmt.Errorf("store whose it is: %w", err)
		}
	}
	for _, p := range parts {
		if slices.Contains(known, p) {
			continue
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO belongings (division, name, subject) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, string(p.Division), p.Name, subject)
		if err != nil {
			return fmt.Errorf("store whose it is: %w", err)
		}
	}
	return nil
}

// belongs adds that a subject is of a part, unless that is the whole.
func (w *where) belongs(part debt.Part) {
	if part != (debt.Part{}) {
		w.and("subject IN (SELECT subject FROM belongings WHERE division = ? AND name = ?)", string(part.Division), part.Name)
	}
}
