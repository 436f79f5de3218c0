//go:build unix && !solaris && !illumos && !aix

package process

import (
	"errors"
	"os"
	"syscall"
)

// Lock takes the lock of a file, or says ErrLocked at once. It belongs to this open
// file, and goes when that is closed or the process ends, however it does.
func Lock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLocked
		}
		return err
	}
}
