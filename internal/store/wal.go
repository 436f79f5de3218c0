package store

import (
	"context"
	"time"
)

// DESIGN
//
// SQLite writes to a log, the WAL, and copies it to the file when it has grown: a
// checkpoint, with two fsyncs and as many pages as were changed. By default the
// commit that finds 1,000 pages does that, and all that wait for the one
// connection wait with it; at 200 deliveries a second this is each second.
//
// So it is done beside, on a connection that reads, once a second: writing goes on
// meanwhile. What is written meanwhile is not copied, and the log begins anew only
// where all of it was. Hence, where it has grown long, the rest is copied on the
// connection that writes, where nothing comes between: that is little, and soon
// done. Nobody is waited for: what somebody still reads stays for the next time.
//
// An error is left to the next time too, and in the end to the engine: a commit
// that finds walLimit pages copies them as before.

const (
	walEvery = time.Second
	// walLong is the length from which the log is to begin anew, in pages of 4 KiB.
	walLong = 4_000
	// walLimit is where SQLite itself makes a checkpoint, in pages.
	walLimit = 20_000
)

// A wal makes the checkpoints of a SQLite file.
type wal struct {
	db   *DB
	stop context.CancelFunc
	done chan struct{}
}

func startWAL(db *DB) *wal {
	ctx, stop := context.WithCancel(context.Background())
	w := &wal{db: db, stop: stop, done: make(chan struct{})}
	go w.run(ctx)
	return w
}

func (w *wal) close() {
	w.stop()
	<-w.done
}

func (w *wal) run(ctx context.Context) {
	defer close(w.done)
	tick := time.NewTicker(walEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.db.checkpoint(ctx, walLong) // an error: see above
		}
	}
}

// checkpoint copies the log, all of it where it is longer than long.
func (db *DB) checkpoint(ctx context.Context, long int) error {
	// PASSIVE waits for nobody. It answers the pages of the log and how many of
	// these are in the file.
	const passive = `PRAGMA wal_checkpoint(PASSIVE)`
	var busy, pages, copied int
	if err := db.read.DB.QueryRowContext(ctx, passive).Scan(&busy, &pages, &copied); err != nil {
		return err
	}
	if pages <= long || pages == copied {
		return nil
	}
	return db.write.QueryRowContext(ctx, passive).Scan(&busy, &pages, &copied)
}
