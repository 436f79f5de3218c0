package contextmisuse

import "context"

type server struct{ ctx context.Context }

func check(name string, ctx context.Context) { _ = call(context.Background()) }
