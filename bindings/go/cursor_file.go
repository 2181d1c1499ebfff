package tocsin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

const cursorHead = "tocsin-cursor 1 "

// cursor: all through seq of the log is handled.
type cursor struct {
	logID string
	seq   uint64
}

// A cursorFile is one line, "tocsin-cursor 1 LOG_ID SEQ", as libtocsin has it. Written beside and renamed, and forced to the
// disk, so that it is always the old one or the new one. A lock beside it keeps a second process away.
type cursorFile struct {
	path string
	lock *os.File
}

func openCursorFile(path string) (*cursorFile, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := lockFile(lock); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%w: another process uses %s (%v)", ErrCursor, path, err)
	}
	return &cursorFile{path, lock}, nil
}

// read returns false where there is no file yet.
func (f *cursorFile) read() (found cursor, isThere bool, err error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return cursor{}, false, nil
	}
	if err != nil {
		return cursor{}, false, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 129))
	if err != nil {
		return cursor{}, false, err
	}
	found, isThere = parseCursor(text)
	if !isThere {
		return cursor{}, false, fmt.Errorf("%w: %s is no cursor", ErrCursor, f.path)
	}
	return found, true, nil
}

func parseCursor(text []byte) (cursor, bool) {
	rest, ok := bytes.CutPrefix(text, []byte(cursorHead))
	rest, isWhole := bytes.CutSuffix(rest, []byte("\n"))
	id, digits, isPair := bytes.Cut(rest, []byte(" "))
	if !ok || !isWhole || !isPair || !isLogID(id) {
		return cursor{}, false
	}
	seq, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil || seq == 1<<64-1 {
		return cursor{}, false
	}
	return cursor{string(id), seq}, true
}

// write: on the disk when it returns.
func (f *cursorFile) write(c cursor) error {
	file, err := os.OpenFile(f.path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%s%s %d\n", cursorHead, c.logID, c.seq)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.path+".new", f.path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(f.path))
}

func (f *cursorFile) close() error { return f.lock.Close() }
