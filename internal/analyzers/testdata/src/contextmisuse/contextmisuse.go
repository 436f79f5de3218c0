package contextmisuse

import (
	"context"
	"net/http"
)

type Server struct {
	name string
	ctx  context.Context // want "context-misuse: context in the struct Server$"
}

type pool struct {
	first, second context.Context // want "context-misuse: context in the struct pool$"
}

type Store interface {
	Get(key string, ctx context.Context) error // want "context-misuse: context of Get is not its first parameter$"
	Put(ctx context.Context, key string) error
}

func last(name string, ctx context.Context) {} // want "context-misuse: context of last is not its first parameter$"

func (s *Server) last(name string, _ context.Context) {} // want "context-misuse: context of last is not its first parameter$"

func call(ctx context.Context) error { return ctx.Err() }

func fresh(ctx context.Context, names []string) error {
	if err := call(context.Background()); err != nil { // want `context-misuse: context.Background\(\) where ctx is at hand$`
		return err
	}
	for range names {
		inner, cancel := context.WithTimeout(context.TODO(), 1) // want `context-misuse: context.TODO\(\) where ctx is at hand$`
		defer cancel()
		_ = call(inner)
	}
	return call(ctx)
}

func handle(w http.ResponseWriter, r *http.Request) {
	_ = call(context.Background()) // want `context-misuse: context.Background\(\) where r.Context\(\) is at hand$`
}
