// Package sandbox starts a process that can reach little: it reads the folders
// that it is given, writes to one of them, and has no network, no privilege and
// no other process in its reach. It knows nothing of what the process does.
//
// # DESIGN
//
// The process reads code that nobody has looked at. Its own program never runs
// that code, so the layers are for the day on which a parser, the go command or
// the kernel's own file systems turn out to have a hole.
//
// On Linux a process is started by way of a launcher, which is this program again:
// Confine puts a name before the arguments, and an init function of this package
// sees it, narrows the thread that it runs on, and becomes the wanted program by
// execve. A thread that has called execve is the only one of its process, so what
// was narrowed holds for all of it, whatever Go's scheduler does. It is an init
// function of a package that imports little, and package net not: so it runs before
// nearly all of the packages that take long to begin. A launcher takes 10 ms of
// processor time so, 33 ms where it waited for net, and 50 ms from main (measured on
// two cores of 2026).
//
//	namespaces  own user, network, process and IPC namespaces; the end of the first
//	            process is the end of all, whatever they did to stay  launch_linux.go
//	privileges  no_new_privs, and of root's capabilities only those over files
//	landlock    the folders; no TCP, no signals or abstract sockets to the outside
//	                                                            landlock_linux.go
//	seccomp     no sockets, no ptrace, no kill, no leaving of the process group, no
//	            modes and owners of files, no mounts             seccomp_linux.go
//	limits      no core file, and an end to open files and to the size of one
//
// Each is used where the kernel has it: Find tries. A layer that is in force for a
// process and cannot be put up is an error, never a process without it.
//
// Deliberately absent: a mount namespace, since Landlock says the same of files
// without a tree of mounts that differs on each machine; a limit on the address
// space, which fights with what Go reserves (the engine watches the memory that is
// used); a limit on processes, which counts all of the user's on kernels before
// 5.14; cgroups, which are the operator's (systemd's MemoryMax and TasksMax).
package sandbox

import (
	"cmp"
	"fmt"
	"strings"
)

// Mode is how much of a sandbox somebody asks for.
type Mode string

// The modes. The zero value is Auto.
const (
	Auto   Mode = "auto"   // what the machine has
	Strict Mode = "strict" // all that is needed for no attempt to escape to succeed, or nothing is judged
	Off    Mode = "off"    // for machines on which it is in the way
)

// ParseMode reads a mode as people write it.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Auto, Strict, Off:
		return m, nil
	case "":
		return Auto, nil
	}
	return "", fmt.Errorf("there is no sandbox %q; it is auto, strict or off", s)
}

// Bounds are what a confined process may reach. Paths are absolute; what does not
// exist is left out.
type Bounds struct {
	Read  []string // folders and files
	Write []string // folders, read as well
	// Programs are what it may run, as folders or files.
	Programs []string
}

// Layer is one of the means.
type Layer string

// The layers, in the order in which they are put up.
const (
	Namespaces Layer = "namespaces"
	Limits     Layer = "limits"
	Privileges Layer = "privileges"
	Landlock   Layer = "landlock"
	Seccomp    Layer = "seccomp"
)

// AllLayers are what this package knows, on any machine.
var AllLayers = []Layer{Namespaces, Limits, Privileges, Landlock, Seccomp}

// Sandbox is what is in force for the processes that it confines. The zero value
// confines nothing.
type Sandbox struct {
	Layers []Layer
	// Missing says of each other layer why it is not in force.
	Missing map[Layer]string
}

// Has reports whether a layer is in force.
func (s Sandbox) Has(l Layer) bool {
	for _, have := range s.Layers {
		if have == l {
			return true
		}
	}
	return false
}

// without returns the sandbox less a layer.
func (s Sandbox) without(l Layer, why string) Sandbox {
	out := Sandbox{Missing: map[Layer]string{l: why}}
	for k, v := range s.Missing {
		out.Missing[k] = v
	}
	for _, have := range s.Layers {
		if have != l {
			out.Layers = append(out.Layers, have)
		}
	}
	return out
}

// String names the layers: "namespaces, limits, privileges, landlock, seccomp".
func (s Sandbox) String() string {
	var names []string
	for _, l := range s.Layers {
		names = append(names, string(l))
	}
	return cmp.Or(strings.Join(names, ", "), "none")
}
