// Package process holds what operating systems do each in their way about processes:
// groups that end as one, and locks that end with who holds them.
package process

import "errors"

// ErrLocked says that another open file holds the lock.
var ErrLocked = errors.New("locked by another process")
