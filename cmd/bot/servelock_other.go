//go:build !unix || solaris || illumos || aix

package main

import (
	"errors"
	"os"
)

var errLocked = errors.New("locked by another process")

// lockFile says that the server is not supported here, as its mirrors are not.
func lockFile(*os.File) error { return errors.New("no locks that end with their process") }
