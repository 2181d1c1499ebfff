package tocsin

import (
	"sync"
	"time"
)

// cursorKeeper knows how far what a stream told is handled, and keeps the file that says so. Its lock is for close, which
// may come from another goroutine.
type cursorKeeper struct {
	interval time.Duration
	isByHand bool

	lock      sync.Mutex
	file      *cursorFile // nil: closed
	committed cursor
	filed     cursor // what the file says
	filedAt   time.Time
}

// openKeeper lets the stream begin where the file says.
func openKeeper(options *StreamOptions, core *streamCore) (*cursorKeeper, error) {
	file, err := openCursorFile(options.CursorFile)
	if err != nil {
		return nil, err
	}
	found, isThere, err := file.read()
	if err == nil && isThere && options.LogID != "" && options.LogID != found.logID {
		err = ErrOtherLog
	}
	if err != nil {
		file.close()
		return nil, err
	}
	core.keepsLog = true
	if isThere {
		core.from, core.latest = FromSeq(found.seq+1), false
		core.logID, core.head = found.logID, found.seq
	}
	interval := orDefault(options.CursorInterval, 200*time.Millisecond)
	return &cursorKeeper{interval: interval, isByHand: options.CommitsByHand, file: file, committed: found, filed: found}, nil
}

// commit takes it that all is handled that was told; what waits to be told, and a place that the log has not reached, is not.
func (k *cursorKeeper) commit(core *streamCore, atOnce bool) error {
	if !core.isPlaced || core.isInLatest || len(core.told) > 0 || core.cursor > core.head {
		return nil
	}
	k.lock.Lock()
	defer k.lock.Unlock()
	k.committed = cursor{core.logID, core.cursor}
	if !atOnce && time.Since(k.filedAt) < k.interval {
		return nil
	}
	return k.write()
}

func (k *cursorKeeper) write() error {
	if k.file == nil || k.committed == k.filed || k.committed.seq == 0 {
		return nil
	}
	k.filedAt = time.Now()
	if err := k.file.write(k.committed); err != nil {
		return err
	}
	k.filed = k.committed
	return nil
}

func (k *cursorKeeper) close() error {
	k.lock.Lock()
	defer k.lock.Unlock()
	if k.file == nil {
		return nil
	}
	err := k.write()
	k.file.close()
	k.file = nil
	return err
}
