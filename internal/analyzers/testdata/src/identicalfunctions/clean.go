package identicalfunctions

import "fmt"

// Another receiver, which is used.
func (x *b) add(n int) error {
	if n < 0 {
		return fmt.Errorf("negative")
	}
	x.n += n
	return nil
}

func (x *b) plus(n int) error {
	if n < 1 {
		return fmt.Errorf("negative")
	}
	x.n += n
	return nil
}

// Other types of parameters and results.
func floats(list []float64) (sum float64) {
	for _, n := range list {
		sum += n
	}
	return sum
}

func of[T ~int](list []T) (sum T) {
	for _, n := range list {
		sum += n
	}
	return sum
}

func ofShort[T ~int8](list []T) (sum T) {
	for _, n := range list {
		sum += n
	}
	return sum
}

// Wrappers.
func one(list []int) int {
	list = list[1:]
	return first(list)
}

func two(list []int) int {
	list = list[1:]
	return first(list)
}

type mockStore struct{ calls []string }

func (m *mockStore) Get(key string) int {
	m.calls = append(m.calls, key)
	m.calls = m.calls[:1]
	return len(m.calls)
}

func (m *mockStore) Put(key string) int {
	m.calls = append(m.calls, key)
	m.calls = m.calls[:1]
	return len(m.calls)
}
