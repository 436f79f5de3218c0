package vetalready

import "testing"

func TestGo(t *testing.T) {
	go func() { // SA2002
		t.Fatal("x") // SA2002
	}()
}
