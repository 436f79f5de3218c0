package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// surroundings are what a process that tries to escape is told of the world
// outside. Everything it aims at was made for it.
type surroundings struct {
	Scratch string // it may write there
	Secret  string // a file outside of its bounds
	Folder  string // that the secret lies in
	Port    int    // of 127.0.0.1, on which somebody listens
	Unix    string // likewise, a path
	Parent  int    // a process of the same user
	Program string // this one
}

// An attempt returns nil where it succeeded.
type attempt struct {
	name string
	try  func(surroundings) error
}

// attempts are what a confined process must not come to. Each is one that Linux
// lets any process do to what its user owns.
var attempts = []attempt{
	{"read a file outside", func(o surroundings) error { _, err := os.ReadFile(o.Secret); return err }},
	{"list a folder outside", func(o surroundings) error { _, err := os.ReadDir(o.Folder); return err }},
	{"write a file outside", func(o surroundings) error { return os.WriteFile(filepath.Join(o.Folder, "new"), nil, 0o600) }},
	{"empty a file outside", func(o surroundings) error { return os.Truncate(filepath.Join(o.Folder, "full"), 0) }},
	{"change a file's mode outside", func(o surroundings) error { return os.Chmod(filepath.Join(o.Folder, "full"), 0o644) }},
	{"change a file's time outside", func(o surroundings) error {
		return os.Chtimes(filepath.Join(o.Folder, "full"), time.Unix(0, 0), time.Unix(0, 0))
	}},
	{"remove a file outside", func(o surroundings) error { return os.Remove(filepath.Join(o.Folder, "removable")) }},
	{"move a file in from outside", func(o surroundings) error {
		return os.Rename(filepath.Join(o.Folder, "movable"), filepath.Join(o.Scratch, "movable"))
	}},
	{"link a file in from outside", func(o surroundings) error {
		if err := os.Symlink(o.Secret, filepath.Join(o.Scratch, "link")); err != nil {
			return err
		}
		_, err := os.ReadFile(filepath.Join(o.Scratch, "link"))
		return err
	}},
	{"run a program of the machine", func(surroundings) error { return exec.Command("/bin/sh", "-c", ":").Run() }},
	{"run a program of its own making", func(o surroundings) error {
		name := filepath.Join(o.Scratch, "made")
		if err := os.WriteFile(name, []byte("#!"+o.Program+" "+trialName+"\n"), 0o700); err != nil {
			return err
		}
		return exec.Command(name).Run()
	}},
	{"connect by TCP", func(o surroundings) error { return dial(unix.SOCK_STREAM, loopback(o.Port)) }},
	{"connect to a socket in the file system", func(o surroundings) error { return dial(unix.SOCK_STREAM, &unix.SockaddrUnix{Name: o.Unix}) }},
	{"send by UDP", func(o surroundings) error { return dial(unix.SOCK_DGRAM, loopback(o.Port)) }},
	{"make a socket by io_uring", func(surroundings) error {
		var params [120]byte // struct io_uring_params
		fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)), 0)
		if errno != 0 {
			return errno
		}
		return unix.Close(int(fd))
	}},
	{"send a signal to the parent", func(o surroundings) error { return syscall.Kill(o.Parent, syscall.SIGCONT) }},
	{"send a signal to a thread of the parent", func(o surroundings) error { return unix.Tgkill(o.Parent, o.Parent, syscall.SIGCONT) }},
	{"trace the parent", func(o surroundings) error {
		if err := unix.PtraceSeize(o.Parent); err != nil {
			return err
		}
		return unix.PtraceDetach(o.Parent)
	}},
	{"read the parent's environment", func(o surroundings) error {
		_, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", o.Parent))
		return err
	}},
	{"lower the parent's limits", func(o surroundings) error {
		var now unix.Rlimit
		if err := unix.Prlimit(o.Parent, unix.RLIMIT_CORE, nil, &now); err != nil {
			return err
		}
		return unix.Prlimit(o.Parent, unix.RLIMIT_CORE, &now, nil)
	}},
	{"leave its group of processes", func(surroundings) error {
		cmd := exec.Command("/proc/self/exe")
		cmd.Args, cmd.SysProcAttr = []string{trialName, ""}, &syscall.SysProcAttr{Setsid: true}
		return cmd.Run()
	}},
	{"become root of namespaces", func(surroundings) error { return unix.Unshare(unix.CLONE_NEWUSER) }},
}

func loopback(port int) unix.Sockaddr {
	return &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
}

// socket makes a socket that an address fits.
func socket(kind int, address unix.Sockaddr) (fd int, err error) {
	family := unix.AF_INET
	if _, local := address.(*unix.SockaddrUnix); local {
		family = unix.AF_UNIX
	}
	return unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
}

// dial connects and sends something, in a few seconds or not at all.
func dial(kind int, address unix.Sockaddr) error {
	fd, err := socket(kind, address)
	if err != nil {
		return err
	}
	err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 5})
	if err == nil {
		err = unix.Connect(fd, address)
	}
	if err == nil {
		_, err = unix.Write(fd, []byte("out"))
	}
	return errors.Join(err, unix.Close(fd))
}

// listen listens until stop is called. The address may leave the port to the system.
func listen(address unix.Sockaddr) (at unix.Sockaddr, stop func(), err error) {
	fd, err := socket(unix.SOCK_STREAM, address)
	if err != nil {
		return nil, nil, err
	}
	if err = unix.Bind(fd, address); err == nil {
		err = unix.Listen(fd, 16)
	}
	if err == nil {
		at, err = unix.Getsockname(fd)
	}
	if err != nil {
		return nil, nil, errors.Join(err, unix.Close(fd))
	}
	return at, func() { unix.Close(fd) }, nil
}

// stay starts a process that is there until its standard input ends, in a session
// of its own where that is allowed.
func stay(program string, until, sign *os.File) error {
	var errs []error
	for _, own := range []bool{true, false} {
		cmd := &exec.Cmd{Path: program, Args: []string{lingerName, ""}, Stdin: until, Stdout: sign}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: own}
		err := cmd.Start()
		if err == nil {
			return nil // nobody waits for it
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
