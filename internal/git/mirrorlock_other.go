//go:build !unix || solaris || illumos || aix

package git

import (
	"errors"
	"os"
)

// Without locks that end with their process there is no mirror: only the service
// has one.
func tryLock(*os.File) error { return errors.New("mirrors are not supported on this system") }
