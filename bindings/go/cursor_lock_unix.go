//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tocsin

import (
	"os"
	"syscall"
)

// lockFile takes the lock that libtocsin takes, too, or fails at once.
func lockFile(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// syncFolder makes a rename last.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
