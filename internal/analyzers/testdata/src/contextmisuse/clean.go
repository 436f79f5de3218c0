package contextmisuse

import (
	"context"
	"net/http"
	"sync"
)

type worker struct {
	ctx    context.Context
	cancel context.CancelFunc
}

type loop struct {
	ctx    context.Context
	cancel func()
}

type valueContext struct {
	context.Context
	key, value any
}

type CallOptions struct {
	Context context.Context
}

type readTx struct{ ctx context.Context }

type upstream struct{ ctx context.Context }

func (u *upstream) Context() context.Context { return u.ctx }

type getter interface {
	Get(ctx context.Context, key string) error
}

type holder struct {
	make func() context.Context
}

func first(ctx context.Context, other context.Context, name string) {}

func none(_ context.Context) { _ = call(context.Background()) }

func noContext() error { return call(context.Background()) }

func derived(ctx context.Context, r *http.Request) error {
	_ = call(context.WithoutCancel(ctx))
	return call(r.Context())
}

func local() {
	type c struct{ ctx context.Context }
	_ = c{}
}

func (w *worker) shutdown(ctx context.Context) {}

func detached(ctx context.Context, w *worker, mu *sync.Mutex) {
	if ctx == nil {
		ctx = context.Background()
	}
	defer w.shutdown(context.Background())
	defer func() { _ = call(context.Background()) }()
	go func() { _ = call(context.Background()) }()
	go call(context.Background())
	w.shutdown(context.Background())
	stopCtx, cancel := context.WithTimeout(context.Background(), 1)
	defer cancel()
	_ = stopCtx
	later(func() error { return call(context.Background()) })
	<-ctx.Done()
	_ = call(context.Background())
}

func later(f func() error) {}
