package contextmisuse

import (
	"context"
	"testing"
)

func open(t *testing.T, ctx context.Context) { _ = call(context.Background()) }
