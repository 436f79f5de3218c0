package skippedtest

import (
	"os"
	"testing"
)

func TestOff(t *testing.T) {
	t.Skip("broken") // want "skipped-test: TestOff is always skipped$"
	t.Log("x")
}

func TestOffLater(t *testing.T) {
	t.Parallel()
	defer func() { return }()
	t.SkipNow() // want "skipped-test: TestOffLater is always skipped$"
}

func BenchmarkOff(b *testing.B) {
	b.Skipf("since %d", 2020) // want "skipped-test: BenchmarkOff is always skipped$"
}

func FuzzOff(f *testing.F) {
	f.Skip() // want "skipped-test: FuzzOff is always skipped$"
}

func TestParts(t *testing.T) {
	t.Run("off", func(t *testing.T) {
		t.Skip() // want `skipped-test: the subtest "off" is always skipped$`
	})
	for _, test := range []struct{ name string }{{"a"}} {
		t.Run(test.name, func(t *testing.T) {
			t.Skip() // want `skipped-test: the subtest test.name is always skipped$`
		})
	}
	t.Run("on", func(t *testing.T) {
		if testing.Short() {
			t.Skip("slow")
		}
	})
}

type suite struct{ t *testing.T }

func (s *suite) T() *testing.T { return s.t }

func (s *suite) TestOff() {
	s.T().Skip("broken") // want "skipped-test: TestOff is always skipped$"
}

func TestShort(t *testing.T) {
	if os.Getenv("DATABASE") == "" {
		t.Skip("no database")
	}
}

func TestElse(t *testing.T) {
	if os.Getenv("DATABASE") != "" {
		t.Log("tested")
		return
	}
	t.Skip("no database")
}

func TestSwitch(t *testing.T) {
	switch os.Getenv("DATABASE") {
	case "":
		t.Skip("no database")
	}
}

func skipUnlessRoot(t *testing.T) { t.Skip("not root") }
