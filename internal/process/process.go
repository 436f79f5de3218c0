// Package process holds what operating systems do each in their way about processes:
// groups that end as one, and locks that end with who holds them; and the folders
// that others remove, by such a lock, when their process is dead.
package process

import "errors"

// ErrLocked says that another open file holds the lock.
var ErrLocked = errors.New("locked by another process")
