package engine

import "testing"

func TestPercentFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		live, room int64 // MiB
		want       int
	}{
		{0, 320, 400},
		{1, 320, 400},
		{64, 320, 400},
		{128, 320, 150},
		{160, 320, 100},
		{256, 320, 100},
		{320, 320, 80},
		{512, 320, 50},
		{2000, 320, 25},
		{64, 128, 100},
		{64, 0, 100}, // before the first job
	} {
		if got := percentFor(tt.live<<20, tt.room<<20); got != tt.want {
			t.Errorf("percentFor(%d MiB, %d MiB) = %d, want %d", tt.live, tt.room, got, tt.want)
		}
	}
}
