package sandbox

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Landlock: https://docs.kernel.org/userspace-api/landlock.html. What is handled
// and not granted is refused. Later versions of it know more to handle.

const (
	readFile = unix.LANDLOCK_ACCESS_FS_READ_FILE
	readDir  = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	runFile  = readFile | unix.LANDLOCK_ACCESS_FS_EXECUTE
	// No links, devices, FIFOs or sockets: nobody makes those for a good reason.
	writeDir = readDir | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_REFER |
		unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR

	// ofFile are the rights that a single file can have.
	ofFile = unix.LANDLOCK_ACCESS_FS_EXECUTE | readFile | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
)

// landlockVersion is what this kernel has, 0 where it has none.
func landlockVersion() (int, error) {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0, errno
	}
	return int(v), nil
}

func hasLandlock() error {
	_, err := landlockVersion()
	switch {
	case errors.Is(err, unix.ENOSYS):
		return errors.New("this kernel has no Landlock (it came with Linux 5.13)")
	case errors.Is(err, unix.EOPNOTSUPP):
		return errors.New("it is switched off on this machine (the kernel's parameter lsm=)")
	}
	return err
}

// handled is what a version of Landlock can refuse.
func handled(version int) unix.LandlockRulesetAttr {
	a := unix.LandlockRulesetAttr{Handled_access_fs: 1<<13 - 1} // all of version 1
	if version >= 2 {
		a.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		a.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		a.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if version >= 5 {
		a.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= 6 {
		a.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return a
}

// restrictFiles puts up Landlock for this thread. It needs no_new_privs.
func restrictFiles(b Bounds) error {
	version, err := landlockVersion()
	if err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	all := handled(version)
	ruleset, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&all)), unsafe.Sizeof(all), 0)
	if errno != 0 {
		return fmt.Errorf("make rules: %w", errno)
	}
	defer unix.Close(int(ruleset))
	grant := func(paths []string, access uint64) error {
		for _, path := range paths {
			if err := allow(int(ruleset), path, access&all.Handled_access_fs); err != nil {
				return err
			}
		}
		return nil
	}
	libraries := libraries(b.Programs)
	err = errors.Join(
		grant(b.Read, readDir), grant(b.Write, writeDir), grant(b.Programs, runFile|readDir),
		grant(libraries, runFile), grant([]string{os.DevNull}, readFile|unix.LANDLOCK_ACCESS_FS_WRITE_FILE),
	)
	if err != nil {
		return err
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0, 0); errno != 0 {
		return fmt.Errorf("restrict: %w", errno)
	}
	return nil
}

// allow adds a rule for a path. It is about the file that the path leads to, not
// about the name.
func allow(ruleset int, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= ofFile
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return fmt.Errorf("allow %s: %w", path, errno)
	}
	return nil
}

// libraries are the files that programs cannot start without: the loader that a
// dynamically linked one names, and the libraries beside that. Folders are
// searched, not what lies deeper in them.
func libraries(programs []string) []string {
	var out []string
	for _, p := range programs {
		files := []string{p}
		if entries, err := os.ReadDir(p); err == nil {
			files = nil
			for _, e := range entries {
				files = append(files, filepath.Join(p, e.Name()))
			}
		}
		for _, file := range files {
			out = append(out, librariesOf(file)...)
		}
	}
	return out
}

func librariesOf(program string) []string {
	f, err := elf.Open(program)
	if err != nil {
		return nil // no program, or a script
	}
	defer f.Close()
	section := f.Section(".interp")
	if section == nil {
		return nil // statically linked
	}
	data, err := section.Data()
	if err != nil || len(data) < 2 {
		return nil
	}
	loader := string(data[:len(data)-1]) // it ends with a zero byte
	real, err := filepath.EvalSymlinks(loader)
	if err != nil {
		return nil
	}
	out := []string{real, "/etc/ld.so.cache"}
	names, err := f.ImportedLibraries()
	if err != nil {
		return out
	}
	for _, name := range names {
		out = append(out, filepath.Join(filepath.Dir(real), filepath.Base(name)))
	}
	return out
}
