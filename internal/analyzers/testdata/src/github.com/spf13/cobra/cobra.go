// Package cobra stands for the real one.
package cobra

// Command is one command of a program.
type Command struct{}
