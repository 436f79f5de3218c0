//go:build !never

package bound
