//go:build !unix || solaris || illumos || aix

package process

import (
	"errors"
	"os"
)

// Lock fails. Only the server needs such locks, and it is not made for this system.
func Lock(*os.File) error {
	return errors.New("this system has no locks that end with their process")
}
