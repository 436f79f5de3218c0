package engine

import "testing"

func TestRoom(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]room{0: {1536, 1024}, 4 << 10: {1536, 1024}, 2 << 10: {768, 512}} {
		r := room{heap: 1536 << 20, growth: 1024 << 20}.within(limit << 20)
		if got := (room{r.heap >> 20, r.growth >> 20}); got != want {
			t.Errorf("within %d MiB: %+v MiB, want %+v", limit, got, want)
		}
	}
	small, large := room{heap: 128 << 20, growth: 256 << 20}, room{heap: 320 << 20, growth: 256 << 20}
	for _, tt := range []struct {
		room room
		live int64 // MiB
		want int
	}{
		{large, 0, 400},
		{large, 1, 400},
		{large, 64, 400},
		{large, 128, 150},
		{large, 160, 100},
		{large, 256, 100},
		{large, 320, 80},
		{large, 512, 50},
		{large, 2000, 25},
		{small, 64, 100},
		{small, 256, 100},
		{small, 512, 50},
	} {
		if got := tt.room.percent(tt.live << 20); got != tt.want {
			t.Errorf("%+v.percent(%d MiB) = %d, want %d", tt.room, tt.live, got, tt.want)
		}
	}
}
