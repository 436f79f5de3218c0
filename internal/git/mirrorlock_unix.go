//go:build unix && !solaris && !illumos && !aix

package git

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock of a file, which belongs to this open file, or says
// errLocked.
func tryLock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		}
		return err
	}
}
