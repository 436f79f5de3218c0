package identicalfunctions

import "errors"

func first(list []int) (sum int) {
	for _, n := range list {
		sum += n
	}
	return sum
}

func second(list []int) (sum int) { // want "identical-functions: same parameters, results and body as first$"
	// Comments and layout say nothing.

	for _, n := range list {
		sum += n // so far
	}

	return sum
}

type a struct{ n int }
type b struct{ n int }

func (a) third(list []int) (sum int) { // want "identical-functions: same parameters, results and body as first$"
	for _, n := range list {
		sum += n
	}
	return sum
}

func (x *a) add(n int) error {
	if n < 0 {
		return errors.New("negative")
	}
	x.n += n
	return nil
}

func (x *a) plus(n int) error { // want "identical-functions: same parameters, results and body as a.add$"
	if n < 0 {
		return errors.New("negative")
	}
	x.n += n
	return nil
}
