//go:build !unix || solaris || illumos || aix

package process

import (
	"errors"
	"fmt"
	"os"
)

// Lock fails. The server cannot do without such locks, and is not made for this system;
// who runs a command does, at the cost that nobody removes what one that was killed left.
func Lock(*os.File) error {
	return fmt.Errorf("this system has no locks that end with their process: %w", errors.ErrUnsupported)
}
